/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "engine/compare.h"
#include "engine/look_internal.h"
#include "pixels/frame.h"

#define MOST_WHOLE  0.35 /* of the size: a movement between two looks that needs one between */
#define MOST_JOINT  0.12 /* likewise, of a joint against the whole */
#define STILL       0.06 /* likewise, of both: nobody moved, unless there and back */
#define MOST_UNEVEN 24.0 /* of 255: see vanon_glance_unevenness */
#define SAME_PLACE  0.5  /* of the size: a second look there was taken already */

static double seconds_between(const vanon_looks *look, uint64_t first, uint64_t second)
{
    double sum = 0;

    for (uint64_t i = first + 1; i <= second; i++)
        sum += vanon_looks_at(look, i)->interval;
    return sum;
}

static bool was_looked_at(const vanon_looks *look, uint64_t number)
{
    return vanon_looks_at(look, number)->done;
}

static int look_between(vanon_looks *look, const struct vanon_looks_group *group, uint64_t first,
                        uint64_t last, const struct vanon_scale_plan *plan)
{
    int status = VANON_OK;

    for (uint64_t i = first; i <= last && !status; i++)
        status = vanon_looks_ask(look, i, vanon_looks_steps(plan, (size_t)(i - group->first)));
    return status;
}

/* Where the brightness of a person's place does not go evenly from one look to the other, something
 * moved there and back. */
static bool is_uneven(const vanon_looks *look, uint64_t first, uint64_t second,
                      const vanon_object *object)
{
    const struct vanon_looks_frame *from = vanon_looks_at(look, first);
    const struct vanon_looks_frame *to = vanon_looks_at(look, second);
    struct vanon_part_rect rect = vanon_part_around(&to->like, &object->box, VANON_PART_ALIGNMENT);
    vanon_box box = {(float)rect.x, (float)rect.y, (float)(rect.x + rect.width),
                     (float)(rect.y + rect.height)};

    for (uint64_t i = first + 1; i < second; i++)
        if (vanon_glance_unevenness(&from->glance, &vanon_looks_at(look, i)->glance, &to->glance,
                                    (double)(i - first) / (double)(second - first), &box,
                                    to->like.width, to->like.height) > MOST_UNEVEN)
            return true;
    return false;
}

static bool moves_too_much(const vanon_looks *look, const struct vanon_pairs *pairs, uint64_t first,
                           uint64_t second)
{
    const vanon_object_list *from = &vanon_looks_at(look, first)->found;
    const vanon_object_list *to = &vanon_looks_at(look, second)->found;
    double least = look->options->confidence;
    struct vanon_movement movement = vanon_compare_movement(pairs, from, to, least);

    if (movement.whole > MOST_WHOLE || movement.joint > MOST_JOINT)
        return true;
    if (movement.whole + movement.joint > STILL)
        return false; /* that alone makes brightness uneven */
    for (size_t i = 0; i < to->count; i++)
        if (to->object[i].score >= (float)least && is_uneven(look, first, second, &to->object[i]))
            return true;
    return false;
}

static bool was_second(const struct vanon_looks_frame *frame, const vanon_box *box)
{
    float size = fmaxf(box->x1 - box->x0, box->y1 - box->y0);

    for (size_t i = 0; i < frame->seconds; i++)
        if (hypot((box->x0 + box->x1) / 2 - frame->second[i].x,
                  (box->y0 + box->y1) / 2 - frame->second[i].y) < SAME_PLACE * size)
            return true;
    return false;
}

/* Looks in `number` for those of `list` who have no partner there. */
static int look_for_missing(vanon_looks *look, uint64_t number, const vanon_object_list *list,
                            const int *partner)
{
    const struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    int status = VANON_OK;

    for (size_t i = 0; i < list->count && i < VANON_COMPARE_MOST && !status; i++) {
        const vanon_object *object = &list->object[i];

        if (object->class_id != VANON_CLASS_PERSON || partner[i] >= 0 ||
            object->score < (float)look->options->confidence ||
            frame->seconds == VANON_LOOKS_SECOND || was_second(frame, &object->box))
            continue;
        status = vanon_looks_ask_second(look, number, &object->box);
    }
    return status;
}

/* What two looks, with none between, lead to. Frames before the group are decided. */
static int compare(vanon_looks *look, const struct vanon_looks_group *group, uint64_t first,
                   uint64_t second, const struct vanon_scale_plan *plan)
{
    const vanon_object_list *from = &vanon_looks_at(look, first)->found;
    const vanon_object_list *to = &vanon_looks_at(look, second)->found;
    bool failed = vanon_looks_at(look, first)->failed || vanon_looks_at(look, second)->failed;
    struct vanon_pairs pairs;
    int status = VANON_OK;

    if (failed) /* it says nothing of those between, and is hidden whole itself */
        return look_between(look, group, first + 1, second - 1, plan);
    vanon_compare(&pairs, from, to, seconds_between(look, first, second));
    if (second - first > 1) {
        if (vanon_compare_differs(&pairs, from, to, look->options->confidence))
            return look_between(look, group, first + 1, second - 1, plan);
        if (moves_too_much(look, &pairs, first, second))
            return look_between(look, group, (first + second) / 2, (first + second) / 2, plan);
        return VANON_OK;
    }
    if (!look->automatic)
        return VANON_OK;
    status = look_for_missing(look, second, from, pairs.of_first);
    if (!status && first >= group->first)
        status = look_for_missing(look, first, to, pairs.of_second);
    return status;
}

int vanon_looks_again(vanon_looks *look, const struct vanon_looks_group *group)
{
    struct vanon_scale_scene scene = vanon_looks_scene_after(look, group);
    struct vanon_scale_plan plan =
        vanon_scale_plan(&look->ladder, &scene, vanon_looks_spacing(look));
    uint64_t last = group->begins ? group->first : group->first - 1;
    size_t before = look->jobs;
    int status = VANON_OK;

    for (size_t i = 0; i < group->count && !status; i++)
        if (was_looked_at(look, group->first + i))
            status = vanon_looks_ask(look, group->first + i, vanon_looks_steps(&plan, i));
    if (status || look->jobs > before)
        return status;
    for (uint64_t i = last + 1; i < group->first + group->count && !status; i++)
        if (was_looked_at(look, i)) {
            status = compare(look, group, last, i, &plan);
            last = i;
        }
    return status;
}
