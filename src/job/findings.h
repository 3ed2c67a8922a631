/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verification found: counts, how long each joint showed, the worst places with a crop of
 * the examined picture each, and all of it as text, JSON and a contact sheet.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_JOB_FINDINGS_H
#define VANON_JOB_FINDINGS_H

#include <stdio.h>

#include <jansson.h>

#include <vanon/object.h>

#include "job/places.h"
#include "pixels/picture.h"
#include "pixels/trace.h"

/* A place that shows. */
struct vanon_finding {
    bool certain; /* false: it shows if somebody is there, which is doubtful */
    uint64_t frame;
    double time;    /* seconds; not finite: not known */
    int64_t person; /* id of the verification's own tracks, from 1; 0: none */
    double score;
    struct vanon_disc disc;
    struct vanon_trace trace;
};

typedef struct vanon_findings vanon_findings;

int vanon_findings_create(vanon_findings **out);
void vanon_findings_destroy(vanon_findings **findings);

/* Counts a place that was judged and does not show, or one where nothing can be told. */
void vanon_findings_count(vanon_findings *findings, bool told);

/* Notes a place that shows. `frame` is that of the examined video, to cut the crop from; `picture`
 * is memory for it: of no width until the first call for the frame, then the frame's picture.
 * VANON_ERR_MEMORY. */
int vanon_findings_add(vanon_findings *findings, const struct vanon_finding *finding,
                       const vanon_frame *frame, struct vanon_picture *picture);

/* How many places show for certain; and whether any does, doubtful ones included. */
uint64_t vanon_findings_showing(const vanon_findings *findings);
bool vanon_findings_any(const vanon_findings *findings);

void vanon_findings_print(const vanon_findings *findings, FILE *text);

/* Adds what it has to an object: docs/verify.md. */
void vanon_findings_report(const vanon_findings *findings, json_t *object);

/* The crops of the worst places, the certain ones before the others and the worst first, each
 * marked, in red or yellow, and with its frame's number.
 * VANON_ERR_MEMORY. */
int vanon_findings_sheet(const vanon_findings *findings, struct vanon_picture *sheet);

#endif
