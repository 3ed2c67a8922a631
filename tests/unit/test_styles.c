/* SPDX-License-Identifier: Apache-2.0 */
#include "render.h"

#include <math.h>

#include "base/memory.h"

#define LONGEST 400 /* side of a picture of cells, with a kernel's reach */

static vanon_options blur(enum vanon_style style, int block, int kernel, bool exact)
{
    vanon_options with = one_style(style, block);

    with.blur_kernel = kernel;
    with.exact_styles = exact;
    return with;
}

static vanon_region box_around(float cx, float cy, float rx, float ry)
{
    return (vanon_region){.shape = VANON_SHAPE_BOX, .cx = cx, .cy = cy, .rx = rx, .ry = ry};
}

/* Any samples, of no more bits than the format has. */
static void noise(vanon_frame *frame, uint32_t seed)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    unsigned depth = layout->component[0].depth;

    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++) {
            seed = seed * 1664525 + 1013904223;
            if (depth == 8) {
                line_of(frame, 0, y)[x] = (uint8_t)(seed >> 24);
            } else {
                uint16_t word = (uint16_t)((seed >> 16) & ((1u << depth) - 1));

                memcpy(line_of(frame, 0, y) + 2 * x, &word, sizeof word);
            }
        }
}

/* A blur, or a mosaic, worked out tap by tap, in floating point. */
struct slow {
    const vanon_frame *source;
    const vanon_options *with;
    struct vanon_rect box;
    int component, width, height, radius_x, radius_y;
    double (*under)[LONGEST]; /* what lies under the taps, from -radius on */
    double tap_x[LONGEST], tap_y[LONGEST];
};

static void fill_taps(double taps[], int radius, bool gaussian)
{
    double sigma = 0.3 * ((2 * radius + 1 - 1) * 0.5 - 1) + 0.8, total = 0;

    for (int i = -radius; i <= radius; i++)
        total += taps[i + radius] = gaussian ? exp(-i * i / (2 * sigma * sigma)) : 1;
    for (int i = 0; i <= 2 * radius; i++)
        taps[i] /= total;
}

static int mirrored(int at, int count)
{
    while (count > 1 && (at < 0 || at >= count))
        at = at < 0 ? -at : 2 * (count - 1) - at;
    return count > 1 ? at : 0;
}

static void prepare(struct slow *slow)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(slow->source->format);
    bool chroma = vanon_component_is_chroma(layout, slow->component);
    bool gaussian = slow->with->style[0] == VANON_STYLE_GAUSSIAN;
    int cell = most(slow->with->mosaic_block, (most(slow->box.width, slow->box.height) + 5) / 6);
    int kernel = slow->with->blur_kernel;

    if (slow->with->style[0] == VANON_STYLE_MOSAIC)
        kernel = most(5, cell);
    else if (!kernel)
        kernel = slow->with->exact_styles ? 25 : most(25, 3 * cell);
    cell = most(cell, (kernel + 2) / 3);
    slow->radius_x = kernel / 2 >> (chroma ? layout->log2_chroma_w : 0);
    slow->radius_y = kernel / 2 >> (chroma ? layout->log2_chroma_h : 0);
    slow->width = vanon_component_width(layout, slow->component, slow->source->width);
    slow->height = vanon_component_height(layout, slow->component, slow->source->height);
    assert_true(slow->width + 2 * slow->radius_x <= LONGEST);
    assert_true(slow->height + 2 * slow->radius_y <= LONGEST);
    for (int y = 0; y < slow->height + 2 * slow->radius_y; y++)
        for (int x = 0; x < slow->width + 2 * slow->radius_x; x++) {
            int at_x = x - slow->radius_x, at_y = y - slow->radius_y;

            slow->under[y][x] =
                slow->with->exact_styles
                    ? sample_at(slow->source, slow->component, mirrored(at_x, slow->width),
                                mirrored(at_y, slow->height))
                    : mean_at(slow->source, &slow->box, cell, slow->component, at_x, at_y);
        }
    fill_taps(slow->tap_x, slow->radius_x, gaussian);
    fill_taps(slow->tap_y, slow->radius_y, gaussian);
}

static double slow_at(const struct slow *slow, int x, int y)
{
    double sum = 0;

    for (int j = 0; j <= 2 * slow->radius_y; j++) {
        double line = 0;

        for (int i = 0; i <= 2 * slow->radius_x; i++)
            line += slow->tap_x[i] * slow->under[y + j][x + i];
        sum += slow->tap_y[j] * line;
    }
    return sum;
}

/* Within one of what it must be, and what 15 bits of a weight leave open in a word; OpenCV's taps
 * have only eight bits for bytes. */
static void check_inside(const struct slow *slow, const vanon_frame *out, const vanon_mask *mask)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(out->format);
    int bits = 8 * layout->sample_bytes - layout->component[0].shift;
    double near = slow->with->exact_styles ? 4 : 1.1 + (1 << bits) / 8192.0;

    for (int y = 0; y < slow->height; y++)
        for (int x = 0; x < slow->width; x++) {
            int c = coverage_at(mask, slow->source, slow->component, x, y);
            double was = sample_at(slow->source, slow->component, x, y), want;

            if (!c)
                continue;
            want = (was * (255 - c) + slow_at(slow, x, y) * c) / 255;
            if (fabs(sample_at(out, slow->component, x, y) - want) > near)
                fail_msg("%s, component %d, %d,%d: %u for %g, coverage %d", layout->name,
                         slow->component, x, y, sample_at(out, slow->component, x, y), want, c);
        }
}

/* Samples outside and alpha have every bit of the source. */
static void check_outside(const vanon_frame *source, const vanon_frame *out, const vanon_mask *mask)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);

    for (int i = 0; i < layout->components; i++)
        for (int y = 0; y < vanon_component_height(layout, i, source->height); y++)
            for (int x = 0; x < vanon_component_width(layout, i, source->width); x++)
                if ((layout->alpha && i == layout->components - 1) ||
                    !coverage_at(mask, source, i, x, y))
                    if (word_at(out, i, x, y) != word_at(source, i, x, y))
                        fail_msg("%s, component %d, %d,%d was changed", layout->name, i, x, y);
    check_padding(source, out);
}

static void check_blur(enum vanon_pixel_format format, int width, int height,
                       const vanon_options *with, vanon_region region, bool inside)
{
    static double under[LONGEST][LONGEST];
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *source = new_frame(format, width, height), *before, *out;
    vanon_matrix to_coded = vanon_frame_display_to_coded(source);
    vanon_mask mask = {0};

    scribble(source, (uint32_t)format);
    before = new_frame(format, width, height);
    vanon_frame_copy_samples(before, source);
    out = render(with, source, region);
    assert_same_samples(source, before);
    assert_int_equal(vanon_mask_draw(&mask, &region, NULL, &to_coded, width, height), VANON_OK);
    check_outside(source, out, &mask);
    for (int i = 0; inside && i < layout->components - layout->alpha; i++) {
        struct slow slow = {
            .source = source, .with = with, .box = mask.whole, .component = i, .under = under};

        prepare(&slow);
        check_inside(&slow, out, &mask);
    }
    vanon_mask_free(&mask);
    vanon_frame_unref(&out);
    vanon_frame_unref(&before);
    vanon_frame_unref(&source);
}

static void every_format(void **state)
{
    const vanon_options with[] = {
        blur(VANON_STYLE_GAUSSIAN, 5, 0, false), blur(VANON_STYLE_BOXBLUR, 5, 0, false),
        blur(VANON_STYLE_GAUSSIAN, 5, 0, true),  blur(VANON_STYLE_BOXBLUR, 5, 0, true),
        blur(VANON_STYLE_MOSAIC, 5, 0, false),   blur(VANON_STYLE_MOSAIC, 11, 0, false)};

    (void)state;
    for (int i = VANON_PIXEL_NONE + 1; i < VANON_PIXEL_FORMATS; i++)
        for (size_t j = 0; j < VANON_COUNT(with); j++) {
            enum vanon_pixel_format format = (enum vanon_pixel_format)i;

            check_blur(format, 29, 19, &with[j], ellipse(0, 16.2f, 9.7f, 4), true);
            check_blur(format, 37, 23, &with[j], ellipse(0, 38, -2, 7), false);
            check_blur(format, 37, 23, &with[j], ellipse(0, 0, 0, 90), false);
            check_blur(format, 64, 6, &with[j], ellipse(0, 32, 3, 8), false);
            check_blur(format, 1, 1, &with[j], ellipse(0, 1, 1, 3), true);
            check_blur(format, 1, 9, &with[j], ellipse(0, 2, 4, 0), true);
            check_blur(format, 9, 1, &with[j], ellipse(0, 8, 2, 2), true);
        }
}

static void every_kernel(void **state)
{
    static const int kernels[] = {0, 3, 5, 25, 27, 61, 101};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(kernels); i++)
        for (int exact = 0; exact < 2; exact++) {
            const vanon_options gaussian = blur(VANON_STYLE_GAUSSIAN, 2, kernels[i], exact);
            const vanon_options box = blur(VANON_STYLE_BOXBLUR, 16, kernels[i], exact);

            check_blur(VANON_PIXEL_GRAY8, 47, 31, &gaussian, box_around(20, 12, 9, 14), true);
            check_blur(VANON_PIXEL_YUV420P10, 47, 31, &box, box_around(20, 12, 9, 14), true);
            check_blur(VANON_PIXEL_YUV410P, 47, 31, &box, box_around(0, 12, 60, 2), true);
            check_blur(VANON_PIXEL_GRAY16, 47, 31, &gaussian, box_around(40, 3, 30, 2), true);
        }
}

/* What cv2.GaussianBlur and cv2.blur of OpenCV 5.0.0 give for kernels of 25x25, sigma 0 and
 * BORDER_REFLECT_101: some samples, and the sum of all, each times its place from 1 on. */
static const struct {
    enum vanon_pixel_format format;
    int width, height;
    uint32_t seed;
    int x[6], y[6];
    unsigned gaussian[6], box[6];
    uint32_t gaussian_sum, box_sum;
} opencv[] = {
    {VANON_PIXEL_GRAY8,
     37,
     23,
     11,
     {0, 36, 18, 1, 36, 12},
     {0, 0, 11, 22, 22, 7},
     {120, 127, 133, 128, 126, 131},
     {127, 128, 129, 135, 128, 130},
     48112713,
     47953908},
    {VANON_PIXEL_GRAY16,
     20,
     9,
     12,
     {0, 19, 10, 1, 19, 6},
     {0, 0, 4, 8, 8, 3},
     {30616, 33829, 33404, 32772, 32303, 32332},
     {33508, 33529, 32434, 31810, 33932, 32360},
     535759184,
     535011228},
    {VANON_PIXEL_GRAY10,
     40,
     30,
     13,
     {0, 39, 20, 1, 39, 13},
     {0, 0, 15, 29, 29, 10},
     {515, 519, 479, 455, 540, 488},
     {494, 525, 504, 502, 546, 514},
     364412072,
     365840400},
    {VANON_PIXEL_GRAY8, /* smaller than the kernel: mirrored again and again */
     3,
     2,
     14,
     {0, 2, 1, 1, 2, 1},
     {0, 0, 1, 1, 1, 0},
     {111, 111, 108, 108, 111, 108},
     {107, 108, 112, 112, 108, 112},
     2310,
     2291},
};

static uint32_t sum_of(const vanon_frame *frame)
{
    uint32_t sum = 0, place = 1;

    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++)
            sum += sample_at(frame, 0, x, y) * place++;
    return sum;
}

static void exact_as_opencv(void **state)
{
    const vanon_options gaussian = blur(VANON_STYLE_GAUSSIAN, 16, 0, true);
    const vanon_options box = blur(VANON_STYLE_BOXBLUR, 16, 0, true);

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(opencv); i++) {
        vanon_frame *frame = new_frame(opencv[i].format, opencv[i].width, opencv[i].height), *out;

        noise(frame, opencv[i].seed);
        out = render(&gaussian, frame, box_around(10, 10, 100, 100));
        for (int j = 0; j < 6; j++)
            assert_int_equal(sample_at(out, 0, opencv[i].x[j], opencv[i].y[j]),
                             opencv[i].gaussian[j]);
        assert_int_equal(sum_of(out), opencv[i].gaussian_sum);
        vanon_frame_unref(&out);
        out = render(&box, frame, box_around(10, 10, 100, 100));
        for (int j = 0; j < 6; j++)
            assert_int_equal(sample_at(out, 0, opencv[i].x[j], opencv[i].y[j]), opencv[i].box[j]);
        assert_int_equal(sum_of(out), opencv[i].box_sum);
        vanon_frame_unref(&out);
        vanon_frame_unref(&frame);
    }
}

/* A wall of one colour looks the same through every blur. */
static void constant_pictures_stay(void **state)
{
    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++)
        for (int style = VANON_STYLE_MOSAIC; style < VANON_STYLE_SOLID; style++)
            for (int exact = 0; exact < 2; exact++) {
                const vanon_options with = blur((enum vanon_style)style, 7, 0, exact);
                vanon_frame *frame = new_frame((enum vanon_pixel_format)format, 53, 31), *out;
                const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
                unsigned shift = layout->component[0].shift;

                /* The largest value of any depth, in words with the unused bits clear. */
                paint(frame, 255);
                for (int plane = 0; layout->sample_bytes == 2 && plane < layout->planes; plane++)
                    for (int y = 0; y < vanon_plane_lines(layout, plane, 31); y++)
                        for (size_t i = 0; i < line_bytes(frame, plane); i += 2) {
                            uint16_t word =
                                (uint16_t)(((1u << layout->component[0].depth) - 1) << shift);

                            memcpy(line_of(frame, plane, y) + i, &word, sizeof word);
                        }
                out = render(&with, frame, ellipse(0, 20, 12, 14));
                assert_ptr_not_equal(out, frame);
                assert_same_samples(out, frame);
                vanon_frame_unref(&out);
                vanon_frame_unref(&frame);
            }
}

static double mean_of(const vanon_frame *frame, int from, int to)
{
    double sum = 0;

    for (int y = from; y < to; y++)
        for (int x = from; x < to; x++)
            sum += sample_at(frame, 0, x, y);
    return sum / (to - from) / (to - from);
}

/* How much neighbours differ, squared. */
static double detail_of(const vanon_frame *frame, int from, int to)
{
    double sum = 0;

    for (int y = from; y < to; y++)
        for (int x = from; x < to; x++) {
            double across = (double)sample_at(frame, 0, x, y) - sample_at(frame, 0, x + 1, y);
            double down = (double)sample_at(frame, 0, x, y) - sample_at(frame, 0, x, y + 1);

            sum += across * across + down * down;
        }
    return sum;
}

static void styles_keep_the_mean_and_no_detail(void **state)
{
    (void)state;
    for (int style = VANON_STYLE_MOSAIC; style < VANON_STYLE_SOLID; style++) {
        const vanon_options with = blur((enum vanon_style)style, 16, 0, false);
        vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 240, 240), *out;

        noise(frame, 77);
        out = render(&with, frame, box_around(120, 120, 100, 100));
        assert_float_equal(mean_of(out, 20, 220), mean_of(frame, 20, 220), 1);
        assert_true(detail_of(out, 20, 219) < 0.01 * detail_of(frame, 20, 219));
        vanon_frame_unref(&out);
        vanon_frame_unref(&frame);
    }
}

/* The samples of each cell in reverse. */
static void turn_cells(const vanon_frame *from, vanon_frame *to, struct vanon_rect box, int side)
{
    vanon_frame_copy_samples(to, from);
    for (int y = box.y; y + side <= to->height; y += side)
        for (int x = box.x; x + side <= to->width; x += side)
            for (int i = 0; i < side * side; i++)
                line_of(to, 0, y + i / side)[x + i % side] =
                    line_of(from, 0, y + side - 1 - i / side)[x + side - 1 - i % side];
}

/* Two pictures that differ only inside of cells can't be told apart: nothing finer is left. */
static void nothing_finer_than_cells(void **state)
{
    const vanon_region region = box_around(96, 96, 56, 50);

    (void)state;
    for (int style = VANON_STYLE_MOSAIC; style < VANON_STYLE_SOLID; style++) {
        const vanon_options with = blur((enum vanon_style)style, 16, 0, false);
        vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 200, 200), *other, *out, *other_out;
        vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
        vanon_mask mask = {0};
        int side, differ = 0;

        noise(frame, 5);
        other = new_frame(VANON_PIXEL_GRAY8, 200, 200);
        assert_int_equal(vanon_mask_draw(&mask, &region, NULL, &to_coded, 200, 200), VANON_OK);
        side = (most(mask.whole.width, mask.whole.height) + 5) / 6;
        assert_in_range(side, 19, 21);
        turn_cells(frame, other, mask.whole, side);
        out = render(&with, frame, region);
        other_out = render(&with, other, region);
        for (int y = 46; y < 146; y++)
            for (int x = 40; x < 152; x++) {
                differ += sample_at(frame, 0, x, y) != sample_at(other, 0, x, y);
                assert_int_equal(sample_at(out, 0, x, y), sample_at(other_out, 0, x, y));
            }
        assert_true(differ > 10000);
        vanon_mask_free(&mask);
        vanon_frame_unref(&out);
        vanon_frame_unref(&other_out);
        vanon_frame_unref(&other);
        vanon_frame_unref(&frame);
    }
}

static void pixelate_is_mosaic(void **state)
{
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 6);
    const vanon_options pixelate = one_style(VANON_STYLE_PIXELATE, 6);
    vanon_frame *frame = new_frame(VANON_PIXEL_NV12, 61, 43), *one, *other;

    (void)state;
    scribble(frame, 8);
    one = render(&mosaic, frame, ellipse(VANON_PART_EYES, 30, 20, 12));
    other = render(&pixelate, frame, ellipse(VANON_PART_EYES, 30, 20, 12));
    assert_same_samples(one, other);
    vanon_frame_unref(&one);
    vanon_frame_unref(&other);
    vanon_frame_unref(&frame);
}

static void exact_cells_do_not_scale(void **state)
{
    vanon_options with = blur(VANON_STYLE_MOSAIC, 16, 0, true);
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 240, 240), *out;
    int changes = 0;

    (void)state;
    for (int y = 0; y < 240; y++)
        for (int x = 0; x < 240; x++)
            line_of(frame, 0, y)[x] = (uint8_t)x;
    out = render(&with, frame, box_around(120, 120, 80, 80)); /* its corner is 36.29, so 36 */
    for (int x = 41; x < 200; x++) {
        changes += sample_at(out, 0, x, 120) != sample_at(out, 0, x - 1, 120);
        if (sample_at(out, 0, x, 120) != sample_at(out, 0, x - 1, 120))
            assert_int_equal((x - 36) % 16, 0);
    }
    assert_int_equal(changes, 10);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void fields_stay_apart(void **state)
{
    (void)state;
    for (int style = VANON_STYLE_MOSAIC; style < VANON_STYLE_SOLID; style++)
        for (int exact = 0; exact < 2; exact++)
            for (int height = 1; height < 36; height++) {
                const vanon_options with = blur((enum vanon_style)style, 4, 0, exact);
                vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 21, height), *out;

                frame->field_order = VANON_FIELDS_TOP_FIRST;
                for (int plane = 0; plane < 3; plane++)
                    for (int y = 0; y < (plane ? (height + 1) / 2 : height); y++)
                        memset(line_of(frame, plane, y), y % 2 ? 200 : 40, plane ? 11 : 21);
                out = render(&with, frame, ellipse(VANON_PART_EYES, 8, 8, 5));
                assert_ptr_not_equal(out, frame);
                assert_same_samples(out, frame);
                vanon_frame_unref(&out);
                vanon_frame_unref(&frame);
            }
}

/* A field is blurred as the picture of half its height would be. */
static void fields_are_blurred(void **state)
{
    const vanon_options with = blur(VANON_STYLE_GAUSSIAN, 8, 0, false);
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 80, 80), *out;

    (void)state;
    noise(frame, 3);
    frame->field_order = VANON_FIELDS_BOTTOM_FIRST;
    out = render(&with, frame, box_around(40, 40, 30, 30));
    assert_true(detail_of(out, 10, 69) < 0.05 * detail_of(frame, 10, 69));
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

/* Whatever the list's order is, what is solid stays solid, and coarse cells lie over fine ones. */
static void order_of_drawing(void **state)
{
    vanon_options with = options(VANON_STYLE_SOLID, VANON_STYLE_MOSAIC, 4);
    vanon_region regions[] = {ellipse(VANON_PART_EYES, 60, 60, 4),
                              ellipse(VANON_PART_BODY, 60, 60, 40),
                              ellipse(VANON_PART_ELBOWS, 60, 80, 6)};
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 120, 120), *out, *body;

    (void)state;
    noise(frame, 21);
    body = render(&with, frame, regions[1]);
    out = render_regions(&with, frame, regions, VANON_COUNT(regions));
    assert_int_equal(sample_at(out, 0, 60, 60), 16);
    assert_int_equal(sample_at(out, 0, 58, 61), 16);
    for (int x = 50; x < 70; x++)
        assert_int_equal(sample_at(out, 0, x, 80), sample_at(body, 0, x, 80));
    vanon_frame_unref(&body);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format),
        cmocka_unit_test(every_kernel),
        cmocka_unit_test(exact_as_opencv),
        cmocka_unit_test(constant_pictures_stay),
        cmocka_unit_test(styles_keep_the_mean_and_no_detail),
        cmocka_unit_test(nothing_finer_than_cells),
        cmocka_unit_test(pixelate_is_mosaic),
        cmocka_unit_test(exact_cells_do_not_scale),
        cmocka_unit_test(fields_stay_apart),
        cmocka_unit_test(fields_are_blurred),
        cmocka_unit_test(order_of_drawing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
