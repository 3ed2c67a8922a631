/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out of the tracker where frames are held back, by literal places. */
#include "tracking.h"

/* One frame with what was found since the last. */
static void push(struct scene *scene)
{
    assert_int_equal(
        vanon_tracker_push(scene->tracker, &scene->frame, VANON_LOOK_SEEN, &scene->found),
        VANON_OK);
    vanon_object_list_clear(&scene->found);
}

static size_t pull(struct scene *scene)
{
    assert_int_equal(vanon_tracker_pull(scene->tracker, &scene->out), VANON_OK);
    return scene->out.count;
}

/* Somebody 100 tall in the box from x on, all of whose joints that matter are 10 right of it. */
static void find_at(struct scene *scene, float x)
{
    find(scene, x, 100, 40, 100);
    find_joint(scene, ELBOW, x + 10, 150, 0.9f);
}

static void assert_box(const struct scene *scene, size_t object, float x)
{
    assert_true(fabsf(out(scene, object)->box.x0 - x) < 1e-3f);
    assert_true(fabsf(out(scene, object)->box.x1 - x - 40) < 1e-3f);
    assert_float_equal(out(scene, object)->box.y0, 100, 1e-3);
}

static void frames_are_held_back(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 5, 3);
    for (int i = 0; i < 3; i++) {
        push(&scene);
        assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
    }
    push(&scene);
    assert_int_equal(pull(&scene), 0);
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
    vanon_tracker_drain(scene.tracker);
    for (int i = 0; i < 3; i++)
        pull(&scene);
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_EOF);

    vanon_tracker_reset(scene.tracker);
    vanon_tracker_set_latency(scene.tracker, 1);
    assert_int_equal(vanon_tracker_latency(scene.tracker), 1);
    push(&scene);
    assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
    push(&scene);
    pull(&scene);
    vanon_tracker_reset(scene.tracker);
    assert_int_equal(vanon_tracker_latency(scene.tracker), 1);
    vanon_tracker_set_latency(scene.tracker, 9); /* never more than the options say */
    assert_int_equal(vanon_tracker_latency(scene.tracker), 3);
    end(&scene);
}

/* 4 pixels a frame, seen in frames 0 to 2 and 6 to 8. */
static void a_gap_is_bridged(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 4);
    for (int i = 0; i < 9; i++) {
        if (i < 3 || i >= 6)
            find_at(&scene, 100 + 4 * (float)i);
        push(&scene);
    }
    for (int i = 0; i < 9; i++) {
        bool seen = i < 3 || i >= 6;
        float fading = seen ? 0 : i == 4 ? 0.1f : 0.05f;

        if (i == 5) { /* frame 9 is not there */
            assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_ERR_AGAIN);
            vanon_tracker_drain(scene.tracker);
        }
        pull(&scene);
        assert_int_equal(scene.out.count, 1);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_int_equal(out(&scene, 0)->seen, seen);
        assert_box(&scene, 0, 100 + 4 * (float)i);
        assert_joint(&scene, 0, ELBOW, 110 + 4 * (float)i, 150, 0.9f - fading);
    }
    end(&scene);
}

/* With time stamps, the place goes by them. */
static void a_gap_goes_by_time(void **state)
{
    static const int64_t pts[] = {0, 100, 400, 500};
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 3);
    scene.frame.time_base = (vanon_rational){1, 1000};
    for (int i = 0; i < 4; i++) {
        scene.frame.pts = pts[i];
        if (i != 1 && i != 2)
            find_at(&scene, i ? 150 : 100);
        push(&scene);
    }
    vanon_tracker_drain(scene.tracker);
    pull(&scene);
    pull(&scene);
    assert_box(&scene, 0, 110);
    pull(&scene);
    assert_box(&scene, 0, 140);
    end(&scene);
}

/* Whoever stops in the middle is covered as well: within ttl_frames all the way is. */
static void a_gap_is_swept(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 2, 4);
    for (int i = 0; i < 5; i++) {
        if (i == 0 || i == 4)
            find_at(&scene, 100 + 10 * (float)i);
        push(&scene);
    }
    pull(&scene);
    vanon_tracker_drain(scene.tracker);
    assert_int_equal(pull(&scene), 3); /* 10 pixels, in steps of 8 at most */
    assert_box(&scene, 0, 110);
    assert_box(&scene, 1, 105);
    assert_box(&scene, 2, 100);
    assert_joint(&scene, 2, ELBOW, 110, 150, 0.85f);
    assert_int_equal(pull(&scene), 4);
    assert_box(&scene, 0, 120);
    assert_box(&scene, 3, 100);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(out(&scene, i)->id, 1);
        assert_false(out(&scene, i)->seen);
    }
    assert_int_equal(pull(&scene), 1);
    assert_box(&scene, 0, 130);
    end(&scene);
}

static void a_newcomer_is_covered_before(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 2, 6);
    for (int i = 0; i < 16; i++) {
        if (i >= 8)
            find_at(&scene, 300 + 5 * (float)(i - 8));
        push(&scene);
    }
    for (int i = 0; i < 10; i++) {
        size_t objects = pull(&scene);

        if (i < 4) { /* three sights are not within the look-ahead */
            assert_int_equal(objects, 0);
            continue;
        }
        assert_int_equal(objects, i == 6 ? 3 : 1); /* 10 pixels back, and where it was seen */
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_int_equal(out(&scene, 0)->seen, i >= 8);
        assert_box(&scene, 0, 300 + 5 * (float)(i - 8));
        if (i == 6)
            assert_box(&scene, 2, 300);
        assert_joint(&scene, 0, ELBOW, 310 + 5 * (float)(i - 8), 150,
                     i >= 8 ? 0.9f : fmaxf(VANON_JOINT_VISIBLE, 0.9f - 0.1f * (float)(8 - i)));
    }
    end(&scene);
}

/* Coming in from the left: before that, there was nobody. */
static void a_newcomer_comes_from_outside(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 20);
    for (int i = 0; i < 40; i++) {
        if (i >= 20)
            find_at(&scene, 12 * (float)(i - 20));
        push(&scene);
    }
    /* The box is 40 wide; it is given out until half of its size, 50, lies between. */
    for (int i = 0; i < 20; i++)
        assert_int_equal(pull(&scene), i > 20 - 90 / 12.0);
    end(&scene);
}

static void a_single_sight_counts_for_ttl_frames(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 3, 10);
    for (int i = 0; i < 30; i++) {
        if (i == 15)
            find_at(&scene, 300);
        push(&scene);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pull(&scene), i >= 12 && i <= 18);
        if (scene.out.count)
            assert_box(&scene, 0, 300);
    }
    end(&scene);
}

/* Who walks out of the picture is held until outside, others for ttl_frames. */
static void who_leaves_is_held(void **state)
{
    for (int leaves = 0; leaves < 2; leaves++) {
        float from = leaves ? 500 : 200;
        struct scene scene;

        (void)state;
        start_ahead(&scene, 2, 10);
        for (int i = 0; i < 25; i++) {
            if (i < 5)
                find_at(&scene, from + 20 * (float)i);
            push(&scene);
        }
        for (int i = 0; i < 15; i++) {
            pull(&scene);
            if (i >= 5)
                assert_int_equal(scene.out.count > 0, i <= (leaves ? 9 : 6));
            if (scene.out.count)
                assert_box(&scene, 0, from + 20 * (float)i);
        }
        end(&scene);
    }
}

static void what_is_held_moves_on(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene, 3); /* also where nothing is held back */
    for (int i = 0; i < 4; i++) {
        find_at(&scene, 200 + 6 * (float)i);
        assert_int_equal(step(&scene), 1);
    }
    assert_int_equal(step(&scene), 1);
    assert_box(&scene, 0, 224);
    assert_joint(&scene, 0, ELBOW, 234, 150, 0.79f); /* a frame, and 6 of 100 pixels */
    assert_int_equal(step(&scene), 3);
    assert_box(&scene, 0, 230);
    assert_box(&scene, 1, 224);
    assert_box(&scene, 2, 218);
    assert_int_equal(step(&scene), 4);
    assert_box(&scene, 0, 236);
    assert_box(&scene, 3, 218);
    assert_int_equal(step(&scene), 0);
    end(&scene);
}

/* A joint that is missed is where the joints around it say. */
static void a_joint_is_filled_in_from_both_sides(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 1, 6);
    for (int i = 0; i < 9; i++) {
        find(&scene, 100 + 5 * (float)i, 100, 40, 100);
        find_joint(&scene, WRIST, 120 + 5 * (float)i, 170, 0.9f);
        if (i == 1 || i == 5)
            find_joint(&scene, ELBOW, 110 + 5 * (float)i, i == 1 ? 150 : 154, 0.9f);
        push(&scene);
    }
    vanon_tracker_drain(scene.tracker);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(pull(&scene), 1);
        if (i == 1 || i == 5)
            assert_joint(&scene, 0, ELBOW, 110 + 5 * (float)i, i == 1 ? 150 : 154, 0.9f);
        else if (i >= 7) /* for ttl_frames on either side */
            assert_joint(&scene, 0, ELBOW, 0, 0, 0);
        else
            assert_joint(&scene, 0, ELBOW, 110 + 5 * (float)i,
                         i < 1   ? 150
                         : i > 5 ? 154
                                 : 149 + (float)i,
                         VANON_JOINT_VISIBLE);
    }
    end(&scene);
}

/* A joint that is elsewhere for one frame is hidden there, and where it was all along. */
static void a_joint_that_jumps_is_covered_twice(void **state)
{
    (void)state;
    for (int look_ahead = 0; look_ahead < 2; look_ahead++) {
        struct scene scene;
        size_t objects = 0;

        start_ahead(&scene, 0, look_ahead);
        for (int i = 0; i < 7; i++) {
            find(&scene, 100 + 3 * (float)i, 100, 40, 100);
            find_joint(&scene, ELBOW, 110 + 3 * (float)i + (i == 3 ? 40 : 0), 150, 0.9f);
            find_joint(&scene, WRIST, 120 + 3 * (float)i + (i == 5 ? 5 : 0), 170, 0.9f);
            push(&scene);
            if (i < look_ahead)
                continue;
            objects += pull(&scene) - 1;
            if (i == 3 + look_ahead)
                assert_joint(&scene, 0, ELBOW, 159, 150, 0.9f);
            if (i == 3 + look_ahead && look_ahead) {
                assert_int_equal(scene.out.count, 2);
                assert_int_equal(out(&scene, 1)->id, 1);
                assert_false(out(&scene, 1)->seen);
                assert_joint(&scene, 1, ELBOW, 119, 150, 0.9f);
            }
        }
        assert_int_equal(objects, look_ahead); /* 5 pixels are no jump */
        end(&scene);
    }
}

/* Somebody of whom first the lower part is seen, and last: the rest is hidden as well, where it is
 * seen before long. */
static void who_is_seen_in_pieces_is_covered_whole(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 2, 12);
    for (int i = 0; i < 16; i++) {
        bool whole = i >= 5 && i < 8;

        if (whole) {
            find(&scene, 100, 100, 40, 100);
            find_joint(&scene, ELBOW, 110, 120, 0.9f);
        } else if (i >= 3 && i < 10) {
            find(&scene, 100, 130, 40, 70);
            if (i >= 8) /* squeezed into what is seen */
                find_joint(&scene, ELBOW, 110, 145, 0.9f);
        }
        push(&scene);
    }
    vanon_tracker_drain(scene.tracker);
    for (int i = 0; i < 16; i++) {
        const vanon_keypoint *joint;
        size_t wholes = 0;

        pull(&scene);
        for (size_t j = 0; j < scene.out.count; j++)
            if (out(&scene, j)->box.y0 == 100) {
                assert_true(out(&scene, j)->seen == (i >= 5 && i < 8));
                joint = &vanon_object_keypoints(&scene.out, out(&scene, j))[ELBOW];
                assert_true(joint->x == 110 && joint->y == 120 && vanon_joint_seen(joint));
                wholes++;
            }
        assert_int_equal(wholes, i >= 3 && i < 10);
    }
    end(&scene);
}

/* Likewise in a gap between two pieces, and between a piece and a whole. */
static void a_gap_between_pieces_is_covered_whole(void **state)
{
    /* Seen whole, in pieces, or not. */
    static const char *const sights[] = {"wwwwp..pwwww", "wwwwp..wwwww", "wwwww..pwwww",
                                         "wwwww..wwwww"};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(sights); i++) {
        struct scene scene;

        start_ahead(&scene, 2, 12);
        for (const char *sight = sights[i]; *sight; sight++) {
            if (*sight != '.')
                find(&scene, 100, *sight == 'w' ? 100 : 130, 40, *sight == 'w' ? 100 : 70);
            if (*sight == 'w')
                find_joint(&scene, ELBOW, 110, 120, 0.9f);
            push(&scene);
        }
        vanon_tracker_drain(scene.tracker);
        for (const char *sight = sights[i]; *sight; sight++) {
            size_t wholes = 0;

            pull(&scene);
            for (size_t j = 0; j < scene.out.count; j++)
                wholes += out(&scene, j)->box.y0 == 100 && out(&scene, j)->box.y1 == 200;
            assert_true(wholes > 0);
        }
        end(&scene);
    }
}

/* Two at the same place too far apart in too short a time are two, and each is covered. */
static void a_jump_is_not_bridged(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 1, 8);
    for (int i = 0; i < 20; i++) {
        if (i != 7 && i != 8 && i != 9)
            find_at(&scene, i < 7 ? 100 : 400);
        push(&scene);
    }
    for (int i = 0; i < 12; i++) {
        size_t objects = pull(&scene);

        assert_int_equal(objects, i < 4 ? 1 : i < 8 ? 2 : 1);
        for (size_t j = 0; j < objects; j++)
            assert_box(&scene, j, out(&scene, j)->id == 1 ? 100 : 400);
    }
    end(&scene);
}

static void low_scores_count_for_the_known_only(void **state)
{
    struct scene scene;

    (void)state;
    for (int replay = 0; replay < 2; replay++) {
        start(&scene, 0);
        scene.options.confidence = 0.3;
        scene.options.detector = replay ? VANON_DETECTOR_REPLAY : VANON_DETECTOR_OPENVINO;
        find_at(&scene, 100);
        find(&scene, 400, 100, 40, 100)->score = 0.2f;
        assert_int_equal(step(&scene), 1 + replay);
        assert_box(&scene, 0, 100);
        find(&scene, 102, 100, 40, 100)->score = 0.1f;
        find(&scene, 402, 100, 40, 100)->score = 0.2f;
        assert_int_equal(step(&scene), 1 + replay);
        assert_box(&scene, 0, 102);
        assert_true(out(&scene, 0)->seen);
        assert_int_equal(out(&scene, 0)->id, 1);
        find(&scene, 104, 100, 40, 100)->score = 0.2f; /* nearer, but the other is taken first */
        find(&scene, 108, 100, 40, 100)->score = 0.4f;
        find(&scene, 300, 100, 20, 20)->score = 0.2f;
        scene.found.object[2].class_id = VANON_CLASS_EYE; /* whose scores are others */
        assert_int_equal(step(&scene), 2 + replay);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_box(&scene, 0, replay ? 104 : 108);
        end(&scene);
    }
}

/* All at once elsewhere: nobody goes on, and the old ones are held. */
static void a_cut_begins_anew(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 2, 6);
    for (int i = 0; i < 30; i++) {
        bool old = i < 10 || i >= 16; /* and back again */

        find_at(&scene, old ? 50 : 150);
        find_at(&scene, old ? 250 : 350);
        find_at(&scene, old ? 450 : 550);
        push(&scene);
    }
    for (int i = 0; i < 24; i++) {
        size_t objects = pull(&scene);
        int to_cut = i < 10 ? 10 - i : i < 16 ? 16 - i : 24, since = i < 10 ? i : (i - 10) % 6;

        assert_int_equal(out(&scene, 0)->id, i < 10 ? 1 : i < 16 ? 4 : 7);
        assert_int_equal(objects,
                         3 + (to_cut <= 2 ? 3 : 0) + (i >= 10 && i < 22 && since < 2 ? 3 : 0));
    }
    end(&scene);
}

/* A detector that fails in one frame for all brings no cut. */
static void a_blind_frame_is_no_cut(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 2, 6);
    for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 3 && i != 10 && i != 11; j++)
            find_at(&scene, 50 + 200 * (float)j);
        push(&scene);
    }
    for (int i = 0; i < 14; i++) {
        assert_int_equal(pull(&scene), 3);
        for (size_t j = 0; j < 3; j++)
            assert_int_equal(out(&scene, j)->id, j + 1);
    }
    end(&scene);
}

static void another_size_is_another_scene(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 3, 5);
    for (int i = 0; i < 12; i++) {
        scene.frame.width = i < 6 ? 640 : 320;
        if (i != 5 && i != 6)
            find_at(&scene, 100);
        push(&scene);
    }
    vanon_tracker_drain(scene.tracker);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(pull(&scene), 1);
        assert_int_equal(out(&scene, 0)->id, i < 6 ? 1 : 2);
        assert_int_equal(out(&scene, 0)->seen, i != 5 && i != 6);
    }
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_held_back),
        cmocka_unit_test(a_gap_is_bridged),
        cmocka_unit_test(a_gap_goes_by_time),
        cmocka_unit_test(a_gap_is_swept),
        cmocka_unit_test(a_newcomer_is_covered_before),
        cmocka_unit_test(a_newcomer_comes_from_outside),
        cmocka_unit_test(a_single_sight_counts_for_ttl_frames),
        cmocka_unit_test(who_leaves_is_held),
        cmocka_unit_test(what_is_held_moves_on),
        cmocka_unit_test(a_joint_is_filled_in_from_both_sides),
        cmocka_unit_test(a_joint_that_jumps_is_covered_twice),
        cmocka_unit_test(who_is_seen_in_pieces_is_covered_whole),
        cmocka_unit_test(a_gap_between_pieces_is_covered_whole),
        cmocka_unit_test(a_jump_is_not_bridged),
        cmocka_unit_test(low_scores_count_for_the_known_only),
        cmocka_unit_test(a_cut_begins_anew),
        cmocka_unit_test(a_blind_frame_is_no_cut),
        cmocka_unit_test(another_size_is_another_scene),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
