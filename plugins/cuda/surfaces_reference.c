/* SPDX-License-Identifier: Apache-2.0 */
#include "surfaces.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "surface_pool.h"

struct reference {
    vanon_surfaces base;
    const vanon_log *log;
    vanon_surface_pool *pool;
    int fault; /* number of the call that fails; 0: none */
    atomic_int calls;
};

static struct reference *own(vanon_surfaces *surfaces)
{
    return (struct reference *)surfaces;
}

static int take_memory(int device, size_t bytes, uint64_t *address)
{
    void *memory = vanon_aligned_alloc(bytes);

    (void)device;
    *address = (uintptr_t)memory;
    return memory ? VANON_OK : VANON_ERR_MEMORY;
}

static void give_memory(int device, uint64_t address)
{
    (void)device;
    free((void *)(uintptr_t)address);
}

static const struct vanon_surface_memory memory = {take_memory, give_memory};

static int create(vanon_surfaces **out, int number, const vanon_log *log)
{
    const char *fault = getenv("VANON_REFERENCE_SURFACE_FAULT");
    struct reference *reference = calloc(1, sizeof *reference);

    *out = NULL;
    if (!reference || vanon_surface_pool_create(&reference->pool, number, &memory)) {
        free(reference);
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a device");
    }
    reference->base = (vanon_surfaces){.ops = &vanon_surfaces_gpu, .number = number};
    reference->log = log;
    reference->fault = fault ? atoi(fault) : 0;
    *out = &reference->base;
    return VANON_OK;
}

static void destroy(vanon_surfaces *surfaces)
{
    vanon_surface_pool_destroy(&own(surfaces)->pool);
    free(surfaces);
}

/* What a call comes to. */
static int outcome(vanon_surfaces *surfaces)
{
    struct reference *reference = own(surfaces);

    if (atomic_fetch_add(&reference->calls, 1) + 1 != reference->fault)
        return VANON_OK;
    return vanon_fail(reference->log, VANON_ERR_INFERENCE, "the device fails, as it is told to");
}

static int settle(vanon_surfaces *surfaces, const vanon_frame *frame)
{
    (void)frame;
    return outcome(surfaces);
}

static int glance(vanon_surfaces *surfaces, const vanon_frame *frame, struct vanon_glance *to)
{
    struct vanon_gpu_light light =
        vanon_surface_light(frame, VANON_GLANCE_COLUMNS, VANON_GLANCE_ROWS);

    for (int y = 0; y < VANON_GLANCE_ROWS; y++)
        for (int x = 0; x < VANON_GLANCE_COLUMNS; x++)
            to->cell[y][x] = vanon_gpu_glance_cell(&light, x, y);
    return outcome(surfaces);
}

static int cells(vanon_surfaces *surfaces, const vanon_frame *frame,
                 uint8_t fine[VANON_CELL_ROWS][VANON_CELL_COLUMNS])
{
    struct vanon_gpu_light light = vanon_surface_light(frame, VANON_CELL_COLUMNS, VANON_CELL_ROWS);

    for (int y = 0; y < VANON_CELL_ROWS; y++)
        for (int x = 0; x < VANON_CELL_COLUMNS; x++)
            fine[y][x] = vanon_gpu_camera_cell(&light, x, y);
    return outcome(surfaces);
}

static uint16_t mean_of(const struct vanon_gpu_plane *plane, const struct vanon_gpu_rect *at)
{
    uint64_t sum = 0;

    for (int y = at->y; y < at->y + at->height; y++)
        for (int x = at->x; x < at->x + at->width; x++)
            sum += vanon_gpu_read(plane, x, y);
    return vanon_gpu_mean(sum, (uint64_t)at->width * (uint64_t)at->height);
}

static int means(vanon_surfaces *surfaces, const vanon_frame *frame,
                 const struct vanon_surface_grid *grid, uint16_t *mean)
{
    struct vanon_gpu_plane plane =
        vanon_surface_plane(frame, grid->component, grid->field, vanon_frame_fields(frame));
    const struct vanon_gpu_cells all = {
        {grid->x, grid->y, grid->width, grid->height}, grid->columns, grid->rows};

    for (int row = 0; row < grid->rows; row++)
        for (int column = 0; column < grid->columns; column++) {
            struct vanon_gpu_rect at = vanon_gpu_cell_samples(&all, &plane, column, row);

            *mean++ = mean_of(&plane, &at);
        }
    return outcome(surfaces);
}

/* One sample of the smooth picture. */
static uint32_t smooth_at(const struct vanon_paint *paint, const uint8_t *data, int bits, int x,
                          int y)
{
    struct vanon_gpu_axis across = vanon_surface_axis(&paint->across, data);
    struct vanon_gpu_axis down = vanon_surface_axis(&paint->down, data);
    const uint16_t *mean = (const void *)(data + paint->means);
    uint32_t weight[2][VANON_GPU_TAPS];
    int column = vanon_gpu_weigh(&across, x, weight[0]);
    int row = vanon_gpu_weigh(&down, y, weight[1]);
    uint16_t value[VANON_GPU_TAPS];

    for (int i = 0; i < VANON_GPU_TAPS; i++)
        value[i] = (uint16_t)vanon_gpu_smooth(mean + (row + i) * across.cells + column, 1,
                                              weight[0], bits - 1);
    return vanon_gpu_smooth(value, 1, weight[1], 31 - bits);
}

static void paint_one(const vanon_frame *frame, const struct vanon_paint *paint,
                      const uint8_t *data)
{
    struct vanon_gpu_plane plane =
        vanon_surface_plane(frame, paint->component, paint->field, vanon_frame_fields(frame));
    int bits = 8 * plane.bytes - plane.shift;

    for (int y = paint->y > 0 ? paint->y : 0; y < paint->y + paint->height && y < plane.height; y++)
        for (int x = paint->x > 0 ? paint->x : 0; x < paint->x + paint->width && x < plane.width;
             x++) {
            uint8_t covered = data[paint->coverage + (size_t)(y - paint->y) * (size_t)paint->width +
                                   (size_t)(x - paint->x)];

            if (covered)
                vanon_gpu_blend(&plane, x, y,
                                paint->smooth ? smooth_at(paint, data, bits, x, y) : paint->value,
                                covered);
        }
}

/* The frame's planes as those of a frame in the host's memory. */
static vanon_frame host_view(const vanon_frame *frame)
{
    const vanon_cuda_planes *planes = frame->handle;
    vanon_frame view = *frame;

    if (frame->memory == VANON_MEMORY_HOST)
        return view;
    view.memory = VANON_MEMORY_HOST;
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        view.plane[i] = (uint8_t *)(uintptr_t)planes->plane[i];
        view.stride[i] = (ptrdiff_t)planes->stride[i];
    }
    return view;
}

static void copy(const vanon_frame *from, const vanon_frame *to)
{
    vanon_frame source = host_view(from), target = host_view(to);

    vanon_frame_copy_samples(&target, &source);
}

static int upload(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame **out)
{
    struct reference *reference = own(surfaces);
    int status = vanon_surface_pool_get(reference->pool, frame, out);

    if (status)
        return vanon_fail(reference->log, status, "no memory for a frame");
    copy(frame, *out);
    return VANON_OK;
}

static int download(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame *to)
{
    copy(frame, to);
    return outcome(surfaces);
}

static int paint(vanon_surfaces *surfaces, const vanon_frame *source,
                 const struct vanon_paints *paints, vanon_frame **out)
{
    int status = outcome(surfaces);

    if (!status)
        status = upload(surfaces, source, out);
    for (size_t i = 0; i < paints->count && !status; i++)
        paint_one(*out, &paints->paint[i], paints->data);
    return status;
}

const struct vanon_surfaces_ops vanon_surfaces_gpu = {
    .create = create,
    .destroy = destroy,
    .settle = settle,
    .glance = glance,
    .cells = cells,
    .means = means,
    .paint = paint,
    .download = download,
    .upload = upload,
};
