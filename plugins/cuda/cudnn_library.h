/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cuDNN 9, loaded at run time: the functions that the plugin uses. Where it is not installed the
 * plugin runs on its own kernels. Thread-safety: constant after opening.
 */
#ifndef VANON_CUDA_CUDNN_LIBRARY_H
#define VANON_CUDA_CUDNN_LIBRARY_H

#include <stdbool.h> /* cudnn_graph.h leaves it out */
#include <stddef.h>
#include <stdint.h>

#include <cudnn_graph.h>

#define VANON_CUDNN_FUNCTIONS(X)     \
    X(cudnnGetVersion)               \
    X(cudnnGetErrorString)           \
    X(cudnnGetLastErrorString)       \
    X(cudnnCreate)                   \
    X(cudnnDestroy)                  \
    X(cudnnSetStream)                \
    X(cudnnBackendCreateDescriptor)  \
    X(cudnnBackendDestroyDescriptor) \
    X(cudnnBackendSetAttribute)      \
    X(cudnnBackendGetAttribute)      \
    X(cudnnBackendFinalize)          \
    X(cudnnBackendExecute)

struct vanon_cudnn {
    void *library;
#define VANON_CUDNN_MEMBER(name_) __typeof__(name_) *name_;
    VANON_CUDNN_FUNCTIONS(VANON_CUDNN_MEMBER)
#undef VANON_CUDNN_MEMBER
};

/* VANON_ERR_UNSUPPORTED: it is not there, not whole, or not of version 9; `why`, of `size` bytes,
 * says so in one line. */
int vanon_cudnn_open(struct vanon_cudnn *cudnn, char *why, size_t size);
void vanon_cudnn_close(struct vanon_cudnn *cudnn);

#endif
