/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of cells whose means are all that a mosaic and the blurs show of what they hide. It
 * starts at the corner of the shape's box and so moves with it. Its cells are made of whole chroma
 * samples of a field, so that a cell covers the same part of the picture in every plane. Plain
 * functions.
 */
#ifndef VANON_RENDER_CELLS_H
#define VANON_RENDER_CELLS_H

#include "render/style.h"

/* In samples of the plane. */
struct vanon_cells {
    struct vanon_rect at; /* the cell in column 0 and row 0; may lie outside the picture */
    int columns, rows;
};

/*
 * The side of a cell in luma pixels of the frame: a sixth of the longest side of the shape with its
 * feather, and never below mosaic_block; with exact_styles mosaic_block.
 */
int vanon_cells_side(const struct vanon_style_work *work);

/* The cells of that side that meet `at` (in samples of the plane, not empty). */
void vanon_cells_lay(struct vanon_cells *cells, const struct vanon_style_work *work, int side,
                     struct vanon_rect at);

/* The mean of the cell's samples in the source. At the picture's border it is the mean of as many
 * samples as any other, and never of the few that show there. */
unsigned vanon_cells_mean(const struct vanon_cells *cells, const struct vanon_style_work *work,
                          int column, int row);

#endif
