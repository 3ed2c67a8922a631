/* SPDX-License-Identifier: Apache-2.0 */
#include "render/planes.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/format.h"

/* The component's first sample in the field; NULL where the frame is not in the host's memory. */
static uint8_t *first_of(const vanon_frame *frame, const struct vanon_component *in, int field)
{
    return frame->memory == VANON_MEMORY_HOST
               ? frame->plane[in->plane] + field * frame->stride[in->plane] + in->offset
               : NULL;
}

void vanon_plane_view(struct vanon_plane *plane, const struct vanon_render_rows *rows,
                      const vanon_frame *source, const vanon_frame *target, int component,
                      int field)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);
    const struct vanon_component *in = &layout->component[component];
    ptrdiff_t from = source->stride[in->plane], to = target->stride[in->plane];
    int fields = vanon_frame_fields(source);
    int lines = vanon_component_height(layout, component, source->height);

    *plane = (struct vanon_plane){
        .rows = rows,
        .source = first_of(source, in, field),
        .target = first_of(target, in, field),
        .source_stride = fields * from,
        .target_stride = fields * to,
        .width = vanon_component_width(layout, component, source->width),
        .height = (lines + fields - 1 - field) / fields,
        .bytes = layout->sample_bytes,
        .step = in->step,
        .shift = in->shift,
    };
}

/* `first`: where the line begins in its first block of 1 << log2_width pixels. */
static void take_most(uint8_t *to, const uint8_t *from, int count, int first, int log2_width,
                      const struct vanon_render_rows *rows)
{
    int i = 0;

    if (log2_width == 1) {
        int pairs = (count - first) / 2;

        if (first && *to < *from)
            *to = *from;
        rows->most_of_pairs(to + first, from + first, (size_t)pairs);
        i = first + 2 * pairs;
    }
    for (; i < count; i++) {
        uint8_t *sample = &to[(first + i) >> log2_width];

        if (*sample < from[i])
            *sample = from[i];
    }
}

int vanon_coverage_make(struct vanon_coverage *coverage, const struct vanon_render_rows *rows,
                        const vanon_mask *mask, int log2_width, int lines)
{
    int x = mask->x >> log2_width, y = mask->y / lines;
    int width = ((mask->x + mask->width - 1) >> log2_width) - x + 1;
    int height = (mask->y + mask->height - 1) / lines - y + 1;
    size_t bytes = (size_t)width * (size_t)height;

    coverage->at = (struct vanon_rect){x, y, width, height};
    if (!log2_width && lines == 1) {
        coverage->stride = mask->stride;
        coverage->line = mask->coverage;
        return VANON_OK;
    }
    if (vanon_grow(&coverage->memory, &coverage->capacity, bytes, 1))
        return VANON_ERR_MEMORY;
    memset(coverage->memory, 0, bytes);
    for (int row = 0; row < mask->height; row++)
        take_most(coverage->memory + (ptrdiff_t)((mask->y + row) / lines - y) * width,
                  mask->coverage + row * mask->stride, mask->width, mask->x - (x << log2_width),
                  log2_width, rows);
    coverage->stride = width;
    coverage->line = coverage->memory;
    return VANON_OK;
}

void vanon_coverage_free(struct vanon_coverage *coverage)
{
    free(coverage->memory);
    *coverage = (struct vanon_coverage){0};
}

static void meet(int a, int a_length, int b, int b_length, int *from, int *length)
{
    int end = a + a_length < b + b_length ? a + a_length : b + b_length;

    *from = a > b ? a : b;
    *length = end > *from ? end - *from : 0;
}

struct vanon_rect vanon_rect_meet(struct vanon_rect a, struct vanon_rect b)
{
    struct vanon_rect both;

    meet(a.x, a.width, b.x, b.width, &both.x, &both.width);
    meet(a.y, a.height, b.y, b.height, &both.y, &both.height);
    return both;
}

/*
 * Samples that lie apart, or have unused bits, of one or two bytes: the loops below are written
 * once, and compiled for each as `bytes` is a constant where they are called. All others have
 * kernels.
 */
static inline unsigned load(const uint8_t *at, int bytes)
{
    uint16_t word;

    if (bytes == 1)
        return *at;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline void store(uint8_t *at, unsigned value, int bytes)
{
    uint16_t word = (uint16_t)value;

    if (bytes == 1)
        *at = (uint8_t)value;
    else
        memcpy(at, &word, sizeof word);
}

static bool side_by_side(const struct vanon_plane *plane)
{
    return plane->step == plane->bytes && !plane->shift;
}

static inline uint64_t sum_apart(const uint8_t *at, int count, int step, int shift, int bytes)
{
    uint64_t sum = 0;

    for (int i = 0; i < count; i++, at += step)
        sum += load(at, bytes) >> shift;
    return sum;
}

static uint64_t sum_line(const struct vanon_plane *plane, const uint8_t *at, int count)
{
    if (!side_by_side(plane))
        return plane->bytes == 1 ? sum_apart(at, count, plane->step, plane->shift, 1)
                                 : sum_apart(at, count, plane->step, plane->shift, 2);
    return plane->bytes == 1 ? plane->rows->sum8(at, (size_t)count)
                             : plane->rows->sum16((const void *)at, (size_t)count);
}

/* `next` is 1 where each sample has a value of its own, 0 where all have the same. */
static inline void blend_apart(uint8_t *at, const uint8_t *coverage, int count, int step, int shift,
                               const uint16_t *values, int next, int bytes)
{
    for (int i = 0; i < count; i++, at += step) {
        unsigned c = coverage[i], value = values[i * next];
        if (c)
            store(at, ((load(at, bytes) >> shift) * (255 - c) + value * c + 127) / 255 << shift,
                  bytes);
    }
}

static inline void read_line(const uint8_t *at, int count, int step, int shift, uint16_t *to,
                             int bytes)
{
    for (int i = 0; i < count; i++, at += step)
        to[i] = (uint16_t)(load(at, bytes) >> shift);
}

static uint8_t *target_at(const struct vanon_plane *plane, int x, int y)
{
    return plane->target + y * plane->target_stride + (ptrdiff_t)x * plane->step;
}

static const uint8_t *source_at(const struct vanon_plane *plane, int x, int y)
{
    return plane->source + y * plane->source_stride + (ptrdiff_t)x * plane->step;
}

static const uint8_t *coverage_at(const struct vanon_coverage *coverage, int x, int y)
{
    return coverage->line + (y - coverage->at.y) * coverage->stride + (x - coverage->at.x);
}

unsigned vanon_plane_mean(const struct vanon_plane *plane, struct vanon_rect at)
{
    uint64_t samples = (uint64_t)at.width * (uint64_t)at.height, sum = 0;

    for (int y = at.y; y < at.y + at.height; y++)
        sum += sum_line(plane, source_at(plane, at.x, y), at.width);
    return (unsigned)((sum + samples / 2) / samples);
}

void vanon_plane_blend(const struct vanon_plane *plane, const struct vanon_coverage *coverage,
                       struct vanon_rect at, unsigned value)
{
    const uint16_t sample = (uint16_t)value;

    at = vanon_rect_meet(at, coverage->at);
    at = vanon_rect_meet(at, (struct vanon_rect){0, 0, plane->width, plane->height});
    for (int y = at.y; y < at.y + at.height; y++) {
        uint8_t *to = target_at(plane, at.x, y);
        const uint8_t *line = coverage_at(coverage, at.x, y);

        if (side_by_side(plane) && plane->bytes == 1)
            plane->rows->blend_flat8(to, line, value, (size_t)at.width);
        else if (side_by_side(plane))
            plane->rows->blend_flat16((void *)to, line, value, (size_t)at.width);
        else if (plane->bytes == 1)
            blend_apart(to, line, at.width, plane->step, plane->shift, &sample, 0, 1);
        else
            blend_apart(to, line, at.width, plane->step, plane->shift, &sample, 0, 2);
    }
}

void vanon_plane_blend_line(const struct vanon_plane *plane, const struct vanon_coverage *coverage,
                            int x, int y, int count, const uint16_t *values)
{
    uint8_t *to = target_at(plane, x, y);
    const uint8_t *line = coverage_at(coverage, x, y);

    if (side_by_side(plane) && plane->bytes == 1)
        plane->rows->blend8(to, line, values, (size_t)count);
    else if (side_by_side(plane))
        plane->rows->blend16((void *)to, line, values, (size_t)count);
    else if (plane->bytes == 1)
        blend_apart(to, line, count, plane->step, plane->shift, values, 1, 1);
    else
        blend_apart(to, line, count, plane->step, plane->shift, values, 1, 2);
}

void vanon_plane_read(const struct vanon_plane *plane, int x, int y, int count, uint16_t *to)
{
    const uint8_t *from = source_at(plane, x, y);

    if (plane->bytes == 1)
        read_line(from, count, plane->step, plane->shift, to, 1);
    else
        read_line(from, count, plane->step, plane->shift, to, 2);
}
