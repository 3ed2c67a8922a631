/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "base/publish.h"
#include "media/av.h"
#include "media/cuda.h"
#include "media/writer_container.h"
#include "media/writer_convert.h"
#include "media/writer_encoder.h"
#include "media/writer_mux.h"
#include "media/writer_plan.h"
#include "media/writer_sink.h"
#include "media/writer_sound.h"
#include "pixels/upright.h"

struct vanon_writer {
    const vanon_log *log;
    char *path;
    vanon_plan *plan;
    struct vanon_media_notes notes; /* the plan's, and the conversion */
    char conversion[96];

    /* with codec = md5 */
    vanon_sink *sink;
    char md5[VANON_MD5_TEXT];

    /* else; all but `mux` belongs to the thread of the frames */
    vanon_mux *mux;
    struct vanon_encoder_params encoding;
    vanon_encoder *encoder;
    vanon_convert *convert;      /* NULL: the encoder takes the frames as they are */
    vanon_frame_pool *pool;      /* of turned frames; NULL: they stay as they are */
    AVFrame *borrowed, *brought; /* blank between two frames */
    AVBufferRef *gpu;            /* that may have the frames; NULL: none has */
    AVBufferRef *gpu_frames;     /* what its frames are like */
    bool on_gpu;                 /* the encoder takes them there */
    vanon_frame_pool *downloads; /* else: the same in the host's memory */
    int video;                   /* stream of the output */
    int64_t zero;                /* where the output's time begins, in ticks of the input's video */
    AVRational tick;
    double input_start;  /* seconds */
    vanon_sound **sound; /* by stream of the input: what converts it; NULL: nothing does */
    size_t sounds;

    int failed;    /* the status of the first frame that was not written, or of the end; VANON_OK */
    bool complete; /* the end is written */
    uint64_t frames;
    vanon_frame like; /* the first frame's size, format and so on; no samples */
    bool warned;      /* that the aspect ratio or colour changed */
    int64_t last_pts, next_pts;
    int64_t last_tick[2]; /* the last pts as the encoder and the container count it */
};

static int plan_streams(vanon_writer *writer, const vanon_reader *reader,
                        const AVOutputFormat *container)
{
    struct vanon_plan_params params = {.input = vanon_reader_format(reader),
                                       .info = vanon_reader_get_info(reader),
                                       .video = vanon_reader_video_stream(reader),
                                       .container = container,
                                       .options = writer->encoding.options,
                                       .path = writer->path,
                                       .log = writer->log};
    int status = vanon_plan_create(&writer->plan, &params);

    if (!status)
        writer->notes = *vanon_plan_notes(writer->plan);
    writer->notes.conversion = writer->conversion;
    return status;
}

static int create_sink(vanon_writer *writer, const vanon_reader *reader)
{
    int status = plan_streams(writer, reader, NULL);

    return status ? status : vanon_sink_create(&writer->sink);
}

/* Makes what converts sound, and so the parameters of those streams. */
static int create_sounds(vanon_writer *writer, const AVFormatContext *input)
{
    AVRational unused;
    int status = VANON_OK;

    writer->sound = calloc(input->nb_streams, sizeof *writer->sound);
    if (!writer->sound)
        return VANON_ERR_MEMORY;
    writer->sounds = input->nb_streams;
    for (int i = 0; i < (int)input->nb_streams && !status; i++) {
        enum AVCodecID codec = vanon_plan_sound(writer->plan, i);
        AVStream **streams = vanon_mux_format(writer->mux)->streams;
        struct vanon_sound_params params = {
            .source = input->streams[i],
            .codec = codec,
            .mute = writer->encoding.options->audio == VANON_AUDIO_MUTE,
            .mux = writer->mux,
            .path = writer->path,
            .log = writer->log,
        };

        if (codec == AV_CODEC_ID_NONE)
            continue;
        params.target = streams[vanon_plan_stream(writer->plan, i, &unused)];
        status = vanon_sound_create(&writer->sound[i], &params);
    }
    return status;
}

/* From here on nothing of the reader's is looked at: it may be reading in another thread. */
static int create_file(vanon_writer *writer, const vanon_reader *reader)
{
    struct vanon_encoder_params *encoding = &writer->encoding;
    const AVFormatContext *input = vanon_reader_format(reader);
    const struct vanon_reader_info *info = vanon_reader_get_info(reader);
    AVRational unused;
    int status = VANON_OK;

    if (vanon_same_file(writer->path, encoding->options->input))
        return vanon_fail(writer->log, VANON_ERR_EXISTS, "output %s: is the input itself",
                          writer->path);
    writer->zero = info->zero;
    if (!info->limited && input->start_time != AV_NOPTS_VALUE)
        writer->input_start = (double)input->start_time / AV_TIME_BASE;
    encoding->source = input->streams[vanon_reader_video_stream(reader)];
    writer->tick = (AVRational){info->time_base.num, info->time_base.den};
    encoding->frame_rate = (AVRational){info->frame_rate.num, info->frame_rate.den};
    if (!vanon_options_is_pipe(writer->path))
        status = vanon_publish_check(writer->path, encoding->options->overwrite, writer->log);
    if (!status)
        status =
            vanon_container_choose(&encoding->container, writer->path,
                                   vanon_options_output_format(encoding->options), writer->log);
    if (!status && info->still)
        encoding->container = vanon_container_of_still(encoding->container);
    else if (!status)
        encoding->container =
            vanon_container_of_moving(encoding->container, writer->path, input->iformat);
    if (!status)
        status = vanon_encoder_find(&encoding->codec, encoding->container, encoding->options,
                                    writer->path, writer->log);
    if (!status)
        status = plan_streams(writer, reader, encoding->container);
    if (!status)
        status = vanon_encoder_try(encoding);
    if (!status)
        status = vanon_mux_create(&writer->mux, writer->path, encoding->container,
                                  encoding->options, writer->log);
    if (!status)
        status = vanon_plan_carry_out(writer->plan, vanon_mux_format(writer->mux));
    if (!status)
        status = create_sounds(writer, input);
    if (status)
        return status;
    vanon_container_set_plays(vanon_mux_format(writer->mux), info->plays);
    vanon_mux_format(writer->mux)->interrupt_callback = input->interrupt_callback;
    writer->video = vanon_plan_stream(writer->plan, vanon_reader_video_stream(reader), &unused);
    encoding->source = vanon_mux_format(writer->mux)->streams[writer->video];
    return VANON_OK;
}

int vanon_writer_create(vanon_writer **out, const char *path, const vanon_reader *reader,
                        const vanon_options *options, const vanon_log *log)
{
    vanon_writer *writer = calloc(1, sizeof *writer);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!writer)
        return VANON_ERR_MEMORY;
    writer->log = log;
    writer->path = strdup(path);
    writer->borrowed = av_frame_alloc();
    if (vanon_reader_gpu(reader)) {
        writer->gpu = av_buffer_ref(vanon_reader_gpu(reader));
        writer->brought = av_frame_alloc();
        if (!writer->gpu || !writer->brought || vanon_frame_pool_create(&writer->downloads))
            goto fail;
    }
    writer->encoding =
        (struct vanon_encoder_params){.options = options, .path = writer->path, .log = log};
    if (writer->path && writer->borrowed)
        status = !strcmp(options->codec, "md5") ? create_sink(writer, reader)
                                                : create_file(writer, reader);
fail:
    if (status)
        vanon_writer_destroy(&writer);
    *out = writer;
    return status;
}

void vanon_writer_destroy(vanon_writer **pointer)
{
    vanon_writer *writer = *pointer;

    if (!writer)
        return;
    vanon_encoder_destroy(&writer->encoder);
    vanon_convert_destroy(&writer->convert);
    av_frame_free(&writer->borrowed);
    av_frame_free(&writer->brought);
    vanon_frame_pool_destroy(&writer->pool);
    vanon_frame_pool_destroy(&writer->downloads);
    av_buffer_unref(&writer->gpu_frames);
    av_buffer_unref(&writer->gpu);
    for (size_t i = 0; i < writer->sounds; i++)
        vanon_sound_destroy(&writer->sound[i]);
    free(writer->sound);
    vanon_mux_destroy(&writer->mux);
    vanon_sink_destroy(&writer->sink);
    vanon_plan_destroy(&writer->plan);
    free(writer->path);
    free(writer);
    *pointer = NULL;
}

/* What one stream can't change in its course. */
static int check_like_first(vanon_writer *writer, const vanon_frame *frame)
{
    const vanon_frame *first = &writer->like;

    if (frame->width != first->width || frame->height != first->height ||
        frame->format != first->format)
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: frame %llu is %s of %dx%d, those before are %s of %dx%d; a "
                          "stream can't change that",
                          writer->path, (unsigned long long)writer->frames,
                          vanon_pixel_format_name(frame->format), frame->width, frame->height,
                          vanon_pixel_format_name(first->format), first->width, first->height);
    if (frame->rotation != first->rotation || frame->mirrored != first->mirrored)
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: frame %llu is turned by %d degrees, those before by %d; a "
                          "stream can't change that",
                          writer->path, (unsigned long long)writer->frames, frame->rotation,
                          first->rotation);
    if (!writer->warned && !vanon_frame_same_kind(frame, first)) {
        writer->warned = true;
        vanon_warn(writer->log,
                   "output %s: aspect ratio or colour change at frame %llu; the output keeps the "
                   "first frame's",
                   writer->path, (unsigned long long)writer->frames);
    }
    return VANON_OK;
}

static int check_frame(vanon_writer *writer, const vanon_frame *frame)
{
    if (writer->on_gpu && frame->memory == VANON_MEMORY_HOST)
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: frame %llu is in the host's memory, those before are in a "
                          "GPU's; --hwdec no has them all there",
                          writer->path, (unsigned long long)writer->frames);
    if (!writer->frames) {
        writer->like = *frame;
        return VANON_OK;
    }
    if (vanon_container_is_picture(writer->encoding.container))
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: holds one picture, and the input has more; .gif and .mp4 "
                          "hold videos",
                          writer->path);
    return check_like_first(writer, frame);
}

static int turn(vanon_writer *writer, vanon_frame **frame)
{
    vanon_frame *turned;
    int status = vanon_frame_upright(writer->pool, *frame, &turned);

    if (status == VANON_ERR_UNSUPPORTED)
        return vanon_fail(writer->log, status,
                          "output %s: %s holds no rotation, and %s%s can't be turned by %d "
                          "degrees; .mp4 and .mov keep it as it is",
                          writer->path, writer->encoding.container->name,
                          (*frame)->field_order > VANON_FIELDS_PROGRESSIVE ? "interlaced " : "",
                          vanon_pixel_format_name((*frame)->format), (*frame)->rotation);
    if (status)
        return status;
    vanon_frame_unref(frame);
    *frame = turned;
    return VANON_OK;
}

static void note_conversion(vanon_writer *writer, enum AVPixelFormat from, const char *to)
{
    size_t used = strlen(writer->conversion);

    snprintf(writer->conversion + used, sizeof writer->conversion - used, "%s%s to %s",
             used ? ", " : "", av_get_pix_fmt_name(from), to);
}

/* Decides from the first frame whether frames are turned. */
static int prepare_turning(vanon_writer *writer, const vanon_frame *frame)
{
    if ((!frame->rotation && !frame->mirrored) ||
        vanon_container_is_mp4(writer->encoding.container))
        return VANON_OK;
    snprintf(writer->conversion, sizeof writer->conversion, "turned upright by %d degrees%s",
             frame->rotation, frame->mirrored ? " and mirrored" : "");
    return vanon_frame_pool_create(&writer->pool);
}

/* Decides from the first frame whether the encoder gets frames where they are, in a GPU's memory:
 * not where they are turned or converted. */
static int prepare_gpu(vanon_writer *writer, const vanon_frame *frame)
{
    enum AVPixelFormat to;
    enum vanon_yuv yuv;
    int status;

    if (frame->memory != VANON_MEMORY_CUDA || writer->pool ||
        !vanon_cuda_encodes(writer->encoding.codec))
        return VANON_OK;
    status = vanon_encoder_choose_format(&writer->encoding, frame, &to, &yuv);
    writer->on_gpu = !status && !vanon_convert_needed(frame, to, yuv);
    return status;
}

/* Makes a frame of a GPU's memory one that what follows can read. */
static int settle_memory(vanon_writer *writer, vanon_frame **frame)
{
    AVFrame *const scratch[2] = {writer->borrowed, writer->brought};
    int status;

    if ((*frame)->memory == VANON_MEMORY_HOST)
        return VANON_OK;
    if ((*frame)->memory != VANON_MEMORY_CUDA || !writer->gpu)
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: frame %llu is not in the host's memory", writer->path,
                          (unsigned long long)writer->frames);
    status = vanon_cuda_pool(&writer->gpu_frames, writer->gpu,
                             vanon_av_pixel_format_of((*frame)->format), (*frame)->width,
                             (*frame)->height);
    if (!status && !writer->on_gpu)
        status = vanon_cuda_download(writer->gpu_frames, writer->downloads, scratch, frame);
    if (status)
        return vanon_fail(writer->log, status, "output %s: frame %llu can't be had from the GPU",
                          writer->path, (unsigned long long)writer->frames);
    return VANON_OK;
}

/* Decides from the first frame, turned where need be, whether frames are converted. */
static int prepare_conversion(vanon_writer *writer, const vanon_frame *frame)
{
    enum AVPixelFormat from = vanon_av_pixel_format_of(frame->format), to;
    enum vanon_yuv yuv;
    int status = vanon_encoder_choose_format(&writer->encoding, frame, &to, &yuv);
    const char *needed = status ? NULL : vanon_convert_needed(frame, to, yuv);

    if (!needed)
        return status;
    status = vanon_convert_create(&writer->convert, frame, to, yuv);
    if (status == VANON_ERR_UNSUPPORTED)
        return vanon_fail(writer->log, status, "output %s: %s can't be converted to %s",
                          writer->path, av_get_pix_fmt_name(from), av_get_pix_fmt_name(to));
    if (!status)
        note_conversion(writer, from, needed);
    return status;
}

/* Makes the stream say how its pictures are turned, where its input's display matrix does not (a
 * picture's own tag, or a stream that says it in its frames). */
static int set_display_matrix(AVStream *stream, const vanon_frame *frame)
{
    static const int cosine[] = {1, 0, -1, 0}, sine[] = {0, 1, 0, -1};
    int quarter = frame->rotation / 90, mirror = frame->mirrored ? -1 : 1, rotation = 0;
    int32_t *matrix = (int32_t *)av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
    bool mirrored = false;

    if (matrix && vanon_av_orientation(matrix, &rotation, &mirrored))
        return VANON_OK; /* by an odd angle: as it was */
    if (rotation == frame->rotation && mirrored == frame->mirrored)
        return VANON_OK;
    if (!matrix)
        matrix = (int32_t *)av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX,
                                                    9 * sizeof *matrix);
    if (!matrix)
        return VANON_ERR_MEMORY;
    memset(matrix, 0, 9 * sizeof *matrix);
    matrix[0] = mirror * cosine[quarter] * (1 << 16);
    matrix[1] = mirror * sine[quarter] * (1 << 16);
    matrix[3] = -sine[quarter] * (1 << 16);
    matrix[4] = cosine[quarter] * (1 << 16);
    matrix[8] = 1 << 30;
    return VANON_OK;
}

/* HDR metadata that stand in the frames only, for containers that have a place of their own. */
static int set_hdr(AVStream *stream, const AVFrame *picture)
{
    static const struct {
        enum AVFrameSideDataType from;
        enum AVPacketSideDataType to;
    } kinds[] = {
        {AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_MASTERING_DISPLAY_METADATA},
        {AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_CONTENT_LIGHT_LEVEL},
    };

    for (size_t i = 0; i < VANON_COUNT(kinds); i++) {
        const AVFrameSideData *data = av_frame_get_side_data(picture, kinds[i].from);
        uint8_t *copy;

        if (!data || av_stream_get_side_data(stream, kinds[i].to, NULL))
            continue;
        copy = av_stream_new_side_data(stream, kinds[i].to, data->size);
        if (!copy)
            return VANON_ERR_MEMORY;
        memcpy(copy, data->data, data->size);
    }
    return VANON_OK;
}

static int set_up_stream(vanon_writer *writer, const AVFrame *picture)
{
    AVStream *stream = vanon_mux_format(writer->mux)->streams[writer->video];
    const AVCodecContext *context = vanon_encoder_context(writer->encoder);

    if (avcodec_parameters_from_context(stream->codecpar, context) < 0)
        return VANON_ERR_MEMORY;
    stream->time_base = vanon_container_is_fixed_rate(writer->encoding.container)
                            ? context->time_base
                            : (AVRational){writer->like.time_base.num, writer->like.time_base.den};
    stream->sample_aspect_ratio = context->sample_aspect_ratio;
    stream->avg_frame_rate = writer->encoding.frame_rate;
    if (set_hdr(stream, picture))
        return VANON_ERR_MEMORY;
    if (!vanon_container_is_mp4(writer->encoding.container))
        return VANON_OK;
    if (context->codec_id == AV_CODEC_ID_HEVC) /* Apple's players know no other */
        stream->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');
    return set_display_matrix(stream, &writer->like);
}

static int start(vanon_writer *writer, const AVFrame *picture)
{
    AVRational time_base = {writer->like.time_base.num, writer->like.time_base.den};
    int status = vanon_encoder_create(&writer->encoder, &writer->encoding, picture, time_base);

    if (!status)
        status = set_up_stream(writer, picture);
    if (!status)
        status = vanon_mux_start(writer->mux, writer->input_start);
    return status;
}

/* Frame durations where neither the frame nor the next one tells. */
static int64_t usual_duration(const vanon_writer *writer, AVRational time_base)
{
    AVRational rate = writer->encoding.frame_rate;
    int64_t ticks = rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), time_base) : 1;

    return ticks > 0 ? ticks : 1;
}

/* Gives the picture its time: the frame's own, or for streams without times the end of the one
 * before. */
static int set_time(vanon_writer *writer, AVFrame *picture, AVRational time_base)
{
    int64_t duration = picture->pkt_duration;

    picture->pts = picture->pts == VANON_NO_PTS ? writer->next_pts : picture->pts - writer->zero;
    if (writer->frames && picture->pts <= writer->last_pts)
        return vanon_fail(writer->log, VANON_ERR_UNSUPPORTED,
                          "output %s: frame %llu is shown at %.6f s, not after the one before at "
                          "%.6f s",
                          writer->path, (unsigned long long)writer->frames,
                          (double)picture->pts * av_q2d(time_base),
                          (double)writer->last_pts * av_q2d(time_base));
    writer->last_pts = picture->pts;
    writer->next_pts = picture->pts + (duration > 0 ? duration : usual_duration(writer, time_base));
    return VANON_OK;
}

/* Two frames on one tick would become one, or none. */
static int check_ticks(vanon_writer *writer, int64_t pts, AVRational time_base)
{
    const AVFormatContext *format = vanon_mux_format(writer->mux);
    bool timed = !(format->oformat->flags & AVFMT_NOTIMESTAMPS);
    const AVRational count[] = {vanon_encoder_context(writer->encoder)->time_base,
                                format->streams[writer->video]->time_base};

    for (int i = 0; i < (timed ? 2 : 1); i++) {
        int64_t tick = av_rescale_q(pts, time_base, count[i]);

        if (writer->frames && tick <= writer->last_tick[i])
            return vanon_fail(
                writer->log, VANON_ERR_UNSUPPORTED,
                "output %s: frame %llu at %.6f s falls on the same tick of %d/%d s as "
                "the one before; %s can't hold this variable frame rate, .mp4 and "
                ".mkv can",
                writer->path, (unsigned long long)writer->frames, (double)pts * av_q2d(time_base),
                count[i].num, count[i].den, format->oformat->name);
        writer->last_tick[i] = tick;
    }
    return VANON_OK;
}

static int write_packets(vanon_writer *writer)
{
    AVRational time_base = {writer->like.time_base.num, writer->like.time_base.den};

    for (;;) {
        AVPacket *packet = av_packet_alloc();
        int status = packet ? vanon_encoder_receive(writer->encoder, packet) : VANON_ERR_MEMORY;

        if (status) {
            av_packet_free(&packet);
            return status == VANON_ERR_AGAIN || status == VANON_ERR_EOF ? VANON_OK : status;
        }
        packet->stream_index = writer->video;
        packet->time_base = time_base;
        status = vanon_mux_write(writer->mux, &packet);
        if (status)
            return status;
    }
}

static int encode(vanon_writer *writer, AVFrame *picture)
{
    AVRational time_base = {writer->like.time_base.num, writer->like.time_base.den};
    int status = writer->encoder ? VANON_OK : start(writer, picture);

    if (!status)
        status = check_ticks(writer, picture->pts, time_base);
    if (!status)
        status = vanon_encoder_send(writer->encoder, picture);
    if (!status)
        status = write_packets(writer);
    return status;
}

static int convert_and_encode(vanon_writer *writer, vanon_frame **frame)
{
    AVRational time_base = {(*frame)->time_base.num, (*frame)->time_base.den};
    AVFrame *picture = writer->borrowed;
    int status = vanon_av_borrow(writer->borrowed, frame);

    if (!status && writer->on_gpu)
        status = vanon_cuda_adopt(writer->borrowed, writer->gpu_frames);
    if (!status)
        status = set_time(writer, writer->borrowed, time_base);
    if (!status && writer->convert) {
        picture = vanon_convert_run(writer->convert, writer->borrowed);
        status = picture ? VANON_OK : VANON_ERR_MEMORY;
    }
    if (!status)
        status = encode(writer, picture);
    av_frame_unref(writer->borrowed);
    return status;
}

static int write_frame(vanon_writer *writer, vanon_frame **frame)
{
    int status = check_frame(writer, *frame);

    if (!status && !writer->frames)
        status = prepare_turning(writer, *frame);
    if (!status && !writer->frames)
        status = prepare_gpu(writer, *frame);
    if (!status)
        status = settle_memory(writer, frame);
    if (!status && writer->pool)
        status = turn(writer, frame);
    if (!status && !writer->frames)
        status = prepare_conversion(writer, *frame);
    if (!status)
        status = convert_and_encode(writer, frame);
    return status;
}

static int sum_up_frame(vanon_writer *writer, vanon_frame **frame)
{
    int status = settle_memory(writer, frame);

    if (!status)
        vanon_sink_frame(writer->sink, *frame);
    return status;
}

int vanon_writer_frame(vanon_writer *writer, vanon_frame **frame)
{
    if (!writer->failed)
        writer->failed = writer->sink ? sum_up_frame(writer, frame) : write_frame(writer, frame);
    vanon_frame_unref(frame);
    writer->frames += !writer->failed;
    return writer->failed;
}

int vanon_writer_packet(vanon_writer *writer, AVPacket **packet)
{
    AVRational time_base;
    int from = (*packet)->stream_index, status = VANON_OK;
    int stream = vanon_plan_stream(writer->plan, from, &time_base);
    int64_t zero;

    if (stream < 0) {
        av_packet_free(packet);
        return VANON_OK;
    }
    zero = av_rescale_q(writer->zero, writer->tick, time_base);
    if ((*packet)->pts != AV_NOPTS_VALUE)
        (*packet)->pts -= zero;
    if ((*packet)->dts != AV_NOPTS_VALUE)
        (*packet)->dts -= zero;
    if (writer->sound[from]) {
        status = vanon_sound_write(writer->sound[from], *packet);
        av_packet_free(packet);
        return status;
    }
    (*packet)->stream_index = stream;
    (*packet)->time_base = time_base;
    return vanon_mux_write(writer->mux, packet);
}

static AVRational last_duration(const vanon_writer *writer)
{
    int64_t ticks = FFMIN(writer->next_pts - writer->last_pts, INT32_MAX);
    AVRational duration;

    av_reduce(&duration.num, &duration.den, ticks * writer->like.time_base.num,
              writer->like.time_base.den, INT32_MAX);
    return duration;
}

int vanon_writer_complete(vanon_writer *writer)
{
    int status;

    if (writer->failed || writer->complete)
        return writer->failed;
    if (!writer->frames)
        return vanon_fail(writer->log, VANON_ERR_INPUT, "output %s: there was no frame to write",
                          writer->path);
    writer->complete = true;
    if (writer->sink) {
        vanon_sink_finish(writer->sink, writer->md5);
        return VANON_OK;
    }
    status = vanon_encoder_send(writer->encoder, NULL);
    if (!status)
        status = write_packets(writer);
    for (size_t i = 0; i < writer->sounds && !status; i++)
        if (writer->sound[i])
            status = vanon_sound_write(writer->sound[i], NULL);
    vanon_container_set_last(vanon_mux_format(writer->mux), last_duration(writer));
    writer->failed = status ? status : vanon_mux_complete(writer->mux);
    return writer->failed;
}

const char *vanon_writer_file(const vanon_writer *writer)
{
    return writer->mux ? vanon_mux_file(writer->mux) : NULL;
}

int vanon_writer_finish(vanon_writer *writer)
{
    int status = vanon_writer_complete(writer);

    return status || !writer->mux ? status : vanon_mux_finish(writer->mux);
}

const struct vanon_media_notes *vanon_writer_notes(const vanon_writer *writer)
{
    return &writer->notes;
}

const char *vanon_writer_encoder(const vanon_writer *writer)
{
    if (!writer->frames)
        return "";
    return writer->sink ? "md5" : writer->encoding.codec->name;
}

const char *vanon_writer_md5(const vanon_writer *writer)
{
    return writer->md5;
}

bool vanon_writer_takes_cuda(const vanon_options *options)
{
    const AVCodec *codec = vanon_encoder_by_name(options->codec);

    return codec && vanon_cuda_encodes(codec);
}
