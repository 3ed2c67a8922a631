/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame of any format as a cascade wants it: upright, square pixels, at the display's size, grey
 * of 8 bits over the full range.
 *
 * Grey is the luma plane, its range expanded as letterbox_colour.h has it (PQ and HLG through the
 * tone curve there); of RGB it is 0.299 R + 0.587 G + 0.114 B. Alpha is ignored. Without a sample
 * aspect ratio pixels change place, never value; with one they are interpolated (resize.h).
 *
 * Thread-safety: an object belongs to one thread at a time. Nothing is allocated as long as frames
 * are of one kind.
 */
#ifndef VANON_PIXELS_GRAY_H
#define VANON_PIXELS_GRAY_H

#include <vanon/frame.h>

#include "pixels/resize.h"

typedef struct vanon_gray vanon_gray;

int vanon_gray_create(vanon_gray **out);
void vanon_gray_destroy(vanon_gray **gray);

/* Makes the picture; it holds until the next call. VANON_ERR_ARGUMENT: no such format or size;
 * VANON_ERR_UNSUPPORTED: memory that is not the host's; VANON_ERR_MEMORY. After a failure there is
 * no picture. */
int vanon_gray_take(vanon_gray *gray, const vanon_frame *frame);

/* The picture; of width 0 where there is none. */
const struct vanon_gray_picture *vanon_gray_picture(const vanon_gray *gray);

/* Display pixels in one of the picture's: 1, but for a width that had to be rounded. */
void vanon_gray_scale(const vanon_gray *gray, double *x, double *y);

#endif
