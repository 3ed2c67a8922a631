/* SPDX-License-Identifier: Apache-2.0 */
#include "letterbox_cuda.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"
#include "pixels/letterbox_colour.h"

#define ALIGNMENT 256

struct vanon_gpu_frames {
    vanon_letterbox *letterbox;
    vanon_frame like;
    int width, height, batch;
    void *device, *pinned;            /* allocations */
    struct vanon_gpu_letterbox *plan; /* on the device */
    uint8_t *samples, *staged;        /* on the device, and where the host writes them */
    size_t frame_bytes;
    size_t offset[VANON_MAX_PLANES], stride[VANON_MAX_PLANES]; /* of planes in a frame's bytes */
};

void *vanon_gpu_take(struct vanon_gpu_layout *layout, size_t bytes)
{
    char *at = layout->base ? layout->base + layout->used : NULL;

    layout->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

/* Where the planes lie in a frame's bytes on the device. */
static void lay_planes(vanon_gpu_frames *frames, const vanon_frame *like)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);

    frames->frame_bytes = 0;
    for (int i = 0; i < layout->planes; i++) {
        size_t line = vanon_plane_bytes(layout, i, like->width);

        frames->stride[i] = (line + 15) / 16 * 16;
        frames->offset[i] = frames->frame_bytes;
        frames->frame_bytes +=
            frames->stride[i] * (size_t)vanon_plane_lines(layout, i, like->height);
    }
    frames->frame_bytes = (frames->frame_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The plan but for its tables. */
static void fill_plan(struct vanon_gpu_letterbox *plan, const struct vanon_letterbox_view *view,
                      const vanon_gpu_frames *frames)
{
    const vanon_frame *like = &frames->like;
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);

    *plan = (struct vanon_gpu_letterbox){
        .width = frames->width,
        .height = frames->height,
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
            .offset = frames->offset[component->plane] + component->offset,
            .stride = (int64_t)frames->stride[component->plane],
            .lines = vanon_plane_lines(layout, component->plane, like->height),
            .step = component->step / layout->sample_bytes,
            .chroma = vanon_component_is_chroma(layout, i),
        };
    }
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

static void put_axis(struct vanon_gpu_layout *layout, const struct vanon_letterbox_axis *axis,
                     const int32_t **index, const float **weight, int *error)
{
    *index = put_table(layout, axis->index, axis->count * sizeof *axis->index, error);
    *weight = put_table(layout, axis->weight, axis->count * sizeof *axis->weight, error);
}

/* All that lies on the device; the first pass only measures. */
static int lay_out(vanon_gpu_frames *frames, struct vanon_gpu_layout *layout)
{
    struct vanon_letterbox_view view;
    struct vanon_gpu_letterbox plan;
    int error = 0;

    vanon_letterbox_look(frames->letterbox, &view);
    fill_plan(&plan, &view, frames);
    for (int i = 0; i < 2; i++) {
        put_axis(layout, &view.across[i], &plan.across_index[i], &plan.across_weight[i], &error);
        put_axis(layout, &view.down[i], &plan.down_index[i], &plan.down_weight[i], &error);
    }
    plan.tone = put_table(layout, view.to_rgb->tone, sizeof view.to_rgb->tone, &error);
    frames->samples = vanon_gpu_take(layout, frames->frame_bytes * (size_t)frames->batch);
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
    lay_planes(frames, like);
    lay_out(frames, &layout);
    error = cudaMalloc(&frames->device, layout.used);
    if (!error)
        error = cudaMemset(frames->device, 0, layout.used);
    if (!error)
        error = cudaHostAlloc(&frames->pinned, frames->frame_bytes * (size_t)batch, 0);
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

/* Lines without what the host keeps between them. */
static void stage(const vanon_gpu_frames *frames, uint8_t *to, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++) {
        size_t bytes = vanon_plane_bytes(layout, i, frame->width);
        int lines = vanon_plane_lines(layout, i, frame->height);
        uint8_t *at = to + frames->offset[i];

        if (frame->stride[i] == (ptrdiff_t)frames->stride[i]) {
            memcpy(at, frame->plane[i], frames->stride[i] * (size_t)(lines - 1) + bytes);
            continue;
        }
        for (int y = 0; y < lines; y++)
            memcpy(at + frames->stride[i] * (size_t)y, frame->plane[i] + y * frame->stride[i],
                   bytes);
    }
}

int vanon_gpu_frames_put(vanon_gpu_frames *frames, cudaStream_t stream, size_t index,
                         const vanon_frame *frame)
{
    size_t bytes = frames->frame_bytes;

    stage(frames, frames->staged + index * bytes, frame);
    return cudaMemcpyAsync(frames->samples + index * bytes, frames->staged + index * bytes, bytes,
                           cudaMemcpyHostToDevice, stream);
}

int vanon_gpu_frames_fill(const vanon_gpu_frames *frames, cudaStream_t stream, void *input)
{
    return vanon_gpu_fill_input(stream, frames->plan, frames->samples, frames->frame_bytes,
                                frames->batch, frames->width, frames->height, input);
}
