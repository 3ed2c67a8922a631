/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CUDA's runtime and the plugin's kernels on the CPU, so far as networks of float32 need them: what
 * the host does on a GPU (memory, streams, recorded graphs, what is bound where) can be tested
 * where there is none. Kernels are plain loops over the arithmetic that they share with the host
 * (*_math.h); what is asked for in half precision is refused.
 *
 * Thread-safety: as CUDA's, but for one recording at a time on a stream.
 */
#ifndef VANON_TESTS_CUDA_STAND_IN_H
#define VANON_TESTS_CUDA_STAND_IN_H

#include <stddef.h>

/* Memory of the device and pinned memory of the host, since the program began. */
struct stand_in_memory {
    size_t requests, live; /* allocations made; not yet given back */
};

struct stand_in_memory stand_in_memory(void);

/* Allocations from number `first` on to `last`, counted from now, from 1, are refused; 0: none. */
void stand_in_refuse(size_t first, size_t last);

#endif
