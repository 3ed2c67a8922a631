/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/internal.h"

#include "base/log.h"
#include "pixels/frame.h"
#include "regions/choose.h"

void vanon_engine_fail_locked(vanon_engine *engine, int status)
{
    if (!engine->status)
        engine->status = status;
    pthread_cond_broadcast(&engine->work);
    pthread_cond_broadcast(&engine->room);
    pthread_cond_broadcast(&engine->ready);
}

void vanon_engine_wake_worker(vanon_engine *engine)
{
    if (engine->idle)
        pthread_cond_signal(&engine->work);
}

void vanon_engine_note_fill(vanon_engine *engine)
{
    uint64_t decided = vanon_looks_ready(engine->look);
    uint64_t open = engine->next_submit - decided;
    size_t inside = 0; /* requests */

    engine->moves++;
    if (!engine->stats.frames_in)
        return; /* time is counted from the first frame on */
    for (size_t i = 0; i < engine->requests; i++)
        inside += engine->request[i].count;
    if (inside > open) /* several looks at one frame */
        inside = (size_t)open;
    vanon_measure_fill(&engine->measure,
                       (const size_t[VANON_QUEUES]){
                           [VANON_QUEUE_DETECT] = open - inside,
                           [VANON_QUEUE_NETWORK] = inside,
                           [VANON_QUEUE_TRACK] = decided - engine->next_push,
                           [VANON_QUEUE_LOOK_AHEAD] = engine->next_push - engine->next_pull,
                           [VANON_QUEUE_RENDER] = engine->next_pull - engine->next_render,
                           [VANON_QUEUE_WRITE] = engine->next_render - engine->next_receive,
                       },
                       vanon_clock());
}

bool vanon_engine_is_owed(const vanon_engine *engine)
{
    for (size_t i = 0; engine->request && i < engine->requests; i++)
        if (engine->request[i].submitted && !engine->request[i].answered)
            return true;
    return false;
}

int vanon_engine_wait(vanon_engine *engine, pthread_cond_t *cond, int64_t deadline)
{
    int64_t look = vanon_deadline(VANON_STALL_LOOK_MS);
    int seconds = engine->options->stall_seconds;
    int status = vanon_cond_wait(cond, &engine->lock, look < deadline ? look : deadline);

    if (seconds && !engine->stalled && vanon_engine_is_owed(engine) &&
        vanon_stall_look(&engine->stall, engine->moves, seconds, vanon_clock())) {
        engine->stalled = true;
        vanon_engine_fail_locked(
            engine, vanon_fail(engine->log, VANON_ERR_STALLED,
                               "the network has not answered for %d s in which nothing worked "
                               "(stall_seconds); its driver or device may hang",
                               seconds));
    }
    return look < deadline ? VANON_OK : status;
}

/* What a test's hook says of a frame that is about to enter a stage. */
static int ask_hook(const vanon_engine *engine, enum vanon_stage stage, uint64_t number)
{
    return vanon_hook_ask(&engine->hook, engine->measure.stage[stage].name, number);
}

/* The same of the frames of a request. */
static int ask_hook_of(const vanon_engine *engine, enum vanon_stage stage,
                       const struct request *request)
{
    int status = VANON_OK;

    for (size_t i = 0; i < request->count && !status; i++)
        status = ask_hook(engine, stage, request->job[i].number);
    return status;
}

/*
 * A frame whose examination failed ends the run, or is hidden whole: never shown. Only a failure of
 * the network itself can be one frame's bad luck; any other would come back with every frame. Needs
 * the lock.
 */
static bool survives(vanon_engine *engine, int status, struct request *request)
{
    if (engine->options->on_error != VANON_ON_ERROR_HIDE || status != VANON_ERR_INFERENCE)
        return false;
    for (size_t i = 0; i < request->count; i++) {
        vanon_engine_slot(engine, request->job[i].number)->unexamined = true;
        request->job[i].failed = true;
        vanon_object_list_clear(request->job[i].found);
    }
    return true;
}

/* The request's looks are done, or have failed. Needs the lock. */
static void finish_request(vanon_engine *engine, struct request *request, int status)
{
    if (status && survives(engine, status, request))
        status = VANON_OK;
    for (size_t i = 0; i < request->count && !status; i++)
        status = vanon_looks_done(engine->look, &request->job[i]);
    if (status)
        vanon_engine_fail_locked(engine, status);
    else if (!engine->stats.first_seen)
        engine->stats.first_seen = vanon_clock();
    if (!engine->status)
        vanon_growth_done(&engine->growth, request->count, vanon_clock());
    *request = (struct request){0};
    engine->requests_busy--;
}

/* Goes to work outside the lock, on what was taken; another worker may find more to do meanwhile.
 */
static void leave_lock(vanon_engine *engine);

/* The index of a request that is finished; engine->requests: none is. */
static size_t find_finished(const vanon_engine *engine)
{
    size_t index = 0;

    while (index < engine->requests &&
           !(engine->request[index].submitted && engine->request[index].done))
        index++;
    return index;
}

static bool collect(vanon_engine *engine)
{
    size_t index = find_finished(engine);
    struct request *request = &engine->request[index];
    vanon_object_list *lists[VANON_MAX_BATCH];
    struct vanon_span span;
    int status, hooked;

    if (index == engine->requests)
        return false;
    request->done = false; /* mine now */
    hooked = request->hooked;
    for (size_t i = 0; i < request->count; i++)
        lists[i] = request->job[i].found;
    leave_lock(engine);
    if (!hooked)
        hooked = ask_hook_of(engine, VANON_STAGE_DECODE, request);
    span = vanon_span_begin();
    status = vanon_detector_collect(engine->detector, index, lists, request->count);
    pthread_mutex_lock(&engine->lock);
    vanon_measure_span(&engine->measure, VANON_STAGE_DECODE, request->count, span);
    finish_request(engine, request, hooked ? hooked : status);
    return true;
}

static struct vanon_view view_of(const struct vanon_looks_job *job)
{
    return (struct vanon_view){
        .frame = job->frame, .part = job->part, .imgsz = job->imgsz, .square = job->square};
}

static size_t most_like(const vanon_engine *engine, const struct vanon_looks_job *job)
{
    struct vanon_view view = view_of(job);

    return vanon_detector_most(engine->detector, &view);
}

/* How many looks the next request takes; 0: none can be sent now. A batch waits for more as long as
 * more can come and the network has something to do. */
static size_t can_detect(const vanon_engine *engine)
{
    const struct vanon_looks_job *next = vanon_looks_next(engine->look);
    size_t most, count;

    if (!next || engine->requests_busy == engine->requests)
        return 0;
    most = most_like(engine, next);
    if (most > engine->growth.batch)
        most = engine->growth.batch;
    count = vanon_looks_batch(engine->look, most);
    return count == most || count < vanon_looks_waiting(engine->look) || engine->drained ||
                   !engine->requests_busy || vanon_engine_is_full(engine)
               ? count
               : 0;
}

/* Takes a free request for the next `count` looks. */
static size_t claim_request(vanon_engine *engine, size_t count)
{
    size_t index = 0, most = most_like(engine, vanon_looks_next(engine->look));

    if (most > engine->most)
        engine->most = most;
    while (engine->request[index].busy)
        index++;
    engine->request[index] = (struct request){.busy = true, .count = count};
    vanon_looks_take(engine->look, engine->request[index].job, count);
    engine->requests_busy++;
    if (!vanon_looks_waiting(engine->look))
        vanon_growth_starved(&engine->growth);
    return index;
}

static int submit(vanon_engine *engine, size_t index)
{
    const struct request *request = &engine->request[index];
    struct vanon_view views[VANON_MAX_BATCH];
    vanon_frame *hosts[VANON_MAX_BATCH] = {NULL};
    int status = VANON_OK;

    for (size_t i = 0; i < request->count && !status; i++) {
        status = vanon_engine_fetch(engine, &request->job[i], &hosts[i]);
        views[i] = view_of(&request->job[i]);
        if (hosts[i])
            views[i].frame = hosts[i];
    }
    if (!status)
        status = vanon_detector_look(engine->detector, index, views, request->count);
    for (size_t i = 0; i < request->count; i++)
        vanon_frame_unref(&hosts[i]);
    return status;
}

static bool detect(vanon_engine *engine)
{
    struct request *request;
    struct vanon_span span;
    size_t count = can_detect(engine), index;
    int status;

    if (!count)
        return false;
    index = claim_request(engine, count);
    request = &engine->request[index];
    leave_lock(engine);
    status = ask_hook_of(engine, VANON_STAGE_PREPARE, request);
    span = vanon_span_begin();
    if (!status)
        status = submit(engine, index);
    pthread_mutex_lock(&engine->lock);
    vanon_measure_span(&engine->measure, VANON_STAGE_PREPARE, count, span);
    request->submitted = true;
    request->since = vanon_clock();
    if (status)
        finish_request(engine, request, status);
    return true;
}

void vanon_engine_request_done(void *opaque, size_t index)
{
    vanon_engine *engine = opaque;
    struct request *request = &engine->request[index];
    int hooked = ask_hook_of(engine, VANON_STAGE_NETWORK, request);

    pthread_mutex_lock(&engine->lock);
    request->hooked = hooked;
    request->done = request->answered = true;
    /* Where this comes before submit has returned, all its time is in that. */
    vanon_measure_time(&engine->measure, VANON_STAGE_NETWORK, request->count,
                       request->submitted ? request->since : vanon_clock());
    vanon_engine_wake_worker(engine);
    engine->moves++;
    if (engine->stopping)
        pthread_cond_broadcast(&engine->ready);
    pthread_mutex_unlock(&engine->lock);
}

/* Objects to regions of one frame; belongs to the serial stage. */
static int find_regions(vanon_engine *engine, struct slot *slot)
{
    struct vanon_moment moment = vanon_moment_of(slot->frame, engine->time_zero);
    vanon_region *whole;

    vanon_region_list_clear(&slot->regions);
    if (slot->unexamined) {
        int status = vanon_region_list_add(&slot->regions, 0, &whole);

        if (!status)
            whole->part = VANON_PART_FRAME;
        return status;
    }
    if (engine->script)
        return vanon_script_frame(engine->script, slot->frame, &moment, &engine->memory,
                                  &slot->objects, &slot->regions);
    return vanon_regions_plan(engine->options, &moment, &slot->objects, &engine->memory,
                              &slot->regions);
}

/* Regions, and what is shown of them; belongs to the serial stage. */
static int plan_regions(vanon_engine *engine, struct slot *slot)
{
    int status = find_regions(engine, slot);

    if (!status && !engine->detect_only)
        status = vanon_hold_frame(engine->hold, slot->frame, &slot->regions, &slot->held);
    return status;
}

static bool can_track(vanon_engine *engine)
{
    if (engine->tracking || engine->next_pull == engine->next_submit)
        return false;
    if (engine->next_push < engine->next_submit)
        return engine->next_push < vanon_looks_ready(engine->look);
    return engine->drained && !engine->tracker_drained;
}

/* Takes the next final frame out of the tracker and plans its regions. Called without the lock;
 * takes it. */
static int pull(vanon_engine *engine)
{
    struct slot *slot = vanon_engine_slot(engine, engine->next_pull);
    struct vanon_span tracking = vanon_span_begin(), planning;
    int status = VANON_OK;

    if (engine->tracker)
        status = vanon_tracker_pull(engine->tracker, &slot->objects);
    else
        vanon_object_list_clear(&slot->objects); /* the script fills them in */
    if (!status && engine->tracker)
        vanon_aspect_back(&slot->objects, slot->stretch);
    planning = vanon_span_begin();
    if (!status)
        status = ask_hook(engine, VANON_STAGE_REGIONS, engine->next_pull);
    if (!status)
        status = plan_regions(engine, slot);
    if (status)
        return status;
    pthread_mutex_lock(&engine->lock);
    vanon_measure_span(&engine->measure, VANON_STAGE_REGIONS, 1, planning);
    engine->measure.stage[VANON_STAGE_TRACK].seconds +=
        (double)(planning.wall - tracking.wall) * 1e-9;
    engine->measure.stage[VANON_STAGE_TRACK].cpu_seconds +=
        (double)(planning.cpu - tracking.cpu) * 1e-9;
    slot->state = SLOT_PLANNED;
    engine->next_pull++;
    vanon_engine_note_fill(engine);
    vanon_engine_wake_worker(engine);
    pthread_mutex_unlock(&engine->lock);
    return VANON_OK;
}

static int pull_all(vanon_engine *engine)
{
    int status = VANON_OK;

    while (!status && engine->next_pull < engine->next_push)
        status = pull(engine);
    return status == VANON_ERR_AGAIN || status == VANON_ERR_EOF ? VANON_OK : status;
}

/* Gives the tracker a frame and what was found in it, NULL where nobody looked; or no frame at the
 * end. */
static int push(vanon_engine *engine, struct slot *slot, uint64_t number,
                const vanon_object_list *found)
{
    static const vanon_object_list nobody;
    const vanon_object_list *objects;
    vanon_frame frame;
    int status;

    if (!slot) {
        if (engine->tracker)
            vanon_tracker_drain(engine->tracker);
        return VANON_OK;
    }
    status = ask_hook(engine, VANON_STAGE_TRACK, number);
    if (status || engine->script)
        return status;
    frame = vanon_aspect_take(&engine->aspect, slot->frame, &slot->stretch);
    objects = vanon_aspect_stretch(&engine->aspect, found ? found : &nobody, slot->stretch);
    return objects ? vanon_tracker_push(engine->tracker, &frame,
                                        found ? VANON_LOOK_SEEN : VANON_LOOK_BETWEEN, objects)
                   : VANON_ERR_MEMORY;
}

/* Lets go of the slot's samples; a description takes the frame's place. */
static int describe(vanon_engine *engine, struct slot *slot)
{
    vanon_frame all_but_samples = *slot->frame, *described;
    int status;

    all_but_samples.memory = VANON_MEMORY_HARDWARE;
    all_but_samples.handle = engine;
    all_but_samples.ready = NULL;
    all_but_samples.side = NULL;
    for (int i = 0; i < VANON_MAX_PLANES; i++)
        all_but_samples.plane[i] = NULL;
    status = vanon_frame_pool_wrap(engine->described, &all_but_samples, NULL, NULL, &described);
    if (status)
        return status;
    vanon_frame_unref(&slot->frame);
    slot->frame = described;
    return VANON_OK;
}

static bool track(vanon_engine *engine)
{
    uint64_t number = engine->next_push;
    const vanon_object_list *found = NULL;
    struct slot *slot = NULL;
    struct vanon_span span;
    int status;

    if (!can_track(engine))
        return false;
    engine->tracking = true;
    if (number < engine->next_submit) {
        slot = vanon_engine_slot(engine, engine->next_push++);
        slot->state = SLOT_TRACKED;
        vanon_frame_unref(&slot->host);
        if (!slot->unexamined)
            found = vanon_looks_found(engine->look, number);
        engine->stats.frames_seen += found != NULL;
    } else {
        engine->tracker_drained = true;
    }
    leave_lock(engine);
    span = vanon_span_begin();
    status = push(engine, slot, number, found);
    if (!status && slot && engine->without_pictures)
        status = describe(engine, slot);
    pthread_mutex_lock(&engine->lock);
    pthread_cond_signal(&engine->room);
    vanon_measure_span(&engine->measure, VANON_STAGE_TRACK, slot != NULL, span);
    pthread_mutex_unlock(&engine->lock);
    if (!status)
        status = pull_all(engine);
    pthread_mutex_lock(&engine->lock);
    engine->tracking = false;
    if (status)
        vanon_engine_fail_locked(engine, status);
    return true;
}

/* What is rendered is a copy: at the end, when the look-ahead lets all its frames go, there would
 * be many. */
static bool can_render(const vanon_engine *engine)
{
    return engine->next_render < engine->next_pull &&
           engine->next_render - engine->next_receive < engine->plan.rendered;
}

static bool render(vanon_engine *engine)
{
    uint64_t number = engine->next_render;
    struct slot *slot = vanon_engine_slot(engine, number);
    struct vanon_span span;
    int status;

    if (!can_render(engine))
        return false;
    engine->next_render++;
    slot->state = SLOT_RENDERING;
    leave_lock(engine);
    status = ask_hook(engine, VANON_STAGE_RENDER, number);
    span = vanon_span_begin();
    if (!status && !engine->detect_only)
        status = vanon_renderer_render(engine->renderer, &slot->frame, &slot->regions, &slot->held);
    pthread_mutex_lock(&engine->lock);
    vanon_measure_span(&engine->measure, VANON_STAGE_RENDER, 1, span);
    if (status) {
        vanon_engine_fail_locked(engine, status);
        return true;
    }
    slot->state = SLOT_READY;
    if (number == engine->next_receive)
        pthread_cond_broadcast(&engine->ready);
    return true;
}

/* A finished request is collected even in a flush or after an error: only that frees it. */
static bool may_do_more(vanon_engine *engine)
{
    if (find_finished(engine) < engine->requests)
        return true;
    return !engine->status && !engine->flushing &&
           (can_detect(engine) || can_track(engine) || can_render(engine));
}

static void leave_lock(vanon_engine *engine)
{
    vanon_engine_note_fill(engine);
    if (engine->idle && may_do_more(engine))
        pthread_cond_signal(&engine->work);
    pthread_mutex_unlock(&engine->lock);
}

/* Nearest to the network first. False: there is nothing to do. */
static bool work(vanon_engine *engine)
{
    if (collect(engine))
        return true;
    return !engine->status && !engine->flushing &&
           (detect(engine) || track(engine) || render(engine));
}

void *vanon_engine_worker(void *argument)
{
    vanon_engine *engine = argument;

    pthread_mutex_lock(&engine->lock);
    while (!engine->stopping) {
        bool did;

        engine->active++;
        did = work(engine);
        engine->active--;
        if (engine->flushing)
            pthread_cond_broadcast(&engine->ready);
        if (did)
            continue;
        vanon_engine_note_fill(engine);
        engine->idle++;
        pthread_cond_wait(&engine->work, &engine->lock);
        engine->idle--;
    }
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}
