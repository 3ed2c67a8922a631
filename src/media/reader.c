/* SPDX-License-Identifier: Apache-2.0 */
#include "media/reader.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "media/reader_private.h"

int vanon_reader_complain(vanon_reader *reader, int status, const char *format, ...)
{
    bool hide = reader->on_error == VANON_ON_ERROR_HIDE;
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    vanon_log_line(reader->log, hide ? VANON_LOG_WARNING : VANON_LOG_ERROR, "input %s: %s%s",
                   reader->name, text,
                   hide ? "" : "; --on-error hide hides such frames whole and goes on");
    reader->complaints++;
    return hide ? VANON_OK : status;
}

int vanon_reader_refuse_format(const vanon_reader *reader, enum AVPixelFormat format)
{
    const char *name = av_get_pix_fmt_name(format);

    return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                      "input %s: pictures in the pixel format %s can't be handled", reader->name,
                      name ? name : "(not known)");
}

int vanon_reader_orient(vanon_reader *reader, const int32_t matrix[9])
{
    int status = vanon_av_orientation(matrix, &reader->rotation, &reader->mirrored);

    if (status)
        return vanon_fail(
            reader->log, status,
            "input %s: the picture is to be turned by an angle that is no multiple of "
            "90 degrees",
            reader->name);
    return VANON_OK;
}

static int check_stream(vanon_reader *reader)
{
    const AVCodecParameters *parameters = reader->stream->codecpar;
    size_t bytes = 0;
    const uint8_t *side =
        av_stream_get_side_data(reader->stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
    int32_t matrix[9];

    if (parameters->format != AV_PIX_FMT_NONE &&
        vanon_converter_target(parameters->format) == AV_PIX_FMT_NONE)
        return vanon_reader_refuse_format(reader, parameters->format);
    if (!side || bytes < sizeof matrix)
        return VANON_OK;
    memcpy(matrix, side, sizeof matrix);
    return vanon_reader_orient(reader, matrix);
}

/* A rate that holds for the whole stream; 0/1 where frames come at different distances. */
static vanon_rational steady_rate(const AVStream *stream)
{
    double average = av_q2d(stream->avg_frame_rate), base = av_q2d(stream->r_frame_rate);

    if (stream->avg_frame_rate.num <= 0 || stream->avg_frame_rate.den <= 0 ||
        (stream->r_frame_rate.num > 0 && fabs(average - base) > base / 100))
        return (vanon_rational){0, 1};
    return (vanon_rational){stream->avg_frame_rate.num, stream->avg_frame_rate.den};
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return length >= wanted && !strcasecmp(text + length - wanted, end);
}

/* A JPEG with a second one appended looks like a film of them, and a short film of them like one
 * JPEG. */
static bool is_still(const vanon_reader *reader)
{
    const char *format = reader->format->iformat->name, *name = reader->name;

    if (!strcmp(format, "mjpeg"))
        return ends_with(name, ".jpg") || ends_with(name, ".jpeg");
    return ends_with(format, "_pipe") && !ends_with(name, ".mjpeg") && !ends_with(name, ".mjpg");
}

/* Of the part that is read. */
static void limit_info(vanon_reader *reader, double rate)
{
    const struct vanon_span *span = &reader->span;
    struct vanon_reader_info *info = &reader->info;
    double left = info->duration - (double)span->start / AV_TIME_BASE;
    double wanted = (double)span->duration / AV_TIME_BASE;

    info->limited = true;
    info->zero = span->zero;
    info->last = span->last;
    if (span->duration != VANON_AUTO && (!info->duration || wanted < left))
        left = wanted;
    info->duration = left > 0 ? left : 0;
    info->total_frames = (int64_t)(info->duration * rate + 0.5);
}

static void fill_info(vanon_reader *reader)
{
    const AVFormatContext *format = reader->format;
    const AVStream *stream = reader->stream;
    struct vanon_reader_info *info = &reader->info;
    double rate = stream->avg_frame_rate.den ? av_q2d(stream->avg_frame_rate) : 0;

    info->format = format->iformat->name;
    info->codec = avcodec_get_name(stream->codecpar->codec_id);
    info->width = stream->codecpar->width;
    info->height = stream->codecpar->height;
    info->time_base = (vanon_rational){stream->time_base.num, stream->time_base.den};
    info->frame_rate = (vanon_rational){0, 1};
    info->bit_rate = format->bit_rate > 0 ? format->bit_rate : 0;
    info->conversion = reader->converter.text;
    info->beginning = (double)vanon_span_beginning(reader) * av_q2d(stream->time_base);
    info->still = is_still(reader);
    info->plays = vanon_still_plays(reader->format);
    info->last = INT64_MAX;
    if (info->still) {
        info->total_frames = 1;
        return;
    }
    info->frame_rate = steady_rate(stream);
    if (stream->duration > 0)
        info->duration = (double)stream->duration * av_q2d(stream->time_base);
    else if (format->duration > 0)
        info->duration = (double)format->duration / AV_TIME_BASE;
    info->total_frames =
        stream->nb_frames > 0 ? stream->nb_frames : (int64_t)(info->duration * rate + 0.5);
    if (reader->span.limited)
        limit_info(reader, rate);
}

int vanon_reader_create(vanon_reader **out, const vanon_options *options, const vanon_log *log)
{
    vanon_reader *reader = calloc(1, sizeof *reader);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!reader)
        return status;
    reader->log = log;
    reader->on_error = options->on_error;
    reader->hwdec = options->hwdec;
    reader->threads = options->cpu_threads;
    reader->next_pts = VANON_NO_PTS;
    reader->damage = (struct vanon_damage){.first = VANON_UNDAMAGED, .last = -1};
    atomic_init(&reader->interrupted, false);
    reader->name = strdup(options->input);
    reader->format_name = strdup(vanon_options_input_format(options));
    reader->packet = av_packet_alloc();
    reader->decoded = av_frame_alloc();
    reader->converted = av_frame_alloc();
    if (!reader->name || !reader->format_name || !reader->packet || !reader->decoded ||
        !reader->converted || vanon_av_pool_create(&reader->pool))
        goto fail;
    status = vanon_reader_open_input(reader);
    if (!status)
        status = vanon_reader_choose_stream(reader);
    if (!status)
        status = check_stream(reader);
    if (!status)
        status = vanon_reader_open_decoder(reader);
    if (!status)
        status = vanon_reader_check_whole(reader);
    if (status)
        goto fail;
    reader->cut_told = reader->complaints > 0;
    vanon_span_init(reader, options);
    fill_info(reader);
    *out = reader;
    return VANON_OK;
fail:
    vanon_reader_destroy(&reader);
    return status;
}

void vanon_reader_destroy(vanon_reader **pointer)
{
    vanon_reader *reader = *pointer;

    if (!reader)
        return;
    avcodec_free_context(&reader->decoder);
    vanon_gpu_free(&reader->gpu);
    vanon_reader_close_input(reader);
    vanon_converter_free(&reader->converter);
    vanon_span_free(&reader->span);
    av_packet_free(&reader->packet);
    av_frame_free(&reader->decoded);
    av_frame_free(&reader->converted);
    vanon_av_pool_destroy(&reader->pool);
    free(reader->name);
    free(reader->format_name);
    free(reader);
    *pointer = NULL;
}

const struct vanon_reader_info *vanon_reader_get_info(const vanon_reader *reader)
{
    return &reader->info;
}

static const char *advice(const vanon_reader *reader)
{
    const AVIOContext *io = reader->format->pb;
    bool piped = io && !(io->seekable & AVIO_SEEKABLE_NORMAL);

    return piped && !reader->frames && !strncmp(reader->format->iformat->name, "mov,", 4)
               ? "; from a pipe an MP4 is read only where its index stands first (faststart)"
               : "";
}

/* All packets are read: whether that is really the end. */
static int end_of_file(vanon_reader *reader, int averror)
{
    AVIOContext *io = reader->format->pb;

    if (averror == AVERROR_EOF && io && io->error < 0)
        averror = io->error;
    if (averror == AVERROR_EOF)
        return reader->cut_told ? VANON_OK : vanon_reader_check_whole(reader);
    if (averror == AVERROR_EXIT || atomic_load(&reader->interrupted))
        return VANON_ERR_CANCELLED;
    if (averror == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    if (averror == AVERROR_INVALIDDATA)
        return vanon_reader_complain(reader, VANON_ERR_INPUT,
                                     "ends too early, or is damaged, after frame %" PRIu64 "%s",
                                     reader->frames, advice(reader));
    return vanon_fail(reader->log, VANON_ERR_INPUT,
                      "input %s: can't be read on after frame %" PRIu64 ": %s", reader->name,
                      reader->frames, av_err2str(averror));
}

/* A packet of another stream: into `packet`, or it is left out. */
static int pass_packet(vanon_reader *reader, AVPacket **packet)
{
    bool admitted;
    int status = vanon_span_admits_packet(reader, reader->packet, &admitted);

    if (status || !admitted)
        return status;
    *packet = av_packet_alloc();
    if (!*packet)
        return VANON_ERR_MEMORY;
    av_packet_move_ref(*packet, reader->packet);
    return reader->span.settled ? VANON_OK : vanon_span_keep(&reader->span, packet);
}

/* A packet of the video stream: on to the decoder. A search begins with a key frame. */
static int decode_packet(vanon_reader *reader)
{
    bool searching = !reader->span.settled && !reader->packets;

    if (reader->span.over || (searching && !(reader->packet->flags & AV_PKT_FLAG_KEY)))
        return VANON_OK;
    return vanon_reader_send(reader, false);
}

/* Reads the next packet: into `packet` where it is of another stream, else on to the decoder. */
static int read_packet(vanon_reader *reader, AVPacket **packet)
{
    int failed = av_read_frame(reader->format, reader->packet), status;

    if (failed == AVERROR(EAGAIN))
        return VANON_OK;
    if (failed < 0 && failed != AVERROR_EOF && !reader->span.settled) {
        reader->span.failed = true;
        return VANON_OK;
    }
    if (failed < 0) {
        status = end_of_file(reader, failed);
        if (!status)
            status = reader->span.over ? VANON_ERR_EOF : vanon_reader_send(reader, true);
        return status;
    }
    status = reader->packet->stream_index == reader->stream->index ? decode_packet(reader)
                                                                   : pass_packet(reader, packet);
    if (!status && !*packet && reader->span.over && vanon_span_is_complete(reader, reader->packet))
        status = VANON_ERR_EOF;
    av_packet_unref(reader->packet);
    return status;
}

/* Nothing will come any more. Packets can vanish without a word; fields that come one by one make a
 * frame of two. */
static int finish(vanon_reader *reader)
{
    const struct vanon_span *span = &reader->span;
    int64_t shown = reader->packets - reader->packets_discarded;
    int64_t lost = shown - (int64_t)(reader->frames + span->skipped);

    if (!reader->interlaced_seen && !span->limited && lost > (int64_t)reader->packets_lost)
        reader->packets_lost = (uint64_t)lost;
    if (reader->frames)
        return VANON_ERR_EOF;
    if (span->skipped || span->over)
        return vanon_span_no_frame(reader);
    return vanon_fail(reader->log, VANON_ERR_INPUT,
                      "input %s: its video stream has no frame that can be decoded", reader->name);
}

/* Goes on until there is a frame or a packet, or by some way to one. */
static int step(vanon_reader *reader, vanon_frame **frame, AVPacket **packet)
{
    struct vanon_span *span = &reader->span;
    int status = vanon_span_enter(reader);

    if (status || vanon_span_take(span, packet))
        return status;
    status = VANON_ERR_AGAIN;
    /* Phones append further pictures to a JPEG, which are not the picture. */
    if (reader->info.still && reader->frames)
        status = VANON_ERR_EOF;
    else if (!span->over)
        status = vanon_reader_receive(reader, frame);
    if (status == VANON_ERR_AGAIN && !span->failed)
        status = read_packet(reader, packet);
    if (span->failed || (status == VANON_ERR_EOF && !span->settled))
        status = vanon_span_rewind(reader);
    return status == VANON_ERR_EOF ? finish(reader) : status;
}

int vanon_reader_read(vanon_reader *reader, vanon_frame **frame, struct AVPacket **packet)
{
    *frame = NULL;
    *packet = NULL;
    while (!reader->finished) {
        reader->finished =
            atomic_load(&reader->interrupted) ? VANON_ERR_CANCELLED : step(reader, frame, packet);
        if (*frame || *packet)
            return VANON_OK;
    }
    return reader->finished;
}

void vanon_reader_interrupt(vanon_reader *reader)
{
    atomic_store(&reader->interrupted, true);
}

void vanon_reader_counts(const vanon_reader *reader, uint64_t *packets_lost,
                         uint64_t *frames_damaged)
{
    *packets_lost = reader->packets_lost;
    *frames_damaged = reader->frames_damaged;
}

struct AVFormatContext *vanon_reader_format(const vanon_reader *reader)
{
    return reader->format;
}

int vanon_reader_video_stream(const vanon_reader *reader)
{
    return reader->stream->index;
}

void vanon_packet_free(struct AVPacket **packet)
{
    av_packet_free(packet);
}

struct AVBufferRef *vanon_reader_gpu(const vanon_reader *reader)
{
    return reader->gpu.device;
}

void vanon_reader_place(const vanon_reader *reader, const char **place, const char **why_not)
{
    const struct vanon_reader_gpu *gpu = &reader->gpu;

    *place = gpu->place;
    *why_not = gpu->why_not ? gpu->why_not : "";
}
