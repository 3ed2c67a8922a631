/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/measure.h"

#include <string.h>

#include "base/thread.h"

#define FIRST_INTERVAL 0.05 /* seconds */

static const char *const stage_names[VANON_STAGES] = {"prepare", "network", "decode",
                                                      "track",   "regions", "render"};
static const char *const queue_names[VANON_QUEUES] = {"detect",     "network", "track",
                                                      "look_ahead", "render",  "write"};

_Static_assert(VANON_STAGES <= VANON_MAX_STAGES && VANON_QUEUES <= VANON_MAX_QUEUES,
               "no room in the public statistics");

void vanon_measure_init(struct vanon_measure *measure)
{
    *measure = (struct vanon_measure){.interval = FIRST_INTERVAL};
    for (size_t i = 0; i < VANON_STAGES; i++)
        measure->stage[i].name = stage_names[i];
}

/* Halves the number of points; each then stands for twice the time. */
static void merge_points(struct vanon_measure *measure)
{
    measure->points /= 2;
    measure->interval *= 2;
    for (size_t queue = 0; queue < VANON_QUEUES; queue++)
        for (size_t i = 0; i < measure->points; i++) {
            float *course = measure->course[queue];

            course[i] = (course[2 * i] + course[2 * i + 1]) / 2;
        }
}

static void add_point(struct vanon_measure *measure)
{
    for (size_t i = 0; i < VANON_QUEUES; i++) {
        measure->course[i][measure->points] = (float)(measure->gathered[i] / measure->elapsed);
        measure->gathered[i] = 0;
    }
    measure->points++;
    measure->elapsed = 0;
    if (measure->points == VANON_FILL_POINTS)
        merge_points(measure);
}

/* The queues held what they hold for so long. */
static void pass(struct vanon_measure *measure, double seconds)
{
    for (size_t i = 0; i < VANON_QUEUES; i++)
        measure->area[i] += (double)measure->fill[i] * seconds;
    while (seconds > 0) {
        double left = measure->interval - measure->elapsed;
        double part = seconds < left ? seconds : left;

        for (size_t i = 0; i < VANON_QUEUES; i++)
            measure->gathered[i] += (double)measure->fill[i] * part;
        measure->elapsed += part;
        seconds -= part;
        if (part == left)
            add_point(measure);
    }
}

void vanon_measure_fill(struct vanon_measure *measure, const size_t fill[VANON_QUEUES], int64_t now)
{
    if (!measure->started)
        measure->started = now;
    else
        pass(measure, (double)(now - measure->last) * 1e-9);
    measure->last = now;
    for (size_t i = 0; i < VANON_QUEUES; i++) {
        measure->fill[i] = fill[i];
        if (fill[i] > measure->most[i])
            measure->most[i] = fill[i];
    }
}

struct vanon_span vanon_span_begin(void)
{
    return (struct vanon_span){.wall = vanon_clock(), .cpu = vanon_thread_clock()};
}

void vanon_measure_span(struct vanon_measure *measure, enum vanon_stage stage, size_t frames,
                        struct vanon_span since)
{
    vanon_measure_time(measure, stage, frames, since.wall);
    measure->stage[stage].cpu_seconds += (double)(vanon_thread_clock() - since.cpu) * 1e-9;
}

void vanon_measure_time(struct vanon_measure *measure, enum vanon_stage stage, size_t frames,
                        int64_t since)
{
    measure->stage[stage].frames += frames;
    measure->stage[stage].seconds += (double)(vanon_clock() - since) * 1e-9;
}

static void report_queues(const struct vanon_measure *measure, struct vanon_engine_stats *stats)
{
    stats->queues = VANON_QUEUES;
    stats->fill_interval = measure->interval;
    for (size_t i = 0; i < VANON_QUEUES; i++) {
        struct vanon_queue_stats *queue = &stats->queue[i];

        queue->name = queue_names[i];
        queue->now = measure->fill[i];
        queue->most = measure->most[i];
        queue->frame_seconds = measure->area[i];
        queue->mean = stats->seconds > 0 ? measure->area[i] / stats->seconds : 0;
        queue->points = measure->points;
        memcpy(queue->course, measure->course[i], sizeof queue->course);
    }
}

/* How much of the time a stage was at work: 1 is all it can do. The workers do all but the network
 * and take turns, so they count together, under the name of the stage that takes most of them. */
static void report_load(struct vanon_engine_stats *stats)
{
    const struct vanon_stage_stats *stage = stats->stage;
    double run = stats->seconds, workers = 0;
    size_t longest = VANON_STAGE_PREPARE;

    if (run <= 0)
        return;
    for (size_t i = 0; i < VANON_STAGES; i++) {
        if (i == VANON_STAGE_NETWORK)
            continue;
        workers += stage[i].seconds / run / (double)stats->workers;
        if (stage[i].seconds > stage[longest].seconds)
            longest = i;
    }
    stats->slowest = stage[VANON_STAGE_NETWORK].name;
    stats->load = stage[VANON_STAGE_NETWORK].seconds / run / (double)stats->requests;
    if (workers > stats->load) {
        stats->slowest = stage[longest].name;
        stats->load = workers;
    }
    /* The tracker is one, however many the workers are. */
    if (stage[VANON_STAGE_TRACK].seconds / run > stats->load) {
        stats->slowest = stage[VANON_STAGE_TRACK].name;
        stats->load = stage[VANON_STAGE_TRACK].seconds / run;
    }
}

void vanon_measure_report(const struct vanon_measure *measure, struct vanon_engine_stats *stats)
{
    stats->stages = VANON_STAGES;
    memcpy(stats->stage, measure->stage, sizeof measure->stage);
    stats->seconds = (double)(measure->last - measure->started) * 1e-9;
    report_queues(measure, stats);
    report_load(stats);
}
