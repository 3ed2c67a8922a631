/* SPDX-License-Identifier: Apache-2.0 */
#include "surface_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "pixels/format.h"

#define LINE 256 /* bytes */

struct surface {
    vanon_cuda_planes planes; /* a frame's handle */
    vanon_surface_pool *pool;
    struct surface *next; /* in the pool's list, while nobody owns it */
    uint64_t address;
    size_t bytes;
};

struct vanon_surface_pool {
    int device;
    const struct vanon_surface_memory *memory;
    vanon_frame_pool *shells; /* the frames themselves */
    pthread_mutex_t lock;     /* guards all below */
    bool open;                /* its owner has not destroyed it */
    size_t alive;             /* surfaces that somebody owns */
    size_t bytes;             /* of each in `idle` */
    struct surface *idle;
};

static void free_surface(vanon_surface_pool *pool, struct surface *surface)
{
    pool->memory->give(pool->device, surface->address);
    free(surface);
}

static void free_list(vanon_surface_pool *pool, struct surface *surface)
{
    for (struct surface *next; surface; surface = next) {
        next = surface->next;
        free_surface(pool, surface);
    }
}

/* Called without the lock, by whoever saw that neither owner nor frames are left. */
static void free_pool(vanon_surface_pool *pool)
{
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

int vanon_surface_pool_create(vanon_surface_pool **out, int device,
                              const struct vanon_surface_memory *memory)
{
    vanon_surface_pool *pool = calloc(1, sizeof *pool);

    *out = NULL;
    if (!pool)
        return VANON_ERR_MEMORY;
    if (vanon_frame_pool_create(&pool->shells)) {
        free(pool);
        return VANON_ERR_MEMORY;
    }
    if (pthread_mutex_init(&pool->lock, NULL)) {
        vanon_frame_pool_destroy(&pool->shells);
        free(pool);
        return VANON_ERR_MEMORY;
    }
    pool->device = device;
    pool->memory = memory;
    pool->open = true;
    *out = pool;
    return VANON_OK;
}

void vanon_surface_pool_destroy(vanon_surface_pool **pointer)
{
    vanon_surface_pool *pool = *pointer;
    bool last;

    if (!pool)
        return;
    *pointer = NULL;
    vanon_frame_pool_destroy(&pool->shells);
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    free_list(pool, pool->idle);
    pool->idle = NULL;
    last = !pool->alive;
    pthread_mutex_unlock(&pool->lock);
    if (last)
        free_pool(pool);
}

/* Takes the memory of a frame that is released back. */
static void release(void *opaque)
{
    struct surface *surface = opaque;
    vanon_surface_pool *pool = surface->pool;
    bool kept, last;

    pthread_mutex_lock(&pool->lock);
    kept = pool->open && surface->bytes == pool->bytes;
    if (kept) {
        surface->next = pool->idle;
        pool->idle = surface;
    }
    last = !--pool->alive && !pool->open;
    pthread_mutex_unlock(&pool->lock);
    if (!kept)
        free_surface(pool, surface);
    if (last)
        free_pool(pool);
}

/* Where the planes of frames like `like` begin, and how long lines are; returns the bytes. */
static size_t lay_out(const vanon_frame *like, size_t offset[VANON_MAX_PLANES],
                      size_t stride[VANON_MAX_PLANES])
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    size_t bytes = 0;

    for (int i = 0; i < layout->planes; i++) {
        stride[i] = (vanon_plane_bytes(layout, i, like->width) + LINE - 1) / LINE * LINE;
        offset[i] = bytes;
        bytes += stride[i] * (size_t)vanon_plane_lines(layout, i, like->height);
    }
    return bytes;
}

/* One that was kept, counted as alive; NULL: there is none of this size. */
static struct surface *take_kept(vanon_surface_pool *pool, size_t bytes)
{
    struct surface *surface, *others = NULL;

    pthread_mutex_lock(&pool->lock);
    if (bytes != pool->bytes) {
        others = pool->idle;
        pool->idle = NULL;
        pool->bytes = bytes;
    }
    surface = pool->idle;
    if (surface)
        pool->idle = surface->next;
    pool->alive++;
    pthread_mutex_unlock(&pool->lock);
    free_list(pool, others);
    return surface;
}

static int make_surface(vanon_surface_pool *pool, size_t bytes, struct surface **out)
{
    struct surface *surface = calloc(1, sizeof *surface);
    int status =
        surface ? pool->memory->take(pool->device, bytes, &surface->address) : VANON_ERR_MEMORY;

    if (status) {
        free(surface);
        pthread_mutex_lock(&pool->lock);
        pool->alive--; /* its owner is there: it calls */
        pthread_mutex_unlock(&pool->lock);
        return status;
    }
    surface->pool = pool;
    surface->bytes = bytes;
    *out = surface;
    return VANON_OK;
}

int vanon_surface_pool_get(vanon_surface_pool *pool, const vanon_frame *like, vanon_frame **out)
{
    size_t offset[VANON_MAX_PLANES] = {0}, stride[VANON_MAX_PLANES] = {0};
    size_t bytes = lay_out(like, offset, stride);
    struct surface *surface = take_kept(pool, bytes);
    vanon_frame description = *like;
    int status = surface ? VANON_OK : make_surface(pool, bytes, &surface);

    if (status)
        return status;
    surface->planes = (vanon_cuda_planes){.device = pool->device};
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        surface->planes.plane[i] = stride[i] ? surface->address + offset[i] : 0;
        surface->planes.stride[i] = (int64_t)stride[i];
        description.plane[i] = NULL;
        description.stride[i] = 0;
    }
    description.memory = VANON_MEMORY_CUDA;
    description.handle = &surface->planes;
    description.ready = NULL;
    status = vanon_frame_pool_wrap(pool->shells, &description, release, surface, out);
    if (status)
        release(surface);
    return status;
}

struct vanon_gpu_plane vanon_surface_plane(const vanon_frame *frame, int component, int field,
                                           int fields)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *in = &layout->component[component];
    const vanon_cuda_planes *planes = frame->handle;
    int64_t stride = planes->stride[in->plane];
    int lines = vanon_component_height(layout, component, frame->height);
    uint64_t address = planes->plane[in->plane] + (uint64_t)(field * stride) + in->offset;

    return (struct vanon_gpu_plane){
        .samples = (uint8_t *)(uintptr_t)address,
        .stride = fields * stride,
        .width = vanon_component_width(layout, component, frame->width),
        .height = (lines + fields - 1 - field) / fields,
        .bytes = layout->sample_bytes,
        .step = in->step,
        .shift = in->shift,
    };
}

struct vanon_gpu_light vanon_surface_light(const vanon_frame *frame, int columns, int rows)
{
    return (struct vanon_gpu_light){
        .plane = vanon_surface_plane(frame, 0, 0, 1),
        .depth = vanon_pixel_layout(frame->format)->component[0].depth,
        .columns = columns,
        .rows = rows,
    };
}

struct vanon_gpu_axis vanon_surface_axis(const struct vanon_paint_axis *axis, const uint8_t *data)
{
    return (struct vanon_gpu_axis){axis->from, axis->length, axis->cells, axis->radius,
                                   (const void *)(data + axis->sums)};
}
