/* SPDX-License-Identifier: Apache-2.0 */
/* Masks and styles, in a 720p frame with eight people: both eyes and both elbows of each. */
#include "bench.h"

#include <stdlib.h>

#include "mask/mask.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "render/renderer.h"

#define WIDTH  1280
#define HEIGHT 720
#define PEOPLE 8

struct parameters {
    enum vanon_pixel_format format;
    enum vanon_style style;
    bool exact;
};

struct work {
    vanon_options options;
    vanon_frame *frame;
    vanon_renderer *renderer;
    vanon_region_list regions;
    vanon_mask mask;
};

static void add(vanon_region_list *list, enum vanon_part part, float x, float y, float rx, float ry,
                float angle)
{
    vanon_region *region;

    bench_require(!vanon_region_list_add(list, 0, &region), "memory for a region");
    region->part = part;
    region->shape = VANON_SHAPE_ELLIPSE;
    region->cx = x;
    region->cy = y;
    region->rx = rx;
    region->ry = ry;
    region->angle = angle;
}

static void add_people(vanon_region_list *list)
{
    for (int i = 0; i < PEOPLE; i++) {
        float x = 100.3f + 150 * (float)i, y = 200.7f + 20 * (float)i, size = 20 + 5 * (float)i;

        add(list, VANON_PART_EYES, x, y, size, size / 2, 0.1f * (float)i);
        add(list, VANON_PART_ELBOWS, x - 30, y + 120, size, size, 0);
        add(list, VANON_PART_ELBOWS, x + 30, y + 120, size, size, 0);
    }
}

static void *create(const void *opaque)
{
    const struct parameters *p = opaque;
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(p->format);
    struct work *work = calloc(1, sizeof *work);

    bench_require(work && !vanon_frame_alloc(&work->frame, p->format, WIDTH, HEIGHT),
                  "memory for a frame");
    for (int i = 0; i < layout->planes; i++)
        bench_noise(work->frame->plane[i],
                    (size_t)work->frame->stride[i] * (size_t)vanon_plane_lines(layout, i, HEIGHT));
    work->options = (vanon_options){.mosaic_block = 16, .exact_styles = p->exact};
    for (int part = 0; part < VANON_PARTS; part++)
        work->options.style[part] = p->style;
    add_people(&work->regions);
    bench_require(!vanon_renderer_create(&work->renderer, &work->options, NULL), "a renderer");
    return work;
}

static void render(void *opaque)
{
    struct work *work = opaque;
    vanon_frame *frame = vanon_frame_ref(work->frame);

    bench_require(!vanon_renderer_render(work->renderer, &frame, &work->regions, NULL),
                  "rendering");
    vanon_frame_unref(&frame);
}

static void draw_masks(void *opaque)
{
    struct work *work = opaque;
    const vanon_matrix straight = {.xx = 1, .yy = 1};

    for (size_t i = 0; i < work->regions.count; i++)
        bench_require(
            !vanon_mask_draw(&work->mask, &work->regions.region[i], NULL, &straight, WIDTH, HEIGHT),
            "memory for a mask");
}

static void copy(void *opaque)
{
    struct work *work = opaque;
    vanon_frame *frame;

    bench_require(!vanon_frame_alloc(&frame, work->frame->format, WIDTH, HEIGHT), "memory");
    vanon_frame_copy_samples(frame, work->frame);
    vanon_frame_unref(&frame);
}

static void destroy(void *opaque)
{
    struct work *work = opaque;

    vanon_renderer_destroy(&work->renderer);
    vanon_frame_unref(&work->frame);
    vanon_region_list_free(&work->regions);
    vanon_mask_free(&work->mask);
    free(work);
}

#define RENDER(name_, run_, format_, style_, exact_)                                         \
    {                                                                                        \
        .name = name_,                                                                       \
        .parameters =                                                                        \
            &(const struct parameters){VANON_PIXEL_##format_, VANON_STYLE_##style_, exact_}, \
        .create = create, .run = run_, .destroy = destroy, .pixels = (double)WIDTH * HEIGHT  \
    }

const struct bench bench_render[] = {
    RENDER("copy of a 720p frame", copy, YUV420P, SOLID, false),
    RENDER("24 masks", draw_masks, YUV420P, SOLID, false),
    RENDER("24 regions, mosaic", render, YUV420P, MOSAIC, false),
    RENDER("24 regions, solid", render, YUV420P, SOLID, false),
    RENDER("24 regions, gaussian", render, YUV420P, GAUSSIAN, false),
    RENDER("24 regions, boxblur", render, YUV420P, BOXBLUR, false),
    RENDER("24 regions, gaussian, exact", render, YUV420P, GAUSSIAN, true),
    RENDER("24 regions, boxblur, exact", render, YUV420P, BOXBLUR, true),
    RENDER("24 regions, mosaic, nv12", render, NV12, MOSAIC, false),
    RENDER("24 regions, mosaic, yuv420p10", render, YUV420P10, MOSAIC, false),
    RENDER("24 regions, gaussian, yuv420p10", render, YUV420P10, GAUSSIAN, false),
    {0},
};
