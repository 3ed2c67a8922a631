/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "detect/detector.h"

struct null_detector {
    vanon_detector base;
    void (*done)(void *opaque, size_t slot);
    void *opaque;
};

static int create(vanon_detector **out, const struct vanon_detector_params *params)
{
    struct null_detector *null = calloc(1, sizeof *null);

    if (!null)
        return VANON_ERR_MEMORY;
    null->base = (vanon_detector){.ops = &vanon_detector_null,
                                  .slots = params->slots ? params->slots : 2,
                                  .batch = params->batch ? params->batch : 1,
                                  .elastic = true};
    null->done = params->done;
    null->opaque = params->opaque;
    *out = &null->base;
    return VANON_OK;
}

static void destroy(vanon_detector *detector)
{
    free(detector);
}

static int submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                  size_t count)
{
    const struct null_detector *null = (const struct null_detector *)detector;

    (void)frames;
    (void)count;
    null->done(null->opaque, slot);
    return VANON_OK;
}

static int collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                   size_t count)
{
    (void)detector;
    (void)slot;
    for (size_t i = 0; i < count; i++)
        vanon_object_list_clear(objects[i]);
    return VANON_OK;
}

static void get_info(vanon_detector *detector, struct vanon_detector_info *info)
{
    (void)detector;
    (void)info;
}

const struct vanon_detector_ops vanon_detector_null = {
    .name = "null",
    .create = create,
    .destroy = destroy,
    .submit = submit,
    .collect = collect,
    .get_info = get_info,
    .takes = vanon_detector_takes_all,
};
