/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "letterbox_reference.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

/* Sizes and places */

struct size_case {
    int width, height;
    vanon_rational sar;
    int rotation, imgsz;
    int want_width, want_height;
};

static void sizes_are_ultralytics(void **state)
{
    static const struct size_case cases[] = {
        {1280, 720, {1, 1}, 0, 640, 640, 384},  {1920, 1080, {0, 1}, 0, 640, 640, 384},
        {768, 576, {1, 1}, 0, 640, 640, 480},   {640, 640, {1, 1}, 0, 640, 640, 640},
        {1280, 720, {1, 1}, 90, 640, 384, 640}, {1280, 720, {1, 1}, 180, 640, 640, 384},
        {720, 576, {64, 45}, 0, 640, 640, 384}, {720, 576, {64, 45}, 270, 640, 384, 640},
        {1, 1, {1, 1}, 0, 640, 640, 640},       {32767, 1, {1, 1}, 0, 640, 640, 32},
        {1, 32767, {1, 1}, 0, 640, 32, 640},    {1279, 719, {1, 1}, 0, 640, 640, 384},
        {1001, 551, {1, 1}, 0, 640, 640, 352},  {1280, 720, {1, 1}, 0, 1280, 1280, 736},
        {320, 240, {1, 1}, 0, 32, 32, 32},      {1000, 551, {1, 1}, 0, 640, 640, 384},
        {100, 100, {-1, 3}, 0, 640, 640, 640},  {3840, 2160, {1, 1}, 0, 960, 960, 544},
        {3, 5, {1000000, 1}, 0, 640, 640, 32},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const struct size_case *c = &cases[i];
        vanon_frame like = {.format = VANON_PIXEL_GRAY8,
                            .width = c->width,
                            .height = c->height,
                            .sar = c->sar,
                            .rotation = c->rotation};
        int width, height;

        vanon_letterbox_size(&like, c->imgsz, &width, &height);
        if (width != c->want_width || height != c->want_height)
            fail_msg("%dx%d turned by %d at %d: %dx%d, not %dx%d", c->width, c->height, c->rotation,
                     c->imgsz, width, height, c->want_width, c->want_height);
    }
}

struct place_case {
    int width, height, rotation;
    vanon_rational sar;
    int network_width, network_height;
    float x, y, want_x, want_y; /* network to display */
};

static void places_are_exact(void **state)
{
    static const struct place_case cases[] = {
        /* 640x360 inside 640x384: 12 lines above */
        {1280, 720, 0, {1, 1}, 640, 384, 0, 12, 0, 0},
        {1280, 720, 0, {1, 1}, 640, 384, 320, 192, 640, 360},
        {1280, 720, 0, {1, 1}, 640, 384, 640, 372, 1280, 720},
        {1280, 720, 90, {1, 1}, 384, 640, 12, 0, 0, 0},
        {1280, 720, 90, {1, 1}, 384, 640, 372, 640, 720, 1280},
        /* a static model: 640x360 inside 640x640 */
        {1280, 720, 0, {1, 1}, 640, 640, 320, 140, 640, 0},
        {720, 576, 0, {64, 45}, 640, 384, 640, 372, 1024, 576},
        /* 353 lines of 384: 15 above, 16 below */
        {1000, 551, 0, {1, 1}, 640, 384, 0, 15, 0, 0},
        {1000, 551, 0, {1, 1}, 640, 384, 640, 368, 1000, 551},
        /* 352.29 lines round to all of 352, and the width stays 640 */
        {1001, 551, 0, {1, 1}, 640, 352, 640, 352, 1001, 551},
        {551, 1001, 0, {1, 1}, 352, 640, 352, 640, 551, 1001},
        {1, 1, 0, {1, 1}, 64, 32, 16, 0, 0, 0},
        {1, 1, 0, {1, 1}, 64, 32, 48, 32, 1, 1},
        /* 16.5 lines round to the even 16 */
        {128, 33, 0, {1, 1}, 64, 32, 0, 8, 0, 0},
        {128, 33, 0, {1, 1}, 64, 32, 64, 24, 128, 33},
        /* points outside the picture stay outside */
        {1280, 720, 0, {1, 1}, 640, 384, -10, 0, -20, -24},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const struct place_case *c = &cases[i];
        vanon_frame like = {.format = VANON_PIXEL_GRAY8,
                            .width = c->width,
                            .height = c->height,
                            .sar = c->sar,
                            .rotation = c->rotation};
        vanon_letterbox *letterbox;
        vanon_point at;

        assert_int_equal(
            vanon_letterbox_create(&letterbox, &like, c->network_width, c->network_height), 0);
        at = vanon_letterbox_to_display(letterbox, c->x, c->y);
        if (fabsf(at.x - c->want_x) > 1e-3f || fabsf(at.y - c->want_y) > 1e-3f)
            fail_msg("case %zu: (%g, %g), not (%g, %g)", i, (double)at.x, (double)at.y,
                     (double)c->want_x, (double)c->want_y);
        vanon_letterbox_destroy(&letterbox);
        assert_null(letterbox);
    }
}

/* Ultralytics maps points back with one gain for both axes, and its own rounding of the padding. */
static void places_are_near_ultralytics(void **state)
{
    static const int sizes[][2] = {{1280, 720}, {1279, 719}, {1000, 551}, {640, 360}, {551, 1001}};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(sizes); i++) {
        int w = sizes[i][0], h = sizes[i][1], width, height;
        vanon_frame like = {.format = VANON_PIXEL_GRAY8, .width = w, .height = h};
        vanon_letterbox *letterbox;
        double gain, left, top;

        vanon_letterbox_size(&like, 640, &width, &height);
        assert_int_equal(vanon_letterbox_create(&letterbox, &like, width, height), VANON_OK);
        gain = fmin((double)width / w, (double)height / h);
        left = rint((width - w * gain) / 2 - 0.1);
        top = rint((height - h * gain) / 2 - 0.1);
        for (int x = 0; x <= width; x += 16) {
            vanon_point at = vanon_letterbox_to_display(letterbox, (float)x, (float)height / 2);
            /* within a network pixel's rounding, at the picture's far end */
            assert_true(fabs(at.x - (x - left) / gain) <= 1.01 / gain);
            assert_true(fabs(at.y - (height / 2.0 - top) / gain) <= 1.01 / gain);
        }
        vanon_letterbox_destroy(&letterbox);
    }
}

/* Life */

static void impossible_plans_are_refused(void **state)
{
    vanon_frame like = {.format = VANON_PIXEL_GRAY8, .width = 4, .height = 4};
    vanon_letterbox *letterbox = NULL;

    (void)state;
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 33, 32), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 32, 0), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, -32, 32), VANON_ERR_ARGUMENT);
    like.memory = VANON_MEMORY_CUDA;
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 32, 32), VANON_ERR_UNSUPPORTED);
    like.memory = VANON_MEMORY_HOST;
    like.width = 0;
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 32, 32), VANON_ERR_ARGUMENT);
    like.width = 4;
    like.format = VANON_PIXEL_NONE;
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 32, 32), VANON_ERR_ARGUMENT);
    assert_null(letterbox);
    vanon_letterbox_destroy(&letterbox);
    vanon_letterbox_destroy(NULL);
}

static void plans_know_what_they_fit(void **state)
{
    vanon_frame like = {.format = VANON_PIXEL_NV12, .width = 64, .height = 36};
    vanon_frame frame = like;
    vanon_letterbox *letterbox;

    (void)state;
    assert_int_equal(vanon_letterbox_create(&letterbox, &like, 64, 64), VANON_OK);
    frame.pts = 77;
    assert_true(vanon_letterbox_fits(letterbox, &frame, 64, 64));
    assert_false(vanon_letterbox_fits(letterbox, &frame, 64, 32));
    assert_false(vanon_letterbox_fits(letterbox, &frame, 32, 64));
    frame.rotation = 90;
    assert_false(vanon_letterbox_fits(letterbox, &frame, 64, 64));
    vanon_letterbox_destroy(&letterbox);
}

/* Pictures */

/* Runs a frame through, with bytes behind the result that must stay. The caller frees it. */
static uint8_t *run(const vanon_frame *frame, int width, int height)
{
    size_t bytes = (size_t)width * (size_t)height * 3;
    uint8_t *rgb = malloc(bytes + 8);
    vanon_letterbox *letterbox;

    assert_non_null(rgb);
    memset(rgb, 0xA5, bytes + 8);
    assert_int_equal(vanon_letterbox_create(&letterbox, frame, width, height), VANON_OK);
    vanon_letterbox_run(letterbox, frame, rgb);
    vanon_letterbox_destroy(&letterbox);
    for (size_t i = bytes; i < bytes + 8; i++)
        assert_int_equal(rgb[i], 0xA5);
    return rgb;
}

static const uint8_t *pixel(const uint8_t *rgb, int width, int x, int y)
{
    return rgb + 3 * ((size_t)y * (size_t)width + (size_t)x);
}

static void assert_pixel(const uint8_t *rgb, int width, int x, int y, int red, int green, int blue)
{
    const uint8_t *at = pixel(rgb, width, x, y);

    if (at[0] != red || at[1] != green || at[2] != blue)
        fail_msg("(%d, %d) is %d %d %d, not %d %d %d", x, y, at[0], at[1], at[2], red, green, blue);
}

static void one_pixel_fills_the_picture(void **state)
{
    uint8_t samples[] = {10, 200, 77};
    vanon_frame frame = {
        .format = VANON_PIXEL_RGB24, .width = 1, .height = 1, .plane = {samples}, .stride = {3}};
    uint8_t *rgb = run(&frame, 64, 32);

    (void)state;
    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 64; x++)
            if (x < 16 || x >= 48)
                assert_pixel(rgb, 64, x, y, 114, 114, 114);
            else
                assert_pixel(rgb, 64, x, y, 10, 200, 77);
    free(rgb);
}

static void padding_is_where_ultralytics_has_it(void **state)
{
    uint8_t samples[3 * 32 * 5];
    vanon_frame frame = {
        .format = VANON_PIXEL_RGB24, .width = 32, .height = 5, .plane = {samples}, .stride = {96}};
    uint8_t *rgb;

    (void)state;
    memset(samples, 255, sizeof samples);
    rgb = run(&frame, 32, 32); /* 27 to share: 13 above, 14 below */
    assert_pixel(rgb, 32, 0, 12, 114, 114, 114);
    assert_pixel(rgb, 32, 0, 13, 255, 255, 255);
    assert_pixel(rgb, 32, 31, 17, 255, 255, 255);
    assert_pixel(rgb, 32, 31, 18, 114, 114, 114);
    free(rgb);
    frame.rotation = 270;
    rgb = run(&frame, 32, 32);
    assert_pixel(rgb, 32, 12, 0, 114, 114, 114);
    assert_pixel(rgb, 32, 13, 0, 255, 255, 255);
    assert_pixel(rgb, 32, 17, 31, 255, 255, 255);
    assert_pixel(rgb, 32, 18, 31, 114, 114, 114);
    free(rgb);
}

static void four_pixels_are_blended(void **state)
{
    uint8_t samples[] = {0, 64, 128, 255};
    vanon_frame frame = {.format = VANON_PIXEL_GRAY8,
                         .width = 2,
                         .height = 2,
                         .plane = {samples},
                         .stride = {2},
                         .colour = {.full_range = true}};
    uint8_t *rgb = run(&frame, 32, 32);

    (void)state;
    /* Sixteen results a sample: the first 8 and last 8 are flat, those between 1/32 + n/16 on. */
    assert_pixel(rgb, 32, 0, 0, 0, 0, 0);
    assert_pixel(rgb, 32, 7, 7, 0, 0, 0);
    assert_pixel(rgb, 32, 31, 0, 64, 64, 64);
    assert_pixel(rgb, 32, 24, 7, 64, 64, 64);
    assert_pixel(rgb, 32, 0, 31, 128, 128, 128);
    assert_pixel(rgb, 32, 31, 31, 255, 255, 255);
    assert_pixel(rgb, 32, 8, 0, 2, 2, 2);
    assert_pixel(rgb, 32, 15, 0, 30, 30, 30);
    assert_pixel(rgb, 32, 0, 16, 68, 68, 68);
    /* 17/32 of the way in both: (0 * 15 + 64 * 17) * 15 + (128 * 15 + 255 * 17) * 17 over 1024 */
    assert_pixel(rgb, 32, 16, 16, 120, 120, 120);
    free(rgb);

    frame.rotation = 90; /* 128 0 / 255 64 */
    rgb = run(&frame, 32, 32);
    assert_pixel(rgb, 32, 0, 0, 128, 128, 128);
    assert_pixel(rgb, 32, 31, 0, 0, 0, 0);
    assert_pixel(rgb, 32, 0, 31, 255, 255, 255);
    assert_pixel(rgb, 32, 31, 31, 64, 64, 64);
    free(rgb);
    frame.mirrored = true; /* first 64 0 / 255 128, then 255 64 / 128 0 */
    rgb = run(&frame, 32, 32);
    assert_pixel(rgb, 32, 0, 0, 255, 255, 255);
    assert_pixel(rgb, 32, 31, 0, 64, 64, 64);
    assert_pixel(rgb, 32, 0, 31, 128, 128, 128);
    assert_pixel(rgb, 32, 31, 31, 0, 0, 0);
    free(rgb);
}

/* What OpenCV 4's resize and copyMakeBorder make of the same 7x4 pixels at 64x64. */
static void opencv_agrees(void **state)
{
    static const int want[][5] = {
        {0, 12, 114, 114, 114},  {0, 14, 0, 37, 74},     {63, 50, 114, 114, 114},
        {5, 17, 11, 48, 85},     {11, 23, 99, 136, 173}, {23, 31, 131, 52, 89},
        {31, 32, 120, 151, 188}, {40, 29, 216, 19, 56},  {50, 44, 125, 157, 193},
        {62, 15, 164, 201, 238},
    };
    uint8_t samples[7 * 4 * 3];
    vanon_frame frame = {
        .format = VANON_PIXEL_RGB24, .width = 7, .height = 4, .plane = {samples}, .stride = {21}};
    uint8_t *rgb;

    (void)state;
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (uint8_t)(i * 37 % 251);
    rgb = run(&frame, 64, 64);
    for (size_t i = 0; i < VANON_COUNT(want); i++)
        for (int c = 0; c < 3; c++)
            assert_in_range(pixel(rgb, 64, want[i][0], want[i][1])[c] + 1, want[i][2 + c],
                            want[i][2 + c] + 2);
    free(rgb);
}

/* What colours become that every table of the standards lists. */
struct colour_case {
    enum vanon_pixel_format format;
    int sample[3];
    int matrix;
    bool full_range;
    int want[3];
};

static void colours_are_the_standards(void **state)
{
    static const struct colour_case cases[] = {
        {VANON_PIXEL_YUV444P, {16, 128, 128}, 1, false, {0, 0, 0}},
        {VANON_PIXEL_YUV444P, {235, 128, 128}, 1, false, {255, 255, 255}},
        {VANON_PIXEL_YUV444P, {0, 128, 128}, 1, false, {0, 0, 0}},
        {VANON_PIXEL_YUV444P, {255, 128, 128}, 1, true, {255, 255, 255}},
        {VANON_PIXEL_YUV444P, {63, 102, 240}, 1, false, {255, 1, 0}}, /* red of BT.709 */
        {VANON_PIXEL_YUV444P, {81, 90, 240}, 6, false, {254, 0, 0}},  /* red of BT.601 */
        {VANON_PIXEL_YUV444P, {81, 90, 240}, 2, false, {254, 0, 0}},  /* few lines: BT.601 */
        {VANON_PIXEL_YUV444P, {76, 85, 255}, 5, true, {254, 0, 0}},   /* red of JPEG */
        {VANON_PIXEL_YUV444P, {173, 42, 26}, 1, false, {0, 255, 1}},  /* green of BT.709 */
        {VANON_PIXEL_YUV444P10, {252, 408, 960}, 1, false, {255, 1, 0}},
        {VANON_PIXEL_YUV444P, {29, 240, 118}, 0, true, {118, 29, 240}}, /* G, B, R */
        {VANON_PIXEL_GBRP12, {0, 2048, 4095}, 2, false, {255, 0, 128}}, /* as planes: G, B, R */
        {VANON_PIXEL_GRAY16, {0x8080}, 2, true, {128, 128, 128}},
        {VANON_PIXEL_GRAY16, {0x80FF}, 2, true, {128, 128, 128}}, /* 128.494 */
        {VANON_PIXEL_GRAY16, {0x8101}, 2, true, {129, 129, 129}}, /* 128.502: not cut to 128 */
        {VANON_PIXEL_GRAY8, {16}, 2, false, {0, 0, 0}},
        {VANON_PIXEL_GRAY8, {16}, 2, true, {16, 16, 16}},
        {VANON_PIXEL_RGB24, {1, 2, 254}, 1, false, {1, 2, 254}},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const struct colour_case *c = &cases[i];
        const struct vanon_pixel_layout *layout = vanon_pixel_layout(c->format);
        vanon_frame *frame;
        uint8_t *rgb;

        assert_int_equal(vanon_frame_alloc(&frame, c->format, 1, 1), VANON_OK);
        frame->colour.matrix = c->matrix;
        frame->colour.full_range = c->full_range;
        for (int k = 0; k < (layout->planes == 1 ? layout->components : layout->planes); k++) {
            uint16_t word = (uint16_t)c->sample[k];
            uint8_t byte = (uint8_t)word;
            const void *sample = layout->sample_bytes == 1 ? (const void *)&byte : &word;
            uint8_t *at =
                layout->planes == 1 ? frame->plane[0] + k * layout->sample_bytes : frame->plane[k];
            memcpy(at, sample, layout->sample_bytes);
        }
        rgb = run(frame, 32, 32);
        if (rgb[0] != c->want[0] || rgb[1] != c->want[1] || rgb[2] != c->want[2])
            fail_msg("case %zu: %d %d %d", i, rgb[0], rgb[1], rgb[2]);
        free(rgb);
        vanon_frame_unref(&frame);
    }
}

/* Colour that nobody told is BT.709 from 577 coded lines on, whatever the width and the turn. */
static void untold_colours_go_by_lines(void **state)
{
    static const int sizes[][2] = {{640, 32}, {32, 576}, {32, 577}};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(sizes); i++) {
        int h = sizes[i][1];
        vanon_frame *frame;
        uint8_t *rgb;

        assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_YUV444P, sizes[i][0], h), VANON_OK);
        memset(frame->plane[0], 81, (size_t)(frame->stride[0] * h));
        memset(frame->plane[1], 90, (size_t)(frame->stride[1] * h));
        memset(frame->plane[2], 240, (size_t)(frame->stride[2] * h));
        frame->rotation = 90;
        rgb = run(frame, 64, 64);
        if (h <= 576)
            assert_pixel(rgb, 64, 32, 32, 254, 0, 0);
        else
            assert_pixel(rgb, 64, 32, 32, 255, 24, 0);
        free(rgb);
        vanon_frame_unref(&frame);
    }
}

/* Against the slow reference */

/* The largest difference among every `stride`-th pixel both ways. */
static int difference(const vanon_frame *frame, int width, int height, int stride)
{
    struct reference_box box = reference_box(frame, width, height);
    uint8_t *rgb = run(frame, width, height);
    struct picture picture;
    int worst = 0;

    read_picture(&picture, frame);
    for (int y = 0; y < height; y += stride) {
        for (int x = 0; x < width; x += stride) {
            double want[3];

            reference_pixel(frame, &picture, &box, x, y, want);
            for (int c = 0; c < 3; c++) {
                int off = abs(pixel(rgb, width, x, y)[c] - (int)want[c]);
                worst = off > worst ? off : worst;
            }
        }
    }
    free_picture(&picture);
    free(rgb);
    return worst;
}

/* Noise, so that every sample and weight counts. Only the bits that the format has. */
static void fill(vanon_frame *frame, uint32_t seed)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    unsigned depth = layout->component[0].depth, shift = layout->component[0].shift;

    for (int plane = 0; plane < layout->planes; plane++) {
        size_t count = vanon_plane_bytes(layout, plane, frame->width) / layout->sample_bytes;

        for (int line = 0; line < vanon_plane_lines(layout, plane, frame->height); line++) {
            uint8_t *at = frame->plane[plane] + line * frame->stride[plane];

            for (size_t i = 0; i < count; i++) {
                uint16_t word;
                seed = seed * 1664525 + 1013904223;
                word = (uint16_t)((seed >> 16 & ((1u << depth) - 1)) << shift);
                memcpy(at + i * layout->sample_bytes, &word, layout->sample_bytes);
            }
        }
    }
}

static vanon_frame *noise(enum vanon_pixel_format format, int width, int height)
{
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, width, height), VANON_OK);
    fill(frame, (uint32_t)(width * 131 + height * 7) + (uint32_t)format);
    return frame;
}

static void assert_near(const vanon_frame *frame, int width, int height, int stride)
{
    int off = difference(frame, width, height, stride);

    if (off > 1)
        fail_msg("%s %dx%d, sar %d:%d, rotation %d, mirrored %d, matrix %d, transfer %d, full %d, "
                 "chroma %d in %dx%d: off by %d",
                 vanon_pixel_format_name(frame->format), frame->width, frame->height,
                 frame->sar.num, frame->sar.den, frame->rotation, frame->mirrored,
                 frame->colour.matrix, frame->colour.transfer, frame->colour.full_range,
                 frame->colour.chroma_location, width, height, off);
}

static void every_format_and_turn(void **state)
{
    static const int sizes[][2] = {{1, 1}, {3, 5}, {2, 2}, {50, 31}, {129, 71}};

    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
        for (size_t i = 0; i < VANON_COUNT(sizes); i++) {
            vanon_frame *frame = noise((enum vanon_pixel_format)format, sizes[i][0], sizes[i][1]);

            for (int turn = 0; turn < 8; turn++) {
                frame->rotation = turn % 4 * 90;
                frame->mirrored = turn >= 4;
                frame->colour.full_range = turn % 2;
                assert_near(frame, 64, 32, 1);
            }
            vanon_frame_unref(&frame);
        }
    }
}

static void every_colour(void **state)
{
    static const enum vanon_pixel_format formats[] = {
        VANON_PIXEL_YUV420P, VANON_PIXEL_YUV422P10, VANON_PIXEL_P010,    VANON_PIXEL_GRAY12,
        VANON_PIXEL_UYVY422, VANON_PIXEL_GBRP10,    VANON_PIXEL_YUV410P, VANON_PIXEL_RGBA64};
    static const int matrices[] = {0, 1, 2, 4, 5, 6, 7, 9};
    static const int transfers[] = {1, 16, 18};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        vanon_frame *frame = noise(formats[i], 39, 27);

        for (size_t m = 0; m < VANON_COUNT(matrices); m++) {
            for (size_t t = 0; t < VANON_COUNT(transfers); t++) {
                for (int variant = 0; variant < 8; variant++) {
                    frame->colour.matrix = matrices[m];
                    frame->colour.transfer = transfers[t];
                    frame->colour.full_range = variant % 2;
                    frame->colour.chroma_location = (enum vanon_chroma_location)(variant / 2);
                    assert_near(frame, 64, 64, 1);
                }
            }
        }
        vanon_frame_unref(&frame);
    }
}

static void large_odd_and_tall(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_YUV420P, VANON_PIXEL_YUV420P10,
                                                      VANON_PIXEL_NV12, VANON_PIXEL_BGR24};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        vanon_frame *frame = noise(formats[i], 1279, 719);

        assert_near(frame, 640, 384, 7);
        frame->sar = (vanon_rational){4, 3};
        frame->rotation = 90;
        assert_near(frame, 288, 640, 7);
        frame->mirrored = true;
        assert_near(frame, 640, 640, 7);
        vanon_frame_unref(&frame);
    }
}

static void stretched_samples(void **state)
{
    static const vanon_rational aspects[] = {{4, 3}, {16, 11}, {1, 2}, {0, 1}, {-1, 1}};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(aspects); i++) {
        vanon_frame *frame = noise(VANON_PIXEL_YUV420P, 72, 57);

        frame->sar = aspects[i];
        for (int turn = 0; turn < 8; turn++) {
            frame->rotation = turn % 4 * 90;
            frame->mirrored = turn >= 4;
            assert_near(frame, 96, 64, 1);
        }
        vanon_frame_unref(&frame);
    }
}

static void upside_down_in_memory(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_YUV420P, VANON_PIXEL_P010,
                                                      VANON_PIXEL_RGB48};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        const struct vanon_pixel_layout *layout = vanon_pixel_layout(formats[i]);
        vanon_frame *frame = noise(formats[i], 33, 17), *flipped = noise(formats[i], 33, 17);
        vanon_frame description = *flipped;
        uint8_t *straight, *other;

        for (int plane = 0; plane < layout->planes; plane++) {
            description.plane[plane] +=
                (vanon_plane_lines(layout, plane, 17) - 1) * description.stride[plane];
            description.stride[plane] *= -1;
        }
        vanon_frame_copy_samples(&description, frame);
        straight = run(frame, 32, 32);
        other = run(&description, 32, 32);
        assert_memory_equal(straight, other, 32 * 32 * 3);
        free(straight);
        free(other);
        assert_near(&description, 64, 32, 1);
        vanon_frame_unref(&frame);
        vanon_frame_unref(&flipped);
    }
}

/* Bytes that are no picture: line padding, alpha, the unused byte of four. */
static void what_is_no_picture_does_not_count(void **state)
{
    uint8_t samples[2][4 * 4 * 4];
    uint8_t *rgb[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        vanon_frame frame = {.format = i ? VANON_PIXEL_0RGB : VANON_PIXEL_ARGB,
                             .width = 3,
                             .height = 4,
                             .plane = {samples[i]},
                             .stride = {16}};
        for (int k = 0; k < 64; k++)
            samples[i][k] = (uint8_t)(k % 4 == 0 || k % 16 >= 12 ? 255 * i : (k * 37) % 251);
        rgb[i] = run(&frame, 32, 32);
    }
    assert_memory_equal(rgb[0], rgb[1], 32 * 32 * 3);
    free(rgb[0]);
    free(rgb[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_ultralytics),
        cmocka_unit_test(places_are_exact),
        cmocka_unit_test(places_are_near_ultralytics),
        cmocka_unit_test(impossible_plans_are_refused),
        cmocka_unit_test(plans_know_what_they_fit),
        cmocka_unit_test(one_pixel_fills_the_picture),
        cmocka_unit_test(padding_is_where_ultralytics_has_it),
        cmocka_unit_test(four_pixels_are_blended),
        cmocka_unit_test(opencv_agrees),
        cmocka_unit_test(colours_are_the_standards),
        cmocka_unit_test(untold_colours_go_by_lines),
        cmocka_unit_test(every_format_and_turn),
        cmocka_unit_test(every_colour),
        cmocka_unit_test(large_odd_and_tall),
        cmocka_unit_test(stretched_samples),
        cmocka_unit_test(upside_down_in_memory),
        cmocka_unit_test(what_is_no_picture_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
