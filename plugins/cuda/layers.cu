/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that are no convolutions. A thread handles a chunk of a pixel's channels, 16 bytes. */
#include "elements.h"
#include "kernels.h"
#include "launch.h"

namespace
{

template <typename T> struct alignas(16) chunk {
    static constexpr int CHANNELS = 16 / sizeof(T);
    T value[CHANNELS];
};

template <typename T> __device__ __forceinline__ chunk<T> load(const T *at)
{
    return *(const chunk<T> *)at;
}

template <typename T> __device__ __forceinline__ void store(T *at, const chunk<T> &value)
{
    *(chunk<T> *)at = value;
}

/* A number that is none stays none. */
__device__ __forceinline__ chunk<half> larger(chunk<half> a, const chunk<half> &b)
{
    half2 *to = (half2 *)a.value;
    const half2 *other = (const half2 *)b.value;

#pragma unroll
    for (int i = 0; i < chunk<half>::CHANNELS / 2; i++)
        to[i] = __hmax2_nan(to[i], other[i]);
    return a;
}

__device__ __forceinline__ chunk<float> larger(chunk<float> a, const chunk<float> &b)
{
#pragma unroll
    for (int i = 0; i < chunk<float>::CHANNELS; i++)
        a.value[i] = a.value[i] >= b.value[i] || isnan(a.value[i]) ? a.value[i] : b.value[i];
    return a;
}

template <typename T> __device__ __forceinline__ chunk<T> lowest()
{
    chunk<T> value;

#pragma unroll
    for (int i = 0; i < chunk<T>::CHANNELS; i++)
        value.value[i] = vanon_gpu_from_float<T>(-INFINITY);
    return value;
}

template <typename T>
__device__ __forceinline__ T *pixel_of(const vanon_gpu_slice &slice, size_t pixel, int channel)
{
    return (T *)slice.at + pixel * slice.step + channel;
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
template <typename T> __global__ __launch_bounds__(TILE *TILE) void pool(const pools p)
{
    VANON_SHARED(chunk<T>[SPAN * SPAN], tile);          /* rows of the source */
    VANON_SHARED(chunk<T>[POOLS][SPAN * TILE], across); /* their maxima along the line */
    const int x0 = blockIdx.x % p.tiles_across * TILE, y0 = blockIdx.x / p.tiles_across * TILE;
    const int channel = blockIdx.y * chunk<T>::CHANNELS, thread = threadIdx.x;
    const size_t image = (size_t)blockIdx.z * p.size.height * p.size.width;

    for (int i = thread; i < SPAN * SPAN; i += TILE * TILE) {
        int x = x0 + i % SPAN - POOL_MOST, y = y0 + i / SPAN - POOL_MOST;
        bool inside = x >= 0 && x < p.size.width && y >= 0 && y < p.size.height;

        tile[i] = inside ? load(pixel_of<T>(p.from, image + (size_t)y * p.size.width + x, channel))
                         : lowest<T>();
    }
    __syncthreads();
    for (int i = thread; i < SPAN * TILE; i += TILE * TILE) {
        const chunk<T> *at = tile + i / TILE * SPAN + i % TILE + POOL_MOST;
        chunk<T> value = *at;
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
        const chunk<T> *at = across[k] + (thread / TILE + POOL_MOST) * TILE + thread % TILE;
        chunk<T> value = *at;

        for (int reach = 1; reach <= (k + 1) * p.radius; reach++)
            value = larger(larger(value, at[reach * TILE]), at[-reach * TILE]);
        store(
            pixel_of<T>(p.to, image + (size_t)y * p.size.width + x, channel + k * p.size.channels),
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

template <typename T> __global__ __launch_bounds__(256) void upsample(const transfer t)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    int per_pixel = t.size.channels / chunk<T>::CHANNELS;

    if (i >= t.count)
        return;
    int channel = (int)(i % per_pixel) * chunk<T>::CHANNELS;
    size_t pixel = i / per_pixel, x = pixel % t.size.width, line = pixel / t.size.width;
    size_t across = (size_t)t.factor * t.size.width;
    size_t first = t.factor * line * across + t.factor * x;
    chunk<T> value = load(pixel_of<T>(t.from, pixel, channel));

    for (int down = 0; down < t.factor; down++)
        for (int right = 0; right < t.factor; right++)
            store(pixel_of<T>(t.to, first + down * across + right, channel), value);
}

template <typename T> __global__ __launch_bounds__(256) void copy(const transfer t)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    int per_pixel = t.size.channels + t.fill;

    if (i >= t.count)
        return;
    int channel = (int)(i % per_pixel);
    size_t pixel = i / per_pixel;

    *pixel_of<T>(t.to, pixel, channel) = channel < t.size.channels
                                             ? *pixel_of<T>(t.from, pixel, channel)
                                             : vanon_gpu_from_float<T>(0);
}

unsigned blocks(size_t count)
{
    return (unsigned)((count + 255) / 256);
}

/* Of a pixel. */
int chunks(const vanon_gpu_size &size)
{
    return size.channels / (size.single ? (int)chunk<float>::CHANNELS : (int)chunk<half>::CHANNELS);
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
    dim3 grid((unsigned)(p.tiles_across * ((size.height + TILE - 1) / TILE)), 1,
              (unsigned)size.batch);

    if (window % 2 == 0 || repeat < 1 || repeat > POOLS || repeat * p.radius > POOL_MOST)
        return cudaErrorInvalidValue;
    grid.y = (unsigned)chunks(size);
    return vanon_launch(stream, grid, TILE * TILE, size.single ? pool<float> : pool<half>, p);
}

int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, int factor,
                       struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    transfer t = {size, from, to, factor, 0, pixels(size) * chunks(size)};

    return vanon_launch(stream, blocks(t.count), 256,
                        size.single ? upsample<float> : upsample<half>, t);
}

int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, int fill,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    transfer t = {size, from, to, 1, fill, pixels(size) * (size.channels + fill)};

    return vanon_launch(stream, blocks(t.count), 256, size.single ? copy<float> : copy<half>, t);
}
