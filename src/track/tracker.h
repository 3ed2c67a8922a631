/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of frames, in order, to objects with an identity and their gaps filled.
 *
 * Push a frame's detections, pull what is final: pull says VANON_ERR_AGAIN while later frames, of
 * which options->look_ahead_frames are looked at, could still change the oldest one.
 *
 * - A detection is given out as it is, from its first frame on. People of a score below
 *   options->confidence are an exception (not the replay detector's): they count for somebody who
 * is known already, or who is seen three times within the look-ahead or better later on; else they
 *   are left out.
 * - Somebody seen before and after a gap is given out in between, on a curve that fits the motion
 *   at both ends.
 * - Somebody not seen yet is given out in the frames before, moved back, as far as that is inside
 *   the picture: from ttl_frames before the first sight on, and as soon as three sights are within
 *   the look-ahead.
 * - Somebody not seen any more is held, moving on, for ttl_frames; who is about to walk out of the
 *   picture until then, within the look-ahead.
 * - A joint that somebody seen lacks (base/joint.h) is filled in alike, carried by the joints
 *   around it: from both sides within the look-ahead, from one in ttl_frames sights without it.
 *
 * - A joint that jumps aside for one sight and back is given out once more where the sights before
 *   and after say that it is, in an object that is not seen.
 *
 * What is not seen has `seen` false, visibilities that fall with each frame from a sight, down to
 * the least that counts, and a spread that grows with the time from the nearest sight and with
 * speed, so that its regions widen; a joint filled in for somebody seen has that least one. Within
 * ttl_frames of a sight at one end, whoever moved is given out several times under one id, from
 * that sight to where they are thought to be: nothing is covered less than by holding still.
 *
 * A jump that is faster than people move is no motion: it makes another track, and both are covered
 * as above. Where the pictures show another scene (pixels/camera.h), or tell nothing and nearly all
 * tracks end at once and others begin, none goes on: whoever was seen thrice is held up to the cut
 * where that is within the look-ahead, and the new ones are not moved back over more than
 * ttl_frames of the old scene. While the camera pans, turns or zooms, people are followed in the
 * scene, not in the picture: gaps are filled and people are held where the camera takes them.
 *
 * Detections may come from an earlier run (a sidecar): an identity that they have is kept, and says
 * who is who; those with `seen` false are given out as they are, instead of what would be thought
 * of them; a joint of exactly the least visibility is taken for one that was filled in.
 *
 * Identities start at 1 and are not used again before a reset. Results depend only on what was
 * pushed. Nothing is allocated once a run is under way. Thread-safety: an object belongs to one
 * thread at a time.
 */
#ifndef VANON_TRACK_TRACKER_H
#define VANON_TRACK_TRACKER_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "pixels/surfaces.h"

typedef struct vanon_tracker vanon_tracker;

/* `options` and `log` must outlive the tracker. VANON_ERR_MEMORY. */
int vanon_tracker_create(vanon_tracker **out, const vanon_options *options, const vanon_log *log);
void vanon_tracker_destroy(vanon_tracker **tracker);

/* As vanon_camera_use: frames in that device's memory tell of cuts and of the camera, too. */
void vanon_tracker_use(vanon_tracker *tracker, vanon_surfaces *surfaces);

/* What the detections of a frame say about who is not among them. */
enum vanon_look {
    VANON_LOOK_SEEN,    /* the detector looked at the frame: they were missed, or are gone */
    VANON_LOOK_BETWEEN, /* nobody looked: nothing */
};

/*
 * Gives the next frame's detections; `frame` tells time and geometry: a change of display size ends
 * all tracks. The lists' contents are copied. VANON_ERR_STATE: drained; VANON_ERR_MEMORY;
 * VANON_ERR_INFERENCE: the device that has the frame failed.
 *
 * Between looks (VANON_LOOK_BETWEEN) nobody can be missed: such frames don't count in ttl_frames,
 * in how long a track waits for its next sight, or as doubt. Objects are interpolated between the
 * looks before and after; whoever is seen at one of the two only is covered as far as the other
 * one, and from there on for ttl_frames. Detections may be given all the same (of a look at a part
 * of the picture, say): they are sights as any other. Looks should be no further apart than half
 * the look-ahead, so that there is one on either side of each frame that is pulled.
 */
int vanon_tracker_push(vanon_tracker *tracker, const vanon_frame *frame, enum vanon_look look,
                       const vanon_object_list *detections);

/* Replaces the list's contents by the next frame's objects: those seen in the order of the
 * detections, then those that are not. VANON_ERR_AGAIN; VANON_ERR_EOF: drained and empty;
 * VANON_ERR_MEMORY. */
int vanon_tracker_pull(vanon_tracker *tracker, vanon_object_list *objects);

/* No frame follows. */
void vanon_tracker_drain(vanon_tracker *tracker);

/* Forgets everything, as after a seek; frames may be pushed again, also after a drain. */
void vanon_tracker_reset(vanon_tracker *tracker);

/* How many frames must be pushed beyond one before it can be pulled: options->look_ahead_frames, or
 * fewer after vanon_tracker_set_latency. */
size_t vanon_tracker_latency(const vanon_tracker *tracker);

/* The most frames to look ahead, where memory doesn't allow what the options want. Before the first
 * push after creation or a reset, which keeps it. */
void vanon_tracker_set_latency(vanon_tracker *tracker, size_t frames);

#endif
