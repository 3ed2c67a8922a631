/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels under test: each set of instructions that this machine has, and memory that tells who
 * goes beyond it. */
#ifndef VANON_TESTS_LEVELS_H
#define VANON_TESTS_LEVELS_H

#include "unit.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cpu.h"

/* What to give to vanon_cpu_set_mask: plain C first. */
#ifdef __aarch64__
static const unsigned level_masks[] = {0, VANON_CPU_NEON};
#else
static const unsigned level_masks[] = {0, VANON_CPU_AVX2, VANON_CPU_AVX2 | VANON_CPU_AVX512};
#endif

#define LEVELS (sizeof level_masks / sizeof *level_masks)

/* False, and a word about it, where this machine has no such instructions. */
static inline bool level_present(size_t level)
{
    unsigned wanted = level_masks[level];

    vanon_cpu_set_mask(VANON_CPU_ALL);
    if ((vanon_cpu_flags() & wanted) == wanted)
        return true;
    print_message("this machine has no %s: left out\n", vanon_cpu_name(wanted));
    return false;
}

/* Bytes that end where memory ends, so that reading or writing one more is a crash. */
struct fenced {
    uint8_t *bytes;
    void *map;
    size_t mapped;
};

static inline struct fenced fence(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (bytes + page - 1) / page * page;
    struct fenced fenced = {.mapped = used + page};

    fenced.map =
        mmap(NULL, fenced.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(fenced.map != MAP_FAILED);
    assert_int_equal(mprotect((uint8_t *)fenced.map + used, page, PROT_NONE), 0);
    fenced.bytes = (uint8_t *)fenced.map + used - bytes;
    return fenced;
}

static inline void unfence(struct fenced *fenced)
{
    munmap(fenced->map, fenced->mapped);
}

/* Numbers that repeat from run to run. */
static inline uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Noise, or every byte one of the two extremes. */
static inline void fill_bytes(uint8_t *bytes, size_t count, uint32_t seed, bool extremes)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t number = next_random(&seed);
        bytes[i] = (uint8_t)(extremes ? (number >> 8 & 1 ? 255 : 0) : number >> 8);
    }
}

#endif
