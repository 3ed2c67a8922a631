/* SPDX-License-Identifier: Apache-2.0 */
#include "surface_case.h"

#include <stdlib.h>
#include <string.h>

#include "pixels/format.h"
#include "render/renderer.h"

#define FRAMES  3
#define REGIONS 4

/* Bytes that look random, those above a format's depth, too: decoders leave them. */
static void fill(vanon_frame *frame, uint32_t state)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, frame->height); y++)
            for (size_t x = 0; x < vanon_plane_bytes(layout, i, frame->width); x++) {
                state = state * 1664525 + 1013904223;
                frame->plane[i][y * frame->stride[i] + (ptrdiff_t)x] = (uint8_t)(state >> 24);
            }
}

static vanon_frame *make_frame(const struct surface_case *c, uint32_t number)
{
    vanon_frame *frame = NULL;

    if (vanon_frame_alloc(&frame, c->format, c->width, c->height))
        return NULL;
    fill(frame, number + 1);
    frame->number = number;
    frame->pts = number;
    frame->time_base = (vanon_rational){1, 25};
    frame->field_order = c->fields;
    return frame;
}

/* How many bytes of the samples differ. */
static size_t count_differences(const vanon_frame *a, const vanon_frame *b)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(a->format);
    size_t count = 0;

    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, a->height); y++)
            for (size_t x = 0; x < vanon_plane_bytes(layout, i, a->width); x++)
                count += a->plane[i][y * a->stride[i] + (ptrdiff_t)x] !=
                         b->plane[i][y * b->stride[i] + (ptrdiff_t)x];
    return count;
}

static const char *look(vanon_surfaces *surfaces, vanon_frame_pool *pool, vanon_frame *frame,
                        vanon_frame **device, vanon_frame **back)
{
    struct vanon_camera_cells cells[2];
    struct vanon_glance glance[2];
    uint8_t *line = malloc((size_t)frame->width);

    if (!line || vanon_surfaces_upload(surfaces, frame, device) ||
        vanon_surfaces_check(surfaces, *device) || vanon_surfaces_settle(surfaces, *device) ||
        vanon_surfaces_download(surfaces, pool, *device, back) ||
        vanon_surfaces_glance(surfaces, *device, &glance[1]) ||
        vanon_surfaces_cells(surfaces, *device, &cells[1])) {
        free(line);
        return "the device failed";
    }
    vanon_glance_take(&glance[0], frame);
    vanon_cells_take(&cells[0], frame, line);
    free(line);
    if ((*device)->memory != VANON_MEMORY_CUDA || (*device)->number != frame->number ||
        (*device)->field_order != frame->field_order || (*back)->memory != VANON_MEMORY_HOST)
        return "a frame lost what it says";
    if (count_differences(frame, *back))
        return "samples that went there and back";
    if (memcmp(&glance[0], &glance[1], sizeof glance[0]))
        return "a glance";
    return memcmp(&cells[0], &cells[1], sizeof cells[0]) ? "the camera's cells" : NULL;
}

const char *surface_case_look(vanon_surfaces *surfaces, const struct surface_case *c)
{
    vanon_frame *frame = make_frame(c, 7), *device = NULL, *back = NULL;
    vanon_frame_pool *pool = NULL;
    const char *wrong = "no memory";

    if (frame && !vanon_frame_pool_create(&pool))
        wrong = look(surfaces, pool, frame, &device, &back);
    vanon_frame_unref(&frame);
    vanon_frame_unref(&device);
    vanon_frame_unref(&back);
    vanon_frame_pool_destroy(&pool);
    return wrong;
}

/* A large region, one across a corner, a small one, one that lies over the first. */
static void place(const struct surface_case *c, float moved, vanon_region region[REGIONS])
{
    float width = (float)c->width, height = (float)c->height;
    const vanon_region places[REGIONS] = {
        {.part = VANON_PART_HEAD,
         .cx = 0.45f * width,
         .cy = 0.45f * height,
         .rx = 0.2f * width,
         .ry = 0.2f * height,
         .angle = 0.4f},
        {.part = VANON_PART_ELBOWS,
         .cx = 0.01f * width,
         .cy = 0.98f * height,
         .rx = 0.08f * width,
         .ry = 0.22f * height},
        {.part = VANON_PART_EYES, .cx = 0.93f * width, .cy = 0.11f * height, .rx = 4, .ry = 3},
        {.part = c->whole ? VANON_PART_FRAME : VANON_PART_HANDS,
         .cx = 0.5f * width,
         .cy = 0.5f * height,
         .rx = 0.1f * width,
         .ry = 0.1f * height},
    };

    for (int i = 0; i < REGIONS; i++) {
        region[i] = places[i];
        region[i].object = i;
        region[i].shape = VANON_SHAPE_ELLIPSE;
        region[i].cx += moved;
        region[i].cy += moved / 2;
    }
}

/* The CPU's renderer and the device's. */
struct pair {
    struct vanon_options options;
    vanon_surfaces *surfaces;
    vanon_renderer *renderer[2];
    vanon_hold *hold[2];
    struct vanon_held held[2];
    vanon_frame_pool *pool;
};

static bool pair_create(struct pair *pair, vanon_surfaces *surfaces, const struct surface_case *c)
{
    static const vanon_log silent;

    *pair = (struct pair){.options = {.mosaic_block = 4, .blur_kernel = c->blur_kernel},
                          .surfaces = surfaces};
    for (int i = 0; i < VANON_STYLED; i++)
        pair->options.style[i] = c->style;
    for (int i = 0; i < 2; i++)
        if (vanon_renderer_create(&pair->renderer[i], &pair->options, &silent) ||
            vanon_hold_create(&pair->hold[i], &pair->options))
            return false;
    vanon_renderer_use(pair->renderer[1], surfaces);
    vanon_hold_use(pair->hold[1], surfaces);
    return !vanon_frame_pool_create(&pair->pool);
}

static void pair_destroy(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        vanon_renderer_destroy(&pair->renderer[i]);
        vanon_hold_destroy(&pair->hold[i]);
        vanon_held_free(&pair->held[i]);
    }
    vanon_frame_pool_destroy(&pair->pool);
}

/* `frame` is both frames, which become the rendered ones. */
static const char *render(struct pair *pair, const struct surface_case *c,
                          const vanon_region_list *regions, vanon_frame *frame[2])
{
    for (int i = 0; i < 2; i++)
        if ((c->held && vanon_hold_frame(pair->hold[i], frame[i], regions, &pair->held[i])) ||
            vanon_renderer_render(pair->renderer[i], &frame[i], regions,
                                  c->held ? &pair->held[i] : NULL))
            return i ? "the device's renderer failed" : "the CPU's renderer failed";
    return frame[1]->memory == VANON_MEMORY_CUDA ? NULL : "a frame left the device";
}

static const char *render_one(struct pair *pair, const struct surface_case *c, uint32_t number,
                              size_t *painted)
{
    vanon_frame *source = make_frame(c, number), *frame[2] = {vanon_frame_ref(source), NULL};
    vanon_frame *back = NULL;
    const char *wrong = "no memory";
    vanon_region region[REGIONS];
    const vanon_region_list regions = {.count = REGIONS, .region = region};

    place(c, 2.3f * (float)number, region);
    if (source && !vanon_surfaces_upload(pair->surfaces, source, &frame[1]))
        wrong = render(pair, c, &regions, frame);
    if (!wrong && vanon_surfaces_download(pair->surfaces, pair->pool, frame[1], &back))
        wrong = "the device failed";
    if (!wrong && count_differences(frame[0], back))
        wrong = "samples that were rendered";
    if (!wrong)
        *painted += count_differences(source, frame[0]);
    vanon_frame_unref(&source);
    vanon_frame_unref(&frame[0]);
    vanon_frame_unref(&frame[1]);
    vanon_frame_unref(&back);
    return wrong;
}

const char *surface_case_render(vanon_surfaces *surfaces, const struct surface_case *c,
                                size_t *painted)
{
    const char *wrong = NULL;
    struct pair pair;

    *painted = 0;
    if (!pair_create(&pair, surfaces, c))
        wrong = "no renderer";
    for (uint32_t i = 0; i < FRAMES && !wrong; i++)
        wrong = render_one(&pair, c, i, painted);
    pair_destroy(&pair);
    return wrong;
}
