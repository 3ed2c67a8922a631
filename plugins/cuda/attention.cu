/* SPDX-License-Identifier: Apache-2.0 */
/* What YOLO11 has and YOLOv8 has not: depthwise convolutions and attention. Small layers, written
 * for being right. */
#include "elements.h"
#include "kernels.h"
#include "launch.h"

#define THREADS 128

namespace
{

struct depthwise {
    vanon_conv_shape shape;
    vanon_conv_data data;
    size_t count;
};

template <typename T> __global__ __launch_bounds__(256) void convolve_each(const depthwise d)
{
    const vanon_conv_shape &s = d.shape;
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i >= d.count)
        return;
    int channel = (int)(i % s.out_channels);
    size_t pixel = i / s.out_channels, line = pixel / s.out_width;
    int x0 = (int)(pixel % s.out_width) * s.stride - s.pad;
    int y0 = (int)(line % s.out_height) * s.stride - s.pad;
    const T *weights =
        (const T *)d.data.weights + (size_t)channel * s.kernel_height * s.kernel_width;
    const T *image = (const T *)d.data.input +
                     line / s.out_height * s.in_height * s.in_width * s.in_step + channel;
    float sum = d.data.bias[channel];

    for (int r = 0; r < s.kernel_height; r++)
        for (int c = 0; c < s.kernel_width; c++) {
            int y = y0 + r, x = x0 + c;

            if (y >= 0 && y < s.in_height && x >= 0 && x < s.in_width)
                sum += vanon_gpu_to_float(image[((size_t)y * s.in_width + x) * s.in_step]) *
                       vanon_gpu_to_float(weights[r * s.kernel_width + c]);
        }
    sum = vanon_gpu_activate<T>(sum, s.silu);
    if (s.residual)
        sum += vanon_gpu_to_float(((const T *)d.data.residual)[pixel * s.residual_step + channel]);
    ((T *)d.data.output)[pixel * s.out_step + channel] = vanon_gpu_from_float<T>(sum);
}

/* The sum or the maximum of a block's numbers; every thread gets it. */
template <bool MAXIMUM> __device__ float reduce(float value, float *shared)
{
    shared[threadIdx.x] = value;
    __syncthreads();
    for (int half_of = THREADS / 2; half_of > 0; half_of /= 2) {
        if ((int)threadIdx.x < half_of) {
            float other = shared[threadIdx.x + half_of];

            shared[threadIdx.x] =
                MAXIMUM ? fmaxf(shared[threadIdx.x], other) : shared[threadIdx.x] + other;
        }
        __syncthreads();
    }
    value = shared[0];
    __syncthreads();
    return value;
}

/* A block makes one pixel of one head. */
template <typename T>
__global__ __launch_bounds__(THREADS) void attend(vanon_gpu_size size, vanon_gpu_attention a,
                                                  vanon_gpu_slice from, vanon_gpu_slice to)
{
    /* Of each pixel. The compiler reads four at a time, also at the end: there is room. */
    VANON_SHARED_REST(float, weight);
    VANON_SHARED(float[VANON_GPU_KEY], query);
    VANON_SHARED(float[THREADS], shared);
    const int pixels = size.height * size.width, head = blockIdx.y, thread = threadIdx.x;
    const T *image =
        (const T *)from.at + (size_t)blockIdx.z * pixels * from.step + head * (2 * a.key + a.value);
    float top = -INFINITY, sum = 0;

    for (int i = thread; i < a.key; i += THREADS)
        query[i] = vanon_gpu_to_float(image[(size_t)blockIdx.x * from.step + i]) * a.scale;
    __syncthreads();
    for (int j = thread; j < pixels; j += THREADS) {
        const T *key = image + (size_t)j * from.step + a.key;
        float product = 0;

        for (int i = 0; i < a.key; i++)
            product += query[i] * vanon_gpu_to_float(key[i]);
        weight[j] = product;
        top = fmaxf(top, product);
    }
    top = reduce<true>(top, shared);
    for (int j = thread; j < pixels; j += THREADS) {
        weight[j] = vanon_gpu_exp<T>(weight[j] - top);
        sum += weight[j];
    }
    sum = reduce<false>(sum, shared);
    for (int i = thread; i < a.value; i += THREADS) {
        float value = 0;

        for (int j = 0; j < pixels; j++)
            value += weight[j] * vanon_gpu_to_float(image[(size_t)j * from.step + 2 * a.key + i]);
        ((T *)to.at)[((size_t)blockIdx.z * pixels + blockIdx.x) * to.step + head * a.value + i] =
            vanon_gpu_from_float<T>(value / sum);
    }
}

} // namespace

int vanon_gpu_depthwise(cudaStream_t stream, const struct vanon_conv_shape *shape,
                        const struct vanon_conv_data *data)
{
    depthwise d = {*shape, *data,
                   (size_t)shape->batch * shape->out_height * shape->out_width *
                       shape->out_channels};

    unsigned blocks = (unsigned)((d.count + 255) / 256);

    return vanon_launch(stream, blocks, 256,
                        shape->single ? convolve_each<float> : convolve_each<half>, d);
}

int vanon_gpu_attend(cudaStream_t stream, struct vanon_gpu_size size,
                     const struct vanon_gpu_attention *attention, struct vanon_gpu_slice from,
                     struct vanon_gpu_slice to)
{
    int pixels = size.height * size.width;

    if (attention->key > VANON_GPU_KEY || attention->value > VANON_GPU_VALUE ||
        pixels > VANON_GPU_ATTEND)
        return cudaErrorInvalidValue;
    dim3 grid((unsigned)pixels, (unsigned)attention->heads, (unsigned)size.batch);
    size_t shared = ((size_t)pixels + 3) / 4 * 4 * sizeof(float);

    return vanon_launch_with(shared, stream, grid, THREADS,
                             size.single ? attend<float> : attend<half>, size, *attention, from,
                             to);
}
