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

/* Threads for a decoder or encoder: as many as there are processors for us, but not above `most`.
 */
int vanon_av_threads(int cpu_threads, int most);

/* Ours for libav*'s; the "yuvj" formats are their plain twins (the range is told elsewhere).
 * VANON_PIXEL_NONE: not in our table. */
enum vanon_pixel_format vanon_av_pixel_format(enum AVPixelFormat format);

/* The format of a frame's samples: of one in a device's memory that of what lies there. */
enum AVPixelFormat vanon_av_samples(const AVFrame *av);

/* libav*'s for ours. */
enum AVPixelFormat vanon_av_pixel_format_of(enum vanon_pixel_format format);

/*
 * Makes frames around decoded ones, and keeps what it needs for that (structs, not samples) for the
 * next. It lives until its owner destroyed it and its last frame and side data are released.
 * Thread-safety: safe.
 */
typedef struct vanon_av_pool vanon_av_pool;

/* VANON_ERR_MEMORY. */
int vanon_av_pool_create(vanon_av_pool **out);
void vanon_av_pool_destroy(vanon_av_pool **pool);

/*
 * Wraps a decoded frame, which is taken over on VANON_OK (the AVFrame is moved from and blank
 * afterwards). `about` gives number, time_base, rotation, mirrored, flags (KEY is added where the
 * decoder says so) and sar (of the stream: for frames that don't know theirs); all else is the
 * decoded frame's: pts is its best_effort_timestamp. The samples go back to the decoder with the
 * last owner of the frame; side data lives as long as `side` is referenced. A frame of
 * AV_PIX_FMT_CUDA becomes one of VANON_MEMORY_CUDA, ready with the device's legacy default stream.
 * VANON_ERR_UNSUPPORTED: a pixel format that is not in our table; VANON_ERR_ARGUMENT: a size that
 * frame.h does not allow; VANON_ERR_MEMORY.
 */
int vanon_av_wrap(vanon_av_pool *pool, AVFrame *decoded, const vanon_frame *about,
                  vanon_frame **out);

/*
 * Points `av` (blank) at a frame's samples without a copy; the AVFrame owns the vanon_frame from
 * then on (`*frame` is nulled) and lets go when it is unreferenced. Side data that may go into an
 * output (HDR metadata, never captions or user data) is attached. Of a frame of VANON_MEMORY_CUDA
 * an AV_PIX_FMT_CUDA comes out that lacks its hw_frames_ctx. VANON_ERR_MEMORY.
 */
int vanon_av_borrow(AVFrame *av, vanon_frame **frame);

/* Clockwise turns and mirroring of a display matrix (libav*'s 3x3), as vanon_frame has them.
 * VANON_ERR_UNSUPPORTED: no multiple of 90 degrees. */
int vanon_av_orientation(const int32_t matrix[9], int *rotation, bool *mirrored);

#endif
