/* SPDX-License-Identifier: Apache-2.0 */
#include "media/cuda.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "base/symbol.h"

/* hwcontext_cuda.h wants CUDA's header, of which it needs the names of two types only. */
#define CUDA_VERSION 0
typedef void *CUcontext;
typedef void *CUstream;
#include <libavutil/hwcontext_cuda.h>

/* What the driver's functions return, but for 0. */
#define OUT_OF_MEMORY 2

#define BLOCKING_SYNC 4 /* CU_CTX_SCHED_BLOCKING_SYNC */

/* Where a copy's samples are. */
enum memory { HOST = 1, DEVICE = 2 };

/* CUDA_MEMCPY2D of the driver's interface: one side of a copy, then the other. */
struct side {
    size_t x, y;
    enum memory memory;
    void *host;
    unsigned long long device;
    void *array;
    size_t pitch;
};

struct copy {
    struct side from, to;
    size_t width, height;
};

/* The few functions of NVIDIA's driver that copy: libav*'s own copy between frames
 * (av_hwframe_transfer_data) does so as well, but returns success when it failed. */
struct gpu {
    int number;
    void *library;
    int (*push)(CUcontext context);
    int (*pop)(CUcontext *context);
    int (*copy)(const struct copy *copy, CUstream stream);
    int (*wait)(CUstream stream);
};

static void close_driver(AVHWDeviceContext *device)
{
    struct gpu *gpu = device->user_opaque;

    dlclose(gpu->library);
    free(gpu);
}

/* libav* has loaded it already. */
static int open_driver(AVHWDeviceContext *device, int number)
{
    struct gpu *gpu = calloc(1, sizeof *gpu);

    if (!gpu)
        return VANON_ERR_MEMORY;
    gpu->number = number;
    gpu->library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!gpu->library) {
        free(gpu);
        return VANON_ERR_UNSUPPORTED;
    }
    device->user_opaque = gpu;
    device->free = close_driver;
    return vanon_find_function(gpu->library, "cuCtxPushCurrent_v2", &gpu->push) &&
                   vanon_find_function(gpu->library, "cuCtxPopCurrent_v2", &gpu->pop) &&
                   vanon_find_function(gpu->library, "cuMemcpy2DAsync_v2", &gpu->copy) &&
                   vanon_find_function(gpu->library, "cuStreamSynchronize", &gpu->wait)
               ? VANON_OK
               : VANON_ERR_UNSUPPORTED;
}

/* Makes whoever waits in the GPU's primary context sleep, as libav* wants it: it refuses a context
 * that is there already and has other flags. False: that can't be done. */
static bool make_waiting_sleep(int number)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    int (*init)(unsigned), (*get_device)(int *, int), (*set_flags)(int, unsigned);
    int device;
    bool done = library && vanon_find_function(library, "cuInit", &init) &&
                vanon_find_function(library, "cuDeviceGet", &get_device) &&
                vanon_find_function(library, "cuDevicePrimaryCtxSetFlags_v2", &set_flags) &&
                !init(0) && !get_device(&device, number) && !set_flags(device, BLOCKING_SYNC);

    if (library)
        dlclose(library);
    return done;
}

static int create_device(AVBufferRef **device, int number)
{
    char name[16];

    snprintf(name, sizeof name, "%d", number);
    return av_hwdevice_ctx_create(device, AV_HWDEVICE_TYPE_CUDA, name, NULL,
                                  AV_CUDA_USE_PRIMARY_CONTEXT);
}

int vanon_cuda_open(AVBufferRef **device, int number)
{
    int failed = create_device(device, number), status;

    if (failed < 0 && failed != AVERROR(ENOMEM) && make_waiting_sleep(number))
        failed = create_device(device, number);
    if (failed < 0)
        return failed == AVERROR(ENOMEM) ? VANON_ERR_MEMORY : VANON_ERR_UNSUPPORTED;
    status = open_driver((AVHWDeviceContext *)(*device)->data, number);
    if (status)
        av_buffer_unref(device);
    return status;
}

static const AVHWFramesContext *pool_of(const AVBufferRef *frames)
{
    return (const AVHWFramesContext *)frames->data;
}

int vanon_cuda_number(const AVFrame *av)
{
    const struct gpu *gpu = pool_of(av->hw_frames_ctx)->device_ctx->user_opaque;

    return gpu->number;
}

int vanon_cuda_pool(AVBufferRef **frames, AVBufferRef *device, enum AVPixelFormat samples,
                    int width, int height)
{
    AVHWFramesContext *pool;
    int failed;

    if (*frames && pool_of(*frames)->sw_format == samples && pool_of(*frames)->width == width &&
        pool_of(*frames)->height == height)
        return VANON_OK;
    av_buffer_unref(frames);
    *frames = av_hwframe_ctx_alloc(device);
    if (!*frames)
        return VANON_ERR_MEMORY;
    pool = (AVHWFramesContext *)(*frames)->data;
    pool->format = AV_PIX_FMT_CUDA;
    pool->sw_format = samples;
    pool->width = width;
    pool->height = height;
    failed = av_hwframe_ctx_init(*frames);
    if (failed < 0)
        av_buffer_unref(frames);
    return failed == AVERROR(ENOMEM) ? VANON_ERR_MEMORY
           : failed < 0              ? VANON_ERR_UNSUPPORTED
                                     : VANON_OK;
}

static int status_of(int failed)
{
    return failed == AVERROR(ENOMEM) ? VANON_ERR_MEMORY
           : failed < 0              ? VANON_ERR_INFERENCE
                                     : VANON_OK;
}

static struct side side_of(const AVFrame *av, int plane)
{
    bool there = av->format == AV_PIX_FMT_CUDA;

    return (struct side){.memory = there ? DEVICE : HOST,
                         .host = there ? NULL : av->data[plane],
                         .device = there ? (uintptr_t)av->data[plane] : 0,
                         .pitch = (size_t)av->linesize[plane]};
}

/* Queues a copy of all planes of the size of `to`, in the formats of the pool. What the driver
 * returned. */
static int queue_planes(const struct gpu *gpu, const AVHWFramesContext *pool, const AVFrame *from,
                        const AVFrame *to)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(pool->sw_format);
    const AVCUDADeviceContext *device = pool->device_ctx->hwctx;
    int planes = av_pix_fmt_count_planes(pool->sw_format), failed = 0;

    for (int i = 0; i < planes && !failed; i++) {
        int lines = i ? AV_CEIL_RSHIFT(to->height, layout->log2_chroma_h) : to->height;
        struct copy copy = {
            .from = side_of(from, i),
            .to = side_of(to, i),
            .width = (size_t)av_image_get_linesize(pool->sw_format, to->width, i),
            .height = (size_t)lines,
        };

        failed = gpu->copy(&copy, device->stream);
    }
    return failed;
}

/* Copies between frames of which at least one is in the pool's GPU; the samples are there, unless
 * both are, where libav*'s stream says. */
static int copy_samples(AVBufferRef *frames, const AVFrame *from, const AVFrame *to)
{
    const AVHWFramesContext *pool = pool_of(frames);
    const AVCUDADeviceContext *device = pool->device_ctx->hwctx;
    const struct gpu *gpu = pool->device_ctx->user_opaque;
    CUcontext context;
    int failed = gpu->push(device->cuda_ctx);

    if (!failed) {
        failed = queue_planes(gpu, pool, from, to);
        if (!failed && to->format != AV_PIX_FMT_CUDA)
            failed = gpu->wait(device->stream);
        gpu->pop(&context);
    }
    return failed == OUT_OF_MEMORY ? VANON_ERR_MEMORY : failed ? VANON_ERR_INFERENCE : VANON_OK;
}

int vanon_cuda_copy(const AVFrame *from, AVBufferRef *frames, AVFrame *to)
{
    int status = status_of(av_hwframe_get_buffer(frames, to, 0));

    if (!status)
        status = copy_samples(frames, from, to);
    if (!status)
        status = status_of(av_frame_copy_props(to, from));
    if (status)
        av_frame_unref(to);
    return status;
}

/* Both as libav*'s frames, which own a reference each. */
static int transfer(AVBufferRef *frames, AVFrame *const scratch[2], vanon_frame *device,
                    vanon_frame *host)
{
    vanon_frame *owned[2] = {vanon_frame_ref(device), vanon_frame_ref(host)};
    int status = VANON_OK;

    for (int i = 0; i < 2 && !status; i++)
        status = vanon_av_borrow(scratch[i], &owned[i]);
    if (!status)
        status = copy_samples(frames, scratch[0], scratch[1]);
    for (int i = 0; i < 2; i++) {
        av_frame_unref(scratch[i]);
        vanon_frame_unref(&owned[i]);
    }
    return status;
}

int vanon_cuda_download(AVBufferRef *frames, vanon_frame_pool *pool, AVFrame *const scratch[2],
                        vanon_frame **frame)
{
    vanon_frame *host = NULL;
    int status = vanon_frame_pool_get(pool, *frame, &host);

    if (!status)
        status = transfer(frames, scratch, *frame, host);
    if (status) {
        vanon_frame_unref(&host);
        return status;
    }
    vanon_frame_unref(frame);
    *frame = host;
    return VANON_OK;
}

int vanon_cuda_adopt(AVFrame *av, AVBufferRef *frames)
{
    for (int i = 1; i < AV_NUM_DATA_POINTERS && av->data[i]; i++)
        if (av->linesize[i] != av->linesize[0] ||
            av->data[i] != av->data[0] + (ptrdiff_t)av->linesize[0] * av->height)
            return VANON_ERR_UNSUPPORTED;
    av_buffer_unref(&av->hw_frames_ctx);
    av->hw_frames_ctx = av_buffer_ref(frames);
    return av->hw_frames_ctx ? VANON_OK : VANON_ERR_MEMORY;
}

bool vanon_cuda_encodes(const AVCodec *codec)
{
    const enum AVPixelFormat *format = codec->pix_fmts;

    while (format && *format != AV_PIX_FMT_NONE && *format != AV_PIX_FMT_CUDA)
        format++;
    return format && *format == AV_PIX_FMT_CUDA;
}
