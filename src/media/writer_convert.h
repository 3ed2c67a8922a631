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

/* What YUV means to a codec. */
enum vanon_yuv {
    VANON_YUV_TOLD, /* what the stream's colour says */
    VANON_YUV_JPEG, /* always full range and the matrix of BT.601 */
    VANON_YUV_WEBP, /* always limited range and the matrix of BT.601 */
};

/* What frames like `like` lack to be such pictures of format `to`: the name of a pixel format,
 * "full range", "limited range", "BT.601"; NULL: nothing. */
const char *vanon_convert_needed(const vanon_frame *like, enum AVPixelFormat to,
                                 enum vanon_yuv yuv);

/*
 * Plans the way from frames like `like` to format `to`. RGB becomes limited-range YUV, BT.709 from
 * 720 lines on, else BT.601, unless `yuv` says otherwise; RGB is made by the frames' own matrix and
 * range. VANON_ERR_UNSUPPORTED, VANON_ERR_MEMORY.
 */
int vanon_convert_create(vanon_convert **out, const vanon_frame *like, enum AVPixelFormat to,
                         enum vanon_yuv yuv);
void vanon_convert_destroy(vanon_convert **convert);

/*
 * Makes of `from` (borrowed, see vanon_av_borrow) a picture that is the object's own until the next
 * call; all else that it says comes along, the new colour in place of the old. NULL: no memory.
 */
AVFrame *vanon_convert_run(vanon_convert *convert, const AVFrame *from);

#endif
