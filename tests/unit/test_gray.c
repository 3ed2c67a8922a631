/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/gray.h"

static void assert_pixels(const struct vanon_gray_picture *picture, int width, int height,
                          const int *expected)
{
    assert_int_equal(picture->width, width);
    assert_int_equal(picture->height, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (picture->pixels[y * picture->stride + x] != expected[y * width + x])
                fail_msg("(%d, %d): %d, not %d", x, y, picture->pixels[y * picture->stride + x],
                         expected[y * width + x]);
}

/* Resizing */

static void resize_row(const uint8_t *row, int from, const int *expected, int to)
{
    struct vanon_gray_picture picture = {row, from, 1, from};
    struct vanon_resize resize = {0};
    uint8_t *result = malloc((size_t)to);

    assert_int_equal(vanon_resize_run(&resize, &picture, result, to, 1, to), VANON_OK);
    picture = (struct vanon_gray_picture){result, to, 1, to};
    assert_pixels(&picture, to, 1, expected);
    vanon_resize_free(&resize);
    free(result);
}

/* Expected values are those of cv2.resize(..., interpolation=cv2.INTER_LINEAR_EXACT), 4.11. */
static void resizing_is_bilinear(void **state)
{
    static const uint8_t row[] = {0, 10, 200, 255, 3};

    (void)state;
    resize_row(row, 5, (const int[]){0, 10, 200, 255, 3}, 5);
    resize_row(row, 5, (const int[]){3, 200, 87}, 3);
    resize_row(row, 5, (const int[]){8, 192}, 2);
    resize_row(row, 5, (const int[]){200}, 1);
    resize_row(row, 5, (const int[]){0, 4, 22, 141, 217, 252, 113, 3}, 8);
    resize_row((const uint8_t[]){77}, 1, (const int[]){77, 77, 77}, 3);
}

static void resizing_goes_down_as_across(void **state)
{
    static const uint8_t column[] = {0, 10, 200, 255, 3};
    struct vanon_gray_picture picture = {column, 1, 5, 1};
    struct vanon_resize resize = {0};
    uint8_t result[8 * 4];

    (void)state;
    assert_int_equal(vanon_resize_run(&resize, &picture, result, 2, 8, 4), VANON_OK);
    picture = (struct vanon_gray_picture){result, 2, 8, 4};
    assert_pixels(&picture, 2, 8,
                  (const int[]){0, 0, 4, 4, 22, 22, 141, 141, 217, 217, 252, 252, 113, 113, 3, 3});
    vanon_resize_free(&resize);
}

/* Frames */

static uint8_t *sample(const vanon_frame *frame, int component, int x, int y)
{
    const struct vanon_component *c = &vanon_pixel_layout(frame->format)->component[component];

    return frame->plane[c->plane] + y * frame->stride[c->plane] + x * c->step + c->offset;
}

/* A line of pixels of one component each, or of three where `values` has three times as many. */
static vanon_frame *make(enum vanon_pixel_format format, int width, bool full_range,
                         const int *values)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, width, 1), VANON_OK);
    frame->colour.full_range = full_range;
    for (int i = 0; i < (layout->model == VANON_MODEL_RGB ? 3 : 1); i++)
        for (int x = 0; x < width; x++) {
            uint16_t value = (uint16_t)(values[i * width + x] << layout->component[i].shift);

            memcpy(sample(frame, i, x, 0), &value, layout->sample_bytes);
        }
    return frame;
}

static void assert_gray(enum vanon_pixel_format format, int width, bool full_range,
                        const int *values, const int *expected)
{
    vanon_frame *frame = make(format, width, full_range, values);
    vanon_gray *gray;

    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_pixels(vanon_gray_picture(gray), width, 1, expected);
    vanon_gray_destroy(&gray);
    assert_null(gray);
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

static void luma_is_expanded(void **state)
{
    static const int levels[] = {0, 16, 17, 126, 235, 255}, expected[] = {0, 0, 1, 128, 255, 255};

    (void)state;
    assert_gray(VANON_PIXEL_GRAY8, 6, true, levels, levels);
    assert_gray(VANON_PIXEL_GRAY8, 6, false, levels, expected);
    assert_gray(VANON_PIXEL_YUV420P, 6, false, levels, expected);
    assert_gray(VANON_PIXEL_YUYV422, 6, false, levels, expected);
    assert_gray(VANON_PIXEL_YUV420P, 6, true, levels, levels);
    assert_gray(VANON_PIXEL_YUV420P10, 4, false, (const int[]){64, 504, 940, 1023},
                (const int[]){0, 128, 255, 255});
    assert_gray(VANON_PIXEL_P010, 4, false, (const int[]){64, 504, 940, 1023},
                (const int[]){0, 128, 255, 255});
    assert_gray(VANON_PIXEL_GRAY16, 3, true, (const int[]){0, 32896, 65535},
                (const int[]){0, 128, 255});
}

/* As cv2.cvtColor(..., COLOR_RGB2GRAY). */
static void rgb_is_weighed(void **state)
{
    static const int red_green_blue[] = {255, 0,   0, 255, 10,  0,   255, 0,
                                         255, 200, 0, 0,   255, 255, 30};

    (void)state;
    assert_gray(VANON_PIXEL_RGB24, 5, false, red_green_blue, (const int[]){76, 150, 29, 255, 124});
    assert_gray(VANON_PIXEL_BGRA, 5, true, red_green_blue, (const int[]){76, 150, 29, 255, 124});
    assert_gray(VANON_PIXEL_GBRP, 5, true, red_green_blue, (const int[]){76, 150, 29, 255, 124});
    assert_gray(VANON_PIXEL_RGB48, 1, true, (const int[]){65535, 32896, 0}, (const int[]){151});
}

static void bright_light_is_toned_down(void **state)
{
    vanon_frame *frame =
        make(VANON_PIXEL_YUV420P10, 3, false, (const int[]){64, 573, 940}); /* 573: 203 cd/m2 */
    const struct vanon_gray_picture *picture;
    vanon_gray *gray;

    (void)state;
    frame->colour.transfer = 16;
    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    picture = vanon_gray_picture(gray);
    assert_int_equal(picture->pixels[0], 0);
    assert_in_range(picture->pixels[1], 240, 250); /* 0.908 of the light */
    assert_int_equal(picture->pixels[2], 255);
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

/* 3x2:   0  1  2
 *       16 17 18  */
static void every_turn(void **state)
{
    static const struct {
        int rotation;
        bool mirrored;
        int width, height, expected[6];
    } turns[] = {
        {0, false, 3, 2, {0, 1, 2, 16, 17, 18}},   {90, false, 2, 3, {16, 0, 17, 1, 18, 2}},
        {180, false, 3, 2, {18, 17, 16, 2, 1, 0}}, {270, false, 2, 3, {2, 18, 1, 17, 0, 16}},
        {0, true, 3, 2, {2, 1, 0, 18, 17, 16}},    {90, true, 2, 3, {18, 2, 17, 1, 16, 0}},
        {180, true, 3, 2, {16, 17, 18, 0, 1, 2}},  {270, true, 2, 3, {0, 16, 1, 17, 2, 18}},
    };
    vanon_frame *frame;
    vanon_gray *gray;

    (void)state;
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 3, 2), VANON_OK);
    for (int i = 0; i < 6; i++)
        *sample(frame, 0, i % 3, i / 3) = (uint8_t)(i / 3 * 16 + i % 3);
    frame->colour.full_range = true;
    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        double across, down;

        frame->rotation = turns[i].rotation;
        frame->mirrored = turns[i].mirrored;
        assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
        assert_pixels(vanon_gray_picture(gray), turns[i].width, turns[i].height, turns[i].expected);
        vanon_gray_scale(gray, &across, &down);
        assert_float_equal(across, 1, 0);
        assert_float_equal(down, 1, 0);
    }
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

static void samples_become_square(void **state)
{
    vanon_frame *frame = make(VANON_PIXEL_GRAY8, 5, true, (const int[]){0, 10, 200, 255, 3});
    double across, down;
    vanon_gray *gray;

    (void)state;
    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    frame->sar = (vanon_rational){8, 5};
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_pixels(vanon_gray_picture(gray), 8, 1, (const int[]){0, 4, 22, 141, 217, 252, 113, 3});
    frame->rotation = 90; /* the coded x axis now points down */
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_pixels(vanon_gray_picture(gray), 1, 8, (const int[]){0, 4, 22, 141, 217, 252, 113, 3});
    frame->rotation = 0;
    frame->sar = (vanon_rational){3, 2}; /* 7.5 pixels */
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_int_equal(vanon_gray_picture(gray)->width, 8);
    vanon_gray_scale(gray, &across, &down);
    assert_float_equal(across, 0.9375, 1e-12);
    frame->sar = (vanon_rational){1, 1000};
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_int_equal(vanon_gray_picture(gray)->width, 1);
    frame->sar = (vanon_rational){1000000, 1};
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_int_equal(vanon_gray_picture(gray)->width, 32767);
    vanon_gray_scale(gray, &across, &down);
    assert_float_equal(across, 5e6 / 32767, 1e-9);
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

static void what_it_refuses(void **state)
{
    vanon_frame *frame = make(VANON_PIXEL_GRAY8, 1, true, (const int[]){9});
    vanon_gray *gray;

    (void)state;
    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    assert_int_equal(vanon_gray_picture(gray)->width, 0);
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    assert_pixels(vanon_gray_picture(gray), 1, 1, (const int[]){9});
    assert_int_equal(vanon_gray_take(gray, &(vanon_frame){.format = VANON_PIXEL_NONE}),
                     VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_gray_take(gray, &(vanon_frame){.format = VANON_PIXEL_GRAY8}),
                     VANON_ERR_ARGUMENT);
    frame->memory = VANON_MEMORY_CUDA;
    assert_int_equal(vanon_gray_take(gray, frame), VANON_ERR_UNSUPPORTED);
    assert_int_equal(vanon_gray_picture(gray)->width, 0);
    frame->memory = VANON_MEMORY_HOST;
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_is_bilinear),
        cmocka_unit_test(resizing_goes_down_as_across),
        cmocka_unit_test(luma_is_expanded),
        cmocka_unit_test(rgb_is_weighed),
        cmocka_unit_test(bright_light_is_toned_down),
        cmocka_unit_test(every_turn),
        cmocka_unit_test(samples_become_square),
        cmocka_unit_test(what_it_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
