/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that are no convolutions. A thread handles a chunk of 8 channels of a pixel. */
#include <cuda_fp16.h>

#include "kernels.h"

#define CHUNK 8

namespace
{

/* Eight channels. */
struct chunk {
    half2 pair[CHUNK / 2];
};

static_assert(sizeof(chunk) == sizeof(uint4), "copied as one");

__device__ __forceinline__ chunk load(const void *at)
{
    union {
        uint4 whole;
        chunk part;
    } both;

    both.whole = *(const uint4 *)at;
    return both.part;
}

__device__ __forceinline__ void store(void *at, chunk value)
{
    union {
        uint4 whole;
        chunk part;
    } both;

    both.part = value;
    *(uint4 *)at = both.whole;
}

__device__ __forceinline__ chunk larger(chunk a, const chunk &b)
{
#pragma unroll
    for (int i = 0; i < CHUNK / 2; i++)
        a.pair[i] = __hmax2_nan(a.pair[i], b.pair[i]);
    return a;
}

__device__ __forceinline__ chunk lowest()
{
    chunk value;

#pragma unroll
    for (int i = 0; i < CHUNK / 2; i++)
        value.pair[i] = __half2half2(__ushort_as_half(0xfc00)); /* minus infinity */
    return value;
}

__device__ __forceinline__ half *pixel_of(const vanon_gpu_slice &slice, size_t pixel, int channel)
{
    return (half *)slice.at + pixel * slice.step + channel;
}

/* Pools */

#define TILE      16
#define POOLS     3
#define POOL_MOST 6 /* the widest window reaches so far: three of 5, or one of 13 */
#define SPAN      (TILE + 2 * POOL_MOST)

struct pools {
    vanon_gpu_size size;
    vanon_gpu_slice from, to; /* result i: i * size.channels channels on */
    int radius;               /* of the first; each next window is as much wider */
    int count, tiles_across;
};

/* Windows of a square are maxima along lines, then along columns; windows in a row are one larger
 * window. Outside the picture there is nothing. */
__global__ __launch_bounds__(TILE *TILE) void pool(const pools p)
{
    __shared__ chunk tile[SPAN * SPAN];          /* rows of the source */
    __shared__ chunk across[POOLS][SPAN * TILE]; /* their maxima along the line */
    const int x0 = blockIdx.x % p.tiles_across * TILE, y0 = blockIdx.x / p.tiles_across * TILE;
    const int channel = blockIdx.y * CHUNK, thread = threadIdx.x;
    const size_t image = (size_t)blockIdx.z * p.size.height * p.size.width;

    for (int i = thread; i < SPAN * SPAN; i += TILE * TILE) {
        int x = x0 + i % SPAN - POOL_MOST, y = y0 + i / SPAN - POOL_MOST;
        bool inside = x >= 0 && x < p.size.width && y >= 0 && y < p.size.height;

        tile[i] = inside ? load(pixel_of(p.from, image + (size_t)y * p.size.width + x, channel))
                         : lowest();
    }
    __syncthreads();
    for (int i = thread; i < SPAN * TILE; i += TILE * TILE) {
        const chunk *at = tile + i / TILE * SPAN + i % TILE + POOL_MOST;
        chunk value = *at;
        int reach = 0;

        for (int k = 0; k < p.count; k++) {
            for (; reach < (k + 1) * p.radius; reach++)
                value = larger(larger(value, at[reach + 1]), at[-reach - 1]);
            across[k][i] = value;
        }
    }
    __syncthreads();
    int x = x0 + thread % TILE, y = y0 + thread / TILE;
    if (x >= p.size.width || y >= p.size.height)
        return;
    for (int k = 0; k < p.count; k++) {
        const chunk *at = across[k] + (thread / TILE + POOL_MOST) * TILE + thread % TILE;
        chunk value = *at;

        for (int reach = 1; reach <= (k + 1) * p.radius; reach++)
            value = larger(larger(value, at[reach * TILE]), at[-reach * TILE]);
        store(pixel_of(p.to, image + (size_t)y * p.size.width + x, channel + k * p.size.channels),
              value);
    }
}

/* Pixel by pixel */

struct transfer {
    vanon_gpu_size size;
    vanon_gpu_slice from, to;
    int factor, fill;
    size_t count; /* of what a thread handles, all pictures */
};

__global__ __launch_bounds__(256) void upsample(const transfer t)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    int per_pixel = t.size.channels / CHUNK;

    if (i >= t.count)
        return;
    int channel = (int)(i % per_pixel) * CHUNK;
    size_t pixel = i / per_pixel, x = pixel % t.size.width, line = pixel / t.size.width;
    size_t across = (size_t)t.factor * t.size.width;
    size_t first = t.factor * line * across + t.factor * x;
    chunk value = load(pixel_of(t.from, pixel, channel));

    for (int down = 0; down < t.factor; down++)
        for (int right = 0; right < t.factor; right++)
            store(pixel_of(t.to, first + down * across + right, channel), value);
}

__global__ __launch_bounds__(256) void copy(const transfer t)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    int per_pixel = t.size.channels + t.fill;

    if (i >= t.count)
        return;
    int channel = (int)(i % per_pixel);
    size_t pixel = i / per_pixel;

    *pixel_of(t.to, pixel, channel) =
        channel < t.size.channels ? *pixel_of(t.from, pixel, channel) : __ushort_as_half(0);
}

unsigned blocks(size_t count)
{
    return (unsigned)((count + 255) / 256);
}

size_t pixels(const vanon_gpu_size &size)
{
    return (size_t)size.batch * size.height * size.width;
}

} // namespace

int vanon_gpu_pool(cudaStream_t stream, struct vanon_gpu_size size, int window, int repeat,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    pools p = {size, from, to, window / 2, repeat, (size.width + TILE - 1) / TILE};
    int tiles_down = (size.height + TILE - 1) / TILE;

    if (window % 2 == 0 || repeat < 1 || repeat > POOLS || repeat * p.radius > POOL_MOST)
        return cudaErrorInvalidValue;
    pool<<<dim3((unsigned)(p.tiles_across * tiles_down), (unsigned)(size.channels / CHUNK),
                (unsigned)size.batch),
           TILE * TILE, 0, stream>>>(p);
    return cudaGetLastError();
}

int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, int factor,
                       struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    transfer t = {size, from, to, factor, 0, pixels(size) * (size.channels / CHUNK)};

    upsample<<<blocks(t.count), 256, 0, stream>>>(t);
    return cudaGetLastError();
}

int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, int fill,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    transfer t = {size, from, to, 1, fill, pixels(size) * (size.channels + fill)};

    copy<<<blocks(t.count), 256, 0, stream>>>(t);
    return cudaGetLastError();
}
