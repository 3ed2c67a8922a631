/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has no C++: copies that go on while a thread does other things, and matrix products by all
 * threads of a warp. PTX where nvcc compiles, else functions of what runs kernels on the CPU.
 */
#ifndef VANON_CUDA_TENSOR_CORE_H
#define VANON_CUDA_TENSOR_CORE_H

#include <cuda_fp16.h>
#include <stdint.h>

#include "launch.h"

#ifdef __CUDACC__

/* Starts copying 16 bytes to shared memory, or zeroes where not `valid`; both are aligned to 16.
 * They are there once vanon_wait_for_copies says so. */
__device__ __forceinline__ void vanon_copy_async(half *to, const half *from, bool valid)
{
    uint32_t shared = (uint32_t)__cvta_generic_to_shared(to);
    int bytes = valid ? 16 : 0; /* the rest is filled with zeroes */

    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from),
                 "r"(bytes));
}

/* The thread's copies since the last call are a group. */
__device__ __forceinline__ void vanon_commit_copies()
{
    asm volatile("cp.async.commit_group;");
}

/* Waits for the thread's groups but for the last N. */
template <int N> __device__ __forceinline__ void vanon_wait_for_copies()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(N));
}

/* Four matrices of 8 x 8: thread i of the warp gives where a row of matrix i / 8 begins, in shared
 * memory, aligned to 16 bytes; it gets two halves of row i / 4 of each. */
__device__ __forceinline__ void vanon_load_matrices(uint32_t fragment[4], const half *at)
{
    uint32_t shared = (uint32_t)__cvta_generic_to_shared(at);

    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(shared));
}

/* sum += a * b, of 16 x 16 and 16 x 8 halves; who holds what: PTX ISA, mma.m16n8k16. */
__device__ __forceinline__ void vanon_multiply_add(float sum[4], const uint32_t a[4], uint32_t b0,
                                                   uint32_t b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
                 "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

#else

#include "emulator/tensor_core.h"

#endif

#endif
