/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in a device's memory from a pool, and where their samples are. No CUDA in it: how memory
 * is taken is given. Lines are multiples of 256 bytes, planes follow each other without a gap, as
 * NVENC wants them.
 *
 * A pool lives until its owner destroyed it and its last frame is released. Thread-safety: safe.
 */
#ifndef VANON_CUDA_SURFACE_POOL_H
#define VANON_CUDA_SURFACE_POOL_H

#include <vanon/frame.h>

#include "pixels/surfaces.h"
#include "surface_math.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Both are called from any thread. */
struct vanon_surface_memory {
    int (*take)(int device, size_t bytes, uint64_t *address); /* VANON_ERR_MEMORY, _INFERENCE */
    void (*give)(int device, uint64_t address);
};

typedef struct vanon_surface_pool vanon_surface_pool;

/* `memory` is constant. VANON_ERR_MEMORY. */
int vanon_surface_pool_create(vanon_surface_pool **out, int device,
                              const struct vanon_surface_memory *memory);
void vanon_surface_pool_destroy(vanon_surface_pool **pool);

/* A frame of the device's memory in `like`'s format and size; all else is like's, its side data
 * referenced. Samples are not cleared. A change of format or size gives back what was kept.
 * VANON_ERR_MEMORY, or what the memory's functions say. Logs nothing. */
int vanon_surface_pool_get(vanon_surface_pool *pool, const vanon_frame *like, vanon_frame **out);

/* A component of one of the frame's `fields` fields (1: of all its lines), in the device's memory.
 */
struct vanon_gpu_plane vanon_surface_plane(const vanon_frame *frame, int component, int field,
                                           int fields);

/* Its brightness, in so many cells. */
struct vanon_gpu_light vanon_surface_light(const vanon_frame *frame, int columns, int rows);

/* A paint's axis, with its sums in the paints' data, wherever that is. */
struct vanon_gpu_axis vanon_surface_axis(const struct vanon_paint_axis *axis, const uint8_t *data);

#ifdef __cplusplus
}
#endif

#endif
