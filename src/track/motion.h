/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a box will be: a Kalman filter of constant velocity for its centre, width and height, each
 * on its own, as SORT has it (Bewley et al. 2016). As in DeepSORT and ByteTrack (Wojke et al. 2017,
 * Zhang et al. 2022) all noise is a share of the box's size, so that near and far people are
 * followed alike; other than there, time is in seconds, so that frame rates are alike, too.
 *
 * Plain functions on a plain struct. A box that is no box (not finite) makes a motion that is none;
 * its boxes overlap with nothing.
 */
#ifndef VANON_TRACK_MOTION_H
#define VANON_TRACK_MOTION_H

#include <vanon/object.h>

#include "base/matrix.h"

/* A quantity and how it changes, with the covariance of both. Display pixels and seconds. */
struct vanon_motion_axis {
    double value, speed;
    double value_variance, covariance, speed_variance;
};

struct vanon_motion {
    struct vanon_motion_axis x, y, width, height; /* x and y: of the centre */
};

/* The longer side, 1 at least: the measure of what is near. */
double vanon_box_size(const vanon_box *box);

vanon_point vanon_box_centre(const vanon_box *box);

void vanon_motion_start(struct vanon_motion *motion, const vanon_box *box);

/* Moves on by `seconds`, > 0. */
void vanon_motion_predict(struct vanon_motion *motion, double seconds);

/* Takes in where the box is found to be now. */
void vanon_motion_update(struct vanon_motion *motion, const vanon_box *box);

/* Goes over to other coordinates, by a similarity. */
void vanon_motion_move(struct vanon_motion *motion, const vanon_matrix *by);

vanon_box vanon_motion_box(const struct vanon_motion *motion);

/* Standard deviation of the centre, the larger one of both axes. */
double vanon_motion_spread(const struct vanon_motion *motion);

#endif
