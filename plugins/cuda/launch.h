/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How kernels are launched and have shared memory: by CUDA where nvcc compiles them, else by what
 * runs them on the CPU, thread by thread, for the tests (tests/emulator). CUDA C++.
 */
#ifndef VANON_CUDA_LAUNCH_H
#define VANON_CUDA_LAUNCH_H

template <typename T> using vanon_type = T;

#ifdef __CUDACC__

#include <cuda_runtime.h>

/* Of a kernel, before anything else: what a block's threads share, of a type (an array's, say).
 * VANON_SHARED_REST: as many of a type as the launch has bytes for; at most one in a kernel. */
#define VANON_SHARED(type_, name_)      __shared__ __align__(128) vanon_type<type_> name_
#define VANON_SHARED_REST(type_, name_) extern __shared__ type_ name_[]

/* Queues a kernel on a stream, with `shared` bytes for VANON_SHARED_REST. A cudaError_t. */
template <typename... Parameters, typename... Arguments>
static inline int vanon_launch_with(size_t shared, cudaStream_t stream, dim3 grid, dim3 block,
                                    void (*kernel)(Parameters...), const Arguments &...arguments)
{
    kernel<<<grid, block, shared, stream>>>(arguments...);
    return cudaGetLastError();
}

#else

#include "emulator/device_code.h"

#endif

template <typename... Parameters, typename... Arguments>
static inline int vanon_launch(cudaStream_t stream, dim3 grid, dim3 block,
                               void (*kernel)(Parameters...), const Arguments &...arguments)
{
    return vanon_launch_with(0, stream, grid, block, kernel, arguments...);
}

#endif
