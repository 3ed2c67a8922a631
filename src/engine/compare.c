/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/compare.h"

#include <math.h>

#include "base/box.h"
#include "base/joint.h"

#define NOBODY    (-1)
#define SLACK     0.3 /* of the size: what boxes of one who stands still differ by */
#define FASTEST   3.0 /* sizes a second */
#define FARTHEST  1.0 /* sizes, however long it takes */
#define LIKE_SIZE 1.6

static bool takes_part(const vanon_object *object, size_t index)
{
    return index < VANON_COMPARE_MOST && object->class_id == VANON_CLASS_PERSON &&
           vanon_box_longer_side(&object->box) > 0;
}

static vanon_point moved(const vanon_box *a, const vanon_box *b)
{
    return (vanon_point){(b->x0 + b->x1 - a->x0 - a->x1) / 2, (b->y0 + b->y1 - a->y0 - a->y1) / 2};
}

/* In sizes; infinite where they can't be the same. */
static double distance(const vanon_object *a, const vanon_object *b, double seconds)
{
    double size_a = vanon_box_longer_side(&a->box), size_b = vanon_box_longer_side(&b->box);
    double size = fmax(size_a, size_b);
    vanon_point by = moved(&a->box, &b->box);
    double away = hypot(by.x, by.y) / size;

    if (size > LIKE_SIZE * fmin(size_a, size_b))
        return INFINITY;
    return away <= fmin(SLACK + FASTEST * seconds, FARTHEST) ? away : INFINITY;
}

static void clear(struct vanon_pairs *pairs)
{
    for (size_t i = 0; i < VANON_COMPARE_MOST; i++)
        pairs->of_first[i] = pairs->of_second[i] = NOBODY;
}

/* The nearest two without a partner. */
static double nearest(const struct vanon_pairs *pairs, const vanon_object_list *first,
                      const vanon_object_list *second, double seconds, size_t *a, size_t *b)
{
    double least = INFINITY;

    for (size_t i = 0; i < first->count; i++)
        for (size_t j = 0; j < second->count; j++) {
            const vanon_object *one = &first->object[i], *other = &second->object[j];
            double away;

            if (!takes_part(one, i) || !takes_part(other, j) || pairs->of_first[i] != NOBODY ||
                pairs->of_second[j] != NOBODY)
                continue;
            away = distance(one, other, seconds);
            if (away < least) {
                least = away;
                *a = i;
                *b = j;
            }
        }
    return least;
}

void vanon_compare(struct vanon_pairs *pairs, const vanon_object_list *first,
                   const vanon_object_list *second, double seconds)
{
    size_t a = 0, b = 0;

    clear(pairs);
    while (isfinite(nearest(pairs, first, second, seconds, &a, &b))) {
        pairs->of_first[a] = (int)b;
        pairs->of_second[b] = (int)a;
    }
}

static bool has_single(const int *partner, const vanon_object_list *list, double least)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->object[i].class_id == VANON_CLASS_PERSON &&
            list->object[i].score >= (float)least &&
            (i >= VANON_COMPARE_MOST || partner[i] == NOBODY))
            return true;
    return false;
}

bool vanon_compare_differs(const struct vanon_pairs *pairs, const vanon_object_list *first,
                           const vanon_object_list *second, double least)
{
    return has_single(pairs->of_first, first, least) || has_single(pairs->of_second, second, least);
}

/* The most that a joint seen in both moved against the whole. */
static double joint_movement(const vanon_object_list *first, const vanon_object *a,
                             const vanon_object_list *second, const vanon_object *b,
                             vanon_point whole)
{
    const vanon_keypoint *from = vanon_object_keypoints(first, a);
    const vanon_keypoint *to = vanon_object_keypoints(second, b);
    double most = 0;

    if (a->skeleton != b->skeleton)
        return 0;
    for (size_t i = 0; i < a->keypoints; i++)
        if (vanon_joint_seen(&from[i]) && vanon_joint_seen(&to[i]))
            most = fmax(most, hypot(to[i].x - from[i].x - whole.x, to[i].y - from[i].y - whole.y));
    return most;
}

struct vanon_movement vanon_compare_movement(const struct vanon_pairs *pairs,
                                             const vanon_object_list *first,
                                             const vanon_object_list *second, double least)
{
    struct vanon_movement most = {0};

    for (size_t i = 0; i < first->count && i < VANON_COMPARE_MOST; i++) {
        const vanon_object *a = &first->object[i], *b;
        vanon_point by;
        double size;

        if (pairs->of_first[i] == NOBODY)
            continue;
        b = &second->object[pairs->of_first[i]];
        if (fmaxf(a->score, b->score) < (float)least)
            continue;
        by = moved(&a->box, &b->box);
        size = fmax(vanon_box_longer_side(&a->box), vanon_box_longer_side(&b->box));
        most.whole = fmax(most.whole, hypot(by.x, by.y) / size);
        most.joint = fmax(most.joint, joint_movement(first, a, second, b, by) / size);
    }
    return most;
}
