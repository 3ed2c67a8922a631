/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulator.h"
#include "machine.h"

#if EMULATED_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at_, bytes_)   ((void)(at_), (void)(bytes_))
#define ASAN_UNPOISON_MEMORY_REGION(at_, bytes_) ((void)(at_), (void)(bytes_))
#endif

#define PAGE      ((size_t)4096)
#define ALIGNMENT ((size_t)256)     /* what CUDA promises */
#define SPACE     ((size_t)1 << 36) /* addresses are never used again */
#define CAPACITY  ((size_t)256 << 20)
#define PIECES    1024 /* at once */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all below */
static char *space;                                      /* the first byte */
static size_t spent;                                     /* bytes of it */
static struct emulated_piece *piece[PIECES];             /* those that live, by rising address */
static size_t pieces;
static bool is_open;
static size_t requests, given_back, refused_first, refused_last, device_bytes;

void emulated_fail(const char *format, ...)
{
    va_list list;

    fputs("emulator: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    abort();
}

struct emulator_memory emulator_memory(void)
{
    struct emulator_memory memory;

    pthread_mutex_lock(&lock);
    memory = (struct emulator_memory){requests, requests - given_back};
    pthread_mutex_unlock(&lock);
    return memory;
}

void emulator_refuse(size_t first, size_t last)
{
    pthread_mutex_lock(&lock);
    refused_first = first ? requests + first : 0;
    refused_last = first ? requests + last : 0;
    pthread_mutex_unlock(&lock);
}

static void protect(const struct emulated_piece *p, bool open)
{
    if (mprotect(p->pages, p->page_bytes, open ? PROT_READ | PROT_WRITE : PROT_NONE))
        emulated_fail("mprotect failed");
}

static size_t rounded(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/* Its end is as near to the next page, which nobody may touch, as the alignment allows. */
static struct emulated_piece *place(size_t bytes, bool device)
{
    struct emulated_piece *p;
    size_t room = rounded(bytes ? bytes : 1, ALIGNMENT), pages = rounded(room, PAGE);

    if (!space) {
        space = mmap(NULL, SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (space == MAP_FAILED)
            emulated_fail("no address space");
    }
    if (spent + pages + PAGE > SPACE || pieces == PIECES ||
        (device && device_bytes + pages > CAPACITY))
        return NULL;
    p = malloc(sizeof *p);
    if (!p)
        return NULL;
    *p = (struct emulated_piece){.pages = space + spent,
                                 .page_bytes = pages,
                                 .at = space + spent + pages - room,
                                 .bytes = bytes,
                                 .device = device};
    spent += pages + PAGE;
    protect(p, true);
    memset(p->pages, EMULATED_POISON, pages);
    ASAN_POISON_MEMORY_REGION(p->pages, pages);
    ASAN_UNPOISON_MEMORY_REGION(p->at, bytes);
    if (device && !is_open)
        protect(p, false);
    return p;
}

static cudaError_t take(void **out, size_t bytes, bool device)
{
    struct emulated_piece *taken = NULL;

    *out = NULL;
    pthread_mutex_lock(&lock);
    requests++;
    if (requests < refused_first || requests > refused_last)
        taken = place(bytes, device);
    if (taken) {
        *out = taken->at;
        device_bytes += device ? taken->page_bytes : 0;
        piece[pieces++] = taken;
    } else {
        given_back++;
    }
    pthread_mutex_unlock(&lock);
    return taken ? cudaSuccess : cudaErrorMemoryAllocation;
}

static void let_go(struct emulated_piece *p)
{
    protect(p, false);
    madvise(p->pages, p->page_bytes, MADV_DONTNEED);
    ASAN_POISON_MEMORY_REGION(p->pages, p->page_bytes);
    if (p->mark)
        munmap(p->mark, p->bytes * sizeof *p->mark);
    device_bytes -= p->device ? p->page_bytes : 0;
    free(p);
}

static cudaError_t give(void *memory, bool device)
{
    size_t i = 0;

    if (!memory)
        return cudaSuccess;
    pthread_mutex_lock(&lock);
    while (i < pieces && piece[i]->at != memory)
        i++;
    if (i == pieces || piece[i]->device != device)
        emulated_fail("%p is given back, and isn't %s memory", memory,
                      device ? "the device's" : "pinned");
    let_go(piece[i]);
    given_back++;
    pieces--;
    memmove(&piece[i], &piece[i + 1], (pieces - i) * sizeof(struct emulated_piece *));
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
    return take(out, bytes, true);
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned flags)
{
    (void)flags;
    return take(out, bytes, false);
}

cudaError_t cudaFree(void *memory)
{
    return give(memory, true);
}

cudaError_t cudaFreeHost(void *memory)
{
    return give(memory, false);
}

cudaError_t cudaMemGetInfo(size_t *unused, size_t *total)
{
    pthread_mutex_lock(&lock);
    *total = CAPACITY;
    *unused = CAPACITY - device_bytes;
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

/* The last that begins at or before an address; -1: there is none. */
static ptrdiff_t find(const char *at)
{
    size_t low = 0, high = pieces;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (piece[middle]->at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return (ptrdiff_t)low - 1;
}

struct emulated_piece *emulated_piece_of(const void *memory, size_t bytes)
{
    const char *at = memory;
    struct emulated_piece *found = NULL;

    pthread_mutex_lock(&lock);
    if (space && at + bytes > space && at < space + SPACE) {
        ptrdiff_t i = find(at);

        found = i < 0 ? NULL : piece[i];
        if (!found || at >= found->at + found->bytes)
            emulated_fail("%zu bytes at %p are no memory, or no more", bytes, memory);
        if (at + bytes > found->at + found->bytes)
            emulated_fail("%zu bytes at %p: beyond the end of %zu bytes at %p", bytes, memory,
                          found->bytes, (void *)found->at);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void emulated_open_memory(bool open)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < pieces; i++)
        if (piece[i]->device)
            protect(piece[i], open);
    is_open = open;
    pthread_mutex_unlock(&lock);
}
