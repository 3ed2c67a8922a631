/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why each region of one frame is there: the frame is looked at as a run with the same options
 * would (from the video's beginning on, so that ids are the same), and described in words, as JSON
 * and as a picture. The picture is that of the input: it hides nothing.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_JOB_EXPLAIN_H
#define VANON_JOB_EXPLAIN_H

#include <jansson.h>

#include "job/scan.h"

typedef struct vanon_explain vanon_explain;

/* `picture`: the PNG's path. All must outlive the object. VANON_ERR_OPTION: options->frame was not
 * given; as vanon_png_check and vanon_scan_create. */
int vanon_explain_create(vanon_explain **out, const vanon_options *options, const char *picture,
                         const vanon_log *log);
void vanon_explain_destroy(vanon_explain **explain);

/* Does the work, once. VANON_ERR_OPTION: there is no such frame; VANON_ERR_CANCELLED; as
 * vanon_scan_next and vanon_png_write. */
int vanon_explain_run(vanon_explain *explain, const struct vanon_watch *watch);

/* What it found, in lines of text; "" before a run. */
const char *vanon_explain_text(const vanon_explain *explain);

/* The same as a new object; NULL: no memory, or there was no run. docs/verify.md has its keys. */
json_t *vanon_explain_json(const vanon_explain *explain);

#endif
