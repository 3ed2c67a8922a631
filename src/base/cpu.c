/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu.h"

#include <stdatomic.h>

static atomic_uint visible = VANON_CPU_ALL;

static unsigned detect(void)
{
    unsigned flags = 0;

#ifdef __x86_64__
    /* Looks at what the operating system saves, too. */
    if (__builtin_cpu_supports("avx2"))
        flags |= VANON_CPU_AVX2;
    if (flags && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vbmi"))
        flags |= VANON_CPU_AVX512;
#elif defined __aarch64__
    flags |= VANON_CPU_NEON;
#endif
    return flags;
}

unsigned vanon_cpu_flags(void)
{
    return detect() & atomic_load_explicit(&visible, memory_order_relaxed);
}

void vanon_cpu_set_mask(unsigned mask)
{
    atomic_store_explicit(&visible, mask, memory_order_relaxed);
}

const char *vanon_cpu_name(unsigned flags)
{
    if (flags & VANON_CPU_AVX512)
        return "avx512";
    if (flags & VANON_CPU_NEON)
        return "neon";
    return flags & VANON_CPU_AVX2 ? "avx2" : "c";
}
