/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include <vanon/object.h>

#include "detect/merge.h"

static const vanon_box whole = {0, 0, 1000, 500};

static void add(vanon_object_list *list, enum vanon_class class_id, float score, vanon_box box)
{
    vanon_object *object;
    vanon_keypoint *joints;

    assert_int_equal(vanon_object_list_add(list, &vanon_skeleton_coco17, &object), VANON_OK);
    object->class_id = class_id;
    object->score = score;
    object->box = box;
    joints = vanon_object_keypoints(list, object);
    for (size_t i = 0; i < object->keypoints; i++)
        joints[i] = (vanon_keypoint){i == 3 ? score : 1000 * score, (float)i, 1};
}

#define PERSON(list, score, ...) add(list, VANON_CLASS_PERSON, score, (vanon_box){__VA_ARGS__})

/* Merges `from` into `into`, which must then have the given scores. */
static void check(vanon_object_list *into, vanon_object_list *from, const vanon_box *part,
                  double overlap, const float *scores, size_t count)
{
    struct vanon_detect_look look = {.width = 1000,
                                     .height = 500,
                                     .part = *part,
                                     .overlap = overlap,
                                     .doubted = {{0.3, 320}, {0.5, 440}},
                                     .piece_size = 310};

    assert_int_equal(vanon_detect_merge(into, from, &look), VANON_OK);
    assert_int_equal(into->count, count);
    for (size_t i = 0; i < count; i++) {
        const vanon_keypoint *joints = vanon_object_keypoints(into, &into->object[i]);

        assert_true(into->object[i].score == scores[i]);
        assert_true(joints[3].x == scores[i] && joints[3].y == 3); /* the joints go with it */
    }
    vanon_object_list_free(into);
    vanon_object_list_free(from);
}

#define CHECK(into, from, part, overlap, ...)                               \
    check(&(into), &(from), &(part), overlap, (const float[]){__VA_ARGS__}, \
          sizeof((const float[]){__VA_ARGS__}) / sizeof(float))

static void test_the_better_one_of_two_is_kept(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.5f, 100, 100, 200, 400);
    PERSON(&into, 0.9f, 300, 100, 400, 400);
    PERSON(&from, 0.8f, 305, 100, 405, 400);
    PERSON(&from, 0.7f, 105, 105, 205, 405);
    PERSON(&from, 0.6f, 700, 100, 800, 400);
    CHECK(into, from, whole, 0, 0.7f, 0.9f, 0.6f);
}

static void test_two_who_overlap_stay_two(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.9f, 100, 100, 200, 400);
    PERSON(&from, 0.8f, 102, 100, 202, 400);
    PERSON(&from, 0.7f, 130, 100, 230, 400); /* overlaps by 0.54, but fits less well */
    CHECK(into, from, whole, 0, 0.9f, 0.7f);
}

/* Joints lie along x at the score, each a pixel lower than the one before. */
static void place_joints(vanon_object_list *list, float x, float y, float visibility)
{
    vanon_keypoint *joints = vanon_object_keypoints(list, &list->object[list->count - 1]);

    for (size_t i = 0; i < list->object[list->count - 1].keypoints; i++)
        joints[i] = (vanon_keypoint){x, i == 3 ? 3 : y, i < 5 || i > 8 ? 0.1f : visibility};
    joints[3] = (vanon_keypoint){list->object[list->count - 1].score, 3, 0.1f};
    joints[9].visibility = visibility;
}

static void test_half_of_somebody_is_nobody(void **state)
{
    static const float moved[] = {0, 10, 60};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        vanon_object_list into = {0}, from = {0};

        PERSON(&into, 0.9f, 100, 100, 200, 400);
        place_joints(&into, 150, 200, 1);
        PERSON(&from, 0.8f, 101, 100, 201, 400);
        PERSON(&from, 0.7f, 100, 100, 200, 310); /* overlaps by 0.7 */
        place_joints(&from, 150 + moved[i], 200, 1);
        if (moved[i] < 50)
            CHECK(into, from, whole, 0, 0.9f);
        else /* somebody else */
            CHECK(into, from, whole, 0, 0.9f, 0.7f);
    }
}

static void test_unseen_joints_tell_nothing(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.9f, 100, 100, 200, 400);
    place_joints(&into, 150, 200, 0.1f);
    PERSON(&from, 0.8f, 101, 100, 201, 400);
    PERSON(&from, 0.7f, 100, 100, 200, 310);
    place_joints(&from, 150, 200, 0.1f);
    CHECK(into, from, whole, 0, 0.9f, 0.7f);
}

static void test_large_ones_of_low_score_are_doubted(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.2f, 100, 100, 200, 430);
    PERSON(&from, 0.25f, 101, 100, 201, 430); /* known already */
    PERSON(&from, 0.29f, 400, 100, 500, 430);
    PERSON(&from, 0.28f, 600, 100, 700, 410); /* small enough to be new */
    PERSON(&from, 0.31f, 800, 100, 900, 430); /* good enough */
    PERSON(&from, 0.49f, 700, 0, 750, 450);   /* not for that size */
    add(&from, VANON_CLASS_FACE, 0.27f, (vanon_box){0, 0, 400, 400});
    CHECK(into, from, whole, 0, 0.25f, 0.28f, 0.31f, 0.27f);
}

static void test_pieces_of_somebody_large_are_doubted(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.9f, 100, 20, 400, 480);
    PERSON(&into, 0.4f, 600, 20, 900, 480);
    PERSON(&from, 0.8f, 150, 100, 260, 415); /* a piece */
    PERSON(&from, 0.7f, 150, 100, 260, 405); /* small enough to be new */
    PERSON(&from, 0.6f, 340, 100, 450, 415); /* more than half beside */
    PERSON(&from, 0.5f, 650, 100, 760, 415); /* better than who is known there */
    add(&from, VANON_CLASS_FACE, 0.3f, (vanon_box){100, 100, 250, 420});
    CHECK(into, from, whole, 0, 0.9f, 0.4f, 0.7f, 0.6f, 0.5f, 0.3f);
}

static void test_classes_are_apart(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.5f, 100, 100, 200, 200);
    add(&from, VANON_CLASS_FACE, 0.9f, (vanon_box){100, 100, 200, 200});
    CHECK(into, from, whole, 0, 0.5f, 0.9f);
}

static void test_who_is_cut_off_by_a_part(void **state)
{
    static const vanon_box part = {0, 0, 600, 300};
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.5f, 100, 100, 200, 450);
    PERSON(&from, 0.9f, 100, 100, 200, 300); /* the upper part of the same one */
    PERSON(&from, 0.8f, 550, 50, 600, 150);  /* at the part's right side: another part has it */
    PERSON(&from, 0.7f, 300, 20, 400, 299);  /* too large for the overlap, and nobody else's */
    PERSON(&from, 0.6f, 0, 0, 50, 100);      /* at the picture's own border */
    CHECK(into, from, part, 150, 0.5f, 0.7f, 0.6f);
}

static void test_numbers_that_are_none_harm_nobody(void **state)
{
    vanon_object_list into = {0}, from = {0};

    (void)state;
    PERSON(&into, 0.5f, 100, 100, 200, 400);
    PERSON(&from, 0.9f, NAN, 100, 200, 400);
    PERSON(&from, 0.8f, -INFINITY, 100, INFINITY, 400);
    CHECK(into, from, whole, 0, 0.5f, 0.9f, 0.8f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_better_one_of_two_is_kept),
        cmocka_unit_test(test_two_who_overlap_stay_two),
        cmocka_unit_test(test_half_of_somebody_is_nobody),
        cmocka_unit_test(test_unseen_joints_tell_nothing),
        cmocka_unit_test(test_large_ones_of_low_score_are_doubted),
        cmocka_unit_test(test_pieces_of_somebody_large_are_doubted),
        cmocka_unit_test(test_classes_are_apart),
        cmocka_unit_test(test_who_is_cut_off_by_a_part),
        cmocka_unit_test(test_numbers_that_are_none_harm_nobody),
    };

    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
