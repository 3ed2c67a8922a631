/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/status.h>

#include "render/style.h"

#define CELLS 6 /* across the longest side of the shape with its feather, at most */

static int round_up(int value, int unit)
{
    return (value + unit - 1) / unit * unit;
}

static int floor_divide(int value, int by)
{
    return value >= 0 ? value / by : -((by - 1 - value) / by);
}

/*
 * The first cell, in samples of the plane. Cells start at the corner of the shape's box and so move
 * with it. They are made of whole chroma samples of a field, so that a cell covers the same part of
 * the picture in every plane.
 */
static struct vanon_rect first_cell(const struct vanon_style_work *work)
{
    const struct vanon_pixel_layout *layout = work->layout;
    int fields = vanon_frame_fields(work->source);
    int unit_x = 1 << layout->log2_chroma_w, unit_y = 1 << layout->log2_chroma_h;
    int longest = work->box.width > work->box.height ? work->box.width : work->box.height;
    int side = (longest + CELLS - 1) / CELLS;
    bool chroma = vanon_component_is_chroma(layout, work->component);
    int samples_x = chroma ? 1 : unit_x, samples_y = chroma ? 1 : unit_y;

    if (side < work->options->mosaic_block)
        side = work->options->mosaic_block;
    return (struct vanon_rect){
        .x = floor_divide(work->box.x, unit_x) * samples_x,
        .y = floor_divide(work->box.y, fields * unit_y) * samples_y,
        .width = round_up(side, unit_x) / unit_x * samples_x,
        .height = round_up(side, fields * unit_y) / (fields * unit_y) * samples_y,
    };
}

/* Moves or cuts `length` from `from` into 0 .. `limit`: a cell at the picture's border is the mean
 * of as many samples as any other, and never of the few that show there. */
static void move_inside(int *from, int *length, int limit)
{
    if (*length > limit)
        *length = limit;
    if (*from > limit - *length)
        *from = limit - *length;
    if (*from < 0)
        *from = 0;
}

int vanon_style_mosaic(const struct vanon_style_work *work)
{
    struct vanon_rect picture = {0, 0, work->plane.width, work->plane.height};
    struct vanon_rect at = vanon_rect_meet(work->coverage->at, picture);
    struct vanon_rect cell = first_cell(work), sampled;
    int first_x = cell.x + floor_divide(at.x - cell.x, cell.width) * cell.width;

    if (!at.width || !at.height)
        return VANON_OK;
    cell.y += floor_divide(at.y - cell.y, cell.height) * cell.height;
    for (; cell.y < at.y + at.height; cell.y += cell.height)
        for (cell.x = first_x; cell.x < at.x + at.width; cell.x += cell.width) {
            sampled = cell;
            move_inside(&sampled.x, &sampled.width, picture.width);
            move_inside(&sampled.y, &sampled.height, picture.height);
            vanon_plane_blend(&work->plane, work->coverage, cell,
                              vanon_plane_mean(&work->plane, sampled));
        }
    return VANON_OK;
}
