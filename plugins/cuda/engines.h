/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which kernel runs a convolution: cuDNN's engines and our own are compiled, checked against each
 * other on numbers that look random, and timed on the device itself; the fastest of those that
 * compute the right thing is taken. What was found is stored, so that the next start only compiles
 * the winners (engine_store.h).
 *
 * Thread-safety: choosing belongs to one thread; a chosen engine only to be read.
 */
#ifndef VANON_CUDA_ENGINES_H
#define VANON_CUDA_ENGINES_H

#include <cuda_runtime_api.h>

#include <vanon/status.h>

#include "conv_shape.h"
#include "cudnn_conv.h"

/* The most scratch memory that an engine may want. */
#define VANON_ENGINE_WORKSPACE ((size_t)64 << 20)

struct vanon_engine {
    struct vanon_conv_shape shape;
    bool chosen;
    int own;                /* variant of vanon_gpu_conv; -1: cuDNN's */
    vanon_cudnn_conv *conv; /* NULL where no engine of cuDNN takes the shape */
    int index;              /* of conv's engines */
    int number;             /* cuDNN's own number of it */
    float microseconds;     /* as measured */
    float own_microseconds; /* of the best of our own */
};

struct vanon_engine_tools {
    const struct vanon_cudnn *cudnn; /* NULL: only our own */
    int device;
    const vanon_log *log;
    const char *store; /* where choices are stored; NULL: nowhere */
};

/*
 * Chooses for each of `count` shapes, which differ. Takes memory on the device for the time being:
 * VANON_ERR_MEMORY; VANON_ERR_INFERENCE: the device failed, or computes a convolution wrongly.
 */
int vanon_engines_choose(struct vanon_engine *engines, size_t count,
                         const struct vanon_engine_tools *tools);
void vanon_engines_free(struct vanon_engine *engines, size_t count);

/* Scratch memory that the chosen one wants. */
size_t vanon_engine_workspace(const struct vanon_engine *engine);

#endif
