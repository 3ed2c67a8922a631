/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hiding what a mask covers, in a plane of samples: the arithmetic of the GPU's kernels, host and
 * device. Pure. Samples, means and blends as render/planes.h, cells as render/cells.h, smooth cells
 * as render/blur.h define them.
 */
#ifndef VANON_CUDA_PAINT_MATH_H
#define VANON_CUDA_PAINT_MATH_H

#include <stdint.h>

#include "host_device.h"

/* One component of a frame (of one field, where it has two). */
struct vanon_gpu_plane {
    uint8_t *samples;
    int64_t stride; /* bytes from a line to the next */
    int32_t width, height;
    int32_t bytes; /* of a sample's word: 1 or 2 */
    int32_t step;  /* bytes from a sample to the next */
    int32_t shift; /* unused low bits of the word */
};

struct vanon_gpu_rect {
    int32_t x, y, width, height;
};

/* How much of each sample of a plane is hidden, 0..255, inside a box. */
struct vanon_gpu_coverage {
    struct vanon_gpu_rect at; /* in samples of the plane */
    int64_t stride;
    uint8_t *line; /* from the box's top left */
};

VANON_HD uint8_t *vanon_gpu_sample_at(const struct vanon_gpu_plane *plane, int x, int y)
{
    return plane->samples + y * plane->stride + (int64_t)x * plane->step;
}

VANON_HD uint32_t vanon_gpu_read(const struct vanon_gpu_plane *plane, int x, int y)
{
    const uint8_t *at = vanon_gpu_sample_at(plane, x, y);
    uint32_t word = plane->bytes == 1 ? at[0] : (uint32_t)(at[0] | at[1] << 8);

    return word >> plane->shift;
}

/* Nothing is written where nothing is covered: such samples keep every bit. */
VANON_HD void vanon_gpu_blend(const struct vanon_gpu_plane *plane, int x, int y, uint32_t value,
                              uint32_t coverage)
{
    uint8_t *at = vanon_gpu_sample_at(plane, x, y);
    uint32_t word;

    if (!coverage)
        return;
    word = (vanon_gpu_read(plane, x, y) * (255 - coverage) + value * coverage + 127) / 255
           << plane->shift;
    at[0] = (uint8_t)word;
    if (plane->bytes == 2)
        at[1] = (uint8_t)(word >> 8);
}

/* Cells: a grid whose column 0 and row 0 is `first`, which may lie outside the plane. */
struct vanon_gpu_cells {
    struct vanon_gpu_rect first;
    int32_t columns, rows;
};

VANON_HD void vanon_gpu_move_inside(int32_t *from, int32_t *length, int limit)
{
    *length = *length < limit ? *length : limit;
    *from = *from < limit - *length ? *from : limit - *length;
    *from = *from > 0 ? *from : 0;
}

/* The samples whose mean is the cell's value: always as many as in any other cell. */
VANON_HD struct vanon_gpu_rect vanon_gpu_cell_samples(const struct vanon_gpu_cells *cells,
                                                      const struct vanon_gpu_plane *plane,
                                                      int column, int row)
{
    struct vanon_gpu_rect cell = cells->first;

    cell.x += column * cell.width;
    cell.y += row * cell.height;
    vanon_gpu_move_inside(&cell.x, &cell.width, plane->width);
    vanon_gpu_move_inside(&cell.y, &cell.height, plane->height);
    return cell;
}

/* 0 where there are no samples, as in the second field of a single line. */
VANON_HD uint16_t vanon_gpu_mean(uint64_t sum, uint64_t samples)
{
    return samples ? (uint16_t)((sum + samples / 2) / samples) : 0;
}

/* Smooth cells: a kernel of 2 * radius + 1 taps is at most three cells long, so a sample is a
 * weighted sum of five cells along each axis. */
#define VANON_GPU_TAPS  5
#define VANON_GPU_WHOLE 32768 /* what a kernel's taps weigh together */

struct vanon_gpu_axis {
    int32_t from, length; /* the first cell's first sample, samples of a cell */
    int32_t cells;        /* at least VANON_GPU_TAPS */
    int32_t radius;
    const uint32_t *sums; /* what the first 0, 1, ... 2 * radius + 1 taps weigh together */
};

/* The first cell that the kernel around a sample touches, and how much of it lies in each. */
VANON_HD int vanon_gpu_weigh(const struct vanon_gpu_axis *axis, int sample,
                             uint32_t weight[VANON_GPU_TAPS])
{
    int begin = sample - axis->radius, taps = 2 * axis->radius + 1;
    int cell = (begin - axis->from) / axis->length;
    uint32_t before = 0;

    cell = cell < axis->cells - VANON_GPU_TAPS ? cell : axis->cells - VANON_GPU_TAPS;
    for (int i = 0; i < VANON_GPU_TAPS; i++) {
        int tap = axis->from + (cell + i + 1) * axis->length - begin;
        uint32_t sum = axis->sums[tap < 0 ? 0 : tap > taps ? taps : tap];

        weight[i] = sum - before;
        before = sum;
    }
    return cell;
}

/* Five values `step` apart, weighted; the sum loses `drop` bits, rounded to nearest. */
VANON_HD uint32_t vanon_gpu_smooth(const uint16_t *value, int step,
                                   const uint32_t weight[VANON_GPU_TAPS], int drop)
{
    uint32_t sum = 1u << drop >> 1;

    for (int i = 0; i < VANON_GPU_TAPS; i++)
        sum += value[i * step] * weight[i];
    return sum >> drop;
}

#endif
