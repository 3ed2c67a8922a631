/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "device_cuda.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"
#include "pixels/letterbox_colour.h"

#define ALIGNMENT 256 /* of what lies in one allocation */

/* Where a batch's input comes from. */
enum source { FRAMES, RGB, SOURCES };

/* One piece of memory, laid out in two passes: the first measures. */
struct layout {
    char *base; /* NULL while measuring */
    size_t used;
};

static void *take(struct layout *layout, size_t bytes)
{
    char *at = layout->base ? layout->base + layout->used : NULL;

    layout->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

/* The letterbox for one kind of frame: the plan, its tables, and room for a batch's samples. */
struct preparation {
    vanon_letterbox *letterbox;
    vanon_frame like;
    void *device, *pinned;            /* allocations */
    struct vanon_gpu_letterbox *plan; /* on the device */
    uint8_t *frames, *staged;         /* on the device, and where the host writes them */
    size_t frame_bytes;
    size_t offset[VANON_MAX_PLANES], stride[VANON_MAX_PLANES]; /* of planes in a frame's bytes */
};

struct vanon_context {
    vanon_network *network;
    void (*done)(void *opaque);
    void *opaque;
    cudaStream_t stream;
    struct vanon_network_run run;
    void *device;       /* one allocation: arena, workspace, decode */
    void *pinned;       /* one allocation of the host that the device sees: results, RGB */
    uint8_t *rgb;       /* in `pinned`, a picture after the other */
    uint8_t *device_rgb;
    size_t rgb_bytes; /* of a picture */
    struct vanon_gpu_decode_memory decode;
    struct vanon_gpu_found *found; /* in `pinned` */
    float *records;                /* likewise */
    struct vanon_gpu_head head;
    struct preparation preparation;
    cudaGraphExec_t graph[SOURCES];
    enum source source; /* of the batch that is being put together */
    cudaError_t failed; /* of the run, as the callback was told */
};

static int gpu(const vanon_context *context, int error, const char *what)
{
    return vanon_cuda_status(context->network->device->log, error, what);
}

/* Memory */

static void lay_device(vanon_context *context, struct layout *layout, void **workspace)
{
    const vanon_plan *plan = context->network->plan;
    size_t batch = (size_t)plan->batch, anchors = (size_t)plan->head.anchors;

    context->run.arena = take(layout, plan->arena * 2);
    *workspace = take(layout, context->network->workspace);
    context->device_rgb = take(layout, batch * context->rgb_bytes);
    context->decode.candidates =
        take(layout, batch * anchors * sizeof *context->decode.candidates);
    context->decode.keys =
        take(layout, batch * vanon_gpu_keys(plan->head.anchors) * sizeof *context->decode.keys);
    context->decode.tally = take(layout, batch * sizeof *context->decode.tally);
    context->decode.kept =
        take(layout, batch * context->network->limits.max_det * sizeof *context->decode.kept);
}

static void lay_pinned(vanon_context *context, struct layout *layout)
{
    const vanon_plan *plan = context->network->plan;
    size_t batch = (size_t)plan->batch;

    context->rgb = take(layout, batch * context->rgb_bytes);
    context->found = take(layout, batch * sizeof *context->found);
    context->records = take(layout, batch * context->network->limits.max_det *
                                        vanon_record_floats(plan) * sizeof(float));
}

static int take_memory(vanon_context *context, void **workspace)
{
    struct layout device = {0}, pinned = {0};
    int error;

    context->rgb_bytes =
        (size_t)context->network->plan->height * (size_t)context->network->plan->width * 3;
    lay_device(context, &device, workspace);
    lay_pinned(context, &pinned);
    if ((error = cudaMalloc(&context->device, device.used)) ||
        (error = cudaHostAlloc(&context->pinned, pinned.used, cudaHostAllocMapped)) ||
        (error = cudaMemset(context->device, 0, device.used)))
        return gpu(context, error, "taking memory");
    memset(context->pinned, 0, pinned.used);
    device = (struct layout){.base = context->device};
    pinned = (struct layout){.base = context->pinned};
    lay_device(context, &device, workspace);
    lay_pinned(context, &pinned);
    return VANON_OK;
}

size_t vanon_device_need(const vanon_plan *plan, size_t contexts)
{
    size_t batch = (size_t)plan->batch, anchors = (size_t)plan->head.anchors;
    size_t decode = anchors * sizeof(struct vanon_gpu_candidate) +
                    vanon_gpu_keys(plan->head.anchors) * sizeof(uint64_t);
    size_t input = (size_t)plan->height * (size_t)plan->width * 3;

    return plan->floats * (2 + sizeof(float)) +
           contexts * (plan->arena * 2 + batch * (decode + input));
}

/* Life */

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
    status = gpu(context, cudaSetDevice(device->number), "choosing it");
    if (status == VANON_OK)
        status = gpu(context, cudaStreamCreateWithFlags(&context->stream, cudaStreamNonBlocking),
                     "making a stream");
    context->run.stream = context->stream;
    if (status == VANON_OK)
        status = take_memory(context, &workspace);
    if (status == VANON_OK && device->cudnn.library &&
        (device->cudnn.cudnnCreate(&context->run.handle) ||
         device->cudnn.cudnnSetStream(context->run.handle, context->stream)))
        status = vanon_fail(device->log, VANON_ERR_INFERENCE, "cuDNN can't be started");
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

static void drop_preparation(vanon_context *context)
{
    struct preparation *preparation = &context->preparation;

    drop_graph(context, FRAMES);
    vanon_letterbox_destroy(&preparation->letterbox);
    cudaFree(preparation->device);
    cudaFreeHost(preparation->pinned);
    *preparation = (struct preparation){0};
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
    drop_preparation(context);
    drop_graph(context, RGB);
    vanon_network_unbind(&context->run);
    if (context->run.handle)
        context->network->device->cudnn.cudnnDestroy(context->run.handle);
    cudaFree(context->device);
    cudaFreeHost(context->pinned);
    if (context->stream)
        cudaStreamDestroy(context->stream);
    free(context);
}

/* Frames */

bool vanon_device_takes(const vanon_frame *frame)
{
    return frame->memory == VANON_MEMORY_HOST && vanon_pixel_layout(frame->format) &&
           vanon_picture_size_valid(frame->width, frame->height);
}

/* Where the planes lie in a frame's bytes on the device. */
static void lay_planes(struct preparation *preparation, const vanon_frame *like)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);

    preparation->frame_bytes = 0;
    for (int i = 0; i < layout->planes; i++) {
        size_t line = vanon_plane_bytes(layout, i, like->width);

        preparation->stride[i] = (line + 15) / 16 * 16;
        preparation->offset[i] = preparation->frame_bytes;
        preparation->frame_bytes +=
            preparation->stride[i] * (size_t)vanon_plane_lines(layout, i, like->height);
    }
    preparation->frame_bytes = (preparation->frame_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The plan but for its tables. */
static void fill_plan(struct vanon_gpu_letterbox *plan, const struct vanon_letterbox_view *view,
                      const struct preparation *preparation, const vanon_plan *network)
{
    const vanon_frame *like = &preparation->like;
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);

    *plan = (struct vanon_gpu_letterbox){
        .width = network->width,
        .height = network->height,
        .left = view->left,
        .top = view->top,
        .columns = (int32_t)view->across[0].count,
        .lines = (int32_t)view->down[0].count,
        .on_its_side = view->on_its_side,
        .components = view->components,
        .sample_bytes = layout->sample_bytes,
        .toned = view->to_rgb->toned,
        .level_top = view->to_rgb->top,
    };
    memcpy(plan->factor, view->to_rgb->factor, sizeof plan->factor);
    memcpy(plan->offset, view->to_rgb->offset, sizeof plan->offset);
    for (int i = 0; i < view->components; i++) {
        const struct vanon_component *component = &layout->component[i];

        plan->component[i] = (struct vanon_gpu_component){
            .offset = preparation->offset[component->plane] + component->offset,
            .stride = (int64_t)preparation->stride[component->plane],
            .lines = vanon_plane_lines(layout, component->plane, like->height),
            .step = component->step / layout->sample_bytes,
            .chroma = vanon_component_is_chroma(layout, i),
        };
    }
}

/* Copies a table to the device; an axis that is not used has none. */
static const void *put_table(struct layout *layout, const void *from, size_t bytes, int *error)
{
    void *at = take(layout, bytes);

    if (!from || !layout->base)
        return NULL;
    if (!*error)
        *error = cudaMemcpy(at, from, bytes, cudaMemcpyHostToDevice);
    return at;
}

static void put_axis(struct layout *layout, const struct vanon_letterbox_axis *axis,
                     const int32_t **index, const float **weight, int *error)
{
    *index = put_table(layout, axis->index, axis->count * sizeof *axis->index, error);
    *weight = put_table(layout, axis->weight, axis->count * sizeof *axis->weight, error);
}

/* All that lies on the device for frames of one kind; the first pass only measures. */
static int lay_preparation(vanon_context *context, struct layout *layout)
{
    struct preparation *preparation = &context->preparation;
    const vanon_plan *network = context->network->plan;
    struct vanon_letterbox_view view;
    struct vanon_gpu_letterbox plan;
    int error = 0;

    vanon_letterbox_look(preparation->letterbox, &view);
    fill_plan(&plan, &view, preparation, network);
    for (int i = 0; i < 2; i++) {
        put_axis(layout, &view.across[i], &plan.across_index[i], &plan.across_weight[i], &error);
        put_axis(layout, &view.down[i], &plan.down_index[i], &plan.down_weight[i], &error);
    }
    plan.tone = put_table(layout, view.to_rgb->tone, sizeof view.to_rgb->tone, &error);
    preparation->frames = take(layout, preparation->frame_bytes * (size_t)network->batch);
    preparation->plan = take(layout, sizeof plan);
    if (layout->base && !error)
        error = cudaMemcpy(preparation->plan, &plan, sizeof plan, cudaMemcpyHostToDevice);
    return error;
}

static int prepare(vanon_context *context, const vanon_frame *like)
{
    struct preparation *preparation = &context->preparation;
    const vanon_plan *plan = context->network->plan;
    struct layout layout = {0};
    size_t staged;
    int error, status;

    drop_preparation(context);
    status = vanon_letterbox_create(&preparation->letterbox, like, plan->width, plan->height);
    if (status)
        return status == VANON_ERR_MEMORY ? status
                                          : vanon_fail(context->network->device->log,
                                                       VANON_ERR_INFERENCE,
                                                       "a frame that the GPU can't take");
    preparation->like = *like;
    lay_planes(preparation, like);
    lay_preparation(context, &layout);
    staged = preparation->frame_bytes * (size_t)plan->batch;
    if ((error = cudaMalloc(&preparation->device, layout.used)) ||
        (error = cudaMemset(preparation->device, 0, layout.used)) ||
        (error = cudaHostAlloc(&preparation->pinned, staged, 0)))
        return gpu(context, error, "taking memory for frames");
    preparation->staged = preparation->pinned;
    layout = (struct layout){.base = preparation->device};
    return gpu(context, lay_preparation(context, &layout), "taking the letterbox's tables");
}

/* Lines without what the host keeps between them. */
static void stage(const struct preparation *preparation, uint8_t *to, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++) {
        size_t bytes = vanon_plane_bytes(layout, i, frame->width);
        int lines = vanon_plane_lines(layout, i, frame->height);
        uint8_t *at = to + preparation->offset[i];

        if (frame->stride[i] == (ptrdiff_t)preparation->stride[i]) {
            memcpy(at, frame->plane[i], preparation->stride[i] * (size_t)(lines - 1) + bytes);
            continue;
        }
        for (int y = 0; y < lines; y++)
            memcpy(at + preparation->stride[i] * (size_t)y,
                   frame->plane[i] + y * frame->stride[i], bytes);
    }
}

int vanon_context_put_frame(vanon_context *context, size_t index, const vanon_frame *frame)
{
    struct preparation *preparation = &context->preparation;
    size_t bytes;
    int status;

    status = gpu(context, cudaSetDevice(context->network->device->number), "choosing it");
    if (status == VANON_OK && (!preparation->letterbox ||
                               !vanon_frame_same_kind(&preparation->like, frame) ||
                               !preparation->staged))
        status = prepare(context, frame);
    if (status)
        return status;
    bytes = preparation->frame_bytes;
    stage(preparation, preparation->staged + index * bytes, frame);
    context->source = FRAMES;
    return gpu(context,
               cudaMemcpyAsync(preparation->frames + index * bytes,
                               preparation->staged + index * bytes, bytes, cudaMemcpyHostToDevice,
                               context->stream),
               "copying a frame to it");
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
    const struct preparation *preparation = &context->preparation;
    void *input = context->run.arena + 2 * vanon_plan_start(plan, plan->input);
    int error;

    if (context->source == FRAMES)
        error = vanon_gpu_fill_input(context->stream, preparation->plan, preparation->frames,
                                     preparation->frame_bytes, plan->batch, plan->width,
                                     plan->height, input);
    else
        error = vanon_gpu_fill_from_rgb(
            context->stream, context->device_rgb,
            (size_t)plan->batch * (size_t)plan->height * (size_t)plan->width, input);
    if (!error)
        error = vanon_network_queue(&context->run);
    if (!error)
        error = vanon_gpu_decode(context->stream, &context->head, plan->batch, &network->limits,
                                 &context->decode, context->found, context->records);
    return error;
}

/* Records the work. It ran once before, so that everything is loaded: nothing may be loaded while
 * it is recorded. */
static int record(vanon_context *context)
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

/* CUDA's thread says that the work is done, or that it failed. */
static void CUDART_CB finished(cudaStream_t stream, cudaError_t error, void *opaque)
{
    vanon_context *context = opaque;

    (void)stream;
    context->failed = error;
    context->done(context->opaque);
}

int vanon_context_run(vanon_context *context, size_t count)
{
    int error = cudaSetDevice(context->network->device->number);

    if (!error && context->source == RGB)
        error = cudaMemcpyAsync(context->device_rgb, context->rgb, count * context->rgb_bytes,
                                cudaMemcpyHostToDevice, context->stream);
    if (!error && !context->graph[context->source])
        error = record(context);
    if (!error)
        error = cudaGraphLaunch(context->graph[context->source], context->stream);
    if (!error)
        error = cudaStreamAddCallback(context->stream, finished, context, 0);
    return gpu(context, error, "starting a batch");
}

int vanon_context_wait(vanon_context *context)
{
    int error = cudaSetDevice(context->network->device->number);

    if (!error)
        error = cudaStreamSynchronize(context->stream);
    return gpu(context, error ? error : (int)context->failed, "a batch");
}

int vanon_context_result(vanon_context *context, size_t index, const float **records, size_t *count)
{
    const vanon_network *network = context->network;
    const struct vanon_gpu_found *found = &context->found[index];

    *count = found->count;
    *records = context->records +
               index * network->limits.max_det * vanon_record_floats(network->plan);
    if (found->faults)
        return vanon_fail(network->device->log, VANON_ERR_INFERENCE,
                          "the network gave %u numbers that are no scores or boxes",
                          found->faults);
    return VANON_OK;
}
