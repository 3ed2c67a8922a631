/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"
#include "surface_kernels.h"

#define SIDE 16 /* a block makes so many by so many cells */

namespace
{

__global__ void take_glance(const vanon_gpu_light light, uint8_t *cells)
{
    int column = blockIdx.x * SIDE + threadIdx.x, row = blockIdx.y * SIDE + threadIdx.y;

    if (column < light.columns && row < light.rows)
        cells[row * light.columns + column] = vanon_gpu_glance_cell(&light, column, row);
}

__global__ void take_camera(const vanon_gpu_light light, uint8_t *cells)
{
    int column = blockIdx.x * SIDE + threadIdx.x, row = blockIdx.y * SIDE + threadIdx.y;

    if (column < light.columns && row < light.rows)
        cells[row * light.columns + column] = vanon_gpu_camera_cell(&light, column, row);
}

dim3 blocks_of(const vanon_gpu_light *light)
{
    return dim3((unsigned)(light->columns + SIDE - 1) / SIDE,
                (unsigned)(light->rows + SIDE - 1) / SIDE);
}

} // namespace

int vanon_gpu_take_glance(cudaStream_t stream, const struct vanon_gpu_light *light, uint8_t *cells)
{
    return vanon_launch(stream, blocks_of(light), dim3(SIDE, SIDE), take_glance, *light, cells);
}

int vanon_gpu_take_camera(cudaStream_t stream, const struct vanon_gpu_light *light, uint8_t *cells)
{
    return vanon_launch(stream, blocks_of(light), dim3(SIDE, SIDE), take_camera, *light, cells);
}
