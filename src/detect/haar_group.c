/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_group.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"

#define TOLERANCE 0.2 /* of a side */
#define FEW       3   /* so many neighbours never outweigh a box inside */

int vanon_haar_boxes_add(struct vanon_haar_boxes *boxes, int x, int y, int width, int height)
{
    if (vanon_grow(&boxes->box, &boxes->capacity, boxes->count + 1, sizeof *boxes->box))
        return VANON_ERR_MEMORY;
    boxes->box[boxes->count++] = (struct vanon_haar_box){x, y, width, height, 1};
    return VANON_OK;
}

void vanon_haar_boxes_free(struct vanon_haar_boxes *boxes)
{
    free(boxes->box);
    free(boxes->group);
    *boxes = (struct vanon_haar_boxes){0};
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static bool are_alike(const struct vanon_haar_box *a, const struct vanon_haar_box *b)
{
    double most = TOLERANCE * (smaller(a->width, b->width) + smaller(a->height, b->height)) * 0.5;

    return abs(a->x - b->x) <= most && abs(a->y - b->y) <= most &&
           abs(a->x + a->width - b->x - b->width) <= most &&
           abs(a->y + a->height - b->y - b->height) <= most;
}

/* The first box of the group, which stands for it. Shortens the way there. */
static size_t find_group(size_t *group, size_t i)
{
    while (group[i] != i) {
        group[i] = group[group[i]];
        i = group[i];
    }
    return i;
}

/* Each box's group becomes the index of its first one. */
static void join(const struct vanon_haar_boxes *boxes)
{
    size_t *group = boxes->group;

    for (size_t i = 0; i < boxes->count; i++) {
        group[i] = i;
        for (size_t j = 0; j < i; j++) {
            size_t a, b;

            if (!are_alike(&boxes->box[i], &boxes->box[j]))
                continue;
            a = find_group(group, i);
            b = find_group(group, j);
            group[a > b ? a : b] = a > b ? b : a;
        }
    }
    for (size_t i = 0; i < boxes->count; i++)
        group[i] = find_group(group, i);
}

/* Half to even. */
static int mean(int sum, float share)
{
    return (int)rintf((float)sum * share);
}

/* The groups' means, at the front of the list. A group's first box comes before its others, so that
 * sums can be kept where it is. */
static void average(struct vanon_haar_boxes *boxes)
{
    struct vanon_haar_box *box = boxes->box;
    size_t groups = 0;

    for (size_t i = 0; i < boxes->count; i++) {
        struct vanon_haar_box *sum = &box[boxes->group[i]];

        if (boxes->group[i] == i)
            continue;
        sum->x += box[i].x;
        sum->y += box[i].y;
        sum->width += box[i].width;
        sum->height += box[i].height;
        sum->neighbours++;
    }
    for (size_t i = 0; i < boxes->count; i++) {
        struct vanon_haar_box sum = box[i];
        float share = 1.0f / (float)sum.neighbours;

        if (boxes->group[i] != i)
            continue;
        box[groups++] =
            (struct vanon_haar_box){mean(sum.x, share), mean(sum.y, share), mean(sum.width, share),
                                    mean(sum.height, share), sum.neighbours};
    }
    boxes->count = groups;
}

static bool is_inside(const struct vanon_haar_box *inner, const struct vanon_haar_box *outer)
{
    int across = (int)rint(outer->width * TOLERANCE), down = (int)rint(outer->height * TOLERANCE);

    return inner->x >= outer->x - across && inner->y >= outer->y - down &&
           inner->x + inner->width <= outer->x + outer->width + across &&
           inner->y + inner->height <= outer->y + outer->height + down;
}

static bool is_outweighed(const struct vanon_haar_boxes *boxes, size_t index, int least)
{
    const struct vanon_haar_box *inner = &boxes->box[index];

    for (size_t i = 0; i < boxes->count; i++) {
        const struct vanon_haar_box *outer = &boxes->box[i];
        int most = inner->neighbours > FEW ? inner->neighbours : FEW;

        if (i != index && outer->neighbours > least && is_inside(inner, outer) &&
            (outer->neighbours > most || inner->neighbours < FEW))
            return true;
    }
    return false;
}

int vanon_haar_group(struct vanon_haar_boxes *boxes, int least)
{
    size_t kept = 0;

    if (least <= 0 || !boxes->count)
        return VANON_OK;
    if (vanon_grow(&boxes->group, &boxes->group_capacity, boxes->count, sizeof *boxes->group))
        return VANON_ERR_MEMORY;
    join(boxes);
    average(boxes);
    /* Every box is held against all, also those that go: decide first, then drop. */
    for (size_t i = 0; i < boxes->count; i++)
        boxes->group[i] = boxes->box[i].neighbours > least && !is_outweighed(boxes, i, least);
    for (size_t i = 0; i < boxes->count; i++)
        if (boxes->group[i])
            boxes->box[kept++] = boxes->box[i];
    boxes->count = kept;
    return VANON_OK;
}
