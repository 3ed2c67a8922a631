/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device does to frames in its memory, held against the CPU's own code for the same samples.
 * Used by tests on the CPU, of the reference, and on a GPU.
 */
#ifndef VANON_TESTS_GPU_SURFACE_CASE_H
#define VANON_TESTS_GPU_SURFACE_CASE_H

#include "options/options.h"
#include "pixels/surfaces.h"

struct surface_case {
    enum vanon_pixel_format format;
    int width, height;
    enum vanon_field_order fields;
    enum vanon_style style;
    int blur_kernel; /* 0: automatic */
    bool held;       /* means are held from the first frame on */
    bool whole;      /* a region hides the whole picture */
};

/* Frames go there and back, and are seen there as on the CPU. NULL: all is well; else what is not.
 */
const char *surface_case_look(vanon_surfaces *surfaces, const struct surface_case *c);

/* Three frames with regions that move are rendered by both. `*painted` counts the samples that
 * differ from the source's. */
const char *surface_case_render(vanon_surfaces *surfaces, const struct surface_case *c,
                                size_t *painted);

#endif
