/* SPDX-License-Identifier: Apache-2.0 */
#include "paint_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "render/cells.h"

#define SPAN  3 /* cells that a kernel is long: render/blur.h */
#define TAPS  5
#define LEAST 25 /* of an automatic kernel */

#define LEAST_RAMP 5 /* of a mosaic: render/mosaic.c */

static struct vanon_style_work work_of(struct paint_case *paint, int component,
                                       const vanon_frame *target, struct vanon_coverage *coverage)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(paint->format);
    struct vanon_style_work work = {.options = &paint->options,
                                    .source = paint->source,
                                    .layout = layout,
                                    .component = component,
                                    .box = paint->mask.whole,
                                    .coverage = coverage,
                                    .scratch = &paint->scratch};
    const struct vanon_render_rows *rows = vanon_render_rows(vanon_cpu_flags());
    bool chroma = vanon_component_is_chroma(layout, component);

    vanon_plane_view(&work.plane, rows, paint->source, target, component, 0);
    if (!vanon_coverage_make(coverage, rows, &paint->mask, chroma ? layout->log2_chroma_w : 0,
                             1 << (chroma ? layout->log2_chroma_h : 0)))
        work.at = vanon_rect_meet(coverage->at,
                                  (struct vanon_rect){0, 0, work.plane.width, work.plane.height});
    return work;
}

static void fill(vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    uint32_t state = 1;

    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, frame->height); y++)
            for (size_t x = 0; x < vanon_plane_bytes(layout, i, frame->width); x++) {
                state = state * 1664525 + 1013904223;
                frame->plane[i][y * frame->stride[i] + (ptrdiff_t)x] = (uint8_t)(state >> 24);
            }
}

bool paint_case_make(struct paint_case *paint, int width, int height)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(paint->format);
    vanon_region region = {.shape = VANON_SHAPE_ELLIPSE,
                           .cx = paint->cx,
                           .cy = paint->cy,
                           .rx = paint->rx,
                           .ry = paint->ry,
                           .angle = paint->angle};
    struct vanon_coverage coverage = {0};
    vanon_matrix to_coded;
    bool fine = true;

    paint->options.mosaic_block = 4;
    if (vanon_frame_alloc(&paint->source, paint->format, width, height) ||
        vanon_frame_alloc(&paint->expected, paint->format, width, height) ||
        vanon_frame_alloc(&paint->painted, paint->format, width, height))
        return false;
    fill(paint->source);
    vanon_frame_copy_samples(paint->expected, paint->source);
    vanon_frame_copy_samples(paint->painted, paint->source);
    to_coded = vanon_frame_display_to_coded(paint->source);
    if (vanon_mask_draw(&paint->mask, &region, NULL, &to_coded, width, height))
        return false;
    for (int i = 0; i < layout->components && fine; i++) {
        struct vanon_style_work work = work_of(paint, i, paint->expected, &coverage);

        if (work.at.width && work.at.height)
            fine = !vanon_style_ops(paint->style)->apply(&work);
    }
    vanon_coverage_free(&coverage);
    return fine;
}

void paint_case_free(struct paint_case *paint)
{
    vanon_frame_unref(&paint->source);
    vanon_frame_unref(&paint->expected);
    vanon_frame_unref(&paint->painted);
    vanon_mask_free(&paint->mask);
    free(paint->scratch.memory);
}

static struct vanon_gpu_plane plane_of(const struct paint_case *paint, vanon_frame *frame,
                                       int component)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(paint->format);
    const struct vanon_component *in = &layout->component[component];

    return (struct vanon_gpu_plane){
        .samples = frame->plane[in->plane] + in->offset,
        .stride = frame->stride[in->plane],
        .width = vanon_component_width(layout, component, frame->width),
        .height = vanon_component_height(layout, component, frame->height),
        .bytes = layout->sample_bytes,
        .step = in->step,
        .shift = in->shift,
    };
}

/* What the first taps of the style's kernel weigh together, as render/blur.h says. */
static uint32_t *sums_of(enum vanon_style style, int radius)
{
    uint32_t *sums = calloc(2 * (size_t)radius + 2, sizeof *sums);
    double sigma = 0.3 * (radius - 1) + 0.8, total = 0, sum = 0;

    for (int pass = 0; pass < 2 && sums; pass++)
        for (int i = 0; i <= 2 * radius; i++) {
            double away = (i - radius) / sigma;
            double tap = style == VANON_STYLE_GAUSSIAN ? exp(-away * away / 2) : 1;

            if (!pass) {
                total += tap;
                continue;
            }
            sum += tap;
            sums[i + 1] = (uint32_t)(sum / total * VANON_GPU_WHOLE + 0.5);
        }
    return sums;
}

static struct vanon_gpu_axis axis_of(int from, int length, int cells, int radius,
                                     const uint32_t *sums)
{
    return (struct vanon_gpu_axis){from, length, cells < TAPS ? TAPS : cells, radius, sums};
}

/* The side of the style's kernel, and of its cells: as render/blur.h and mosaic.c have them. */
static int kernel_of(enum vanon_style style, int *side)
{
    int kernel;

    if (style == VANON_STYLE_MOSAIC)
        return *side > LEAST_RAMP ? *side : LEAST_RAMP;
    kernel = SPAN * *side > LEAST ? SPAN * *side : LEAST;
    if (*side < (kernel + SPAN - 1) / SPAN)
        *side = (kernel + SPAN - 1) / SPAN;
    return kernel;
}

/* Those that the kernel reaches. */
static void lay_cells(struct paint_part *part, const struct paint_case *paint,
                      const struct vanon_style_work *work)
{
    bool chroma = vanon_component_is_chroma(work->layout, work->component);
    int side = vanon_cells_side(work), kernel = kernel_of(paint->style, &side);
    int radius_x = kernel / 2 >> (chroma ? work->layout->log2_chroma_w : 0);
    int radius_y = kernel / 2 >> (chroma ? work->layout->log2_chroma_h : 0);
    struct vanon_rect at = work->at;
    struct vanon_cells cells;

    at = (struct vanon_rect){at.x - radius_x, at.y - radius_y, at.width + 2 * radius_x,
                             at.height + 2 * radius_y};
    vanon_cells_lay(&cells, work, side, at);
    part->sums[0] = sums_of(paint->style, radius_x);
    part->sums[1] = sums_of(paint->style, radius_y);
    part->across = axis_of(cells.at.x, cells.at.width, cells.columns, radius_x, part->sums[0]);
    part->down = axis_of(cells.at.y, cells.at.height, cells.rows, radius_y, part->sums[1]);
    part->cells =
        (struct vanon_gpu_cells){{cells.at.x, cells.at.y, cells.at.width, cells.at.height},
                                 part->across.cells,
                                 part->down.cells};
}

bool paint_part_make(struct paint_part *part, struct paint_case *paint, int component)
{
    struct vanon_style_work work;

    *part = (struct paint_part){.plane = plane_of(paint, paint->painted, component),
                                .source = plane_of(paint, paint->source, component),
                                .value = component ? 128 : 16};
    work = work_of(paint, component, paint->painted, &part->covered);
    part->value <<= work.layout->component[component].depth - 8;
    if (!work.at.width || !work.at.height)
        return false;
    part->coverage = (struct vanon_gpu_coverage){
        .at = {part->covered.at.x, part->covered.at.y, part->covered.at.width,
               part->covered.at.height},
        .stride = part->covered.stride,
        .line = (uint8_t *)part->covered.line,
    };
    lay_cells(part, paint, &work);
    return part->sums[0] && part->sums[1];
}

void paint_part_free(struct paint_part *part)
{
    vanon_coverage_free(&part->covered);
    free(part->sums[0]);
    free(part->sums[1]);
}

int paint_case_difference(const struct paint_case *paint)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(paint->format);
    int most = 0;

    for (int i = 0; i < layout->components; i++) {
        struct vanon_gpu_plane a = plane_of(paint, paint->expected, i);
        struct vanon_gpu_plane b = plane_of(paint, paint->painted, i);

        for (int y = 0; y < a.height; y++)
            for (int x = 0; x < a.width; x++) {
                int away = abs((int)vanon_gpu_read(&a, x, y) - (int)vanon_gpu_read(&b, x, y));

                most = away > most ? away : most;
            }
    }
    return most;
}
