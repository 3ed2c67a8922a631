/* SPDX-License-Identifier: Apache-2.0 */
/* When a keypoint counts as a joint: one rule for all stages. */
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

#endif
