/* SPDX-License-Identifier: Apache-2.0 */
#include "faulty.h"

#include "../../plugins/cuda/tensor_core.h"

namespace
{

/* Each number goes through a neighbour's hands. */
__global__ void pass_on(fault fault, int *number)
{
    VANON_SHARED(int[FAULTY_THREADS], shared);
    int own = threadIdx.x, other = (own + 1) % FAULTY_THREADS, first = blockIdx.x * FAULTY_THREADS;

    if (fault == FAULT_EARLY_END && own > 40)
        return;
    if (fault != FAULT_UNWRITTEN || own != 7)
        shared[own] = number[first + own];
    if (fault == FAULT_TWO_BARRIERS && own < 32)
        __syncthreads();
    else if (fault != FAULT_NO_BARRIER)
        __syncthreads();
    volatile int beyond = FAULTY_THREADS; /* the compiler would see it */
    int passed = shared[fault == FAULT_SHARED_END && own == 1 ? beyond : other] + 1;

    if (fault == FAULT_WRITTEN_EARLY)
        shared[own] = 0;
    number[fault == FAULT_BLOCKS ? 0 : first + other] = passed;
    if (fault == FAULT_GLOBAL_END)
        number[2 * FAULTY_THREADS + first + own] = 0;
    if (fault == FAULT_NOT_ALIGNED && own == 3)
        *(long long *)(number + first + own) = passed;
}

/* Through shared memory, by copies of four numbers. */
__global__ void copy(fault fault, int *number)
{
    VANON_SHARED(int[FAULTY_THREADS], shared);
    int own = 4 * threadIdx.x;
    uint32_t fragment[4];

    if (own < FAULTY_THREADS)
        vanon_copy_async((half *)(shared + own), (const half *)(number + own), true);
    vanon_commit_copies();
    if (fault == FAULT_WAITS_FOR_OTHER)
        vanon_wait_for_copies<1>();
    else if (fault != FAULT_NOT_LANDED)
        vanon_wait_for_copies<0>();
    __syncthreads();
    if (fault == FAULT_HALF_A_WARP && threadIdx.x < 16)
        vanon_load_matrices(fragment, (const half *)shared);
    if (blockIdx.x == 0)
        number[threadIdx.x] = shared[threadIdx.x];
}

__global__ void advance(int *number, int count)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < count)
        number[i] = 10 * number[i] + 1;
}

} // namespace

int faulty_launch(enum fault fault, cudaStream_t stream, int *number)
{
    return vanon_launch(stream, 2, FAULTY_THREADS, fault < FAULT_NOT_LANDED ? pass_on : copy, fault,
                        number);
}

int faulty_advance(cudaStream_t stream, int *number, int count)
{
    return vanon_launch(stream, (unsigned)(count + 31) / 32, 32, advance, number, count);
}
