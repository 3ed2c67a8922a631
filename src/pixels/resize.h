/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A grey picture of 8 bits in another size: bilinear, pixel centres aligned, no anti-aliasing, in
 * integers. Bit for bit what OpenCV's resize does for INTER_LINEAR_EXACT, which its cascades see.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_PIXELS_RESIZE_H
#define VANON_PIXELS_RESIZE_H

#include <stddef.h>
#include <stdint.h>

/* Lines from the top down, a byte a pixel; they belong to someone else. */
struct vanon_gray_picture {
    const uint8_t *pixels;
    int width, height;
    ptrdiff_t stride; /* bytes from a line to the next */
};

/* Scratch memory, which only grows. All zero: it has none yet. */
struct vanon_resize {
    int32_t *index;   /* for each column: the pixel at or before its place */
    uint16_t *weight; /* and how much the one after it counts, of 256 */
    uint16_t *row[2]; /* two lines at the new width, in 256ths; width of them each */
    size_t columns;   /* room in each */
};

void vanon_resize_free(struct vanon_resize *resize);

/* Writes `width` x `height` pixels (1 or more), lines `stride` bytes apart. VANON_ERR_MEMORY. */
int vanon_resize_run(struct vanon_resize *resize, const struct vanon_gray_picture *from,
                     uint8_t *to, int width, int height, ptrdiff_t stride);

#endif
