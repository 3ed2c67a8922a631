/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vector instructions this machine has, for families of kernels.
 *
 * A family is a `const` table of functions for each set of instructions, all with the same results
 * bit for bit, and one function that picks the best of them for some flags. The plain C table is
 * always there; the others are in files that are compiled for their instructions and named after
 * them (x.c, x_avx2.c, x_avx512.c, x_neon.c). Whoever uses a family picks once, when it is created.
 *
 * Thread-safety: vanon_cpu_flags is safe from any thread.
 */
#ifndef VANON_BASE_CPU_H
#define VANON_BASE_CPU_H

enum vanon_cpu_flag {
    VANON_CPU_AVX2 = 1 << 0,
    VANON_CPU_AVX512 = 1 << 1, /* F, BW, DQ, VL and VBMI; never without AVX2 */
    VANON_CPU_NEON = 1 << 2,   /* on every 64-bit ARM */
};

#define VANON_CPU_ALL (~0u)

/* Flags of what processor and operating system can do, less what the mask hides. */
unsigned vanon_cpu_flags(void);

/* For tests and benchmarks: from now on flags outside `mask` are hidden. */
void vanon_cpu_set_mask(unsigned mask);

/* "c", "avx2", "avx512" or "neon": the best of the flags. */
const char *vanon_cpu_name(unsigned flags);

#endif
