/* SPDX-License-Identifier: Apache-2.0 */
#include "tracking.h"

/* Eyes and faces of a cascade have no joints; an eye in a face is not that face. */
static void an_eye_is_held(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 2);
    for (int i = 0; i < 2; i++) {
        vanon_object *object;

        assert_int_equal(vanon_object_list_add(&scene.found, NULL, &object), VANON_OK);
        object->class_id = i ? VANON_CLASS_EYE : VANON_CLASS_FACE;
        object->box = (vanon_box){100, 100, 130, 130};
        object->seen = true;
    }
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 1)->id, 2);
    for (int unseen = 1; unseen <= 2; unseen++) {
        assert_int_equal(step(&scene), 2);
        assert_int_equal(out(&scene, 1)->class_id, VANON_CLASS_EYE);
        assert_false(out(&scene, 1)->seen);
        assert_float_equal(out(&scene, 1)->box.x1, 130, 0);
    }
    assert_int_equal(step(&scene), 0);
    end(&scene);
}

static void a_person_is_held(void **state)
{
    (void)state;
    for (int ttl = 0; ttl < 7; ttl += 3) {
        struct scene scene;

        start(&scene, ttl);
        find(&scene, 100, 100, 50, 100);
        find_joint(&scene, ELBOW, 120, 130, 0.9f);
        assert_int_equal(step(&scene), 1);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_true(out(&scene, 0)->seen);
        for (int i = 0; i < ttl; i++) {
            assert_int_equal(step(&scene), 1);
            assert_int_equal(out(&scene, 0)->id, 1);
            assert_false(out(&scene, 0)->seen);
            assert_float_equal(out(&scene, 0)->box.x1, 150, 0);
            assert_string_equal(out(&scene, 0)->detector, "pose");
            assert_joint(&scene, 0, ELBOW, 120, 130, 0.85f - 0.05f * (float)i);
        }
        for (int i = 0; i < 3; i++)
            assert_int_equal(step(&scene), 0);
        find(&scene, 100, 100, 50, 100);
        assert_int_equal(step(&scene), 1);
        assert_int_equal(out(&scene, 0)->id, 2);
        end(&scene);
    }
}

static void a_person_comes_back(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 2);
    find(&scene, 100, 100, 50, 100);
    step(&scene);
    for (int i = 0; i < 5; i++) { /* each sight starts the time anew */
        step(&scene);
        step(&scene);
        find(&scene, 102, 100, 50, 100);
        assert_int_equal(step(&scene), 1);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_true(out(&scene, 0)->seen);
    }
    end(&scene);
}

static void people_are_told_apart(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    for (int i = 0; i <= 40; i++) { /* one walks right, a smaller one left, through each other */
        float right = 100 + 5 * (float)i, left = 300 - 5 * (float)i;

        /* The detector's order changes: it goes by score. */
        if (i % 3)
            find(&scene, right, 100, 80, 200);
        find(&scene, left, 160, 60, 150);
        if (i % 3 == 0)
            find(&scene, right, 100, 80, 200);
        assert_int_equal(step(&scene), 2);
        for (size_t j = 0; j < 2; j++) {
            const vanon_object *object = out(&scene, j);
            bool small = object->box.y0 == 160;

            assert_int_equal(object->id, small ? 1 : 2);
            assert_true(object->seen);
        }
    }
    end(&scene);
}

static void the_best_overlap_wins(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    find(&scene, 0, 0, 100, 100);
    find(&scene, 60, 0, 100, 100);
    step(&scene);
    find(&scene, 50, 0, 100, 100); /* overlaps the first by a third, the second more */
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 0)->id, 2);
    assert_true(out(&scene, 0)->seen);
    assert_int_equal(out(&scene, 1)->id, 1);
    assert_false(out(&scene, 1)->seen);
    end(&scene);
}

static void equal_overlaps_go_by_order(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    find(&scene, 100, 0, 100, 100);
    step(&scene);
    find(&scene, 120, 0, 100, 100);
    find(&scene, 80, 0, 100, 100);
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 0)->id, 1);
    assert_int_equal(out(&scene, 1)->id, 2);
    end(&scene);
}

static void little_overlap_is_somebody_else(void **state)
{
    struct scene scene;
    vanon_object *face;

    (void)state;
    start(&scene, 1);
    for (int i = 0; i < 2; i++) { /* one sight would leave the speed open */
        find(&scene, 0, 0, 40, 100);
        step(&scene);
    }
    find(&scene, 28, 0, 40, 100); /* 12 of 68 */
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 0)->id, 2);
    find(&scene, 54, 0, 40, 100); /* 14 of 66 */
    assert_int_equal(step(&scene), 1);
    assert_int_equal(out(&scene, 0)->id, 2);

    face = find(&scene, 54, 0, 40, 100);
    face->class_id = VANON_CLASS_FACE;
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 0)->id, 3);
    assert_int_equal(out(&scene, 0)->class_id, VANON_CLASS_FACE);
    assert_int_equal(out(&scene, 1)->id, 2);
    end(&scene);
}

/* Three joints in a row, from x on. */
static void find_joints(struct scene *scene, float x)
{
    for (int i = 0; i < 3; i++)
        find_joint(scene, 5 + i, x + 5 * (float)i, 50, 0.9f);
}

static void joints_tell_more_than_boxes(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    for (int i = 0; i < 2; i++) {
        find(&scene, 0, 0, 100, 100);
        find_joints(&scene, 10);
        find(&scene, 30, 0, 100, 100);
        find_joints(&scene, 50);
        step(&scene);
    }
    find(&scene, 10, 0, 100, 100); /* nearer to the first one's box */
    find_joints(&scene, 50);
    find(&scene, 20, 0, 100, 100);
    find_joints(&scene, 10);
    assert_int_equal(step(&scene), 2);
    assert_int_equal(out(&scene, 0)->id, 2);
    assert_int_equal(out(&scene, 1)->id, 1);
    end(&scene);
}

/* Behind a wall a box shrinks to a tenth; the joints that are left stay where they were. */
static void joints_tell_where_boxes_dont(void **state)
{
    for (int other = 0; other < 2; other++) {
        struct scene scene;

        (void)state;
        start(&scene, 5);
        for (int i = 0; i < 2; i++) {
            find(&scene, 0, 40, 30, 200);
            find_joints(&scene, 5);
            step(&scene);
        }
        find(&scene, 0, 40, 30, 20);
        find_joints(&scene, other ? 35 : 7);
        assert_int_equal(step(&scene), 1 + other);
        assert_int_equal(out(&scene, 0)->id, 1 + other);
        end(&scene);
    }
}

/* A body's length in a sixth of a second is a sprint: in a frame, and with a detector's error of a
 * quarter, it is 49 of 100. */
static void nobody_is_that_fast(void **state)
{
    for (int distance = 48; distance <= 50; distance += 2) {
        struct scene scene;
        int64_t id = distance < 49 ? 1 : 3;

        (void)state;
        start(&scene, 0);
        find(&scene, 100, 100, 100, 100);
        find(&scene, 300, 100, 100, 100)->class_id = VANON_CLASS_EYE; /* is small, and may */
        step(&scene);
        find(&scene, 100 + (float)distance, 100, 100, 100);
        find(&scene, 300 + (float)distance, 100, 100, 100)->class_id = VANON_CLASS_EYE;
        assert_int_equal(step(&scene), 2);
        assert_int_equal(out(&scene, 0)->id, id);
        assert_int_equal(out(&scene, 1)->id, 2);
        end(&scene);
    }
}

static void broken_boxes_still_count(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 0);
    for (int i = 1; i < 4; i++) {
        find(&scene, 10, 10, 0, 0);
        find(&scene, NAN, 10, 20, 20);
        find(&scene, 10, 10, -5, 20);
        find(&scene, 10, 10, 20, 20)->box.x0 = NAN;
        find(&scene, 10, 10, INFINITY, INFINITY);
        assert_int_equal(step(&scene), 5);
        assert_int_equal(out(&scene, 4)->id, 5 * i);
    }
    end(&scene);
}

static void a_joint_is_held(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 3);
    find(&scene, 100, 100, 50, 100);
    find_joint(&scene, ELBOW, 120, 130, 0.9f);
    find_joint(&scene, WRIST, 125, 150, 0.1f);
    step(&scene);
    assert_joint(&scene, 0, ELBOW, 120, 130, 0.9f);
    for (int i = 1; i <= 3; i++) { /* the box moves by (4, 2), and the elbow with it */
        find(&scene, 100 + 4 * (float)i, 100 + 2 * (float)i, 50, 100);
        find_joint(&scene, ELBOW, 7, 9, 0.1f);
        find_joint(&scene, WRIST, 125, 150, 0.1f);
        step(&scene);
        assert_true(out(&scene, 0)->seen);
        assert_joint(&scene, 0, ELBOW, 120 + 4 * (float)i, 130 + 2 * (float)i, VANON_JOINT_VISIBLE);
        assert_joint(&scene, 0, WRIST, 125, 150, 0.1f); /* was never seen */
    }
    for (int i = 0; i < 3; i++) {
        find(&scene, 112, 106, 50, 100);
        find_joint(&scene, ELBOW, 7, 9, 0.1f);
        step(&scene);
        assert_joint(&scene, 0, ELBOW, 7, 9, 0.1f);
    }
    find(&scene, 112, 106, 50, 100);
    find_joint(&scene, ELBOW, 130, 140, 0.25f);
    step(&scene);
    assert_joint(&scene, 0, ELBOW, 130, 140, 0.25f);
    for (int i = 0; i < 2; i++) { /* no joint either */
        find(&scene, 112, 106, 50, 100);
        find_joint(&scene, ELBOW, i ? NAN : 0, 0, 0.9f);
        step(&scene);
        assert_joint(&scene, 0, ELBOW, 130, 140, VANON_JOINT_VISIBLE);
    }
    end(&scene);
}

/* Frames in which the whole person is unseen count as well. */
static void a_joint_is_held_over_a_gap(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 3);
    find(&scene, 100, 100, 50, 100);
    find_joint(&scene, ELBOW, 120, 130, 0.9f);
    step(&scene);
    step(&scene);
    step(&scene);
    assert_joint(&scene, 0, ELBOW, 120, 130, 0.8f);
    find(&scene, 110, 100, 50, 100);
    step(&scene);
    assert_int_equal(out(&scene, 0)->id, 1);
    assert_joint(&scene, 0, ELBOW, 130, 130, VANON_JOINT_VISIBLE);
    find(&scene, 110, 100, 50, 100);
    step(&scene);
    assert_joint(&scene, 0, ELBOW, 0, 0, 0);
    end(&scene);
}

static void another_size_ends_all_tracks(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    find(&scene, 100, 100, 50, 100);
    step(&scene);
    scene.frame.width = 320;
    assert_int_equal(step(&scene), 0);
    find(&scene, 100, 100, 50, 100);
    assert_int_equal(step(&scene), 1);
    assert_int_equal(out(&scene, 0)->id, 2);
    scene.frame.sar = (vanon_rational){4, 3};
    assert_int_equal(step(&scene), 0);
    find(&scene, 100, 100, 50, 100);
    step(&scene);
    scene.frame.format = VANON_PIXEL_NV12; /* the same picture for the eye */
    assert_int_equal(step(&scene), 1);
    assert_int_equal(out(&scene, 0)->id, 3);
    end(&scene);
}

static void frames_come_out_in_order(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 1);
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
    for (int i = 0; i < 20; i++) {
        find(&scene, 100 + (float)i, 100, 50, 100);
        assert_int_equal(
            vanon_tracker_push(scene.tracker, &scene.frame, VANON_LOOK_SEEN, &scene.found),
            VANON_OK);
        vanon_object_list_clear(&scene.found);
    }
    vanon_tracker_drain(scene.tracker);
    assert_int_equal(vanon_tracker_push(scene.tracker, &scene.frame, VANON_LOOK_SEEN, &scene.found),
                     VANON_ERR_STATE);
    assert_message("tracker", "after the last");
    for (int i = 0; i < 20; i++) {
        assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_OK);
        assert_int_equal(scene.out.count, 1);
        assert_float_equal(out(&scene, 0)->box.x0, 100 + i, 0);
        assert_int_equal(out(&scene, 0)->id, 1);
    }
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_EOF);
    end(&scene);
}

static void a_reset_forgets(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 5);
    find(&scene, 100, 100, 50, 100);
    find(&scene, 400, 100, 50, 100);
    assert_int_equal(step(&scene), 2);
    assert_int_equal(vanon_tracker_push(scene.tracker, &scene.frame, VANON_LOOK_SEEN, &scene.found),
                     VANON_OK);
    vanon_tracker_drain(scene.tracker);
    vanon_tracker_reset(scene.tracker);
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
    assert_int_equal(step(&scene), 0);
    find(&scene, 400, 100, 50, 100);
    assert_int_equal(step(&scene), 1);
    assert_int_equal(out(&scene, 0)->id, 1);
    end(&scene);
}

static int masks_freed;

static void free_mask(vanon_ref *ref)
{
    (void)ref;
    masks_freed++;
}

static void masks_are_let_go(void **state)
{
    struct scene scene;
    vanon_ref mask;

    (void)state;
    vanon_ref_init(&mask, free_mask);
    start(&scene, 1);
    find(&scene, 100, 100, 50, 100)->mask = &mask;
    step(&scene);
    assert_ptr_equal(out(&scene, 0)->mask, &mask);
    assert_int_equal(step(&scene), 1);
    assert_ptr_equal(out(&scene, 0)->mask, &mask);
    assert_int_equal(masks_freed, 0);
    assert_int_equal(step(&scene), 0);
    assert_int_equal(step(&scene), 0);
    end(&scene);
    assert_int_equal(masks_freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_held),
        cmocka_unit_test(an_eye_is_held),
        cmocka_unit_test(a_person_comes_back),
        cmocka_unit_test(people_are_told_apart),
        cmocka_unit_test(the_best_overlap_wins),
        cmocka_unit_test(equal_overlaps_go_by_order),
        cmocka_unit_test(little_overlap_is_somebody_else),
        cmocka_unit_test(joints_tell_more_than_boxes),
        cmocka_unit_test(joints_tell_where_boxes_dont),
        cmocka_unit_test(nobody_is_that_fast),
        cmocka_unit_test(broken_boxes_still_count),
        cmocka_unit_test(a_joint_is_held),
        cmocka_unit_test(a_joint_is_held_over_a_gap),
        cmocka_unit_test(another_size_ends_all_tracks),
        cmocka_unit_test(frames_come_out_in_order),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(masks_are_let_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
