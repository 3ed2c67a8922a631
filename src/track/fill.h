/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where somebody was in a frame without a sight of them: the geometry of filling gaps. A body is
 * measured by its joints, not by its box, which is cut at the picture's border and by whatever
 * stands before it. Pure functions.
 */
#ifndef VANON_TRACK_FILL_H
#define VANON_TRACK_FILL_H

#include <vanon/object.h>

/* Heights a second beyond which a way is no person's: a sprinter makes 6. */
#define VANON_FASTEST 6.0

/* Somebody in one frame. */
struct vanon_sight {
    const vanon_object *object;
    const vanon_keypoint *joint; /* object->keypoints of them */
    double time;                 /* seconds */
};

/* How far the body is moved from one sight to the other: the mean over the joints that both show;
 * of the box's centre where they share fewer than three. */
vanon_point vanon_sight_moved(const struct vanon_sight *from, const struct vanon_sight *to);

/* The same as it is felt at a place of the body, given as it is in `from`: near joints count most,
 * and the box's centre a little. */
vanon_point vanon_sight_moved_at(const struct vanon_sight *from, const struct vanon_sight *to,
                                 float x, float y);

/* Pixels a second between two sights; none where that is faster than people are, or not finite. */
vanon_point vanon_sight_speed(const struct vanon_sight *from, const struct vanon_sight *to);

/* A way from one sight to another, with the speeds at its ends where they are known: a cubic curve
 * for the body (Hermite's), on which joints and the box's sides move straight. */
struct vanon_way {
    struct vanon_sight from, to;
    bool leaves, arrives; /* the speeds are known */
    vanon_point leaving, arriving;
};

/* How far off the straight line the body is at `share`, 0 to 1, of the way's time. */
vanon_point vanon_way_bend(const struct vanon_way *way, double share);

vanon_box vanon_way_box(const struct vanon_way *way, double share);

/* Where the joint is, which both ends show. Its visibility is the lesser one. */
vanon_keypoint vanon_way_joint(const struct vanon_way *way, size_t joint, double share);

/* A visibility that fades with `doubt` but still counts: what is less certain is hidden wider. */
float vanon_faded(float visibility, double doubt);

#endif
