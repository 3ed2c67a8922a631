/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of frames, in order, to objects with an identity and their gaps filled.
 *
 * Push a frame's detections, pull what is final: pull says VANON_ERR_AGAIN while later frames could
 * still change the oldest one. Here a detection of a person is hidden from its first frame on; a
 * person who is not detected any more stays, unseen, where it last was for ttl_frames frames; a
 * joint that a seen person lacks (base/joint.h) moves on with the person's box for as long, with
 * the least visibility that counts, so that its region widens.
 *
 * Identities start at 1 and are not used again before a reset. Results depend only on what was
 * pushed. Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_TRACK_TRACKER_H
#define VANON_TRACK_TRACKER_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"

typedef struct vanon_tracker vanon_tracker;

/* `options` and `log` must outlive the tracker. VANON_ERR_MEMORY. */
int vanon_tracker_create(vanon_tracker **out, const vanon_options *options, const vanon_log *log);
void vanon_tracker_destroy(vanon_tracker **tracker);

/* Gives the next frame's detections; `frame` tells time and geometry: a change of display size ends
 * all tracks. The lists' contents are copied. VANON_ERR_STATE: drained; VANON_ERR_MEMORY. */
int vanon_tracker_push(vanon_tracker *tracker, const vanon_frame *frame,
                       const vanon_object_list *detections);

/* Replaces the list's contents by the next frame's objects: those seen in the order of the
 * detections, then those that are not. VANON_ERR_AGAIN; VANON_ERR_EOF: drained and empty. */
int vanon_tracker_pull(vanon_tracker *tracker, vanon_object_list *objects);

/* No frame follows. */
void vanon_tracker_drain(vanon_tracker *tracker);

/* Forgets everything, as after a seek; frames may be pushed again, also after a drain. */
void vanon_tracker_reset(vanon_tracker *tracker);

/* How many frames must be pushed beyond one before it can be pulled. */
size_t vanon_tracker_latency(const vanon_tracker *tracker);

#endif
