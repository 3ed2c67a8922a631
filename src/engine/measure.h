/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine measures while it runs: time in each stage, and how full each queue was. Nothing
 * here decides anything.
 *
 * Thread-safety: the engine's lock guards a struct vanon_measure; spans belong to their thread.
 */
#ifndef VANON_ENGINE_MEASURE_H
#define VANON_ENGINE_MEASURE_H

#include <vanon/engine.h>

enum vanon_stage {
    VANON_STAGE_PREPARE,
    VANON_STAGE_NETWORK,
    VANON_STAGE_DECODE,
    VANON_STAGE_TRACK,
    VANON_STAGE_REGIONS,
    VANON_STAGE_RENDER,
    VANON_STAGES
};

/* Where frames are between submit and receive; in this order they pass through. */
enum vanon_queue {
    VANON_QUEUE_DETECT,     /* wait for a request */
    VANON_QUEUE_NETWORK,    /* are in one */
    VANON_QUEUE_TRACK,      /* wait for those before them */
    VANON_QUEUE_LOOK_AHEAD, /* are held back by the tracker */
    VANON_QUEUE_RENDER,
    VANON_QUEUE_WRITE, /* are rendered, or wait to be received */
    VANON_QUEUES
};

struct vanon_measure {
    struct vanon_stage_stats stage[VANON_STAGES];
    int64_t started, last; /* of vanon_clock; 0: no frame yet */
    size_t fill[VANON_QUEUES];
    double area[VANON_QUEUES]; /* frames x seconds: by Little's law the frames' time in the queue */
    size_t most[VANON_QUEUES];

    /* The course of the fill: means over `interval` seconds, which doubles when there are too many.
     */
    double interval, elapsed; /* of the point that is being gathered */
    double gathered[VANON_QUEUES];
    size_t points;
    float course[VANON_QUEUES][VANON_FILL_POINTS];
};

void vanon_measure_init(struct vanon_measure *measure);

/* Tells how many frames each queue holds from `now` on, a time of vanon_clock. */
void vanon_measure_fill(struct vanon_measure *measure, const size_t fill[VANON_QUEUES],
                        int64_t now);

/* A piece of work of this thread: begun with _begin, ended with _end. */
struct vanon_span {
    int64_t wall, cpu; /* nanoseconds */
};

struct vanon_span vanon_span_begin(void);

/* Adds the time since then; `frames` were worked on. */
void vanon_measure_span(struct vanon_measure *measure, enum vanon_stage stage, size_t frames,
                        struct vanon_span since);

/* Adds time that no thread of ours spent: the network's. */
void vanon_measure_time(struct vanon_measure *measure, enum vanon_stage stage, size_t frames,
                        int64_t since);

/* Fills in stages, queues, seconds and the slowest stage; `workers` and `requests` of `stats` must
 * be there. */
void vanon_measure_report(const struct vanon_measure *measure, struct vanon_engine_stats *stats);

#endif
