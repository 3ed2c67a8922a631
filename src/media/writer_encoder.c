/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_encoder.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "media/writer_container.h"
#include "media/writer_icc.h"
#include "media/writer_quality.h"

#define MOST_THREADS    16 /* more make the picture worse and take memory, and are no faster */
#define FEW_THREADS     2
#define MPEG4_TICKS_MAX 65535
#define MPEG4_TICKS     60000
#define SILENT          100 /* moves every message of libav*'s behind its last level */

/* Encoders change the order of pictures and know no durations. */
struct timing {
    int64_t ticks; /* the picture's pts in the encoder's time base */
    int64_t pts, duration;
};

struct vanon_encoder {
    const vanon_log *log;
    AVCodecContext *context;
    AVRational time_base; /* of the pictures */
    bool in_order;        /* without B-frames: packets are decoded when they are shown */
    AVBufferRef *profile; /* the pictures' colour profile; NULL: none, or it does not fit */
    size_t pending, capacity;
    struct timing *timing; /* of the pictures inside */
};

static bool is_codec(const AVCodecContext *context, const char *name)
{
    return !strcmp(context->codec->name, name);
}

static bool is_x264(const AVCodecContext *context)
{
    return is_codec(context, "libx264") || is_codec(context, "libx264rgb");
}

static const void *stream_side_data(const AVStream *stream, enum AVPacketSideDataType type)
{
    return av_stream_get_side_data(stream, type, NULL);
}

static const void *hdr_data(const AVFrame *picture, enum AVFrameSideDataType type,
                            const AVStream *stream, enum AVPacketSideDataType stream_type)
{
    const AVFrameSideData *data = av_frame_get_side_data(picture, type);

    return data ? data->data : stream_side_data(stream, stream_type);
}

static int scaled(AVRational value, int unit)
{
    return (int)av_rescale(value.num, unit, value.den ? value.den : 1);
}

/* HDR10's static metadata, as x264 and x265 want to be told. */
static void describe_hdr(char *text, size_t size, const AVMasteringDisplayMetadata *display,
                         const AVContentLightMetadata *light, bool x265)
{
    size_t used = strlen(text);

    if (display && display->has_primaries && display->has_luminance)
        used += (size_t)snprintf(
            text + used, size - used,
            "%smaster%s-display=G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%d,%d)", used ? ":" : "",
            x265 ? "" : "ing", scaled(display->display_primaries[1][0], 50000),
            scaled(display->display_primaries[1][1], 50000),
            scaled(display->display_primaries[2][0], 50000),
            scaled(display->display_primaries[2][1], 50000),
            scaled(display->display_primaries[0][0], 50000),
            scaled(display->display_primaries[0][1], 50000), scaled(display->white_point[0], 50000),
            scaled(display->white_point[1], 50000), scaled(display->max_luminance, 10000),
            scaled(display->min_luminance, 10000));
    if (light)
        snprintf(text + used, size - used, "%s%scll=%u,%u", used ? ":" : "", x265 ? "max-" : "",
                 light->MaxCLL, light->MaxFALL);
}

/* x264's own thread that looks ahead holds frames of its own, and has no processor of its own where
 * there are few. Interlacing libav* tells with the first frame: too late for the headers. */
static void describe_x264(char *text, size_t size, const AVCodecContext *context)
{
    const char *fields = !(context->flags & AV_CODEC_FLAG_INTERLACED_DCT) ? ""
                         : context->field_order == AV_FIELD_BB            ? "bff=1"
                                                                          : "tff=1";
    const char *ahead = context->thread_count <= FEW_THREADS ? "sync-lookahead=0" : "";

    snprintf(text, size, "%s%s%s", fields, *fields && *ahead ? ":" : "", ahead);
}

/* x265 writes its settings into the stream, and lines to stderr, unless told not to. */
static int set_private(AVCodecContext *context, const struct vanon_encoder_params *params,
                       const AVFrame *first)
{
    bool x265 = is_codec(context, "libx265");
    char text[512] = "";
    const AVMasteringDisplayMetadata *display =
        hdr_data(first, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, params->source,
                 AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
    const AVContentLightMetadata *light = hdr_data(first, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
                                                   params->source, AV_PKT_DATA_CONTENT_LIGHT_LEVEL);

    if (x265)
        snprintf(text, sizeof text, "info=0:log-level=none%s",
                 params->options->crf == 0 ? ":lossless=1" : "");
    else if (is_x264(context))
        describe_x264(text, sizeof text, context);
    if (x265 || is_x264(context))
        describe_hdr(text, sizeof text, display, light, x265);
    else if ((display || light) && !vanon_container_keeps_hdr(params->container))
        vanon_warn(params->log, "output %s: the HDR metadata are lost with encoder %s in %s",
                   params->path, context->codec->name, params->container->name);
    if (*text &&
        av_opt_set(context, x265 ? "x265-params" : "x264-params", text, AV_OPT_SEARCH_CHILDREN) < 0)
        return VANON_ERR_INTERNAL;
    return VANON_OK;
}

/* x264 takes half as many threads again as there are processors where it chooses itself: each waits
 * for rows of the one before. */
static int count_threads(const AVCodecContext *context, int cpu_threads)
{
    int threads = vanon_av_threads(cpu_threads, MOST_THREADS);

    if (cpu_threads == VANON_AUTO && threads > 1 && is_x264(context))
        threads += threads / 2;
    return threads < MOST_THREADS ? threads : MOST_THREADS;
}

static void set_picture(AVCodecContext *context, const AVFrame *first)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(vanon_av_samples(first));
    int fields = 2 << layout->log2_chroma_h;

    context->width = first->width;
    context->height = first->height;
    context->pix_fmt = first->format;
    context->sample_aspect_ratio = first->sample_aspect_ratio;
    context->color_primaries = first->color_primaries;
    context->color_trc = first->color_trc;
    context->colorspace = first->colorspace;
    context->color_range = first->color_range;
    context->chroma_sample_location = first->chroma_location;
    context->field_order = AV_FIELD_PROGRESSIVE;
    if (!first->interlaced_frame)
        return;
    context->field_order = first->top_field_first ? AV_FIELD_TT : AV_FIELD_BB;
    if (first->height % fields == 0)
        context->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
}

/* Newer codecs know no fields; of the containers that hold them, only Matroska tells players. */
static void warn_of_fields(const AVCodecContext *context, const struct vanon_encoder_params *params)
{
    enum AVCodecID id = context->codec_id;
    bool lost = id == AV_CODEC_ID_HEVC || id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9 ||
                id == AV_CODEC_ID_AV1;

    if (context->field_order != AV_FIELD_PROGRESSIVE && lost &&
        strcmp(params->container->name, "matroska") != 0)
        vanon_warn(params->log,
                   "output %s: the pictures are interlaced, which %s in %s can't tell players; "
                   "h264 can",
                   params->path, avcodec_get_name(id), params->container->name);
}

/* For encoders that plan by frame rate; times do not depend on it. */
static AVRational usual_rate(const AVStream *source)
{
    AVRational rate = source->avg_frame_rate;

    return rate.num > 0 && rate.den > 0 ? rate : (AVRational){30, 1};
}

/* The encoder's time base is the pictures' own unless codec or container want a fixed grid. */
static int set_times(AVCodecContext *context, const struct vanon_encoder_params *params,
                     AVRational time_base)
{
    AVRational rate = params->frame_rate;
    const AVRational *supported = context->codec->supported_framerates;
    bool known = rate.num > 0 && rate.den > 0;

    context->time_base = time_base;
    context->framerate = known ? rate : usual_rate(params->source);
    if (supported || vanon_container_is_fixed_rate(params->container)) {
        if (!known)
            return vanon_fail(params->log, VANON_ERR_UNSUPPORTED,
                              "output %s: %s in %s needs a fixed frame rate, which the input does "
                              "not have; .mkv and .mp4 keep variable ones",
                              params->path, context->codec->name, params->container->name);
        if (supported && av_cmp_q(supported[av_find_nearest_q_idx(rate, supported)], rate))
            return vanon_fail(params->log, VANON_ERR_UNSUPPORTED,
                              "output %s: encoder %s has no frame rate %d/%d", params->path,
                              context->codec->name, rate.num, rate.den);
        context->time_base = av_inv_q(rate);
    } else if (context->codec_id == AV_CODEC_ID_MPEG4 && time_base.den > MPEG4_TICKS_MAX) {
        context->time_base = (AVRational){1, MPEG4_TICKS};
    }
    if (!vanon_container_reorders(params->container))
        context->max_b_frames = 0;
    return VANON_OK;
}

static int set_up(AVCodecContext *context, const struct vanon_encoder_params *params,
                  const AVFrame *first, AVRational time_base)
{
    int status;

    context->flags |= AV_CODEC_FLAG_BITEXACT; /* names no encoder, no version */
    if (vanon_container_muxer(params->container)->flags & AVFMT_GLOBALHEADER)
        context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    context->thread_count = count_threads(context, params->options->cpu_threads);
    set_picture(context, first);
    warn_of_fields(context, params);
    status = set_times(context, params, time_base);
    if (!status)
        status = vanon_quality_set(context, first, params->options, params->log);
    if (!status)
        status = set_private(context, params, first);
    return status;
}

/* What the pictures' colour profile is, and whether it is lost. */
static int note_profile(vanon_encoder *encoder, const struct vanon_encoder_params *params,
                        const AVFrame *first)
{
    const AVFrameSideData *profile = av_frame_get_side_data(first, AV_FRAME_DATA_ICC_PROFILE);

    if (!profile)
        return VANON_OK;
    if (vanon_icc_fits(profile->data, profile->size, vanon_av_samples(first)) &&
        vanon_icc_is_kept(encoder->context->codec_id)) {
        encoder->profile = av_buffer_ref(profile->buf);
        return encoder->profile ? VANON_OK : VANON_ERR_MEMORY;
    }
    vanon_warn(params->log, "output %s: the colour profile is lost: it can't stand in %s of %s",
               params->path, params->codec->name, av_get_pix_fmt_name(vanon_av_samples(first)));
    return VANON_OK;
}

/* What most likely keeps an encoder from opening, where libav* has a number only. */
static const char *likely_reason(const AVCodec *codec, const AVFrame *first)
{
    if (!strstr(codec->name, "_nvenc"))
        return "";
    if (first->interlaced_frame)
        return "; the pictures are interlaced, and GPUs since Turing encode no fields; libx264 "
               "does";
    if (codec->id == AV_CODEC_ID_H264 &&
        av_pix_fmt_desc_get(vanon_av_samples(first))->comp[0].depth > 8)
        return "; the pictures have more than 8 bits, which most GPUs encode in HEVC only";
    return "";
}

static int create(vanon_encoder **out, const struct vanon_encoder_params *params,
                  const AVFrame *first, AVRational time_base, int log_level_offset)
{
    vanon_encoder *encoder = calloc(1, sizeof *encoder);
    char name[VANON_THREAD_NAME];
    int status = VANON_ERR_MEMORY, result;

    *out = NULL;
    if (!encoder)
        return VANON_ERR_MEMORY;
    encoder->log = params->log;
    encoder->time_base = time_base;
    encoder->in_order = !vanon_container_reorders(params->container);
    encoder->context = avcodec_alloc_context3(params->codec);
    if (!encoder->context)
        goto fail;
    encoder->context->log_level_offset = log_level_offset;
    if (first->hw_frames_ctx) {
        encoder->context->sw_pix_fmt = vanon_av_samples(first);
        encoder->context->hw_frames_ctx = av_buffer_ref(first->hw_frames_ctx);
        if (!encoder->context->hw_frames_ctx)
            goto fail;
    }
    status = set_up(encoder->context, params, first, time_base);
    if (status)
        goto fail;
    vanon_thread_rename("vanon-encoder", name); /* what the threads made here are called */
    result = avcodec_open2(encoder->context, params->codec, NULL);
    vanon_thread_rename(name, NULL);
    if (result < 0) {
        status = vanon_fail(
            params->log, result == AVERROR(ENOMEM) ? VANON_ERR_MEMORY : VANON_ERR_UNSUPPORTED,
            "output %s: encoder %s can't be opened for %s of %dx%d: %s%s", params->path,
            params->codec->name, av_get_pix_fmt_name(first->format), first->width, first->height,
            av_err2str(result), likely_reason(params->codec, first));
        goto fail;
    }
    status = note_profile(encoder, params, first);
    if (status)
        goto fail;
    *out = encoder;
    return VANON_OK;

fail:
    vanon_encoder_destroy(&encoder);
    return status;
}

int vanon_encoder_create(vanon_encoder **out, const struct vanon_encoder_params *params,
                         const AVFrame *first, AVRational time_base)
{
    return create(out, params, first, time_base, 0);
}

int vanon_encoder_try(const struct vanon_encoder_params *params)
{
    struct vanon_encoder_params trial = *params;
    vanon_log errors = params->log ? *params->log : (vanon_log){0};
    const AVCodecParameters *source = params->source->codecpar;
    vanon_frame like = {.format = vanon_av_pixel_format(source->format),
                        .width = source->width > 0 ? source->width : 64,
                        .height = source->height > 0 ? source->height : 64};
    vanon_encoder *encoder = NULL;
    enum AVPixelFormat format;
    AVFrame *picture;
    enum vanon_yuv yuv;
    int status;

    if (like.format == VANON_PIXEL_NONE)
        like.format = VANON_PIXEL_YUV420P;
    errors.level = VANON_LOG_ERROR; /* warnings come when it is opened in earnest */
    trial.log = &errors;
    status = vanon_encoder_choose_format(&trial, &like, &format, &yuv);
    if (status)
        return status;
    picture = av_frame_alloc();
    if (!picture)
        return VANON_ERR_MEMORY;
    picture->format = format;
    picture->width = like.width;
    picture->height = like.height;
    picture->color_range = yuv == VANON_YUV_JPEG ? AVCOL_RANGE_JPEG : AVCOL_RANGE_UNSPECIFIED;
    status = create(&encoder, &trial, picture, params->source->time_base, SILENT);
    vanon_encoder_destroy(&encoder);
    av_frame_free(&picture);
    return status;
}

void vanon_encoder_destroy(vanon_encoder **encoder)
{
    if (!*encoder)
        return;
    avcodec_free_context(&(*encoder)->context);
    av_buffer_unref(&(*encoder)->profile);
    free((*encoder)->timing);
    free(*encoder);
    *encoder = NULL;
}

const AVCodecContext *vanon_encoder_context(const vanon_encoder *encoder)
{
    return encoder->context;
}

static int remember(vanon_encoder *encoder, AVFrame *picture)
{
    struct timing *timing;
    int status = vanon_grow(&encoder->timing, &encoder->capacity, encoder->pending + 1,
                            sizeof *encoder->timing);

    if (status)
        return status;
    timing = &encoder->timing[encoder->pending++];
    timing->pts = picture->pts;
    timing->duration = picture->pkt_duration;
    timing->ticks = av_rescale_q(picture->pts, encoder->time_base, encoder->context->time_base);
    picture->pts = timing->ticks;
    return VANON_OK;
}

int vanon_encoder_send(vanon_encoder *encoder, AVFrame *picture)
{
    int status = picture ? remember(encoder, picture) : VANON_OK, result;

    if (status)
        return status;
    if (picture) {
        picture->pict_type = AV_PICTURE_TYPE_NONE; /* the encoder's own choice */
        picture->quality = encoder->context->global_quality;
        if (!encoder->profile)
            av_frame_remove_side_data(picture, AV_FRAME_DATA_ICC_PROFILE);
    }
    result = avcodec_send_frame(encoder->context, picture);
    if (result >= 0)
        return VANON_OK;
    if (result == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    return vanon_fail(encoder->log, VANON_ERR_UNSUPPORTED, "encoder %s failed: %s",
                      encoder->context->codec->name, av_err2str(result));
}

/* Gives a packet its picture's own times back. */
static void recall(vanon_encoder *encoder, AVPacket *packet)
{
    int64_t ticks = packet->pts;

    av_packet_rescale_ts(packet, encoder->context->time_base, encoder->time_base);
    for (size_t i = 0; i < encoder->pending; i++) {
        const struct timing *timing = &encoder->timing[i];

        if (timing->ticks != ticks)
            continue;
        packet->pts = timing->pts;
        packet->duration = timing->duration;
        encoder->timing[i] = encoder->timing[--encoder->pending];
        break;
    }
    if (packet->dts == AV_NOPTS_VALUE || packet->dts > packet->pts || encoder->in_order)
        packet->dts = packet->pts;
}

int vanon_encoder_receive(vanon_encoder *encoder, AVPacket *packet)
{
    int result = avcodec_receive_packet(encoder->context, packet);

    if (result == AVERROR(EAGAIN))
        return VANON_ERR_AGAIN;
    if (result == AVERROR_EOF && encoder->pending)
        return vanon_fail(encoder->log, VANON_ERR_INTERNAL, "encoder %s left out %zu frames",
                          encoder->context->codec->name, encoder->pending);
    if (result == AVERROR_EOF)
        return VANON_ERR_EOF;
    if (result < 0)
        return vanon_fail(
            encoder->log, result == AVERROR(ENOMEM) ? VANON_ERR_MEMORY : VANON_ERR_UNSUPPORTED,
            "encoder %s failed: %s", encoder->context->codec->name, av_err2str(result));
    recall(encoder, packet);
    if (is_x264(encoder->context) && packet->flags & AV_PKT_FLAG_KEY)
        vanon_strip_user_data(packet);
    if (!encoder->profile)
        return VANON_OK;
    return vanon_icc_embed(packet, encoder->context->codec_id, encoder->profile->data,
                           encoder->profile->size);
}

/* Offset of the next start code (00 00 01) at or after `at`; `size` where there is none. */
static int next_start(const uint8_t *data, int at, int size)
{
    for (; at + 3 <= size; at++)
        if (!data[at] && !data[at + 1] && data[at + 2] == 1)
            return at;
    return size;
}

void vanon_strip_user_data(AVPacket *packet)
{
    const int sei = 6, user_data_unregistered = 5;
    int start = next_start(packet->data, 0, packet->size), kept = start;

    while (start < packet->size) {
        const uint8_t *unit = packet->data + start + 3;
        int end = next_start(packet->data, start + 3, packet->size);
        bool dropped =
            end - start > 4 && (unit[0] & 31) == sei && unit[1] == user_data_unregistered;

        if (!dropped) {
            memmove(packet->data + kept, packet->data + start, (size_t)(end - start));
            kept += end - start;
        }
        start = end;
    }
    av_shrink_packet(packet, kept);
}
