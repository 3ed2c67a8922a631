/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from a pool, copies, and the geometry of a frame. vanon/frame.h has the struct and its
 * counting. */
#ifndef VANON_PIXELS_FRAME_H
#define VANON_PIXELS_FRAME_H

#include <vanon/frame.h>

#include "base/matrix.h"

/* Bytes behind the samples of a frame from vanon_frame_alloc or a pool: a wide load that starts in
 * the last line may run over its end by so many. Lines themselves are padded to multiples of
 * VANON_ALIGNMENT. Wrapped frames have neither. */
#define VANON_FRAME_TAIL 64

/*
 * Keeps released frames for the next caller, so that nothing is allocated once a run is under way.
 * A pool lives until its owner destroyed it and its last frame is released. Thread-safety: safe.
 */
typedef struct vanon_frame_pool vanon_frame_pool;

int vanon_frame_pool_create(vanon_frame_pool **out);
void vanon_frame_pool_destroy(vanon_frame_pool **pool);

/*
 * A frame with samples of its own in `like`'s format and size, all other fields copied from `like`
 * and its side data referenced. Samples are not cleared. A change of format or size frees what the
 * pool kept. VANON_ERR_MEMORY, VANON_ERR_ARGUMENT.
 */
int vanon_frame_pool_get(vanon_frame_pool *pool, const vanon_frame *like, vanon_frame **out);

/* As vanon_frame_wrap, with the frame's own memory from the pool. */
int vanon_frame_pool_wrap(vanon_frame_pool *pool, const vanon_frame *description,
                          void (*release)(void *opaque), void *opaque, vanon_frame **out);

/* How many times the pool had to allocate so far: constant once a run is under way. */
size_t vanon_frame_pool_allocations(vanon_frame_pool *pool);

/* Copies all samples, and nothing of the lines' padding; both frames are of one format and size. */
void vanon_frame_copy_samples(vanon_frame *to, const vanon_frame *from);

/* VANON_ERR_ARGUMENT: a frame that breaks vanon/frame.h (format, size, planes, strides, rotation; a
 * handle missing where the memory is not the host's). */
int vanon_frame_check(const vanon_frame *frame);

/* True where both have the same format, size, aspect ratio, rotation and colour: one plan of work
 * fits both. */
bool vanon_frame_same_kind(const vanon_frame *a, const vanon_frame *b);

/* 2 where the frame's lines belong to two moments by turns, else 1. */
int vanon_frame_fields(const vanon_frame *frame);

/*
 * The upright picture with square pixels, display space (object.h), is made from the coded one in
 * this order: flipped left to right where `mirrored`; x, the coded picture's own, scaled by the
 * sample aspect ratio (1 where that is not known or not positive); turned clockwise by `rotation`.
 * Its size, not rounded:
 */
void vanon_frame_display_size(const vanon_frame *frame, double *width, double *height);

/* Display space to coded luma samples: origin at the outer corner of the first sample, sample
 * centres at +0.5. */
vanon_matrix vanon_frame_display_to_coded(const vanon_frame *frame);

#endif
