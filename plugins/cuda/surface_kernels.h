/* SPDX-License-Identifier: Apache-2.0 */
/* A frame's brightness in cells, on the GPU: all cells of surface_math.h, row by row. Functions
 * queue work on a stream and return a cudaError_t; pointers are the device's. */
#ifndef VANON_CUDA_SURFACE_KERNELS_H
#define VANON_CUDA_SURFACE_KERNELS_H

#include <cuda_runtime_api.h>

#include "surface_math.h"

#ifdef __cplusplus
extern "C" {
#endif

int vanon_gpu_take_glance(cudaStream_t stream, const struct vanon_gpu_light *light, uint8_t *cells);
int vanon_gpu_take_camera(cudaStream_t stream, const struct vanon_gpu_light *light, uint8_t *cells);

#ifdef __cplusplus
}
#endif

#endif
