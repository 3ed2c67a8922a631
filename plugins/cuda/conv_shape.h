/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One convolution as the plan's executors see it: NHWC activations of half precision, float32 sums,
 * then bias, then SiLU or nothing, then perhaps a residual to add. Activations are slices: a
 * pixel's channels lie together, and `..._step` channels lie between one pixel and the next.
 */
#ifndef VANON_CUDA_CONV_SHAPE_H
#define VANON_CUDA_CONV_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

/* Channels and steps are multiples of 8, so that a pixel's slice starts at 16 bytes. */
struct vanon_conv_shape {
    int batch;
    int in_height, in_width, in_channels, in_step;
    int out_height, out_width, out_channels, out_step;
    int kernel_height, kernel_width, stride, pad;
    bool silu;
    bool residual;
    int residual_step; /* 0: none */
    bool single;       /* float32 throughout */
};

/* The device's memory. Weights: [out_channels][kernel_height][kernel_width][in_channels], in the
 * precision of the activations. */
struct vanon_conv_data {
    const void *input, *weights;
    const float *bias;
    const void *residual; /* NULL: none */
    void *output;         /* overlaps no input */
};

#endif
