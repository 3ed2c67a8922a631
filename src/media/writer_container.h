/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer has to know of containers. libav* tells much of it, not all. Constant,
 * thread-safe. */
#ifndef VANON_MEDIA_WRITER_CONTAINER_H
#define VANON_MEDIA_WRITER_CONTAINER_H

#include <stdbool.h>

#include <libavformat/avformat.h>

#include <vanon/status.h>

/* The container that a file of this name gets. VANON_ERR_OPTION: none, or one without video, or of
 * several files; the message names the usual ones. */
int vanon_container_find(const AVOutputFormat **out, const char *path, const vanon_log *log);

/* The container that `name` says, or where that is "" the file's own ending; a pipe ("-") needs the
 * name, and a container that never goes back. VANON_ERR_OPTION as above. */
int vanon_container_choose(const AVOutputFormat **out, const char *path, const char *name,
                           const vanon_log *log);

/* What writes it: itself, but for a single picture, which libav* names after the file sequences it
 * may be part of. */
const AVOutputFormat *vanon_container_muxer(const AVOutputFormat *container);

/* For one picture: WebP's own muxer is for those that move. */
const AVOutputFormat *vanon_container_of_still(const AVOutputFormat *container);

/* For a video: a .png made from an animated PNG is one, too. */
const AVOutputFormat *vanon_container_of_moving(const AVOutputFormat *container, const char *path,
                                                const AVInputFormat *input);

/* True for PNG, JPEG and their like: one frame, no more. */
bool vanon_container_is_picture(const AVOutputFormat *container);

/* True where a stream of that codec can be written so that it can be read again. */
bool vanon_container_holds(const AVOutputFormat *container, enum AVCodecID codec);

/* True where sound of so many samples a second can be written. */
bool vanon_container_takes_rate(const AVOutputFormat *container, int rate);

/* True for MP4 and its family: a display matrix turns the picture, and timed metadata can be
 * written. */
bool vanon_container_is_mp4(const AVOutputFormat *container);

/* True where frames lie on a grid of equal durations (AVI). */
bool vanon_container_is_fixed_rate(const AVOutputFormat *container);

/* True where frames may be stored in another order than shown without moving all time stamps. */
bool vanon_container_reorders(const AVOutputFormat *container);

/* Makes an animated picture play so often (0 or -1: without end), before its header is written.
 * Does nothing to others. */
void vanon_container_set_plays(AVFormatContext *output, int plays);

/* Says how long an animated picture shows its last frame, before its end is written: its muxer
 * would take the time of the frame before. Does nothing to others. */
void vanon_container_set_last(AVFormatContext *output, AVRational seconds);

bool vanon_container_has_chapters(const AVOutputFormat *container);

/* True where the stream's HDR metadata stand in the container itself. */
bool vanon_container_keeps_hdr(const AVOutputFormat *container);

/* The formats of raw video that it can name, as ffmpeg spells them, with commas; NULL: all. */
const char *vanon_container_raw_formats(const AVOutputFormat *container);

#endif
