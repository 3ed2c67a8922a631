/* SPDX-License-Identifier: Apache-2.0 */
/* The letterbox's kernels: every set of instructions gives what plain C gives, bit for bit, and
 * touches nothing else. */
#include "levels.h"

#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"
#include "pixels/letterbox_rows.h"

#define GUARD 0xA5

/* Whole frames */

/* A frame without a byte to spare: lines side by side, the last one up to the end of memory. */
struct tight {
    vanon_frame frame;
    struct fenced memory[VANON_MAX_PLANES];
};

static void make_tight(struct tight *tight, enum vanon_pixel_format format, int width, int height,
                       bool extremes, bool upside_down)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);

    *tight =
        (struct tight){.frame = {.format = format, .width = width, .height = height, .pts = 0}};
    for (int i = 0; i < layout->planes; i++) {
        size_t line = vanon_plane_bytes(layout, i, width);
        int lines = vanon_plane_lines(layout, i, height);

        tight->memory[i] = fence(line * (size_t)lines);
        fill_bytes(tight->memory[i].bytes, line * (size_t)lines, (uint32_t)(width * 7 + i),
                   extremes);
        tight->frame.plane[i] =
            tight->memory[i].bytes + (upside_down ? line * (size_t)(lines - 1) : 0);
        tight->frame.stride[i] = upside_down ? -(ptrdiff_t)line : (ptrdiff_t)line;
    }
}

static void free_tight(struct tight *tight)
{
    for (int i = 0; i < VANON_MAX_PLANES; i++)
        if (tight->memory[i].map)
            unfence(&tight->memory[i]);
}

static void run(const vanon_frame *frame, size_t level, int width, int height, uint8_t *rgb)
{
    vanon_letterbox *letterbox;

    vanon_cpu_set_mask(level_masks[level]);
    assert_int_equal(vanon_letterbox_create(&letterbox, frame, width, height), VANON_OK);
    vanon_letterbox_run(letterbox, frame, rgb);
    vanon_letterbox_destroy(&letterbox);
    vanon_cpu_set_mask(VANON_CPU_ALL);
}

static void assert_same(const vanon_frame *frame, size_t level, int width, int height)
{
    size_t bytes = (size_t)width * (size_t)height * 3;
    struct fenced plain = fence(bytes), fast = fence(bytes);

    memset(plain.bytes, GUARD, bytes);
    memset(fast.bytes, 0, bytes);
    run(frame, 0, width, height, plain.bytes);
    run(frame, level, width, height, fast.bytes);
    if (memcmp(plain.bytes, fast.bytes, bytes) != 0)
        fail_msg("%s differs: %s %dx%d, rotation %d, mirrored %d, transfer %d in %dx%d",
                 vanon_cpu_name(level_masks[level]), vanon_pixel_format_name(frame->format),
                 frame->width, frame->height, frame->rotation, frame->mirrored,
                 frame->colour.transfer, width, height);
    unfence(&plain);
    unfence(&fast);
}

static void every_format_is_the_same(void **state)
{
    static const int sizes[][2] = {{1, 1}, {2, 3}, {15, 4}, {16, 2}, {17, 9}, {50, 31}, {331, 71}};

    (void)state;
    for (size_t level = 1; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
            for (int i = 0; i < (int)VANON_COUNT(sizes) * 8; i++) {
                struct tight tight;
                int turn = i % 8;

                make_tight(&tight, (enum vanon_pixel_format)format, sizes[i / 8][0],
                           sizes[i / 8][1], turn % 3 == 2, turn % 2);
                tight.frame.rotation = turn % 4 * 90;
                tight.frame.mirrored = turn >= 4;
                tight.frame.colour.full_range = turn % 3 == 1;
                tight.frame.colour.transfer = turn == 3 ? 16 : 1;
                assert_same(&tight.frame, level, 96, 64);
                free_tight(&tight);
            }
        }
    }
}

/* From four times the size down to a quarter: every number of rounds. */
static void every_scale_is_the_same(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_YUV420P, VANON_PIXEL_NV12,
                                                      VANON_PIXEL_P010, VANON_PIXEL_BGR24};

    (void)state;
    for (size_t level = 1; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        for (int i = 0; i < 4 * (int)VANON_COUNT(formats); i++) {
            static const int widths[] = {160, 640, 1281, 6001};
            struct tight tight;

            make_tight(&tight, formats[i / 4], widths[i % 4], 33, false, false);
            for (int matrix = 0; matrix < 10; matrix += 3) {
                tight.frame.colour.matrix = matrix;
                assert_same(&tight.frame, level, 640, 160);
            }
            free_tight(&tight);
        }
    }
}

/* Rows */

static void colours_of_extreme_rows_are_the_same(void **state)
{
    enum { COUNT = 77, ROOM = 96, ROUNDS = 200 };
    int16_t rows[6][ROOM] = {{0}};
    uint32_t seed = 1, plain[ROOM], fast[ROOM];
    struct vanon_row_pair pair[3];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct vanon_fixed_rgb to = {.top = 255, .shift = (uint8_t)(10 + round % 8)};

        for (size_t i = 0; i < 6 * COUNT; i++)
            rows[i / COUNT][i % COUNT] =
                (int16_t)(round % 2 ? next_random(&seed) & INT16_MAX
                                    : (next_random(&seed) & 1) * INT16_MAX);
        for (int c = 0; c < 3; c++) {
            pair[c] = (struct vanon_row_pair){rows[2 * c], rows[2 * c + 1],
                                              (int16_t)(next_random(&seed) & INT16_MAX)};
            for (int k = 0; k < 3; k++)
                to.factor[c][k] = (int16_t)(next_random(&seed) % 40000 - 20000);
            to.offset[c] = (int32_t)(next_random(&seed) % 100000000) - 50000000;
        }
        vanon_letterbox_kernels(0)->to_rgb(plain, pair, &to, COUNT);
        for (size_t level = 1; level < LEVELS; level++) {
            if (!level_present(level))
                continue;
            vanon_letterbox_kernels(level_masks[level])->to_rgb(fast, pair, &to, COUNT);
            assert_memory_equal(plain, fast, COUNT * sizeof *plain);
        }
    }
}

static void only_the_pixels_are_stored(void **state)
{
    enum { MOST = 100 };
    uint32_t pixels[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        pixels[i] =
            (uint32_t)(i * 3 + (i * 3 + 1) % 256 * 256 + (i * 3 + 2) % 256 * 65536) & 0xFFFFFF;
    for (size_t level = 0; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        for (size_t count = 0; count < MOST; count++) {
            uint8_t rgb[3 * MOST + 3];

            memset(rgb, GUARD, sizeof rgb);
            vanon_letterbox_kernels(level_masks[level])->store(rgb + 1, pixels, count);
            assert_int_equal(rgb[0], GUARD);
            for (size_t i = 0; i < 3 * count; i++)
                assert_int_equal(rgb[1 + i], pixels[i / 3] >> 8 * (i % 3) & 0xFF);
            for (size_t i = 3 * count + 1; i < sizeof rgb; i++)
                assert_int_equal(rgb[i], GUARD);
        }
    }
}

/* The mask hides, the best is picked. */
static void levels_are_picked(void **state)
{
    (void)state;
    vanon_cpu_set_mask(0);
    assert_int_equal(vanon_cpu_flags(), 0);
    assert_ptr_equal(vanon_letterbox_kernels(vanon_cpu_flags()), &vanon_letterbox_kernels_c);
    vanon_cpu_set_mask(VANON_CPU_ALL);
    for (size_t level = 1; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        vanon_cpu_set_mask(level_masks[level]);
        assert_int_equal(vanon_cpu_flags(), level_masks[level]);
        assert_ptr_not_equal(vanon_letterbox_kernels(vanon_cpu_flags()),
                             vanon_letterbox_kernels(level_masks[level - 1]));
    }
    vanon_cpu_set_mask(VANON_CPU_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_the_same),
        cmocka_unit_test(every_scale_is_the_same),
        cmocka_unit_test(colours_of_extreme_rows_are_the_same),
        cmocka_unit_test(only_the_pixels_are_stored),
        cmocka_unit_test(levels_are_picked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
