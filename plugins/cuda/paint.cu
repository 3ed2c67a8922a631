/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"
#include "paint.h"

#define SIDE  16  /* a block handles so many by so many samples */
#define MEANS 256 /* threads that sum up a cell */

namespace
{

struct work {
    vanon_gpu_plane plane;
    vanon_gpu_coverage coverage;
    vanon_gpu_cells cells;
    vanon_gpu_axis across, down;
    const uint16_t *values;
    uint16_t *line;
    unsigned value;
};

/* This thread's sample, in the plane; false: it is none, or not covered. */
__device__ __forceinline__ bool sample_of(const work &w, int &x, int &y, uint32_t &covered)
{
    int column = blockIdx.x * SIDE + threadIdx.x, row = blockIdx.y * SIDE + threadIdx.y;

    x = w.coverage.at.x + column;
    y = w.coverage.at.y + row;
    if (column >= w.coverage.at.width || row >= w.coverage.at.height || x < 0 || y < 0 ||
        x >= w.plane.width || y >= w.plane.height)
        return false;
    covered = w.coverage.line[row * w.coverage.stride + column];
    return covered != 0;
}

dim3 blocks_of(const vanon_gpu_rect &at)
{
    return dim3((unsigned)(at.width + SIDE - 1) / SIDE, (unsigned)(at.height + SIDE - 1) / SIDE);
}

__global__ void paint_flat(const work w)
{
    uint32_t covered;
    int x, y;

    if (sample_of(w, x, y, covered))
        vanon_gpu_blend(&w.plane, x, y, w.value, covered);
}

/* A block a cell. */
__global__ __launch_bounds__(MEANS) void find_means(const work w, uint16_t *means)
{
    VANON_SHARED(uint64_t[MEANS], shared);
    vanon_gpu_rect at = vanon_gpu_cell_samples(&w.cells, &w.plane, blockIdx.x, blockIdx.y);
    uint64_t sum = 0;

    for (int i = threadIdx.x; i < at.width * at.height; i += MEANS)
        sum += vanon_gpu_read(&w.plane, at.x + i % at.width, at.y + i / at.width);
    shared[threadIdx.x] = sum;
    __syncthreads();
    for (int half = MEANS / 2; half > 0; half /= 2) {
        if ((int)threadIdx.x < half)
            shared[threadIdx.x] += shared[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        means[blockIdx.y * w.cells.columns + blockIdx.x] =
            vanon_gpu_mean(shared[0], (uint64_t)at.width * at.height);
}

/* Bits of a sample, as the plane's words have room for: a decoder may leave rubbish above a
 * format's depth. */
__device__ __forceinline__ int bits_of(const vanon_gpu_plane &plane)
{
    return 8 * plane.bytes - plane.shift;
}

/* Rows of cells, smoothed along the line: 16 bits a value. */
__global__ void smooth_across(const work w)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y;
    uint32_t weight[VANON_GPU_TAPS];

    if (column >= w.coverage.at.width)
        return;
    int cell = vanon_gpu_weigh(&w.across, w.coverage.at.x + column, weight);

    w.line[row * w.coverage.at.width + column] = (uint16_t)vanon_gpu_smooth(
        w.values + row * w.across.cells + cell, 1, weight, bits_of(w.plane) - 1);
}

__global__ void smooth_down(const work w)
{
    uint32_t covered, weight[VANON_GPU_TAPS];
    int x, y;

    if (!sample_of(w, x, y, covered))
        return;
    int width = w.coverage.at.width, cell = vanon_gpu_weigh(&w.down, y, weight);
    const uint16_t *line = w.line + cell * width + (x - w.coverage.at.x);

    vanon_gpu_blend(&w.plane, x, y, vanon_gpu_smooth(line, width, weight, 31 - bits_of(w.plane)),
                    covered);
}

} // namespace

int vanon_gpu_paint_flat(cudaStream_t stream, const struct vanon_gpu_plane *plane,
                         const struct vanon_gpu_coverage *coverage, unsigned value)
{
    work w = {*plane, *coverage, {}, {}, {}, nullptr, nullptr, value};

    return vanon_launch(stream, blocks_of(coverage->at), dim3(SIDE, SIDE), paint_flat, w);
}

int vanon_gpu_cell_means(cudaStream_t stream, const struct vanon_gpu_plane *source,
                         const struct vanon_gpu_cells *cells, uint16_t *means)
{
    work w = {*source, {}, *cells, {}, {}, nullptr, nullptr, 0};

    return vanon_launch(stream, dim3((unsigned)cells->columns, (unsigned)cells->rows), MEANS,
                        find_means, w, means);
}

int vanon_gpu_paint_smooth(cudaStream_t stream, const struct vanon_gpu_plane *plane,
                           const struct vanon_gpu_coverage *coverage,
                           const struct vanon_gpu_axis *across, const struct vanon_gpu_axis *down,
                           const uint16_t *values, uint16_t *line)
{
    work w = {*plane, *coverage, {}, *across, *down, values, line, 0};
    int error;

    if (across->cells < VANON_GPU_TAPS || down->cells < VANON_GPU_TAPS)
        return cudaErrorInvalidValue;
    error = vanon_launch(stream,
                         dim3((unsigned)(coverage->at.width + 127) / 128, (unsigned)down->cells),
                         128, smooth_across, w);
    if (!error)
        error = vanon_launch(stream, blocks_of(coverage->at), dim3(SIDE, SIDE), smooth_down, w);
    return error;
}
