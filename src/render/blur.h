/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the blurs and the mosaic share: sizes of kernels, the smooth picture of cells, and lines of
 * the source with a border. Plain functions.
 *
 * A blur alone can be undone: it only weakens fine detail, it does not remove it. So a blur is
 * never made from the source, but from the means of its cells (cells.h): the picture made of flat
 * cells is convolved with the kernel. As both are separable, and a kernel is at most three cells
 * long, a sample is a weighted sum of five by five means, whatever the kernel's size.
 */
#ifndef VANON_RENDER_BLUR_H
#define VANON_RENDER_BLUR_H

#include "render/style.h"

/* Taps on either side of a kernel's middle, in samples of the plane: chroma samples stand for
 * several pixels, and the lines of a field lie twice as far apart. */
struct vanon_blur {
    int radius_x, radius_y;
};

/* With exact_styles: blur_kernel, or 25. */
struct vanon_blur vanon_blur_exact(const struct vanon_style_work *work);

/* A picture of cells and the kernel that makes it smooth. */
struct vanon_blur_size {
    int cell;   /* the cells' side in luma pixels of the frame */
    int kernel; /* its side, in the same; at most three cells */
};

/* The blurs': blur_kernel or, where that is 0, three cells; at least 25. Cells that are not shorter
 * than a third of it. */
struct vanon_blur_size vanon_blur_size(const struct vanon_style_work *work);

/* For struct vanon_style_ops. */
int vanon_blur_reach(const struct vanon_style_work *work, int *side);

/* What a kernel's taps weigh together. */
#define VANON_BLUR_WHOLE 32768

/* Fills sums[0 .. 2 * radius + 1] with what the first 0, 1, ... taps of a kernel of 2 * radius + 1
 * taps weigh together: from 0 to VANON_BLUR_WHOLE, never falling. */
typedef void vanon_blur_sums(uint32_t *sums, int radius);

/* A kernel of equal taps. */
vanon_blur_sums vanon_blur_box;

/* Blends the smooth picture of cells over the work's target, or lets the device do so.
 * VANON_ERR_MEMORY; VANON_ERR_INFERENCE: the device failed. */
int vanon_blur_cells(const struct vanon_style_work *work, struct vanon_blur_size size,
                     vanon_blur_sums *kernel);

/* Reads the source's samples x .. x + count - 1 of line y; beyond the picture it is mirrored about
 * its outermost samples (reflect-101), as often as need be. */
void vanon_blur_line(const struct vanon_plane *plane, int x, int y, int count, uint16_t *to);

#endif
