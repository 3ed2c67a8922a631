/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verification's inside: verify.c (life cycle, the searches, frame by frame), verify_judge.c
 * (what shows in a frame).
 */
#ifndef VANON_JOB_VERIFY_INTERNAL_H
#define VANON_JOB_VERIFY_INTERNAL_H

#include "job/findings.h"
#include "job/second_look.h"
#include "job/verify.h"
#include "options/options.h"
#include "pixels/gray.h"
#include "regions/choose.h"

#define VANON_VERIFY_WIDER 2 /* times the network input that was given */
#define VANON_VERIFY_FAINT 4 /* the searches' threshold is the run's divided by it, */
#define VANON_VERIFY_HALF  2 /* and by this the one below which only what is confirmed counts */

/* A place that does not show. */
struct vanon_verify_place {
    const char *name;
    double x, y;
};

/* One that does, if somebody is there. */
struct vanon_verify_shown {
    struct vanon_finding finding;
    const vanon_object *object; /* whose joint it is; NULL: a region of one's own */
};

struct vanon_verify {
    const vanon_options *options;
    const char *path;
    const vanon_log *log;
    vanon_options *wide, *near, *of_output, *of_run, *by_place, *of_second;
    vanon_scan *original, *near_original, *output;
    vanon_scan *run; /* who has which id, where the options leave people by id; NULL: they don't */
    vanon_second_look *second;
    double enlarged; /* network pixels of the wide search in a display pixel */
    vanon_gray *gray[2];
    vanon_findings *findings;
    uint64_t frames;
    double first[2]; /* time of the first frames, in seconds */
    vanon_region_list own;
    char *text;

    /* Of the frame that is judged. */
    struct vanon_verify_place *place;
    size_t places, place_capacity;
    struct vanon_verify_shown *shown;
    size_t shows, shown_capacity;
};

/* What is known of the frame that is judged. */
struct vanon_verify_pair {
    vanon_output original, near, output, run;
    struct vanon_moment moment;
    double noise;                 /* vanon_trace_noise */
    struct vanon_picture picture; /* of the output, once it is needed */
};

/* Judges what shows in the frame, and notes it. As vanon_findings_add and
 * vanon_second_look_confirms. */
int vanon_verify_judge(vanon_verify *verify, struct vanon_verify_pair *pair);

#endif
