/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/nms.h"

#include <stdbool.h>

/* The larger and the smaller of two; the second where one is not a number. */
static float larger(float a, float b)
{
    return a > b ? a : b;
}

static float smaller(float a, float b)
{
    return a < b ? a : b;
}

static float area(const vanon_box *box)
{
    return (box->x1 - box->x0) * (box->y1 - box->y0);
}

static bool has_area(const vanon_box *box)
{
    return box->x1 > box->x0 && box->y1 > box->y0;
}

float vanon_box_iou(const vanon_box *a, const vanon_box *b)
{
    float width = smaller(a->x1, b->x1) - larger(a->x0, b->x0);
    float height = smaller(a->y1, b->y1) - larger(a->y0, b->y0);
    float common;

    /* Comparisons with what is not a number are false. */
    if (!has_area(a) || !has_area(b) || !(width > 0) || !(height > 0))
        return 0;
    common = width * height;
    return common / (area(a) + area(b) - common);
}

/* The order of the result: falling score, then rising anchor, so that no two are equal. */
static bool comes_before(const struct vanon_candidate *a, const struct vanon_candidate *b)
{
    return a->score != b->score ? a->score > b->score : a->anchor < b->anchor;
}

/* Moves the element at `root` down until no child comes after it. */
static void sift_down(struct vanon_candidate *heap, size_t root, size_t count)
{
    struct vanon_candidate moved = heap[root];
    size_t child;

    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && comes_before(&heap[child], &heap[child + 1]))
            child++;
        if (!comes_before(&moved, &heap[child]))
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = moved;
}

/* Heap sort: qsort may allocate, and this runs for every frame. */
static void sort(struct vanon_candidate *candidates, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(candidates, i, count);
    for (size_t i = count; i-- > 1;) {
        struct vanon_candidate last = candidates[0];

        candidates[0] = candidates[i];
        candidates[i] = last;
        sift_down(candidates, 0, i);
    }
}

static bool overlaps_any(const struct vanon_candidate *kept, size_t count, const vanon_box *box,
                         float threshold)
{
    for (size_t i = 0; i < count; i++)
        if (vanon_box_iou(&kept[i].box, box) > threshold)
            return true;
    return false;
}

size_t vanon_nms(struct vanon_candidate *candidates, size_t count, float threshold, size_t max,
                 float *left_out)
{
    size_t kept = 0;

    sort(candidates, count);
    if (count > VANON_NMS_CANDIDATES)
        count = VANON_NMS_CANDIDATES;
    for (size_t i = 0; i < count; i++) {
        if (overlaps_any(candidates, kept, &candidates[i].box, threshold))
            continue;
        if (kept == max) {
            if (*left_out < candidates[i].score)
                *left_out = candidates[i].score;
            break;
        }
        candidates[kept++] = candidates[i];
    }
    return kept;
}
