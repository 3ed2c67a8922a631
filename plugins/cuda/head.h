/* SPDX-License-Identifier: Apache-2.0 */
/* The head's arithmetic (plan.h, vanon_plan_head) in C, one anchor at a time. Pure. */
#ifndef VANON_CUDA_HEAD_H
#define VANON_CUDA_HEAD_H

#include "plan.h"

/* What the three tensors of a level have at one pixel; `joints` NULL where there are none. */
struct vanon_head_pixel {
    const float *box, *scores, *joints;
};

/* Writes head->rows numbers, `step` floats apart: the anchor's column of [rows][anchors]. */
void vanon_head_decode(const struct vanon_plan_head *head, int stride, int x, int y,
                       const struct vanon_head_pixel *pixel, float *column, size_t step);

#endif
