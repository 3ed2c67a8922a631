/* SPDX-License-Identifier: Apache-2.0 */
#include "render/cells.h"

#include <vanon/status.h>

#define CELLS 6 /* across the longest side of the shape with its feather, at most */

static int round_up(int value, int unit)
{
    return (value + unit - 1) / unit * unit;
}

static int floor_divide(int value, int by)
{
    return value >= 0 ? value / by : -((by - 1 - value) / by);
}

int vanon_cells_side(const struct vanon_style_work *work)
{
    const struct vanon_grid *grid = work->grid;
    int longest = work->box.width > work->box.height ? work->box.width : work->box.height;
    int side = work->options->exact_styles ? 0 : (longest + CELLS - 1) / CELLS;

    if (grid)
        return grid->side;
    return side < work->options->mosaic_block ? work->options->mosaic_block : side;
}

/* Where a grid starts along an axis, in luma pixels: at the box's corner, or where it is held. On
 * whole units. */
static int start_of(int box, int length, const int *held2, int unit)
{
    int start = held2 ? floor_divide(2 * box + length + *held2, 2) : box;

    return floor_divide(start, unit);
}

void vanon_cells_place(struct vanon_cells *cells, const struct vanon_style_work *work, int side)
{
    const struct vanon_pixel_layout *layout = work->layout;
    const struct vanon_grid *grid = work->grid;
    bool chroma = vanon_component_is_chroma(layout, work->component);
    int unit_x = 1 << layout->log2_chroma_w;
    int unit_y = vanon_frame_fields(work->source) << layout->log2_chroma_h;
    int samples_x = chroma ? 1 : unit_x, samples_y = chroma ? 1 : 1 << layout->log2_chroma_h;
    int x = start_of(work->box.x, work->box.width, grid ? &grid->x2 : NULL, unit_x);
    int y = start_of(work->box.y, work->box.height, grid ? &grid->y2 : NULL, unit_y);

    *cells = (struct vanon_cells){
        .at = {.x = x * samples_x,
               .y = y * samples_y,
               .width = round_up(side, unit_x) / unit_x * samples_x,
               .height = round_up(side, unit_y) / unit_y * samples_y},
        .columns = 1,
        .rows = 1,
    };
}

/* Moves `from` by whole cells to the one with the sample `first`, and counts them; returns how many
 * reach `end`. */
static int meet(int *from, int *moved, int length, int first, int end)
{
    *moved = floor_divide(first - *from, length);
    *from += *moved * length;
    return (end - *from + length - 1) / length;
}

void vanon_cells_lay(struct vanon_cells *cells, const struct vanon_style_work *work, int side,
                     struct vanon_rect at)
{
    vanon_cells_place(cells, work, side);
    cells->columns = meet(&cells->at.x, &cells->column, cells->at.width, at.x, at.x + at.width);
    cells->rows = meet(&cells->at.y, &cells->row, cells->at.height, at.y, at.y + at.height);
}

/* Moves or cuts `length` from `from` into 0 .. `limit`. */
static void move_inside(int *from, int *length, int limit)
{
    if (*length > limit)
        *length = limit;
    if (*from > limit - *length)
        *from = limit - *length;
    if (*from < 0)
        *from = 0;
}

static unsigned mean_of(const struct vanon_cells *cells, const struct vanon_style_work *work,
                        int column, int row)
{
    struct vanon_rect cell = cells->at;

    cell.x += column * cell.width;
    cell.y += row * cell.height;
    move_inside(&cell.x, &cell.width, work->plane.width);
    move_inside(&cell.y, &cell.height, work->plane.height);
    if (!cell.width || !cell.height)
        return 0; /* the second field of a single line: it has no samples */
    return vanon_plane_mean(&work->plane, cell);
}

static int nearest(int index, int count)
{
    return index < 0 ? 0 : index < count ? index : count - 1;
}

unsigned vanon_cells_value(const struct vanon_cells *cells, const struct vanon_style_work *work,
                           int column, int row)
{
    const struct vanon_grid *grid = work->grid;

    if (!grid)
        return mean_of(cells, work, column, row);
    column = nearest(cells->column + column - grid->column, grid->columns);
    row = nearest(cells->row + row - grid->row, grid->rows);
    return work->value[row * grid->columns + column];
}

static int device_means(const struct vanon_cells *cells, const struct vanon_style_work *work,
                        uint16_t *means)
{
    const struct vanon_surface_grid grid = {.component = work->component,
                                            .field = work->field,
                                            .x = cells->at.x,
                                            .y = cells->at.y,
                                            .width = cells->at.width,
                                            .height = cells->at.height,
                                            .columns = cells->columns,
                                            .rows = cells->rows};

    return vanon_surfaces_means(work->surfaces, work->source, &grid, means);
}

int vanon_cells_values(const struct vanon_cells *cells, const struct vanon_style_work *work,
                       uint16_t *values)
{
    if (work->surfaces && !work->grid)
        return device_means(cells, work, values);
    for (int row = 0; row < cells->rows; row++)
        for (int column = 0; column < cells->columns; column++)
            *values++ = (uint16_t)vanon_cells_value(cells, work, column, row);
    return VANON_OK;
}
