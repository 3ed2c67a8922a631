/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/merge.h"

#include <math.h>
#include <string.h>

#include <vanon/status.h>

#include "detect/nms.h"

#define SAME   0.5 /* intersection over union */
#define INSIDE 0.7 /* of the smaller one's area */
#define NEAR   2.0 /* display pixels from a side: at it */

#define NOBODY SIZE_MAX

/* The part of `a`'s area that lies in `b`. */
static double share_inside(const vanon_box *a, const vanon_box *b)
{
    double width = fmin(a->x1, b->x1) - fmax(a->x0, b->x0);
    double height = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    double area = (a->x1 - a->x0) * (a->y1 - a->y0);

    return width > 0 && height > 0 && area > 0 ? width * height / area : 0;
}

static bool is_cut(const vanon_box *box, const vanon_box *part, double width, double height)
{
    return (part->x0 > NEAR && box->x0 < part->x0 + NEAR) ||
           (part->y0 > NEAR && box->y0 < part->y0 + NEAR) ||
           (part->x1 < width - NEAR && box->x1 > part->x1 - NEAR) ||
           (part->y1 < height - NEAR && box->y1 > part->y1 - NEAR);
}

/* The best of the first `count` objects of `into`, or of `from`, for this one. */
static size_t best_for(const vanon_object_list *list, size_t count, const vanon_object *object)
{
    size_t best = NOBODY;
    float most = SAME;

    for (size_t i = 0; i < count; i++) {
        float overlap = list->object[i].class_id == object->class_id
                            ? vanon_box_iou(&list->object[i].box, &object->box)
                            : 0;

        if (overlap >= most && (best == NOBODY || overlap > most)) {
            best = i;
            most = overlap;
        }
    }
    return best;
}

static bool lies_in_another(const vanon_object_list *list, size_t count, const vanon_object *object)
{
    for (size_t i = 0; i < count; i++)
        if (list->object[i].class_id == object->class_id &&
            share_inside(&object->box, &list->object[i].box) >= INSIDE)
            return true;
    return false;
}

/* Puts `better` in the place of `object`, which is of the same skeleton. */
static void replace(const vanon_object_list *into, vanon_object *object,
                    const vanon_object_list *from, const vanon_object *better)
{
    size_t first = object->first_keypoint;

    *object = *better;
    object->first_keypoint = first;
    if (better->keypoints)
        memcpy(vanon_object_keypoints(into, object), vanon_object_keypoints(from, better),
               better->keypoints * sizeof(vanon_keypoint));
}

int vanon_detect_merge(vanon_object_list *into, const vanon_object_list *from,
                       const vanon_box *part, double width, double height, double overlap)
{
    size_t were = into->count;
    int status = VANON_OK;

    for (size_t i = 0; i < from->count && !status; i++) {
        const vanon_object *object = &from->object[i];
        bool cut = is_cut(&object->box, part, width, height);
        double size = fmax(object->box.x1 - object->box.x0, object->box.y1 - object->box.y0);
        size_t same = best_for(into, were, object);
        vanon_object *other = same == NOBODY ? NULL : &into->object[same];

        if (cut && (size < overlap || lies_in_another(into, were, object)))
            continue;
        if (!other || best_for(from, from->count, other) != i)
            status = vanon_object_list_copy(into, from, object);
        else if (object->score > other->score && object->skeleton == other->skeleton &&
                 !object->mask && !other->mask)
            replace(into, other, from, object);
    }
    return status;
}

void vanon_detect_shift(vanon_object_list *objects, const vanon_box *part)
{
    float x = part->x0, y = part->y0;

    for (size_t i = 0; i < objects->count; i++) {
        vanon_box *box = &objects->object[i].box;

        *box = (vanon_box){box->x0 + x, box->y0 + y, box->x1 + x, box->y1 + y};
    }
    for (size_t i = 0; i < objects->keypoints; i++) {
        objects->keypoint[i].x += x;
        objects->keypoint[i].y += y;
    }
}
