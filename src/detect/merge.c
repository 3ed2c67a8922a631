/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/merge.h"

#include <math.h>
#include <string.h>

#include <vanon/status.h>

#include "base/box.h"
#include "base/joint.h"
#include "base/memory.h"
#include "detect/nms.h"

#define SAME   0.5 /* intersection over union */
#define INSIDE 0.7 /* of the smaller one's area */
#define NEAR   2.0 /* display pixels from a side: at it */

/* Of one person seen twice: */
#define ENOUGH_JOINTS 5    /* seen both times */
#define JOINT_NEAR    0.05 /* of the size: the standard deviation of a joint's place */
#define ALIKE         0.75 /* the mean likeness of joints, 1 where they fall together */

#define NOBODY SIZE_MAX

static bool is_cut(const vanon_box *box, const struct vanon_detect_look *look)
{
    const vanon_box *part = &look->part;

    return (part->x0 > NEAR && box->x0 < part->x0 + NEAR) ||
           (part->y0 > NEAR && box->y0 < part->y0 + NEAR) ||
           (part->x1 < look->width - NEAR && box->x1 > part->x1 - NEAR) ||
           (part->y1 < look->height - NEAR && box->y1 > part->y1 - NEAR);
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

/* In one of that score at least. */
static bool lies_in_another(const vanon_object_list *list, size_t count, const vanon_object *object,
                            float score)
{
    for (size_t i = 0; i < count; i++)
        if (list->object[i].class_id == object->class_id && list->object[i].score >= score &&
            vanon_box_share_inside(&object->box, &list->object[i].box) >= INSIDE)
            return true;
    return false;
}

/* How near the joints are that both have, 0 to 1; 0 where that are too few to tell. */
static double likeness_of_joints(const vanon_object_list *list, const vanon_object *a,
                                 const vanon_object_list *from, const vanon_object *b)
{
    const vanon_keypoint *mine = vanon_object_keypoints(list, a);
    const vanon_keypoint *theirs = vanon_object_keypoints(from, b);
    double near = JOINT_NEAR * vanon_box_longer_side(&a->box), likeness;
    size_t count;

    if (a->skeleton != b->skeleton || !(near > 0))
        return 0;
    count = vanon_joints_likeness(mine, theirs, a->keypoints, (vanon_point){0, 0}, near, &likeness);
    return count >= ENOUGH_JOINTS ? likeness : 0;
}

/* The network's box of half a body, besides the one of all of it: NMS keeps both. */
static bool is_seen_better(const vanon_object_list *list, size_t count,
                           const vanon_object_list *from, const vanon_object *object)
{
    for (size_t i = 0; i < count; i++)
        if (list->object[i].class_id == object->class_id &&
            list->object[i].score >= object->score &&
            vanon_box_iou(&list->object[i].box, &object->box) >= SAME &&
            likeness_of_joints(list, &list->object[i], from, object) >= ALIKE)
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

/* The looks before, which found `were` of `into`, would have seen that person. */
static bool is_doubted(const vanon_object_list *into, size_t were, const vanon_object *object,
                       const struct vanon_detect_look *look)
{
    double size = vanon_box_longer_side(&object->box);

    if (object->class_id != VANON_CLASS_PERSON)
        return false;
    for (size_t i = 0; i < VANON_COUNT(look->doubted); i++)
        if (object->score < (float)look->doubted[i].score && size >= look->doubted[i].size)
            return true;
    return look->piece_size > 0 && size >= look->piece_size &&
           lies_in_another(into, were, object, object->score);
}

/* True where nobody is to be added for it, as `into` has no object that is the same one. */
static bool is_nobody_new(const vanon_object_list *into, size_t were, const vanon_object_list *from,
                          const vanon_object *object, const struct vanon_detect_look *look)
{
    return is_doubted(into, were, object, look) || is_seen_better(into, were, from, object);
}

int vanon_detect_merge(vanon_object_list *into, const vanon_object_list *from,
                       const struct vanon_detect_look *look)
{
    size_t were = into->count;
    int status = VANON_OK;

    for (size_t i = 0; i < from->count && !status; i++) {
        const vanon_object *object = &from->object[i];
        size_t same = best_for(into, were, object);
        vanon_object *other = same == NOBODY ? NULL : &into->object[same];

        if (is_cut(&object->box, look) && (vanon_box_longer_side(&object->box) < look->overlap ||
                                           lies_in_another(into, were, object, 0)))
            continue;
        if (!other || best_for(from, from->count, other) != i) {
            if (!is_nobody_new(into, were, from, object, look))
                status = vanon_object_list_copy(into, from, object);
        } else if (object->score > other->score && object->skeleton == other->skeleton &&
                   !object->mask && !other->mask) {
            replace(into, other, from, object);
        }
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
