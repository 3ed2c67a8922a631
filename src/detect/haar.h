/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for what a cascade knows in a grey picture, at every place and size, with the results of
 * OpenCV 4's detectMultiScale: the picture is shrunk step by step (resize.h) under a window of
 * fixed size; every pixel is looked at where it was shrunk to half or less, else every second one,
 * and the one after a window that the first stage refused is left out; a window's contrast is that
 * of all but its edge.
 *
 * Thread-safety: an object belongs to one thread at a time; many may share a cascade. Nothing is
 * allocated once the largest picture was seen.
 */
#ifndef VANON_DETECT_HAAR_H
#define VANON_DETECT_HAAR_H

#include "detect/haar_cascade.h"
#include "detect/haar_group.h"
#include "pixels/resize.h"

typedef struct vanon_haar vanon_haar;

struct vanon_haar_params {
    double scale_factor; /* from one size to the next; above 1 */
    int min_neighbours;  /* a thing is where more windows than that agree; 0: every window is one */
    int least_width, least_height; /* of a thing, in pixels. As OpenCV has it, a picture in which no
                                      size qualifies is searched for the nearest one. */
    int most_width, most_height;   /* 0: no limit */
};

/* The cascade must outlive the object. VANON_ERR_MEMORY. */
int vanon_haar_create(vanon_haar **out, const vanon_haar_cascade *cascade);
void vanon_haar_destroy(vanon_haar **haar);

/* Replaces the list's contents; boxes lie inside the picture. VANON_ERR_ARGUMENT: a scale factor
 * not above 1; VANON_ERR_MEMORY. */
int vanon_haar_detect(vanon_haar *haar, const struct vanon_gray_picture *picture,
                      const struct vanon_haar_params *params, struct vanon_haar_boxes *boxes);

#endif
