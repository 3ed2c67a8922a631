/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h on the CPU, by the reference executor: so that the detector, and all that leads to it,
 * is tested where there is no GPU. Each run has a thread. It has one device; what it should fail at
 * is read from the environment whenever it matters, and is nothing where that is not set:
 *
 *     VANON_REFERENCE_BYTES  its memory
 *     VANON_REFERENCE_SHORT  N: request number N for memory, from 1, is refused; N-M: all from N
 *                            to M are. A network, weights, a context, a frame of a kind that the
 *                            context had not, and a run make a request each.
 *     VANON_REFERENCE_FAULT  the run that fails, from 1
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "device.h"
#include "pixels/frame.h"
#include "reference.h"

struct vanon_gpu_device {
    const vanon_log *log;
    atomic_size_t used;    /* of its memory */
    atomic_long runs_left; /* before the fault */
    atomic_ulong requests; /* for memory */
};

struct vanon_weights {
    bool half;
};

struct vanon_network {
    vanon_device *device;
    struct vanon_network_params params;
};

struct vanon_context {
    vanon_network *network;
    void (*done)(void *opaque);
    void *opaque;
    vanon_reference *reference;
    vanon_frame like; /* the last frame that was put: its kind counts */
    uint8_t *rgb;
    float *output;  /* of one frame */
    float **record; /* of each frame */
    size_t *count, *capacity;
    size_t running; /* frames; 0: nothing is in flight */
    int status;     /* of the last run */
    pthread_t thread;
};

static size_t number(const char *name, size_t otherwise)
{
    const char *value = getenv(name);

    return value && *value ? (size_t)strtoull(value, NULL, 10) : otherwise;
}

int vanon_device_count(int *count, char *why, size_t size)
{
    *count = (int)number("VANON_REFERENCE_DEVICES", 1);
    if (*count)
        return VANON_OK;
    snprintf(why, size, "the reference device is switched off");
    return VANON_ERR_UNSUPPORTED;
}

void vanon_device_place(int index, char *place, size_t size)
{
    snprintf(place, size, "0000:%02X:00.0", 11 + index);
}

int vanon_device_open(vanon_device **out, int index, const vanon_log *log)
{
    vanon_device *device;

    *out = NULL;
    if (index)
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "there is no reference device %d", index);
    device = calloc(1, sizeof *device);
    if (!device)
        return VANON_ERR_MEMORY;
    device->log = log;
    atomic_init(&device->runs_left, (long)number("VANON_REFERENCE_FAULT", 0) - 1);
    *out = device;
    return VANON_OK;
}

void vanon_device_close(vanon_device **device)
{
    free(*device);
    *device = NULL;
}

int vanon_device_get_info(vanon_device *device, struct vanon_device_info *info)
{
    *info = (struct vanon_device_info){.name = "reference executor", .libraries = "none"};
    info->memory = number("VANON_REFERENCE_BYTES", SIZE_MAX);
    info->free_memory = info->memory - atomic_load(&device->used);
    return VANON_OK;
}

/* What a context takes; nothing else is counted. It computes in float32 throughout, also what is
 * asked for in half. */
static size_t context_bytes(const vanon_plan *plan)
{
    return plan->arena * sizeof(float);
}

int vanon_device_check(const vanon_device *device, const vanon_plan *plan, bool half)
{
    (void)device;
    (void)plan;
    (void)half;
    return VANON_OK;
}

size_t vanon_device_need(const vanon_plan *plan, bool half, size_t contexts)
{
    (void)half;
    return context_bytes(plan) * contexts;
}

/* Whether a request for memory must be refused, whatever there is. */
static bool is_short(vanon_device *device)
{
    const char *range = getenv("VANON_REFERENCE_SHORT");
    unsigned long request = atomic_fetch_add(&device->requests, 1) + 1, first = 0, last = 0;
    int read = range ? sscanf(range, "%lu-%lu", &first, &last) : 0;

    return read == 2 ? request >= first && request <= last : read == 1 && request == first;
}

int vanon_weights_create(vanon_weights **out, vanon_device *device, const vanon_plan *plan,
                         bool half)
{
    (void)plan;
    *out = is_short(device) ? NULL : calloc(1, sizeof **out);
    if (!*out)
        return VANON_ERR_MEMORY;
    (*out)->half = half;
    return VANON_OK;
}

void vanon_weights_destroy(vanon_weights **weights)
{
    free(*weights);
    *weights = NULL;
}

int vanon_network_create(vanon_network **out, vanon_device *device,
                         const struct vanon_network_params *params)
{
    vanon_network *network;

    *out = NULL;
    if (!params->weights || params->weights->half != params->half)
        return VANON_ERR_ARGUMENT;
    *out = network = is_short(device) ? NULL : calloc(1, sizeof *network);
    if (!network)
        return VANON_ERR_MEMORY;
    network->device = device;
    network->params = *params;
    return VANON_OK;
}

void vanon_network_destroy(vanon_network **network)
{
    free(*network);
    *network = NULL;
}

/* Takes memory of the device, if it has so much. */
static bool take(vanon_device *device, size_t bytes)
{
    if (is_short(device))
        return false;
    if (atomic_fetch_add(&device->used, bytes) + bytes <= number("VANON_REFERENCE_BYTES", SIZE_MAX))
        return true;
    atomic_fetch_sub(&device->used, bytes);
    return false;
}

int vanon_context_create(vanon_context **out, vanon_network *network, void (*done)(void *opaque),
                         void *opaque)
{
    const vanon_plan *plan = network->params.plan;
    size_t batch = (size_t)plan->batch;
    vanon_context *context;

    *out = NULL;
    if (!take(network->device, context_bytes(plan)))
        return VANON_ERR_MEMORY;
    *out = context = calloc(1, sizeof *context);
    if (!context) {
        atomic_fetch_sub(&network->device->used, context_bytes(plan));
        return VANON_ERR_MEMORY;
    }
    context->network = network;
    context->done = done;
    context->opaque = opaque;
    context->rgb = calloc(batch, (size_t)(plan->width * plan->height) * 3);
    context->output =
        calloc((size_t)plan->head.rows * (size_t)plan->head.anchors, sizeof *context->output);
    context->record = calloc(batch, sizeof *context->record);
    context->count = calloc(batch, sizeof *context->count);
    context->capacity = calloc(batch, sizeof *context->capacity);
    if (!context->rgb || !context->output || !context->record || !context->count ||
        !context->capacity || vanon_reference_create(&context->reference, plan))
        vanon_context_destroy(out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_context_destroy(vanon_context **pointer)
{
    vanon_context *context = *pointer;

    if (!context)
        return;
    vanon_context_wait(context);
    atomic_fetch_sub(&context->network->device->used, context_bytes(context->network->params.plan));
    for (int i = 0; context->record && i < context->network->params.plan->batch; i++)
        free(context->record[i]);
    vanon_reference_destroy(&context->reference);
    free(context->rgb);
    free(context->output);
    free(context->record);
    free(context->count);
    free(context->capacity);
    free(context);
    *pointer = NULL;
}

bool vanon_device_takes(const vanon_frame *frame)
{
    return (frame->memory == VANON_MEMORY_HOST || frame->memory == VANON_MEMORY_CUDA) &&
           (frame->format == VANON_PIXEL_YUV420P || frame->format == VANON_PIXEL_NV12);
}

uint8_t *vanon_context_rgb(vanon_context *context, size_t index)
{
    const vanon_plan *plan = context->network->params.plan;

    return context->rgb + index * (size_t)(plan->width * plan->height) * 3;
}

int vanon_context_put_frame(vanon_context *context, size_t index, const vanon_frame *frame,
                            vanon_letterbox *letterbox)
{
    vanon_frame own = *frame;

    if (!vanon_frame_same_kind(&context->like, frame) && is_short(context->network->device))
        return VANON_ERR_MEMORY;
    context->like = *frame;
    if (frame->memory == VANON_MEMORY_CUDA) { /* this device's memory is the host's */
        const vanon_cuda_planes *planes = frame->handle;

        for (int i = 0; i < VANON_MAX_PLANES; i++) {
            own.plane[i] = (uint8_t *)(uintptr_t)planes->plane[i];
            own.stride[i] = (ptrdiff_t)planes->stride[i];
        }
    }
    vanon_letterbox_run(letterbox, &own, vanon_context_rgb(context, index));
    return VANON_OK;
}

/* Gathers the anchors that count of the frame whose output is at hand. */
static int find(vanon_context *context, size_t frame)
{
    const struct vanon_network_params *params = &context->network->params;
    const struct vanon_plan_head *head = &params->plan->head;
    size_t anchors = (size_t)head->anchors, floats = vanon_record_floats(params->plan);
    const float *scores = context->output + (size_t)(4 + params->person) * anchors;

    context->count[frame] = 0;
    for (size_t i = 0; i < anchors; i++) {
        float *record;

        if (scores[i] >= 0 && scores[i] <= params->confidence)
            continue;
        if (vanon_grow(&context->record[frame], &context->capacity[frame],
                       (context->count[frame] + 1) * floats, sizeof *record))
            return VANON_ERR_MEMORY;
        record = context->record[frame] + context->count[frame]++ * floats;
        record[VANON_RECORD_ANCHOR] = (float)i;
        record[VANON_RECORD_SCORE] = scores[i];
        for (size_t j = 0; j < 4; j++)
            record[VANON_RECORD_X + j] = context->output[j * anchors + i];
        for (size_t j = 0; j < 3 * (size_t)head->joints; j++)
            record[VANON_RECORD_JOINTS + j] =
                context->output[((size_t)(4 + head->classes) + j) * anchors + i];
    }
    return VANON_OK;
}

static void *work(void *argument)
{
    vanon_context *context = argument;

    for (size_t i = 0; i < context->running; i++)
        vanon_reference_put(context->reference, i, vanon_context_rgb(context, i));
    vanon_reference_run(context->reference, context->running);
    for (size_t i = 0; i < context->running && !context->status; i++) {
        vanon_reference_get(context->reference, i, context->output);
        context->status = find(context, i);
    }
    context->done(context->opaque);
    return NULL;
}

int vanon_context_run(vanon_context *context, size_t count)
{
    vanon_device *device = context->network->device;
    int status;

    if (is_short(device))
        return VANON_ERR_MEMORY;
    context->running = count;
    context->status = VANON_OK;
    if (atomic_fetch_sub(&device->runs_left, 1) == 0)
        context->status =
            vanon_fail(device->log, VANON_ERR_INFERENCE, "the reference device's fault");
    status = vanon_thread_start(&context->thread, "vanon-reference", work, context);
    if (status)
        context->running = 0;
    return status;
}

int vanon_context_wait(vanon_context *context)
{
    if (context->running)
        pthread_join(context->thread, NULL);
    context->running = 0;
    return context->status;
}

int vanon_context_result(vanon_context *context, size_t index, const float **records, size_t *count)
{
    *records = context->record[index];
    *count = context->count[index];
    return VANON_OK;
}
