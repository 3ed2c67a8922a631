/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for one axis of the letterbox: which samples, in which shares. Part of the letterbox. */
#ifndef VANON_PIXELS_LETTERBOX_PLAN_H
#define VANON_PIXELS_LETTERBOX_PLAN_H

#include "pixels/format.h"
#include "pixels/letterbox_rows.h"

/* Coded luma coordinate of the i-th result along an axis: slope (i + 0.5) + start. */
struct vanon_course {
    double slope, start;
};

/* How a component's samples lie along an axis. */
struct vanon_sampling {
    int log2;     /* luma samples in one of these */
    bool cosited; /* with the first luma sample of those; else in their middle */
    int samples;
};

/* Along the lines of the picture, top down. */
struct vanon_line_plan {
    int32_t
        *index; /* of the line at or before the place; the next one is there unless weight is 0 */
    int16_t *weight;
};

/* `bytes`: of the line from the first sample of the component where it is fewest. VANON_ERR_MEMORY:
 * the plan can be freed. */
int vanon_row_plan_make(struct vanon_row_plan *plan, size_t count,
                        const struct vanon_course *course, const struct vanon_sampling *sampling,
                        const struct vanon_component *component, int sample_bytes, size_t bytes);
void vanon_row_plan_free(struct vanon_row_plan *plan);

int vanon_line_plan_make(struct vanon_line_plan *plan, size_t count,
                         const struct vanon_course *course, const struct vanon_sampling *sampling);
void vanon_line_plan_free(struct vanon_line_plan *plan);

#endif
