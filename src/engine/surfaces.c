/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in a device's memory: the one place that brings them to stages that can't read them
 * there. */
#include "base/log.h"
#include "detect/plugin.h"
#include "engine/internal.h"

/* The stages learn of the device before the first of its frames is inside. Needs the lock. */
static int open_surfaces(vanon_engine *engine, int number)
{
    const struct vanon_plugin *plugin;
    char why[512];
    int status = vanon_plugin_load(&plugin, "cuda", why, sizeof why);

    if (status)
        return vanon_fail(engine->log, status, "a frame in the memory of GPU %d: %s", number, why);
    status = plugin->surfaces->create(&engine->surfaces, number, engine->log);
    if (status)
        return status;
    vanon_renderer_use(engine->renderer, engine->surfaces);
    vanon_hold_use(engine->hold, engine->surfaces);
    if (engine->tracker)
        vanon_tracker_use(engine->tracker, engine->surfaces);
    return VANON_OK;
}

static int find_surfaces(vanon_engine *engine, const vanon_frame *frame)
{
    const vanon_cuda_planes *planes = frame->handle;
    int status = VANON_OK;

    if (frame->memory != VANON_MEMORY_CUDA)
        return vanon_fail(engine->log, VANON_ERR_UNSUPPORTED,
                          "a frame that is neither in the host's memory nor in a GPU's");
    pthread_mutex_lock(&engine->lock);
    if (!engine->surfaces)
        status = open_surfaces(engine, planes->device);
    pthread_mutex_unlock(&engine->lock);
    if (!status && planes->device != engine->surfaces->number)
        status = vanon_fail(engine->log, VANON_ERR_UNSUPPORTED,
                            "a frame in the memory of GPU %d, after others in GPU %d's",
                            planes->device, engine->surfaces->number);
    if (!status && vanon_surfaces_check(engine->surfaces, frame))
        status = vanon_fail(engine->log, VANON_ERR_ARGUMENT,
                            "a frame whose planes are not as frame.h says");
    return status;
}

int vanon_engine_admit(vanon_engine *engine, const vanon_frame *frame, vanon_frame **host)
{
    int status = find_surfaces(engine, frame);

    *host = NULL;
    if (!status)
        status = vanon_surfaces_settle(engine->surfaces, frame);
    if (!status && !engine->detect_only && !vanon_renderer_paints_surfaces(engine->options))
        status = vanon_surfaces_download(engine->surfaces, engine->downloads, frame, host);
    return status;
}

int vanon_engine_glance(vanon_engine *engine, const vanon_frame *frame, struct vanon_glance *glance)
{
    if (frame->memory != VANON_MEMORY_HOST)
        return vanon_surfaces_glance(engine->surfaces, frame, glance);
    vanon_glance_take(glance, frame);
    return VANON_OK;
}

int vanon_engine_fetch(vanon_engine *engine, const struct vanon_looks_job *job, vanon_frame **host)
{
    struct slot *slot = vanon_engine_slot(engine, job->number);
    int status;

    *host = NULL;
    if (vanon_detector_takes(engine->detector, job->frame))
        return VANON_OK;
    pthread_mutex_lock(&engine->lock);
    *host = vanon_frame_ref(slot->host);
    pthread_mutex_unlock(&engine->lock);
    if (*host)
        return VANON_OK;
    status = vanon_surfaces_download(engine->surfaces, engine->downloads, job->frame, host);
    if (status)
        return status;
    pthread_mutex_lock(&engine->lock);
    engine->stats.frames_downloaded++;
    if (!slot->host) /* else another worker was faster */
        slot->host = vanon_frame_ref(*host);
    pthread_mutex_unlock(&engine->lock);
    return VANON_OK;
}
