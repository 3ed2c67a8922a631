/* SPDX-License-Identifier: Apache-2.0 */
#include "letterbox_cuda.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "frame_layout.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox_colour.h"

#define ALIGNMENT 256

/* What the kernel reads besides samples. It lies alike where the host writes it and on the device.
 */
struct tables {
    struct vanon_gpu_source *source;
    int32_t *index[4]; /* luma's and chroma's, across, then down */
    int16_t *weight[4];
    uint8_t *tone;
    size_t bytes;
};

struct vanon_gpu_frames {
    int width, height, batch;
    struct tables device, staged;
    bool has_kind;
    vanon_frame like; /* the last frame; its kind counts */
    struct vanon_gpu_frame_layout layout;
    size_t room; /* bytes of each of the two below */
    uint8_t *samples, *staged_samples;
};

void *vanon_gpu_take(struct vanon_gpu_layout *layout, size_t bytes)
{
    char *at = layout->base ? layout->base + layout->used : NULL;

    layout->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

/* An axis has no more entries than the input's longer side. */
static void lay_tables(const vanon_gpu_frames *frames, struct tables *tables, void *base)
{
    struct vanon_gpu_layout layout = {.base = base};
    size_t side = (size_t)(frames->width > frames->height ? frames->width : frames->height);

    tables->source = vanon_gpu_take(&layout, sizeof *tables->source);
    for (int i = 0; i < 4; i++) {
        tables->index[i] = vanon_gpu_take(&layout, side * sizeof *tables->index[i]);
        tables->weight[i] = vanon_gpu_take(&layout, side * sizeof *tables->weight[i]);
    }
    tables->tone = vanon_gpu_take(&layout, VANON_TONES);
    tables->bytes = layout.used;
}

int vanon_gpu_frames_create(vanon_gpu_frames **out, int width, int height, int batch)
{
    vanon_gpu_frames *frames = calloc(1, sizeof *frames);
    void *device = NULL, *staged = NULL;
    int error;

    *out = NULL;
    if (!frames)
        return cudaErrorMemoryAllocation;
    frames->width = width;
    frames->height = height;
    frames->batch = batch;
    lay_tables(frames, &frames->device, NULL);
    error = cudaMalloc(&device, frames->device.bytes);
    if (!error)
        error = cudaHostAlloc(&staged, frames->device.bytes, 0);
    lay_tables(frames, &frames->device, device);
    lay_tables(frames, &frames->staged, staged);
    if (error)
        vanon_gpu_frames_destroy(&frames);
    *out = frames;
    return error;
}

static void free_samples(vanon_gpu_frames *frames)
{
    cudaFree(frames->samples);
    cudaFreeHost(frames->staged_samples);
    frames->samples = frames->staged_samples = NULL;
    frames->room = 0;
}

void vanon_gpu_frames_destroy(vanon_gpu_frames **pointer)
{
    vanon_gpu_frames *frames = pointer ? *pointer : NULL;

    if (!frames)
        return;
    *pointer = NULL;
    free_samples(frames);
    cudaFree(frames->device.source); /* the tables' first */
    cudaFreeHost(frames->staged.source);
    free(frames);
}

static int make_room(vanon_gpu_frames *frames, cudaStream_t stream, size_t bytes)
{
    int error;

    if (bytes <= frames->room)
        return 0;
    free_samples(frames);
    error = cudaMalloc((void **)&frames->samples, bytes);
    if (!error)
        error = cudaHostAlloc((void **)&frames->staged_samples, bytes, 0);
    if (!error) /* last: what is in flight must not be given back */
        error = cudaMemsetAsync(frames->samples, 0, bytes, stream);
    if (!error)
        frames->room = bytes;
    else
        free_samples(frames);
    return error;
}

/* Puts an axis where the host writes it, and gives the kernel's place of it. */
static void put_axis(const vanon_gpu_frames *frames, int number, size_t count,
                     const int32_t **index, const int16_t **weight)
{
    if (!*index) /* it is not used */
        return;
    memcpy(frames->staged.index[number], *index, count * sizeof **index);
    memcpy(frames->staged.weight[number], *weight, count * sizeof **weight);
    *index = frames->device.index[number];
    *weight = frames->device.weight[number];
}

/* What frames of this kind need, on its way to the device. */
static int take_kind(vanon_gpu_frames *frames, cudaStream_t stream, const vanon_frame *frame,
                     const vanon_letterbox *letterbox)
{
    struct vanon_gpu_source *source = frames->staged.source;
    struct vanon_gpu_letterbox *plan = &source->letterbox;
    struct vanon_letterbox_view view;
    int error;

    frames->has_kind = false;
    vanon_gpu_lay_frame(&frames->layout, frame);
    error = make_room(frames, stream, frames->layout.bytes * (size_t)frames->batch);
    if (error)
        return error;
    vanon_letterbox_look(letterbox, &view);
    vanon_gpu_describe_letterbox(plan, &view, &frames->layout, frame, frames->width,
                                 frames->height);
    for (int i = 0; i < 2; i++) {
        put_axis(frames, i, view.columns, &plan->across_index[i], &plan->across_weight[i]);
        put_axis(frames, 2 + i, view.lines, &plan->down_index[i], &plan->down_weight[i]);
    }
    if (plan->tone) {
        memcpy(frames->staged.tone, plan->tone, VANON_TONES);
        plan->tone = frames->device.tone;
    }
    source->samples = frames->samples;
    source->frame_bytes = frames->layout.bytes;
    error = cudaMemcpyAsync(frames->device.source, source, frames->device.bytes,
                            cudaMemcpyHostToDevice, stream);
    frames->like = *frame;
    frames->has_kind = !error;
    return error;
}

/* From where the frame lies on the device; it may be gone when the call returns. */
static int copy_planes(const vanon_gpu_frames *frames, cudaStream_t stream, uint8_t *to,
                       const vanon_frame *frame)
{
    const struct vanon_pixel_layout *format = vanon_pixel_layout(frame->format);
    const vanon_cuda_planes *planes = frame->handle;
    int error = 0;

    for (int i = 0; i < format->planes && !error; i++)
        error = cudaMemcpy2DAsync(
            to + frames->layout.offset[i], frames->layout.stride[i],
            (const void *)(uintptr_t)planes->plane[i], (size_t)planes->stride[i],
            vanon_plane_bytes(format, i, frame->width),
            (size_t)vanon_plane_lines(format, i, frame->height), cudaMemcpyDeviceToDevice, stream);
    return error ? error : (int)cudaStreamSynchronize(stream);
}

int vanon_gpu_frames_put(vanon_gpu_frames *frames, cudaStream_t stream, size_t index,
                         const vanon_frame *frame, const vanon_letterbox *letterbox)
{
    size_t bytes;
    int error;

    if (!frames->has_kind || !vanon_frame_same_kind(&frames->like, frame)) {
        error = index ? cudaErrorInvalidValue : take_kind(frames, stream, frame, letterbox);
        if (error)
            return error;
    }
    bytes = frames->layout.bytes;
    if (frame->memory == VANON_MEMORY_CUDA)
        return copy_planes(frames, stream, frames->samples + index * bytes, frame);
    vanon_gpu_stage_frame(&frames->layout, frames->staged_samples + index * bytes, frame);
    return cudaMemcpyAsync(frames->samples + index * bytes, frames->staged_samples + index * bytes,
                           bytes, cudaMemcpyHostToDevice, stream);
}

int vanon_gpu_frames_fill(const vanon_gpu_frames *frames, cudaStream_t stream, bool single,
                          void *input)
{
    return vanon_gpu_fill_input(stream, frames->device.source, frames->batch, frames->width,
                                frames->height, single, input);
}
