/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "device_cuda.h"
#include "letterbox_cuda.h"
#include "pixels/format.h"

#define CALLBACK_MS 10000 /* after the stream's end; it comes at once */

/* Where a batch's input comes from. */
enum source { FRAMES, RGB, SOURCES };

struct vanon_context {
    vanon_network *network;
    void (*done)(void *opaque);
    void *opaque;
    cudaStream_t stream;
    struct vanon_network_run run;
    void *device; /* one allocation: arena, workspace, decode */
    void *pinned; /* one allocation of the host that the device sees: results, RGB */
    uint8_t *rgb; /* in `pinned`, a picture after the other */
    uint8_t *device_rgb;
    size_t rgb_bytes; /* of a picture */
    struct vanon_gpu_decode_memory decode;
    struct vanon_gpu_found *found; /* in `pinned` */
    float *records;                /* likewise */
    struct vanon_gpu_head head;
    vanon_gpu_frames *frames;
    cudaGraphExec_t graph[SOURCES];
    enum source source;   /* of the batch that is being put together */
    pthread_mutex_t lock; /* of the two below */
    pthread_cond_t told;
    bool running;       /* `done` was not called yet */
    cudaError_t failed; /* of the run, as the callback was told */
};

static int gpu(const vanon_context *context, int error, const char *what)
{
    return vanon_cuda_status(context->network->device->log, error, what);
}

/* Memory */

static void lay_device(vanon_context *context, struct vanon_gpu_layout *layout, void **workspace)
{
    const vanon_network *network = context->network;
    const vanon_plan *plan = network->plan;
    size_t batch = (size_t)plan->batch, anchors = (size_t)plan->head.anchors;

    context->run.arena =
        vanon_gpu_take(layout, plan->arena * vanon_network_element(!network->single));
    *workspace = vanon_gpu_take(layout, network->workspace);
    context->device_rgb = vanon_gpu_take(layout, batch * context->rgb_bytes);
    context->decode.candidates =
        vanon_gpu_take(layout, batch * anchors * sizeof *context->decode.candidates);
    context->decode.keys = vanon_gpu_take(layout, batch * vanon_gpu_keys(plan->head.anchors) *
                                                      sizeof *context->decode.keys);
    context->decode.tally = vanon_gpu_take(layout, batch * sizeof *context->decode.tally);
    context->decode.kept =
        vanon_gpu_take(layout, batch * network->limits.max_det * sizeof *context->decode.kept);
}

static void lay_pinned(vanon_context *context, struct vanon_gpu_layout *layout)
{
    const vanon_plan *plan = context->network->plan;
    size_t batch = (size_t)plan->batch;

    context->rgb = vanon_gpu_take(layout, batch * context->rgb_bytes);
    context->found = vanon_gpu_take(layout, batch * sizeof *context->found);
    context->records = vanon_gpu_take(layout, batch * context->network->limits.max_det *
                                                  vanon_record_floats(plan) * sizeof(float));
}

static int take_memory(vanon_context *context, void **workspace)
{
    struct vanon_gpu_layout device = {0}, pinned = {0};
    int error;

    context->rgb_bytes =
        (size_t)context->network->plan->height * (size_t)context->network->plan->width * 3;
    lay_device(context, &device, workspace);
    lay_pinned(context, &pinned);
    if ((error = cudaMalloc(&context->device, device.used)) ||
        (error = cudaHostAlloc(&context->pinned, pinned.used, cudaHostAllocMapped)) ||
        (error = cudaMemsetAsync(context->device, 0, device.used, context->stream)) ||
        (error = vanon_gpu_frames_create(&context->frames, context->network->plan->width,
                                         context->network->plan->height,
                                         context->network->plan->batch)))
        return gpu(context, error, "taking memory");
    memset(context->pinned, 0, pinned.used);
    device = (struct vanon_gpu_layout){.base = context->device};
    pinned = (struct vanon_gpu_layout){.base = context->pinned};
    lay_device(context, &device, workspace);
    lay_pinned(context, &pinned);
    return VANON_OK;
}

size_t vanon_device_need(const vanon_plan *plan, bool half, size_t contexts)
{
    size_t batch = (size_t)plan->batch, anchors = (size_t)plan->head.anchors;
    size_t decode = anchors * sizeof(struct vanon_gpu_candidate) +
                    vanon_gpu_keys(plan->head.anchors) * sizeof(uint64_t);
    size_t input = (size_t)plan->height * (size_t)plan->width * 3;

    return contexts * (plan->arena * vanon_network_element(half) + batch * (decode + input));
}

/* Life */

static int start_cudnn(vanon_context *context)
{
    const struct vanon_cudnn *cudnn = &context->network->device->cudnn;
    int failed = (int)cudnn->cudnnCreate(&context->run.handle);

    if (!failed)
        failed = (int)cudnn->cudnnSetStream(context->run.handle, context->stream);
    return gpu(context, failed, "starting cuDNN");
}

int vanon_context_create(vanon_context **out, vanon_network *network, void (*done)(void *opaque),
                         void *opaque)
{
    vanon_device *device = network->device;
    vanon_context *context = calloc(1, sizeof *context);
    void *workspace = NULL;
    int status;

    *out = NULL;
    if (!context)
        return VANON_ERR_MEMORY;
    context->network = network;
    context->done = done;
    context->opaque = opaque;
    context->run.network = network;
    if (pthread_mutex_init(&context->lock, NULL) || vanon_cond_init(&context->told)) {
        free(context);
        return VANON_ERR_MEMORY;
    }
    status = gpu(context, cudaSetDevice(device->number), "choosing it");
    if (status == VANON_OK)
        status = gpu(context, cudaStreamCreateWithFlags(&context->stream, cudaStreamNonBlocking),
                     "making a stream");
    context->run.stream = context->stream;
    if (status == VANON_OK)
        status = take_memory(context, &workspace);
    if (status == VANON_OK && network->cudnn)
        status = start_cudnn(context);
    if (status == VANON_OK)
        status = vanon_network_bind(&context->run, workspace);
    if (status == VANON_OK) {
        vanon_network_head(network, context->run.arena, &context->head);
        *out = context;
    } else {
        vanon_context_destroy(&context);
    }
    return status;
}

static void drop_graph(vanon_context *context, enum source source)
{
    if (context->graph[source])
        cudaGraphExecDestroy(context->graph[source]);
    context->graph[source] = NULL;
}

void vanon_context_destroy(vanon_context **pointer)
{
    vanon_context *context = pointer ? *pointer : NULL;

    if (!context)
        return;
    *pointer = NULL;
    cudaSetDevice(context->network->device->number);
    if (context->stream)
        cudaStreamSynchronize(context->stream);
    drop_graph(context, FRAMES);
    drop_graph(context, RGB);
    vanon_gpu_frames_destroy(&context->frames);
    vanon_network_unbind(&context->run);
    if (context->run.handle)
        context->network->device->cudnn.cudnnDestroy(context->run.handle);
    cudaFree(context->device);
    cudaFreeHost(context->pinned);
    if (context->stream)
        cudaStreamDestroy(context->stream);
    pthread_cond_destroy(&context->told);
    pthread_mutex_destroy(&context->lock);
    free(context);
}

/* Frames */

bool vanon_device_takes(const vanon_frame *frame)
{
    return (frame->memory == VANON_MEMORY_HOST || frame->memory == VANON_MEMORY_CUDA) &&
           vanon_pixel_layout(frame->format) &&
           vanon_picture_size_valid(frame->width, frame->height);
}

int vanon_context_put_frame(vanon_context *context, size_t index, const vanon_frame *frame,
                            vanon_letterbox *letterbox)
{
    int error = cudaSetDevice(context->network->device->number);

    if (!error)
        error = vanon_gpu_frames_put(context->frames, context->stream, index, frame, letterbox);
    context->source = FRAMES;
    return gpu(context, error, "taking a frame");
}

uint8_t *vanon_context_rgb(vanon_context *context, size_t index)
{
    context->source = RGB;
    return context->rgb + index * context->rgb_bytes;
}

/* Runs */

/* All of a batch's work but for copying frames. */
static int queue_batch(const vanon_context *context)
{
    const vanon_network *network = context->network;
    const vanon_plan *plan = network->plan;
    void *input = context->run.arena +
                  vanon_network_element(!network->single) * vanon_plan_start(plan, plan->input);
    int error;

    if (context->source == FRAMES)
        error = vanon_gpu_frames_fill(context->frames, context->stream, network->single, input);
    else
        error = vanon_gpu_fill_from_rgb(context->stream, context->device_rgb,
                                        (size_t)plan->batch * (size_t)plan->height *
                                            (size_t)plan->width,
                                        network->single, input);
    if (!error)
        error = vanon_network_queue(&context->run);
    if (!error)
        error = vanon_gpu_decode(context->stream, &context->head, plan->batch, &network->limits,
                                 &context->decode, context->found, context->records);
    return error;
}

/* It runs once before it is recorded, so that everything is loaded: nothing may be loaded while it
 * is. */
static int run_and_record(vanon_context *context)
{
    cudaGraph_t graph = NULL;
    int error = queue_batch(context), ended;

    if (!error)
        error = cudaStreamSynchronize(context->stream);
    if (!error)
        error = cudaStreamBeginCapture(context->stream, cudaStreamCaptureModeThreadLocal);
    if (error)
        return error;
    error = queue_batch(context);
    ended = cudaStreamEndCapture(context->stream, &graph);
    if (!error)
        error = ended;
    if (!error)
        error = cudaGraphInstantiate(&context->graph[context->source], graph, 0);
    if (graph)
        cudaGraphDestroy(graph);
    return error;
}

/* Records the work. The network's contexts share cuDNN's plans, which one thread at a time may
 * execute; what is recorded needs them no more than to live. */
static int record(vanon_context *context)
{
    int error;

    pthread_mutex_lock(&context->network->executing);
    error = run_and_record(context);
    pthread_mutex_unlock(&context->network->executing);
    return error;
}

/* CUDA's thread says that the work is done, or that it failed. */
static void CUDART_CB finished(cudaStream_t stream, cudaError_t error, void *opaque)
{
    vanon_context *context = opaque;

    (void)stream;
    context->done(context->opaque);
    pthread_mutex_lock(&context->lock);
    context->failed = error;
    context->running = false;
    pthread_cond_signal(&context->told);
    pthread_mutex_unlock(&context->lock);
}

/* What the last run delivered must not pass for this one's. */
static void forget_results(vanon_context *context)
{
    for (int i = 0; i < context->network->plan->batch; i++)
        context->found[i] = (struct vanon_gpu_found){.missing = 1};
}

int vanon_context_run(vanon_context *context, size_t count)
{
    int error = cudaSetDevice(context->network->device->number);

    if (!error && context->source == RGB)
        error = cudaMemcpyAsync(context->device_rgb, context->rgb, count * context->rgb_bytes,
                                cudaMemcpyHostToDevice, context->stream);
    if (!error && !context->graph[context->source])
        error = record(context);
    forget_results(context);
    if (!error)
        error = cudaGraphLaunch(context->graph[context->source], context->stream);
    context->running = !error;
    if (!error && (error = cudaStreamAddCallback(context->stream, finished, context, 0)))
        context->running = false;
    return gpu(context, error, "starting a batch");
}

/* A stream that failed may be through before CUDA's thread has said so. */
static int wait_for_callback(vanon_context *context)
{
    int64_t deadline = vanon_deadline(CALLBACK_MS);
    int error;

    pthread_mutex_lock(&context->lock);
    while (context->running && !vanon_cond_wait(&context->told, &context->lock, deadline))
        continue;
    error = context->running ? (int)cudaErrorLaunchTimeout : (int)context->failed;
    context->running = false;
    pthread_mutex_unlock(&context->lock);
    return error;
}

int vanon_context_wait(vanon_context *context)
{
    int error = cudaSetDevice(context->network->device->number), told;

    if (!error)
        error = cudaStreamSynchronize(context->stream);
    told = wait_for_callback(context);
    return gpu(context, error ? error : told, "a batch");
}

int vanon_context_result(vanon_context *context, size_t index, const float **records, size_t *count)
{
    const vanon_network *network = context->network;
    const struct vanon_gpu_found *found = &context->found[index];

    *count = 0;
    if (found->missing || found->count > network->limits.max_det)
        return vanon_fail(network->device->log, VANON_ERR_INFERENCE,
                          "the GPU failed: a batch's results are missing");
    *count = found->count;
    *records =
        context->records + index * network->limits.max_det * vanon_record_floats(network->plan);
    if (found->faults)
        return vanon_fail(
            network->device->log, VANON_ERR_INFERENCE,
            "the network gave %u numbers that are no scores or boxes%s", found->faults,
            network->single ? "" : "; float16 may be too small for it: precision f32");
    return VANON_OK;
}
