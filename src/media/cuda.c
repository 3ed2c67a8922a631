/* SPDX-License-Identifier: Apache-2.0 */
#include "media/cuda.h"

#include <stdio.h>

/* hwcontext_cuda.h wants CUDA's header, of which it needs the names of two types only. */
#define CUDA_VERSION 0
typedef void *CUcontext;
typedef void *CUstream;
#include <libavutil/hwcontext_cuda.h>

int vanon_cuda_open(AVBufferRef **device, int number)
{
    char name[16];
    int failed;

    snprintf(name, sizeof name, "%d", number);
    failed = av_hwdevice_ctx_create(device, AV_HWDEVICE_TYPE_CUDA, name, NULL,
                                    AV_CUDA_USE_PRIMARY_CONTEXT);
    if (failed < 0)
        return failed == AVERROR(ENOMEM) ? VANON_ERR_MEMORY : VANON_ERR_UNSUPPORTED;
    ((AVHWDeviceContext *)(*device)->data)->user_opaque = (void *)(intptr_t)number;
    return VANON_OK;
}

static const AVHWFramesContext *pool_of(const AVBufferRef *frames)
{
    return (const AVHWFramesContext *)frames->data;
}

int vanon_cuda_number(const AVFrame *av)
{
    return (int)(intptr_t)pool_of(av->hw_frames_ctx)->device_ctx->user_opaque;
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

int vanon_cuda_copy(const AVFrame *from, AVBufferRef *frames, AVFrame *to)
{
    int failed = av_hwframe_get_buffer(frames, to, 0);

    if (failed >= 0)
        failed = av_hwframe_transfer_data(to, from, 0);
    if (failed >= 0)
        failed = av_frame_copy_props(to, from);
    if (failed < 0)
        av_frame_unref(to);
    return status_of(failed);
}

/* Both as libav*'s frames, which own a reference each. */
static int transfer(AVBufferRef *frames, AVFrame *const scratch[2], vanon_frame *device,
                    vanon_frame *host)
{
    vanon_frame *owned[2] = {vanon_frame_ref(device), vanon_frame_ref(host)};
    int status = VANON_OK;

    for (int i = 0; i < 2 && !status; i++)
        status = vanon_av_borrow(scratch[i], &owned[i]);
    if (!status) {
        scratch[0]->hw_frames_ctx = av_buffer_ref(frames);
        status = scratch[0]->hw_frames_ctx
                     ? status_of(av_hwframe_transfer_data(scratch[1], scratch[0], 0))
                     : VANON_ERR_MEMORY;
    }
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
