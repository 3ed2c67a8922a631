/* SPDX-License-Identifier: Apache-2.0 */
/* Between libav*'s types and ours: formats, errors, frames, side data. For src/media only. */
#ifndef VANON_MEDIA_AV_H
#define VANON_MEDIA_AV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>

#include <vanon/frame.h>
#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/frame.h"

/* An AVERROR as one of our codes: end, memory, exit, no such file, invalid data, anything else of
 * I/O. */
int vanon_av_status(int averror);

/* Ours for libav*'s; the "yuvj" formats are their plain twins (the range is told elsewhere).
 * VANON_PIXEL_NONE: not in our table. */
enum vanon_pixel_format vanon_av_pixel_format(enum AVPixelFormat format);

/* libav*'s for ours. */
enum AVPixelFormat vanon_av_pixel_format_of(enum vanon_pixel_format format);

/*
 * Wraps a decoded frame, which is taken over (the AVFrame is moved from and blank afterwards). Sets
 * all of vanon_frame but number, time_base and flags, which the caller sets in `about` beforehand
 * together with rotation and mirrored. VANON_ERR_UNSUPPORTED, VANON_ERR_MEMORY.
 */
int vanon_av_wrap(vanon_frame_pool *pool, AVFrame *decoded, const vanon_frame *about,
                  vanon_frame **out);

/*
 * Points `av` (blank) at a frame's samples without a copy; the AVFrame owns the vanon_frame from
 * then on (`*frame` is nulled) and lets go when it is unreferenced. Side data that may go into an
 * output (HDR metadata, never captions or user data) is attached. VANON_ERR_MEMORY.
 */
int vanon_av_borrow(AVFrame *av, vanon_frame **frame);

/* Clockwise turns and mirroring of a display matrix (libav*'s 3x3), as vanon_frame has them.
 * VANON_ERR_UNSUPPORTED: no multiple of 90 degrees. */
int vanon_av_orientation(const int32_t matrix[9], int *rotation, bool *mirrored);

#endif
