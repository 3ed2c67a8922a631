/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of every stream, tag and chapter of the input: decided before anything is decoded,
 * written down for the report, then carried out. One thread at a time.
 */
#ifndef VANON_MEDIA_WRITER_PLAN_H
#define VANON_MEDIA_WRITER_PLAN_H

#include <libavformat/avformat.h>

#include "media/media.h"
#include "media/reader.h"
#include "options/options.h"

typedef struct vanon_plan vanon_plan;

/* All but `input` must outlive the plan; `input` is needed until it is carried out, and must not be
 * read on before: that may change its streams. */
struct vanon_plan_params {
    const AVFormatContext *input;
    const struct vanon_reader_info *info;
    int video;                       /* the stream that is anonymised */
    const AVOutputFormat *container; /* NULL: nothing but frames is taken (md5) */
    const vanon_options *options;
    const char *path; /* of the output, for messages */
    const vanon_log *log;
};

/* VANON_ERR_UNSUPPORTED: a stream that is to be copied, and the container can't hold it; the
 * message names it, its codec, and what helps. VANON_ERR_MEMORY. */
int vanon_plan_create(vanon_plan **out, const struct vanon_plan_params *params);
void vanon_plan_destroy(vanon_plan **plan);

/* Makes the output's streams in the input's order, with the codec parameters of those that are
 * copied, and its chapters and tags. VANON_ERR_MEMORY. */
int vanon_plan_carry_out(const vanon_plan *plan, AVFormatContext *output);

/* The output's stream for an input's, and the time base of the input's; -1: it is dropped. */
int vanon_plan_stream(const vanon_plan *plan, int input_stream, AVRational *time_base);

/* The codec that a sound track of the input is converted to (its output stream's parameters are
 * then left open); AV_CODEC_ID_NONE: it is copied, dropped, or no sound. */
enum AVCodecID vanon_plan_sound(const vanon_plan *plan, int input_stream);

/* Belongs to the plan; `conversion` is "". */
const struct vanon_media_notes *vanon_plan_notes(const vanon_plan *plan);

#endif
