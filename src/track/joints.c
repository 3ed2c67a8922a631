/* SPDX-License-Identifier: Apache-2.0 */
/* Where joints are that a sight or a likeness lacks: from the sights before and after that have
 * them. */
#include "track/cover_internal.h"

#include <vanon/status.h>

#include "base/memory.h"
#include "track/move.h"

/* The next sight of a joint, from `place` on; counts those that lack it. */
static struct vanon_place find_joint(const struct vanon_cover *cover, struct vanon_place place,
                                     size_t joint, int64_t *lacking)
{
    for (; vanon_cover_may_look(cover, place); ++*lacking) {
        if (vanon_cover_is_sight(&vanon_cover_sight(cover, place).joint[joint]))
            break;
        place = vanon_cover_neighbour(cover, place, true);
    }
    return place;
}

/* Moves a joint of one sight to where it would be in the other. */
static vanon_point carry(const struct vanon_sight *from, const vanon_keypoint *joint,
                         const struct vanon_sight *to)
{
    vanon_point moved = vanon_sight_moved_at(from, to, joint->x, joint->y);

    return (vanon_point){joint->x + moved.x, joint->y + moved.y};
}

/* What is known of a missing joint from before and from after: where it would be here, and how many
 * frames away the sight is; < 0: nothing. */
struct estimate {
    vanon_point at;
    int64_t age;
    int64_t lacking; /* sights in between that show the body without it, this one included */
};

static struct estimate look_back(const struct vanon_cover *cover, const struct vanon_track *track,
                                 size_t joint, const struct vanon_sight *here)
{
    const struct vanon_known_joint *known = &track->known[joint];
    struct vanon_sight past = vanon_track_past(track);
    int64_t age = known->age + cover->frame - track->past_frame;
    bool seen = here->object->seen;

    if (known->age < 0 || (seen && age > vanon_tracker_patience(cover->tracker)))
        return (struct estimate){.age = -1};
    return (struct estimate){
        .at = carry(&past, &known->joint, here),
        .age = age,
        .lacking = known->lacking + seen,
    };
}

static struct estimate look_ahead(const struct vanon_cover *cover, int64_t frame,
                                  struct vanon_place next, size_t joint,
                                  const struct vanon_sight *here)
{
    struct estimate estimate = {.age = -1, .lacking = here->object->seen};
    struct vanon_place place = find_joint(cover, next, joint, &estimate.lacking);
    struct vanon_sight sight;

    if (!vanon_cover_may_look(cover, place))
        return estimate;
    sight = vanon_cover_sight(cover, place);
    estimate.at = carry(&sight, &sight.joint[joint], here);
    estimate.age = place.frame - frame;
    return estimate;
}

/* Puts the two together, where it is known for long enough. */
static void combine(const struct vanon_cover *cover, const struct estimate *back,
                    const struct estimate *ahead, vanon_keypoint *joint)
{
    int64_t whole = back->age + ahead->age, ttl = cover->tracker->options->ttl_frames;
    double share;

    if (back->age >= 0 && ahead->age >= 0 && whole <= (int64_t)cover->tracker->latency + 1)
        share = whole ? (double)back->age / (double)whole : 0;
    else if (back->age >= 0 && back->lacking <= ttl)
        share = 0;
    else if (ahead->age >= 0 && ahead->lacking <= ttl)
        share = 1;
    else
        return;
    *joint = (vanon_keypoint){
        (float)(share < 1 ? back->at.x + share * (ahead->at.x - back->at.x) : ahead->at.x),
        (float)(share < 1 ? back->at.y + share * (ahead->at.y - back->at.y) : ahead->at.y),
        VANON_JOINT_VISIBLE};
}

int vanon_cover_complete(const struct vanon_cover *cover, const struct vanon_track *track,
                         bool past, int64_t frame, struct vanon_place next,
                         const vanon_object *object)
{
    vanon_tracker *tracker = cover->tracker;
    vanon_keypoint *joint = vanon_object_keypoints(cover->out, object);
    struct vanon_sight here = {object, joint, cover->time};

    if (vanon_grow(&tracker->filled, &tracker->filled_capacity, object->keypoints,
                   sizeof *tracker->filled))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < object->keypoints; i++) {
        struct estimate back = {.age = -1}, ahead;

        tracker->filled[i] = joint[i];
        if (vanon_joint_seen(&joint[i]))
            continue;
        if (past)
            back = look_back(cover, track, i, &here);
        ahead = look_ahead(cover, frame, next, i, &here);
        combine(cover, &back, &ahead, &tracker->filled[i]);
    }
    for (size_t i = 0; i < object->keypoints; i++)
        joint[i] = tracker->filled[i];
    return VANON_OK;
}

int vanon_cover_know_joints(const struct vanon_cover *cover, struct vanon_track *track,
                            const struct vanon_sight *here)
{
    size_t joints = here->object->keypoints;
    bool past = track->past.count > 0;

    if (vanon_grow(&track->known, &track->known_capacity, joints, sizeof *track->known))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < joints; i++) {
        struct vanon_known_joint *known = &track->known[i];

        if (vanon_cover_is_sight(&here->joint[i])) {
            *known = (struct vanon_known_joint){here->joint[i], 0, 0};
        } else {
            struct estimate back = {.age = -1};

            if (past)
                back = look_back(cover, track, i, here);
            known->joint.x = back.at.x;
            known->joint.y = back.at.y;
            known->lacking = back.lacking;
            known->age = back.age;
        }
    }
    return VANON_OK;
}
