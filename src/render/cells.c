/* SPDX-License-Identifier: Apache-2.0 */
#include "render/cells.h"

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
    int longest = work->box.width > work->box.height ? work->box.width : work->box.height;
    int side = work->options->exact_styles ? 0 : (longest + CELLS - 1) / CELLS;

    return side < work->options->mosaic_block ? work->options->mosaic_block : side;
}

/* Moves `from` by whole cells to the one with the sample `first`; returns how many reach `end`. */
static int meet(int *from, int length, int first, int end)
{
    *from += floor_divide(first - *from, length) * length;
    return (end - *from + length - 1) / length;
}

void vanon_cells_lay(struct vanon_cells *cells, const struct vanon_style_work *work, int side,
                     struct vanon_rect at)
{
    const struct vanon_pixel_layout *layout = work->layout;
    bool chroma = vanon_component_is_chroma(layout, work->component);
    int unit_x = 1 << layout->log2_chroma_w;
    int unit_y = vanon_frame_fields(work->source) << layout->log2_chroma_h;
    int samples_x = chroma ? 1 : unit_x, samples_y = chroma ? 1 : 1 << layout->log2_chroma_h;

    cells->at = (struct vanon_rect){
        .x = floor_divide(work->box.x, unit_x) * samples_x,
        .y = floor_divide(work->box.y, unit_y) * samples_y,
        .width = round_up(side, unit_x) / unit_x * samples_x,
        .height = round_up(side, unit_y) / unit_y * samples_y,
    };
    cells->columns = meet(&cells->at.x, cells->at.width, at.x, at.x + at.width);
    cells->rows = meet(&cells->at.y, cells->at.height, at.y, at.y + at.height);
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

unsigned vanon_cells_mean(const struct vanon_cells *cells, const struct vanon_style_work *work,
                          int column, int row)
{
    struct vanon_rect cell = cells->at;

    cell.x += column * cell.width;
    cell.y += row * cell.height;
    move_inside(&cell.x, &cell.width, work->plane.width);
    move_inside(&cell.y, &cell.height, work->plane.height);
    return vanon_plane_mean(&work->plane, cell);
}
