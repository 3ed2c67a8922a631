/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of the whole input only a part: options->start and ->duration.
 *
 * Seeking is quick and not to be trusted: containers list decoding times, call frames keys that
 * need earlier ones, or land anywhere. So it goes to a place well before the part, and only frames
 * behind a clean key frame that is not later than the part's beginning count. Where that does not
 * come about, the input is opened anew and read from its beginning.
 */
#include <stdlib.h>

#include <libavutil/avstring.h>
#include <libavutil/mathematics.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/reader_private.h"

#define MICROSECOND   ((AVRational){1, AV_TIME_BASE})
#define SEEK_BEFORE   (2 * (int64_t)AV_TIME_BASE)  /* microseconds before the part to seek to */
#define TAIL          (10 * (int64_t)AV_TIME_BASE) /* how far behind the part its packets may lie */
#define QUEUE_MOST    4096
#define SEEK_FORMATS  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,nut,mpegts,flv,asf"
#define INTRA_FORMATS "avi,mxf,dv"

static int64_t add(int64_t a, int64_t b)
{
    return b > 0 && a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* The first tick of the video's that is not before so many microseconds. */
static int64_t ticks_up(const vanon_reader *reader, int64_t microseconds)
{
    int64_t ticks =
        av_rescale_q_rnd(microseconds, MICROSECOND, reader->stream->time_base, AV_ROUND_UP);

    return ticks == INT64_MIN ? INT64_MAX : ticks; /* it did not fit */
}

/* In ticks of the video's; 0 where it is not known. */
static int64_t time_of_start(const vanon_reader *reader)
{
    int64_t start = reader->format->start_time;

    return start == AV_NOPTS_VALUE ? 0
                                   : av_rescale_q(start, MICROSECOND, reader->stream->time_base);
}

int64_t vanon_span_beginning(const vanon_reader *reader)
{
    int64_t begin = reader->stream->start_time;

    return begin == AV_NOPTS_VALUE ? time_of_start(reader) : begin;
}

void vanon_span_init(vanon_reader *reader, const vanon_options *options)
{
    struct vanon_span *span = &reader->span;
    int64_t begin = vanon_span_beginning(reader);

    *span = (struct vanon_span){.start = options->start, .duration = options->duration};
    span->limited = options->start || options->duration != VANON_AUTO;
    span->settled = true;
    span->last = INT64_MAX;
    if (!span->limited)
        return;
    span->first = add(begin, ticks_up(reader, options->start));
    span->zero = options->start ? span->first : FFMAX(time_of_start(reader), 0);
    if (options->duration != VANON_AUTO)
        span->last = add(begin, ticks_up(reader, options->start + options->duration));
}

static void free_queue(struct vanon_span *span)
{
    for (size_t i = span->next; i < span->queued; i++)
        av_packet_free(&span->queue[i]);
    span->queued = span->next = 0;
}

void vanon_span_free(struct vanon_span *span)
{
    free_queue(span);
    free(span->queue);
    free(span->stream);
    *span = (struct vanon_span){0};
}

/* Whether time stamps behind a seek are those that reading on would have given: where the container
 * has them, or each frame stands alone. */
static bool can_seek(const vanon_reader *reader)
{
    const AVFormatContext *format = reader->format;
    const AVCodecDescriptor *codec = avcodec_descriptor_get(reader->stream->codecpar->codec_id);

    if (!format->pb || !(format->pb->seekable & AVIO_SEEKABLE_NORMAL))
        return false;
    return av_match_list(format->iformat->name, SEEK_FORMATS, ',') ||
           (codec && codec->props & AV_CODEC_PROP_INTRA_ONLY &&
            av_match_list(format->iformat->name, INTRA_FORMATS, ','));
}

int vanon_span_enter(vanon_reader *reader)
{
    struct vanon_span *span = &reader->span;
    int64_t before = av_rescale_q(SEEK_BEFORE, MICROSECOND, reader->stream->time_base), target;

    if (span->entered)
        return VANON_OK;
    span->entered = true;
    if (span->start <= SEEK_BEFORE || !can_seek(reader))
        return VANON_OK;
    span->settled = false;
    target = span->first - before;
    if (avformat_seek_file(reader->format, reader->stream->index, INT64_MIN, target, target, 0) < 0)
        return vanon_span_rewind(reader);
    return VANON_OK;
}

int vanon_span_rewind(vanon_reader *reader)
{
    int index = reader->stream->index, status;

    free_queue(&reader->span);
    reader->span.settled = true;
    reader->span.failed = false;
    reader->at_end = reader->starts_inside = false;
    reader->next_pts = VANON_NO_PTS;
    reader->packets = reader->packets_discarded = 0;
    reader->packets_lost = 0;
    reader->stream = NULL;
    avcodec_free_context(&reader->decoder);
    vanon_reader_close_input(reader);
    status = vanon_reader_open_input(reader);
    if (!status)
        status = vanon_reader_choose_stream(reader);
    if (!status && reader->stream->index != index)
        status =
            vanon_fail(reader->log, VANON_ERR_IO, "input %s: has changed meanwhile", reader->name);
    return status ? status : vanon_reader_open_decoder(reader);
}

bool vanon_span_admits_frame(vanon_reader *reader, int64_t pts)
{
    struct vanon_span *span = &reader->span;

    if (!span->settled) {
        span->failed = span->failed || pts > span->first;
        span->settled = !span->failed;
        reader->packets_lost = 0; /* so far, of what the search has left out */
    }
    span->over = !span->failed && pts >= span->last;
    if (!span->failed && !span->over && (!span->start || pts >= span->first))
        return true;
    span->skipped++;
    return false;
}

/* Makes room for what is known of the streams, of which more may appear. */
static int know_stream(struct vanon_span *span, int index)
{
    size_t before = span->streams, wanted = (size_t)index + 1;
    int status;

    if (wanted <= before)
        return VANON_OK;
    status = vanon_grow(&span->stream, &span->stream_capacity, wanted, sizeof *span->stream);
    if (status)
        return status;
    for (size_t i = before; i < wanted; i++)
        span->stream[i] = (struct vanon_span_stream){0};
    span->streams = wanted;
    return VANON_OK;
}

/* A picture is of no use without the key frame before it. */
static bool lacks_key(struct vanon_span_stream *known, const AVStream *stream,
                      const AVPacket *packet)
{
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
        return false;
    known->begun = known->begun || packet->flags & AV_PKT_FLAG_KEY;
    return !known->begun;
}

/* A subtitle that stays longer than the part would make it longer. */
static void clip_subtitle(const vanon_reader *reader, const AVStream *stream, AVPacket *packet)
{
    int64_t end = av_rescale_q(reader->span.last, reader->stream->time_base, stream->time_base);

    if (stream->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE && packet->pts != AV_NOPTS_VALUE &&
        reader->span.last != INT64_MAX && packet->duration > end - packet->pts)
        packet->duration = end - packet->pts;
}

int vanon_span_admits_packet(vanon_reader *reader, AVPacket *packet, bool *admitted)
{
    struct vanon_span *span = &reader->span;
    const AVStream *stream = reader->format->streams[packet->stream_index];
    bool is_video = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    int64_t shown = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    int64_t decoded = is_video && packet->dts != AV_NOPTS_VALUE ? packet->dts : shown;
    int status;

    *admitted = !span->limited || stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
    if (*admitted || shown == AV_NOPTS_VALUE)
        return VANON_OK;
    status = know_stream(span, packet->stream_index);
    if (status)
        return status;
    if (av_compare_ts(decoded, stream->time_base, span->last, reader->stream->time_base) >= 0) {
        span->stream[packet->stream_index].passed = true;
        return VANON_OK;
    }
    if (span->start &&
        av_compare_ts(shown, stream->time_base, span->first, reader->stream->time_base) < 0)
        return VANON_OK;
    *admitted = !lacks_key(&span->stream[packet->stream_index], stream, packet);
    clip_subtitle(reader, stream, packet);
    return VANON_OK;
}

bool vanon_span_is_complete(vanon_reader *reader, const AVPacket *packet)
{
    const struct vanon_span *span = &reader->span;
    const AVFormatContext *format = reader->format;
    const AVStream *of = format->streams[packet->stream_index];
    AVRational tick = reader->stream->time_base;
    int64_t tail = add(span->last, av_rescale_q(TAIL, MICROSECOND, tick));

    if (packet->dts != AV_NOPTS_VALUE && av_compare_ts(packet->dts, of->time_base, tail, tick) >= 0)
        return true;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        enum AVMediaType type = format->streams[i]->codecpar->codec_type;

        if ((type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_SUBTITLE) &&
            (i >= span->streams || !span->stream[i].passed))
            return false;
    }
    return true;
}

int vanon_span_keep(struct vanon_span *span, AVPacket **packet)
{
    int status = vanon_grow(&span->queue, &span->capacity, span->queued + 1, sizeof *span->queue);

    if (status)
        return status;
    span->failed = span->queued == QUEUE_MOST;
    span->queue[span->queued++] = *packet;
    *packet = NULL;
    return VANON_OK;
}

bool vanon_span_take(struct vanon_span *span, AVPacket **packet)
{
    if (!span->settled || span->next == span->queued)
        return false;
    *packet = span->queue[span->next++];
    return true;
}

int vanon_span_no_frame(const vanon_reader *reader)
{
    const struct vanon_span *span = &reader->span;
    double start = (double)span->start / AV_TIME_BASE;
    double end = start + (double)span->duration / AV_TIME_BASE;
    char until[48] = "";

    if (span->duration != VANON_AUTO)
        snprintf(until, sizeof until, " and before %.3f s", end);
    return vanon_fail(reader->log, VANON_ERR_INPUT,
                      "input %s: has no frame in that span, from %.3f s%s on; times count from "
                      "the video's beginning",
                      reader->name, start, until);
}
