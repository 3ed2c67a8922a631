/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A convolution with bias, SiLU and residual as one cuDNN graph, its engines, and running one of
 * them. Engines come in the order in which cuDNN thinks that they are fast.
 *
 * Thread-safety: an object belongs to one thread at a time. A built engine may be bound by several
 * threads at once, and run by one after the other with handles of their own, but not at the same
 * time: cuDNN's execution plans are not safe for that with all engines (its release notes).
 */
#ifndef VANON_CUDA_CUDNN_CONV_H
#define VANON_CUDA_CUDNN_CONV_H

#include "conv_shape.h"
#include "cudnn_library.h"

typedef struct vanon_cudnn_conv vanon_cudnn_conv;
typedef struct vanon_cudnn_bound vanon_cudnn_bound;

/*
 * Where engines are for: a handle's device, or, without a GPU, a device described in JSON, for
 * which engines are found and compiled but not run.
 */
struct vanon_cudnn_target {
    cudnnHandle_t handle;
    cudnnBackendDescriptor_t device; /* NULL where there is a handle */
};

/* Makes the graph and asks for its engines. VANON_ERR_UNSUPPORTED: cuDNN has none for this shape;
 * VANON_ERR_MEMORY. Does not log. */
int vanon_cudnn_conv_create(vanon_cudnn_conv **out, const struct vanon_cudnn *cudnn,
                            const struct vanon_cudnn_target *target,
                            const struct vanon_conv_shape *shape);
void vanon_cudnn_conv_destroy(vanon_cudnn_conv **conv);

/* How many engines there are. */
int vanon_cudnn_conv_engines(const vanon_cudnn_conv *conv);

/* Compiles engine `index`. VANON_ERR_UNSUPPORTED: it does not take the shape after all, wants more
 * workspace than `most`, or is said not to give the same numbers each time. Calling it again for
 * the same engine is fine. */
int vanon_cudnn_conv_build(vanon_cudnn_conv *conv, const struct vanon_cudnn_target *target,
                           int index, size_t most);
bool vanon_cudnn_conv_built(const vanon_cudnn_conv *conv, int index);

/* Lets go of a compiled engine; nothing may be bound to it. */
void vanon_cudnn_conv_drop(vanon_cudnn_conv *conv, int index);

/* Bytes of scratch memory that a built engine wants. */
size_t vanon_cudnn_conv_workspace(const vanon_cudnn_conv *conv, int index);

/* cuDNN's number of the engine, to know it again; -1: there is no engine `index`, or cuDNN does not
 * say. */
int vanon_cudnn_conv_engine_number(const vanon_cudnn_conv *conv, int index);

/* A built engine and the memory it works on. The conv must outlive it. VANON_ERR_MEMORY,
 * VANON_ERR_UNSUPPORTED. */
int vanon_cudnn_bind(vanon_cudnn_bound **out, const vanon_cudnn_conv *conv, int index,
                     const struct vanon_conv_data *data, void *workspace);
void vanon_cudnn_unbind(vanon_cudnn_bound **bound);

/* Queues the work on the handle's stream. */
cudnnStatus_t vanon_cudnn_run(const vanon_cudnn_bound *bound, cudnnHandle_t handle);

#endif
