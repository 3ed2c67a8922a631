/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shape hidden in one frame: what the CPU's styles make of it, and the same described for the
 * GPU's arithmetic. Used by tests on the CPU and on a GPU.
 */
#ifndef VANON_TESTS_GPU_PAINT_CASE_H
#define VANON_TESTS_GPU_PAINT_CASE_H

#include <vanon/frame.h>

#include "../../plugins/cuda/paint_math.h"
#include "mask/mask.h"
#include "options/options.h"
#include "render/planes.h"
#include "render/style.h"

struct paint_case {
    enum vanon_pixel_format format;
    enum vanon_style style;
    float cx, cy, rx, ry, angle; /* of an ellipse */
    vanon_frame *source, *expected, *painted;
    vanon_mask mask;
    struct vanon_options options;
    struct vanon_style_scratch scratch;
};

/* A frame of numbers that look random, and what the style makes of the ellipse. False: no memory.
 */
bool paint_case_make(struct paint_case *paint, int width, int height);
void paint_case_free(struct paint_case *paint);

/* What the GPU's kernels are given for one component. */
struct paint_part {
    struct vanon_gpu_plane plane, source; /* of `painted` and `source` */
    struct vanon_coverage covered;        /* as the CPU makes it */
    struct vanon_gpu_coverage coverage;   /* the same */
    struct vanon_gpu_cells cells;
    struct vanon_gpu_axis across, down; /* of all but solid */
    uint32_t *sums[2];
    unsigned value; /* of solid */
};

/* False: the shape is not in the plane, or no memory. */
bool paint_part_make(struct paint_part *part, struct paint_case *paint, int component);
void paint_part_free(struct paint_part *part);

/* The largest difference of a sample between `painted` and `expected`, in levels of the format. */
int paint_case_difference(const struct paint_case *paint);

#endif
