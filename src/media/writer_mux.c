/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_mux.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/mathematics.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/publish.h"
#include "media/av.h"
#include "media/writer_container.h"
#include "media/writer_pipe.h"

#define TS_DELAY   700000 /* microseconds that libav* puts twice between clock and first frame */
#define TS_SECONDS 1.4    /* a transport stream that starts later has that delay already */

#define MATROSKA_BEFORE 30 /* seconds: a block lies at most 32.767 s before its cluster */

struct vanon_mux {
    const vanon_log *log;
    const vanon_options *options;
    char *path;
    vanon_publish *publish; /* NULL: standard output, which can't be taken back */
    pthread_mutex_t lock;   /* guards all below */
    AVFormatContext *format;
    bool started, warned, complete;
    int failed; /* the status of what failed first; VANON_OK */
    size_t queued, queue_capacity;
    AVPacket **queue;
    size_t clock_capacity;
    struct clock {
        int64_t next; /* the least decoding time of the stream's next packet */
        bool running;
    } * clock; /* of each stream */
};

static int open_pipe(vanon_mux *mux, const AVOutputFormat *container)
{
    if (avformat_alloc_output_context2(&mux->format, vanon_container_muxer(container), NULL, NULL) <
        0)
        return VANON_ERR_MEMORY;
    return vanon_pipe_open(mux->format, mux->log);
}

static int open_file(vanon_mux *mux, const AVOutputFormat *container)
{
    char *url = av_asprintf("file:%s", vanon_publish_path(mux->publish));
    int result = AVERROR(ENOMEM);

    if (url)
        result = avformat_alloc_output_context2(&mux->format, vanon_container_muxer(container),
                                                NULL, url);
    if (result >= 0)
        result = avio_open(&mux->format->pb, url, AVIO_FLAG_WRITE);
    av_free(url);
    if (result >= 0)
        return VANON_OK;
    if (result == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    return vanon_fail(mux->log, VANON_ERR_IO, "output %s: %s", mux->path, av_err2str(result));
}

int vanon_mux_create(vanon_mux **out, const char *path, const AVOutputFormat *container,
                     const vanon_options *options, const vanon_log *log)
{
    vanon_mux *mux = calloc(1, sizeof *mux);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!mux)
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&mux->lock, NULL)) {
        free(mux);
        return VANON_ERR_MEMORY;
    }
    mux->log = log;
    mux->options = options;
    mux->path = strdup(path);
    if (mux->path && vanon_options_is_pipe(path)) {
        status = open_pipe(mux, container);
    } else if (mux->path) {
        status = vanon_publish_create(&mux->publish, path, options->overwrite, log);
        if (!status)
            status = open_file(mux, container);
    }
    if (status)
        vanon_mux_destroy(&mux);
    *out = mux;
    return status;
}

static int close_output(vanon_mux *mux, bool complete)
{
    return mux->publish ? avio_closep(&mux->format->pb) : vanon_pipe_close(mux->format, complete);
}

void vanon_mux_destroy(vanon_mux **pointer)
{
    vanon_mux *mux = *pointer;

    if (!mux)
        return;
    for (size_t i = 0; i < mux->queued; i++)
        av_packet_free(&mux->queue[i]);
    free(mux->queue);
    free(mux->clock);
    if (mux->format && mux->format->pb)
        close_output(mux, false);
    avformat_free_context(mux->format);
    vanon_publish_destroy(&mux->publish);
    pthread_mutex_destroy(&mux->lock);
    free(mux->path);
    free(mux);
    *pointer = NULL;
}

AVFormatContext *vanon_mux_format(const vanon_mux *mux)
{
    return mux->format;
}

/* Under the lock. What the muxer says no to is no fault of the disk. */
static int fail(vanon_mux *mux, int result)
{
    int status = result == AVERROR(ENOMEM) ? VANON_ERR_MEMORY
                 : result == AVERROR(EINVAL) || result == AVERROR_PATCHWELCOME ||
                         result == AVERROR_INVALIDDATA
                     ? VANON_ERR_UNSUPPORTED
                     : VANON_ERR_IO;

    if (result == AVERROR_EXIT)
        return mux->failed = VANON_ERR_CANCELLED;
    mux->failed = vanon_fail(mux->log, status, "output %s: %s%s", mux->path,
                             status == VANON_ERR_UNSUPPORTED ? "the container refuses it: " : "",
                             av_err2str(result));
    return mux->failed;
}

static bool is_matroska(const vanon_mux *mux)
{
    return av_match_name(mux->format->oformat->name, "matroska,webm");
}

static int set_options(const vanon_mux *mux, AVDictionary **options, double input_start)
{
    /* Keys of every name have a place of their own, and libav* then writes no cover. */
    const char *moov = mux->publish ? "+faststart" : "+frag_keyframe+empty_moov+delay_moov";
    char flags[64];
    bool all_keys = (mux->options->keep & (VANON_KEEP_TAGS | VANON_KEEP_COVER)) == VANON_KEEP_TAGS;
    int result = 0;

    if (vanon_container_is_mp4(mux->format->oformat)) {
        snprintf(flags, sizeof flags, "%s%s", moov, all_keys ? "+use_metadata_tags" : "");
        result = av_dict_set(options, "movflags", flags, 0);
    }
    if (!strcmp(mux->format->oformat->name, "mpegts")) {
        mux->format->max_delay = TS_DELAY;
        if (input_start >= TS_SECONDS)
            result = av_dict_set(options, "mpegts_copyts", "1", 0);
    }
    /* The samples before the first that counts have negative times. They can be written so, and
     * shifting all streams would change every frame's time. */
    if (is_matroska(mux) && input_start > -MATROSKA_BEFORE)
        mux->format->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    return result;
}

/* Under the lock. */
static int write_header(vanon_mux *mux, double input_start)
{
    AVDictionary *options = NULL;
    int result;

    mux->format->flags |= AVFMT_FLAG_BITEXACT; /* names no program, no date */
    result = set_options(mux, &options, input_start);
    if (result >= 0)
        result = avformat_write_header(mux->format, &options);
    av_dict_free(&options);
    return result;
}

/* Under the lock. libav* refuses packets without times, and those whose decoding time is not after
 * the last one's; real files have both. */
static void mend_times(vanon_mux *mux, AVPacket *packet)
{
    struct clock *clock = &mux->clock[packet->stream_index];
    int strict = !(mux->format->oformat->flags & AVFMT_TS_NONSTRICT);

    if (packet->dts == AV_NOPTS_VALUE)
        packet->dts = packet->pts != AV_NOPTS_VALUE ? packet->pts
                      : clock->running              ? clock->next
                                                    : 0;
    if (clock->running && packet->dts < clock->next) {
        if (!mux->warned)
            vanon_warn(mux->log, "output %s: stream %d has times that run backwards; mended",
                       mux->path, packet->stream_index);
        mux->warned = true;
        packet->dts = clock->next;
    }
    if (packet->pts == AV_NOPTS_VALUE || packet->pts < packet->dts)
        packet->pts = packet->dts;
    clock->next = packet->dts + strict;
    clock->running = true;
}

/* Matroska's times of Opus count from the decoder's start, which stands in the header. libav*
 * writes it there, but leaves it to the shift that is off here to move the packets. */
static int64_t decoder_delay(const vanon_mux *mux, const AVStream *stream)
{
    const AVCodecParameters *codec = stream->codecpar;

    if (codec->codec_id != AV_CODEC_ID_OPUS || codec->sample_rate <= 0 || !is_matroska(mux) ||
        mux->format->avoid_negative_ts != AVFMT_AVOID_NEG_TS_DISABLED)
        return 0;
    return av_rescale_q(codec->initial_padding, (AVRational){1, codec->sample_rate},
                        stream->time_base);
}

/* Under the lock, after the start. */
static int write_packet(vanon_mux *mux, AVPacket *packet)
{
    const AVStream *stream = mux->format->streams[packet->stream_index];
    int64_t delay;
    int result;

    av_packet_rescale_ts(packet, packet->time_base, stream->time_base);
    packet->time_base = stream->time_base;
    packet->pos = -1;
    delay = decoder_delay(mux, stream);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts += delay;
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts += delay;
    if (!(mux->format->oformat->flags & AVFMT_NOTIMESTAMPS))
        mend_times(mux, packet);
    result = av_interleaved_write_frame(mux->format, packet);
    return result < 0 ? fail(mux, result) : VANON_OK;
}

/* Under the lock. */
static int write_queue(vanon_mux *mux)
{
    int status = VANON_OK;

    for (size_t i = 0; i < mux->queued; i++) {
        if (!status)
            status = write_packet(mux, mux->queue[i]);
        av_packet_free(&mux->queue[i]);
    }
    mux->queued = 0;
    return status;
}

int vanon_mux_start(vanon_mux *mux, double input_start)
{
    int status, result;

    pthread_mutex_lock(&mux->lock);
    status =
        vanon_grow(&mux->clock, &mux->clock_capacity, mux->format->nb_streams, sizeof *mux->clock);
    if (!status) {
        result = write_header(mux, input_start);
        mux->started = result >= 0;
        status = result < 0 ? fail(mux, result) : write_queue(mux);
    }
    pthread_mutex_unlock(&mux->lock);
    return status;
}

/* Under the lock, before the start. */
static int keep_packet(vanon_mux *mux, AVPacket **packet)
{
    int status = vanon_grow(&mux->queue, &mux->queue_capacity, mux->queued + 1, sizeof *mux->queue);

    mux->failed = status;
    if (status)
        return status;
    mux->queue[mux->queued++] = *packet;
    *packet = NULL;
    return VANON_OK;
}

int vanon_mux_write(vanon_mux *mux, AVPacket **packet)
{
    int status;

    pthread_mutex_lock(&mux->lock);
    if (mux->failed)
        status = mux->failed;
    else if (mux->started)
        status = write_packet(mux, *packet);
    else
        status = keep_packet(mux, packet);
    pthread_mutex_unlock(&mux->lock);
    av_packet_free(packet);
    return status;
}

int vanon_mux_complete(vanon_mux *mux)
{
    int status, result, closed;

    pthread_mutex_lock(&mux->lock);
    status = mux->failed;
    if (!status && !mux->complete) {
        mux->complete = true;
        result = av_write_trailer(mux->format);
        closed = close_output(mux, true);
        if (result < 0 || closed < 0)
            status = fail(mux, result < 0 ? result : closed);
    }
    pthread_mutex_unlock(&mux->lock);
    return status;
}

const char *vanon_mux_file(const vanon_mux *mux)
{
    return mux->publish ? vanon_publish_path(mux->publish) : NULL;
}

int vanon_mux_finish(vanon_mux *mux)
{
    int status = vanon_mux_complete(mux);

    if (!status && mux->publish)
        status = vanon_publish_commit(&mux->publish);
    return status;
}
