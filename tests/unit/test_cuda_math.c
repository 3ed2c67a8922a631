/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic that the GPU's kernels share with the host, run here against the CPU's own code.
 */
#include "unit.h"

#include <math.h>

#include "../../plugins/cuda/decode_math.h"
#include "../../plugins/cuda/frame_layout.h"
#include "detect/nms.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"
#include "pixels/part.h"

static uint32_t next_random(void)
{
    static uint32_t state = 0x2545f491;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static float random_between(float least, float most)
{
    return least + (most - least) * (float)(next_random() >> 8) / 16777216.0f;
}

/* Letterbox */

/* All bits random: words above the format's depth, too, as decoders may leave them. */
static vanon_frame *make_frame(const vanon_frame *like)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, like->format, like->width, like->height), VANON_OK);
    frame->sar = like->sar;
    frame->rotation = like->rotation;
    frame->mirrored = like->mirrored;
    frame->colour = like->colour;
    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, like->height); y++)
            for (size_t x = 0; x < vanon_plane_bytes(layout, i, like->width); x++)
                frame->plane[i][y * frame->stride[i] + (ptrdiff_t)x] = (uint8_t)next_random();
    return frame;
}

static void check_frame(const vanon_frame *frame, int width, int height)
{
    uint8_t *expected = malloc((size_t)width * (size_t)height * 3), *staged;
    struct vanon_gpu_frame_layout layout;
    struct vanon_letterbox_view view;
    struct vanon_gpu_letterbox plan;
    vanon_letterbox *letterbox;

    assert_non_null(expected);
    assert_int_equal(vanon_letterbox_create(&letterbox, frame, width, height), VANON_OK);
    vanon_letterbox_run(letterbox, frame, expected);
    vanon_letterbox_look(letterbox, &view);
    vanon_gpu_lay_frame(&layout, frame);
    staged = malloc(layout.bytes); /* no byte more: sanitizers see what reads beyond it */
    assert_non_null(staged);
    vanon_gpu_stage_frame(&layout, staged, frame);
    vanon_gpu_describe_letterbox(&plan, &view, &layout, frame, width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const uint8_t *should = expected + 3 * ((size_t)y * (size_t)width + (size_t)x);
            int rgb[3];

            vanon_gpu_letterbox_pixel(&plan, staged, x, y, VANON_LETTERBOX_GREY, rgb);
            if (rgb[0] != should[0] || rgb[1] != should[1] || rgb[2] != should[2])
                fail_msg("%s %d, %d: %d %d %d, not %d %d %d",
                         vanon_pixel_format_name(frame->format), x, y, rgb[0], rgb[1], rgb[2],
                         should[0], should[1], should[2]);
        }
    free(staged);
    free(expected);
    vanon_letterbox_destroy(&letterbox);
}

static void check_letterbox(const vanon_frame *like, int width, int height)
{
    vanon_frame *frame = make_frame(like);

    check_frame(frame, width, height);
    vanon_frame_unref(&frame);
}

static void test_letterbox_equals_the_cpus(void **state)
{
    vanon_frame like = {.width = 66, .height = 34};

    (void)state;
    for (int format = 1; format < VANON_PIXEL_FORMATS; format++) {
        like.format = (enum vanon_pixel_format)format;
        like.colour.full_range = format % 2;
        check_letterbox(&like, 96, 64); /* up */
        check_letterbox(&like, 32, 32); /* down */
    }
    like = (vanon_frame){.format = VANON_PIXEL_YUV420P, .width = 1, .height = 3};
    check_letterbox(&like, 32, 32);
}

static void test_letterbox_turns_and_flips(void **state)
{
    vanon_frame like = {.format = VANON_PIXEL_NV12, .width = 50, .height = 38, .sar = {16, 15}};

    (void)state;
    for (int turn = 0; turn < 8; turn++) {
        like.rotation = turn / 2 * 90;
        like.mirrored = turn % 2;
        check_letterbox(&like, 64, 96);
    }
    like.colour = (vanon_colour){.transfer = 18, .matrix = 9};
    like.format = VANON_PIXEL_P010;
    check_letterbox(&like, 64, 64);
}

/* A look at a part: in the corners, in the middle, over the whole width; turned as well. */
static void test_letterbox_of_parts(void **state)
{
    static const struct vanon_part_rect parts[] = {
        {0, 0, 24, 16}, {40, 24, 26, 20}, {16, 8, 32, 32}, {0, 8, 66, 16}};
    vanon_frame like = {.width = 66, .height = 44};

    (void)state;
    for (int format = 1; format < VANON_PIXEL_FORMATS; format++)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            vanon_frame *frame, part;

            like.format = (enum vanon_pixel_format)format;
            like.rotation = (int)i * 90;
            frame = make_frame(&like);
            part = vanon_part_frame(frame, &parts[i]);
            check_frame(&part, 64, 32);
            vanon_frame_unref(&frame);
        }
}

/* Decode */

static void test_overlap_equals_the_cpus(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) {
        struct vanon_gpu_box box[2];
        vanon_box corner[2];

        for (int k = 0; k < 2; k++) {
            box[k] =
                (struct vanon_gpu_box){random_between(0, 40), random_between(0, 40),
                                       random_between(i % 7 ? 0 : -5, 40), random_between(0, 40)};
            corner[k] = (vanon_box){box[k].x - box[k].width / 2, box[k].y - box[k].height / 2,
                                    box[k].x + box[k].width / 2, box[k].y + box[k].height / 2};
        }
        assert_true(vanon_gpu_iou(&box[0], &box[1]) == vanon_box_iou(&corner[0], &corner[1]));
    }
}

static void test_overlap_of_what_is_no_number_is_nothing(void **state)
{
    struct vanon_gpu_box box = {10, 10, 5, 5}, none = {NAN, 10, 5, 5};

    (void)state;
    assert_true(vanon_gpu_iou(&box, &none) == 0);
    none = (struct vanon_gpu_box){10, 10, INFINITY, NAN};
    assert_true(vanon_gpu_iou(&none, &box) == 0);
}

/* Sorting keys gives the order of vanon_nms. */
static void test_order_equals_the_cpus(void **state)
{
    enum { COUNT = 500 };
    struct vanon_candidate candidate[COUNT];
    float left_out = 0;

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        candidate[i] = (struct vanon_candidate){.score = (float)(next_random() % 50) / 49,
                                                .anchor = i * 7919 % COUNT};
    assert_int_equal(vanon_nms(candidate, COUNT, INFINITY, COUNT, &left_out), COUNT);
    for (size_t i = 1; i < COUNT; i++) {
        uint32_t before, after;

        memcpy(&before, &candidate[i - 1].score, sizeof before);
        memcpy(&after, &candidate[i].score, sizeof after);
        assert_true(vanon_gpu_order(before, candidate[i - 1].anchor) <
                    vanon_gpu_order(after, candidate[i].anchor));
    }
}

static void test_no_number_is_no_low_score(void **state)
{
    (void)state;
    assert_true(vanon_gpu_is_low(0.25f, 0.25f));
    assert_false(vanon_gpu_is_low(0.2500001f, 0.25f));
    assert_false(vanon_gpu_is_low(NAN, 0.25f));
    assert_false(vanon_gpu_is_low(-0.1f, 0.25f));
    assert_true(vanon_gpu_is_finite(3e38f));
    assert_false(vanon_gpu_is_finite(INFINITY));
    assert_false(vanon_gpu_is_finite(NAN));
}

/* plan.h's formulas in double precision. */
static void test_box_and_joints_of_a_cell(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        float logit[16], distance[4], stride = (float)(8 << i % 3);
        double sum = 0, mean = 0, d[4];
        int column = i % 80, row = i / 80;
        struct vanon_gpu_box box;

        for (int side = 0; side < 4; side++) {
            sum = mean = 0;
            for (int k = 0; k < 16; k++) {
                logit[k] = random_between(-20, 20);
                sum += exp((double)logit[k]);
                mean += k * exp((double)logit[k]);
            }
            d[side] = mean / sum;
            distance[side] = vanon_gpu_expectation(logit, 16);
            assert_float_equal(distance[side], (float)d[side], 1e-4f);
        }
        box = vanon_gpu_cell_box(column, row, distance, stride);
        assert_float_equal(box.x, (float)(column + 0.5 + (d[2] - d[0]) / 2) * stride, 0.01f);
        assert_float_equal(box.y, (float)(row + 0.5 + (d[3] - d[1]) / 2) * stride, 0.01f);
        assert_float_equal(box.width, (float)(d[0] + d[2]) * stride, 0.01f);
        assert_float_equal(box.height, (float)(d[1] + d[3]) * stride, 0.01f);
        assert_float_equal(vanon_gpu_cell_joint(column, logit[0], stride),
                           (2 * logit[0] + (float)column) * stride, 0.01f);
    }
    assert_float_equal(vanon_gpu_sigmoid(0), 0.5f, 1e-7f);
    assert_float_equal(vanon_gpu_sigmoid(-100), 0, 1e-7f);
    assert_float_equal(vanon_gpu_sigmoid(100), 1, 1e-7f);
}

/* float16 ends at 65504: what has overflowed on its way is a fault, never a low score. */
static void test_an_overflow_is_no_score(void **state)
{
    static const float logits[] = {-INFINITY, INFINITY, NAN};

    (void)state;
    for (size_t i = 0; i < sizeof logits / sizeof *logits; i++) {
        float score = vanon_gpu_sigmoid(logits[i]);

        assert_false(score >= 0 && score <= 1);
        assert_false(vanon_gpu_is_low(score, 0.25f));
    }
    assert_true(vanon_gpu_is_low(vanon_gpu_sigmoid(-65504), 0.25f));
    assert_true(vanon_gpu_sigmoid(65504) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letterbox_equals_the_cpus),
        cmocka_unit_test(test_letterbox_turns_and_flips),
        cmocka_unit_test(test_letterbox_of_parts),
        cmocka_unit_test(test_overlap_equals_the_cpus),
        cmocka_unit_test(test_overlap_of_what_is_no_number_is_nothing),
        cmocka_unit_test(test_order_equals_the_cpus),
        cmocka_unit_test(test_no_number_is_no_low_score),
        cmocka_unit_test(test_box_and_joints_of_a_cell),
        cmocka_unit_test(test_an_overflow_is_no_score),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
