/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to frames with a time, an orientation and a verdict: what libav*'s decoder noticed of
 * damage, and all that refers to it, is marked. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "media/reader_private.h"

#define MOST_THREADS 8 /* each holds a frame; a decoder is never what the rest waits for */

/* Decoders that tell more with AV_EF_EXPLODE, and cry no wolf. Others take it badly: tiff then
 * refuses good pictures, mpeg4 aborts the process. */
static bool may_explode(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC || codec == AV_CODEC_ID_MJPEG ||
           codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_APNG;
}

/* Decoders that note in a frame's flags what they had to guess. With a thread for each frame they
 * hand it out before they know: damage would be seen at times only. (h264 with a thread for each
 * slice does not look for it at all.) */
static bool tells_late(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_MPEG4 || codec == AV_CODEC_ID_RV30 ||
           codec == AV_CODEC_ID_RV40;
}

/* Damage must be told, not smoothed over: checksums are looked at, errors returned, and what was
 * decoded nevertheless comes out, to be hidden. */
static void set_up_decoder(AVCodecContext *decoder, int threads)
{
    decoder->thread_count =
        tells_late(decoder->codec_id) ? 1 : vanon_av_threads(threads, MOST_THREADS);
    decoder->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
    decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    if (may_explode(decoder->codec_id))
        decoder->err_recognition |= AV_EF_EXPLODE;
    decoder->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

/* libav*'s own decoders of VP8 and VP9 leave out the alpha that a WebM says it has. */
static const AVCodec *find_decoder(const AVStream *stream)
{
    const AVDictionaryEntry *alpha = av_dict_get(stream->metadata, "alpha_mode", NULL, 0);
    enum AVCodecID id = stream->codecpar->codec_id;
    const AVCodec *codec = NULL;

    if (alpha && !strcmp(alpha->value, "1"))
        codec = id == AV_CODEC_ID_VP8   ? avcodec_find_decoder_by_name("libvpx")
                : id == AV_CODEC_ID_VP9 ? avcodec_find_decoder_by_name("libvpx-vp9")
                                        : NULL;
    return codec ? codec : avcodec_find_decoder(id);
}

int vanon_reader_open_decoder(vanon_reader *reader)
{
    const AVCodecParameters *parameters = reader->stream->codecpar;
    const AVCodec *codec = find_decoder(reader->stream);
    char name[VANON_THREAD_NAME];
    int failed;

    if (!codec)
        return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                          "input %s: no decoder for the video stream's codec %s", reader->name,
                          avcodec_get_name(parameters->codec_id));
    reader->decoder = avcodec_alloc_context3(codec);
    if (!reader->decoder || avcodec_parameters_to_context(reader->decoder, parameters) < 0)
        return VANON_ERR_MEMORY;
    reader->decoder->pkt_timebase = reader->stream->time_base;
    set_up_decoder(reader->decoder, reader->threads);
    if (vanon_gpu_set_up(&reader->gpu, reader->decoder))
        return VANON_ERR_MEMORY;
    vanon_thread_rename("vanon-decoder", name); /* what the threads made here are called */
    failed = avcodec_open2(reader->decoder, codec, NULL);
    vanon_thread_rename(name, NULL);
    if (failed == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    if (failed < 0)
        return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                          "input %s: the decoder %s can't read this stream: %s", reader->name,
                          codec->name, av_err2str(failed));
    return VANON_OK;
}

/* Notes that the packets from `first` to `last` can't be trusted. */
static int note_damage(vanon_reader *reader, int64_t first, int64_t last, const char *reason)
{
    struct vanon_damage *damage = &reader->damage;
    double time = reader->next_pts == VANON_NO_PTS
                      ? 0
                      : (double)reader->next_pts * av_q2d(reader->stream->time_base);

    /* A place that was only tried: what is really damaged shows again when all is read. What lacks
     * a reference before the first key frame is left out. */
    if (!reader->span.settled) {
        reader->span.failed = !reader->starts_inside;
        return VANON_OK;
    }
    if (first < damage->first)
        damage->first = first;
    if (last > damage->last)
        damage->last = last;
    if (damage->told)
        return VANON_OK;
    damage->told = true;
    return vanon_reader_complain(reader, VANON_ERR_DAMAGED,
                                 "frame %" PRIu64 " (at %.3f s) is damaged: %s", reader->frames,
                                 time, reason);
}

/* What avcodec_send_packet or _receive_frame returned, where it is an error. */
static int note_error(vanon_reader *reader, int averror)
{
    const AVCodecContext *decoder = reader->decoder;
    int64_t last = reader->packets - 1, first = last;

    if (averror == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    /* Each thread works on a packet of its own: what comes back now is of some packets ago. */
    if (decoder->active_thread_type & FF_THREAD_FRAME)
        first -= decoder->thread_count - 1;
    if (first < 0)
        first = 0;
    reader->packets_lost++;
    return note_damage(reader, first, reader->at_end ? last : first, av_err2str(averror));
}

/* What a still picture's packet says and its decoder does not. */
static int look_at_picture(vanon_reader *reader)
{
    enum AVCodecID codec = reader->decoder->codec_id;

    if (vanon_still_is_animated(reader->packet, codec))
        return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                          "input %s: is an animated WebP, which FFmpeg's libraries can't decode; "
                          "convert it to an animated GIF or PNG first",
                          reader->name);
    if (vanon_still_has_pages(reader->packet, codec))
        return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                          "input %s: is a TIFF of several pages, of which FFmpeg's libraries can "
                          "decode the first only; give each page as a file of its own",
                          reader->name);
    vanon_still_orientation(reader->packet, codec, &reader->rotation, &reader->mirrored);
    return VANON_OK;
}

int vanon_reader_send(vanon_reader *reader, bool end)
{
    AVPacket *packet = reader->packet;
    int failed, status = VANON_OK;

    if (end) {
        reader->at_end = true;
        failed = avcodec_send_packet(reader->decoder, NULL);
        return failed < 0 ? note_error(reader, failed) : VANON_OK;
    }
    if (!reader->packets)
        reader->starts_inside = !reader->span.settled || !(packet->flags & AV_PKT_FLAG_KEY);
    reader->packets_discarded += !!(packet->flags & AV_PKT_FLAG_DISCARD);
    status = look_at_picture(reader);
    if (!status && packet->flags & AV_PKT_FLAG_CORRUPT)
        status = note_damage(reader, reader->packets, reader->packets,
                             "the container marks its data as broken");
    if (!status && reader->decoder->codec_id == AV_CODEC_ID_FFV1 &&
        vanon_ffv1_is_damaged(packet, &reader->ffv1_checked))
        status = note_damage(reader, reader->packets, reader->packets, "a checksum does not fit");
    reader->decoder->reordered_opaque = reader->packets++;
    if (!status) {
        failed = avcodec_send_packet(reader->decoder, packet);
        if (failed < 0)
            status = note_error(reader, failed);
    }
    av_packet_unref(packet);
    return status;
}

/* True for frames that say nothing, since the file starts in the middle of a group: players leave
 * them out as well. */
static bool is_before_start(vanon_reader *reader, const AVFrame *frame)
{
    if (!reader->starts_inside)
        return false;
    if (reader->damage.first != VANON_UNDAMAGED ||
        (frame->key_frame && !(frame->flags & AV_FRAME_FLAG_CORRUPT)))
        reader->starts_inside = false;
    return reader->starts_inside;
}

/* Whatever follows damage may refer to it, up to a key frame that was decoded later: nothing behind
 * that one refers to what lies before. */
static int judge(vanon_reader *reader, const AVFrame *frame, bool *damaged)
{
    struct vanon_damage *damage = &reader->damage;
    int64_t packet = frame->reordered_opaque;
    bool flagged = frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT;

    *damaged = false;
    if (flagged) {
        int status = note_damage(reader, packet, packet, "the decoder had to guess parts of it");

        if (status)
            return status;
    } else if (frame->key_frame && frame->pict_type == AV_PICTURE_TYPE_I && packet > damage->last) {
        damage->first = VANON_UNDAMAGED;
    }
    *damaged = packet >= damage->first;
    return VANON_OK;
}

/* The frame's time and duration in the stream's ticks: known, and later than the frame's before. */
static void settle_time(vanon_reader *reader, AVFrame *frame)
{
    AVRational rate = av_guess_frame_rate(reader->format, reader->stream, frame);
    int64_t least = reader->next_pts;

    if (frame->pkt_duration <= 0 && rate.num > 0 && rate.den > 0)
        frame->pkt_duration = av_rescale_q(1, av_inv_q(rate), reader->stream->time_base);
    if (frame->best_effort_timestamp == AV_NOPTS_VALUE)
        frame->best_effort_timestamp = least != VANON_NO_PTS              ? reader->expected_pts
                                       : frame->pkt_dts != AV_NOPTS_VALUE ? frame->pkt_dts
                                                                          : 0;
    if (least != VANON_NO_PTS && frame->best_effort_timestamp < least) {
        if (!reader->time_warned)
            vanon_warn(reader->log,
                       "input %s: frame %" PRIu64
                       " is not later than the one before; it and others "
                       "like it are moved on by a tick",
                       reader->name, reader->frames);
        reader->time_warned = true;
        frame->best_effort_timestamp = least;
    }
    reader->next_pts = frame->best_effort_timestamp + 1;
    reader->expected_pts =
        frame->best_effort_timestamp + (frame->pkt_duration > 0 ? frame->pkt_duration : 1);
}

/* Frames may turn the picture as well (EXIF of a JPEG), and win over the stream. */
static int settle_orientation(vanon_reader *reader, const AVFrame *frame)
{
    const AVFrameSideData *side = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    int32_t matrix[9];

    if (!side || side->size < sizeof matrix)
        return VANON_OK;
    memcpy(matrix, side->data, sizeof matrix);
    return vanon_reader_orient(reader, matrix);
}

/* VP8 has one colour matrix (RFC 6386, 9.2), which the decoder for its alpha does not tell. */
static void settle_colour(vanon_reader *reader)
{
    AVFrame *frame = reader->decoded;

    if (reader->decoder->codec_id == AV_CODEC_ID_VP8 && frame->colorspace == AVCOL_SPC_UNSPECIFIED)
        frame->colorspace = AVCOL_SPC_BT470BG;
}

/* Makes reader->decoded a format of our table. */
static int settle_format(vanon_reader *reader)
{
    enum AVPixelFormat format = reader->decoded->format, target;
    int status = reader->gpu.device ? vanon_gpu_settle(reader) : VANON_OK;

    if (status || format == AV_PIX_FMT_CUDA)
        return status;
    target = vanon_converter_target(format);
    if (target == format)
        return VANON_OK;
    if (target == AV_PIX_FMT_NONE)
        return vanon_reader_refuse_format(reader, format);
    status = vanon_converter_run(&reader->converter, reader->decoded, reader->converted);
    if (status)
        return status;
    av_frame_unref(reader->decoded);
    av_frame_move_ref(reader->decoded, reader->converted);
    return VANON_OK;
}

/* Turns reader->decoded into a frame of ours; VANON_ERR_AGAIN where it is left out. */
static int finish_frame(vanon_reader *reader, vanon_frame **out)
{
    AVFrame *decoded = reader->decoded;
    AVRational tick = reader->stream->time_base;
    bool damaged = false;
    vanon_frame about;
    int status;

    if (is_before_start(reader, decoded))
        return VANON_ERR_AGAIN;
    status = judge(reader, decoded, &damaged);
    if (!status)
        status = settle_orientation(reader, decoded);
    if (status)
        return status;
    settle_time(reader, decoded);
    if (!vanon_span_admits_frame(reader, decoded->best_effort_timestamp))
        return VANON_ERR_AGAIN;
    settle_colour(reader);
    status = settle_format(reader);
    if (status)
        return status;
    reader->frames_damaged += damaged;
    decoded->sample_aspect_ratio =
        av_guess_sample_aspect_ratio(reader->format, reader->stream, decoded);
    about = (vanon_frame){.number = reader->frames,
                          .time_base = {tick.num, tick.den},
                          .sar = {0, 1},
                          .rotation = reader->rotation,
                          .mirrored = reader->mirrored,
                          .flags = damaged ? VANON_FRAME_DAMAGED : 0};
    status = vanon_av_wrap(reader->pool, decoded, &about, out);
    if (status == VANON_ERR_ARGUMENT)
        return vanon_fail(reader->log, VANON_ERR_UNSUPPORTED,
                          "input %s: a picture of %dx%d can't be handled", reader->name,
                          decoded->width, decoded->height);
    if (status)
        return status;
    reader->interlaced_seen |= (*out)->field_order != VANON_FIELDS_PROGRESSIVE;
    reader->frames++;
    return VANON_OK;
}

int vanon_reader_receive(vanon_reader *reader, vanon_frame **frame)
{
    for (;;) {
        int failed = avcodec_receive_frame(reader->decoder, reader->decoded), status;

        if (failed == AVERROR(EAGAIN))
            return VANON_ERR_AGAIN;
        if (failed == AVERROR_EOF)
            return VANON_ERR_EOF;
        status = failed < 0 ? note_error(reader, failed) : finish_frame(reader, frame);
        av_frame_unref(reader->decoded);
        if (status && status != VANON_ERR_AGAIN)
            return status;
        if (*frame)
            return VANON_OK;
        if (reader->span.over || reader->span.failed)
            return VANON_ERR_AGAIN;
    }
}
