/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/engine.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "engine/internal.h"
#include "pixels/frame.h"

#define LOW_SCORE 0.1 /* enough to go on following somebody who is known */

static int start_threads(vanon_engine *engine)
{
    engine->thread = calloc(engine->plan.workers, sizeof *engine->thread);
    if (!engine->thread)
        return VANON_ERR_MEMORY;
    while (engine->threads < engine->plan.workers) {
        int status = vanon_thread_start(&engine->thread[engine->threads], "vanon-worker",
                                        vanon_engine_worker, engine);

        if (status)
            return vanon_fail(engine->log, status,
                              "can't start a thread: out of memory or of threads");
        engine->threads++;
    }
    return VANON_OK;
}

static int create_stages(vanon_engine *engine)
{
    struct vanon_detector_params detector = {
        .options = engine->options,
        .log = engine->log,
        .done = vanon_engine_request_done,
        .opaque = engine,
        .slots = engine->plan.requests,
        .batch = engine->plan.batch,
        .elastic = engine->plan.grows,
        .threads = engine->plan.inference_threads,
        .least_score = fmin(engine->options->confidence, LOW_SCORE),
    };
    int status = vanon_detector_create(&engine->detector, &detector);

    if (!status && engine->options->detector == VANON_DETECTOR_APPLY)
        status = vanon_script_create(&engine->script, engine->options, engine->log);
    else if (!status)
        status = vanon_tracker_create(&engine->tracker, engine->options, engine->log);
    if (!status)
        status = vanon_frame_pool_create(&engine->described);
    if (!status)
        status = vanon_frame_pool_create(&engine->downloads);
    if (!status)
        status = vanon_renderer_create(&engine->renderer, engine->options, engine->log);
    if (!status)
        status = vanon_hold_create(&engine->hold, engine->options);
    return status;
}

/* How many frames are wanted behind one before it is final. */
static size_t look_ahead(const vanon_engine *engine)
{
    return engine->script ? 0 : (size_t)engine->options->look_ahead_frames;
}

/* The ring's size follows from what the stages turned out to be. */
static int create_ring(vanon_engine *engine)
{
    size_t held;

    engine->plan.batch = engine->detector->batch;
    vanon_growth_init(&engine->growth, engine->plan.batch,
                      engine->plan.grows && engine->detector->elastic);
    engine->plan.requests = engine->requests = engine->detector->slots;
    engine->latency = look_ahead(engine);
    engine->span = vanon_looks_hold(engine->options, engine->detector->views);
    held = engine->latency + engine->span + (engine->span > 1 ? VANON_LOOKS_LAG : 0);
    engine->limit = engine->capacity = vanon_plan_capacity(engine->options, &engine->plan, held);
    engine->slot = calloc(engine->capacity, sizeof *engine->slot);
    engine->request = calloc(engine->requests, sizeof *engine->request);
    if (!engine->slot || !engine->request)
        return VANON_ERR_MEMORY;
    return vanon_looks_create(&engine->look, engine->options, engine->detector->views,
                              engine->capacity);
}

static int init_lock(vanon_engine *engine)
{
    if (pthread_mutex_init(&engine->lock, NULL))
        return VANON_ERR_MEMORY;
    if (vanon_cond_init(&engine->work))
        goto no_work;
    if (vanon_cond_init(&engine->room))
        goto no_room;
    if (vanon_cond_init(&engine->ready))
        goto no_ready;
    return VANON_OK;
no_ready:
    pthread_cond_destroy(&engine->room);
no_room:
    pthread_cond_destroy(&engine->work);
no_work:
    pthread_mutex_destroy(&engine->lock);
    return VANON_ERR_MEMORY;
}

int vanon_engine_create(vanon_engine **out, const struct vanon_engine_params *params)
{
    vanon_engine *engine;
    int status;

    *out = NULL;
    engine = calloc(1, sizeof *engine);
    if (!engine)
        return VANON_ERR_MEMORY;
    if (init_lock(engine)) {
        free(engine);
        return VANON_ERR_MEMORY;
    }
    engine->log = params->log;
    engine->detect_only = params->detect_only;
    engine->without_pictures = params->detect_only && params->without_pictures;
    vanon_measure_init(&engine->measure);
    engine->time_zero = params->time_zero;
    status = params->options ? vanon_options_copy(&engine->options, params->options)
                             : vanon_options_create(&engine->options, params->log);
    if (!status)
        status = vanon_options_check(engine->options);
    if (!status) {
        engine->plan = vanon_plan_make(engine->options, vanon_processors());
        status = create_stages(engine);
    }
    if (!status)
        status = create_ring(engine);
    if (!status)
        status = start_threads(engine);
    if (status)
        vanon_engine_destroy(&engine);
    *out = engine;
    return status;
}

static void stop_threads(vanon_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    vanon_engine_fail_locked(engine, VANON_ERR_CANCELLED);
    pthread_mutex_unlock(&engine->lock);
    for (size_t i = 0; i < engine->threads; i++)
        pthread_join(engine->thread[i], NULL);
    free(engine->thread);
}

/* Gives the network the time it needs to answer what it was asked. */
static void await_answers(vanon_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    while (!engine->stalled && vanon_engine_is_owed(engine))
        vanon_engine_wait(engine, &engine->ready, VANON_FOREVER);
    pthread_mutex_unlock(&engine->lock);
}

void vanon_engine_destroy(vanon_engine **pointer)
{
    vanon_engine *engine = *pointer;

    if (!engine)
        return;
    *pointer = NULL;
    stop_threads(engine);
    await_answers(engine);
    if (!engine->stalled)
        vanon_detector_destroy(&engine->detector);
    vanon_tracker_destroy(&engine->tracker);
    vanon_aspect_free(&engine->aspect);
    vanon_script_destroy(&engine->script);
    vanon_regions_memory_free(&engine->memory);
    vanon_looks_destroy(&engine->look);
    for (size_t i = 0; engine->slot && i < engine->capacity; i++) {
        vanon_frame_unref(&engine->slot[i].frame);
        vanon_frame_unref(&engine->slot[i].host);
        vanon_object_list_free(&engine->slot[i].objects);
        vanon_region_list_free(&engine->slot[i].regions);
        vanon_held_free(&engine->slot[i].held);
    }
    vanon_renderer_destroy(&engine->renderer);
    vanon_frame_pool_destroy(&engine->described);
    vanon_frame_pool_destroy(&engine->downloads);
    vanon_hold_destroy(&engine->hold);
    vanon_surfaces_destroy(&engine->surfaces);
    vanon_object_list_free(&engine->out_objects);
    vanon_region_list_free(&engine->out_regions);
    free(engine->slot);
    if (engine->stalled) /* the detector, what it was given and what it would tell are left to it */
        return;
    free(engine->request);
    vanon_options_destroy(&engine->options);
    pthread_cond_destroy(&engine->ready);
    pthread_cond_destroy(&engine->room);
    pthread_cond_destroy(&engine->work);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

/* The look-ahead is settled by the first frame, before the tracker sees it. Needs the lock. */
static void start(vanon_engine *engine, const vanon_frame *first)
{
    size_t wanted = look_ahead(engine);

    engine->started = true;
    engine->latency =
        engine->without_pictures ? wanted : vanon_plan_latency(engine->options, wanted, first);
    if (engine->tracker)
        vanon_tracker_set_latency(engine->tracker, engine->latency);
    if (engine->latency < wanted)
        vanon_warn(engine->log,
                   "max_frame_memory %d MiB: frames of %dx%d are looked ahead by %zu, not %zu",
                   engine->options->max_frame_memory, first->width, first->height, engine->latency,
                   wanted);
}

/* Puts the frame into the next slot. Needs the lock and room. */
static int enter(vanon_engine *engine, vanon_frame **frame, const struct vanon_glance *glance)
{
    struct slot *slot = vanon_engine_slot(engine, engine->next_submit);
    int status;

    slot->unexamined = (*frame)->flags & VANON_FRAME_DAMAGED;
    slot->state = SLOT_LOOKED_AT;
    slot->frame = *frame;
    *frame = NULL;
    status = vanon_looks_add(engine->look, engine->next_submit, slot->frame, glance);
    engine->next_submit++;
    engine->stats.frames_in++;
    engine->stats.frames_on_device += slot->frame->memory != VANON_MEMORY_HOST;
    if (status)
        vanon_engine_fail_locked(engine, status);
    vanon_engine_note_fill(engine);
    vanon_engine_wake_worker(engine);
    return status;
}

/* Needs the lock. */
static void set_limit(vanon_engine *engine, const vanon_frame *frame)
{
    size_t held = engine->without_pictures ? engine->span : engine->latency + engine->span;
    size_t batch = vanon_detector_most(engine->detector, &(struct vanon_view){.frame = frame});
    size_t limit = vanon_plan_limit(engine->options, batch, held, engine->capacity, frame);

    if (limit != engine->limit)
        vanon_engine_wake_worker(engine); /* a batch may wait for frames that don't fit any more */
    engine->limit = limit;
}

bool vanon_engine_is_full(const vanon_engine *engine)
{
    if (!engine->without_pictures)
        return engine->next_submit - engine->next_receive >= engine->limit;
    return engine->next_submit - engine->next_push >= engine->limit ||
           engine->next_submit - engine->next_receive >= engine->capacity;
}

/* What can be said against a frame before it comes in. */
static int check_frame(vanon_engine *engine, const vanon_frame *frame)
{
    int status;

    if (!frame || vanon_frame_check(frame))
        return vanon_fail(engine->log, VANON_ERR_ARGUMENT,
                          "a frame whose format, size or planes are not as frame.h says");
    if (!(frame->flags & VANON_FRAME_DAMAGED) || engine->options->on_error != VANON_ON_ERROR_STOP)
        return VANON_OK;
    status = vanon_fail(engine->log, VANON_ERR_DAMAGED,
                        "frame %llu is damaged; --on-error hide would hide it whole and go on",
                        (unsigned long long)frame->number);
    vanon_engine_abort(engine, status);
    return status;
}

/* Waits for room; then the frame is inside. */
static int enter_in_time(vanon_engine *engine, vanon_frame **frame,
                         const struct vanon_glance *glance, int timeout_ms)
{
    int64_t deadline = vanon_deadline(timeout_ms);
    int status;

    pthread_mutex_lock(&engine->lock);
    if (!engine->started)
        start(engine, *frame);
    set_limit(engine, *frame);
    while (!(status = engine->status) && !engine->drained && vanon_engine_is_full(engine)) {
        status = vanon_engine_wait(engine, &engine->room, deadline);
        if (status)
            break;
    }
    if (!status && engine->drained)
        status = VANON_ERR_STATE;
    if (engine->status)
        status = engine->status;
    if (!status)
        status = enter(engine, frame, glance);
    pthread_mutex_unlock(&engine->lock);
    return status;
}

int vanon_engine_submit(vanon_engine *engine, vanon_frame **frame, int timeout_ms)
{
    struct vanon_glance glance;
    vanon_frame *host = NULL;
    int status = check_frame(engine, *frame);

    if (!status && (*frame)->memory != VANON_MEMORY_HOST)
        status = vanon_engine_admit(engine, *frame, &host);
    if (!status && vanon_looks_glances(engine->look))
        status = vanon_engine_glance(engine, host ? host : *frame, &glance);
    if (!status)
        status = enter_in_time(engine, host ? &host : frame, &glance, timeout_ms);
    if (status)
        vanon_frame_unref(&host);
    else
        vanon_frame_unref(frame); /* NULL, but where a copy went in instead */
    return status;
}

/* Hands the next frame out. Needs the lock and a ready frame. */
static void leave(vanon_engine *engine, vanon_output *output)
{
    struct slot *slot = vanon_engine_slot(engine, engine->next_receive);
    struct vanon_engine_stats *stats = &engine->stats;
    vanon_object_list objects = engine->out_objects;
    vanon_region_list regions = engine->out_regions;

    engine->out_objects = slot->objects;
    engine->out_regions = slot->regions;
    slot->objects = objects;
    slot->regions = regions;
    *output = (vanon_output){.frame = slot->frame,
                             .objects = &engine->out_objects,
                             .regions = &engine->out_regions,
                             .hidden_whole = slot->unexamined};
    slot->frame = NULL;
    slot->state = SLOT_EMPTY;
    engine->next_receive++;
    stats->frames_out++;
    stats->frames_hidden_whole += output->hidden_whole;
    stats->frames_changed += output->regions->count > 0;
    stats->objects += output->objects->count;
    stats->regions += output->regions->count;
    vanon_engine_note_fill(engine);
    pthread_cond_signal(&engine->room);
    vanon_engine_wake_worker(engine); /* the next may be rendered */
}

int vanon_engine_receive(vanon_engine *engine, vanon_output *output, int timeout_ms)
{
    int64_t deadline = vanon_deadline(timeout_ms);
    int status;

    *output = (vanon_output){0};
    pthread_mutex_lock(&engine->lock);
    for (;;) {
        bool empty = engine->next_receive == engine->next_submit;

        status = engine->status;
        if (status)
            break;
        if (!empty && vanon_engine_slot(engine, engine->next_receive)->state == SLOT_READY) {
            leave(engine, output);
            break;
        }
        if (empty && engine->drained) {
            status = engine->script ? vanon_script_end(engine->script) : VANON_OK;
            status = status ? status : VANON_ERR_EOF;
            break;
        }
        status = vanon_engine_wait(engine, &engine->ready, deadline);
        if (status)
            break;
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

int vanon_engine_drain(vanon_engine *engine)
{
    int status;

    pthread_mutex_lock(&engine->lock);
    if (!engine->drained && !engine->status) {
        engine->drained = true;
        status = vanon_looks_end(engine->look);
        if (status)
            vanon_engine_fail_locked(engine, status);
    }
    status = engine->status;
    pthread_cond_broadcast(&engine->work);
    pthread_cond_broadcast(&engine->room);
    pthread_cond_broadcast(&engine->ready);
    pthread_mutex_unlock(&engine->lock);
    return status;
}

int vanon_engine_flush(vanon_engine *engine)
{
    int status;

    pthread_mutex_lock(&engine->lock);
    engine->flushing = true;
    pthread_cond_broadcast(&engine->work);
    while (!engine->status && (engine->active || engine->requests_busy))
        vanon_engine_wait(engine, &engine->ready, VANON_FOREVER);
    status = engine->status;
    if (!status) {
        for (size_t i = 0; i < engine->capacity; i++) {
            vanon_frame_unref(&engine->slot[i].frame);
            vanon_frame_unref(&engine->slot[i].host);
            engine->slot[i].state = SLOT_EMPTY;
        }
        engine->next_push = engine->next_pull = engine->next_submit;
        engine->next_render = engine->next_receive = engine->next_submit;
        if (engine->tracker)
            vanon_tracker_reset(engine->tracker);
        vanon_aspect_reset(&engine->aspect);
        vanon_regions_forget(&engine->memory);
        vanon_hold_reset(engine->hold);
        vanon_looks_reset(engine->look, engine->next_submit);
        vanon_engine_note_fill(engine);
        engine->started = engine->drained = engine->tracker_drained = false;
    }
    engine->flushing = false;
    pthread_cond_broadcast(&engine->work);
    pthread_cond_broadcast(&engine->room);
    pthread_mutex_unlock(&engine->lock);
    return status;
}

void vanon_engine_abort(vanon_engine *engine, int status)
{
    pthread_mutex_lock(&engine->lock);
    vanon_engine_fail_locked(engine, status);
    pthread_mutex_unlock(&engine->lock);
}

void vanon_engine_set_hook(vanon_engine *engine, const struct vanon_hook *hook)
{
    engine->hook = *hook;
}

size_t vanon_engine_latency(const vanon_engine *engine)
{
    return look_ahead(engine) + engine->span + engine->plan.batch;
}

void vanon_engine_get_stats(vanon_engine *engine, struct vanon_engine_stats *stats)
{
    struct vanon_detector_info info = {0};

    vanon_detector_get_info(engine->detector, &info);
    pthread_mutex_lock(&engine->lock);
    *stats = engine->stats;
    stats->workers = engine->plan.workers;
    stats->requests = engine->requests;
    stats->batch = engine->most < engine->growth.batch ? engine->most : engine->growth.batch;
    stats->capacity = engine->capacity;
    vanon_measure_report(&engine->measure, stats);
    pthread_mutex_unlock(&engine->lock);
    for (size_t i = 0; i < engine->threads; i++)
        stats->worker_cpu_seconds += vanon_thread_seconds(engine->thread[i]);
    snprintf(stats->detector, sizeof stats->detector, "%s",
             engine->script ? "apply" : engine->detector->ops->name);
    memcpy(stats->device, info.device, sizeof stats->device);
    memcpy(stats->precision, info.precision, sizeof stats->precision);
    memcpy(stats->model, info.model, sizeof stats->model);
    memcpy(stats->model_sha256, info.model_sha256, sizeof stats->model_sha256);
    if (engine->script)
        snprintf(stats->model_sha256, sizeof stats->model_sha256, "%s",
                 vanon_script_model(engine->script));
    stats->compile_seconds = info.compile_seconds;
    stats->compile_cpu_seconds = info.compile_cpu_seconds;
    stats->stage[VANON_STAGE_PREPARE].seconds -= info.compile_seconds;
    stats->stage[VANON_STAGE_PREPARE].cpu_seconds -= info.compile_cpu_seconds;
    stats->looks_left_out = info.left_out;
    stats->network_width = info.width;
    stats->network_height = info.height;
}
