/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames into a format that the encoder takes, where it can't take theirs. One thread at a time.
 */
#ifndef VANON_MEDIA_WRITER_CONVERT_H
#define VANON_MEDIA_WRITER_CONVERT_H

#include <libavcodec/avcodec.h>

#include "media/av.h"

/*
 * Which of `offered` (ends with AV_PIX_FMT_NONE; NULL: all) frames of format `from` get: itself;
 * else one with the same samples in another order, which loses nothing (`*exact` is true for both);
 * else the one that loses least. AV_PIX_FMT_NONE: none fits.
 */
enum AVPixelFormat vanon_convert_choose(enum AVPixelFormat from, const enum AVPixelFormat *offered,
                                        bool *exact);

typedef struct vanon_convert vanon_convert;

/*
 * Plans the way from frames like `like` to format `to`; `full_range` for YUV that must have it. RGB
 * becomes limited-range YUV, BT.709 from 720 lines on, else BT.601; RGB is made by the frames' own
 * matrix and range. VANON_ERR_UNSUPPORTED, VANON_ERR_MEMORY.
 */
int vanon_convert_create(vanon_convert **out, const vanon_frame *like, enum AVPixelFormat to,
                         bool full_range);
void vanon_convert_destroy(vanon_convert **convert);

/*
 * Makes of `from` (borrowed, see vanon_av_borrow) a picture that is the object's own until the next
 * call; all else that it says comes along, the new colour in place of the old. NULL: no memory.
 */
AVFrame *vanon_convert_run(vanon_convert *convert, const AVFrame *from);

#endif
