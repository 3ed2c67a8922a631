/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "detect/nms.h"
#include "detect/yolo.h"
#include "pixels/frame.h"

#define ROWS    56
#define ANCHORS 6

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-3))
        fail_msg("%f, expected %f", value, expected);
}

static void test_iou(void **state)
{
    const vanon_box unit = {0, 0, 2, 2}, right = {1, 0, 3, 2}, touching = {2, 0, 4, 2};
    const vanon_box inside = {0.5f, 0.5f, 1.5f, 1.5f}, empty = {1, 1, 1, 2},
                    inverted = {2, 2, 0, 0};
    const vanon_box no_number = {0, 0, NAN, 2}, endless = {-INFINITY, 0, INFINITY, 2};

    (void)state;
    assert_true(vanon_box_iou(&unit, &unit) == 1);
    assert_near(vanon_box_iou(&unit, &right), 1.0 / 3);
    assert_true(vanon_box_iou(&unit, &inside) == 0.25f);
    assert_true(vanon_box_iou(&unit, &touching) == 0);
    assert_true(vanon_box_iou(&unit, &empty) == 0 && vanon_box_iou(&empty, &empty) == 0);
    assert_true(vanon_box_iou(&unit, &inverted) == 0);
    assert_true(vanon_box_iou(&unit, &no_number) == 0 && vanon_box_iou(&no_number, &unit) == 0);
    assert_true(vanon_box_iou(&unit, &endless) == 0);
}

static uint32_t random_state = 1;

static float random_number(float most)
{
    random_state = random_state * 1664525 + 1013904223;
    return (float)(random_state >> 8) / (1 << 24) * most;
}

static bool is_better(const struct vanon_candidate *a, const struct vanon_candidate *b)
{
    return a->score > b->score || (a->score == b->score && a->anchor < b->anchor);
}

/* The rule word by word: take the best that is left, strike out what overlaps it too much. */
static size_t slow_nms(const struct vanon_candidate *candidates, size_t count, float threshold,
                       struct vanon_candidate *kept)
{
    bool *gone = calloc(count, sizeof *gone);
    size_t found = 0;

    for (;;) {
        const struct vanon_candidate *best = NULL;

        for (size_t i = 0; i < count; i++)
            if (!gone[i] && (!best || is_better(&candidates[i], best)))
                best = &candidates[i];
        if (!best)
            break;
        kept[found++] = *best;
        gone[best - candidates] = true;
        for (size_t i = 0; i < count; i++)
            if (vanon_box_iou(&best->box, &candidates[i].box) > threshold)
                gone[i] = true;
    }
    free(gone);
    return found;
}

static void test_nms_against_slow(void **state)
{
    enum { MOST = 400 };
    static struct vanon_candidate candidates[MOST], expected[MOST];
    float left_out = 0;

    (void)state;
    for (size_t round = 0; round < 60; round++) {
        size_t count = round * MOST / 59, wanted, kept;
        float threshold = random_number(1);

        for (size_t i = 0; i < count; i++) {
            float x = random_number(200), y = random_number(200);

            /* Coarse scores, so that many are equal. */
            candidates[i] =
                (struct vanon_candidate){{x, y, x + random_number(90), y + random_number(90)},
                                         floorf(random_number(20)) / 20,
                                         (uint32_t)i};
        }
        wanted = slow_nms(candidates, count, threshold, expected);
        kept = vanon_nms(candidates, count, threshold, count, &left_out);
        assert_int_equal(kept, wanted);
        for (size_t i = 0; i < kept; i++)
            assert_int_equal(candidates[i].anchor, expected[i].anchor);
    }
    assert_true(left_out == 0);
}

static void test_nms_threshold_and_ties(void **state)
{
    /* IoU of the first two: 6 / 10, as binary fractions can't hold it: 0.6f on both sides. */
    struct vanon_candidate pair[] = {{{0, 0, 8, 1}, 0.5f, 7}, {{2, 0, 10, 1}, 0.5f, 3}};
    float left_out = 0;

    (void)state;
    assert_int_equal(vanon_nms(pair, 2, 0.6f, 10, &left_out), 2); /* equal is not more */
    assert_int_equal(pair[0].anchor, 3);
    assert_int_equal(pair[1].anchor, 7);
    assert_int_equal(vanon_nms(pair, 2, 0.59f, 10, &left_out), 1);
    assert_int_equal(pair[0].anchor, 3);
    assert_int_equal(vanon_nms(pair, 0, 0.5f, 10, &left_out), 0);
    assert_int_equal(vanon_nms(pair, 2, 0.59f, 1, &left_out), 1);
    assert_true(left_out == 0); /* the other one is the same */
    assert_int_equal(vanon_nms(pair, 2, 1, 0, &left_out), 0);
    assert_true(left_out == 0.5f);
}

static void test_nms_limits(void **state)
{
    enum { COUNT = VANON_NMS_CANDIDATES + 5 };
    struct vanon_candidate *many = calloc(COUNT, sizeof *many);
    float left_out = 0;

    (void)state;
    /* Boxes without area overlap nothing, so all could be kept. */
    for (size_t i = 0; i < COUNT; i++)
        many[i] = (struct vanon_candidate){.score = (float)i, .anchor = (uint32_t)i};
    assert_int_equal(vanon_nms(many, COUNT, 0.5f, 3, &left_out), 3);
    assert_true(left_out == (float)(COUNT - 4));
    assert_int_equal(many[0].anchor, COUNT - 1);
    assert_int_equal(many[2].anchor, COUNT - 3);
    assert_int_equal(vanon_nms(many, COUNT, 0.5f, COUNT, &left_out), VANON_NMS_CANDIDATES);
    free(many);
}

/* A 32x64 picture in a 64x64 network: 16 columns of padding on either side. */
static vanon_letterbox *create_letterbox(void)
{
    vanon_letterbox *letterbox;
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_RGB24, 32, 64), VANON_OK);
    assert_int_equal(vanon_letterbox_create(&letterbox, frame, 64, 64), VANON_OK);
    vanon_frame_unref(&frame);
    return letterbox;
}

/* Joint i of an anchor at (x + i, y + 2 i), visibility i / 100. */
static void put_anchor(float *tensor, size_t anchor, const vanon_box *centre, float score)
{
    const float head[] = {centre->x0, centre->y0, centre->x1, centre->y1, score};

    for (size_t row = 0; row < 5; row++)
        tensor[row * ANCHORS + anchor] = head[row];
    for (size_t i = 0; i < 17; i++) {
        tensor[(5 + 3 * i) * ANCHORS + anchor] = head[0] + (float)i;
        tensor[(6 + 3 * i) * ANCHORS + anchor] = head[1] + 2 * (float)i;
        tensor[(7 + 3 * i) * ANCHORS + anchor] = (float)i / 100;
    }
}

/* Two people, the second seen by two anchors; one at the very threshold, one below it. */
static void fill(float *tensor)
{
    memset(tensor, 0, ROWS * ANCHORS * sizeof *tensor);
    put_anchor(tensor, 1, &(vanon_box){24, 20, 8, 10}, 0.5f);
    put_anchor(tensor, 2, &(vanon_box){40, 40, 10, 20}, 0.75f);
    put_anchor(tensor, 3, &(vanon_box){24.5f, 20, 8, 10}, 0.9f);
    put_anchor(tensor, 4, &(vanon_box){24, 50, 8, 8}, 0.25f);
    put_anchor(tensor, 5, &(vanon_box){50, 50, 8, 8}, 0.125f);
}

static const struct vanon_yolo_params params = {.confidence = 0.25f,
                                                .iou_threshold = 0.7f,
                                                .max_det = 300,
                                                .skeleton = &vanon_skeleton_coco17,
                                                .layout = {.classes = 1}};

static void test_decode(void **state)
{
    float tensor[ROWS * ANCHORS];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};
    const vanon_object *first, *second;
    const vanon_keypoint *joint;

    (void)state;
    fill(tensor);
    assert_int_equal(
        vanon_yolo_decode(&params, tensor, ROWS, ANCHORS, letterbox, &scratch, &objects), VANON_OK);
    assert_int_equal(objects.count, 2);
    first = &objects.object[0];
    second = &objects.object[1];
    assert_near(first->score, 0.9);
    assert_near(first->box.x0, 4.5);
    assert_near(first->box.y0, 15);
    assert_near(first->box.x1, 12.5);
    assert_near(first->box.y1, 25);
    assert_near(second->score, 0.75);
    assert_near(second->box.x0, 19);
    assert_near(second->box.y0, 30);
    assert_near(second->box.x1, 29);
    assert_near(second->box.y1, 50);
    assert_int_equal(second->class_id, VANON_CLASS_PERSON);
    assert_string_equal(second->detector, "pose");
    assert_true(second->seen && !second->id && !second->mask);
    assert_ptr_equal(second->skeleton, &vanon_skeleton_coco17);
    assert_int_equal(second->keypoints, 17);
    joint = vanon_object_keypoints(&objects, second);
    assert_near(joint[0].x, 24);
    assert_near(joint[0].y, 40);
    assert_near(joint[0].visibility, 0);
    assert_near(joint[16].x, 40); /* outside the picture: not clipped */
    assert_near(joint[16].y, 72);
    assert_near(joint[16].visibility, 0.16);

    /* Objects of the next picture are appended. */
    assert_int_equal(
        vanon_yolo_decode(&params, tensor, ROWS, ANCHORS, letterbox, &scratch, &objects), VANON_OK);
    assert_int_equal(objects.count, 4);
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    assert_null(scratch.candidate);
    vanon_letterbox_destroy(&letterbox);
}

static void test_decode_settings(void **state)
{
    static const struct {
        float confidence, iou_threshold;
        size_t max_det, people;
    } cases[] = {
        {0.25f, 0.7f, 300, 2}, {0.25f, 0.7f, 1, 1},  {0.25f, 1, 300, 3}, {0.2f, 0.7f, 300, 3},
        {0.1f, 0.7f, 300, 4},  {0.95f, 0.7f, 10, 0}, {0, 0.7f, 300, 4},  {0.25f, 0.7f, 0, 0},
    };
    float tensor[ROWS * ANCHORS];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};

    (void)state;
    fill(tensor);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        struct vanon_yolo_params changed = params;

        changed.confidence = cases[i].confidence;
        changed.iou_threshold = cases[i].iou_threshold;
        changed.max_det = cases[i].max_det;
        vanon_object_list_clear(&objects);
        assert_int_equal(
            vanon_yolo_decode(&changed, tensor, ROWS, ANCHORS, letterbox, &scratch, &objects),
            VANON_OK);
        assert_int_equal(objects.count, cases[i].people);
    }
    assert_int_equal(vanon_yolo_decode(&params, tensor, ROWS, 0, letterbox, &scratch, &objects),
                     VANON_OK);
    assert_int_equal(
        vanon_yolo_decode(&params, tensor, ROWS - 1, ANCHORS, letterbox, &scratch, &objects),
        VANON_ERR_ARGUMENT);
    assert_int_equal(
        vanon_yolo_decode(&params, tensor, ROWS + 1, ANCHORS, letterbox, &scratch, &objects),
        VANON_ERR_ARGUMENT);
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    vanon_letterbox_destroy(&letterbox);
}

/* A number that is none must never pass as "nobody there". */
static void test_decode_broken_numbers(void **state)
{
    static const struct {
        size_t row, anchor;
        float value;
        int status;
    } cases[] = {
        {4, 0, NAN, VANON_ERR_INFERENCE},
        {4, 5, INFINITY, VANON_ERR_INFERENCE},
        {4, 0, -INFINITY, VANON_ERR_INFERENCE},
        {4, 0, -0.5f, VANON_ERR_INFERENCE},
        {4, 0, 1.5f, VANON_ERR_INFERENCE},
        {0, 2, NAN, VANON_ERR_INFERENCE},
        {3, 2, INFINITY, VANON_ERR_INFERENCE},
        {5, 2, -INFINITY, VANON_ERR_INFERENCE},
        {55, 3, NAN, VANON_ERR_INFERENCE},
        {55, 1, NAN, VANON_ERR_INFERENCE},
        {0, 5, NAN, VANON_OK},
        /* of nobody */ {4, 0, -0.0f, VANON_OK},
    };
    float tensor[ROWS * ANCHORS];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        vanon_object_list_clear(&objects);
        fill(tensor);
        tensor[cases[i].row * ANCHORS + cases[i].anchor] = cases[i].value;
        assert_int_equal(
            vanon_yolo_decode(&params, tensor, ROWS, ANCHORS, letterbox, &scratch, &objects),
            cases[i].status);
        assert_int_equal(objects.count, cases[i].status ? 0 : 2);
    }
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    vanon_letterbox_destroy(&letterbox);
}

enum { BOXES = 5, VALUES = 57 };

/* x0, y0, x1, y1, score, class; joint i at (x0 + i, y0 + 2 i), visibility i / 100. */
static void put_box(float *tensor, size_t index, const vanon_box *box, float score, float class_id)
{
    const float head[] = {box->x0, box->y0, box->x1, box->y1, score, class_id};
    float *values = tensor + index * VALUES;

    memcpy(values, head, sizeof head);
    for (size_t i = 0; i < 17; i++) {
        values[6 + 3 * i] = box->x0 + (float)i;
        values[7 + 3 * i] = box->y0 + 2 * (float)i;
        values[8 + 3 * i] = (float)i / 100;
    }
}

/* Two people who overlap, as the model decided; one dog; one below the threshold; one unused. */
static void fill_boxes(float *tensor)
{
    memset(tensor, 0, BOXES * VALUES * sizeof *tensor);
    put_box(tensor, 0, &(vanon_box){20, 15, 28, 25}, 0.5f, 0);
    put_box(tensor, 1, &(vanon_box){20, 15, 28, 25.5f}, 0.9f, 0);
    put_box(tensor, 2, &(vanon_box){35, 30, 45, 50}, 0.8f, 1);
    put_box(tensor, 3, &(vanon_box){35, 30, 45, 50}, 0.25f, 0);
}

static void test_decode_after_nms(void **state)
{
    struct vanon_yolo_params after = params;
    float tensor[BOXES * VALUES];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};
    const vanon_keypoint *joint;

    (void)state;
    after.layout = (struct vanon_yolo_layout){.nms = true, .classes = 2};
    fill_boxes(tensor);
    assert_int_equal(
        vanon_yolo_decode(&after, tensor, BOXES, VALUES, letterbox, &scratch, &objects), VANON_OK);
    assert_int_equal(objects.count, 2); /* no second NMS */
    assert_near(objects.object[0].score, 0.9);
    assert_near(objects.object[0].box.x0, 4);
    assert_near(objects.object[0].box.y0, 15);
    assert_near(objects.object[0].box.x1, 12);
    assert_near(objects.object[0].box.y1, 25.5);
    assert_near(objects.object[1].score, 0.5);
    assert_string_equal(objects.object[1].detector, "pose");
    assert_true(objects.object[1].seen && objects.object[1].keypoints == 17);
    joint = vanon_object_keypoints(&objects, &objects.object[1]);
    assert_near(joint[16].x, 20);
    assert_near(joint[16].y, 47);
    assert_near(joint[16].visibility, 0.16);

    after.max_det = 1;
    vanon_object_list_clear(&objects);
    assert_int_equal(
        vanon_yolo_decode(&after, tensor, BOXES, VALUES, letterbox, &scratch, &objects), VANON_OK);
    assert_int_equal(objects.count, 1);
    assert_near(objects.object[0].score, 0.9);

    after.max_det = 300;
    after.confidence = 0.1f;
    after.layout.person = 1;
    vanon_object_list_clear(&objects);
    assert_int_equal(
        vanon_yolo_decode(&after, tensor, BOXES, VALUES, letterbox, &scratch, &objects), VANON_OK);
    assert_int_equal(objects.count, 1); /* what was the dog */
    assert_near(objects.object[0].score, 0.8);
    assert_int_equal(
        vanon_yolo_decode(&after, tensor, BOXES, VALUES - 1, letterbox, &scratch, &objects),
        VANON_ERR_ARGUMENT);
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    vanon_letterbox_destroy(&letterbox);
}

static void test_broken_numbers_after_nms(void **state)
{
    static const struct {
        size_t box, value;
        float number;
        int status;
    } cases[] = {
        {0, 4, NAN, VANON_ERR_INFERENCE},
        {4, 4, 1.5f, VANON_ERR_INFERENCE},
        {4, 4, -0.5f, VANON_ERR_INFERENCE},
        {0, 0, NAN, VANON_ERR_INFERENCE},
        {0, 56, INFINITY, VANON_ERR_INFERENCE},
        {0, 5, NAN, VANON_ERR_INFERENCE},
        {0, 5, 0.5f, VANON_ERR_INFERENCE},
        {0, 5, -1, VANON_ERR_INFERENCE},
        {0, 5, 2, VANON_ERR_INFERENCE},
        {0, 2, 19, VANON_ERR_INFERENCE},
        {0, 3, 14, VANON_ERR_INFERENCE},
        {3, 56, NAN, VANON_OK},
        {4, 5, NAN, VANON_OK}, /* of nobody */
    };
    struct vanon_yolo_params after = params;
    float tensor[BOXES * VALUES];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};

    (void)state;
    after.layout = (struct vanon_yolo_layout){.nms = true, .classes = 2};
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        vanon_object_list_clear(&objects);
        fill_boxes(tensor);
        tensor[cases[i].box * VALUES + cases[i].value] = cases[i].number;
        assert_int_equal(
            vanon_yolo_decode(&after, tensor, BOXES, VALUES, letterbox, &scratch, &objects),
            cases[i].status);
        assert_int_equal(objects.count, cases[i].status ? 0 : 2);
    }
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    vanon_letterbox_destroy(&letterbox);
}

/* Two classes: a second row of scores, before the joints. */
static void test_decode_classes(void **state)
{
    struct vanon_yolo_params two = params;
    float one_class[ROWS * ANCHORS], tensor[(ROWS + 1) * ANCHORS];
    vanon_letterbox *letterbox = create_letterbox();
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list objects = {0};

    (void)state;
    fill(one_class);
    memset(tensor, 0, sizeof tensor);
    memcpy(tensor, one_class, 5 * ANCHORS * sizeof *tensor);
    memcpy(tensor + 6 * ANCHORS, one_class + 5 * ANCHORS, 51 * ANCHORS * sizeof *tensor);
    tensor[5 * ANCHORS + 2] = 0.875f; /* more a dog than a person, and hidden all the same */
    for (size_t person = 0; person < 2; person++) {
        two.layout = (struct vanon_yolo_layout){.classes = 2, .person = person};
        vanon_object_list_clear(&objects);
        assert_int_equal(
            vanon_yolo_decode(&two, tensor, ROWS + 1, ANCHORS, letterbox, &scratch, &objects),
            VANON_OK);
        assert_int_equal(objects.count, person ? 1 : 2);
        assert_near(objects.object[objects.count - 1].score, person ? 0.875 : 0.75);
        assert_near(
            vanon_object_keypoints(&objects, &objects.object[objects.count - 1])[16].visibility,
            0.16);
    }
    assert_int_equal(
        vanon_yolo_decode(&two, one_class, ROWS, ANCHORS, letterbox, &scratch, &objects),
        VANON_ERR_ARGUMENT);
    vanon_object_list_free(&objects);
    vanon_yolo_scratch_free(&scratch);
    vanon_letterbox_destroy(&letterbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iou),
        cmocka_unit_test(test_nms_against_slow),
        cmocka_unit_test(test_nms_threshold_and_ties),
        cmocka_unit_test(test_nms_limits),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_settings),
        cmocka_unit_test(test_decode_broken_numbers),
        cmocka_unit_test(test_decode_after_nms),
        cmocka_unit_test(test_broken_numbers_after_nms),
        cmocka_unit_test(test_decode_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
