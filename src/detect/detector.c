/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detector.h"

#include <stdio.h>

#include "base/log.h"
#include "detect/plugin.h"
#include "detect/with_haar.h"
#include "pixels/format.h"

/* The name under which `device` asks for a GPU of NVIDIA's, for messages. */
static void name_device(const struct vanon_device *device, char name[24])
{
    if (device->kind == VANON_DEVICE_CUDA)
        snprintf(name, 24, "cuda:%d", device->number);
    else if (device->kind == VANON_DEVICE_NUMBER)
        snprintf(name, 24, "%d", device->number);
    else
        snprintf(name, 24, "%s", device->kind == VANON_DEVICE_GPU ? "gpu" : "auto");
}

static bool is_numbered(const struct vanon_device *device)
{
    return device->kind == VANON_DEVICE_NUMBER || device->kind == VANON_DEVICE_CUDA;
}

/* The CUDA plugin, if it has the device; else `why` says what is missing. */
static const struct vanon_plugin *find_cuda(const struct vanon_device *device, char *why,
                                            size_t size)
{
    const struct vanon_plugin *plugin;
    int count = 0, number = is_numbered(device) ? device->number : 0;

    if (vanon_plugin_load(&plugin, "cuda", why, size) || plugin->count(&count, why, size))
        return NULL;
    if (number < count)
        return plugin;
    snprintf(why, size, "there are %d GPUs, counted from 0", count);
    return NULL;
}

bool vanon_detector_gpu(const vanon_options *options, int *number, char *why, size_t size)
{
    const struct vanon_device *device = &options->device;

    *number = is_numbered(device) ? device->number : 0;
    if (device->kind != VANON_DEVICE_CPU && device->kind != VANON_DEVICE_NPU)
        return find_cuda(device, why, size) != NULL;
    snprintf(why, size, "device %s is no GPU of NVIDIA's",
             device->kind == VANON_DEVICE_CPU ? "cpu" : "npu");
    return false;
}

/*
 * The detector that runs the network, where options->device says. NVIDIA's GPUs come first:
 * `cuda:N` is strict, `gpu` takes another maker's instead, a number and `auto` the CPU; of these a
 * number says so, since somebody counted on the GPU.
 */
static int create_on_device(vanon_detector **out, const struct vanon_detector_params *params)
{
    const struct vanon_device *device = &params->options->device;
    struct vanon_detector_params own = *params;
    const struct vanon_plugin *plugin;
    char why[512] = "", name[24];
    int status;

    if (device->kind == VANON_DEVICE_CPU || device->kind == VANON_DEVICE_NPU)
        return vanon_detector_openvino.create(out, params);
    name_device(device, name);
    plugin = find_cuda(device, why, sizeof why);
    if (!plugin && device->kind == VANON_DEVICE_CUDA)
        return vanon_fail(params->log, VANON_ERR_UNSUPPORTED, "device %s: %s", name, why);
    if (!plugin && device->kind == VANON_DEVICE_NUMBER)
        vanon_warn(params->log, "device %s: %s; the CPU is used", name, why);
    if (!plugin)
        return vanon_detector_openvino.create(out, params);
    if (device->kind == VANON_DEVICE_CUDA)
        return plugin->detector->create(out, params);
    own.why = why;
    own.why_size = sizeof why;
    status = plugin->detector->create(out, &own);
    if (!status)
        return VANON_OK;
    if (!*why)
        snprintf(why, sizeof why, "%s", vanon_status_text(status));
    if (status == VANON_ERR_OPTION)
        return vanon_fail(params->log, status, "%s", why);
    vanon_warn(params->log, "device %s: the GPU can't be used (%s); %s", name, why,
               device->kind == VANON_DEVICE_GPU ? "another maker's is tried" : "the CPU is used");
    return vanon_detector_openvino.create(out, params);
}

static const struct vanon_detector_ops *const detectors[] = {
    [VANON_DETECTOR_OPENVINO] = &vanon_detector_openvino,
    [VANON_DETECTOR_NULL] = &vanon_detector_null,
    [VANON_DETECTOR_REPLAY] = &vanon_detector_replay,
    [VANON_DETECTOR_APPLY] = &vanon_detector_null, /* the engine reads the sidecar */
};

int vanon_detector_create(vanon_detector **out, const struct vanon_detector_params *params)
{
    struct vanon_detector_params own = *params;
    int status;

    *out = NULL;
    own.skeleton = &vanon_skeleton_coco17;
    status = params->options->detector == VANON_DETECTOR_OPENVINO
                 ? create_on_device(out, &own)
                 : detectors[params->options->detector]->create(out, &own);
    if (!status)
        (*out)->frame_bytes = (size_t)params->options->max_frame_memory << 18; /* a quarter */
    if (!status && params->options->eye_detector != VANON_EYES_POSE &&
        params->options->detector != VANON_DETECTOR_APPLY)
        status = vanon_detector_add_haar(out, &own);
    if (status)
        vanon_detector_destroy(out);
    return status;
}

void vanon_detector_destroy(vanon_detector **detector)
{
    if (*detector)
        (*detector)->ops->destroy(*detector);
    *detector = NULL;
}

bool vanon_detector_takes(const vanon_detector *detector, const vanon_frame *frame)
{
    return frame->memory == VANON_MEMORY_HOST ||
           (detector->ops->takes && detector->ops->takes(detector, frame));
}

bool vanon_detector_takes_all(const vanon_detector *detector, const vanon_frame *frame)
{
    (void)detector;
    (void)frame;
    return true;
}

size_t vanon_detector_most(const vanon_detector *detector, const struct vanon_view *view)
{
    const vanon_frame *frame = view->frame;
    size_t most = detector->ops->most ? detector->ops->most(detector, view) : detector->batch;
    size_t bytes = vanon_frame_bytes(frame->format, frame->width, frame->height);
    size_t fit = bytes ? detector->frame_bytes / bytes : most;

    return fit >= most ? most : fit ? fit : 1;
}

static bool is_batch(const vanon_detector *detector, size_t slot, size_t count)
{
    return slot < detector->slots && count >= 1 && count <= detector->batch;
}

/* Views for a detector that knows whole frames only. */
static int submit_whole(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                        size_t count)
{
    const vanon_frame *frames[VANON_MAX_BATCH];

    for (size_t i = 0; i < count; i++)
        frames[i] = views[i].frame;
    return detector->ops->submit(detector, slot, frames, count);
}

/* Whole frames for a detector that knows views only. */
static int look_at_whole(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                         size_t count)
{
    struct vanon_view views[VANON_MAX_BATCH];

    for (size_t i = 0; i < count; i++)
        views[i] = (struct vanon_view){.frame = frames[i]};
    return detector->ops->look(detector, slot, views, count);
}

int vanon_detector_submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                          size_t count)
{
    if (!is_batch(detector, slot, count))
        return VANON_ERR_ARGUMENT;
    return (detector->ops->submit ? detector->ops->submit : look_at_whole)(detector, slot, frames,
                                                                           count);
}

int vanon_detector_look(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                        size_t count)
{
    if (!is_batch(detector, slot, count))
        return VANON_ERR_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        if (!detector->views && (views[i].imgsz || views[i].part.width))
            return VANON_ERR_UNSUPPORTED;
    return (detector->ops->look ? detector->ops->look : submit_whole)(detector, slot, views, count);
}

int vanon_detector_collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                           size_t count)
{
    if (!is_batch(detector, slot, count))
        return VANON_ERR_ARGUMENT;
    return detector->ops->collect(detector, slot, objects, count);
}

void vanon_detector_get_info(vanon_detector *detector, struct vanon_detector_info *info)
{
    *info = (struct vanon_detector_info){0};
    detector->ops->get_info(detector, info);
}
