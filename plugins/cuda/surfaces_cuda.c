/* SPDX-License-Identifier: Apache-2.0 */
#include "surfaces.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "base/log.h"
#include "paint.h"
#include "pixels/format.h"
#include "surface_kernels.h"
#include "surface_pool.h"

#define ALIGNMENT 256 /* of what lies on the device */

/* What one call works on; kept for the next. */
struct lane {
    struct lane *next;
    cudaStream_t stream;
    cudaEvent_t event;
    uint8_t *pinned, *device; /* of `size` bytes each */
    size_t size;
};

struct cuda {
    vanon_surfaces base;
    const vanon_log *log;
    vanon_surface_pool *pool;
    pthread_mutex_t lock; /* guards `idle` */
    struct lane *idle;
};

static struct cuda *own(vanon_surfaces *surfaces)
{
    return (struct cuda *)surfaces;
}

static int status_of(int error)
{
    if (!error)
        return VANON_OK;
    cudaGetLastError(); /* an error that is reported is not found again by the next call */
    return error == cudaErrorMemoryAllocation ? VANON_ERR_MEMORY : VANON_ERR_INFERENCE;
}

/* Makes a status of a cudaError_t, and says what was being done. */
static int told(const struct cuda *cuda, int error, const char *what)
{
    int status = status_of(error);

    if (status)
        vanon_fail(cuda->log, status, "GPU %d: %s: %s", cuda->base.number, what,
                   cudaGetErrorString((cudaError_t)error));
    return status;
}

static int take_memory(int device, size_t bytes, uint64_t *address)
{
    void *memory = NULL;
    int error = cudaSetDevice(device);

    if (!error)
        error = cudaMalloc(&memory, bytes);
    *address = (uintptr_t)memory;
    return status_of(error);
}

static void give_memory(int device, uint64_t address)
{
    cudaSetDevice(device);
    cudaFree((void *)(uintptr_t)address);
}

static const struct vanon_surface_memory memory = {take_memory, give_memory};

static void free_lane(struct lane *lane)
{
    cudaFreeHost(lane->pinned);
    cudaFree(lane->device);
    if (lane->event)
        cudaEventDestroy(lane->event);
    if (lane->stream)
        cudaStreamDestroy(lane->stream);
    free(lane);
}

/* The frames' own stream is the legacy one, which ours must not wait for: events say what counts.
 */
static int make_lane(struct lane **out)
{
    struct lane *lane = calloc(1, sizeof *lane);
    int error;

    if (!lane)
        return cudaErrorMemoryAllocation;
    error = cudaStreamCreateWithFlags(&lane->stream, cudaStreamNonBlocking);
    if (!error)
        error =
            cudaEventCreateWithFlags(&lane->event, cudaEventBlockingSync | cudaEventDisableTiming);
    if (error)
        free_lane(lane);
    else
        *out = lane;
    return error;
}

/* Makes room for `bytes` on the device and in pinned memory. What was there is lost. */
static int make_room(struct lane *lane, size_t bytes)
{
    size_t size = bytes + bytes / 2;
    int error;

    if (bytes <= lane->size)
        return cudaSuccess;
    cudaFreeHost(lane->pinned);
    cudaFree(lane->device);
    lane->pinned = lane->device = NULL;
    lane->size = 0;
    error = cudaHostAlloc((void **)&lane->pinned, size, cudaHostAllocDefault);
    if (!error)
        error = cudaMalloc((void **)&lane->device, size);
    if (!error)
        lane->size = size;
    return error;
}

/* A lane with room for `bytes`, for the calling thread. A cudaError_t; then there is none. */
static int enter(struct cuda *cuda, size_t bytes, struct lane **out)
{
    struct lane *lane;
    int error = cudaSetDevice(cuda->base.number);

    *out = NULL;
    if (error)
        return error;
    pthread_mutex_lock(&cuda->lock);
    lane = cuda->idle;
    if (lane)
        cuda->idle = lane->next;
    pthread_mutex_unlock(&cuda->lock);
    if (!lane)
        error = make_lane(&lane);
    if (!error)
        error = make_room(lane, bytes);
    if (error && lane)
        free_lane(lane);
    else
        *out = lane;
    return error;
}

/* Waits for all that was queued. A thread that waits sleeps, see make_lane. */
static int wait_for(struct lane *lane)
{
    int error = cudaEventRecord(lane->event, lane->stream);

    if (!error)
        error = cudaEventSynchronize(lane->event);
    return error;
}

/* Waits, and gives the lane back. `error` is what queueing said, and comes back. */
static int leave(struct cuda *cuda, struct lane *lane, int error)
{
    int waited;

    if (!lane)
        return error;
    waited = wait_for(lane);
    pthread_mutex_lock(&cuda->lock);
    lane->next = cuda->idle;
    cuda->idle = lane;
    pthread_mutex_unlock(&cuda->lock);
    return error ? error : waited;
}

static int create(vanon_surfaces **out, int number, const vanon_log *log)
{
    struct cuda *cuda;
    int devices = 0, error = cudaGetDeviceCount(&devices);

    *out = NULL;
    if (error || number < 0 || number >= devices) {
        cudaGetLastError();
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "cuda:%d: there are %d GPUs, from 0", number,
                          error ? 0 : devices);
    }
    cuda = calloc(1, sizeof *cuda);
    if (!cuda)
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a GPU's frames");
    if (pthread_mutex_init(&cuda->lock, NULL)) {
        free(cuda);
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a GPU's frames");
    }
    cuda->base = (vanon_surfaces){.ops = &vanon_surfaces_gpu, .number = number};
    cuda->log = log;
    *out = &cuda->base;
    if (!vanon_surface_pool_create(&cuda->pool, number, &memory))
        return VANON_OK;
    vanon_surfaces_destroy(out);
    return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a GPU's frames");
}

static void destroy(vanon_surfaces *surfaces)
{
    struct cuda *cuda = own(surfaces);

    cudaSetDevice(surfaces->number);
    vanon_surface_pool_destroy(&cuda->pool);
    for (struct lane *lane = cuda->idle, *next; lane; lane = next) {
        next = lane->next;
        free_lane(lane);
    }
    pthread_mutex_destroy(&cuda->lock);
    free(cuda);
}

static int settle(vanon_surfaces *surfaces, const vanon_frame *frame)
{
    struct cuda *cuda = own(surfaces);
    struct lane *lane;
    int error = enter(cuda, 0, &lane);
    cudaEvent_t ready = frame->ready;

    if (!error && !ready) {
        error = cudaEventRecord(lane->event, cudaStreamLegacy);
        ready = lane->event;
    }
    if (!error)
        error = cudaStreamWaitEvent(lane->stream, ready, 0);
    return told(cuda, leave(cuda, lane, error), "waiting for a frame");
}

/* Brings `bytes` from the lane's device memory to the host. Leaves the lane. */
static int bring(struct cuda *cuda, struct lane *lane, int error, void *to, size_t bytes,
                 const char *what)
{
    if (!error)
        error = cudaMemcpyAsync(lane->pinned, lane->device, bytes, cudaMemcpyDeviceToHost,
                                lane->stream);
    if (!error)
        error = wait_for(lane); /* once it is left, the lane is another's */
    if (!error)
        memcpy(to, lane->pinned, bytes);
    return told(cuda, leave(cuda, lane, error), what);
}

static int glance(vanon_surfaces *surfaces, const vanon_frame *frame, struct vanon_glance *to)
{
    struct cuda *cuda = own(surfaces);
    struct vanon_gpu_light light =
        vanon_surface_light(frame, VANON_GLANCE_COLUMNS, VANON_GLANCE_ROWS);
    struct lane *lane;
    int error = enter(cuda, sizeof to->cell, &lane);

    if (!error)
        error = vanon_gpu_take_glance(lane->stream, &light, lane->device);
    return bring(cuda, lane, error, to->cell, sizeof to->cell, "a glance at a frame");
}

static int cells(vanon_surfaces *surfaces, const vanon_frame *frame,
                 uint8_t fine[VANON_CELL_ROWS][VANON_CELL_COLUMNS])
{
    struct cuda *cuda = own(surfaces);
    struct vanon_gpu_light light = vanon_surface_light(frame, VANON_CELL_COLUMNS, VANON_CELL_ROWS);
    struct lane *lane;
    int error = enter(cuda, VANON_CELL_COLUMNS * VANON_CELL_ROWS, &lane);

    if (!error)
        error = vanon_gpu_take_camera(lane->stream, &light, lane->device);
    return bring(cuda, lane, error, fine, VANON_CELL_COLUMNS * VANON_CELL_ROWS,
                 "looking at a frame's cells");
}

static int means(vanon_surfaces *surfaces, const vanon_frame *frame,
                 const struct vanon_surface_grid *grid, uint16_t *mean)
{
    struct cuda *cuda = own(surfaces);
    struct vanon_gpu_plane plane =
        vanon_surface_plane(frame, grid->component, grid->field, vanon_frame_fields(frame));
    const struct vanon_gpu_cells all = {
        {grid->x, grid->y, grid->width, grid->height}, grid->columns, grid->rows};
    size_t bytes = (size_t)grid->columns * (size_t)grid->rows * sizeof *mean;
    struct lane *lane;
    int error = enter(cuda, bytes, &lane);

    if (!error)
        error = vanon_gpu_cell_means(lane->stream, &plane, &all, (uint16_t *)lane->device);
    return bring(cuda, lane, error, mean, bytes, "taking a frame's means");
}

/* `data` is on the device, and `line` has room for what the largest paint needs there. */
static int queue_paint(struct lane *lane, const vanon_frame *frame, const struct vanon_paint *paint,
                       uint8_t *data, uint16_t *line)
{
    struct vanon_gpu_plane plane =
        vanon_surface_plane(frame, paint->component, paint->field, vanon_frame_fields(frame));
    struct vanon_gpu_axis across = vanon_surface_axis(&paint->across, data);
    struct vanon_gpu_axis down = vanon_surface_axis(&paint->down, data);
    struct vanon_gpu_coverage coverage = {.at = {paint->x, paint->y, paint->width, paint->height},
                                          .stride = paint->width,
                                          .line = data + paint->coverage};

    if (!paint->smooth)
        return vanon_gpu_paint_flat(lane->stream, &plane, &coverage, paint->value);
    return vanon_gpu_paint_smooth(lane->stream, &plane, &coverage, &across, &down,
                                  (const void *)(data + paint->means), line);
}

/* Bytes of the largest line buffer that one of them needs. */
static size_t line_bytes(const struct vanon_paints *paints)
{
    size_t most = 0;

    for (size_t i = 0; i < paints->count; i++) {
        const struct vanon_paint *paint = &paints->paint[i];
        size_t bytes = (size_t)paint->width * (size_t)paint->down.cells * sizeof(uint16_t);

        most = bytes > most ? bytes : most;
    }
    return most;
}

/* Queues copies of all planes from or to memory that looks like `to`'s or `from`'s planes. */
static int queue_planes(struct lane *lane, const vanon_frame *like, const vanon_cuda_planes *from,
                        const vanon_cuda_planes *to, enum cudaMemcpyKind kind)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    int error = cudaSuccess;

    for (int i = 0; i < layout->planes && !error; i++)
        error = cudaMemcpy2DAsync((void *)(uintptr_t)to->plane[i], (size_t)to->stride[i],
                                  (const void *)(uintptr_t)from->plane[i], (size_t)from->stride[i],
                                  vanon_plane_bytes(layout, i, like->width),
                                  (size_t)vanon_plane_lines(layout, i, like->height), kind,
                                  lane->stream);
    return error;
}

static int paint(vanon_surfaces *surfaces, const vanon_frame *source,
                 const struct vanon_paints *paints, vanon_frame **out)
{
    struct cuda *cuda = own(surfaces);
    size_t data = (paints->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    int status = vanon_surface_pool_get(cuda->pool, source, out), error;
    struct lane *lane;

    if (status)
        return vanon_fail(cuda->log, status, "GPU %d: no memory for a frame", surfaces->number);
    error = enter(cuda, data + line_bytes(paints), &lane);
    if (!error)
        error =
            queue_planes(lane, source, source->handle, (*out)->handle, cudaMemcpyDeviceToDevice);
    if (!error)
        memcpy(lane->pinned, paints->data, paints->bytes);
    if (!error)
        error = cudaMemcpyAsync(lane->device, lane->pinned, paints->bytes, cudaMemcpyHostToDevice,
                                lane->stream);
    for (size_t i = 0; i < paints->count && !error; i++)
        error = queue_paint(lane, *out, &paints->paint[i], lane->device,
                            (uint16_t *)(lane->device + data));
    status = told(cuda, leave(cuda, lane, error), "hiding regions of a frame");
    if (status)
        vanon_frame_unref(out);
    return status;
}

/* Planes like the frame's, one after the other in pinned memory, as a host's frame and as the
 * device sees them; returns their bytes. */
static size_t stage(const vanon_frame *frame, uint8_t *at, vanon_frame *view,
                    vanon_cuda_planes *planes)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    size_t bytes = 0;

    *view = *frame;
    view->memory = VANON_MEMORY_HOST;
    for (int i = 0; i < layout->planes; i++) {
        size_t line =
            (vanon_plane_bytes(layout, i, frame->width) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

        view->plane[i] = at ? at + bytes : NULL;
        view->stride[i] = (ptrdiff_t)line;
        planes->plane[i] = (uintptr_t)view->plane[i];
        planes->stride[i] = (int64_t)line;
        bytes += line * (size_t)vanon_plane_lines(layout, i, frame->height);
    }
    return bytes;
}

static int download(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame *to)
{
    struct cuda *cuda = own(surfaces);
    vanon_cuda_planes planes = {0};
    vanon_frame view;
    struct lane *lane;
    int error = enter(cuda, stage(frame, NULL, &view, &planes), &lane);

    if (!error) {
        stage(frame, lane->pinned, &view, &planes);
        error = queue_planes(lane, frame, frame->handle, &planes, cudaMemcpyDeviceToHost);
    }
    if (!error)
        error = wait_for(lane);
    if (!error)
        vanon_frame_copy_samples(to, &view);
    return told(cuda, leave(cuda, lane, error), "bringing a frame to the host");
}

static int upload(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame **out)
{
    struct cuda *cuda = own(surfaces);
    int status = vanon_surface_pool_get(cuda->pool, frame, out), error;
    vanon_cuda_planes planes = {0};
    vanon_frame view;
    struct lane *lane;

    if (status)
        return vanon_fail(cuda->log, status, "GPU %d: no memory for a frame", surfaces->number);
    error = enter(cuda, stage(frame, NULL, &view, &planes), &lane);
    if (!error) {
        stage(frame, lane->pinned, &view, &planes);
        vanon_frame_copy_samples(&view, frame);
        error = queue_planes(lane, frame, &planes, (*out)->handle, cudaMemcpyHostToDevice);
    }
    status = told(cuda, leave(cuda, lane, error), "bringing a frame to the GPU");
    if (status)
        vanon_frame_unref(out);
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
