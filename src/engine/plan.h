/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes of the scheduler: how many threads, requests and frames. A pipeline is a preset of them and
 * nothing else, so no choice here changes a pixel. Pure functions.
 */
#ifndef VANON_ENGINE_PLAN_H
#define VANON_ENGINE_PLAN_H

#include <vanon/frame.h>

#include "options/options.h"

struct vanon_plan {
    size_t workers;        /* threads of the engine */
    size_t batch;          /* frames in one request; the most, where it grows */
    bool grows;            /* the batch begins with 1, see growth.h */
    size_t requests;       /* 0: as many as the detector finds best */
    size_t rendered;       /* frames that may be rendered and wait to be received */
    int inference_threads; /* of the detector; 0: all processors */
};

/* What options and machine suggest before the detector is there. */
struct vanon_plan vanon_plan_make(const vanon_options *options, int processors);

/* How many frames may be inside: queues before and after the work, what is worked on, and `latency`
 * frames of look-ahead. */
size_t vanon_plan_capacity(const vanon_options *options, const struct vanon_plan *plan,
                           size_t latency);

/* How many of the `wanted` frames of look-ahead fit into half of max_frame_memory, when they are of
 * this kind. Nothing else counts: it changes what is hidden. */
size_t vanon_plan_latency(const vanon_options *options, size_t wanted, const vanon_frame *frame);

/*
 * The capacity, cut so that frames of this kind stay within max_frame_memory, each counted twice
 * (source and rendered copy); never below what makes progress possible: `batch`, what a request for
 * such frames takes at most, and the look-ahead.
 */
size_t vanon_plan_limit(const vanon_options *options, size_t batch, size_t latency, size_t capacity,
                        const vanon_frame *frame);

#endif
