/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of frames, and frames at a glance. */
#include "unit.h"

#include <math.h>

#include <vanon/frame.h>

#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/glance.h"
#include "pixels/letterbox.h"
#include "pixels/part.h"

#define WIDTH  320
#define HEIGHT 192

/* Smooth, and different everywhere. */
static vanon_frame *make_frame(enum vanon_pixel_format format)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *frame = NULL;

    assert_int_equal(vanon_frame_alloc(&frame, format, WIDTH, HEIGHT), VANON_OK);
    for (int i = 0; i < layout->components; i++) {
        const struct vanon_component *component = &layout->component[i];
        int plane = component->plane;

        for (int y = 0; y < vanon_component_height(layout, i, HEIGHT); y++)
            for (int x = 0; x < vanon_component_width(layout, i, WIDTH); x++) {
                uint8_t *at = frame->plane[plane] + y * frame->stride[plane] + component->offset +
                              x * component->step;
                unsigned value = 40 + (unsigned)(x + i * 7) / 3 + (unsigned)y / 3;

                if (layout->sample_bytes == 1)
                    *at = (uint8_t)value;
                else
                    *(uint16_t *)(void *)at =
                        (uint16_t)(value << (component->depth - 8) << component->shift);
            }
    }
    return frame;
}

/* A part at its own size has the network's very samples of the whole at its own size. */
static void check_part(enum vanon_pixel_format format, int rotation, bool mirrored)
{
    vanon_frame *frame = make_frame(format);
    vanon_frame part;
    struct vanon_part_rect rect;
    vanon_letterbox *all = NULL, *some = NULL;
    vanon_box box, wanted = {70, 40, 130, 100};
    int width = rotation % 180 ? HEIGHT : WIDTH, height = rotation % 180 ? WIDTH : HEIGHT;
    uint8_t *large = calloc((size_t)width * (size_t)height, 3), *small = calloc(64 * 64, 3);

    frame->rotation = rotation;
    frame->mirrored = mirrored;
    rect = vanon_part_around(frame, &wanted, 64);
    assert_int_equal(rect.width, 64);
    assert_int_equal(rect.height, 64);
    assert_int_equal(rect.x % VANON_PART_ALIGNMENT + rect.y % VANON_PART_ALIGNMENT, 0);
    box = vanon_part_display(frame, &rect);
    assert_true(fabsf(box.x0 - 68) <= 8 && fabsf(box.y0 - 38) <= 8);
    part = vanon_part_frame(frame, &rect);
    assert_int_equal(vanon_letterbox_create(&all, frame, width, height), VANON_OK);
    assert_int_equal(vanon_letterbox_create(&some, &part, 64, 64), VANON_OK);
    vanon_letterbox_run(all, frame, large);
    vanon_letterbox_run(some, &part, small);
    for (int y = 2; y < 62; y++) /* chroma at the very border has no neighbour */
        for (int x = 6; x < 180; x++) {
            int expected = large[((int)box.y0 + y) * width * 3 + (int)box.x0 * 3 + x];

            assert_in_range(small[y * 64 * 3 + x] + 1, expected, expected + 2);
        }
    vanon_letterbox_destroy(&all);
    vanon_letterbox_destroy(&some);
    free(large);
    free(small);
    vanon_frame_unref(&frame);
}

static void test_part_is_what_the_whole_has_there(void **state)
{
    static const enum vanon_pixel_format formats[] = {
        VANON_PIXEL_YUV420P,   VANON_PIXEL_NV12,  VANON_PIXEL_YUYV422, VANON_PIXEL_YUV411P,
        VANON_PIXEL_YUV444P10, VANON_PIXEL_RGB24, VANON_PIXEL_BGRA,    VANON_PIXEL_GRAY16,
        VANON_PIXEL_P010,      VANON_PIXEL_GBRP};

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        check_part(formats[i], 0, false);
    for (int rotation = 0; rotation < 360; rotation += 90)
        for (int mirrored = 0; mirrored < 2; mirrored++)
            check_part(VANON_PIXEL_YUV420P, rotation, mirrored);
}

static void test_parts_stay_inside(void **state)
{
    static const vanon_box boxes[] = {{-500, -500, -100, -100},
                                      {900, 900, 1000, 1000},
                                      {-1e9f, 20, 1e9f, 30},
                                      {310, 180, 330, 200},
                                      {100, 100, 100, 100}};
    vanon_frame frame = {.format = VANON_PIXEL_YUV420P, .width = 333, .height = 187};
    vanon_box none = {NAN, 0, 10, 10};

    (void)state;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct vanon_part_rect rect = vanon_part_around(&frame, &boxes[i], 64);

        assert_true(rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0);
        assert_true(rect.x + rect.width <= 333 && rect.y + rect.height <= 187);
    }
    assert_int_equal(vanon_part_around(&frame, &none, 64).width, 0); /* all of it */
    assert_true(vanon_part_display(&frame, &(struct vanon_part_rect){0}).x1 == 333);
}

static void test_glance_is_mean_brightness(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_GRAY8, VANON_PIXEL_YUV420P10,
                                                      VANON_PIXEL_P010, VANON_PIXEL_RGB24};
    struct vanon_glance glance;

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        vanon_frame *frame = make_frame(formats[i]);

        vanon_glance_take(&glance, frame);
        for (int y = 0; y < VANON_GLANCE_ROWS; y++)
            for (int x = 0; x < VANON_GLANCE_COLUMNS; x++) {
                double expected = 40 + (x + 0.5) * WIDTH / VANON_GLANCE_COLUMNS / 3 +
                                  (y + 0.5) * HEIGHT / VANON_GLANCE_ROWS / 3;

                assert_float_equal(glance.cell[y][x], expected, 2);
            }
        assert_true(vanon_glance_difference(&glance, &glance) == 0);
        vanon_frame_unref(&frame);
    }
}

static void test_unevenness(void **state)
{
    static struct vanon_glance first, middle, last;
    vanon_box near = {100, 60, 140, 100}, far = {250, 150, 300, 180};

    (void)state;
    memset(&first, 100, sizeof first);
    memset(&middle, 120, sizeof middle);
    memset(&last, 140, sizeof last);
    assert_float_equal(vanon_glance_unevenness(&first, &middle, &last, 0.5, &near, WIDTH, HEIGHT),
                       0, 1e-9);
    assert_float_equal(vanon_glance_unevenness(&first, &middle, &last, 0.25, &near, WIDTH, HEIGHT),
                       10, 1e-9);
    assert_float_equal(vanon_glance_difference(&first, &last), 40, 1e-9);
    for (int y = 14; y < 16; y++) /* around (115, 80) of 320 x 192 */
        for (int x = 22; x < 24; x++)
            middle.cell[y][x] = 180;
    assert_float_equal(vanon_glance_unevenness(&first, &middle, &last, 0.5, &near, WIDTH, HEIGHT),
                       60, 1e-9);
    assert_float_equal(vanon_glance_unevenness(&first, &middle, &last, 0.5, &far, WIDTH, HEIGHT), 0,
                       1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_is_what_the_whole_has_there),
        cmocka_unit_test(test_parts_stay_inside),
        cmocka_unit_test(test_glance_is_mean_brightness),
        cmocka_unit_test(test_unevenness),
    };

    return cmocka_run_group_tests_name("part", tests, NULL, NULL);
}
