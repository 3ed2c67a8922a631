/* SPDX-License-Identifier: Apache-2.0 */
#include "letterbox_cuda.h"

#include <stdlib.h>

#include <vanon/status.h>

#include "frame_layout.h"
#include "pixels/frame.h"
#include "pixels/letterbox_colour.h"

#define ALIGNMENT 256

struct vanon_gpu_frames {
    vanon_letterbox *letterbox;
    vanon_frame like;
    int width, height, batch;
    void *device, *pinned;            /* allocations */
    struct vanon_gpu_letterbox *plan; /* on the device */
    uint8_t *samples, *staged;        /* on the device, and where the host writes them */
    struct vanon_gpu_frame_layout layout;
};

void *vanon_gpu_take(struct vanon_gpu_layout *layout, size_t bytes)
{
    char *at = layout->base ? layout->base + layout->used : NULL;

    layout->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

/* Copies a table to the device; an axis that is not used has none. */
static const void *put_table(struct vanon_gpu_layout *layout, const void *from, size_t bytes,
                             int *error)
{
    void *at = vanon_gpu_take(layout, bytes);

    if (!from || !layout->base)
        return NULL;
    if (!*error)
        *error = cudaMemcpy(at, from, bytes, cudaMemcpyHostToDevice);
    return at;
}

/* All that lies on the device; the first pass only measures. */
static int lay_out(vanon_gpu_frames *frames, struct vanon_gpu_layout *layout)
{
    struct vanon_letterbox_view view;
    struct vanon_gpu_letterbox plan;
    int error = 0;

    vanon_letterbox_look(frames->letterbox, &view);
    vanon_gpu_describe_letterbox(&plan, &view, &frames->layout, &frames->like, frames->width,
                                 frames->height);
    for (int i = 0; i < 2; i++) {
        plan.across_index[i] = put_table(layout, plan.across_index[i],
                                         view.columns * sizeof *plan.across_index[i], &error);
        plan.across_weight[i] = put_table(layout, plan.across_weight[i],
                                          view.columns * sizeof *plan.across_weight[i], &error);
        plan.down_index[i] =
            put_table(layout, plan.down_index[i], view.lines * sizeof *plan.down_index[i], &error);
        plan.down_weight[i] = put_table(layout, plan.down_weight[i],
                                        view.lines * sizeof *plan.down_weight[i], &error);
    }
    plan.tone = put_table(layout, plan.tone, VANON_TONES, &error);
    frames->samples = vanon_gpu_take(layout, frames->layout.bytes * (size_t)frames->batch);
    frames->plan = vanon_gpu_take(layout, sizeof plan);
    if (layout->base && !error)
        error = cudaMemcpy(frames->plan, &plan, sizeof plan, cudaMemcpyHostToDevice);
    return error;
}

int vanon_gpu_frames_create(vanon_gpu_frames **out, const vanon_frame *like, int width, int height,
                            int batch)
{
    vanon_gpu_frames *frames = calloc(1, sizeof *frames);
    struct vanon_gpu_layout layout = {0};
    int error, status;

    *out = NULL;
    if (!frames)
        return cudaErrorMemoryAllocation;
    frames->like = *like;
    frames->width = width;
    frames->height = height;
    frames->batch = batch;
    status = vanon_letterbox_create(&frames->letterbox, like, width, height);
    if (status) {
        free(frames);
        return status == VANON_ERR_MEMORY ? cudaErrorMemoryAllocation : cudaErrorInvalidValue;
    }
    vanon_gpu_lay_frame(&frames->layout, like);
    lay_out(frames, &layout);
    error = cudaMalloc(&frames->device, layout.used);
    if (!error)
        error = cudaMemset(frames->device, 0, layout.used);
    if (!error)
        error = cudaHostAlloc(&frames->pinned, frames->layout.bytes * (size_t)batch, 0);
    frames->staged = frames->pinned;
    layout = (struct vanon_gpu_layout){.base = frames->device};
    if (!error)
        error = lay_out(frames, &layout);
    if (error)
        vanon_gpu_frames_destroy(&frames);
    *out = frames;
    return error;
}

void vanon_gpu_frames_destroy(vanon_gpu_frames **pointer)
{
    vanon_gpu_frames *frames = pointer ? *pointer : NULL;

    if (!frames)
        return;
    *pointer = NULL;
    vanon_letterbox_destroy(&frames->letterbox);
    cudaFree(frames->device);
    cudaFreeHost(frames->pinned);
    free(frames);
}

bool vanon_gpu_frames_fit(const vanon_gpu_frames *frames, const vanon_frame *frame)
{
    return vanon_frame_same_kind(&frames->like, frame);
}

int vanon_gpu_frames_put(vanon_gpu_frames *frames, cudaStream_t stream, size_t index,
                         const vanon_frame *frame)
{
    size_t bytes = frames->layout.bytes;

    vanon_gpu_stage_frame(&frames->layout, frames->staged + index * bytes, frame);
    return cudaMemcpyAsync(frames->samples + index * bytes, frames->staged + index * bytes, bytes,
                           cudaMemcpyHostToDevice, stream);
}

int vanon_gpu_frames_fill(const vanon_gpu_frames *frames, cudaStream_t stream, void *input)
{
    return vanon_gpu_fill_input(stream, frames->plan, frames->samples, frames->layout.bytes,
                                frames->batch, frames->width, frames->height, input);
}
