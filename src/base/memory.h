/* SPDX-License-Identifier: Apache-2.0 */
/* Growing arrays, aligned blocks, counted references. */
#ifndef VANON_BASE_MEMORY_H
#define VANON_BASE_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>

#define VANON_ALIGNMENT 64 /* bytes: a cache line, and the widest vector */

#define VANON_COUNT(array) (sizeof(array) / sizeof(array)[0])

/*
 * Makes `array` hold at least `needed` elements of `size` bytes, growing by at least half; new
 * elements are zero. Both pointers are updated. VANON_ERR_MEMORY: all is as it was.
 */
int vanon_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size);

/* A block aligned to VANON_ALIGNMENT, not cleared; free() frees it. NULL: no memory, or no bytes.
 */
void *vanon_aligned_alloc(size_t bytes);

/*
 * Takes the code and constants of the loaded libraries whose path contains `name` out of this
 * process's memory; what is used again is mapped again from the file, at a page fault each (see
 * MADV_DONTNEED in madvise(2): pages that nobody wrote lose nothing). For what ran once, as a
 * compiler does. Safe from any thread, at any time. Breakpoints of a debugger in there are lost.
 */
void vanon_memory_forget_code(const char *name);

/* Asks for memory that is read soon: what comes from a cache no more costs the waiting otherwise.
 */
static inline void vanon_prefetch(const void *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch((const char *)memory + i);
}

/* A counted thing of any kind: the first member of its struct. Counting is safe from any thread. */
typedef struct vanon_ref {
    atomic_uint count;
    void (*free)(struct vanon_ref *ref); /* called once, by whoever lets go last */
} vanon_ref;

static inline void vanon_ref_init(vanon_ref *ref, void (*free_it)(vanon_ref *))
{
    atomic_init(&ref->count, 1);
    ref->free = free_it;
}

/* Adds an owner and returns the same; NULL stays NULL. */
vanon_ref *vanon_ref_get(vanon_ref *ref);

/* Takes an owner away and nulls the pointer. NULL is fine. */
void vanon_ref_put(vanon_ref **ref);

#endif
