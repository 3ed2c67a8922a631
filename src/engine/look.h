/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which frames the network looks at, how closely, and where a second time. A state machine over
 * frames in order and over what looks found; it never waits, allocates only while lists grow, and
 * knows neither threads nor wall time.
 *
 * Where each frame is looked at once, at one size (detect_every 1, and an imgsz that is given, or a
 * detector that knows no other), frames are looked at as they come. Else frames are decided upon in
 * groups of fixed length, counted from a scene's first frame, which is a group of its own: the
 * scene's end, a damaged frame and the last frame cut a group short.
 *
 * 1. A group is planned by what was known a fixed number of groups before it, not by what happens
 *    to be there. Every detect_every'th of its frames and its last one are looked at. Once a second
 *    the last one is looked at more widely, so that small newcomers are found; a scene's first
 *    frame always is.
 * 2. When all these looks are there, and the group before is decided, they are compared in order.
 *    - They show people too small for the size they were looked at: the group is looked at again,
 *      at the size that it needs.
 *    - One of them failed: every frame between is looked at.
 *    - Between two looks somebody came or went: every frame between is looked at. Somebody moved
 *      fast or unevenly: the one in the middle is.
 *    - In two frames that follow each other, both looked at, somebody is in one only: a second look
 *      at that place in the other one, enlarged (imgsz auto only).
 *    This goes on until no more looks are wanted. Then the group is ready.
 *
 * So results depend on frames and options alone. Thread-safety: an object belongs to one thread at
 * a time, but for the lists of jobs that were taken, which belong to the taker until they are done,
 * and those of frames that are ready, which nobody changes.
 */
#ifndef VANON_ENGINE_LOOK_H
#define VANON_ENGINE_LOOK_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "pixels/glance.h"
#include "pixels/part.h"

typedef struct vanon_looks vanon_looks;

/* A look to be taken. */
struct vanon_looks_job {
    uint64_t number; /* of the frame */
    const vanon_frame *frame;
    struct vanon_part_rect part; /* as in detector.h's vanon_view */
    int imgsz;
    bool square;
    bool failed;              /* set by the taker: nothing is known, `found` is empty */
    vanon_object_list *found; /* for what is found */
};

/*
 * `views`: the detector can look at parts and at any size. `capacity`: how many frames there may
 * be from the oldest that is still in use to the newest; at least vanon_looks_hold() + 1.
 * VANON_ERR_MEMORY.
 */
int vanon_looks_create(vanon_looks **out, const vanon_options *options, bool views,
                       size_t capacity);
void vanon_looks_destroy(vanon_looks **look);

/* Forgets all frames; the first one that comes has the number `next` (0 after creation). */
void vanon_looks_reset(vanon_looks *look, uint64_t next);

/* How many frames must be there for one to be decided, whatever their size; 1: each is decided
 * alone. */
size_t vanon_looks_hold(const vanon_options *options, bool views);

/* The same for frames of this kind: fewer where else they would take more than a quarter of
 * max_frame_memory. */
size_t vanon_looks_hold_of(const vanon_options *options, bool views, const vanon_frame *like);

/* Where vanon_looks_hold is not 1: so many frames more keep the network busy. */
#define VANON_LOOKS_LAG 24

/* True where vanon_looks_add needs a glance. */
bool vanon_looks_glances(const vanon_looks *look);

/* Adds the frame `number`, one above the last one's. `frame` must live until it is ready and its
 * looks are done. VANON_ERR_MEMORY. */
int vanon_looks_add(vanon_looks *look, uint64_t number, const vanon_frame *frame,
                    const struct vanon_glance *glance);

/* No frame follows. VANON_ERR_MEMORY. */
int vanon_looks_end(vanon_looks *look);

/* The next waiting job; NULL: none waits. Holds until one is taken or added. */
const struct vanon_looks_job *vanon_looks_next(const vanon_looks *look);

/* How many of the waiting jobs, `most` at most, can go into one request: those of the oldest frames
 * and of one kind. And how many wait. */
size_t vanon_looks_batch(const vanon_looks *look, size_t most);
size_t vanon_looks_waiting(const vanon_looks *look);

/* Takes that many of them. */
void vanon_looks_take(vanon_looks *look, struct vanon_looks_job *jobs, size_t count);

/* The job's list is filled, or it has failed: its frame then counts as one that nobody looked at,
 * and those beside it are all looked at. VANON_ERR_MEMORY. */
int vanon_looks_done(vanon_looks *look, const struct vanon_looks_job *job);

/* All frames below this number are decided. */
uint64_t vanon_looks_ready(const vanon_looks *look);

/* Of a frame that is ready: what was found, NULL where nobody looked. Holds until a frame that is
 * `capacity` later is added. */
const vanon_object_list *vanon_looks_found(const vanon_looks *look, uint64_t number);

#endif
