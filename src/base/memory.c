/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vanon/status.h>

#define LARGEST_PAGE 65536 /* bytes, of any system: what is cut to it fits all */

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

/* Its code is patched as it is loaded: the file has other bytes. */
static bool is_patched(const struct dl_phdr_info *library)
{
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &library->dlpi_phdr[i];
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(library->dlpi_addr + header->p_vaddr);

        if (header->p_type != PT_DYNAMIC)
            continue;
        for (; entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_TEXTREL ||
                (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
                return true;
    }
    return false;
}

static int forget_one(struct dl_phdr_info *library, size_t size, void *name)
{
    (void)size;
    if (!strstr(library->dlpi_name, name) || is_patched(library))
        return 0;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &library->dlpi_phdr[i];
        uintptr_t from = library->dlpi_addr + header->p_vaddr, to = from + header->p_filesz;

        if (header->p_type != PT_LOAD || (header->p_flags & PF_W))
            continue;
        from = (from + LARGEST_PAGE - 1) & ~(uintptr_t)(LARGEST_PAGE - 1);
        to &= ~(uintptr_t)(LARGEST_PAGE - 1);
        if (to > from)
            madvise((void *)from, to - from, MADV_DONTNEED); /* no harm where that fails */
    }
    return 0;
}

void vanon_memory_forget_code(const char *name)
{
    dl_iterate_phdr(forget_one, (void *)(uintptr_t)name);
}
