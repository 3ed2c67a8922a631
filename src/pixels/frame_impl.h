/* SPDX-License-Identifier: Apache-2.0 */
/* What lies behind a vanon_frame: for frame.c and frame_pool.c only. */
#ifndef VANON_PIXELS_FRAME_IMPL_H
#define VANON_PIXELS_FRAME_IMPL_H

#include <stdatomic.h>

#include "pixels/frame.h"

/* One block of memory, aligned to VANON_ALIGNMENT: this struct, and behind it the samples of a
 * frame that has its own. */
struct vanon_frame_impl {
    vanon_frame frame; /* first: a vanon_frame's address is its impl's */
    atomic_uint count;
    size_t sample_bytes;           /* behind this struct; 0: wraps the samples of someone else */
    void (*release)(void *opaque); /* of a wrapped frame; NULL: nothing to call */
    void *opaque;
    vanon_frame_pool *pool;        /* where it goes back to; NULL: it is freed */
    struct vanon_frame_impl *next; /* in the pool's list while nobody owns the frame */
};

/* A block with room for `sample_bytes`; nothing else of it is set. NULL: no memory. free() frees
 * it. */
struct vanon_frame_impl *vanon_frame_impl_alloc(size_t sample_bytes);

/* Makes it a frame with one owner: all fields of `like`, its side data referenced, and where it has
 * samples of its own, planes and strides in like's format and size. */
void vanon_frame_impl_start(struct vanon_frame_impl *impl, const vanon_frame *like,
                            vanon_frame_pool *pool);

/* As above, around the samples of `like`. */
void vanon_frame_impl_start_wrapped(struct vanon_frame_impl *impl, const vanon_frame *like,
                                    void (*release)(void *opaque), void *opaque,
                                    vanon_frame_pool *pool);

/* Takes a frame of the pool that nobody owns any more, its samples and side data released already:
 * keeps or frees it. */
void vanon_frame_pool_recycle(struct vanon_frame_impl *impl);

#endif
