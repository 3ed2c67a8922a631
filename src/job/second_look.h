/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second opinion of the network on somebody whom a search of the whole picture has found: up to
 * three looks at that place alone, enlarged. What only looks like a person at one size, and people
 * whom a search has put where they are not, don't stand it; who is there does.
 *
 * Somebody is confirmed where two of the three looks see them with a score of options->confidence
 * and an intersection over union above 0.4; and a joint where one of those sees it, with
 * visibility 0.3, no farther off than 1.5 times its disc's radius. The looks: a square three times
 * as large as the person at 320 and at 640 network pixels, and one twice as large at 320.
 *
 * Measured, by a script that follows this rule, on people whom a search at 1920 finds with a score
 * of 0.15 or more in vtest (200 frames), one-by-one (500), asl-thanks and car-detection: of 442 who
 * are there 437 are confirmed (the others are slivers at the picture's border, or stand behind a
 * sign), with 842 of their 849 joints; of 213 who are not there (a bollard, cars, shadows, pieces
 * of others) none.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_JOB_SECOND_LOOK_H
#define VANON_JOB_SECOND_LOOK_H

#include "detect/detector.h"
#include "job/places.h"

typedef struct vanon_second_look vanon_second_look;

/* `options` are those of the run, but for a detector that can look at any picture; both pointers
 * must outlive the object. The model is read when it is first needed. VANON_ERR_MEMORY. */
int vanon_second_look_create(vanon_second_look **out, const vanon_options *options,
                             const vanon_log *log);
void vanon_second_look_destroy(vanon_second_look **look);

/* Whom the next questions are about. The frame must outlive them. */
void vanon_second_look_begin(vanon_second_look *look, const vanon_frame *frame,
                             const vanon_box *box);

/* Whether somebody is there and has that joint there. A detector that can't look at parts of a
 * picture (a sidecar, a model of fixed size) has no second opinion: true. As vanon_detector_create,
 * vanon_detector_look and vanon_detector_collect. */
int vanon_second_look_confirms(vanon_second_look *look, const struct vanon_disc *disc,
                               bool *confirmed);

#endif
