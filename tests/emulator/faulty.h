/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels with faults that a GPU may not show: the emulator does. */
#ifndef VANON_TESTS_FAULTY_H
#define VANON_TESTS_FAULTY_H

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAULTY_THREADS 64 /* of a block; there are two */

enum fault {
    FAULT_NONE,
    FAULT_NO_BARRIER,      /* a neighbour's number is read before it may be there */
    FAULT_WRITTEN_EARLY,   /* and written before the neighbour has read it */
    FAULT_EARLY_END,       /* some end, others wait at a barrier */
    FAULT_TWO_BARRIERS,    /* some wait at one, others at another */
    FAULT_UNWRITTEN,       /* shared memory that nobody wrote */
    FAULT_SHARED_END,      /* beyond its end */
    FAULT_GLOBAL_END,      /* beyond the end of the device's */
    FAULT_NOT_ALIGNED,     /* a number twice as long, at an odd one */
    FAULT_BLOCKS,          /* two blocks write one number */
    FAULT_NOT_LANDED,      /* nobody waits for an asynchronous copy */
    FAULT_WAITS_FOR_OTHER, /* but for an older one */
    FAULT_HALF_A_WARP,     /* at an operation for all of it */
};

/* Two blocks. Without a fault number i becomes i + 1. A cudaError_t. */
int faulty_launch(enum fault fault, cudaStream_t stream, int *number);

/* number[i] = 10 * number[i] + 1, for 0 <= i < count. */
int faulty_advance(cudaStream_t stream, int *number, int count);

#ifdef __cplusplus
}
#endif

#endif
