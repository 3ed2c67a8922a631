/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"

#include "base/log.h"
#include "pixels/frame.h"
#include "regions/regions.h"

void vanon_engine_fail_locked(vanon_engine *engine, int status)
{
    if (!engine->status)
        engine->status = status;
    pthread_cond_broadcast(&engine->work);
    pthread_cond_broadcast(&engine->room);
    pthread_cond_broadcast(&engine->ready);
}

static void count_time(vanon_engine *engine, enum stage stage, size_t frames, int64_t since)
{
    struct vanon_stage_stats *stats = &engine->stats.stage[stage];

    stats->frames += frames;
    stats->seconds += (double)(vanon_clock() - since) * 1e-9;
}

/*
 * A frame whose examination failed ends the run, or is hidden whole: never shown. Only a failure of
 * the network itself can be one frame's bad luck; any other would come back with every frame. Needs
 * the lock.
 */
static bool survives(vanon_engine *engine, int status, struct slot *const *slots, size_t count)
{
    if (engine->options->on_error != VANON_ON_ERROR_HIDE || status != VANON_ERR_INFERENCE)
        return false;
    for (size_t i = 0; i < count; i++) {
        slots[i]->unexamined = true;
        vanon_object_list_clear(&slots[i]->detections);
    }
    return true;
}

/* The slots of a request. */
static void find_slots(vanon_engine *engine, const struct request *request, struct slot **slots)
{
    for (size_t i = 0; i < request->count; i++)
        slots[i] = vanon_engine_slot(engine, request->first + i);
}

/* The request's frames have their detections, or are known to have none. Needs the lock. */
static void finish_request(vanon_engine *engine, struct request *request, struct slot *const *slots,
                           int status)
{
    if (status && !survives(engine, status, slots, request->count)) {
        vanon_engine_fail_locked(engine, status);
    } else {
        if (!status)
            engine->stats.frames_seen += request->count;
        for (size_t i = 0; i < request->count; i++)
            slots[i]->state = SLOT_DETECTED;
    }
    *request = (struct request){0};
    engine->requests_busy--;
}

static bool collect(vanon_engine *engine)
{
    struct request *request = engine->request;
    struct slot *slots[VANON_MAX_BATCH];
    vanon_object_list *lists[VANON_MAX_BATCH];
    size_t index = 0;
    int64_t since;
    int status;

    while (index < engine->requests && !(request[index].submitted && request[index].done))
        index++;
    if (index == engine->requests)
        return false;
    request += index;
    request->done = false; /* mine now */
    find_slots(engine, request, slots);
    for (size_t i = 0; i < request->count; i++)
        lists[i] = &slots[i]->detections;
    since = vanon_clock();
    pthread_mutex_unlock(&engine->lock);
    status = vanon_detector_collect(engine->detector, index, lists, request->count);
    pthread_mutex_lock(&engine->lock);
    count_time(engine, STAGE_DECODE, request->count, since);
    finish_request(engine, request, slots, status);
    return true;
}

/* Frames that wait and go together into one request: all of one kind, none damaged. Needs the lock.
 */
static size_t count_batch(vanon_engine *engine)
{
    const vanon_frame *first = NULL;
    size_t count = 0;

    while (count < engine->plan.batch && engine->next_detect + count < engine->next_submit) {
        const struct slot *slot = vanon_engine_slot(engine, engine->next_detect + count);

        if (slot->state != SLOT_QUEUED || (first && !vanon_frame_same_kind(first, slot->frame)))
            return count;
        first = slot->frame;
        count++;
    }
    return count;
}

/* A batch waits for more frames as long as more can come and the network has something to do. */
static bool worth_sending(const vanon_engine *engine, size_t count)
{
    uint64_t waiting = engine->next_submit - engine->next_detect;

    if (!count)
        return false;
    return count == engine->plan.batch || count < waiting || engine->drained ||
           !engine->requests_busy || engine->next_submit - engine->next_receive >= engine->limit;
}

static bool detect(vanon_engine *engine)
{
    const vanon_frame *frames[VANON_MAX_BATCH];
    struct slot *slots[VANON_MAX_BATCH];
    struct request *request = engine->request;
    size_t index = 0, count;
    int64_t since;
    int status;

    while (engine->next_detect < engine->next_submit &&
           vanon_engine_slot(engine, engine->next_detect)->state == SLOT_DETECTED)
        engine->next_detect++; /* damaged: nothing to examine */
    count = count_batch(engine);
    while (index < engine->requests && request[index].busy)
        index++;
    if (index == engine->requests || !worth_sending(engine, count))
        return false;
    request += index;
    since = vanon_clock();
    *request = (struct request){.busy = true, .first = engine->next_detect, .count = count};
    engine->requests_busy++;
    engine->next_detect += count;
    find_slots(engine, request, slots);
    for (size_t i = 0; i < count; i++) {
        slots[i]->state = SLOT_DETECTING;
        frames[i] = slots[i]->frame;
    }
    pthread_mutex_unlock(&engine->lock);
    status = vanon_detector_submit(engine->detector, index, frames, count);
    pthread_mutex_lock(&engine->lock);
    count_time(engine, STAGE_PREPARE, count, since);
    request->submitted = true;
    request->since = vanon_clock();
    if (status)
        finish_request(engine, request, slots, status);
    return true;
}

void vanon_engine_request_done(void *opaque, size_t index)
{
    vanon_engine *engine = opaque;
    struct request *request = &engine->request[index];

    pthread_mutex_lock(&engine->lock);
    request->done = true;
    if (request->since)
        count_time(engine, STAGE_NETWORK, request->count, request->since);
    pthread_cond_signal(&engine->work);
    pthread_mutex_unlock(&engine->lock);
}

/* Objects to regions of one frame; belongs to the serial stage. */
static int plan_regions(vanon_engine *engine, struct slot *slot)
{
    vanon_region *whole;

    vanon_region_list_clear(&slot->regions);
    if (slot->unexamined) {
        int status = vanon_region_list_add(&slot->regions, 0, &whole);

        if (!status)
            whole->part = VANON_PART_FRAME;
        return status;
    }
    return vanon_regions_add(engine->options, &slot->objects, &slot->regions);
}

static bool can_track(vanon_engine *engine)
{
    if (engine->tracking || engine->next_pull == engine->next_submit)
        return false;
    if (engine->next_push < engine->next_submit)
        return vanon_engine_slot(engine, engine->next_push)->state == SLOT_DETECTED;
    return engine->drained && !engine->tracker_drained;
}

/* Takes all that is final out of the tracker. Called without the lock; takes it. */
static int pull_all(vanon_engine *engine)
{
    int status = VANON_OK;

    while (!status && engine->next_pull < engine->next_push) {
        struct slot *slot = vanon_engine_slot(engine, engine->next_pull);
        int64_t since = vanon_clock(), tracked;

        status = vanon_tracker_pull(engine->tracker, &slot->objects);
        tracked = vanon_clock();
        if (!status)
            status = plan_regions(engine, slot);
        if (status)
            break;
        pthread_mutex_lock(&engine->lock);
        engine->stats.stage[STAGE_TRACK].seconds += (double)(tracked - since) * 1e-9;
        count_time(engine, STAGE_REGIONS, 1, tracked);
        slot->state = SLOT_PLANNED;
        engine->next_pull++;
        pthread_cond_signal(&engine->work);
        pthread_mutex_unlock(&engine->lock);
    }
    return status == VANON_ERR_AGAIN || status == VANON_ERR_EOF ? VANON_OK : status;
}

static bool track(vanon_engine *engine)
{
    struct slot *slot = NULL;
    int64_t since = vanon_clock();
    int status = VANON_OK;

    if (!can_track(engine))
        return false;
    engine->tracking = true;
    if (engine->next_push < engine->next_submit) {
        slot = vanon_engine_slot(engine, engine->next_push++);
        slot->state = SLOT_TRACKED;
    } else {
        engine->tracker_drained = true;
    }
    pthread_mutex_unlock(&engine->lock);
    if (slot)
        status = vanon_tracker_push(engine->tracker, slot->frame,
                                    slot->unexamined ? VANON_LOOK_BETWEEN : VANON_LOOK_SEEN,
                                    &slot->detections);
    else
        vanon_tracker_drain(engine->tracker);
    since = vanon_clock() - since;
    if (!status)
        status = pull_all(engine);
    pthread_mutex_lock(&engine->lock);
    engine->stats.stage[STAGE_TRACK].frames += slot != NULL;
    engine->stats.stage[STAGE_TRACK].seconds += (double)since * 1e-9;
    engine->tracking = false;
    if (status)
        vanon_engine_fail_locked(engine, status);
    return true;
}

static bool render(vanon_engine *engine)
{
    struct slot *slot = vanon_engine_slot(engine, engine->next_render);
    int64_t since = vanon_clock();
    int status = VANON_OK;

    if (engine->next_render == engine->next_pull)
        return false;
    engine->next_render++;
    slot->state = SLOT_RENDERING;
    pthread_mutex_unlock(&engine->lock);
    if (!engine->detect_only)
        status = vanon_renderer_render(engine->renderer, &slot->frame, &slot->regions);
    pthread_mutex_lock(&engine->lock);
    count_time(engine, STAGE_RENDER, 1, since);
    if (status) {
        vanon_engine_fail_locked(engine, status);
        return true;
    }
    slot->state = SLOT_READY;
    pthread_cond_broadcast(&engine->ready);
    return true;
}

void *vanon_engine_worker(void *argument)
{
    vanon_engine *engine = argument;

    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        bool may_work = !engine->status && !engine->flushing, did;

        engine->active++;
        /* A finished request is collected even in a flush or after an error: only that frees it. */
        did = collect(engine) || (may_work && (detect(engine) || track(engine) || render(engine)));
        engine->active--;
        if (did) {
            pthread_cond_signal(&engine->work); /* what was done may have made more possible */
            if (engine->flushing)
                pthread_cond_broadcast(&engine->ready);
        } else {
            pthread_cond_wait(&engine->work, &engine->lock);
        }
    }
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}
