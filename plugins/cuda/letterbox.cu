/* SPDX-License-Identifier: Apache-2.0 */
#include <cuda_fp16.h>

#include "kernels.h"

#define GREY 114 /* VANON_LETTERBOX_GREY */

namespace
{

/* The whole chunk of a pixel is written at once. */
__device__ __forceinline__ uint4 pixel_of(const int rgb[3])
{
    union {
        half value[VANON_GPU_INPUT_CHANNELS];
        uint4 whole;
    } pixel;

    pixel.whole = make_uint4(0, 0, 0, 0);
    for (int i = 0; i < 3; i++)
        pixel.value[i] = __float2half_rn((float)rgb[i] / 255.0f);
    return pixel.whole;
}

__global__ __launch_bounds__(128) void fill(const vanon_gpu_letterbox *plan, const uint8_t *frames,
                                            size_t frame_bytes, int width, int height, uint4 *input)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y, rgb[3];

    if (x >= width)
        return;
    vanon_gpu_letterbox_pixel(plan, frames + blockIdx.z * frame_bytes, x, y, GREY, rgb);
    input[((size_t)blockIdx.z * height + y) * width + x] = pixel_of(rgb);
}

__global__ __launch_bounds__(256) void fill_from_rgb(const uint8_t *bytes, size_t pixels,
                                                     uint4 *input)
{
    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;

    if (i < pixels) {
        int rgb[3] = {bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]};

        input[i] = pixel_of(rgb);
    }
}

} // namespace

int vanon_gpu_fill_input(cudaStream_t stream, const struct vanon_gpu_letterbox *plan,
                         const void *frames, size_t frame_bytes, int count, int width, int height,
                         void *input)
{
    dim3 grid((unsigned)(width + 127) / 128, (unsigned)height, (unsigned)count);

    fill<<<grid, 128, 0, stream>>>(plan, (const uint8_t *)frames, frame_bytes, width, height,
                                   (uint4 *)input);
    return cudaGetLastError();
}

int vanon_gpu_fill_from_rgb(cudaStream_t stream, const void *rgb, size_t pixels, void *input)
{
    fill_from_rgb<<<(unsigned)((pixels + 255) / 256), 256, 0, stream>>>((const uint8_t *)rgb,
                                                                        pixels, (uint4 *)input);
    return cudaGetLastError();
}
