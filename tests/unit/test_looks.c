/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that no detector looked at, between others. */
#include "tracking.h"

#define EVERY 4 /* frames from look to look */

static void push(struct scene *scene, int frame)
{
    enum vanon_look look = frame % EVERY ? VANON_LOOK_BETWEEN : VANON_LOOK_SEEN;

    assert_int_equal(vanon_tracker_push(scene->tracker, &scene->frame, look, &scene->found),
                     VANON_OK);
    vanon_object_list_clear(&scene->found);
}

static void find_at(struct scene *scene, float x)
{
    find(scene, x, 100, 40, 100);
    find_joint(scene, ELBOW, x + 10, 150, 0.9f);
}

/* Nobody was missed, so nothing is less certain and nobody is swept, though ttl_frames are none. */
static void who_is_seen_at_both_looks_is_between(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 2 * EVERY);
    for (int i = 0; i <= 32; i++) {
        if (i % EVERY == 0)
            find_at(&scene, 100 + 4 * (float)i);
        push(&scene, i);
    }
    for (int i = 0; i <= 32 - 2 * EVERY; i++) {
        assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_OK);
        assert_int_equal(scene.out.count, 1);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_int_equal(out(&scene, 0)->seen, i % EVERY == 0);
        assert_float_equal(out(&scene, 0)->box.x0, 100 + 4 * (float)i, 1e-3);
        assert_joint(&scene, 0, ELBOW, 110 + 4 * (float)i, 150, 0.9f);
    }
    end(&scene);
}

/* Whoever is seen at one look may have been there up to its neighbours, and ttl_frames more. */
static void who_is_seen_at_one_look_is_covered_to_the_next(void **state)
{
    (void)state;
    for (int ttl = 0; ttl < 3; ttl++) {
        struct scene scene;

        start_ahead(&scene, ttl, 3 * EVERY);
        for (int i = 0; i < 40; i++) {
            if (i == 3 * EVERY)
                find_at(&scene, 300);
            push(&scene, i);
        }
        for (int i = 0; i < 40 - 3 * EVERY; i++) {
            bool covered = i > 2 * EVERY - ttl && i < 4 * EVERY + ttl;

            assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_OK);
            assert_int_equal(scene.out.count, covered);
            if (covered)
                assert_float_equal(out(&scene, 0)->box.x0, 300, 0);
        }
        end(&scene);
    }
}

/* A track waits for the next look, however long that is; and then no longer than ever. */
static void frames_between_end_no_track(void **state)
{
    (void)state;
    for (int missed = 0; missed < 3; missed++) {
        int looks = 1 + missed;
        struct scene scene;

        start(&scene, 1); /* without look-ahead */
        find_at(&scene, 100);
        push(&scene, 0);
        assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_OK);
        for (int i = 1; i <= looks * EVERY; i++) {
            if (i == looks * EVERY)
                find_at(&scene, 100);
            push(&scene, i);
            assert_int_equal(vanon_tracker_pull(scene.tracker, &scene.out), VANON_OK);
            assert_int_equal(scene.out.count, i <= EVERY || i == looks * EVERY);
        }
        assert_int_equal(out(&scene, 0)->id, missed ? 2 : 1);
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_seen_at_both_looks_is_between),
        cmocka_unit_test(who_is_seen_at_one_look_is_covered_to_the_next),
        cmocka_unit_test(frames_between_end_no_track),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
