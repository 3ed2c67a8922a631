/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of the small picture that are looked for in an earlier one. Internal to camera.c; plain
 * functions. Places are in fine cells: a block's is that of its first cell.
 */
#ifndef VANON_PIXELS_CAMERA_BLOCKS_H
#define VANON_PIXELS_CAMERA_BLOCKS_H

#include <stdbool.h>

#include "base/matrix.h"
#include "pixels/camera_cells.h"

#define VANON_BLOCK        8  /* cells */
#define VANON_BLOCK_PITCH  10 /* from block to block */
#define VANON_BLOCK_ACROSS (VANON_CELL_COLUMNS / VANON_BLOCK_PITCH)
#define VANON_BLOCK_DOWN   (VANON_CELL_ROWS / VANON_BLOCK_PITCH)
#define VANON_BLOCKS_MOST  (VANON_BLOCK_ACROSS * VANON_BLOCK_DOWN / 2 + 1)

struct vanon_block {
    int x, y;            /* in the present picture */
    int texture, coarse; /* sums of deviations from its mean, at both sizes */
    uint8_t cell[VANON_BLOCK * VANON_BLOCK];
    uint8_t half[VANON_BLOCK / 2 * VANON_BLOCK / 2]; /* at half the size */

    /* in the earlier picture */
    int at_x, at_y;          /* where it is thought to be */
    bool found;              /* near there, at the following place between cells */
    double found_x, found_y; /* its first cell */
    double difference;       /* there, see vanon_block_difference */
    int best;                /* the least difference at half the size at any place so far */
};

struct vanon_blocks {
    struct vanon_block block[VANON_BLOCKS_MOST];
    int count;
};

/* Takes the blocks of a picture that have something on them. */
void vanon_blocks_take(struct vanon_blocks *blocks, const struct vanon_camera_cells *picture);

/* Prepares for an earlier picture, `brighter` darker as a whole than the present one. */
void vanon_blocks_light(struct vanon_blocks *blocks, const struct vanon_camera_cells *picture,
                        int brighter);

/* The mean difference from the picture `from` there, in shares of the block's texture; infinite
 * outside. */
double vanon_block_difference(const struct vanon_block *block,
                              const struct vanon_camera_cells *from, int x, int y);

/* Sets where blocks are thought to be. `back`: from the present picture to the earlier one. */
void vanon_blocks_guess(struct vanon_blocks *blocks, const vanon_matrix *back);

/* Looks for each block from where it is thought to be downhill, a few cells far. */
void vanon_blocks_search(struct vanon_blocks *blocks, const struct vanon_camera_cells *from);

/* Looks, at half the size and widely, for one shift from where they are thought to be that costs
 * all blocks least: the mean of their differences in shares of texture, none above 1, so that
 * whatever moves on its own weighs little. Notes each block's best. False: most are outside at any
 * shift. */
bool vanon_blocks_sweep(struct vanon_blocks *blocks, const struct vanon_camera_cells *from, int *dx,
                        int *dy);

#endif
