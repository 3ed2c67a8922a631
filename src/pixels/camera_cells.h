/* SPDX-License-Identifier: Apache-2.0 */
/* The small picture that camera.c compares. Internal to it. Pure functions. */
#ifndef VANON_PIXELS_CAMERA_CELLS_H
#define VANON_PIXELS_CAMERA_CELLS_H

#include <vanon/frame.h>

#define VANON_CELL_COLUMNS 160
#define VANON_CELL_ROWS    90

/* Mean brightness, 0 to 255, of each piece of the coded picture; and half as fine. */
struct vanon_camera_cells {
    uint8_t fine[VANON_CELL_ROWS][VANON_CELL_COLUMNS];
    uint8_t coarse[VANON_CELL_ROWS / 2][VANON_CELL_COLUMNS / 2];
    int mean;
};

/* Brightness is the first component: luma, grey, or the first colour of RGB. At most LINES lines of
 * each row of cells are read. `line` has room for a line of
 * the frame, 8 bits a sample. */
void vanon_cells_take(struct vanon_camera_cells *cells, const vanon_frame *frame, uint8_t *line);

/* Makes all else of `fine`. */
void vanon_cells_sum_up(struct vanon_camera_cells *cells);

#endif
