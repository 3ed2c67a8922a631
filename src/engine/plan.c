/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/plan.h"

#include "pixels/format.h"

#define SMALL_BATCH                                                                                \
    4                   /* the most that an automatic batch grows to: a batch waits for its frames \
                         */
#define LARGE_BATCH  16 /* of the pipelines that collect frames */
#define AUTO_QUEUE   2  /* frames before and after the work: enough to even out a stage's hiccups */
#define MOST_WORKERS 16 /* beyond, the serial stages keep no more of them busy */

static size_t given_or(int value, size_t automatic)
{
    return value == VANON_AUTO ? automatic : (size_t)value;
}

struct vanon_plan vanon_plan_make(const vanon_options *options, int processors)
{
    size_t threads = given_or(options->cpu_threads, (size_t)processors);
    struct vanon_plan plan = {.inference_threads = (int)threads};

    switch (options->pipeline) {
    case VANON_PIPELINE_CPU_GPU:
        plan.workers = 2;
        plan.batch = SMALL_BATCH;
        break;
    case VANON_PIPELINE_BATCH:
        plan.workers = 1;
        plan.batch = LARGE_BATCH;
        break;
    case VANON_PIPELINE_ULTRA:
        plan.workers = threads;
        plan.batch = LARGE_BATCH;
        break;
    case VANON_PIPELINE_MULTITHREAD:
        plan.workers = threads;
        plan.batch = 1;
        break;
    }
    plan.grows = options->batch_size == VANON_AUTO;
    plan.batch = given_or(options->batch_size, plan.batch);
    if (plan.workers > MOST_WORKERS)
        plan.workers = MOST_WORKERS;
    if (options->pipeline == VANON_PIPELINE_MULTITHREAD)
        plan.requests = plan.workers;
    plan.rendered = given_or(options->result_queue_size, AUTO_QUEUE);
    return plan;
}

/* What must fit for anything to move: a batch that fills up while another is rendered. */
static size_t least(size_t batch, size_t latency)
{
    return latency + batch + 1;
}

size_t vanon_plan_capacity(const vanon_options *options, const struct vanon_plan *plan,
                           size_t latency)
{
    size_t queues = given_or(options->frame_queue_size, AUTO_QUEUE) +
                    given_or(options->result_queue_size, AUTO_QUEUE);

    return least(plan->batch, latency) + queues + plan->requests * plan->batch;
}

size_t vanon_plan_latency(const vanon_options *options, size_t wanted, const vanon_frame *frame)
{
    size_t bytes = vanon_frame_bytes(frame->format, frame->width, frame->height);
    size_t fit = bytes ? ((size_t)options->max_frame_memory << 19) / bytes : wanted;

    return fit < wanted ? fit : wanted;
}

size_t vanon_plan_limit(const vanon_options *options, size_t batch, size_t latency, size_t capacity,
                        const vanon_frame *frame)
{
    size_t bytes = 2 * vanon_frame_bytes(frame->format, frame->width, frame->height);
    size_t fit = bytes ? ((size_t)options->max_frame_memory << 20) / bytes : capacity;

    if (fit > capacity)
        fit = capacity;
    return fit < least(batch, latency) ? least(batch, latency) : fit;
}
