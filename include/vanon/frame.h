/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One picture of a video, with everything that must survive: its time, its shape, its colour, its
 * place in the stream.
 *
 * Ownership: frames are counted. `vanon_frame_ref` adds an owner, `vanon_frame_unref` takes one
 * away and nulls the pointer. Functions that take a `vanon_frame **` take the ownership: when they
 * have taken it they null the caller's pointer; whoever holds a non-NULL pointer owns it.
 *
 * Thread-safety: counting is safe from any thread. The samples of a frame with more than one owner,
 * and of a frame from a decoder, are read-only.
 */
#ifndef VANON_FRAME_H
#define VANON_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/version.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VANON_MAX_PLANES 4
#define VANON_NO_PTS     INT64_MIN /* a time that is not known */

/*
 * How samples lie in memory. Samples of more than 8 bits are 16-bit little-endian words, in the low
 * bits unless said otherwise. YUV and grey come in limited or full range: vanon_colour tells. The
 * layout of each is in the library's format table (vanon_pixel_format_name).
 */
enum vanon_pixel_format {
    VANON_PIXEL_NONE,
    VANON_PIXEL_GRAY8,
    VANON_PIXEL_GRAY10,
    VANON_PIXEL_GRAY12,
    VANON_PIXEL_GRAY16,
    VANON_PIXEL_YA8, /* grey, alpha, interleaved */
    VANON_PIXEL_YA16,
    VANON_PIXEL_YUV420P,
    VANON_PIXEL_YUV422P,
    VANON_PIXEL_YUV444P,
    VANON_PIXEL_YUV440P,
    VANON_PIXEL_YUV411P,
    VANON_PIXEL_YUV410P,
    VANON_PIXEL_YUVA420P,
    VANON_PIXEL_YUVA422P,
    VANON_PIXEL_YUVA444P,
    VANON_PIXEL_NV12, /* luma, then interleaved U V */
    VANON_PIXEL_NV21, /* luma, then interleaved V U */
    VANON_PIXEL_NV16, /* as NV12, 4:2:2 */
    VANON_PIXEL_YUYV422,
    VANON_PIXEL_UYVY422,
    VANON_PIXEL_YUV420P10,
    VANON_PIXEL_YUV422P10,
    VANON_PIXEL_YUV444P10,
    VANON_PIXEL_YUV420P12,
    VANON_PIXEL_YUV422P12,
    VANON_PIXEL_YUV444P12,
    VANON_PIXEL_YUV420P16,
    VANON_PIXEL_YUV422P16,
    VANON_PIXEL_YUV444P16,
    VANON_PIXEL_YUV440P10,
    VANON_PIXEL_YUV440P12,
    VANON_PIXEL_YUVA420P10,
    VANON_PIXEL_YUVA422P10,
    VANON_PIXEL_YUVA444P10,
    VANON_PIXEL_YUVA422P12,
    VANON_PIXEL_YUVA444P12,
    VANON_PIXEL_YUVA420P16,
    VANON_PIXEL_YUVA422P16,
    VANON_PIXEL_YUVA444P16,
    VANON_PIXEL_P010, /* as NV12, 10 bits in the high bits of 16-bit words */
    VANON_PIXEL_RGB24,
    VANON_PIXEL_BGR24,
    VANON_PIXEL_RGBA,
    VANON_PIXEL_BGRA,
    VANON_PIXEL_ARGB,
    VANON_PIXEL_ABGR,
    VANON_PIXEL_RGB0, /* the fourth byte means nothing and is kept */
    VANON_PIXEL_BGR0,
    VANON_PIXEL_0RGB,
    VANON_PIXEL_0BGR,
    VANON_PIXEL_RGB48,
    VANON_PIXEL_RGBA64,
    VANON_PIXEL_GBRP, /* planes in the order G, B, R */
    VANON_PIXEL_GBRAP,
    VANON_PIXEL_GBRP10,
    VANON_PIXEL_GBRP12,
    VANON_PIXEL_GBRP16,
    VANON_PIXEL_GBRAP10,
    VANON_PIXEL_GBRAP12,
    VANON_PIXEL_GBRAP16,
    VANON_PIXEL_FORMATS, /* how many there are */
};

/* The format's name as libav* and ffmpeg spell it for little-endian machines ("yuv420p10le");
 * "none" where it is no format. A static string. Thread-safe. */
VANON_API const char *vanon_pixel_format_name(enum vanon_pixel_format format);

/* Where the samples are. Only VANON_MEMORY_HOST has `plane`; the others have `handle`: of
 * VANON_MEMORY_CUDA a vanon_cuda_planes. */
enum vanon_memory { VANON_MEMORY_HOST, VANON_MEMORY_CUDA, VANON_MEMORY_HARDWARE };

/* Samples in the memory of one of NVIDIA's GPUs, in its primary context. Lives as long as the
 * frame, and is not changed. */
typedef struct vanon_cuda_planes {
    int device; /* as CUDA counts them */
    uint64_t plane[VANON_MAX_PLANES];
    int64_t stride[VANON_MAX_PLANES]; /* bytes from a line to the next; positive */
} vanon_cuda_planes;

enum vanon_field_order {
    VANON_FIELDS_UNKNOWN,
    VANON_FIELDS_PROGRESSIVE,
    VANON_FIELDS_TOP_FIRST,
    VANON_FIELDS_BOTTOM_FIRST
};

enum vanon_chroma_location {
    VANON_CHROMA_UNSPECIFIED,
    VANON_CHROMA_LEFT,
    VANON_CHROMA_CENTER,
    VANON_CHROMA_TOPLEFT
};

typedef struct vanon_rational {
    int num, den;
} vanon_rational;

/* Colour as in Rec. ITU-T H.273 (numbers of its tables 2, 3 and 4); 2 is "unspecified". */
typedef struct vanon_colour {
    int primaries;
    int transfer;
    int matrix;
    bool full_range; /* of YUV and grey; RGB always is */
    enum vanon_chroma_location chroma_location;
} vanon_colour;

enum vanon_frame_flags {
    VANON_FRAME_KEY = 1 << 0,
    VANON_FRAME_DAMAGED = 1 << 1, /* the decoder did not get all of it: never written as it is */
};

typedef struct vanon_frame {
    enum vanon_memory memory;
    enum vanon_pixel_format format;
    int width, height; /* of the coded picture, in luma samples, 1..32767 */
    uint8_t *plane[VANON_MAX_PLANES];
    ptrdiff_t stride[VANON_MAX_PLANES]; /* bytes from a line to the next; may be negative */
    void *handle;                       /* of memory that is not the host's */
    void *ready; /* of VANON_MEMORY_CUDA: a cudaEvent_t to wait for before the samples may be read;
                    NULL: they are when all is done that was queued on the device's legacy default
                    stream before the frame was handed over */

    uint64_t number;          /* place in the stream, from 0 */
    int64_t pts, duration;    /* in time_base; pts may be VANON_NO_PTS, duration 0: not known */
    vanon_rational time_base; /* seconds a tick */

    vanon_rational sar; /* width to height of a sample; 0/1 = not known, taken as 1/1 */
    int rotation;  /* 0, 90, 180 or 270: clockwise degrees that turn the coded picture upright */
    bool mirrored; /* the coded picture is flipped left to right before it is turned */
    vanon_colour colour;
    enum vanon_field_order field_order;
    unsigned flags;         /* enum vanon_frame_flags */
    struct vanon_ref *side; /* counted, opaque to all but its maker: side data of the decoder */
} vanon_frame;

/*
 * Makes a frame of the host's memory with samples of its own (not cleared; lines aligned to 64
 * bytes) and one owner. All else is zero but pts (VANON_NO_PTS) and colour (unspecified).
 * VANON_ERR_ARGUMENT: no such format or size; VANON_ERR_MEMORY.
 */
VANON_API int vanon_frame_alloc(vanon_frame **out, enum vanon_pixel_format format, int width,
                                int height);

/*
 * Makes a counted frame around samples that belong to someone else: `description` is copied, its
 * `side` gets one more owner (the caller keeps its own); when the last owner lets go,
 * `release(opaque)` is called once, from whichever thread that is (NULL: nothing to call). The
 * samples must stay as they are until then; those of 16-bit words lie at even addresses.
 * VANON_ERR_ARGUMENT: no such format, size or rotation, a plane missing, a stride too small for a
 * line, an odd address or stride of 16-bit words; VANON_ERR_MEMORY. On failure `release` is not
 * called.
 */
VANON_API int vanon_frame_wrap(vanon_frame **out, const vanon_frame *description,
                               void (*release)(void *opaque), void *opaque);

/* Adds an owner and returns the same frame. Cannot fail. */
VANON_API vanon_frame *vanon_frame_ref(vanon_frame *frame);

/* Takes an owner away and nulls the pointer; the last one releases the samples. NULL and pointers
 * to NULL are fine. */
VANON_API void vanon_frame_unref(vanon_frame **frame);

#ifdef __cplusplus
}
#endif

#endif
