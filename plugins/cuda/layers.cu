/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that are no convolutions. A thread handles a chunk of 8 channels of a pixel. */
#include <cuda_fp16.h>

#include "kernels.h"

#define CHUNK 8

namespace {

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
#define POOL_MOST 6 /* the widest window reaches so far: three of 5, or one of 13 */
#define SPAN      (TILE + 2 * POOL_MOST)

struct pools {
    vanon_gpu_size size;
    vanon_gpu_slice from, to[3];
    int radius[3]; /* rising */
    int count, tiles_across;
};

/* Windows of a square are maxima along lines, then along columns; windows in a row are one larger
 * window. Outside the picture there is nothing. */
__global__ __launch_bounds__(TILE *TILE) void pool(const pools p)
{
    __shared__ chunk tile[SPAN * SPAN];      /* rows of the source */
    __shared__ chunk across[3][SPAN * TILE]; /* their maxima along the line */
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
            for (; reach < p.radius[k]; reach++)
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

        for (int reach = 1; reach <= p.radius[k]; reach++)
            value = larger(larger(value, at[reach * TILE]), at[-reach * TILE]);
        store(pixel_of(p.to[k], image + (size_t)y * p.size.width + x, channel), value);
    }
}

cudaError_t launch_pools(cudaStream_t stream, pools &p)
{
    int tiles_down = (p.size.height + TILE - 1) / TILE;

    p.tiles_across = (p.size.width + TILE - 1) / TILE;
    dim3 grid((unsigned)(p.tiles_across * tiles_down), (unsigned)(p.size.channels / CHUNK),
              (unsigned)p.size.batch);
    pool<<<grid, TILE * TILE, 0, stream>>>(p);
    return cudaGetLastError();
}

/* Pixel by pixel */

enum simple_kind { COPY, ADD, UPSAMPLE };

struct simple {
    vanon_gpu_size size;
    vanon_gpu_slice a, b, to;
    size_t chunks; /* of all pictures */
    int per_pixel;
};

template <simple_kind KIND> __global__ __launch_bounds__(256) void transfer(const simple s)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i >= s.chunks)
        return;
    int channel = (int)(i % s.per_pixel) * CHUNK;
    size_t pixel = i / s.per_pixel;
    chunk value = load(pixel_of(s.a, pixel, channel));

    if (KIND == ADD) {
        chunk other = load(pixel_of(s.b, pixel, channel));
#pragma unroll
        for (int k = 0; k < CHUNK / 2; k++)
            value.pair[k] = __hadd2(value.pair[k], other.pair[k]);
    }
    if (KIND == UPSAMPLE) {
        size_t x = pixel % s.size.width, line = pixel / s.size.width; /* of all pictures */
        size_t across = 2 * (size_t)s.size.width, first = 2 * line * across + 2 * x;

        store(pixel_of(s.to, first, channel), value);
        store(pixel_of(s.to, first + 1, channel), value);
        store(pixel_of(s.to, first + across, channel), value);
        store(pixel_of(s.to, first + across + 1, channel), value);
        return;
    }
    store(pixel_of(s.to, pixel, channel), value);
}

template <simple_kind KIND> cudaError_t launch_simple(cudaStream_t stream, simple s)
{
    s.per_pixel = s.size.channels / CHUNK;
    s.chunks = (size_t)s.size.batch * s.size.height * s.size.width * s.per_pixel;
    transfer<KIND><<<(unsigned)((s.chunks + 255) / 256), 256, 0, stream>>>(s);
    return cudaGetLastError();
}

} // namespace

int vanon_gpu_pool3(cudaStream_t stream, struct vanon_gpu_size size, int window,
                    struct vanon_gpu_slice from, const struct vanon_gpu_slice to[3])
{
    pools p = {size, from, {to[0], to[1], to[2]}, {}, 3, 0};

    if (window % 2 == 0 || 3 * (window / 2) > POOL_MOST)
        return cudaErrorInvalidValue;
    for (int i = 0; i < 3; i++)
        p.radius[i] = (i + 1) * (window / 2);
    return launch_pools(stream, p);
}

int vanon_gpu_pool(cudaStream_t stream, struct vanon_gpu_size size, int window,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    pools p = {size, from, {to}, {window / 2}, 1, 0};

    if (window % 2 == 0 || window / 2 > POOL_MOST)
        return cudaErrorInvalidValue;
    return launch_pools(stream, p);
}

int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice from,
                       struct vanon_gpu_slice to)
{
    return launch_simple<UPSAMPLE>(stream, {size, from, from, to, 0, 0});
}

int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice from,
                   struct vanon_gpu_slice to)
{
    return launch_simple<COPY>(stream, {size, from, from, to, 0, 0});
}

int vanon_gpu_add(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                  struct vanon_gpu_slice b, struct vanon_gpu_slice to)
{
    return launch_simple<ADD>(stream, {size, a, b, to, 0, 0});
}
