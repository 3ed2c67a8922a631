/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame_impl.h"

/* More than these are given back to the system. */
#define KEPT_FRAMES_MAX 64
#define KEPT_BYTES_MAX  ((size_t)256 << 20)
#define KEPT_SHELLS_MAX 256

struct kept_list {
    struct vanon_frame_impl *first;
    size_t count;
};

struct vanon_frame_pool {
    pthread_mutex_t lock; /* guards all below */
    bool open;            /* its owner has not destroyed it */
    size_t alive;         /* frames that somebody owns and that come back */
    size_t allocations;
    size_t sample_bytes;     /* of each in `frames` */
    struct kept_list frames; /* with samples */
    struct kept_list shells; /* for wrapping */
};

static void push(struct kept_list *list, struct vanon_frame_impl *impl)
{
    impl->next = list->first;
    list->first = impl;
    list->count++;
}

static struct vanon_frame_impl *pop(struct kept_list *list)
{
    struct vanon_frame_impl *impl = list->first;

    if (impl) {
        list->first = impl->next;
        list->count--;
    }
    return impl;
}

static void free_list(struct kept_list *list)
{
    for (struct vanon_frame_impl *impl = pop(list); impl; impl = pop(list))
        free(impl);
}

/* Called without the lock, by whoever saw that neither owner nor frames are left. */
static void free_pool(vanon_frame_pool *pool)
{
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

int vanon_frame_pool_create(vanon_frame_pool **out)
{
    vanon_frame_pool *pool = calloc(1, sizeof *pool);

    *out = NULL;
    if (!pool)
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&pool->lock, NULL)) {
        free(pool);
        return VANON_ERR_MEMORY;
    }
    pool->open = true;
    *out = pool;
    return VANON_OK;
}

void vanon_frame_pool_destroy(vanon_frame_pool **pointer)
{
    vanon_frame_pool *pool = pointer ? *pointer : NULL;
    bool last;

    if (!pool)
        return;
    *pointer = NULL;
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    free_list(&pool->frames);
    free_list(&pool->shells);
    last = !pool->alive;
    pthread_mutex_unlock(&pool->lock);
    if (last)
        free_pool(pool);
}

/* Takes a kept frame with that many bytes of samples (0: a shell), or makes one; counts it as
 * alive. NULL: no memory. */
static struct vanon_frame_impl *take(vanon_frame_pool *pool, size_t sample_bytes)
{
    struct vanon_frame_impl *impl;

    pthread_mutex_lock(&pool->lock);
    if (sample_bytes && sample_bytes != pool->sample_bytes) {
        free_list(&pool->frames);
        pool->sample_bytes = sample_bytes;
    }
    impl = pop(sample_bytes ? &pool->frames : &pool->shells);
    if (!impl) {
        impl = vanon_frame_impl_alloc(sample_bytes);
        pool->allocations += impl != NULL;
    }
    pool->alive += impl != NULL;
    pthread_mutex_unlock(&pool->lock);
    return impl;
}

/* Under the lock: true where the pool took it. */
static bool keep(vanon_frame_pool *pool, struct vanon_frame_impl *impl)
{
    size_t bytes = impl->sample_bytes;

    if (!pool->open)
        return false;
    if (!bytes) {
        if (pool->shells.count == KEPT_SHELLS_MAX)
            return false;
        push(&pool->shells, impl);
        return true;
    }
    if (bytes != pool->sample_bytes || pool->frames.count == KEPT_FRAMES_MAX ||
        (pool->frames.count + 1) * bytes > KEPT_BYTES_MAX)
        return false;
    push(&pool->frames, impl);
    return true;
}

int vanon_frame_pool_get(vanon_frame_pool *pool, const vanon_frame *like, vanon_frame **out)
{
    size_t bytes = vanon_frame_bytes(like->format, like->width, like->height);
    struct vanon_frame_impl *impl;

    *out = NULL;
    if (!bytes)
        return VANON_ERR_ARGUMENT;
    impl = take(pool, bytes);
    if (!impl)
        return VANON_ERR_MEMORY;
    vanon_frame_impl_start(impl, like, pool);
    *out = &impl->frame;
    return VANON_OK;
}

int vanon_frame_pool_wrap(vanon_frame_pool *pool, const vanon_frame *description,
                          void (*release)(void *opaque), void *opaque, vanon_frame **out)
{
    struct vanon_frame_impl *impl;
    int status = vanon_frame_check(description);

    *out = NULL;
    if (status < 0)
        return status;
    impl = take(pool, 0);
    if (!impl)
        return VANON_ERR_MEMORY;
    vanon_frame_impl_start_wrapped(impl, description, release, opaque, pool);
    *out = &impl->frame;
    return VANON_OK;
}

void vanon_frame_pool_recycle(struct vanon_frame_impl *impl)
{
    vanon_frame_pool *pool = impl->pool;
    bool kept, last;

    pthread_mutex_lock(&pool->lock);
    kept = keep(pool, impl);
    pool->alive--;
    last = !pool->open && !pool->alive;
    pthread_mutex_unlock(&pool->lock);
    if (!kept)
        free(impl);
    if (last)
        free_pool(pool);
}

size_t vanon_frame_pool_allocations(vanon_frame_pool *pool)
{
    size_t allocations;

    pthread_mutex_lock(&pool->lock);
    allocations = pool->allocations;
    pthread_mutex_unlock(&pool->lock);
    return allocations;
}
