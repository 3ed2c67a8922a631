/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding on a GPU of NVIDIA's: where libav* can, frames stay in its memory; else the decoder
 * works as it does without one, and what it can't do is said. */
#include <stdio.h>

#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "media/cuda.h"
#include "media/reader_private.h"

/* Frames that are two-plane and whose chroma has no half samples: what the kernels and the encoders
 * take, and libav* copies whole. */
static const char *reason_against(const AVCodecContext *decoder, enum AVPixelFormat format)
{
    if (format != AV_PIX_FMT_YUV420P && format != AV_PIX_FMT_YUVJ420P &&
        format != AV_PIX_FMT_YUV420P10)
        return "only 4:2:0 of 8 or 10 bits is decoded there";
    if ((decoder->width | decoder->height) & 1)
        return "only pictures of even width and height are decoded there";
    return NULL;
}

/* libav* asks anew, without the GPU's format, where the GPU refuses the stream. */
static enum AVPixelFormat choose_format(AVCodecContext *decoder, const enum AVPixelFormat *offered)
{
    struct vanon_reader_gpu *gpu = decoder->opaque;

    gpu->why_not = "the GPU or its driver can't decode such a stream";
    for (const enum AVPixelFormat *format = offered; *format != AV_PIX_FMT_NONE; format++)
        if (*format == AV_PIX_FMT_CUDA) {
            gpu->why_not = reason_against(decoder, decoder->sw_pix_fmt);
            if (!gpu->why_not)
                return *format;
        }
    while (*offered != AV_PIX_FMT_NONE &&
           av_pix_fmt_desc_get(*offered)->flags & AV_PIX_FMT_FLAG_HWACCEL)
        offered++;
    return *offered;
}

static bool has_hardware(const AVCodec *codec)
{
    const AVCodecHWConfig *config;

    for (int i = 0; (config = avcodec_get_hw_config(codec, i)); i++)
        if (config->device_type == AV_HWDEVICE_TYPE_CUDA &&
            config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX)
            return true;
    return false;
}

int vanon_gpu_set_up(struct vanon_reader_gpu *gpu, AVCodecContext *decoder)
{
    if (!gpu->device)
        return VANON_OK;
    gpu->why_not = "libav* has no decoder for this codec there";
    if (!has_hardware(decoder->codec))
        return VANON_OK;
    /* As far as the container knows: then the CPU has all its threads. */
    gpu->why_not =
        decoder->pix_fmt == AV_PIX_FMT_NONE ? NULL : reason_against(decoder, decoder->pix_fmt);
    if (gpu->why_not)
        return VANON_OK;
    decoder->hw_device_ctx = av_buffer_ref(gpu->device);
    decoder->get_format = choose_format;
    decoder->opaque = gpu;
    decoder->thread_count = 1; /* the GPU does the work */
    return decoder->hw_device_ctx ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_gpu_free(struct vanon_reader_gpu *gpu)
{
    av_frame_free(&gpu->mapped);
    av_buffer_unref(&gpu->frames);
    av_buffer_unref(&gpu->device);
}

int vanon_reader_decode_on_gpu(vanon_reader *reader, int number)
{
    struct vanon_reader_gpu *gpu = &reader->gpu;
    bool required = reader->hwdec == VANON_HWDEC_CUDA;
    int status = vanon_cuda_open(&gpu->device, number);

    if (status == VANON_ERR_UNSUPPORTED) {
        gpu->why_not = "no driver, or no such GPU";
        return required
                   ? vanon_fail(reader->log, status, "hwdec cuda: GPU %d: %s", number, gpu->why_not)
                   : VANON_OK;
    }
    if (!status) {
        gpu->mapped = av_frame_alloc();
        status = gpu->mapped ? VANON_OK : VANON_ERR_MEMORY;
    }
    avcodec_free_context(&reader->decoder);
    return status ? status : vanon_reader_open_decoder(reader);
}

/* A decoder has few frames to lend: each is copied, and goes back when the next one is asked for;
 * what is decoded into its place comes after the copy, on the same stream. */
static int keep(vanon_reader *reader)
{
    struct vanon_reader_gpu *gpu = &reader->gpu;
    AVFrame *decoded = reader->decoded;
    int status;

    if (decoded->crop_left || decoded->crop_top)
        return vanon_fail(
            reader->log, VANON_ERR_UNSUPPORTED,
            "input %s: its pictures are cut at the left or top, which frames of a GPU "
            "are not; --hwdec no decodes on the CPU",
            reader->name);
    status = vanon_cuda_pool(&gpu->frames, gpu->device, vanon_av_samples(decoded), decoded->width,
                             decoded->height);
    if (!status)
        status = vanon_cuda_copy(decoded, gpu->frames, reader->converted);
    if (status)
        return vanon_fail(reader->log, status, "input %s: frame %llu can't be kept on the GPU: %s",
                          reader->name, (unsigned long long)reader->frames,
                          vanon_status_text(status));
    av_frame_unref(gpu->mapped);
    av_frame_move_ref(gpu->mapped, decoded);
    av_frame_move_ref(decoded, reader->converted);
    return VANON_OK;
}

int vanon_gpu_settle(vanon_reader *reader)
{
    struct vanon_reader_gpu *gpu = &reader->gpu;
    bool there = reader->decoded->format == AV_PIX_FMT_CUDA;

    if (!gpu->told && gpu->device)
        snprintf(gpu->place, sizeof gpu->place, there ? "cuda:%d" : "cpu",
                 there ? vanon_cuda_number(reader->decoded) : 0);
    gpu->told = true;
    if (there)
        return keep(reader);
    if (reader->hwdec != VANON_HWDEC_CUDA)
        return VANON_OK;
    return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED, "input %s: hwdec cuda: %s", reader->name,
                      gpu->why_not ? gpu->why_not : "it is decoded on the CPU");
}
