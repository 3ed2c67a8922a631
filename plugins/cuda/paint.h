/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hiding on the GPU: styles as render/style.h has them (without exact_styles), over planes of a
 * frame in the device's memory. Coverage is what mask/mask.h draws, handed over; so is the geometry
 * of cells. Functions queue work on a stream and return a cudaError_t; pointers are the device's.
 *
 * Thread-safety: safe for different streams and memory.
 */
#ifndef VANON_CUDA_PAINT_H
#define VANON_CUDA_PAINT_H

#include <cuda_runtime_api.h>

#include "paint_math.h"

#ifdef __cplusplus
extern "C" {
#endif

/* solid: one value wherever plane and coverage meet. */
int vanon_gpu_paint_flat(cudaStream_t stream, const struct vanon_gpu_plane *plane,
                         const struct vanon_gpu_coverage *coverage, unsigned value);

/* The means of all cells, row by row, of a plane that nothing was painted on. */
int vanon_gpu_cell_means(cudaStream_t stream, const struct vanon_gpu_plane *source,
                         const struct vanon_gpu_cells *cells, uint16_t *means);

/* mosaic, gaussian, boxblur: the picture of flat cells, convolved with a kernel along both axes.
 * `line` has room for rows x the coverage's width. */
int vanon_gpu_paint_smooth(cudaStream_t stream, const struct vanon_gpu_plane *plane,
                           const struct vanon_gpu_coverage *coverage,
                           const struct vanon_gpu_axis *across, const struct vanon_gpu_axis *down,
                           const uint16_t *values, uint16_t *line);

#ifdef __cplusplus
}
#endif

#endif
