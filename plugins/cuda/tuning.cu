/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of the preparation: weights, numbers to try engines on, and comparing what came out. */
#include <cuda_fp16.h>

#include "kernels.h"
#include "launch.h"

namespace
{

__global__ __launch_bounds__(256) void halve(const float *from, half *to, size_t count)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i < count)
        to[i] = __float2half_rn(from[i]);
}

/* A good mix of the bits of a number (a multiply and xor-shift hash), so that neighbours differ. */
__device__ __forceinline__ uint32_t mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ x >> 16;
}

template <typename T>
__global__ __launch_bounds__(256) void scatter(T *to, size_t count, float scale, uint32_t seed)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i < count)
        to[i] = (T)(((float)mix((uint32_t)i + seed) / 2147483648.0f - 1.0f) * scale);
}

struct comparison {
    vanon_gpu_size size;
    vanon_gpu_slice a, b;
    float most;
    size_t count;
};

__global__ __launch_bounds__(256) void compare(const comparison c, unsigned *differing)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i >= c.count)
        return;
    size_t pixel = i / c.size.channels, channel = i % c.size.channels;
    float a = __half2float(((const half *)c.a.at)[pixel * c.a.step + channel]);
    float b = __half2float(((const half *)c.b.at)[pixel * c.b.step + channel]);

    if (!(fabsf(a - b) <= c.most * (1 + fabsf(a))))
        atomicAdd(differing, 1u);
}

unsigned blocks(size_t count)
{
    return (unsigned)((count + 255) / 256);
}

} // namespace

int vanon_gpu_halve(cudaStream_t stream, const float *from, void *to, size_t count)
{
    return vanon_launch(stream, blocks(count), 256, halve, from, (half *)to, count);
}

int vanon_gpu_scatter(cudaStream_t stream, void *to, size_t count, float scale, unsigned seed,
                      int is_half)
{
    if (is_half)
        return vanon_launch(stream, blocks(count), 256, scatter<half>, (half *)to, count, scale,
                            seed);
    return vanon_launch(stream, blocks(count), 256, scatter<float>, (float *)to, count, scale,
                        seed);
}

int vanon_gpu_compare(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                      struct vanon_gpu_slice b, float most, unsigned *differing)
{
    comparison c = {size, a, b, most,
                    (size_t)size.batch * size.height * size.width * size.channels};

    return vanon_launch(stream, blocks(c.count), 256, compare, c, differing);
}
