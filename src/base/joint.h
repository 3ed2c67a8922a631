/* SPDX-License-Identifier: Apache-2.0 */
/* When a keypoint counts as a joint, and how like two sets of joints are: one rule for all stages.
 */
#ifndef VANON_BASE_JOINT_H
#define VANON_BASE_JOINT_H

#include <math.h>

#include <vanon/object.h>

/* Least visibility at which a joint counts as one. */
#define VANON_JOINT_VISIBLE 0.2f

/* False for a joint of low or unknown visibility, at (0, 0), or not finite. */
static inline bool vanon_joint_seen(const vanon_keypoint *joint)
{
    return joint->visibility >= VANON_JOINT_VISIBLE && isfinite(joint->x) && isfinite(joint->y) &&
           (joint->x != 0 || joint->y != 0);
}

/*
 * How near the joints are that are seen in both sets of `count`, after `moved` was added to the
 * first's: the mean of exp(-d * d / 2), d the distance in units of `near` (above 0); 1 where they
 * fall together. Returns how many those are; with none `*likeness` is 0.
 */
static inline size_t vanon_joints_likeness(const vanon_keypoint *first,
                                           const vanon_keypoint *second, size_t count,
                                           vanon_point moved, double near, double *likeness)
{
    double sum = 0;
    size_t both = 0;

    for (size_t i = 0; i < count; i++) {
        double dx, dy;

        if (!vanon_joint_seen(&first[i]) || !vanon_joint_seen(&second[i]))
            continue;
        dx = ((double)second[i].x - first[i].x - moved.x) / near;
        dy = ((double)second[i].y - first[i].y - moved.y) / near;
        sum += exp(-(dx * dx + dy * dy) / 2);
        both++;
    }
    *likeness = both ? sum / (double)both : 0;
    return both;
}

#endif
