/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolution as a matrix product on tensor cores: rows are output pixels, columns output channels,
 * the sum runs over taps and input channels, gathered on the way into shared memory. It takes every
 * shape that a plan can have; cuDNN's engines are used where they are faster.
 */
#include "kernels.h"
#include "tensor_core.h"

#define DEPTH   32 /* halves of the sum that a step takes */
#define CHUNK   8  /* halves that are copied at once: 16 bytes */
#define CHUNKS  (DEPTH / CHUNK)
#define STAGES  3
#define THREADS 128

namespace
{

struct geometry {
    vanon_conv_shape shape;
    vanon_conv_data data;
    int rows; /* output pixels of the batch */
    int row_tiles, column_tiles;
    int steps;    /* of DEPTH */
    int in_image; /* halves of an input image */
};

/* Shared memory holds rows of CHUNKS chunks; chunks are swapped so that eight rows of one column
 * lie in different banks. */
__device__ __forceinline__ int place(int row, int chunk)
{
    return row * DEPTH + ((chunk ^ ((row >> 1) & (CHUNKS - 1))) * CHUNK);
}

__device__ __forceinline__ float activate(float x, bool silu)
{
    return silu ? x / (1.0f + __expf(-x)) : x;
}

/* A block computes ROWS x COLUMNS of the result with four warps, `WarpsDown` of them one below the
 * other. A thread copies one chunk column of several rows. */
template <int Rows, int Columns, int WarpsDown> struct tiling {
    static constexpr int ROWS = Rows, COLUMNS = Columns;
    static constexpr int WARPS_ACROSS = THREADS / 32 / WarpsDown;
    static constexpr int WARP_ROWS = ROWS / WarpsDown, WARP_COLUMNS = COLUMNS / WARPS_ACROSS;
    static constexpr int DOWN = WARP_ROWS / 16, ACROSS = WARP_COLUMNS / 8;
    static constexpr int ROW_STEP = THREADS / CHUNKS;
    static constexpr int A_ROWS = ROWS / ROW_STEP, B_ROWS = COLUMNS / ROW_STEP;
    static constexpr int STAGE = (ROWS + COLUMNS) * DEPTH;
    static constexpr int OUT_STEP = COLUMNS + CHUNK;
    static constexpr int SHARED = STAGES * STAGE > ROWS *OUT_STEP ? STAGES *STAGE : ROWS *OUT_STEP;
    static_assert(SHARED * 2 <= 48 * 1024, "static shared memory");
};

/* Where a thread copies from. */
template <typename T> struct cursor {
    int from[T::A_ROWS], in_y[T::A_ROWS], in_x[T::A_ROWS]; /* of its rows; their tap 0, 0 */
    int channel, tap_y, tap_x, at; /* the chunk's place in the sum, moved on by DEPTH each step */
};

/* Channels beyond the last are the next taps'. */
template <typename T>
__device__ __forceinline__ void settle(cursor<T> &c, const vanon_conv_shape &s)
{
    while (c.channel >= s.in_channels) {
        c.channel -= s.in_channels;
        if (++c.tap_x == s.kernel_width) {
            c.tap_x = 0;
            c.tap_y++;
        }
    }
}

template <typename T>
__device__ __forceinline__ void begin(cursor<T> &c, const geometry &g, int row0)
{
    const vanon_conv_shape &s = g.shape;
    const int chunk = threadIdx.x % CHUNKS, first_row = threadIdx.x / CHUNKS;

#pragma unroll
    for (int i = 0; i < T::A_ROWS; i++) {
        int row = row0 + first_row + i * T::ROW_STEP;
        int pixels = s.out_height * s.out_width;
        int image = row / pixels, pixel = row % pixels;

        c.in_y[i] = row < g.rows ? pixel / s.out_width * s.stride - s.pad : -(1 << 20);
        c.in_x[i] = pixel % s.out_width * s.stride - s.pad;
        c.from[i] = row < g.rows ? image * g.in_image : 0;
    }
    c.channel = c.at = chunk * CHUNK;
    c.tap_y = c.tap_x = 0;
    settle(c, s);
}

/* Starts copying the next DEPTH of the sum to `a`, rows of input, then columns of weights. */
template <typename T>
__device__ __forceinline__ void fetch(cursor<T> &c, const geometry &g, int column0, half *a)
{
    const vanon_conv_shape &s = g.shape;
    const half *input = (const half *)g.data.input, *weights = (const half *)g.data.weights;
    const int chunk = threadIdx.x % CHUNKS, first_row = threadIdx.x / CHUNKS;
    const int depth = s.kernel_height * s.kernel_width * s.in_channels;
    half *b = a + T::ROWS * DEPTH;
    bool inside = c.at < depth;

#pragma unroll
    for (int i = 0; i < T::A_ROWS; i++) {
        int y = c.in_y[i] + c.tap_y, x = c.in_x[i] + c.tap_x;
        bool valid =
            inside && (unsigned)y < (unsigned)s.in_height && (unsigned)x < (unsigned)s.in_width;
        const half *source =
            input +
            (valid ? (size_t)c.from[i] + (size_t)((y * s.in_width + x) * s.in_step) + c.channel
                   : 0);

        vanon_copy_async(a + place(first_row + i * T::ROW_STEP, chunk), source, valid);
    }
#pragma unroll
    for (int i = 0; i < T::B_ROWS; i++) {
        int column = column0 + first_row + i * T::ROW_STEP;
        bool valid = inside && column < s.out_channels;
        const half *source = weights + (valid ? (size_t)column * depth + c.at : 0);

        vanon_copy_async(b + place(first_row + i * T::ROW_STEP, chunk), source, valid);
    }
    c.at += DEPTH;
    c.channel += DEPTH;
    settle(c, s);
}

/* A warp's sums, and where they are in the block's part of the result. */
template <typename T> struct product {
    float sum[T::DOWN][T::ACROSS][4];
    int row, column;
};

template <typename T> __device__ __forceinline__ void add_step(product<T> &p, const half *a)
{
    const half *b = a + T::ROWS * DEPTH;
    const int lane = threadIdx.x % 32;

#pragma unroll
    for (int part = 0; part < DEPTH / 16; part++) {
        uint32_t rows[T::DOWN][4], columns[T::ACROSS / 2][4];

#pragma unroll
        for (int i = 0; i < T::DOWN; i++)
            vanon_load_matrices(rows[i],
                                a + place(p.row + i * 16 + lane % 16, part * 2 + lane / 16));
#pragma unroll
        for (int i = 0; i < T::ACROSS / 2; i++)
            vanon_load_matrices(columns[i], b + place(p.column + i * 16 + lane % 8 + lane / 16 * 8,
                                                      part * 2 + lane / 8 % 2));
#pragma unroll
        for (int i = 0; i < T::DOWN; i++)
#pragma unroll
            for (int j = 0; j < T::ACROSS; j++)
                vanon_multiply_add(p.sum[i][j], rows[i], columns[j / 2][j % 2 * 2],
                                   columns[j / 2][j % 2 * 2 + 1]);
    }
}

/* Bias and SiLU in float32, into shared memory, so that whole chunks are written from there. */
template <typename T>
__device__ __forceinline__ void put_aside(const product<T> &p, const geometry &g, int column0,
                                          half *shared)
{
    const vanon_conv_shape &s = g.shape;
    const int lane = threadIdx.x % 32;

#pragma unroll
    for (int j = 0; j < T::ACROSS; j++) {
        int column = p.column + j * 8 + lane % 4 * 2;
        bool valid = column0 + column < s.out_channels;
        float bias0 = valid ? g.data.bias[column0 + column] : 0;
        float bias1 = valid ? g.data.bias[column0 + column + 1] : 0;

#pragma unroll
        for (int i = 0; i < T::DOWN; i++) {
            int row = p.row + i * 16 + lane / 4;
            const float *sum = p.sum[i][j];

            *(half2 *)(shared + row * T::OUT_STEP + column) = __floats2half2_rn(
                activate(sum[0] + bias0, s.silu), activate(sum[1] + bias1, s.silu));
            *(half2 *)(shared + (row + 8) * T::OUT_STEP + column) = __floats2half2_rn(
                activate(sum[2] + bias0, s.silu), activate(sum[3] + bias1, s.silu));
        }
    }
}

template <typename T>
__device__ __forceinline__ void write_out(const geometry &g, int row0, int column0,
                                          const half *shared)
{
    const vanon_conv_shape &s = g.shape;

    for (int i = threadIdx.x; i < T::ROWS * T::COLUMNS / CHUNK; i += THREADS) {
        int row = i / (T::COLUMNS / CHUNK), column = i % (T::COLUMNS / CHUNK) * CHUNK;

        if (row0 + row >= g.rows || column0 + column >= s.out_channels)
            continue;
        uint4 value = *(const uint4 *)(shared + row * T::OUT_STEP + column);
        if (s.residual) {
            uint4 other =
                *(const uint4 *)((const half *)g.data.residual +
                                 (size_t)(row0 + row) * s.residual_step + column0 + column);
            half2 *to = (half2 *)&value, *add = (half2 *)&other;
#pragma unroll
            for (int k = 0; k < 4; k++)
                to[k] = __hadd2(to[k], add[k]);
        }
        *(uint4 *)((half *)g.data.output + (size_t)(row0 + row) * s.out_step + column0 + column) =
            value;
    }
}

template <typename T> __global__ __launch_bounds__(THREADS) void convolve(const geometry g)
{
    VANON_SHARED(half[T::SHARED], shared);
    const int warp = threadIdx.x / 32;
    const int row0 = (blockIdx.x / g.column_tiles) * T::ROWS;
    const int column0 = (blockIdx.x % g.column_tiles) * T::COLUMNS;
    cursor<T> cursor;
    product<T> product = {};

    product.row = warp / T::WARPS_ACROSS * T::WARP_ROWS;
    product.column = warp % T::WARPS_ACROSS * T::WARP_COLUMNS;
    begin(cursor, g, row0);
#pragma unroll
    for (int stage = 0; stage < STAGES - 1; stage++) {
        if (stage < g.steps)
            fetch(cursor, g, column0, shared + stage * T::STAGE);
        vanon_commit_copies();
    }
    for (int step = 0; step < g.steps; step++) {
        vanon_wait_for_copies<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < g.steps)
            fetch(cursor, g, column0, shared + (step + STAGES - 1) % STAGES * T::STAGE);
        vanon_commit_copies();
        add_step(product, shared + step % STAGES * T::STAGE);
    }
    vanon_wait_for_copies<0>();
    __syncthreads();
    put_aside(product, g, column0, shared);
    __syncthreads();
    write_out<T>(g, row0, column0, shared);
}

template <int ROWS, int COLUMNS, int WARPS_DOWN> int launch(geometry g, cudaStream_t stream)
{
    g.row_tiles = (g.rows + ROWS - 1) / ROWS;
    g.column_tiles = (g.shape.out_channels + COLUMNS - 1) / COLUMNS;
    return vanon_launch(stream, (unsigned)(g.row_tiles * g.column_tiles), THREADS,
                        convolve<tiling<ROWS, COLUMNS, WARPS_DOWN>>, g);
}

} // namespace

int vanon_gpu_conv(cudaStream_t stream, int variant, const struct vanon_conv_shape *shape,
                   const struct vanon_conv_data *data)
{
    geometry g = {};

    g.shape = *shape;
    g.data = *data;
    g.rows = shape->batch * shape->out_height * shape->out_width;
    g.steps = (shape->kernel_height * shape->kernel_width * shape->in_channels + DEPTH - 1) / DEPTH;
    g.in_image = shape->in_height * shape->in_width * shape->in_step;
    switch (variant) {
    case 0:
        return launch<128, 64, 2>(g, stream);
    case 1:
        return launch<64, 64, 2>(g, stream);
    case 2:
        return launch<64, 32, 2>(g, stream);
    case 3:
        return launch<128, 32, 4>(g, stream);
    case 4:
        return launch<128, 128, 2>(g, stream);
    case 5:
        return launch<32, 64, 1>(g, stream);
    default:
        return cudaErrorInvalidValue;
    }
}
