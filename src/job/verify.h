/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks whether what was to be hidden still shows in a finished output: searches the original and
 * the output with a larger network input and a lower threshold than a run does (people who are too
 * large for it are judged by a search with a run's own input), and judges the
 * fine detail at each joint that the chosen parts must cover (places.h, pixels/trace.h), and in the
 * regions of one's own. Who is left in sight by an option is left out. What looks like a person in
 * the output alone is judged, too, and counted apart: the same samples did not look so in the
 * original, and what is hidden beside them changes what the network sees.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_JOB_VERIFY_H
#define VANON_JOB_VERIFY_H

#include <jansson.h>

#include "job/scan.h"

typedef struct vanon_verify vanon_verify;

/* `options` are those of the run; `path` is the output, under whatever name it has now. All must
 * outlive the object. VANON_ERR_OPTION: the input is a pipe; as vanon_png_check (of the sheet)
 * and vanon_scan_create. */
int vanon_verify_create(vanon_verify **out, const vanon_options *options, const char *path,
                        const vanon_log *log);
void vanon_verify_destroy(vanon_verify **verify);

/* Does the work, once, and writes options->sheet where something shows. VANON_ERR_SHOWS: something
 * does; VANON_ERR_INPUT: the two are not frame by frame of one size and time; VANON_ERR_CANCELLED;
 * as vanon_scan_next and vanon_png_write. */
int vanon_verify_run(vanon_verify *verify, const struct vanon_watch *watch);

/* What it found, in lines of text; "" before a run's end. */
const char *vanon_verify_text(const vanon_verify *verify);

/* The same as a new object; NULL: no memory. docs/verify.md has its keys. */
json_t *vanon_verify_json(const vanon_verify *verify);

#endif
