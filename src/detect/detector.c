/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detector.h"

#include <string.h>

#include "detect/with_haar.h"

static const struct vanon_detector_ops *const detectors[] = {
    [VANON_DETECTOR_OPENVINO] = &vanon_detector_openvino,
    [VANON_DETECTOR_NULL] = &vanon_detector_null,
    [VANON_DETECTOR_REPLAY] = &vanon_detector_replay,
    [VANON_DETECTOR_APPLY] = &vanon_detector_null, /* the engine reads the sidecar */
};

int vanon_detector_create(vanon_detector **out, const struct vanon_detector_params *params)
{
    int status;

    *out = NULL;
    status = detectors[params->options->detector]->create(out, params);
    if (!status && params->options->eye_detector != VANON_EYES_POSE &&
        params->options->detector != VANON_DETECTOR_APPLY)
        status = vanon_detector_add_haar(out, params);
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

static bool is_batch(const vanon_detector *detector, size_t slot, size_t count)
{
    return slot < detector->slots && count >= 1 && count <= detector->batch;
}

/* Views of a detector that knows whole frames only. */
static int submit_whole(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                        size_t count)
{
    const vanon_frame *frames[VANON_MAX_BATCH];

    for (size_t i = 0; i < count; i++) {
        if (views[i].imgsz || views[i].part.width)
            return VANON_ERR_UNSUPPORTED;
        frames[i] = views[i].frame;
    }
    return detector->ops->submit(detector, slot, frames, count);
}

int vanon_detector_submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                          size_t count)
{
    if (!is_batch(detector, slot, count))
        return VANON_ERR_ARGUMENT;
    return detector->ops->submit(detector, slot, frames, count);
}

int vanon_detector_look(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                        size_t count)
{
    if (!is_batch(detector, slot, count))
        return VANON_ERR_ARGUMENT;
    return detector->ops->look && detector->views
               ? detector->ops->look(detector, slot, views, count)
               : submit_whole(detector, slot, views, count);
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
