/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of the fine detail at a place of one picture can be read in another one: whether
 * something that should be hidden still shows. A pure function, thread-safe.
 *
 * Detail is the difference of two Gaussian blurs of the luma (sigma 0.6 and 1.5 pixels: what eyes,
 * mouths and seams are made of), over the pixels of a disc. With a that of the original and b that
 * of the other,
 *
 *     gain      = sum a b / sum a a               1: as strong as before; -1: a negative
 *     explained = 1 - sum (a - s b)^2 / sum a a   with s the sign of the gain; 1: all of it
 *
 * It shows where |gain| > 0.5 and explained > 0.5: pixels left as they were have both near 1 even
 * after lossy coding, a mosaic, blur or fill has both near 0. Where a mosaic's cells happen to meet
 * along a contour it may have them, too: so at least 0.6 of sum a a must lie at pixels that differ
 * by no more than coding makes them differ: 10 levels, or 8 times the pictures' median difference.
 * (A negative need not.)
 */
#ifndef VANON_PIXELS_TRACE_H
#define VANON_PIXELS_TRACE_H

#include <stdbool.h>

#include "pixels/resize.h"

#define VANON_TRACE_MOST 40 /* pixels: a larger radius counts as this */

struct vanon_trace {
    double detail; /* mean of a a, in squared levels of 8 bits */
    double gain, explained;
    double same; /* share of the detail at pixels that are as they were */
};

/* The median difference of two pictures of one size, in levels. */
double vanon_trace_noise(const struct vanon_gray_picture *original,
                         const struct vanon_gray_picture *other);

/* `noise` is what vanon_trace_noise says. False: nothing can be told, as less than half of the disc
 * lies in the picture, or the original has too little detail there (below 2). Both pictures are of
 * one size. */
bool vanon_trace_at(const struct vanon_gray_picture *original,
                    const struct vanon_gray_picture *other, double noise, double x, double y,
                    double radius, struct vanon_trace *trace);

bool vanon_trace_shows(const struct vanon_trace *trace);

#endif
