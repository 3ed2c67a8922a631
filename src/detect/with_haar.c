/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/with_haar.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "detect/haar_eyes.h"

struct slot {
    bool in_flight; /* submitted, not collected */
    vanon_haar_eyes *eyes;
    vanon_gray **gray; /* a picture for each frame of the batch */
    bool *part;        /* for each: only a part is looked at, which is not the cascades' matter */
};

struct haar_detector {
    vanon_detector base;
    struct vanon_detector_ops ops; /* of its own, for the name: "openvino+haar" */
    char name[32];
    const vanon_log *log;
    vanon_detector *inner;
    vanon_haar_cascade *face, *eye;
    struct slot *slot;
};

static struct haar_detector *haar_of(vanon_detector *detector)
{
    return (struct haar_detector *)detector;
}

static void free_slot(struct slot *slot, size_t batch)
{
    vanon_haar_eyes_destroy(&slot->eyes);
    for (size_t i = 0; slot->gray && i < batch; i++)
        vanon_gray_destroy(&slot->gray[i]);
    free(slot->gray);
    free(slot->part);
}

/* Frees all but the inner detector. */
static void free_own(struct haar_detector *haar)
{
    for (size_t i = 0; haar->slot && i < haar->base.slots; i++)
        free_slot(&haar->slot[i], haar->base.batch);
    free(haar->slot);
    vanon_haar_cascade_destroy(&haar->face);
    vanon_haar_cascade_destroy(&haar->eye);
    free(haar);
}

static void destroy(vanon_detector *detector)
{
    vanon_detector_destroy(&haar_of(detector)->inner);
    free_own(haar_of(detector));
}

static int take_picture(const struct haar_detector *haar, vanon_gray *gray,
                        const vanon_frame *frame)
{
    int status = vanon_gray_take(gray, frame);

    if (status)
        return vanon_fail(haar->log, status, "frame %llu: no grey picture for the cascades: %s",
                          (unsigned long long)frame->number, vanon_status_text(status));
    return VANON_OK;
}

static int look(vanon_detector *detector, size_t index, const struct vanon_view *views,
                size_t count)
{
    struct haar_detector *haar = haar_of(detector);
    struct slot *slot = &haar->slot[index];
    int status = VANON_OK;

    if (slot->in_flight)
        return VANON_ERR_STATE;
    /* First, because once the inner detector has the frames, the slot may be collected. */
    for (size_t i = 0; i < count && !status; i++) {
        slot->part[i] = views[i].part.width;
        if (!slot->part[i])
            status = take_picture(haar, slot->gray[i], views[i].frame);
    }
    if (status)
        return status;
    slot->in_flight = true;
    status = vanon_detector_look(haar->inner, index, views, count);
    if (status)
        slot->in_flight = false;
    return status;
}

static size_t most(const vanon_detector *detector, const struct vanon_view *view)
{
    return vanon_detector_most(((const struct haar_detector *)detector)->inner, view);
}

static int collect(vanon_detector *detector, size_t index, vanon_object_list *const *objects,
                   size_t count)
{
    struct haar_detector *haar = haar_of(detector);
    struct slot *slot = &haar->slot[index];
    int status;

    if (!slot->in_flight)
        return VANON_ERR_STATE;
    status = vanon_detector_collect(haar->inner, index, objects, count);
    for (size_t i = 0; i < count && !status; i++)
        if (!slot->part[i])
            status = vanon_haar_eyes_find(slot->eyes, slot->gray[i], objects[i]);
    slot->in_flight = false;
    return status;
}

static void get_info(vanon_detector *detector, struct vanon_detector_info *info)
{
    vanon_detector_get_info(haar_of(detector)->inner, info);
}

static int make_slots(struct haar_detector *haar)
{
    haar->slot = calloc(haar->base.slots, sizeof *haar->slot);
    for (size_t i = 0; haar->slot && i < haar->base.slots; i++) {
        struct slot *slot = &haar->slot[i];

        slot->gray = calloc(haar->base.batch, sizeof *slot->gray);
        slot->part = calloc(haar->base.batch, sizeof *slot->part);
        if (!slot->gray || !slot->part ||
            vanon_haar_eyes_create(&slot->eyes, haar->face, haar->eye))
            return VANON_ERR_MEMORY;
        for (size_t j = 0; j < haar->base.batch; j++)
            if (vanon_gray_create(&slot->gray[j]))
                return VANON_ERR_MEMORY;
    }
    return haar->slot ? VANON_OK : VANON_ERR_MEMORY;
}

int vanon_detector_add_haar(vanon_detector **detector, const struct vanon_detector_params *params)
{
    struct haar_detector *haar = calloc(1, sizeof *haar);
    int status;

    if (!haar)
        return VANON_ERR_MEMORY;
    snprintf(haar->name, sizeof haar->name, "%s+haar", (*detector)->ops->name);
    haar->ops = (struct vanon_detector_ops){.name = haar->name,
                                            .destroy = destroy,
                                            .look = look,
                                            .most = most,
                                            .collect = collect,
                                            .get_info = get_info};
    haar->base = (vanon_detector){.ops = &haar->ops,
                                  .slots = (*detector)->slots,
                                  .batch = (*detector)->batch,
                                  .frame_bytes = (*detector)->frame_bytes,
                                  .views = (*detector)->views};
    haar->log = params->log;
    status = vanon_haar_cascade_load(&haar->face, params->options->face_cascade, params->log);
    if (!status)
        status = vanon_haar_cascade_load(&haar->eye, params->options->eye_cascade, params->log);
    if (!status)
        status = make_slots(haar);
    if (status) {
        free_own(haar);
        return status;
    }
    haar->inner = *detector;
    *detector = &haar->base;
    return VANON_OK;
}
