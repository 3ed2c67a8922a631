/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracker's inside, shared by tracker.c (the interface, tracks' lives), associate.c (which
 * detection is whose), cover.c and joints.c (what is given out for a frame).
 *
 * There are two ends. Pushing a frame tells its detections apart and notes them in the window;
 * pulling one, `latency` frames later, looks at the window around it and fills in. So of each track
 * one half belongs to the newest frame and one to the frame that is pulled.
 */
#ifndef VANON_TRACK_INTERNAL_H
#define VANON_TRACK_INTERNAL_H

#include "options/options.h"
#include "pixels/camera.h"
#include "track/assign.h"
#include "track/fill.h"
#include "track/motion.h"
#include "track/tracker.h"
#include "track/window.h"

/* A joint that was seen once, moved on with the body. */
struct vanon_known_joint {
    vanon_keypoint joint;
    int64_t age;     /* frames from its sight to the track's `past`; < 0: it is not known */
    int64_t lacking; /* of these, with a sight that lacks it */
};

/* Sights of somebody who is no slip of the detector. */
#define VANON_CONFIRMED 3

struct vanon_track {
    int64_t number;      /* in the order of first sights, from 1: what the window knows it by */
    int64_t id;          /* what it is given out by; 0: it does not count yet */
    int64_t given;       /* the identity that the detections told; 0: none */
    int64_t counts_from; /* the frame whose push made it count; INT64_MAX: none has */
    int64_t from, until; /* the frames that it may cover */

    /* pushing */
    bool ended;  /* gets no more detections */
    int64_t cut; /* the frame that ended it, of another scene; INT64_MAX: none did */
    struct vanon_motion motion;
    vanon_object_list last; /* one object: the latest sight */
    struct vanon_place last_place;
    double last_time;
    int64_t apart;  /* frames since */
    int64_t unseen; /* frames since it was missed first; 0: nobody has looked */
    int64_t found;  /* how many sights */

    /* pulling */
    struct vanon_place next; /* the first sight that was not pulled yet */
    vanon_object_list past;  /* one object: the last one pulled, as it was detected; or empty */
    struct vanon_place past_place; /* of that */
    int64_t past_frame;
    double past_time;
    size_t sights; /* pulled so far */
    bool moves;    /* `speed` is known */
    vanon_point speed;
    struct vanon_known_joint *known; /* for each joint, as of `past` */
    size_t known_capacity;
};

struct vanon_tracker {
    const vanon_options *options;
    const vanon_log *log;
    size_t latency;
    bool drained;
    int64_t last_number, last_id;
    int64_t scene; /* the first frame that a new track may cover */
    vanon_camera *camera;
    vanon_matrix place;   /* from the scene's coordinates to the last frame's picture */
    double width, height; /* of the last frame's display; 0: there was none */
    int64_t pts;          /* of the last frame */
    struct vanon_window window;
    int64_t next_pull;

    struct vanon_track *track; /* in the order of their numbers; beyond `tracks`: memory */
    size_t tracks, track_capacity;

    /* of one push or pull, kept for the next */
    size_t *match; /* for each detection: the index of its track, or VANON_UNASSIGNED */
    size_t match_capacity;
    size_t *row, *column; /* the tracks and the detections of one pass */
    size_t row_capacity, column_capacity;
    double *gain;
    size_t gain_capacity;
    size_t *column_of;
    size_t column_of_capacity;
    struct vanon_assign assign;
    vanon_object_list moved; /* detections in the scene's coordinates */
    vanon_keypoint *filled;
    size_t filled_capacity;
};

/* How many frames after its last sight a track may still get another, or be given out at most; and
 * how long a joint is known. */
static inline int64_t vanon_tracker_patience(const vanon_tracker *tracker)
{
    int64_t ttl = tracker->options->ttl_frames, latency = (int64_t)tracker->latency;

    return ttl > latency ? ttl : latency;
}

/* False: a score so low that it does not count by itself. */
bool vanon_tracker_counts(const vanon_tracker *tracker, const vanon_object *detection);

/*
 * Fills in `match` for a frame at `time`; all tracks' motions were predicted for it. Where nothing
 * is known of the scene, and most tracks are lost at once and as many others appear, it has
 * changed: *scene, and nothing matches. VANON_ERR_MEMORY.
 */
int vanon_tracker_associate(vanon_tracker *tracker, const vanon_object_list *detections,
                            double time, enum vanon_scene *scene);

/* Appends all of frame `next_pull` to `out`, and turns the tracks' pulling half to it.
 * VANON_ERR_MEMORY. */
int vanon_tracker_cover(vanon_tracker *tracker, vanon_object_list *out);

#endif
