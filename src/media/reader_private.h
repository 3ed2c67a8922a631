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

/* What is known of a stream that is copied. */
struct vanon_span_stream {
    bool begun;  /* a key frame has come */
    bool passed; /* a packet behind the part has come */
};

/* The part of the input that is read. Its bounds are ticks of the video stream's. */
struct vanon_span {
    bool limited;            /* it is not all of it */
    int64_t start, duration; /* microseconds, as the options have them */
    int64_t first, last;     /* of it, and behind it; last is INT64_MAX where it is open */
    int64_t zero;            /* where the part's own time begins */
    bool entered;
    bool settled;     /* the place in the input is sure to be one before the part */
    bool failed;      /* it is not; only before it is settled */
    bool over;        /* a frame behind the part has come */
    uint64_t skipped; /* frames that were decoded and are not of the part */
    size_t queued, next, capacity;
    AVPacket **queue; /* of other streams, from before it was settled */
    size_t streams, stream_capacity;
    struct vanon_span_stream *stream;
};

/* Decoding on a GPU. */
struct vanon_reader_gpu {
    AVBufferRef *device; /* NULL: frames are decoded on the CPU */
    AVBufferRef *frames; /* the pool that decoded ones are copied to */
    AVFrame *mapped;     /* the decoder's own, of the last frame */
    const char
        *why_not;   /* what the CPU decodes is not decoded there; NULL: nothing is against it */
    char place[16]; /* "cuda:0", "cpu"; "" before the first frame, and without a device */
    bool told;      /* `place` is settled */
};

struct vanon_reader {
    const vanon_log *log;
    char *name;        /* as the user gave it */
    char *format_name; /* of the container; "": its content tells */
    enum vanon_on_error on_error;
    enum vanon_hwdec hwdec;
    struct vanon_reader_gpu gpu;
    int threads; /* of the decoder; 0: as many as there are processors */
    struct vanon_reader_info info;
    atomic_bool interrupted;

    int64_t promised_size; /* as its header says; 0: it says nothing */
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
    struct vanon_span span;
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

/* Remembers for that how long the header says that the input is, and goes back to the beginning,
 * where it has to be. VANON_ERR_IO. */
int vanon_reader_note_promise(vanon_reader *reader);

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

/* reader_cuda.c: makes a decoder that is not open yet decode on the GPU, where there is one and it
 * can. VANON_ERR_MEMORY. */
int vanon_gpu_set_up(struct vanon_reader_gpu *gpu, AVCodecContext *decoder);
void vanon_gpu_free(struct vanon_reader_gpu *gpu);

/* reader_cuda.c: notes where reader->decoded is, and if that is on the GPU makes it one that may be
 * kept. VANON_ERR_UNSUPPORTED: it is not there, but hwdec wants it there; VANON_ERR_INFERENCE;
 * VANON_ERR_MEMORY. */
int vanon_gpu_settle(vanon_reader *reader);

/* reader_span.c: finds the bounds of the part that the options ask for; the input is open. */
/* Where the video begins, in its ticks on the input's clock. */
int64_t vanon_span_beginning(const vanon_reader *reader);

void vanon_span_init(vanon_reader *reader, const vanon_options *options);
void vanon_span_free(struct vanon_span *span);

/* Goes to a place before the part, once; as vanon_span_rewind. */
int vanon_span_enter(vanon_reader *reader);

/* Starts again at the input's beginning, where a search for the part's has failed. As
 * vanon_reader_create. */
int vanon_span_rewind(vanon_reader *reader);

/* Whether a frame (in the order in which they are shown) is of the part. */
bool vanon_span_admits_frame(vanon_reader *reader, int64_t pts);

/* Whether a packet of another stream is, and cuts what reaches beyond the part. VANON_ERR_MEMORY.
 */
int vanon_span_admits_packet(vanon_reader *reader, AVPacket *packet, bool *admitted);

/* Behind the last frame: whether `packet` shows that no more packets of the part follow. */
bool vanon_span_is_complete(vanon_reader *reader, const AVPacket *packet);

/* Keeps a packet until the place is settled; takes those that were kept, in order. A search that
 * keeps too many has failed. VANON_ERR_MEMORY. */
int vanon_span_keep(struct vanon_span *span, AVPacket **packet);
bool vanon_span_take(struct vanon_span *span, AVPacket **packet);

/* VANON_ERR_INPUT, with a message that names the part. */
int vanon_span_no_frame(const vanon_reader *reader);

/* reader_ffv1.c: true where a packet's checksums don't fit. `checked` (false before the first
 * packet) remembers whether the stream has any. */
bool vanon_ffv1_is_damaged(const AVPacket *packet, bool *checked);

/* reader_still.c: how the picture in a packet is to be turned, where it is one that says so and
 * whose decoder does not. */
bool vanon_still_orientation(const AVPacket *packet, enum AVCodecID codec, int *rotation,
                             bool *mirrored);

/* True for a WebP of several frames, which libav* can't decode. */
bool vanon_still_is_animated(const AVPacket *packet, enum AVCodecID codec);

/* True for a TIFF of several pages, of which libav* decodes the first. Pictures that stand for
 * another one of the file, smaller or as its transparency, are none. */
bool vanon_still_has_pages(const AVPacket *packet, enum AVCodecID codec);

/* How often an animated GIF or PNG plays; 0: without end; -1: it is none, or nothing tells. */
int vanon_still_plays(AVFormatContext *format);

/* reader_convert.c: what `format` is handed out as, itself or a format that says the same; NONE
 * where it can't be handled. */
enum AVPixelFormat vanon_converter_target(enum AVPixelFormat format);

/* Fills `to` (blank) with the picture of `from` in that format, and all else that `from` says.
 * VANON_ERR_MEMORY. */
int vanon_converter_run(struct vanon_converter *converter, const AVFrame *from, AVFrame *to);
void vanon_converter_free(struct vanon_converter *converter);

#endif
