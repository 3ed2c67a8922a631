/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolution in float32, for results that can be compared: no tensor cores, no TF32. A matrix
 * product as in conv.cu, in plain tiles. Each number is summed by one thread, tap by tap and
 * channel by channel, so that it is the same whatever the batch.
 */
#include <stdint.h>

#include "elements.h"
#include "kernels.h"
#include "launch.h"

#define TILE    64 /* rows and columns of the result that a block makes */
#define DEPTH   8  /* channels that a step takes: all of one tap */
#define SIDE    4  /* rows and columns that a thread makes */
#define THREADS ((TILE / SIDE) * (TILE / SIDE))

namespace
{

struct product {
    vanon_conv_shape shape;
    vanon_conv_data data;
    int rows; /* output pixels of the batch */
    int column_tiles;
    int in_image; /* numbers of an input image */
};

/* What a block works on: [channel of the step][row or column]. */
struct tiles {
    float a[DEPTH][TILE], b[DEPTH][TILE];
};

static_assert(THREADS == 2 * TILE * DEPTH / 4, "each thread copies four numbers");

/* A thread's four numbers of each step: of one output pixel's input, or of one channel's weights.
 */
struct source {
    const float *from;
    int y, x; /* the pixel's tap 0, 0 */
    int index, channel;
    bool weights, inside;
};

__device__ source find_source(const product &p, int row0, int column0)
{
    const vanon_conv_shape &s = p.shape;
    int place = threadIdx.x % (2 * TILE);
    source c = {};

    c.weights = threadIdx.x >= 2 * TILE;
    c.index = place / 2;
    c.channel = place % 2 * 4;
    if (c.weights) {
        int column = column0 + c.index;

        c.inside = column < s.out_channels;
        c.from = (const float *)p.data.weights +
                 (c.inside ? (size_t)column * s.kernel_height * s.kernel_width * s.in_channels : 0);
    } else {
        int row = row0 + c.index, pixels = s.out_height * s.out_width;
        int pixel = row % pixels;

        c.inside = row < p.rows;
        c.from = (const float *)p.data.input + (c.inside ? (size_t)(row / pixels) * p.in_image : 0);
        c.y = pixel / s.out_width * s.stride - s.pad;
        c.x = pixel % s.out_width * s.stride - s.pad;
    }
    return c;
}

__device__ __forceinline__ void fetch(const product &p, const source &c, tiles *tiles, int tap_y,
                                      int tap_x, int channel)
{
    const vanon_conv_shape &s = p.shape;
    int y = c.y + tap_y, x = c.x + tap_x;
    float4 four = make_float4(0, 0, 0, 0);

    channel += c.channel;
    if (c.weights && c.inside)
        four = *(const float4 *)(c.from + (size_t)(tap_y * s.kernel_width + tap_x) * s.in_channels +
                                 channel);
    else if (c.inside && y >= 0 && y < s.in_height && x >= 0 && x < s.in_width)
        four = *(const float4 *)(c.from + (size_t)(y * s.in_width + x) * s.in_step + channel);
    float(*to)[TILE] = c.weights ? tiles->b : tiles->a;

    to[c.channel][c.index] = four.x;
    to[c.channel + 1][c.index] = four.y;
    to[c.channel + 2][c.index] = four.z;
    to[c.channel + 3][c.index] = four.w;
}

__device__ __forceinline__ void multiply(const tiles *tiles, int down, int across,
                                         float sum[SIDE][SIDE])
{
#pragma unroll
    for (int k = 0; k < DEPTH; k++)
#pragma unroll
        for (int i = 0; i < SIDE; i++)
#pragma unroll
            for (int j = 0; j < SIDE; j++)
                sum[i][j] = __fmaf_rn(tiles->a[k][down + i], tiles->b[k][across + j], sum[i][j]);
}

/* Bias, SiLU, residual. */
__device__ void store(const product &p, int row, int column, const float sum[SIDE][SIDE])
{
    const vanon_conv_shape &s = p.shape;

    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            size_t y = row + i, x = column + j;

            if (y >= (size_t)p.rows || x >= (size_t)s.out_channels)
                continue;
            float value = vanon_gpu_activate<float>(sum[i][j] + p.data.bias[x], s.silu);

            if (s.residual)
                value += ((const float *)p.data.residual)[y * s.residual_step + x];
            ((float *)p.data.output)[y * s.out_step + x] = value;
        }
}

__global__ __launch_bounds__(THREADS) void convolve(const product p)
{
    VANON_SHARED(tiles, shared);
    const vanon_conv_shape &s = p.shape;
    const int row0 = blockIdx.x / p.column_tiles * TILE;
    const int column0 = blockIdx.x % p.column_tiles * TILE;
    const int down = threadIdx.x / (TILE / SIDE) * SIDE;
    const int across = threadIdx.x % (TILE / SIDE) * SIDE;
    const source c = find_source(p, row0, column0);
    float sum[SIDE][SIDE] = {};

    for (int tap_y = 0; tap_y < s.kernel_height; tap_y++)
        for (int tap_x = 0; tap_x < s.kernel_width; tap_x++)
            for (int channel = 0; channel < s.in_channels; channel += DEPTH) {
                fetch(p, c, &shared, tap_y, tap_x, channel);
                __syncthreads();
                multiply(&shared, down, across, sum);
                __syncthreads();
            }
    store(p, row0 + down, column0 + across, sum);
}

} // namespace

int vanon_gpu_conv_single(cudaStream_t stream, const struct vanon_conv_shape *shape,
                          const struct vanon_conv_data *data)
{
    product p = {};

    p.shape = *shape;
    p.data = *data;
    p.rows = shape->batch * shape->out_height * shape->out_width;
    p.column_tiles = (shape->out_channels + TILE - 1) / TILE;
    p.in_image = shape->in_height * shape->in_width * shape->in_step;
    return vanon_launch(stream, (unsigned)((p.rows + TILE - 1) / TILE * p.column_tiles), THREADS,
                        convolve, p);
}
