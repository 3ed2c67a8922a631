/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of 256 colours. */
#include "unit.h"

#include <libavutil/frame.h>

#include "media/writer_palette.h"

static AVFrame *make(enum AVPixelFormat format, int width, int height)
{
    AVFrame *frame = av_frame_alloc();

    assert_non_null(frame);
    frame->format = format;
    frame->width = width;
    frame->height = height;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    return frame;
}

static uint32_t *at(const AVFrame *frame, int x, int y)
{
    return (uint32_t *)(void *)(frame->data[0] + y * frame->linesize[0]) + x;
}

static uint32_t shown(const AVFrame *frame, int x, int y)
{
    const uint32_t *palette = (const uint32_t *)(const void *)frame->data[1];

    return palette[frame->data[0][y * frame->linesize[0] + x]];
}

/* Both are made of 32x32 colours; `apply` again must not remember the first. */
static void apply(uint32_t (*colour)(int, int), AVFrame **from, AVFrame **to)
{
    static vanon_palette *palette;

    if (!palette)
        assert_int_equal(vanon_palette_create(&palette), VANON_OK);
    if (!colour) {
        vanon_palette_destroy(&palette);
        assert_null(palette);
        return;
    }
    *from = make(AV_PIX_FMT_RGB32, 32, 32);
    *to = make(AV_PIX_FMT_PAL8, 32, 32);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            *at(*from, x, y) = colour(x, y);
    vanon_palette_apply(palette, *from, *to);
}

static void release(AVFrame **from, AVFrame **to)
{
    av_frame_free(from);
    av_frame_free(to);
}

/* 256 in all, 4 pixels each. */
static uint32_t just_enough(int x, int y)
{
    unsigned i = (unsigned)(x / 2 + 16 * (y / 2));

    return 0xff000000u | i << 16 | (255 - i) << 8 | (i * 7 & 255);
}

static void few_colours_stay_exact(void **state)
{
    AVFrame *from, *to;

    (void)state;
    apply(just_enough, &from, &to);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            assert_int_equal(shown(to, x, y), just_enough(x, y));
    release(&from, &to);
}

static uint32_t one_too_many(int x, int y)
{
    return x == 31 && y == 31 ? 0xff123456u : just_enough(x, y);
}

static void more_colours_come_near(void **state)
{
    int64_t sum = 0;
    AVFrame *from, *to;

    (void)state;
    apply(one_too_many, &from, &to);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++)
            for (int shift = 0; shift < 32; shift += 8) {
                int difference = (int)(shown(to, x, y) >> shift & 255) -
                                 (int)(one_too_many(x, y) >> shift & 255);
                sum += difference * difference;
                assert_in_range(difference + 16, 0, 32);
            }
    assert_true(sum > 0 && sum < 32 * 32 * 4 * 8);
    release(&from, &to);
}

/* 1024 greens; every second line is not there, with whatever colour. */
static uint32_t with_holes(int x, int y)
{
    if (y % 2)
        return 0x7f000000u | (unsigned)(x * 97);
    return 0x80000000u | (unsigned)(y * 8) << 16 | (unsigned)(x * 8) << 8;
}

static void transparency_is_all_or_nothing(void **state)
{
    AVFrame *from, *to;

    (void)state;
    apply(with_holes, &from, &to);
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++) {
            if (y % 2)
                assert_int_equal(shown(to, x, y), 0);
            else
                assert_int_equal(shown(to, x, y) >> 24, 255);
        }
    release(&from, &to);
}

static uint32_t nothing(int x, int y)
{
    return (unsigned)(x + y);
}

static uint32_t two(int x, int y)
{
    (void)y;
    return x % 2 ? 0xffffffffu : 0x00ffffffu;
}

static void an_empty_picture(void **state)
{
    AVFrame *from, *to;

    (void)state;
    apply(nothing, &from, &to);
    assert_int_equal(shown(to, 0, 0), 0);
    assert_int_equal(shown(to, 31, 31), 0);
    release(&from, &to);
    apply(two, &from, &to);
    assert_int_equal(shown(to, 0, 5), 0);
    assert_int_equal(shown(to, 1, 5), 0xffffffffu);
    release(&from, &to);
    apply(NULL, NULL, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_colours_stay_exact),
        cmocka_unit_test(more_colours_come_near),
        cmocka_unit_test(transparency_is_all_or_nothing),
        cmocka_unit_test(an_empty_picture),
    };

    return cmocka_run_group_tests_name("palette", tests, NULL, NULL);
}
