/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin's own kernels, callable from C. Every function queues work on a stream and returns at
 * once with a cudaError_t (0: fine); nothing allocates, so all of it can be captured into a graph.
 * Pointers are the device's. Activations are NHWC slices as conv_shape.h says, of half precision,
 * or of single where `single` is set.
 *
 * Thread-safety: safe for different streams and memory.
 */
#ifndef VANON_CUDA_KERNELS_H
#define VANON_CUDA_KERNELS_H

#include <cuda_runtime_api.h>

#include "conv_shape.h"
#include "decode_math.h"
#include "letterbox_math.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The network's input has this many channels: R, G, B of 0..1, then zeroes. */
#define VANON_GPU_INPUT_CHANNELS 8

/* Where a batch of frames lies, and what becomes of it: in the device's memory, so that it can
 * change while what works with it has been recorded. */
struct vanon_gpu_source {
    struct vanon_gpu_letterbox letterbox;
    const uint8_t *samples;
    uint64_t frame_bytes; /* from a frame to the next */
};

/* width and height are the letterbox's. Writes
 * [count][height][width][VANON_GPU_INPUT_CHANNELS]. */
int vanon_gpu_fill_input(cudaStream_t stream, const struct vanon_gpu_source *source, int count,
                         int width, int height, bool single, void *input);

/* Own convolutions in half precision: the same result by other tile sizes; the fastest is found by
 * trying. */
#define VANON_GPU_CONVS 6
int vanon_gpu_conv(cudaStream_t stream, int variant, const struct vanon_conv_shape *shape,
                   const struct vanon_conv_data *data);

/* In single precision, weights too; shape->single is set. */
int vanon_gpu_conv_single(cudaStream_t stream, const struct vanon_conv_shape *shape,
                          const struct vanon_conv_data *data);

/* Each channel alone: weights are [channels][kernel_height][kernel_width]. */
int vanon_gpu_depthwise(cudaStream_t stream, const struct vanon_conv_shape *shape,
                        const struct vanon_conv_data *data);

/* One tensor's slice. */
struct vanon_gpu_slice {
    void *at;
    int step; /* channels from a pixel to the next; a multiple of 8 */
};

/* A stack of pictures; channels are a multiple of 8. */
struct vanon_gpu_size {
    int batch, height, width, channels;
    bool single;
};

/*
 * Maximum over windows of `window` (odd) pixels, stride 1, the picture's border not counting, and
 * of the result again, `repeat` times (at most 3) in all; repeat * (window / 2) is at most 6.
 * Result i goes to `to`, i * size.channels channels on. A number that is none stays none.
 */
int vanon_gpu_pool(cudaStream_t stream, struct vanon_gpu_size size, int window, int repeat,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to);

/* Each pixel `factor` times along both axes; `size` is that of `from`. */
int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, int factor,
                       struct vanon_gpu_slice from, struct vanon_gpu_slice to);

/* Any number of channels from and to any channel; zeroes in `fill` channels after them. */
int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, int fill,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to);

/* As plan.h defines it. */
#define VANON_GPU_KEY    64   /* at most */
#define VANON_GPU_VALUE  128  /* at most */
#define VANON_GPU_ATTEND 8192 /* pixels, at most: their weights lie in shared memory */

struct vanon_gpu_attention {
    int heads, key, value;
    float scale;
};

int vanon_gpu_attend(cudaStream_t stream, struct vanon_gpu_size size,
                     const struct vanon_gpu_attention *attention, struct vanon_gpu_slice from,
                     struct vanon_gpu_slice to);

/* Bytes of R, G, B, side by side, to the network's input: what vanon_letterbox_run has written. */
int vanon_gpu_fill_from_rgb(cudaStream_t stream, const void *rgb, size_t pixels, bool single,
                            void *input);

/* Decode */

#define VANON_GPU_LEVELS 4

/* One resolution of the head. Channels per pixel: 4 * bins logits of the box's distances; one for
 * each class; three for each joint. */
struct vanon_gpu_level {
    int width, height, first_anchor;
    float stride; /* the network's pixels in one of the level's */
    struct vanon_gpu_slice box, score, joints;
};

struct vanon_gpu_head {
    struct vanon_gpu_level level[VANON_GPU_LEVELS];
    int levels, anchors, bins, joints;
    int person; /* the class that counts */
    bool single;
};

/* A record of one person, floats, in the network's pixels. As in device.h. */
enum {
    VANON_GPU_ANCHOR,
    VANON_GPU_SCORE,
    VANON_GPU_X, /* centre */
    VANON_GPU_Y,
    VANON_GPU_WIDTH,
    VANON_GPU_HEIGHT,
    VANON_GPU_FIRST_JOINT /* x, y, visibility of each */
};

/* What came of one picture: `count` records by falling score. */
struct vanon_gpu_found {
    uint32_t count;
    uint32_t candidates; /* above the least score, before NMS */
    uint32_t faults;     /* scores or candidates' numbers that are no such: not 0 is an error */
    uint32_t missing;    /* 0 as delivered; the host sets it before each run */
};

/* Memory of the decode for a batch. Per picture: `anchors` candidates, vanon_gpu_keys(anchors)
 * keys, one tally, max_det kept ones. */
struct vanon_gpu_candidate {
    struct vanon_gpu_box box;
    float score;
};

struct vanon_gpu_decode_memory {
    struct vanon_gpu_candidate *candidates;
    uint64_t *keys;
    struct vanon_gpu_found *tally;
    uint32_t *kept; /* anchors */
};

struct vanon_gpu_limits {
    float confidence, iou_threshold;
    uint32_t max_det;
};

static inline size_t vanon_gpu_keys(int anchors)
{
    size_t keys = 1;

    while (keys < (size_t)anchors)
        keys *= 2;
    return keys;
}

/*
 * What vanon_yolo_decode's first half does, for `batch` pictures. `found` gets one tally for each
 * picture, `records` `max_det` of them for each, of which the first `count` are written; both may
 * be mapped memory of the host.
 */
int vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                     const struct vanon_gpu_limits *limits,
                     const struct vanon_gpu_decode_memory *memory, struct vanon_gpu_found *found,
                     float *records);

/* Preparation and checks */

/* float32 to half. */
int vanon_gpu_halve(cudaStream_t stream, const float *from, void *to, size_t count);

/* Numbers of -scale .. scale that look random, the same for the same seed; half or float32. */
int vanon_gpu_scatter(cudaStream_t stream, void *to, size_t count, float scale, unsigned seed,
                      int is_half);

/* Adds to *differing how many of two slices' numbers lie further apart than most * (1 + |a|), or
 * are none. */
int vanon_gpu_compare(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                      struct vanon_gpu_slice b, float most, unsigned *differing);

#ifdef __cplusplus
}
#endif

#endif
