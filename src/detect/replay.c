/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    uint64_t *number;           /* of the frames in each slot: slots x batch */
    vanon_region_list *regions; /* of each slot, to look for frames that were not examined */
};

static void destroy(vanon_detector *detector)
{
    struct replay_detector *replay = (struct replay_detector *)detector;

    vanon_sidecar_destroy(&replay->sidecar);
    for (size_t i = 0; replay->regions && i < detector->slots; i++)
        vanon_region_list_free(&replay->regions[i]);
    free(replay->regions);
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
                                    .batch = params->batch ? params->batch : 1,
                                    .elastic = true};
    replay->done = params->done;
    replay->opaque = params->opaque;
    replay->log = params->log;
    replay->path = params->options->sidecar;
    replay->number = calloc(replay->base.slots * replay->base.batch, sizeof *replay->number);
    replay->regions = calloc(replay->base.slots, sizeof *replay->regions);
    status = replay->number && replay->regions
                 ? vanon_sidecar_load(&replay->sidecar, replay->path, params->log)
                 : VANON_ERR_MEMORY;
    if (!status)
        status =
            vanon_sidecar_check_source(replay->sidecar, params->options->input, NULL, params->log);
    if (status)
        destroy(&replay->base);
    else
        *out = &replay->base;
    return status;
}

static int submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                  size_t count)
{
    struct replay_detector *replay = (struct replay_detector *)detector;

    for (size_t i = 0; i < count; i++) {
        int status = vanon_sidecar_check_frame(replay->sidecar, frames[i], replay->log);

        if (status)
            return status;
        replay->number[slot * detector->batch + i] = frames[i]->number;
    }
    replay->done(replay->opaque, slot);
    return VANON_OK;
}

/* A frame that was hidden whole when the sidecar was made was not examined then. */
static int check_examined(const struct replay_detector *replay, uint64_t number,
                          vanon_region_list *regions)
{
    int status;

    vanon_region_list_clear(regions);
    status = vanon_sidecar_regions(replay->sidecar, number, regions);
    for (size_t i = 0; i < regions->count && !status; i++)
        if (regions->region[i].part == VANON_PART_FRAME)
            status = vanon_fail(replay->log, VANON_ERR_INFERENCE,
                                "%s: frame %" PRIu64 " was not examined when it was made",
                                replay->path, number);
    return status;
}

static int collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                   size_t count)
{
    const struct replay_detector *replay = (const struct replay_detector *)detector;
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++) {
        uint64_t number = replay->number[slot * detector->batch + i];

        vanon_object_list_clear(objects[i]);
        status = check_examined(replay, number, &replay->regions[slot]);
        if (!status)
            status = vanon_sidecar_objects(replay->sidecar, number, objects[i]);
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
    .takes = vanon_detector_takes_all,
};
