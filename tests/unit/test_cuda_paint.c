/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of the GPU's painting, run on the host a sample at a time, against the CPU's
 * styles. */
#include "unit.h"

#include "../gpu/paint_case.h"
#include "pixels/format.h"

#define WIDTH  150
#define HEIGHT 90

static uint16_t *find_means(const struct paint_part *part)
{
    const struct vanon_gpu_cells *cells = &part->cells;
    uint16_t *mean = calloc((size_t)cells->columns * (size_t)cells->rows, sizeof *mean);

    assert_non_null(mean);
    for (int row = 0; row < cells->rows; row++)
        for (int column = 0; column < cells->columns; column++) {
            struct vanon_gpu_rect at = vanon_gpu_cell_samples(cells, &part->source, column, row);
            uint64_t sum = 0;

            for (int y = at.y; y < at.y + at.height; y++)
                for (int x = at.x; x < at.x + at.width; x++)
                    sum += vanon_gpu_read(&part->source, x, y);
            mean[row * cells->columns + column] =
                vanon_gpu_mean(sum, (uint64_t)at.width * (uint64_t)at.height);
        }
    return mean;
}

/* One sample of mosaic and blurs. */
static uint32_t smooth_at(const struct paint_part *part, const uint16_t *mean, int x, int y)
{
    int bits = 8 * part->plane.bytes - part->plane.shift;
    uint32_t across[VANON_GPU_TAPS], down[VANON_GPU_TAPS];
    int column = vanon_gpu_weigh(&part->across, x, across);
    int row = vanon_gpu_weigh(&part->down, y, down);
    uint16_t value[VANON_GPU_TAPS];

    for (int i = 0; i < VANON_GPU_TAPS; i++)
        value[i] = (uint16_t)vanon_gpu_smooth(mean + (row + i) * part->across.cells + column, 1,
                                              across, bits - 1);
    return vanon_gpu_smooth(value, 1, down, 31 - bits);
}

static uint32_t value_at(const struct paint_case *paint, const struct paint_part *part,
                         const uint16_t *mean, int x, int y)
{
    return paint->style == VANON_STYLE_SOLID ? part->value : smooth_at(part, mean, x, y);
}

static void paint_part(const struct paint_case *paint, const struct paint_part *part, bool chroma)
{
    const struct vanon_gpu_coverage luma = {
        {paint->mask.x, paint->mask.y, paint->mask.width, paint->mask.height},
        paint->mask.stride,
        paint->mask.coverage};
    const struct vanon_gpu_rect *at = &part->coverage.at;
    uint16_t *mean = find_means(part);

    for (int y = at->y; y < at->y + at->height; y++)
        for (int x = at->x; x < at->x + at->width; x++) {
            uint8_t covered = part->coverage.line[(y - at->y) * part->coverage.stride + x - at->x];

            assert_int_equal(vanon_gpu_block_coverage(&luma, chroma, chroma ? 2 : 1, x, y),
                             covered);
            if (covered && x < part->plane.width && y < part->plane.height)
                vanon_gpu_blend(&part->plane, x, y, value_at(paint, part, mean, x, y), covered);
        }
    free(mean);
}

static void check(struct paint_case paint, int most)
{
    assert_true(paint_case_make(&paint, WIDTH, HEIGHT));
    for (int i = 0; i < 3; i++) {
        struct paint_part part;

        if (paint_part_make(&part, &paint, i))
            paint_part(&paint, &part, i > 0);
        paint_part_free(&part);
    }
    assert_in_range(paint_case_difference(&paint), 0, most);
    paint_case_free(&paint);
}

static void check_style(enum vanon_style style, int most)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_NV12, VANON_PIXEL_YUV420P,
                                                      VANON_PIXEL_P010, VANON_PIXEL_YUV420P10};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct paint_case paint = {.format = formats[i], .style = style};

        paint.cx = 70.2f, paint.cy = 41.7f, paint.rx = 40, paint.ry = 22, paint.angle = 0.5f;
        check(paint, most);
        paint.cx = 148, paint.cy = 2, paint.rx = 20, paint.ry = 30; /* across a corner */
        check(paint, most);
        paint.cx = 20, paint.cy = 70, paint.rx = 3, paint.ry = 2;
        check(paint, most);
    }
}

static void test_mosaic_equals_the_cpus(void **state)
{
    (void)state;
    check_style(VANON_STYLE_MOSAIC, 0);
}

static void test_solid_equals_the_cpus(void **state)
{
    (void)state;
    check_style(VANON_STYLE_SOLID, 0);
}

static void test_blurs_equal_the_cpus(void **state)
{
    (void)state;
    check_style(VANON_STYLE_GAUSSIAN, 1);
    check_style(VANON_STYLE_BOXBLUR, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mosaic_equals_the_cpus),
        cmocka_unit_test(test_solid_equals_the_cpus),
        cmocka_unit_test(test_blurs_equal_the_cpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
