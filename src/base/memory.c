/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

int vanon_grow(void *array_pointer, size_t *capacity, size_t needed, size_t size)
{
    void *old, *grown;
    size_t wanted;

    if (needed <= *capacity)
        return VANON_OK;
    wanted = *capacity + *capacity / 2 + 8;
    if (wanted < needed)
        wanted = needed;
    if (wanted > SIZE_MAX / 2 / size)
        return VANON_ERR_MEMORY;
    memcpy(&old, array_pointer, sizeof old);
    grown = realloc(old, wanted * size);
    if (!grown)
        return VANON_ERR_MEMORY;
    memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
    memcpy(array_pointer, &grown, sizeof grown);
    *capacity = wanted;
    return VANON_OK;
}

void *vanon_aligned_alloc(size_t bytes)
{
    if (!bytes || bytes > SIZE_MAX - VANON_ALIGNMENT)
        return NULL;
    return aligned_alloc(VANON_ALIGNMENT,
                         (bytes + VANON_ALIGNMENT - 1) / VANON_ALIGNMENT * VANON_ALIGNMENT);
}

vanon_ref *vanon_ref_get(vanon_ref *ref)
{
    if (ref)
        atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
    return ref;
}

void vanon_ref_put(vanon_ref **pointer)
{
    vanon_ref *ref = *pointer;

    *pointer = NULL;
    if (ref && atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1)
        ref->free(ref);
}
