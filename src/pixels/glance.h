/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame at a glance: a few thousand cells of brightness, to tell cuts and motion from. Cells lie
 * on the coded picture, whatever its rotation. Pure functions.
 */
#ifndef VANON_PIXELS_GLANCE_H
#define VANON_PIXELS_GLANCE_H

#include <vanon/frame.h>
#include <vanon/object.h>

#define VANON_GLANCE_COLUMNS 64
#define VANON_GLANCE_ROWS    36

struct vanon_glance {
    uint8_t cell[VANON_GLANCE_ROWS][VANON_GLANCE_COLUMNS];
};

/* Each cell: the mean of 16 samples spread over it, of luma, grey, or of the first colour component
 * in RGB, scaled to 8 bits. A frame of the host's memory. */
void vanon_glance_take(struct vanon_glance *glance, const vanon_frame *frame);

/* Mean difference of all cells, 0..255. */
double vanon_glance_difference(const struct vanon_glance *a, const struct vanon_glance *b);

/*
 * How far `middle` is from the blend of `first` and `last` that its place in time suggests (`place`
 * 0..1) in the cells that the box of coded luma samples touches: the largest mean over 2x2 cells,
 * 0..255. Small where all that moves in the box moves evenly or not at all.
 */
double vanon_glance_unevenness(const struct vanon_glance *first, const struct vanon_glance *middle,
                               const struct vanon_glance *last, double place, const vanon_box *box,
                               int width, int height);

#endif
