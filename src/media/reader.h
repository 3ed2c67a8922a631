/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file, device or URL to frames with their own time stamps, and the packets of everything that is
 * copied.
 *
 * Order of calls: create; read until VANON_ERR_EOF or an error; destroy. Thread-safety: one thread
 * at a time, but for vanon_reader_interrupt.
 */
#ifndef VANON_MEDIA_READER_H
#define VANON_MEDIA_READER_H

#include <vanon/frame.h>

#include "media/media.h"
#include "options/options.h"

struct AVBufferRef;
struct AVFormatContext;
struct AVPacket;

typedef struct vanon_reader vanon_reader;

/* What is known before the first frame. */
struct vanon_reader_info {
    const char *format; /* libav*'s name of the container */
    const char *codec;
    bool still;                           /* one picture, not a video */
    int width, height;                    /* coded */
    vanon_rational time_base, frame_rate; /* frame_rate: as told, though frames may be missing or
                                             uneven; 0/1: not known, or known to vary */
    int64_t total_frames;                 /* as told or suggested; 0: not known */
    double duration;                      /* seconds; 0: not known */
    double beginning; /* of the whole video, in seconds on the input's clock: there options->start
                         and other times of the options count from */
    int plays;        /* how often an animated picture is shown; 0: without end; -1: not told */
    int64_t bit_rate;
    const char *conversion; /* "pal8 to rgba": the decoder's format is not in our table, and frames
                               are handed out in one that says the same; "": they are as decoded.
                               Known with the first frame */
    bool limited;           /* only a part is read, as options->start and ->duration say */
    int64_t zero, last;     /* where its own time begins, and behind it, in time_base on the input's
                               clock; last is INT64_MAX where it is open. All: 0, INT64_MAX */
};

/*
 * Opens options->input, finds its video stream (the best one that is no cover picture) and makes
 * its decoder. VANON_ERR_IO: missing or unreadable; VANON_ERR_INPUT: empty, no media, no video
 * stream, or (with on_error = stop) shorter than its own index says; VANON_ERR_UNSUPPORTED: no
 * decoder, a pixel format that can't be handled, a turn by an odd angle. Messages name the file.
 *
 * With options->start or ->duration, which count from the video stream's beginning, only a part is
 * read: frames and packets that begin in it. Without a start its time is the input's own, from 0 at
 * the latest. frame->number counts from 0 in the part; time stamps stay the input's own. Total
 * frames and duration in the info are the part's.
 *
 * A local input is read alone: lists of other files (concat, HLS, SDP) are refused, names are taken
 * literally but for "file:" and "scheme://".
 */
int vanon_reader_create(vanon_reader **out, const vanon_options *options, const vanon_log *log);
void vanon_reader_destroy(vanon_reader **reader);

/*
 * Decodes on GPU `number` of NVIDIA's what it can: frames are in its memory then
 * (VANON_MEMORY_CUDA). Before the first read. What the GPU can't decode is decoded as without it;
 * with options->hwdec = cuda that is an error, VANON_ERR_UNSUPPORTED, here or when it shows. The
 * GPU does not tell of damage inside pictures: frames are marked only for what container, headers
 * and references tell.
 */
int vanon_reader_decode_on_gpu(vanon_reader *reader, int number);

/* The GPU that vanon_reader_decode_on_gpu opened, as libav* has it; NULL: none. */
struct AVBufferRef *vanon_reader_gpu(const vanon_reader *reader);

/* Where frames are decoded, "cuda:0" or "cpu", known with the first one (until then "", as without
 * vanon_reader_decode_on_gpu), and why not on the GPU ("": they are). */
void vanon_reader_place(const vanon_reader *reader, const char **place, const char **why_not);

const struct vanon_reader_info *vanon_reader_get_info(const vanon_reader *reader);

/*
 * Reads on: exactly one of `*frame` (read-only, with DAMAGED where the decoder or demuxer says so)
 * and `*packet` (of another stream; the caller frees it with vanon_packet_free) is set on VANON_OK.
 * VANON_ERR_EOF: all is read; VANON_ERR_INPUT: the file ends too early, or had no frame (in the
 * part) at all;
 * VANON_ERR_DAMAGED: a packet that can't be decoded, or a frame that would be marked, with on_error
 * = stop; VANON_ERR_UNSUPPORTED: a format in the middle that can't be handled; VANON_ERR_CANCELLED;
 * VANON_ERR_IO.
 */
int vanon_reader_read(vanon_reader *reader, vanon_frame **frame, struct AVPacket **packet);

/* Makes a read that waits for input, now or later, return VANON_ERR_CANCELLED. Safe from any
 * thread. */
void vanon_reader_interrupt(vanon_reader *reader);

/* Video packets that gave no frame, and frames marked damaged, so far. */
void vanon_reader_counts(const vanon_reader *reader, uint64_t *packets_lost,
                         uint64_t *frames_damaged);

/* For the writer: the input's streams, and the one that is decoded. */
struct AVFormatContext *vanon_reader_format(const vanon_reader *reader);
int vanon_reader_video_stream(const vanon_reader *reader);

void vanon_packet_free(struct AVPacket **packet);

#endif
