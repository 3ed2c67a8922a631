/* SPDX-License-Identifier: Apache-2.0 */
/* The motion that most of many points agree on. Internal to camera.c; pure functions. */
#ifndef VANON_PIXELS_CAMERA_FIT_H
#define VANON_PIXELS_CAMERA_FIT_H

#include <stdbool.h>

#include "base/matrix.h"

struct vanon_pair {
    double from_x, from_y, to_x, to_y;
    bool agrees; /* set by the fit */
};

/*
 * Finds the similarity (a turn, a scale and a shift) that takes the pairs' first points to their
 * second ones, within `near` for each that agrees; all others are as if they were not there. Least
 * squares over the pairs that agree with the last try, a few times; the first try is `guess`,
 * shifted by the median of how far pairs are off it, or, where fewer than half agree with that, the
 * best of what two pairs each say. Where pairs tell no turn or scale that moves
 * anything within `reach` of their middle by `least`, it is a shift alone; a turn or scale that
 * differs from the guess's by more than a fifth is not believed. Only sums in a fixed
 * order: the same bits everywhere. Returns how many agree; with fewer than three *fit is the guess.
 */
int vanon_fit_similarity(struct vanon_pair *pairs, int count, const vanon_matrix *guess,
                         double near, double reach, double least, vanon_matrix *fit);

#endif
