/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of each coded luma pixel a shape covers, inside the shape's bounding box.
 *
 * A pixel that the shape touches anywhere is covered wholly (255). Outside the shape coverage falls
 * off as a Gaussian step of a 7x7 kernel does, to 0 at VANON_FEATHER display pixels from it: the
 * feather never weakens the shape. Plain functions; a mask belongs to one thread at a time.
 */
#ifndef VANON_MASK_MASK_H
#define VANON_MASK_MASK_H

#include <stddef.h>
#include <stdint.h>

#include <vanon/object.h>

#include "base/matrix.h"

#define VANON_FEATHER 3.0f /* display pixels: the radius of a 7x7 kernel */

struct vanon_rect {
    int x, y, width, height;
};

typedef struct vanon_mask {
    int x, y, width, height; /* of the bounding box, in coded luma pixels, inside the picture; width
                                0: nothing to hide */
    ptrdiff_t stride;        /* bytes from a line to the next */
    uint8_t *coverage;       /* 0..255; lines from the box's top left */
    size_t capacity;         /* bytes that `coverage` has */
    struct vanon_rect whole; /* the bounding box before the picture clipped it: it moves with the
                                shape, and keeps its size at the picture's border */
} vanon_mask;

/*
 * Draws `region` (its polygon's points in `points`) into `mask`, whose memory is reused and grows.
 * `to_coded` is vanon_frame_display_to_coded's map, width and height the coded picture's. A region
 * that is no shape (a number that is not finite, a negative radius, a polygon of less than three
 * points) covers the whole picture: fail closed. VANON_ERR_MEMORY.
 */
int vanon_mask_draw(vanon_mask *mask, const vanon_region *region, const vanon_point *points,
                    const vanon_matrix *to_coded, int width, int height);

/* The box that vanon_mask_draw calls `whole`, without drawing. False: the region is no shape, and
 * covers the whole picture. */
bool vanon_mask_box(struct vanon_rect *whole, const vanon_region *region, const vanon_point *points,
                    const vanon_matrix *to_coded);

/* Covers the whole picture. VANON_ERR_MEMORY. */
int vanon_mask_fill(vanon_mask *mask, int width, int height);

/* Frees the memory; the mask is an empty one again. */
void vanon_mask_free(vanon_mask *mask);

#endif
