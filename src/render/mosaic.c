/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/status.h>

#include "render/cells.h"

int vanon_style_mosaic(const struct vanon_style_work *work)
{
    struct vanon_cells cells;
    struct vanon_rect cell;

    vanon_cells_lay(&cells, work, vanon_cells_side(work), work->at);
    cell = cells.at;
    for (int row = 0; row < cells.rows; row++, cell.y += cell.height) {
        cell.x = cells.at.x;
        for (int column = 0; column < cells.columns; column++, cell.x += cell.width)
            vanon_plane_blend(&work->plane, work->coverage, cell,
                              vanon_cells_value(&cells, work, column, row));
    }
    return VANON_OK;
}

int vanon_mosaic_reach(const struct vanon_style_work *work, int *side)
{
    *side = vanon_cells_side(work);
    return 0;
}
