/* SPDX-License-Identifier: Apache-2.0 */
#include "regions/shrink.h"

#include <math.h>

#include <vanon/status.h>

#define USUAL_STEP (1.0 / 25) /* seconds, where frames' times don't tell */

/* A polygon has no radius; of what has no identity nobody knows what it was before. */
static bool can_shrink(const vanon_region *region)
{
    return region->object && region->shape != VANON_SHAPE_POLYGON;
}

/* The shape that was this one; NULL: there was none. */
static const vanon_region *find_last(const vanon_region_list *last, const vanon_region *region)
{
    const vanon_region *found = NULL;
    double least = INFINITY;

    for (size_t i = 0; i < last->count; i++) {
        const vanon_region *before = &last->region[i];
        double dx = (double)before->cx - region->cx, dy = (double)before->cy - region->cy;

        if (before->object != region->object || before->part != region->part ||
            before->shape != region->shape || !(dx * dx + dy * dy < least))
            continue;
        least = dx * dx + dy * dy;
        found = before;
    }
    return found;
}

static int keep(vanon_region_list *last, const vanon_region_list *regions, size_t first)
{
    vanon_region *copy;

    vanon_region_list_clear(last);
    for (size_t i = first; i < regions->count; i++) {
        if (!can_shrink(&regions->region[i]))
            continue;
        if (vanon_region_list_add(last, 0, &copy))
            return VANON_ERR_MEMORY;
        *copy = regions->region[i];
    }
    return VANON_OK;
}

int vanon_shrink_frame(struct vanon_shrink *shrink, double time, vanon_region_list *regions,
                       size_t first)
{
    double step = time - shrink->time, left;

    if (!(step > 0) || !isfinite(step))
        step = USUAL_STEP;
    left = fmax(0, 1 - VANON_SHRINKING * step);
    for (size_t i = first; i < regions->count; i++) {
        vanon_region *region = &regions->region[i];
        const vanon_region *before = can_shrink(region) ? find_last(&shrink->last, region) : NULL;

        if (!before)
            continue;
        region->rx = fmaxf(region->rx, (float)(left * before->rx));
        region->ry = fmaxf(region->ry, (float)(left * before->ry));
    }
    shrink->time = time;
    return keep(&shrink->last, regions, first);
}

void vanon_shrink_reset(struct vanon_shrink *shrink)
{
    vanon_region_list_clear(&shrink->last);
}

void vanon_shrink_free(struct vanon_shrink *shrink)
{
    vanon_region_list_free(&shrink->last);
}
