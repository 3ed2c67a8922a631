/* SPDX-License-Identifier: Apache-2.0 */
/* The GPU hides what the CPU's styles hide, with the same samples. */
#include <math.h>

#include "../../plugins/cuda/paint.h"
#include "gpu.h"
#include "paint_case.h"
#include "pixels/format.h"

#define WIDTH  322
#define HEIGHT 178

/* The frame's planes on the device; they keep their strides. */
static void put_planes(const vanon_frame *frame, void *device[VANON_MAX_PLANES])
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++)
        device[i] =
            gpu_put(frame->plane[i],
                    (size_t)frame->stride[i] * (size_t)vanon_plane_lines(layout, i, frame->height));
}

static void get_planes(vanon_frame *frame, void *device[VANON_MAX_PLANES])
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++) {
        gpu_get(frame->plane[i], device[i],
                (size_t)frame->stride[i] * (size_t)vanon_plane_lines(layout, i, frame->height));
        cudaFree(device[i]);
    }
}

static uint32_t *put_sums(struct vanon_gpu_axis *axis)
{
    uint32_t *sums = gpu_put(axis->sums, (2 * (size_t)axis->radius + 2) * sizeof *sums);

    axis->sums = sums;
    return sums;
}

static void paint(enum vanon_style style, const struct paint_part *part,
                  const struct vanon_gpu_plane *source)
{
    size_t cells = (size_t)part->cells.columns * (size_t)part->cells.rows;
    uint16_t *values = gpu_put(NULL, cells * sizeof *values), *line;
    struct vanon_gpu_axis across = part->across, down = part->down;
    uint32_t *sums[2] = {NULL, NULL};

    if (style == VANON_STYLE_SOLID) {
        FINE(vanon_gpu_paint_flat(0, &part->plane, &part->coverage, part->value));
    } else {
        sums[0] = put_sums(&across);
        sums[1] = put_sums(&down);
        line = gpu_put(NULL, (size_t)part->coverage.at.width * (size_t)down.cells * sizeof *line);
        FINE(vanon_gpu_cell_means(0, source, &part->cells, values));
        FINE(
            vanon_gpu_paint_smooth(0, &part->plane, &part->coverage, &across, &down, values, line));
        FINE(cudaDeviceSynchronize());
        cudaFree(line);
    }
    FINE(cudaDeviceSynchronize());
    cudaFree(values);
    cudaFree(sums[0]);
    cudaFree(sums[1]);
}

/* Coverage made on the device, from the mask, is the CPU's. */
static uint8_t *make_coverage(const struct paint_case *c, struct paint_part *part, bool chroma)
{
    size_t mask_bytes = (size_t)c->mask.stride * (size_t)c->mask.height;
    size_t bytes = (size_t)part->coverage.stride * (size_t)part->coverage.at.height;
    struct vanon_gpu_coverage luma = {
        {c->mask.x, c->mask.y, c->mask.width, c->mask.height}, c->mask.stride, NULL};
    const uint8_t *expected = part->coverage.line;
    uint8_t *line = gpu_put(NULL, bytes), *back = malloc(bytes);

    luma.line = gpu_put(c->mask.coverage, mask_bytes);
    part->coverage.line = line;
    FINE(vanon_gpu_cover(0, &luma, chroma, chroma ? 2 : 1, &part->coverage));
    gpu_get(back, line, bytes);
    for (size_t i = 0; i < bytes; i++)
        REQUIRE(back[i] == expected[i], "coverage %zu is %u, not %u", i, back[i], expected[i]);
    cudaFree(luma.line);
    free(back);
    return line;
}

static void test_case(struct paint_case c)
{
    void *source[VANON_MAX_PLANES], *painted[VANON_MAX_PLANES];
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(c.format);
    int most = c.style == VANON_STYLE_GAUSSIAN || c.style == VANON_STYLE_BOXBLUR, difference;

    REQUIRE(paint_case_make(&c, WIDTH, HEIGHT), "a case");
    put_planes(c.source, source);
    put_planes(c.painted, painted);
    for (int i = 0; i < 3; i++) {
        const struct vanon_component *in = &layout->component[i];
        struct paint_part part;
        struct vanon_gpu_plane from;
        uint8_t *line;

        if (!paint_part_make(&part, &c, i))
            continue;
        line = make_coverage(&c, &part, i > 0);
        part.plane.samples = (uint8_t *)painted[in->plane] + in->offset;
        from = part.source;
        from.samples = (uint8_t *)source[in->plane] + in->offset;
        paint(c.style, &part, &from);
        cudaFree(line);
        paint_part_free(&part);
    }
    get_planes(c.painted, painted);
    for (int i = 0; i < layout->planes; i++)
        cudaFree(source[i]);
    difference = paint_case_difference(&c);
    REQUIRE(difference <= most, "%s, style %d: %d levels off", layout->name, c.style, difference);
    paint_case_free(&c);
}

void test_paint(void)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_NV12, VANON_PIXEL_P010};
    static const enum vanon_style styles[] = {VANON_STYLE_MOSAIC, VANON_STYLE_GAUSSIAN,
                                              VANON_STYLE_BOXBLUR, VANON_STYLE_SOLID};

    for (size_t f = 0; f < 2; f++)
        for (size_t s = 0; s < 4; s++) {
            struct paint_case c = {.format = formats[f], .style = styles[s]};

            c.cx = 150.3f, c.cy = 80.8f, c.rx = 60, c.ry = 33, c.angle = 0.4f;
            test_case(c);
            c.cx = 3, c.cy = 175, c.rx = 25, c.ry = 40; /* across the picture's corner */
            test_case(c);
            c.cx = 300, c.cy = 20, c.rx = 4, c.ry = 3; /* small */
            test_case(c);
        }
    puts("paint: every style as the CPU has it, in NV12 and P010");
}
