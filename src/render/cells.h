/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of cells whose means are all that a mosaic and the blurs show of what they hide. It
 * starts at the corner of the shape's box and so moves with it; one that is held (hold.h) keeps its
 * distance from the middle of the box. Its cells are made of whole chroma samples of a field, so
 * that a cell covers the same part of the picture in every plane. Plain functions.
 */
#ifndef VANON_RENDER_CELLS_H
#define VANON_RENDER_CELLS_H

#include "render/style.h"

/* In samples of the plane. */
struct vanon_cells {
    struct vanon_rect at; /* the first cell; may lie outside the picture */
    int column, row;      /* of that cell, counted from the grid's corner */
    int columns, rows;
};

/*
 * The side of a cell in luma pixels of the frame: a sixth of the longest side of the shape with its
 * feather, and never below mosaic_block; with exact_styles mosaic_block. Of a grid that is held
 * what it was.
 */
int vanon_cells_side(const struct vanon_style_work *work);

/* The one cell of that side at the grid's corner. */
void vanon_cells_place(struct vanon_cells *cells, const struct vanon_style_work *work, int side);

/* The cells of that side that meet `at` (in samples of the plane, not empty). */
void vanon_cells_lay(struct vanon_cells *cells, const struct vanon_style_work *work, int side,
                     struct vanon_rect at);

/*
 * What the cell shows, `column` and `row` counted from the first: what is held, of the nearest cell
 * where this one is not, else the mean of its samples in the source. At the picture's border it is
 * the mean of as many samples as any other, and never of the few that show there.
 */
unsigned vanon_cells_value(const struct vanon_cells *cells, const struct vanon_style_work *work,
                           int column, int row);

/* What all cells show, row by row. VANON_ERR_INFERENCE, VANON_ERR_MEMORY: of the device that has
 * the frame. */
int vanon_cells_values(const struct vanon_cells *cells, const struct vanon_style_work *work,
                       uint16_t *values);

#endif
