/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoder: which one, how it is set up, pictures in and packets out with their own times. One
 * thread at a time.
 */
#ifndef VANON_MEDIA_WRITER_ENCODER_H
#define VANON_MEDIA_WRITER_ENCODER_H

#include "media/av.h"
#include "media/writer_convert.h"
#include "options/options.h"

typedef struct vanon_encoder vanon_encoder;

struct vanon_encoder_params {
    const AVCodec *codec;
    const AVOutputFormat *container;
    const AVStream *source; /* the input's video stream, for its HDR metadata */
    AVRational frame_rate;  /* 0/1: not known, or variable */
    const vanon_options *options;
    const char *path; /* of the output, for messages */
    const vanon_log *log;
};

/* The video encoder that a word means: a codec's usual one, or itself. NULL: none here. */
const AVCodec *vanon_encoder_by_name(const char *name);

/*
 * The encoder that options->codec names, for the container. VANON_ERR_OPTION: no such codec or
 * encoder, or the preset, crf or pixel_format is none of it; VANON_ERR_UNSUPPORTED: the container
 * can't hold it.
 */
int vanon_encoder_find(const AVCodec **out, const AVOutputFormat *container,
                       const vanon_options *options, const char *path, const vanon_log *log);

/*
 * The format in which frames like `like` are encoded. `params->codec` may become another encoder of
 * the same codec (RGB into H.264). `*yuv` is what YUV means to it.
 * VANON_ERR_UNSUPPORTED with a message: none fits.
 */
int vanon_encoder_choose_format(struct vanon_encoder_params *params, const vanon_frame *like,
                                enum AVPixelFormat *format, enum vanon_yuv *yuv);

/*
 * Opens the encoder for pictures like `first`, whose times are in `time_base`.
 * VANON_ERR_UNSUPPORTED: it can't take them, or the container needs a frame rate that the input
 * does not tell; VANON_ERR_OPTION: not these options.
 */
int vanon_encoder_create(vanon_encoder **out, const struct vanon_encoder_params *params,
                         const AVFrame *first, AVRational time_base);
void vanon_encoder_destroy(vanon_encoder **encoder);

/* True where an encoder for such a stream can be opened: finds what it refuses before anything is
 * decoded. Errors as vanon_encoder_create. */
int vanon_encoder_try(const struct vanon_encoder_params *params);

const AVCodecContext *vanon_encoder_context(const vanon_encoder *encoder);

/* Gives a picture, which stays the caller's (its pts is changed); NULL: none follows.
 * VANON_ERR_UNSUPPORTED: the encoder failed; VANON_ERR_MEMORY. */
int vanon_encoder_send(vanon_encoder *encoder, AVFrame *picture);

/* Takes a packet, with its picture's own pts and duration, in the time base of the pictures.
 * VANON_ERR_AGAIN, VANON_ERR_EOF; VANON_ERR_INTERNAL: a picture got no packet. */
int vanon_encoder_receive(vanon_encoder *encoder, AVPacket *packet);

/* Removes SEI messages with free text, where x264 puts its settings. */
void vanon_strip_user_data(AVPacket *packet);

#endif
