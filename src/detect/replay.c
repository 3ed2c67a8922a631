/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "detect/detector.h"
#include "sidecar/sidecar.h"

struct replay_detector {
    vanon_detector base;
    void (*done)(void *opaque, size_t slot);
    void *opaque;
    const vanon_log *log;
    const char *path; /* the option's own string */
    vanon_sidecar *sidecar;
    uint64_t *number; /* of the frames in each slot: slots x batch */
};

static void destroy(vanon_detector *detector)
{
    struct replay_detector *replay = (struct replay_detector *)detector;

    vanon_sidecar_destroy(&replay->sidecar);
    free(replay->number);
    free(replay);
}

static int create(vanon_detector **out, const struct vanon_detector_params *params)
{
    struct replay_detector *replay;
    int status;

    if (!params->options->sidecar || !*params->options->sidecar)
        return vanon_fail(params->log, VANON_ERR_OPTION,
                          "detector replay: needs the option sidecar, the file to read");
    replay = calloc(1, sizeof *replay);
    if (!replay)
        return VANON_ERR_MEMORY;
    replay->base = (vanon_detector){.ops = &vanon_detector_replay,
                                    .slots = params->slots ? params->slots : 2,
                                    .batch = params->batch ? params->batch : 1};
    replay->done = params->done;
    replay->opaque = params->opaque;
    replay->log = params->log;
    replay->path = params->options->sidecar;
    replay->number = calloc(replay->base.slots * replay->base.batch, sizeof *replay->number);
    status = replay->number ? vanon_sidecar_load(&replay->sidecar, replay->path, params->log)
                            : VANON_ERR_MEMORY;
    if (status)
        destroy(&replay->base);
    else
        *out = &replay->base;
    return status;
}

static bool same_ratio(vanon_rational a, vanon_rational b)
{
    vanon_rational square = {1, 1};

    a = a.num ? a : square;
    b = b.num ? b : square;
    return (int64_t)a.num * b.den == (int64_t)b.num * a.den;
}

/* Objects of another video, or of another frame, would hide the wrong places. */
static int check_frame(const struct replay_detector *replay, const vanon_frame *frame)
{
    const struct vanon_sidecar_header *header = vanon_sidecar_get_header(replay->sidecar);
    uint64_t frames = vanon_sidecar_frames(replay->sidecar);
    int64_t pts;

    if (frame->width != header->width || frame->height != header->height ||
        frame->rotation != header->rotation || frame->mirrored != header->mirrored ||
        !same_ratio(frame->sar, header->sar))
        return vanon_fail(replay->log, VANON_ERR_INPUT,
                          "%s: is of pictures of %dx%d, rotation %d, aspect %d:%d; frame %" PRIu64
                          " is %dx%d, rotation %d, aspect %d:%d",
                          replay->path, header->width, header->height, header->rotation,
                          header->sar.num, header->sar.den, frame->number, frame->width,
                          frame->height, frame->rotation, frame->sar.num, frame->sar.den);
    if (frame->number >= frames)
        return vanon_fail(replay->log, VANON_ERR_INPUT,
                          "%s: has %" PRIu64 " frames; frame %" PRIu64 " is not among them",
                          replay->path, frames, frame->number);
    pts = vanon_sidecar_pts(replay->sidecar, frame->number);
    if (pts != frame->pts && pts != VANON_NO_PTS && frame->pts != VANON_NO_PTS &&
        header->time_base.num == frame->time_base.num &&
        header->time_base.den == frame->time_base.den)
        return vanon_fail(replay->log, VANON_ERR_INPUT,
                          "%s: frame %" PRIu64 " has the time stamp %" PRId64
                          ", in the video it has %" PRId64 ": not the same video",
                          replay->path, frame->number, pts, frame->pts);
    return VANON_OK;
}

static int submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                  size_t count)
{
    struct replay_detector *replay = (struct replay_detector *)detector;

    for (size_t i = 0; i < count; i++) {
        int status = check_frame(replay, frames[i]);

        if (status)
            return status;
        replay->number[slot * detector->batch + i] = frames[i]->number;
    }
    replay->done(replay->opaque, slot);
    return VANON_OK;
}

static int collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                   size_t count)
{
    const struct replay_detector *replay = (const struct replay_detector *)detector;
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++) {
        vanon_object_list_clear(objects[i]);
        status = vanon_sidecar_objects(replay->sidecar, replay->number[slot * detector->batch + i],
                                       objects[i]);
    }
    return status;
}

static void get_info(vanon_detector *detector, struct vanon_detector_info *info)
{
    const struct replay_detector *replay = (const struct replay_detector *)detector;
    const char *model = vanon_sidecar_get_header(replay->sidecar)->model;

    if (model)
        snprintf(info->model_sha256, sizeof info->model_sha256, "%s", model);
}

const struct vanon_detector_ops vanon_detector_replay = {
    .name = "replay",
    .create = create,
    .destroy = destroy,
    .submit = submit,
    .collect = collect,
    .get_info = get_info,
};
