/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera_blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HALF       (VANON_BLOCK / 2)
#define TEXTURE    2.5 /* mean deviation from a block's mean: less has nothing to be found by */
#define MOST_STEPS 4   /* cells downhill */
#define REACH      5   /* coarse cells that are searched on each side: a sixteenth of the picture */
#define NOWHERE    INT32_MAX

static int texture_of(const uint8_t *cells, int count)
{
    int sum = 0, deviation = 0, mean;

    for (int i = 0; i < count; i++)
        sum += cells[i];
    mean = (sum + count / 2) / count;
    for (int i = 0; i < count; i++)
        deviation += abs(cells[i] - mean);
    return deviation;
}

static void take_cells(struct vanon_block *block, const struct vanon_camera_cells *picture)
{
    for (int i = 0; i < VANON_BLOCK; i++)
        memcpy(block->cell + i * VANON_BLOCK, &picture->fine[block->y + i][block->x], VANON_BLOCK);
    for (int i = 0; i < HALF; i++)
        memcpy(block->half + i * HALF, &picture->coarse[block->y / 2 + i][block->x / 2], HALF);
}

void vanon_blocks_take(struct vanon_blocks *blocks, const struct vanon_camera_cells *picture)
{
    blocks->count = 0;
    for (int j = 0; j < VANON_BLOCK_DOWN; j++)
        for (int i = j % 2; i < VANON_BLOCK_ACROSS; i += 2) { /* every second one is enough */
            struct vanon_block *block = &blocks->block[blocks->count];

            block->x = VANON_BLOCK_PITCH * i;
            block->y = VANON_BLOCK_PITCH * j;
            take_cells(block, picture);
            block->texture = texture_of(block->cell, VANON_BLOCK * VANON_BLOCK);
            block->coarse = texture_of(block->half, HALF * HALF);
            blocks->count += block->texture >= TEXTURE * VANON_BLOCK * VANON_BLOCK && block->coarse;
        }
}

static void darken(uint8_t *cells, int count, int by)
{
    for (int i = 0; i < count; i++) {
        int cell = cells[i] - by;

        cells[i] = (uint8_t)(cell < 0 ? 0 : cell > 255 ? 255 : cell);
    }
}

void vanon_blocks_light(struct vanon_blocks *blocks, const struct vanon_camera_cells *picture,
                        int brighter)
{
    for (int i = 0; i < blocks->count; i++) {
        struct vanon_block *block = &blocks->block[i];

        block->best = NOWHERE;
        take_cells(block, picture);
        if (!brighter)
            continue;
        darken(block->cell, VANON_BLOCK * VANON_BLOCK, brighter);
        darken(block->half, HALF * HALF, brighter);
    }
}

/* Two lines at a time, which is what processors have an instruction for. */
static int fine_difference(const uint8_t *cells, const uint8_t *from)
{
    int sum = 0;

    for (int y = 0; y < VANON_BLOCK; y += 2) {
        uint8_t two[2 * VANON_BLOCK];

        memcpy(two, from + y * VANON_CELL_COLUMNS, VANON_BLOCK);
        memcpy(two + VANON_BLOCK, from + (y + 1) * VANON_CELL_COLUMNS, VANON_BLOCK);
        for (int i = 0; i < 2 * VANON_BLOCK; i++)
            sum += abs(cells[y * VANON_BLOCK + i] - two[i]);
    }
    return sum;
}

static int coarse_difference(const uint8_t *cells, const uint8_t *from)
{
    uint8_t four[HALF * HALF];
    int sum = 0;

    for (int y = 0; y < HALF; y++)
        memcpy(four + y * HALF, from + y * VANON_CELL_COLUMNS / 2, HALF);
    for (int i = 0; i < HALF * HALF; i++)
        sum += abs(cells[i] - four[i]);
    return sum;
}

static bool is_inside(int x, int y)
{
    return x >= 0 && y >= 0 && x <= VANON_CELL_COLUMNS - VANON_BLOCK &&
           y <= VANON_CELL_ROWS - VANON_BLOCK;
}

/* NOWHERE outside. */
static int difference_at(const struct vanon_block *block, const struct vanon_camera_cells *from,
                         int x, int y)
{
    return is_inside(x, y) ? fine_difference(block->cell, &from->fine[y][x]) : NOWHERE;
}

double vanon_block_difference(const struct vanon_block *block,
                              const struct vanon_camera_cells *from, int x, int y)
{
    int difference = difference_at(block, from, x, y);

    return difference == NOWHERE ? INFINITY : (double)difference / block->texture;
}

void vanon_blocks_guess(struct vanon_blocks *blocks, const vanon_matrix *back)
{
    for (int i = 0; i < blocks->count; i++) {
        struct vanon_block *block = &blocks->block[i];
        double x, y;

        vanon_matrix_apply(back, block->x + HALF, block->y + HALF, &x, &y);
        block->at_x = (int)lrint(x) - HALF;
        block->at_y = (int)lrint(y) - HALF;
    }
}

/* Where between three cells a parabola through their differences is lowest, from the middle. */
static double between(int before, int at, int after)
{
    double bend = (double)before - 2.0 * at + after;

    if (before == NOWHERE || after == NOWHERE || !(bend > 0))
        return 0;
    return fmax(-.5, fmin(.5, ((double)before - after) / (2 * bend)));
}

/* Of a place and its four neighbours: right, left, below, above. */
struct cross {
    int x, y, at, beside[4];
};

static const int way[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};

/* Goes to the least neighbour. False: none is less. */
static bool step_down(struct cross *cross)
{
    int least = cross->at, to = -1;

    for (int i = 0; i < 4; i++)
        if (cross->beside[i] < least) {
            least = cross->beside[i];
            to = i;
        }
    if (to < 0)
        return false;
    cross->at = least;
    cross->x += way[to][0];
    cross->y += way[to][1];
    return true;
}

static void search(struct vanon_block *block, const struct vanon_camera_cells *from)
{
    struct cross cross = {.x = block->at_x, .y = block->at_y};

    block->found = false;
    block->difference = INFINITY;
    cross.at = difference_at(block, from, cross.x, cross.y);
    if (cross.at == NOWHERE)
        return;
    for (int steps = 0; steps <= MOST_STEPS && !block->found; steps++) {
        for (int i = 0; i < 4; i++)
            cross.beside[i] = difference_at(block, from, cross.x + way[i][0], cross.y + way[i][1]);
        block->found = !step_down(&cross);
    }
    block->difference = (double)cross.at / block->texture;
    block->found_x = cross.x + between(cross.beside[1], cross.at, cross.beside[0]);
    block->found_y = cross.y + between(cross.beside[3], cross.at, cross.beside[2]);
}

void vanon_blocks_search(struct vanon_blocks *blocks, const struct vanon_camera_cells *from)
{
    for (int i = 0; i < blocks->count; i++)
        search(&blocks->block[i], from);
}

/* The mean cost of a shift in coarse cells; infinite where most blocks fall outside. */
static double coarse_cost(struct vanon_blocks *blocks, const struct vanon_camera_cells *from,
                          int dx, int dy)
{
    int inside = 0;
    double cost = 0;

    for (int i = 0; i < blocks->count; i++) {
        struct vanon_block *block = &blocks->block[i];
        int x = block->at_x + 2 * dx, y = block->at_y + 2 * dy, difference;

        if (!is_inside(x, y))
            continue;
        difference = coarse_difference(block->half, &from->coarse[y / 2][x / 2]);
        inside++;
        if (difference < block->best)
            block->best = difference;
        cost += fmin(1, (double)difference / block->coarse);
    }
    return 2 * inside >= blocks->count && inside ? cost / inside : INFINITY;
}

bool vanon_blocks_sweep(struct vanon_blocks *blocks, const struct vanon_camera_cells *from, int *dx,
                        int *dy)
{
    double least = INFINITY;

    for (int j = -REACH; j <= REACH; j++)
        for (int i = -REACH; i <= REACH; i++) {
            double cost = coarse_cost(blocks, from, i, j);

            if (cost < least) {
                least = cost;
                *dx = 2 * i;
                *dy = 2 * j;
            }
        }
    return isfinite(least);
}
