/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rectangle of a frame as if it were a frame of its own, without copying a sample. Pure
 * functions.
 */
#ifndef VANON_PIXELS_PART_H
#define VANON_PIXELS_PART_H

#include <vanon/frame.h>
#include <vanon/object.h>

/* In luma samples of the coded picture, inside it. Zeroed: all of the picture. */
struct vanon_part_rect {
    int x, y, width, height;
};

#define VANON_PART_ALIGNMENT 8 /* corners are multiples of it, so that chroma keeps its place */

/*
 * The rectangle around a box of display space, its corner at a multiple of VANON_PART_ALIGNMENT,
 * its sides multiples of `step` (itself a multiple of that) or the picture's own, moved inside the
 * picture. Boxes with a coordinate that is not finite give all of the picture.
 */
struct vanon_part_rect vanon_part_around(const vanon_frame *frame, const vanon_box *box, int step);

/* The same around the square about the middle of the box whose side is `times` its longer one. */
struct vanon_part_rect vanon_part_square(const vanon_frame *frame, const vanon_box *box,
                                         double times, int step);

/* The rectangle as a frame: it points into `frame`, has no owner, and must not outlive it. Of one
 * in a GPU's memory `planes` becomes the handle. */
vanon_frame vanon_part_frame(const vanon_frame *frame, const struct vanon_part_rect *rect);
vanon_frame vanon_part_of_cuda(const vanon_frame *frame, const struct vanon_part_rect *rect,
                               vanon_cuda_planes *planes);

/* The rectangle in the frame's display space. */
vanon_box vanon_part_display(const vanon_frame *frame, const struct vanon_part_rect *rect);

#endif
