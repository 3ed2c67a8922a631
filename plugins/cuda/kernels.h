/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin's own kernels, callable from C. Every function queues work on a stream and returns at
 * once with a cudaError_t (0: fine); nothing allocates, so all of it can be captured into a graph.
 * Pointers are the device's. Activations are half-precision NHWC slices as conv_shape.h says.
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

/* `plan` is the device's copy; the frames lie `frame_bytes` apart. width and height are the plan's.
 * Writes [count][height][width][VANON_GPU_INPUT_CHANNELS]. */
int vanon_gpu_fill_input(cudaStream_t stream, const struct vanon_gpu_letterbox *plan,
                        const void *frames, size_t frame_bytes, int count, int width, int height,
                        void *input);

/* Own convolutions: the same result by other tile sizes; the fastest is found by trying. */
#define VANON_GPU_CONVS 6
int vanon_gpu_conv(cudaStream_t stream, int variant, const struct vanon_conv_shape *shape,
                   const struct vanon_conv_data *data);

/* One tensor's slice. */
struct vanon_gpu_slice {
    void *at;
    int step; /* channels from a pixel to the next; a multiple of 8 */
};

/* A stack of pictures; channels are a multiple of 8. */
struct vanon_gpu_size {
    int batch, height, width, channels;
};

/* Maximum over windows of `window` (odd), stride 1, the picture's border not counting, once, twice
 * and three times in a row: what SPPF pools. Each result goes to a slice of its own. A number that
 * is none stays none. window <= 5. */
int vanon_gpu_pool3(cudaStream_t stream, struct vanon_gpu_size size, int window,
                    struct vanon_gpu_slice from, const struct vanon_gpu_slice to[3]);

/* The same once, any odd window up to 13. */
int vanon_gpu_pool(cudaStream_t stream, struct vanon_gpu_size size, int window,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to);

/* Each pixel twice along both axes; `size` is that of `from`. */
int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice from,
                       struct vanon_gpu_slice to);

int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice from,
                   struct vanon_gpu_slice to);

int vanon_gpu_add(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                  struct vanon_gpu_slice b, struct vanon_gpu_slice to);

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
};

/* What came of one picture, in the network's pixels: `count` people by falling score. */
struct vanon_gpu_person {
    struct vanon_gpu_box box;
    float score;
    uint32_t anchor;
    float joint[VANON_GPU_JOINTS][3]; /* x, y, visibility; the first `joints` are set */
};

struct vanon_gpu_found {
    uint32_t count;
    uint32_t candidates; /* above the least score, before NMS */
    uint32_t faults;     /* scores or candidates' numbers that are no such: not 0 is an error */
    uint32_t reserved;
    struct vanon_gpu_person person[]; /* room for max_det */
};

static inline size_t vanon_gpu_found_bytes(int max_det)
{
    return sizeof(struct vanon_gpu_found) + (size_t)max_det * sizeof(struct vanon_gpu_person);
}

/* Memory of the decode for one picture: reused from call to call. */
struct vanon_gpu_candidate {
    struct vanon_gpu_box box;
    float score;
    uint32_t anchor;
};

/*
 * What vanon_yolo_decode's first half does, for `batch` pictures. `keys` holds, for each picture,
 * the next power of two of `anchors` (vanon_gpu_keys), `candidates` `anchors` of them; `found` is
 * `found_bytes` apart. The limits are read when the kernels run: they may lie in a captured graph's
 * memory.
 */
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

int vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                     const struct vanon_gpu_limits *limits, struct vanon_gpu_candidate *candidates,
                     uint64_t *keys, void *found, size_t found_bytes);

#ifdef __cplusplus
}
#endif

#endif
