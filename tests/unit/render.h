/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the renderer and of its styles share: frames, samples, one call to render, and
 * what a sample must be, worked out slowly. */
#ifndef VANON_TESTS_RENDER_H
#define VANON_TESTS_RENDER_H

#include "unit.h"

#include <math.h>

#include "mask/mask.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "render/renderer.h"

/* Options of which the renderer reads only these. */
static inline vanon_options options(enum vanon_style eyes, enum vanon_style elbows, int block)
{
    return (vanon_options){.style = {[VANON_PART_EYES] = eyes, [VANON_PART_ELBOWS] = elbows},
                           .mosaic_block = block};
}

static inline vanon_options one_style(enum vanon_style style, int block)
{
    return options(style, style, block);
}

static inline vanon_frame *new_frame(enum vanon_pixel_format format, int width, int height)
{
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, width, height), VANON_OK);
    return frame;
}

static inline size_t line_bytes(const vanon_frame *frame, int plane)
{
    return vanon_plane_bytes(vanon_pixel_layout(frame->format), plane, frame->width);
}

static inline uint8_t *line_of(const vanon_frame *frame, int plane, int y)
{
    return frame->plane[plane] + y * frame->stride[plane];
}

/* Every byte the same. */
static inline void paint(vanon_frame *frame, int value)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int plane = 0; plane < layout->planes; plane++)
        for (int y = 0; y < vanon_plane_lines(layout, plane, frame->height); y++)
            memset(line_of(frame, plane, y), value, line_bytes(frame, plane));
}

/* Any bits at all, also where a format has unused ones. */
static inline void scribble(vanon_frame *frame, uint32_t seed)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int plane = 0; plane < layout->planes; plane++)
        for (int y = 0; y < vanon_plane_lines(layout, plane, frame->height); y++)
            for (size_t i = 0; i < line_bytes(frame, plane); i++) {
                seed = seed * 1664525 + 1013904223;
                line_of(frame, plane, y)[i] = (uint8_t)(seed >> 24);
            }
}

static inline void assert_same_samples(const vanon_frame *a, const vanon_frame *b)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(a->format);

    for (int plane = 0; plane < layout->planes; plane++)
        for (int y = 0; y < vanon_plane_lines(layout, plane, a->height); y++)
            assert_memory_equal(line_of(a, plane, y), line_of(b, plane, y), line_bytes(a, plane));
}

static inline unsigned word_at(const vanon_frame *frame, int component, int x, int y)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *in = &layout->component[component];
    const uint8_t *at = line_of(frame, in->plane, y) + in->offset + (ptrdiff_t)x * in->step;

    return layout->sample_bytes == 1 ? *at : at[0] | (unsigned)at[1] << 8;
}

static inline unsigned sample_at(const vanon_frame *frame, int component, int x, int y)
{
    return word_at(frame, component, x, y) >>
           vanon_pixel_layout(frame->format)->component[component].shift;
}

static inline vanon_region ellipse(enum vanon_part part, float cx, float cy, float radius)
{
    return (vanon_region){.part = part, .cx = cx, .cy = cy, .rx = radius, .ry = radius};
}

/* Renders, and hands out a frame of its own; `frame` stays as it was. */
static inline vanon_frame *render_list(const vanon_options *with, const vanon_frame *frame,
                                       const vanon_region_list *list)
{
    vanon_frame *out = vanon_frame_ref((vanon_frame *)frame);
    vanon_renderer *renderer;

    assert_int_equal(vanon_renderer_create(&renderer, with, &unit_log), VANON_OK);
    assert_int_equal(vanon_renderer_render(renderer, &out, list, NULL), VANON_OK);
    vanon_renderer_destroy(&renderer);
    assert_null(renderer);
    return out;
}

static inline vanon_frame *render_regions(const vanon_options *with, const vanon_frame *frame,
                                          vanon_region *regions, size_t count)
{
    return render_list(with, frame, &(vanon_region_list){.count = count, .region = regions});
}

static inline vanon_frame *render(const vanon_options *with, const vanon_frame *frame,
                                  vanon_region region)
{
    return render_regions(with, frame, &region, 1);
}

/* What the headers say of a sample, worked out sample by sample. */

static inline int floor_to(int value, int unit)
{
    return (int)floor((double)value / unit) * unit;
}

static inline int least(int a, int b)
{
    return a < b ? a : b;
}

static inline int most(int a, int b)
{
    return a > b ? a : b;
}

/* Where the samples whose mean a sample shows begin; `*length` is how many there are. */
static inline int cell_of(int sample, int limit, int box, int side, int unit, bool chroma,
                          int *length)
{
    int scale = chroma ? unit : 1, start, whole = (side + unit - 1) / unit * unit;

    start = floor_to(sample * scale - floor_to(box, unit), whole) + floor_to(box, unit);
    *length = least(whole / scale, limit);
    return most(0, least(start / scale, limit - *length));
}

static inline unsigned mean_at(const vanon_frame *frame, const struct vanon_rect *box, int side,
                               int component, int x, int y)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    bool chroma = vanon_component_is_chroma(layout, component);
    int width, height;
    int x0 = cell_of(x, vanon_component_width(layout, component, frame->width), box->x, side,
                     1 << layout->log2_chroma_w, chroma, &width);
    int y0 = cell_of(y, vanon_component_height(layout, component, frame->height), box->y, side,
                     1 << layout->log2_chroma_h, chroma, &height);
    double sum = 0;

    for (int i = 0; i < width * height; i++)
        sum += sample_at(frame, component, x0 + i % width, y0 + i / width);
    return (unsigned)floor(sum / width / height + 0.5);
}

static inline unsigned black_at(const vanon_frame *frame, int component)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    unsigned scale = 1u << (layout->component[component].depth - 8);

    if (layout->model == VANON_MODEL_RGB)
        return 0;
    return component && layout->model == VANON_MODEL_YUV ? 128 * scale
           : frame->colour.full_range                    ? 0
                                                         : 16 * scale;
}

/* The largest coverage of the pixels that a sample is drawn on. */
static inline int coverage_at(const vanon_mask *mask, const vanon_frame *frame, int component,
                              int x, int y)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    bool chroma = vanon_component_is_chroma(layout, component);
    int width = chroma ? 1 << layout->log2_chroma_w : 1;
    int height = chroma ? 1 << layout->log2_chroma_h : 1, found = 0;

    for (int i = 0; i < width * height; i++) {
        int column = x * width + i % width - mask->x, row = y * height + i / width - mask->y;

        if (column >= 0 && row >= 0 && column < mask->width && row < mask->height)
            found = most(found, mask->coverage[row * mask->stride + column]);
    }
    return found;
}

/* Bytes that are no component's, such as the X of rgb0. */
static inline void check_padding(const vanon_frame *source, const vanon_frame *out)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);
    int used = 0;

    for (int i = 0; i < layout->components; i++)
        used += layout->sample_bytes;
    if (layout->planes > 1 || layout->component[0].step == used || layout->model != VANON_MODEL_RGB)
        return;
    for (int y = 0; y < source->height; y++)
        for (int x = 0; x < source->width; x++)
            for (int byte = 0; byte < 4; byte++) {
                bool meant = false;

                for (int i = 0; i < layout->components; i++)
                    meant = meant || layout->component[i].offset == byte;
                if (!meant)
                    assert_int_equal(line_of(out, 0, y)[4 * x + byte],
                                     line_of(source, 0, y)[4 * x + byte]);
            }
}

#endif
