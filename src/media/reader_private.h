/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader's files share. reader.c owns the struct; each of the others has one task. */
#ifndef VANON_MEDIA_READER_PRIVATE_H
#define VANON_MEDIA_READER_PRIVATE_H

#include <stdatomic.h>

#include "media/av.h"
#include "media/reader.h"

#define VANON_UNDAMAGED INT64_MAX

/* Which packets are not to be trusted. Packets are numbered in the order in which the decoder gets
 * them, which is not that in which frames come out. */
struct vanon_damage {
    int64_t first, last; /* packets; first is VANON_UNDAMAGED where all is well */
    bool told;
};

/* Frames of formats that are not in our table, as one that says the same. */
struct vanon_converter {
    struct SwsContext *scaler;
    enum AVPixelFormat from, to;
    int width, height;
    char text[64]; /* "pal8 to rgba"; "" while nothing was converted */
};

struct vanon_reader {
    const vanon_log *log;
    char *name; /* as the user gave it */
    enum vanon_on_error on_error;
    int threads; /* of the decoder; 0: as many as there are processors */
    struct vanon_reader_info info;
    atomic_bool interrupted;

    AVIOContext *io; /* ours for local files, which libav* does not open by itself; else NULL */
    AVFormatContext *format;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *decoded, *converted;
    vanon_av_pool *pool;
    struct vanon_converter converter;

    int rotation; /* the last that stream or frames told */
    bool mirrored;

    bool at_end;        /* no more packets: the decoder is drained */
    int finished;       /* what every further read returns; VANON_OK while it goes on */
    bool starts_inside; /* the first packet is no key: frames that lack a reference are left out */
    bool interlaced_seen; /* packets may be single fields */
    bool time_warned;
    bool cut_told; /* that the file is cut off */
    unsigned complaints;
    int64_t next_pts; /* the least that the next frame may have; VANON_NO_PTS before the first */
    int64_t expected_pts;               /* what it has if it does not say */
    int64_t packets, packets_discarded; /* given to the decoder; of them, not to be shown */
    uint64_t frames, packets_lost, frames_damaged;
    struct vanon_damage damage;
    bool ffv1_checked; /* the stream is FFV1 with checksums */
};

/* reader_open.c: opens reader->name (io, format) and finds its streams. As vanon_reader_create. */
int vanon_reader_open_input(vanon_reader *reader);
void vanon_reader_close_input(vanon_reader *reader);

/* reader_file.c: opens a file or pipe of this machine, into reader->io. VANON_ERR_IO: it can't be
 * opened, or is a folder; VANON_ERR_INPUT: it is empty; VANON_ERR_MEMORY. */
int vanon_reader_open_file(vanon_reader *reader, const char *path);
void vanon_reader_close_file(vanon_reader *reader);

/* reader_open.c: the stream to anonymise, into reader->stream. VANON_ERR_INPUT: there is none. */
int vanon_reader_choose_stream(vanon_reader *reader);

/*
 * reader_whole.c: complains (VANON_ERR_INPUT) where the file is shorter than its own index or
 * header says; VANON_OK where it isn't, or nothing tells.
 */
int vanon_reader_check_whole(vanon_reader *reader);

/* reader.c: an error with `status`, after "input NAME: "; with on_error = hide a warning and
 * VANON_OK. */
int vanon_reader_complain(vanon_reader *reader, int status, const char *format, ...)
    VANON_PRINTF(3, 4);

/* reader.c: VANON_ERR_UNSUPPORTED, with a message that names the format. */
int vanon_reader_refuse_format(const vanon_reader *reader, enum AVPixelFormat format);

/* reader.c: takes the orientation over. VANON_ERR_UNSUPPORTED with a message. */
int vanon_reader_orient(vanon_reader *reader, const int32_t matrix[9]);

/* reader_decode.c: makes the decoder of reader->stream. VANON_ERR_UNSUPPORTED. */
int vanon_reader_open_decoder(vanon_reader *reader);

/* reader_decode.c: gives reader->packet to the decoder, or with `end` that none follows. */
int vanon_reader_send(vanon_reader *reader, bool end);

/* reader_decode.c: takes the next frame out of the decoder. VANON_ERR_AGAIN, VANON_ERR_EOF; else as
 * vanon_reader_read. */
int vanon_reader_receive(vanon_reader *reader, vanon_frame **frame);

/* reader_ffv1.c: true where a packet's checksums don't fit. `checked` (false before the first
 * packet) remembers whether the stream has any. */
bool vanon_ffv1_is_damaged(const AVPacket *packet, bool *checked);

/* reader_convert.c: what `format` is handed out as, itself or a format that says the same; NONE
 * where it can't be handled. */
enum AVPixelFormat vanon_converter_target(enum AVPixelFormat format);

/* Fills `to` (blank) with the picture of `from` in that format, and all else that `from` says.
 * VANON_ERR_MEMORY. */
int vanon_converter_run(struct vanon_converter *converter, const AVFrame *from, AVFrame *to);
void vanon_converter_free(struct vanon_converter *converter);

#endif
