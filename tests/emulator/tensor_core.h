/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins/cuda/tensor_core.h says, by the emulator. */
#ifndef VANON_TESTS_TENSOR_CORE_H
#define VANON_TESTS_TENSOR_CORE_H

#include "machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct emulated_load {
    uint32_t *fragment;
    const void *at;
};

struct emulated_product {
    float *sum;
    const uint32_t *a;
    uint32_t b[2];
};

/* Of a warp, see emulated_meet. */
void emulated_load_matrices(void *const argument[EMULATED_WARP]);
void emulated_multiply_add(void *const argument[EMULATED_WARP]);

#ifdef __cplusplus
}

static inline void vanon_copy_async(half *to, const half *from, bool valid)
{
    emulated_copy_async(to, from, 16, valid);
}

static inline void vanon_commit_copies()
{
    emulated_commit_copies();
}

template <int N> static inline void vanon_wait_for_copies()
{
    emulated_wait_for_copies(N);
}

static inline void vanon_load_matrices(uint32_t fragment[4], const half *at)
{
    emulated_load load = {fragment, at};

    emulated_watch(at, 16, false, true);
    emulated_meet(emulated_load_matrices, &load);
}

static inline void vanon_multiply_add(float sum[4], const uint32_t a[4], uint32_t b0, uint32_t b1)
{
    emulated_product product = {sum, a, {b0, b1}};

    emulated_meet(emulated_multiply_add, &product);
}
#endif

#endif
