/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "pixels/format.h"
#include "pixels/upright.h"

static vanon_frame_pool *pool;

static int make_pool(void **state)
{
    (void)state;
    return vanon_frame_pool_create(&pool);
}

static int free_pool(void **state)
{
    (void)state;
    vanon_frame_pool_destroy(&pool);
    return 0;
}

static uint8_t *sample(const vanon_frame *frame, int component, int x, int y)
{
    const struct vanon_component *c = &vanon_pixel_layout(frame->format)->component[component];

    return frame->plane[c->plane] + y * frame->stride[c->plane] + x * c->step + c->offset;
}

/* Every sample says where it is: x + 16 y + 64 component. */
static vanon_frame *make(enum vanon_pixel_format format, int width, int height, int rotation,
                         bool mirrored)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, width, height), VANON_OK);
    frame->rotation = rotation;
    frame->mirrored = mirrored;
    for (int i = 0; i < layout->components; i++)
        for (int y = 0; y < vanon_component_height(layout, i, height); y++)
            for (int x = 0; x < vanon_component_width(layout, i, width); x++) {
                uint8_t value[2] = {(uint8_t)(x + 16 * y + 64 * i), (uint8_t)(x + 1)};
                memcpy(sample(frame, i, x, y), value, layout->sample_bytes);
            }
    return frame;
}

static void assert_samples(const vanon_frame *frame, int component, int width, int height,
                           const int *expected)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (*sample(frame, component, x, y) != expected[y * width + x])
                fail_msg("component %d at (%d, %d): %d, not %d", component, x, y,
                         *sample(frame, component, x, y), expected[y * width + x]);
}

/* 3x2:   0  1  2
 *       16 17 18  */
static void every_turn_of_grey(void **state)
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

    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        vanon_frame *from = make(VANON_PIXEL_GRAY8, 3, 2, turns[i].rotation, turns[i].mirrored);
        vanon_frame *to;

        assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
        assert_int_equal(to->width, turns[i].width);
        assert_int_equal(to->height, turns[i].height);
        assert_int_equal(to->rotation, 0);
        assert_false(to->mirrored);
        assert_samples(to, 0, turns[i].width, turns[i].height, turns[i].expected);
        vanon_frame_unref(&from);
        vanon_frame_unref(&to);
    }
}

/* The same answer as the geometry that everything else goes by. */
static void agrees_with_display_space(void **state)
{
    (void)state;
    for (int turn = 0; turn < 8; turn++) {
        vanon_frame *from = make(VANON_PIXEL_GRAY8, 5, 3, turn / 2 * 90, turn % 2), *to;
        vanon_matrix to_coded = vanon_frame_display_to_coded(from);

        assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
        for (int y = 0; y < to->height; y++)
            for (int x = 0; x < to->width; x++) {
                double coded_x, coded_y;

                vanon_matrix_apply(&to_coded, x + 0.5, y + 0.5, &coded_x, &coded_y);
                assert_int_equal(*sample(to, 0, x, y),
                                 *sample(from, 0, (int)coded_x, (int)coded_y));
            }
        vanon_frame_unref(&from);
        vanon_frame_unref(&to);
    }
}

static void chroma_turns_along(void **state)
{
    /* 3x3 in 4:2:0: chroma 2x2, of component 1: 64 65 / 80 81 */
    vanon_frame *from = make(VANON_PIXEL_YUV420P, 3, 3, 90, false), *to;

    (void)state;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_int_equal(to->format, VANON_PIXEL_YUV420P);
    assert_samples(to, 0, 3, 3, (int[]){32, 16, 0, 33, 17, 1, 34, 18, 2});
    assert_samples(to, 1, 2, 2, (int[]){80, 64, 81, 65});
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
    from = make(VANON_PIXEL_NV12, 4, 2, 270, false); /* chroma 2x1: 64 65, 128 129 */
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_samples(to, 1, 1, 2, (int[]){65, 64});
    assert_samples(to, 2, 1, 2, (int[]){129, 128});
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
}

static void quarter_of_422_is_440(void **state)
{
    static const enum vanon_pixel_format kinds[] = {VANON_PIXEL_YUV422P, VANON_PIXEL_YUYV422,
                                                    VANON_PIXEL_NV16};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        vanon_frame *from = make(kinds[i], 4, 2, 90, false), *to;

        assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
        assert_int_equal(to->format, VANON_PIXEL_YUV440P);
        /* chroma 2x2, of component 1: 64 65 / 80 81 */
        assert_samples(to, 1, 2, 2, (int[]){80, 64, 81, 65});
        assert_samples(to, 0, 2, 4, (int[]){16, 0, 17, 1, 18, 2, 19, 3});
        vanon_frame_unref(&from);
        vanon_frame_unref(&to);
    }
}

static void words_and_the_fourth_byte(void **state)
{
    vanon_frame *from = make(VANON_PIXEL_YUV420P10, 2, 2, 180, false), *to;

    (void)state;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_memory_equal(sample(to, 0, 0, 0), sample(from, 0, 1, 1), 2);
    assert_memory_equal(sample(to, 0, 1, 0), sample(from, 0, 0, 1), 2);
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
    assert_int_equal(vanon_frame_alloc(&from, VANON_PIXEL_0RGB, 2, 1), VANON_OK);
    from->rotation = 180;
    memcpy(from->plane[0], "\1\2\3\4\5\6\7\10", 8);
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_memory_equal(to->plane[0], "\5\6\7\10\1\2\3\4", 8);
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
}

static void all_else_comes_along(void **state)
{
    vanon_frame *from = make(VANON_PIXEL_YUV420P, 4, 2, 90, false), *to;

    (void)state;
    from->pts = 7;
    from->number = 3;
    from->sar = (vanon_rational){4, 3};
    from->colour.chroma_location = VANON_CHROMA_LEFT;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_int_equal(to->pts, 7);
    assert_int_equal(to->number, 3);
    assert_int_equal(to->sar.num, 3);
    assert_int_equal(to->sar.den, 4);
    assert_int_equal(to->colour.chroma_location, VANON_CHROMA_CENTER);
    vanon_frame_unref(&to);
    from->rotation = 180;
    from->field_order = VANON_FIELDS_TOP_FIRST;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    assert_int_equal(to->sar.num, 4);
    assert_int_equal(to->field_order, VANON_FIELDS_BOTTOM_FIRST);
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
}

static void what_can_not_be_turned(void **state)
{
    vanon_frame *from, *to;

    (void)state;
    from = make(VANON_PIXEL_YUV411P, 8, 2, 90, false);
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_ERR_UNSUPPORTED);
    assert_null(to);
    vanon_frame_unref(&from);
    from = make(VANON_PIXEL_YUV422P16, 8, 2, 270, false);
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_ERR_UNSUPPORTED);
    from->rotation = 180;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_OK);
    vanon_frame_unref(&from);
    vanon_frame_unref(&to);
    from = make(VANON_PIXEL_GRAY8, 8, 2, 90, false);
    from->field_order = VANON_FIELDS_TOP_FIRST;
    assert_int_equal(vanon_frame_upright(pool, from, &to), VANON_ERR_UNSUPPORTED);
    vanon_frame_unref(&from);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_turn_of_grey),        cmocka_unit_test(agrees_with_display_space),
        cmocka_unit_test(chroma_turns_along),        cmocka_unit_test(quarter_of_422_is_440),
        cmocka_unit_test(words_and_the_fourth_byte), cmocka_unit_test(all_else_comes_along),
        cmocka_unit_test(what_can_not_be_turned),
    };

    return cmocka_run_group_tests_name("upright", tests, make_pool, free_pool);
}
