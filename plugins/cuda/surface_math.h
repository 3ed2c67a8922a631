/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's brightness in cells, host and device: what pixels/glance.h and pixels/camera_cells.h
 * say of the CPU's. Pure.
 */
#ifndef VANON_CUDA_SURFACE_MATH_H
#define VANON_CUDA_SURFACE_MATH_H

#include "paint_math.h"

#define VANON_GPU_GLANCE 4 /* samples of a glance's cell along each axis */
#define VANON_GPU_LINES  2 /* that are read of a row of the camera's cells */

/* A plane of brightness, and which cells it has. */
struct vanon_gpu_light {
    struct vanon_gpu_plane plane;
    int32_t depth; /* bits of a sample */
    int32_t columns, rows;
};

VANON_HD uint32_t vanon_gpu_light_at(const struct vanon_gpu_light *light, int x, int y)
{
    return vanon_gpu_read(&light->plane, x, y) >> (light->depth - 8);
}

/* Where the i-th of `count` pieces of `size` samples begins, and its middle. */
VANON_HD int vanon_gpu_begin(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

VANON_HD int vanon_gpu_middle(int i, int count, int size)
{
    return (int)(((int64_t)2 * i + 1) * size / (2 * count));
}

VANON_HD uint8_t vanon_gpu_glance_cell(const struct vanon_gpu_light *light, int column, int row)
{
    const int pieces = VANON_GPU_GLANCE * VANON_GPU_GLANCE;
    uint32_t sum = pieces / 2;

    for (int i = 0; i < pieces; i++)
        sum += vanon_gpu_light_at(
            light,
            vanon_gpu_middle(column * VANON_GPU_GLANCE + i % VANON_GPU_GLANCE,
                             light->columns * VANON_GPU_GLANCE, light->plane.width),
            vanon_gpu_middle(row * VANON_GPU_GLANCE + i / VANON_GPU_GLANCE,
                             light->rows * VANON_GPU_GLANCE, light->plane.height));
    return (uint8_t)(sum / pieces);
}

VANON_HD uint8_t vanon_gpu_camera_cell(const struct vanon_gpu_light *light, int column, int row)
{
    int left = vanon_gpu_begin(column, light->columns, light->plane.width);
    int width = vanon_gpu_begin(column + 1, light->columns, light->plane.width) - left;
    int top = vanon_gpu_begin(row, light->rows, light->plane.height);
    int height = vanon_gpu_begin(row + 1, light->rows, light->plane.height) - top;
    int lines = height < VANON_GPU_LINES ? height : VANON_GPU_LINES;
    uint32_t sum = 0;

    width = width > 0 ? width : 1;
    lines = lines > 0 ? lines : 1;
    for (int i = 0; i < lines; i++)
        for (int x = left; x < left + width; x++)
            sum += vanon_gpu_light_at(light, x, top + vanon_gpu_begin(i, lines, height)) & 255;
    return (uint8_t)((sum * ((1u << 20) / (uint32_t)(width * lines)) + (1u << 19)) >> 20);
}

#endif
