/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/status.h>

#include "render/blur.h"
#include "render/cells.h"

#define LEAST 5 /* of a border, in luma pixels */

/* A value for each sample of a line through a row of cells. */
static void fill_line(uint16_t *value, const struct vanon_cells *cells,
                      const struct vanon_style_work *work, int row)
{
    int x = 0;

    for (int column = 0; column < cells->columns; column++) {
        int end = cells->at.x + (column + 1) * cells->at.width - work->at.x;
        unsigned mean = vanon_cells_value(cells, work, column, row);

        for (; x < end && x < work->at.width; x++)
            value[x] = (uint16_t)mean;
    }
}

/* Flat cells with hard borders. */
static int exact_mosaic(const struct vanon_style_work *work)
{
    struct vanon_rect at = work->at;
    uint16_t *value = vanon_style_reserve(work, (size_t)at.width * sizeof *value);
    struct vanon_cells cells;

    if (!value)
        return VANON_ERR_MEMORY;
    vanon_cells_lay(&cells, work, vanon_cells_side(work), at);
    for (int row = 0, y = at.y; row < cells.rows; row++) {
        int end = cells.at.y + (row + 1) * cells.at.height;

        fill_line(value, &cells, work, row);
        for (; y < end && y < at.y + at.height; y++)
            vanon_plane_blend_line(&work->plane, work->coverage, at.x, y, at.width, value);
    }
    return VANON_OK;
}

/* Equal taps over flat cells make a straight ramp as long as they are: from the middle of a cell to
 * the next one's. Shorter ramps are steeper, and a steep one can fall together with a contour. */
static struct vanon_blur_size size_of(const struct vanon_style_work *work)
{
    int cell = vanon_cells_side(work);

    return (struct vanon_blur_size){cell, cell < LEAST ? LEAST : cell};
}

int vanon_style_mosaic(const struct vanon_style_work *work)
{
    return work->options->exact_styles ? exact_mosaic(work)
                                       : vanon_blur_cells(work, size_of(work), vanon_blur_box);
}

int vanon_mosaic_reach(const struct vanon_style_work *work, int *side)
{
    struct vanon_blur_size size = size_of(work);

    *side = size.cell;
    return size.kernel / 2;
}
