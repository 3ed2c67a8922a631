/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of vanon_tracker_cover, shared by cover.c (what a frame must be covered for) and
 * joints.c (the joints that the detector missed): the frame, and the way from sight to sight. */
#ifndef VANON_TRACK_COVER_INTERNAL_H
#define VANON_TRACK_COVER_INTERNAL_H

#include "base/joint.h"
#include "track/internal.h"

/* The frame that is pulled. */
struct vanon_cover {
    vanon_tracker *tracker;
    vanon_object_list *out;
    int64_t frame;
    int64_t limit; /* the last frame that may be looked at */
    double time;
    vanon_matrix camera; /* from the scene's coordinates to the frame's picture */
};

static inline struct vanon_sight vanon_cover_sight(const struct vanon_cover *cover,
                                                   struct vanon_place place)
{
    const struct vanon_window_frame *frame = vanon_window_at(&cover->tracker->window, place.frame);
    const vanon_object *object = &frame->objects.object[place.index];

    return (struct vanon_sight){object, vanon_object_keypoints(&frame->objects, object),
                                frame->time};
}

static inline struct vanon_sight vanon_track_past(const struct vanon_track *track)
{
    const vanon_object *object = &track->past.object[0];

    return (struct vanon_sight){object, vanon_object_keypoints(&track->past, object),
                                track->past_time};
}

/* How many frames away from its sight in that frame somebody is missed, in this one. */
static inline int64_t vanon_cover_missed(const struct vanon_cover *cover, int64_t sight)
{
    return vanon_window_missed(&cover->tracker->window, sight, cover->frame);
}

static inline bool vanon_cover_may_look(const struct vanon_cover *cover, struct vanon_place place)
{
    return place.frame <= cover->limit && vanon_window_has(&cover->tracker->window, place.frame);
}

static inline struct vanon_place vanon_cover_neighbour(const struct vanon_cover *cover,
                                                       struct vanon_place place, bool forward)
{
    const struct vanon_link *link = vanon_window_link(&cover->tracker->window, place);

    return forward ? link->after : link->before;
}

/* The least visibility is what was filled in, by a run before this one: nothing is told from it. */
static inline bool vanon_cover_is_sight(const vanon_keypoint *joint)
{
    return vanon_joint_seen(joint) && joint->visibility > VANON_JOINT_VISIBLE;
}

/* Finds the joints that the object lacks; all of them are told from those that it had. `past`: the
 * track may tell what it knows; `frame` is the one of which the object is; `next`: from where on
 * joints are looked for. VANON_ERR_MEMORY. */
int vanon_cover_complete(const struct vanon_cover *cover, const struct vanon_track *track,
                         bool past, int64_t frame, struct vanon_place next,
                         const vanon_object *object);

/* What is known of the track's joints, as of a sight: moved on with the body where it lacks them.
 * VANON_ERR_MEMORY. */
int vanon_cover_know_joints(const struct vanon_cover *cover, struct vanon_track *track,
                            const struct vanon_sight *here);

#endif
