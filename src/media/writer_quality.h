/* SPDX-License-Identifier: Apache-2.0 */
/* What the options preset and crf mean for each encoder, and what it gets where they are left out.
 * Constant, thread-safe. */
#ifndef VANON_MEDIA_WRITER_QUALITY_H
#define VANON_MEDIA_WRITER_QUALITY_H

#include <libavcodec/avcodec.h>

#include "options/options.h"

/* VANON_ERR_OPTION: the encoder has no presets, not this one, or no such quality; the message names
 * what it has. */
int vanon_quality_check(const AVCodec *codec, const vanon_options *options, const vanon_log *log);

/* Sets up an encoder that is not open yet, for frames like `picture`. VANON_ERR_OPTION, as above.
 */
int vanon_quality_set(AVCodecContext *context, const AVFrame *picture, const vanon_options *options,
                      const vanon_log *log);

#endif
