/* SPDX-License-Identifier: Apache-2.0 */
#include "elements.h"
#include "kernels.h"
#include "launch.h"

#define GREY 114 /* VANON_LETTERBOX_GREY */

namespace
{

/* The channels of a pixel, which are written at once. */
template <typename T> struct alignas(16) pixel {
    T value[VANON_GPU_INPUT_CHANNELS];
};

template <typename T> __device__ __forceinline__ pixel<T> pixel_of(const int rgb[3])
{
    pixel<T> pixel;

    for (int i = 0; i < VANON_GPU_INPUT_CHANNELS; i++)
        pixel.value[i] = vanon_gpu_from_float<T>(i < 3 ? (float)rgb[i] / 255.0f : 0.0f);
    return pixel;
}

template <typename T>
__global__ __launch_bounds__(128) void fill(const vanon_gpu_source *source, int width, int height,
                                            pixel<T> *input)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y, rgb[3];

    if (x >= width)
        return;
    vanon_gpu_letterbox_pixel(&source->letterbox,
                              source->samples + blockIdx.z * source->frame_bytes, x, y, GREY, rgb);
    input[((size_t)blockIdx.z * height + y) * width + x] = pixel_of<T>(rgb);
}

template <typename T>
__global__ __launch_bounds__(256) void fill_from_rgb(const uint8_t *bytes, size_t pixels,
                                                     pixel<T> *input)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i < pixels) {
        int rgb[3] = {bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]};

        input[i] = pixel_of<T>(rgb);
    }
}

} // namespace

int vanon_gpu_fill_input(cudaStream_t stream, const struct vanon_gpu_source *source, int count,
                         int width, int height, bool single, void *input)
{
    dim3 grid((unsigned)(width + 127) / 128, (unsigned)height, (unsigned)count);

    if (single)
        return vanon_launch(stream, grid, 128, fill<float>, source, width, height,
                            (pixel<float> *)input);
    return vanon_launch(stream, grid, 128, fill<half>, source, width, height, (pixel<half> *)input);
}

int vanon_gpu_fill_from_rgb(cudaStream_t stream, const void *rgb, size_t pixels, bool single,
                            void *input)
{
    const uint8_t *bytes = (const uint8_t *)rgb;
    unsigned blocks = (unsigned)((pixels + 255) / 256);

    if (single)
        return vanon_launch(stream, blocks, 256, fill_from_rgb<float>, bytes, pixels,
                            (pixel<float> *)input);
    return vanon_launch(stream, blocks, 256, fill_from_rgb<half>, bytes, pixels,
                        (pixel<half> *)input);
}
