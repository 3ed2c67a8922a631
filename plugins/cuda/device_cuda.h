/* SPDX-License-Identifier: Apache-2.0 */
/* What device, network and context on CUDA share; the interface is device.h. */
#ifndef VANON_CUDA_DEVICE_CUDA_H
#define VANON_CUDA_DEVICE_CUDA_H

#include <cuda_runtime_api.h>
#include <pthread.h>

#include "device.h"
#include "engines.h"
#include "kernels.h"

struct vanon_gpu_device {
    int number;
    const vanon_log *log;
    struct vanon_cudnn cudnn; /* library is NULL where there is none */
    char cudnn_missing[160];  /* why there is none */
    char name[96];
};

/* A convolution's part of the network: which engine, and where its numbers are. */
struct vanon_network_conv {
    size_t engine; /* index */
    size_t weights, bias;
};

struct vanon_weights {
    vanon_device *device;
    size_t count;
    float *single; /* all numbers, on the device; biases are read from here in any case */
    void *half;    /* likewise; NULL: networks are of float32 */
};

struct vanon_network {
    vanon_device *device;
    const vanon_plan *plan;
    const vanon_weights *weights;
    struct vanon_gpu_limits limits;
    int person;
    bool single;                 /* float32, by our own kernels */
    struct vanon_engine *engine; /* of the different shapes; none in float32 */
    size_t engines;
    bool cudnn;                      /* one of them is cuDNN's */
    pthread_mutex_t executing;       /* held by the one thread that executes cuDNN's */
    struct vanon_network_conv *conv; /* for each operation of the plan; used for convolutions */
    size_t workspace;                /* bytes that a context needs */
};

/* Makes a status of an error of CUDA's or cuDNN's, whose numbers are apart: VANON_ERR_MEMORY
 * without a word, or VANON_ERR_INFERENCE, logged with what was being done. */
int vanon_cuda_status(const vanon_log *log, int error, const char *what);

/* Bytes of an activation. */
static inline size_t vanon_network_element(bool half)
{
    return half ? 2 : sizeof(float);
}

/* network_cuda.c: queues all operations of the plan, and gives the head that the decode reads.
 * `arena` is the context's. */
struct vanon_network_run {
    const vanon_network *network;
    cudaStream_t stream;
    cudnnHandle_t handle; /* NULL: no cuDNN */
    char *arena;
    vanon_cudnn_bound **bound; /* for each operation; NULL: our own kernel */
};
int vanon_network_bind(struct vanon_network_run *run, void *workspace);
void vanon_network_unbind(struct vanon_network_run *run);
int vanon_network_queue(const struct vanon_network_run *run); /* a cudaError_t or cudnnStatus_t */
void vanon_network_head(const vanon_network *network, char *arena, struct vanon_gpu_head *head);

#endif
