/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/frame.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame_impl.h"

#define UNSPECIFIED 2 /* in the tables of H.273 */

static size_t round_up(size_t bytes)
{
    return (bytes + VANON_ALIGNMENT - 1) / VANON_ALIGNMENT * VANON_ALIGNMENT;
}

/* Planes follow each other; each starts and has its lines on the alignment. */
static size_t plane_size(const struct vanon_pixel_layout *layout, int plane, int width, int height)
{
    return round_up(vanon_plane_bytes(layout, plane, width)) *
           (size_t)vanon_plane_lines(layout, plane, height);
}

size_t vanon_frame_bytes(enum vanon_pixel_format format, int width, int height)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    size_t bytes = VANON_FRAME_TAIL;

    if (!layout || !vanon_picture_size_valid(width, height))
        return 0;
    for (int plane = 0; plane < layout->planes; plane++)
        bytes += plane_size(layout, plane, width, height);
    return bytes;
}

struct vanon_frame_impl *vanon_frame_impl_alloc(size_t sample_bytes)
{
    size_t bytes = round_up(sizeof(struct vanon_frame_impl)) + sample_bytes;
    struct vanon_frame_impl *impl = vanon_aligned_alloc(bytes);

    if (impl)
        impl->sample_bytes = sample_bytes;
    return impl;
}

static void place_planes(vanon_frame *frame, uint8_t *samples)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    frame->memory = VANON_MEMORY_HOST;
    frame->handle = NULL;
    frame->ready = NULL;
    for (int plane = 0; plane < VANON_MAX_PLANES; plane++) {
        bool used = plane < layout->planes;
        frame->plane[plane] = used ? samples : NULL;
        frame->stride[plane] =
            used ? (ptrdiff_t)round_up(vanon_plane_bytes(layout, plane, frame->width)) : 0;
        samples += used ? plane_size(layout, plane, frame->width, frame->height) : 0;
    }
}

void vanon_frame_impl_start(struct vanon_frame_impl *impl, const vanon_frame *like,
                            vanon_frame_pool *pool)
{
    impl->frame = *like;
    vanon_ref_get(impl->frame.side);
    atomic_init(&impl->count, 1);
    impl->release = NULL;
    impl->opaque = NULL;
    impl->pool = pool;
    impl->next = NULL;
    if (impl->sample_bytes)
        place_planes(&impl->frame, (uint8_t *)impl + round_up(sizeof *impl));
}

void vanon_frame_impl_start_wrapped(struct vanon_frame_impl *impl, const vanon_frame *like,
                                    void (*release)(void *opaque), void *opaque,
                                    vanon_frame_pool *pool)
{
    vanon_frame_impl_start(impl, like, pool);
    impl->release = release;
    impl->opaque = opaque;
}

int vanon_frame_alloc(vanon_frame **out, enum vanon_pixel_format format, int width, int height)
{
    const vanon_frame blank = {
        .format = format,
        .width = width,
        .height = height,
        .pts = VANON_NO_PTS,
        .colour = {.primaries = UNSPECIFIED, .transfer = UNSPECIFIED, .matrix = UNSPECIFIED},
    };
    size_t bytes = vanon_frame_bytes(format, width, height);
    struct vanon_frame_impl *impl;

    *out = NULL;
    if (!bytes)
        return VANON_ERR_ARGUMENT;
    impl = vanon_frame_impl_alloc(bytes);
    if (!impl)
        return VANON_ERR_MEMORY;
    vanon_frame_impl_start(impl, &blank, NULL);
    *out = &impl->frame;
    return VANON_OK;
}

int vanon_frame_wrap(vanon_frame **out, const vanon_frame *description,
                     void (*release)(void *opaque), void *opaque)
{
    struct vanon_frame_impl *impl;
    int status = vanon_frame_check(description);

    *out = NULL;
    if (status < 0)
        return status;
    impl = vanon_frame_impl_alloc(0);
    if (!impl)
        return VANON_ERR_MEMORY;
    vanon_frame_impl_start_wrapped(impl, description, release, opaque, NULL);
    *out = &impl->frame;
    return VANON_OK;
}

vanon_frame *vanon_frame_ref(vanon_frame *frame)
{
    struct vanon_frame_impl *impl = (struct vanon_frame_impl *)frame;

    if (impl)
        atomic_fetch_add_explicit(&impl->count, 1, memory_order_relaxed);
    return frame;
}

void vanon_frame_unref(vanon_frame **frame)
{
    struct vanon_frame_impl *impl = frame ? (struct vanon_frame_impl *)*frame : NULL;

    if (!impl)
        return;
    *frame = NULL;
    if (atomic_fetch_sub_explicit(&impl->count, 1, memory_order_acq_rel) != 1)
        return;
    if (impl->release)
        impl->release(impl->opaque);
    vanon_ref_put(&impl->frame.side);
    if (impl->pool)
        vanon_frame_pool_recycle(impl);
    else
        free(impl);
}

void vanon_frame_copy_samples(vanon_frame *to, const vanon_frame *from)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(from->format);

    for (int plane = 0; plane < layout->planes; plane++) {
        size_t bytes = vanon_plane_bytes(layout, plane, from->width);
        int lines = vanon_plane_lines(layout, plane, from->height);

        for (int line = 0; line < lines; line++)
            memcpy(to->plane[plane] + line * to->stride[plane],
                   from->plane[plane] + line * from->stride[plane], bytes);
    }
}

static bool planes_fit(const vanon_frame *frame, const struct vanon_pixel_layout *layout)
{
    for (int plane = 0; plane < layout->planes; plane++) {
        ptrdiff_t stride = frame->stride[plane];
        ptrdiff_t needed = (ptrdiff_t)vanon_plane_bytes(layout, plane, frame->width);

        if (!frame->plane[plane] || (stride < needed && stride > -needed))
            return false;
        if (((uintptr_t)frame->plane[plane] | (uintptr_t)stride) % layout->sample_bytes)
            return false;
    }
    return true;
}

int vanon_frame_check(const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    int turns = frame->rotation / 90;

    if (!layout || !vanon_picture_size_valid(frame->width, frame->height))
        return VANON_ERR_ARGUMENT;
    if (frame->rotation % 90 || turns < 0 || turns > 3)
        return VANON_ERR_ARGUMENT;
    switch (frame->memory) {
    case VANON_MEMORY_HOST:
        return planes_fit(frame, layout) ? VANON_OK : VANON_ERR_ARGUMENT;
    case VANON_MEMORY_CUDA:
    case VANON_MEMORY_HARDWARE:
        return frame->handle ? VANON_OK : VANON_ERR_ARGUMENT;
    }
    return VANON_ERR_ARGUMENT;
}

int vanon_frame_fields(const vanon_frame *frame)
{
    return frame->field_order == VANON_FIELDS_TOP_FIRST ||
                   frame->field_order == VANON_FIELDS_BOTTOM_FIRST
               ? 2
               : 1;
}

bool vanon_frame_same_kind(const vanon_frame *a, const vanon_frame *b)
{
    return a->memory == b->memory && a->format == b->format && a->width == b->width &&
           a->height == b->height && a->sar.num == b->sar.num && a->sar.den == b->sar.den &&
           a->rotation == b->rotation && a->mirrored == b->mirrored &&
           a->colour.primaries == b->colour.primaries && a->colour.transfer == b->colour.transfer &&
           a->colour.matrix == b->colour.matrix && a->colour.full_range == b->colour.full_range &&
           a->colour.chroma_location == b->colour.chroma_location;
}
