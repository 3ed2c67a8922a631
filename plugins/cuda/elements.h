/* SPDX-License-Identifier: Apache-2.0 */
/* Activations in half or in single precision, for kernels that are written for both. CUDA C++. */
#ifndef VANON_CUDA_ELEMENTS_H
#define VANON_CUDA_ELEMENTS_H

#include <cuda_fp16.h>
#include <math.h>

#include "launch.h"

__device__ __forceinline__ float vanon_gpu_to_float(half x)
{
    return __half2float(x);
}

__device__ __forceinline__ float vanon_gpu_to_float(float x)
{
    return x;
}

template <typename T> __device__ __forceinline__ T vanon_gpu_from_float(float x);

template <> __device__ __forceinline__ half vanon_gpu_from_float<half>(float x)
{
    return __float2half_rn(x);
}

template <> __device__ __forceinline__ float vanon_gpu_from_float<float>(float x)
{
    return x;
}

/* e to the x, as exactly as the precision is worth. */
template <typename T> __device__ __forceinline__ float vanon_gpu_exp(float x);

template <> __device__ __forceinline__ float vanon_gpu_exp<half>(float x)
{
    return __expf(x);
}

template <> __device__ __forceinline__ float vanon_gpu_exp<float>(float x)
{
    return expf(x);
}

/* SiLU, or x itself. */
template <typename T> __device__ __forceinline__ float vanon_gpu_activate(float x, bool silu)
{
    return silu ? x / (1.0f + vanon_gpu_exp<T>(-x)) : x;
}

#endif
