/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_sound.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/audio_fifo.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/av.h"
#include "media/writer_container.h"

#define DRIFT_MAX    0.03 /* seconds: less is rounding of time stamps, more a gap or an overlap */
#define PCM_SAMPLES  1024 /* in a packet, where the codec does not say */
#define BIT_RATE     32000
#define CHANNEL_RATE 64000 /* bits a second: 96 kbit/s for mono, 160 for stereo, 416 for 5.1 */

struct vanon_sound {
    const vanon_log *log;
    const char *path;
    vanon_mux *mux;
    int stream, source_stream;
    bool mute;
    bool warned; /* that a packet could not be decoded */
    AVCodecContext *decoder, *encoder;
    AVFrame *decoded;
    AVFrame *like; /* how the samples lie that the resampler takes */
    struct SwrContext *resampler;
    AVFrame *converted; /* room for what comes out of it */
    AVAudioFifo *queue; /* in the encoder's format, as all below it */
    AVFrame *piece;     /* what the encoder gets next */
    /* All in samples of the encoder's rate. */
    int64_t first;   /* the first one's time; AV_NOPTS_VALUE before it */
    int64_t queued;  /* how many went into the queue, ever */
    int64_t encoded; /* how many of them were given to the encoder */
    int64_t overlap; /* still to be left out: they were heard before */
};

enum AVCodecID vanon_sound_silence(const AVOutputFormat *container)
{
    static const enum AVCodecID usual[] = {AV_CODEC_ID_AAC, AV_CODEC_ID_OPUS, AV_CODEC_ID_PCM_S16LE,
                                           AV_CODEC_ID_MP2};
    size_t i = 0;

    if (!strcmp(container->name, "avi")) /* has no place for an encoder's delay */
        return AV_CODEC_ID_PCM_S16LE;
    while (i < VANON_COUNT(usual) && !vanon_container_holds(container, usual[i]))
        i++;
    return i < VANON_COUNT(usual) ? usual[i] : AV_CODEC_ID_NONE;
}

static int refuse(const vanon_sound *sound, const char *what, const char *name)
{
    return vanon_fail(sound->log, VANON_ERR_UNSUPPORTED,
                      "output %s: the sound of stream %d can't be converted: %s %s; --audio copy "
                      "and drop leave it as it is, or out",
                      sound->path, sound->source_stream, what, name);
}

static int open_decoder(vanon_sound *sound, const AVStream *source)
{
    const AVCodec *codec = avcodec_find_decoder(source->codecpar->codec_id);

    if (!codec)
        return refuse(sound, "there is no decoder for",
                      avcodec_get_name(source->codecpar->codec_id));
    sound->decoder = avcodec_alloc_context3(codec);
    if (!sound->decoder || avcodec_parameters_to_context(sound->decoder, source->codecpar) < 0)
        return VANON_ERR_MEMORY;
    sound->decoder->pkt_timebase = source->time_base;
    if (avcodec_open2(sound->decoder, codec, NULL) < 0)
        return refuse(sound, "it can't be read by the decoder", codec->name);
    return VANON_OK;
}

/* The same rate, else the next higher one that the encoder has, else its highest. */
static int choose_rate(const AVCodec *codec, int rate)
{
    int best = 0;

    if (!codec->supported_samplerates)
        return rate;
    for (const int *p = codec->supported_samplerates; *p; p++)
        if (best < rate ? *p > best : *p >= rate && *p < best)
            best = *p;
    return best;
}

static const AVCodec *find_encoder(enum AVCodecID id)
{
    return id == AV_CODEC_ID_OPUS ? avcodec_find_encoder_by_name("libopus")
                                  : avcodec_find_encoder(id);
}

/* The source's channels. AAC's own five and six are those with speakers at the back; speakers at
 * the sides make no difference but for players, of which not all know any others. */
static int choose_channels(AVChannelLayout *to, const AVChannelLayout *from)
{
    static const AVChannelLayout side[] = {AV_CHANNEL_LAYOUT_5POINT0, AV_CHANNEL_LAYOUT_5POINT1};
    static const AVChannelLayout back[] = {AV_CHANNEL_LAYOUT_5POINT0_BACK,
                                           AV_CHANNEL_LAYOUT_5POINT1_BACK};

    for (size_t i = 0; i < VANON_COUNT(side); i++)
        if (!av_channel_layout_compare(from, &side[i]))
            return av_channel_layout_copy(to, &back[i]);
    if (from->order != AV_CHANNEL_ORDER_UNSPEC)
        return av_channel_layout_copy(to, from);
    av_channel_layout_default(to, from->nb_channels);
    return 0;
}

static int set_up_encoder(AVCodecContext *encoder, const AVCodecContext *decoder)
{

    encoder->flags |= AV_CODEC_FLAG_BITEXACT; /* names no encoder */
    encoder->sample_rate = choose_rate(encoder->codec, decoder->sample_rate);
    encoder->sample_fmt =
        encoder->codec->sample_fmts ? encoder->codec->sample_fmts[0] : AV_SAMPLE_FMT_S16;
    encoder->time_base = (AVRational){1, encoder->sample_rate};
    encoder->bit_rate = BIT_RATE + (int64_t)CHANNEL_RATE * decoder->ch_layout.nb_channels;
    return choose_channels(&encoder->ch_layout, &decoder->ch_layout) < 0 ? VANON_ERR_MEMORY
                                                                         : VANON_OK;
}

static int open_encoder(vanon_sound *sound, const struct vanon_sound_params *params)
{
    const AVCodec *codec = find_encoder(params->codec);
    const AVOutputFormat *container = vanon_mux_format(params->mux)->oformat;
    int status;

    if (!codec)
        return refuse(sound, "there is no encoder for", avcodec_get_name(params->codec));
    if (sound->decoder->sample_rate <= 0 || sound->decoder->ch_layout.nb_channels <= 0)
        return refuse(sound, "its rate or channels are not known to", sound->decoder->codec->name);
    sound->encoder = avcodec_alloc_context3(codec);
    if (!sound->encoder)
        return VANON_ERR_MEMORY;
    if (container->flags & AVFMT_GLOBALHEADER)
        sound->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    status = set_up_encoder(sound->encoder, sound->decoder);
    if (status)
        return status;
    if (avcodec_open2(sound->encoder, codec, NULL) < 0)
        return refuse(sound, "its rate or channels are too much for", codec->name);
    params->target->time_base = sound->encoder->time_base;
    return avcodec_parameters_from_context(params->target->codecpar, sound->encoder) < 0
               ? VANON_ERR_MEMORY
               : VANON_OK;
}

static int samples_of_packet(const vanon_sound *sound)
{
    return sound->encoder->frame_size > 0 ? sound->encoder->frame_size : PCM_SAMPLES;
}

/* Makes room for at least so many samples in the encoder's format. */
static int make_room(const vanon_sound *sound, AVFrame *frame, int samples)
{
    if (frame->nb_samples >= samples && av_frame_is_writable(frame))
        return VANON_OK;
    av_frame_unref(frame);
    frame->format = sound->encoder->sample_fmt;
    frame->sample_rate = sound->encoder->sample_rate;
    frame->nb_samples = samples;
    if (av_channel_layout_copy(&frame->ch_layout, &sound->encoder->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        return VANON_ERR_MEMORY;
    return VANON_OK;
}

int vanon_sound_create(vanon_sound **out, const struct vanon_sound_params *params)
{
    vanon_sound *sound = calloc(1, sizeof *sound);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!sound)
        return VANON_ERR_MEMORY;
    sound->log = params->log;
    sound->path = params->path;
    sound->mux = params->mux;
    sound->mute = params->mute;
    sound->stream = params->target->index;
    sound->source_stream = params->source->index;
    sound->first = AV_NOPTS_VALUE;
    sound->decoded = av_frame_alloc();
    sound->like = av_frame_alloc();
    sound->converted = av_frame_alloc();
    sound->piece = av_frame_alloc();
    if (sound->decoded && sound->like && sound->converted && sound->piece)
        status = open_decoder(sound, params->source);
    if (!status)
        status = open_encoder(sound, params);
    if (!status) {
        sound->queue =
            av_audio_fifo_alloc(sound->encoder->sample_fmt, sound->encoder->ch_layout.nb_channels,
                                samples_of_packet(sound));
        status = sound->queue ? VANON_OK : VANON_ERR_MEMORY;
    }
    if (status)
        vanon_sound_destroy(&sound);
    *out = sound;
    return status;
}

void vanon_sound_destroy(vanon_sound **pointer)
{
    vanon_sound *sound = *pointer;

    if (!sound)
        return;
    avcodec_free_context(&sound->decoder);
    avcodec_free_context(&sound->encoder);
    swr_free(&sound->resampler);
    av_audio_fifo_free(sound->queue);
    av_frame_free(&sound->decoded);
    av_frame_free(&sound->like);
    av_frame_free(&sound->converted);
    av_frame_free(&sound->piece);
    free(sound);
    *pointer = NULL;
}

static int fail_encoding(const vanon_sound *sound, int result)
{
    if (result == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    return vanon_fail(sound->log, VANON_ERR_UNSUPPORTED,
                      "output %s: the sound of stream %d can't be encoded: %s", sound->path,
                      sound->source_stream, av_err2str(result));
}

/* Gives the encoder a piece (NULL: none follows) and writes what it has ready. */
static int encode(vanon_sound *sound, const AVFrame *piece)
{
    int result = avcodec_send_frame(sound->encoder, piece), status = VANON_OK;

    if (result < 0)
        return fail_encoding(sound, result);
    while (!status) {
        AVPacket *packet = av_packet_alloc();

        if (!packet)
            return VANON_ERR_MEMORY;
        result = avcodec_receive_packet(sound->encoder, packet);
        if (result < 0) {
            av_packet_free(&packet);
            return result == AVERROR(EAGAIN) || result == AVERROR_EOF
                       ? VANON_OK
                       : fail_encoding(sound, result);
        }
        packet->stream_index = sound->stream;
        packet->time_base = sound->encoder->time_base;
        status = vanon_mux_write(sound->mux, &packet);
    }
    return status;
}

/* Encodes what fills packets; with `all` the rest as well. */
static int encode_queue(vanon_sound *sound, bool all)
{
    int whole = samples_of_packet(sound), ready, status = VANON_OK;

    while (!status && (ready = FFMIN(av_audio_fifo_size(sound->queue), whole)) > 0) {
        if (ready < whole && !all)
            return VANON_OK;
        status = make_room(sound, sound->piece, whole);
        if (status)
            return status;
        if (av_audio_fifo_read(sound->queue, (void **)sound->piece->extended_data, ready) < ready)
            return VANON_ERR_MEMORY;
        sound->piece->nb_samples = ready;
        sound->piece->pts = sound->first + sound->encoded;
        sound->encoded += ready;
        status = encode(sound, sound->piece);
    }
    return status;
}

/* Moves so many converted samples into the queue, but for those that were heard before. */
static int enqueue(vanon_sound *sound, int samples)
{
    AVFrame *from = sound->converted;
    int skipped = (int)FFMIN(sound->overlap, samples), channels = from->ch_layout.nb_channels;

    sound->overlap -= skipped;
    samples -= skipped;
    if (sound->mute)
        av_samples_set_silence(from->extended_data, 0, samples, channels, from->format);
    else if (skipped)
        av_samples_copy(from->extended_data, from->extended_data, 0, skipped, samples, channels,
                        from->format);
    if (av_audio_fifo_write(sound->queue, (void **)from->extended_data, samples) < samples)
        return VANON_ERR_MEMORY;
    sound->queued += samples;
    return encode_queue(sound, false);
}

static int add_silence(vanon_sound *sound, int64_t samples)
{
    int whole = samples_of_packet(sound), status = VANON_OK;

    while (!status && samples > 0) {
        int some = (int)FFMIN(samples, whole);

        status = make_room(sound, sound->converted, whole);
        if (status)
            return status;
        av_samples_set_silence(sound->converted->extended_data, 0, some,
                               sound->encoder->ch_layout.nb_channels, sound->encoder->sample_fmt);
        status = enqueue(sound, some);
        samples -= some;
    }
    return status;
}

/* Resamples a frame (NULL: what the resampler still holds) into the queue. */
static int resample(vanon_sound *sound, const AVFrame *frame)
{
    int room = swr_get_out_samples(sound->resampler, frame ? frame->nb_samples : 0), got, status;

    if (room <= 0)
        return VANON_OK;
    status = make_room(sound, sound->converted, room);
    if (status)
        return status;
    got = swr_convert(
        sound->resampler, sound->converted->extended_data, sound->converted->nb_samples,
        frame ? (const uint8_t **)frame->extended_data : NULL, frame ? frame->nb_samples : 0);
    return got < 0 ? fail_encoding(sound, got) : enqueue(sound, got);
}

/* Empties the resampler, which must be prepared anew then. */
static int drain_resampler(vanon_sound *sound)
{
    int status = sound->resampler ? resample(sound, NULL) : VANON_OK;

    swr_free(&sound->resampler);
    return status;
}

static bool is_like(const AVFrame *a, const AVFrame *b)
{
    return a->format == b->format && a->sample_rate == b->sample_rate &&
           !av_channel_layout_compare(&a->ch_layout, &b->ch_layout);
}

/* Makes a resampler for frames like this one. */
static int prepare_resampler(vanon_sound *sound, const AVFrame *frame)
{
    AVCodecContext *encoder = sound->encoder;
    AVChannelLayout layout = {0};
    int result, status;

    if (sound->resampler && is_like(sound->like, frame))
        return VANON_OK;
    status = drain_resampler(sound);
    if (status)
        return status;
    av_frame_unref(sound->like);
    sound->like->format = frame->format;
    sound->like->sample_rate = frame->sample_rate;
    if (av_channel_layout_copy(&sound->like->ch_layout, &frame->ch_layout) < 0)
        return VANON_ERR_MEMORY;
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&layout, frame->ch_layout.nb_channels);
    else if (av_channel_layout_copy(&layout, &frame->ch_layout) < 0)
        return VANON_ERR_MEMORY;
    result = swr_alloc_set_opts2(&sound->resampler, &encoder->ch_layout, encoder->sample_fmt,
                                 encoder->sample_rate, &layout, frame->format, frame->sample_rate,
                                 0, NULL);
    av_channel_layout_uninit(&layout);
    if (result >= 0)
        result = swr_init(sound->resampler);
    return result < 0 ? fail_encoding(sound, result) : VANON_OK;
}

/* Makes the queue end where the frame starts. */
static int meet_time(vanon_sound *sound, const AVFrame *frame)
{
    int rate = sound->encoder->sample_rate, status;
    int64_t pts = frame->best_effort_timestamp, time, gap;

    if (pts == AV_NOPTS_VALUE && sound->first != AV_NOPTS_VALUE)
        return VANON_OK;
    time = pts == AV_NOPTS_VALUE
               ? 0
               : av_rescale_q(pts, sound->decoder->pkt_timebase, (AVRational){1, rate});
    if (sound->first == AV_NOPTS_VALUE) {
        sound->first = time;
        return VANON_OK;
    }
    gap = time - (sound->first + sound->queued + swr_get_delay(sound->resampler, rate));
    if (llabs(gap) <= (int64_t)(DRIFT_MAX * rate))
        return VANON_OK;
    if (gap < 0) {
        sound->overlap = -gap;
        return VANON_OK;
    }
    status = drain_resampler(sound);
    if (!status)
        status = add_silence(sound, time - sound->first - sound->queued);
    return status ? status : prepare_resampler(sound, frame);
}

static int take_frame(vanon_sound *sound, const AVFrame *frame)
{
    int status = prepare_resampler(sound, frame);

    if (!status)
        status = meet_time(sound, frame);
    return status ? status : resample(sound, frame);
}

static int note_damage(vanon_sound *sound, int result)
{
    if (result == AVERROR(ENOMEM))
        return VANON_ERR_MEMORY;
    if (!sound->warned)
        vanon_warn(sound->log,
                   "the sound of stream %d is damaged in places (%s): there will be silence",
                   sound->source_stream, av_err2str(result));
    sound->warned = true;
    return VANON_OK;
}

static int take_frames(vanon_sound *sound)
{
    int status = VANON_OK;

    while (!status) {
        int result = avcodec_receive_frame(sound->decoder, sound->decoded);

        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return VANON_OK;
        status = result < 0 ? note_damage(sound, result) : take_frame(sound, sound->decoded);
        av_frame_unref(sound->decoded);
    }
    return status;
}

static int finish(vanon_sound *sound)
{
    int status = drain_resampler(sound);

    if (!status)
        status = encode_queue(sound, true);
    return status ? status : encode(sound, NULL);
}

int vanon_sound_write(vanon_sound *sound, const AVPacket *packet)
{
    int result = avcodec_send_packet(sound->decoder, packet), status = VANON_OK;

    if (result < 0 && result != AVERROR_EOF)
        status = note_damage(sound, result);
    if (!status)
        status = take_frames(sound);
    return status || packet ? status : finish(sound);
}
