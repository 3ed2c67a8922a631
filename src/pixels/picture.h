/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture for people to look at: RGB of 8 bits, upright, square pixels; made from frames of any
 * format, drawn on, pasted into each other. Whatever lies outside is cut off.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_PIXELS_PICTURE_H
#define VANON_PIXELS_PICTURE_H

#include <vanon/frame.h>
#include <vanon/object.h>

/* Lines lie without a gap. All zero: no picture, and no memory. */
struct vanon_picture {
    int width, height;
    uint8_t *rgb;
    double scale; /* pixels in a display pixel, of a picture that was taken from a frame */
};

struct vanon_rgb {
    uint8_t r, g, b;
};

/* Makes a picture of one colour. VANON_ERR_ARGUMENT: a side below 1 or above 32767;
 * VANON_ERR_MEMORY. What was there is freed in any case. */
int vanon_picture_make(struct vanon_picture *picture, int width, int height, struct vanon_rgb fill);

/* Makes the frame's picture: its display size, enlarged so that the longer side is a multiple of 32
 * (vanon_letterbox) and `least` at least. As vanon_letterbox_create. */
int vanon_picture_take(struct vanon_picture *picture, const vanon_frame *frame, int least);

void vanon_picture_free(struct vanon_picture *picture);

/* Shows the square of `side` pixels of `from` around (x, y) in the square of `size` pixels at
 * (left, top), by the nearest pixel. What lies outside `from` stays as it is. */
void vanon_picture_paste(struct vanon_picture *picture, int left, int top, int size,
                         const struct vanon_picture *from, double x, double y, double side);

/* Lines of `width` pixels. Numbers that are not finite draw nothing. */
void vanon_draw_line(struct vanon_picture *picture, double x0, double y0, double x1, double y1,
                     double width, struct vanon_rgb colour);
/* Part of an ellipse's outline, from angle `from` to `until`; all of it: 0 to 2 pi. Radians, from
 * its own first axis, which is turned by `angle`, towards the second one. */
void vanon_draw_arc(struct vanon_picture *picture, double cx, double cy, double rx, double ry,
                    double angle, double from, double until, double width, struct vanon_rgb colour);

/* The outline of a region in display space; its polygon's points in `points`. */
void vanon_draw_region(struct vanon_picture *picture, const vanon_region *region,
                       const vanon_point *points, double width, struct vanon_rgb colour);

/* A number's digits on a dark ground, each 5 `size` high; (x, y) is the top left. */
void vanon_draw_number(struct vanon_picture *picture, double x, double y, int size, int64_t number,
                       struct vanon_rgb colour);

#endif
