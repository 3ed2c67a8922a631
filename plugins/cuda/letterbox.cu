/* SPDX-License-Identifier: Apache-2.0 */
#include <cuda_fp16.h>

#include "kernels.h"

namespace {

/* The whole chunk of a pixel is written at once. */
__global__ __launch_bounds__(128) void fill(const vanon_gpu_letterbox *plan,
                                                 const uint8_t *frames, size_t frame_bytes,
                                                 int width, int height, uint4 *input)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y, rgb[3];
    union {
        half value[VANON_GPU_INPUT_CHANNELS];
        uint4 whole;
    } pixel;

    if (x >= width)
        return;
    vanon_gpu_letterbox_pixel(plan, frames + blockIdx.z * frame_bytes, x, y, 114, rgb);
    pixel.whole = make_uint4(0, 0, 0, 0);
    for (int i = 0; i < 3; i++)
        pixel.value[i] = __float2half_rn((float)rgb[i] / 255.0f);
    input[((size_t)blockIdx.z * height + y) * width + x] = pixel.whole;
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
