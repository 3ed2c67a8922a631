/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams, events and graphs. One thread is the device: it runs what is queued on a stream as far
 * as somebody waits for it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"

#define ARGUMENTS   1024 /* bytes of a step's, at most */
#define CALLBACK_MS 2    /* what ends in a callback runs so much later */

struct step {
    struct step *next;
    void (*run)(const void *arguments);
    _Alignas(16) unsigned char arguments[ARGUMENTS];
};

struct queue {
    struct step *first, **last;
};

struct CUgraph_st {
    struct queue queue;
};

struct CUstream_st {
    cudaStream_t next;
    uint64_t number;    /* never used again */
    struct queue queue; /* not done yet */
    uint64_t queued;    /* steps, since it began */
    uint64_t done;      /* of them */
    uint64_t wanted;    /* of them, by those who wait */
    uint64_t soon;      /* of them, at `when`, for a callback */
    struct timespec when;
    cudaGraph_t recorded; /* NULL: nothing is recorded */
};

/* What an event stands for: a stream that did so many steps. */
struct moment {
    uint64_t stream, steps; /* 0: nothing was recorded */
};

struct CUevent_st {
    struct moment moment;
    uint64_t time; /* of emulated_work, when it came about */
};

static pthread_mutex_t lock =
    PTHREAD_MUTEX_INITIALIZER; /* guards all below, and all of the above */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct CUstream_st legacy = {.number = 1, .queue.last = &legacy.queue.first};
static cudaStream_t streams = &legacy;
static uint64_t numbers = 1;

static struct CUstream_st *own(cudaStream_t stream)
{
    return !stream || stream == cudaStreamLegacy ? &legacy : stream;
}

/* The device */

static struct CUstream_st *find_stream(uint64_t number)
{
    struct CUstream_st *stream = streams;

    while (stream && stream->number != number)
        stream = stream->next;
    return stream;
}

static void run_until(struct CUstream_st *stream, uint64_t steps);

/* What was queued before an event was recorded runs first. */
static void reach(const struct moment *moment)
{
    struct CUstream_st *stream = find_stream(moment->stream);

    if (stream)
        run_until(stream, moment->steps);
}

static void wait_for_moment(const void *arguments)
{
    pthread_mutex_lock(&lock);
    reach(arguments);
    pthread_mutex_unlock(&lock);
}

/* Needs the lock, and lets go of it meanwhile. */
static void run_until(struct CUstream_st *stream, uint64_t steps)
{
    while (stream->done < steps) {
        struct step *step = stream->queue.first;

        stream->queue.first = step->next;
        if (!step->next)
            stream->queue.last = &stream->queue.first;
        pthread_mutex_unlock(&lock);
        step->run(step->arguments);
        free(step);
        pthread_mutex_lock(&lock);
        stream->done++;
    }
    pthread_cond_broadcast(&changed);
}

static bool has_come(const struct timespec *when)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > when->tv_sec ||
           (now.tv_sec == when->tv_sec && now.tv_nsec >= when->tv_nsec);
}

/* What is to be done next, and how much of it; NULL: nothing, until `*when` where that is not NULL.
 */
static struct CUstream_st *next_work(uint64_t *steps, const struct timespec **when)
{
    *when = NULL;
    for (struct CUstream_st *stream = streams; stream; stream = stream->next) {
        *steps = stream->wanted;
        if (stream->done < *steps)
            return stream;
        *steps = stream->soon;
        if (stream->done < *steps && has_come(&stream->when))
            return stream;
        if (stream->done < *steps)
            *when = &stream->when;
    }
    return NULL;
}

static void *be_the_device(void *unused)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        const struct timespec *when;
        uint64_t steps;
        struct CUstream_st *stream = next_work(&steps, &when);

        if (stream) {
            emulated_open_memory(true);
            run_until(stream, steps);
            emulated_open_memory(false);
        } else if (when) {
            struct timespec until = *when;

            pthread_cond_timedwait(&changed, &lock, &until);
        } else {
            pthread_cond_wait(&changed, &lock);
        }
    }
    return unused;
}

static void start_device(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, be_the_device, NULL) || pthread_detach(thread))
        emulated_fail("no thread");
}

/* Waits until the stream has done so many steps. Needs the lock. */
static void wait_until(struct CUstream_st *stream, uint64_t steps)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, start_device);
    if (stream->wanted < steps)
        stream->wanted = steps;
    pthread_cond_broadcast(&changed);
    while (stream->done < steps)
        pthread_cond_wait(&changed, &lock);
}

/* Queues */

static int append(struct queue *queue, void (*run)(const void *), const void *arguments,
                  size_t bytes)
{
    struct step *step = malloc(sizeof *step);

    if (!step || bytes > ARGUMENTS)
        emulated_fail("no room for %zu bytes of arguments", bytes);
    step->next = NULL;
    step->run = run;
    memcpy(step->arguments, arguments, bytes);
    *queue->last = step;
    queue->last = &step->next;
    return cudaSuccess;
}

static void clear(struct queue *queue)
{
    while (queue->first) {
        struct step *step = queue->first;

        queue->first = step->next;
        free(step);
    }
}

int emulated_queue(cudaStream_t handle, void (*run)(const void *), const void *arguments,
                   size_t bytes)
{
    struct CUstream_st *stream = own(handle);
    int error;

    pthread_mutex_lock(&lock);
    error =
        append(stream->recorded ? &stream->recorded->queue : &stream->queue, run, arguments, bytes);
    stream->queued += !stream->recorded;
    pthread_mutex_unlock(&lock);
    return error;
}

/* What can't be recorded. */
static int queue_now(cudaStream_t handle, void (*run)(const void *), const void *arguments,
                     size_t bytes)
{
    return own(handle)->recorded ? (int)cudaErrorStreamCaptureUnsupported
                                 : emulated_queue(handle, run, arguments, bytes);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    struct CUstream_st *stream = calloc(1, sizeof *stream);

    *out = stream;
    if (!stream)
        return cudaErrorMemoryAllocation;
    if (flags != cudaStreamNonBlocking)
        emulated_fail("a stream that waits for others");
    stream->queue.last = &stream->queue.first;
    pthread_mutex_lock(&lock);
    stream->number = ++numbers;
    stream->next = streams;
    streams = stream;
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

/* What is still queued is done: CUDA does so, too, some time. */
cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    cudaStream_t *at = &streams;

    pthread_mutex_lock(&lock);
    wait_until(stream, stream->queued);
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    pthread_mutex_unlock(&lock);
    free(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle)
{
    struct CUstream_st *stream = own(handle);

    if (stream->recorded)
        return cudaErrorStreamCaptureUnsupported;
    pthread_mutex_lock(&lock);
    wait_until(stream, stream->queued);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void)
{
    pthread_mutex_lock(&lock);
    for (struct CUstream_st *stream = streams; stream; stream = stream->next)
        wait_until(stream, stream->queued);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

/* Graphs */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    cudaGraph_t graph = calloc(1, sizeof *graph);

    (void)mode;
    if (!graph)
        return cudaErrorMemoryAllocation;
    graph->queue.last = &graph->queue.first;
    stream->recorded = graph;
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status)
{
    *status = own(stream)->recorded ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = stream->recorded;
    stream->recorded = NULL;
    return cudaSuccess;
}

static void append_all(struct queue *to, const struct queue *from)
{
    for (const struct step *step = from->first; step; step = step->next)
        append(to, step->run, step->arguments, sizeof step->arguments);
}

/* An instance is a graph of its own. */
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags)
{
    cudaGraph_t copy = calloc(1, sizeof *copy);

    (void)flags;
    if (!copy)
        return cudaErrorMemoryAllocation;
    copy->queue.last = &copy->queue.first;
    append_all(&copy->queue, &graph->queue);
    *out = (cudaGraphExec_t)copy;
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    clear(&graph->queue);
    free(graph);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    return cudaGraphDestroy((cudaGraph_t)exec);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle)
{
    struct CUstream_st *stream = own(handle);

    pthread_mutex_lock(&lock);
    for (const struct step *step = ((cudaGraph_t)exec)->queue.first; step; step = step->next) {
        append(&stream->queue, step->run, step->arguments, sizeof step->arguments);
        stream->queued++;
    }
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

/* Callbacks */

struct callback {
    cudaStreamCallback_t call;
    cudaStream_t stream;
    void *opaque;
};

static void call_back(const void *arguments)
{
    const struct callback *callback = arguments;

    callback->call(callback->stream, cudaSuccess, callback->opaque);
}

cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t call, void *opaque,
                                  unsigned flags)
{
    struct callback callback = {call, stream, opaque};
    int error = queue_now(stream, call_back, &callback, sizeof callback);

    (void)flags;
    pthread_mutex_lock(&lock);
    clock_gettime(CLOCK_REALTIME, &stream->when);
    stream->when.tv_nsec += CALLBACK_MS * 1000000;
    stream->when.tv_sec += stream->when.tv_nsec / 1000000000;
    stream->when.tv_nsec %= 1000000000;
    stream->soon = stream->queued;
    wait_until(stream, 0); /* the device's thread is there, and hears of it */
    pthread_mutex_unlock(&lock);
    return error;
}

/* Events */

struct record {
    cudaEvent_t event;
};

static void note_time(const void *arguments)
{
    const struct record *record = arguments;

    pthread_mutex_lock(&lock);
    record->event->time = emulated_work();
    pthread_mutex_unlock(&lock);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
    (void)flags;
    *event = calloc(1, sizeof **event);
    return *event ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle)
{
    struct CUstream_st *stream = own(handle);
    struct record record = {event};
    int error = queue_now(handle, note_time, &record, sizeof record);

    if (error)
        return error;
    pthread_mutex_lock(&lock);
    event->moment = (struct moment){stream->number, stream->queued};
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

/* Needs the lock. */
static void wait_for_event(cudaEvent_t event)
{
    struct CUstream_st *stream = find_stream(event->moment.stream);

    if (stream)
        wait_until(stream, event->moment.steps);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    pthread_mutex_lock(&lock);
    wait_for_event(event);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    cudaEventSynchronize(event);
    free(event);
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    struct moment moment;

    (void)flags;
    pthread_mutex_lock(&lock);
    moment = event->moment;
    pthread_mutex_unlock(&lock);
    return queue_now(stream, wait_for_moment, &moment, sizeof moment);
}

/* By what was done, not by the clock: the same in each run. */
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t begin, cudaEvent_t end)
{
    pthread_mutex_lock(&lock);
    *milliseconds = (float)(end->time - begin->time) * 1e-6f;
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}
