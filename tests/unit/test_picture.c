/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "pixels/picture.h"

static const struct vanon_rgb red = {255, 0, 0}, black = {0, 0, 0};

static bool is_red(const struct vanon_picture *picture, int x, int y)
{
    const uint8_t *rgb = picture->rgb + 3 * (y * picture->width + x);

    return rgb[0] == 255 && !rgb[1] && !rgb[2];
}

static int count_red(const struct vanon_picture *picture)
{
    int count = 0;

    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            count += is_red(picture, x, y);
    return count;
}

static struct vanon_picture make(int width, int height)
{
    struct vanon_picture picture = {0};

    assert_int_equal(vanon_picture_make(&picture, width, height, black), VANON_OK);
    assert_int_equal(count_red(&picture), 0);
    return picture;
}

static void test_lines(void **state)
{
    struct vanon_picture picture = make(40, 30);

    (void)state;
    vanon_draw_line(&picture, 5, 10.5, 25, 10.5, 1, red);
    assert_true(is_red(&picture, 5, 10) && is_red(&picture, 24, 10) && !is_red(&picture, 15, 11));
    assert_in_range(count_red(&picture), 19, 22);
    vanon_draw_line(&picture, -100, -100, 500, 400, 3, red); /* clipped */
    vanon_draw_line(&picture, NAN, 0, 5, 5, 3, red);
    vanon_draw_line(&picture, 0, 0, INFINITY, 5, 3, red);
    assert_true(count_red(&picture) < 40 * 30 / 2);
    vanon_picture_free(&picture);
}

static void test_shapes(void **state)
{
    static const vanon_point corner[] = {{5, 5}, {35, 5}, {20, 30}};
    const vanon_region regions[] = {
        {.shape = VANON_SHAPE_ELLIPSE, .cx = 20, .cy = 20, .rx = 15, .ry = 8},
        {.shape = VANON_SHAPE_BOX, .cx = 20, .cy = 20, .rx = 15, .ry = 8},
        {.shape = VANON_SHAPE_CAPSULE, .cx = 12, .cy = 20, .ex = 28, .ey = 20, .rx = 7},
        {.shape = VANON_SHAPE_POLYGON, .points = 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        struct vanon_picture picture = make(40, 40);

        vanon_draw_region(&picture, &regions[i], corner, 1.5, red);
        assert_in_range(count_red(&picture), 50, 200); /* an outline, and not what is inside */
        assert_false(is_red(&picture, 20, 20));
        vanon_picture_free(&picture);
    }
}

static void test_numbers(void **state)
{
    struct vanon_picture picture = make(40, 20);

    (void)state;
    vanon_draw_number(&picture, 2, 2, 1, 10, red);
    assert_int_equal(count_red(&picture), 8 + 12); /* the strokes of 1 and 0 */
    vanon_draw_number(&picture, 1e9, 2, 1, 10, red);
    vanon_draw_number(&picture, -50, -50, 3, 1234567890123, red);
    vanon_picture_free(&picture);
}

static void test_paste(void **state)
{
    struct vanon_picture from = make(20, 20), to = make(30, 30);

    (void)state;
    vanon_draw_line(&from, 10, 0, 10, 20, 2, red);
    vanon_picture_paste(&to, 5, 5, 20, &from, 10, 10, 10); /* twice as large */
    assert_int_equal(count_red(&to), 4 * 20);
    assert_true(is_red(&to, 14, 5) && is_red(&to, 15, 24) && !is_red(&to, 15, 25));
    vanon_picture_paste(&to, 0, 0, 30, &from, -500, 10, 10); /* outside: stays as it is */
    assert_int_equal(count_red(&to), 4 * 20);
    vanon_picture_free(&from);
    vanon_picture_free(&to);
}

/* Upright, square pixels, of the frame's display size and colours. */
static void test_take(void **state)
{
    struct vanon_picture picture = {0};
    vanon_frame *frame;

    (void)state;
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_RGB24, 64, 40), VANON_OK);
    frame->rotation = 90;
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 64; x++)
            memcpy(frame->plane[0] + y * frame->stride[0] + 3 * x,
                   x < 32 ? (const uint8_t[]){255, 0, 0} : (const uint8_t[]){0, 0, 255}, 3);
    assert_int_equal(vanon_picture_take(&picture, frame, 0), VANON_OK);
    assert_true(picture.width == 40 && picture.height == 64 && picture.scale == 1);
    assert_true(is_red(&picture, 20, 10) && !is_red(&picture, 20, 50));
    assert_int_equal(vanon_picture_take(&picture, frame, 640), VANON_OK);
    assert_true(picture.width == 400 && picture.height == 640 && fabs(picture.scale - 10) < 1e-4);
    vanon_frame_unref(&frame);
    vanon_picture_free(&picture);
    assert_int_equal(vanon_picture_make(&picture, 0, 5, red), VANON_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_shapes), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_paste), cmocka_unit_test(test_take),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
