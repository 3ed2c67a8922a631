/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the headers that hold the kernels' arithmetic: plain C for the host, where the unit tests run
 * them against the CPU's own code, and device functions where nvcc compiles them. Both compilers
 * are told not to contract a product and a sum (-ffp-contract=off, -fmad=false), so float results
 * are the same bits.
 */
#ifndef VANON_CUDA_HOST_DEVICE_H
#define VANON_CUDA_HOST_DEVICE_H

#ifdef __CUDACC__
#define VANON_HD static __host__ __device__ __forceinline__
#else
#define VANON_HD static inline
#endif

#endif
