/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pose or detection network of the YOLO family as a flat list of operations over one piece of
 * memory, for one batch and one size of input. Made from an ONNX file (onnx.h), run by CUDA or by
 * the slow reference in C (reference.h). Portable C17 and C++; knows no engine.
 *
 * Memory. All activations lie in one arena of `arena` elements; an executor chooses the element
 * (float16 on a GPU, float in the reference) and allocates arena * sizeof(element) bytes. A buffer
 * is [batch][height][width][channels], channels fastest (NHWC), dense, and starts at `offset`. A
 * tensor is a slice of a buffer's channels: pixels are buffer.channels elements apart, so tensors
 * of one buffer lie beside each other. Concatenations and splits are gone: producers write into,
 * and consumers read from, slices.
 *
 * Channels. Buffers have a multiple of 8 channels. A tensor starts at a multiple of 8 and owns its
 * channels up to the next multiple of 8 (vanon_plan_padded): the input's 3 are padded to 8, 51 to
 * 56, 1 to 8. Whoever writes a tensor writes its padding, too: convolutions by weights and a bias
 * of zero, all others as they write any channel. What stands in the padding must be finite and is
 * multiplied by zero. (Only the ends of a COPY may start anywhere.)
 *
 * Order. The operations stand in an order in which they can run one after the other. Buffers share
 * memory where their lifetimes, counted in operations (`first` to `last`, both included), don't
 * overlap; whoever runs operations side by side must respect that. An operation never has an input
 * and an output that overlap. The input is written before operation 0; the tensors of the head are
 * read after the last one, and their buffers live until then.
 *
 * Batch. Every operation treats the frames of a batch alike and apart, so a plan for 4 is a plan
 * for 1 with bigger buffers: operations, tensors and weights are the same, only offsets differ.
 *
 * Thread-safety: nothing changes after creation; any number of threads may read.
 */
#ifndef VANON_CUDA_PLAN_H
#define VANON_CUDA_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VANON_PLAN_CHANNELS   8   /* slices and buffers are multiples of so many */
#define VANON_PLAN_GRAIN      128 /* offsets of buffers are multiples of so many elements */
#define VANON_PLAN_MOST_BATCH 16
#define VANON_PLAN_LEVELS     3
#define VANON_PLAN_REG_MAX    16 /* bins of each side of a box (DFL) */

struct vanon_plan_buffer {
    int height, width;
    int channels;    /* distance of two pixels, in elements; a multiple of VANON_PLAN_CHANNELS */
    size_t offset;   /* of frame 0, pixel (0, 0), channel 0, in elements from the arena's start */
    size_t elements; /* batch * height * width * channels */
    int first, last; /* operations between which it lives; first is -1 for the input's buffer, last
                        is the number of operations for the head's */
};

struct vanon_plan_tensor {
    int buffer;   /* index */
    int channel;  /* where it starts among the buffer's channels */
    int channels; /* how many mean something; see vanon_plan_padded */
};

/* Channels that a tensor owns. */
static inline int vanon_plan_padded(int channels)
{
    return (channels + VANON_PLAN_CHANNELS - 1) / VANON_PLAN_CHANNELS * VANON_PLAN_CHANNELS;
}

enum vanon_plan_kind {
    VANON_PLAN_CONV,
    VANON_PLAN_MAXPOOL,
    VANON_PLAN_UPSAMPLE,
    VANON_PLAN_COPY,
    VANON_PLAN_ATTENTION,
};

enum vanon_plan_activation {
    VANON_PLAN_LINEAR, /* x */
    VANON_PLAN_SILU,   /* x / (1 + exp(-x)) */
};

/*
 * output = activation(convolution(input) + bias) + residual
 *
 * A cross-correlation: output pixel (y, x) sums input pixels (y * stride_y - pad_top + r,
 * x * stride_x - pad_left + s), zero outside; dilation 1. The padding below and on the right is
 * what the output's size implies. Weights, in plan->weights from index `weights` on, are
 *
 *     [K][R][S][C]  K = padded channels of the output, C = padded channels of the input
 *     [K][R][S]     where depthwise: channel k reads channel k; K = C
 *
 * with R = kernel_height, S = kernel_width, zero wherever k or c is padding; `bias` is the index of
 * K floats, zero in the padding and where the network has none.
 */
struct vanon_plan_conv {
    int kernel_height, kernel_width;
    int stride_y, stride_x;
    int pad_top, pad_left;
    bool depthwise;
    enum vanon_plan_activation activation;
    int residual; /* tensor of the output's shape, added after the activation; -1: none. Never
                     overlaps the output. */
    size_t weights, bias;
};

/*
 * The largest of kernel x kernel pixels around each, stride 1, pixels outside don't count; kernel
 * is odd. With `repeat` n, the result is pooled again, n times in all (SPPF): result i, from 0, is
 * written to the output's buffer at channel output.channel + i * padded(output.channels). `output`
 * names the first; the others need not be tensors of the plan's list. The input may lie in the same
 * buffer, in other channels.
 */
struct vanon_plan_maxpool {
    int kernel;
    int repeat; /* 1 or more */
};

/* Nearest neighbour: output pixel (y, x) is input pixel (y / factor, x / factor). */
struct vanon_plan_upsample {
    int factor; /* 2 or more */
};

/*
 * COPY: `output.channels` channels of the same height and width. Both ends may start at any
 * channel; only so many channels are written, and where `fill` is set, zeros after them up to the
 * next multiple of 8 of the buffer's channels. YOLOv8 has none.
 */
struct vanon_plan_copy {
    bool fill;
};

/*
 * YOLO11's attention, over all n = height * width pixels of a frame, for each head h:
 *
 *     q = input channels [h * (2 * key + value),            + key)
 *     k = input channels [h * (2 * key + value) + key,      + key)
 *     v = input channels [h * (2 * key + value) + 2 * key,  + value)
 *     output[i][h * value + d] = sum over j of softmax over j (scale * q[i] . k[j]) * v[j][d]
 *
 * input.channels = heads * (2 * key + value), output.channels = heads * value; key and value are
 * multiples of 8. (yolo11n-pose: 2 heads, key 32, value 64, n = height / 32 * width / 32.)
 */
struct vanon_plan_attention {
    int heads, key, value;
    float scale;
};

struct vanon_plan_op {
    enum vanon_plan_kind kind;
    const char *name;  /* of the node it came from, for messages and profiles; never NULL */
    int input, output; /* tensors */
    union {
        struct vanon_plan_conv conv;
        struct vanon_plan_maxpool maxpool;
        struct vanon_plan_upsample upsample;
        struct vanon_plan_copy copy;
        struct vanon_plan_attention attention;
    } as;
};

/* One grid of the head: its pixel (y, x) is anchor first_anchor + y * width + x. */
struct vanon_plan_level {
    int stride;        /* pixels of the network's input to one of the grid: 8, 16, 32 */
    int height, width; /* of the grid */
    int first_anchor;  /* of all levels before it the sum of height * width */
    int box;           /* tensor: 4 * VANON_PLAN_REG_MAX channels, side after side */
    int scores;        /* tensor: head.classes channels */
    int joints;        /* tensor: 3 * head.joints channels; -1 without joints */
};

/*
 * What becomes of the levels' tensors; the executor's own decoding. For an anchor with grid
 * position (gx, gy), whole numbers, and stride s:
 *
 *     d[i]   = sum over j of j * softmax over j (box[16 * i + j]),  i = left, top, right, bottom
 *     x0, y0 = gx + 0.5 - d[0], gy + 0.5 - d[1];  x1, y1 = gx + 0.5 + d[2], gy + 0.5 + d[3]
 *     cx, cy = (x0 + x1) / 2 * s, (y0 + y1) / 2 * s;  w, h = (x1 - x0) * s, (y1 - y0) * s
 *     score of class c       = sigmoid(scores[c])
 *     joint j: x, y          = (2 * joints[3 * j] + gx) * s, (2 * joints[3 * j + 1] + gy) * s
 *              visibility    = sigmoid(joints[3 * j + 2])
 *
 * in pixels of the network's input. That is row by row of the ONNX file's own output,
 * [rows][anchors] with the rows cx, cy, w, h, the scores, then x, y, visibility of each joint; or
 * of what its NMS is given, where it has one, of which the first rows may be x0, y0, x1, y1
 * instead. That the file's last nodes compute just this was checked when the plan was made.
 */
struct vanon_plan_head {
    int classes, joints;
    int rows;                                         /* 4 + classes + 3 * joints */
    int anchors;                                      /* of all levels */
    bool suppresses;                                  /* the file ends in an NMS, left out here */
    float iou;                                        /* then: its threshold; 0: not known */
    struct vanon_plan_level level[VANON_PLAN_LEVELS]; /* by rising stride */
};

typedef struct vanon_plan {
    int batch;         /* 1 to VANON_PLAN_MOST_BATCH */
    int height, width; /* of the network's input */
    size_t arena;      /* elements */
    size_t ops, tensors, buffers;
    struct vanon_plan_op *op;
    struct vanon_plan_tensor *tensor;
    struct vanon_plan_buffer *buffer;
    float *weights; /* of all convolutions: `floats` numbers */
    size_t floats;
    int input; /* tensor of 3 channels, R, G, B as 0..1, padded with zeros to 8 */
    struct vanon_plan_head head;
    char *names; /* what op[].name points into */
} vanon_plan;

typedef struct vanon_onnx vanon_onnx; /* a parsed file: onnx.h */

/*
 * Plans `onnx` for so many frames of so many pixels at once. VANON_ERR_MODEL: something that isn't
 * supported, or is broken; the message names node, operator and rule; VANON_ERR_ARGUMENT: a batch
 * or a size that there isn't (sides are multiples of 32), or not the fixed one of the model;
 * VANON_ERR_MEMORY. The plan keeps nothing of `onnx`.
 */
int vanon_plan_create(vanon_plan **out, const vanon_onnx *onnx, int batch, int height, int width,
                      const vanon_log *log);
void vanon_plan_destroy(vanon_plan **plan);

/* The channels of a tensor's first pixel, in elements from the arena's start. */
static inline size_t vanon_plan_start(const vanon_plan *plan, int tensor)
{
    const struct vanon_plan_tensor *slice = &plan->tensor[tensor];

    return plan->buffer[slice->buffer].offset + (size_t)slice->channel;
}

#ifdef __cplusplus
}
#endif

#endif
