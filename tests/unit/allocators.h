/* SPDX-License-Identifier: Apache-2.0 */
/* The allocators whose calls the linker sends to the test (--wrap): the C library's, and the test's
 * own in their place. */
#ifndef VANON_TESTS_ALLOCATORS_H
#define VANON_TESTS_ALLOCATORS_H

#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
char *__wrap_strdup(const char *text);

#endif
