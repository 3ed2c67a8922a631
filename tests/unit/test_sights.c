/* SPDX-License-Identifier: Apache-2.0 */
/* Which detections count: low scores, and what an earlier run told. */
#include "tracking.h"

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

static vanon_object *find_at(struct scene *scene, float x, float score)
{
    vanon_object *object = find(scene, x, 100, 40, 100);

    object->score = score;
    find_joint(scene, ELBOW, x + 10, 150, 0.9f);
    return object;
}

/* Seen in frames 10, 11 and 14: from the first one on, once the third is within the look-ahead. */
static void who_is_seen_thrice_counts(void **state)
{
    (void)state;
    for (int look_ahead = 0; look_ahead <= 6; look_ahead += 3)
        for (int sights = 2; sights <= 3; sights++) {
            struct scene scene;

            start_ahead(&scene, 3, look_ahead);
            scene.options.confidence = 0.3;
            for (int i = 0; i < 20 + look_ahead; i++) {
                bool seen = i == 10 || i == 11 || (i == 14 && sights == 3);
                bool known = sights == 3 && i >= 14;

                if (seen)
                    find_at(&scene, 100, 0.15f);
                push(&scene);
                if (i < look_ahead)
                    continue;
                pull(&scene);
                if (i - look_ahead >= 10 && i - look_ahead <= 14)
                    assert_int_equal(scene.out.count > 0,
                                     known && (look_ahead == 6 || i - look_ahead >= 11));
                for (size_t j = 0; j < scene.out.count; j++)
                    assert_int_equal(out(&scene, j)->id, 1); /* nobody else had one */
            }
            end(&scene);
        }
}

/* A sight of low score, and then the same one well seen: one person all along. */
static void who_is_well_seen_later_counts(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 4);
    scene.options.confidence = 0.3;
    for (int i = 0; i < 12; i++) {
        if (i == 5 || i == 7)
            find_at(&scene, 100 + 2 * (float)i, i == 5 ? 0.1f : 0.6f);
        push(&scene);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pull(&scene), i >= 5);
        if (i >= 5) {
            assert_int_equal(out(&scene, 0)->id, 1);
            assert_float_equal(out(&scene, 0)->box.x0, 100 + 2 * i, 1e-3);
        }
    }
    end(&scene);
}

/* A doubtful one beside somebody known takes nothing away from that one. */
static void the_doubtful_take_nobodys_place(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 4);
    scene.options.confidence = 0.3;
    for (int i = 0; i < 12; i++) {
        if (i != 4)
            find_at(&scene, 100, 0.6f);
        if (i == 3)
            find_at(&scene, 112, 0.2f);
        push(&scene);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pull(&scene), 1);
        assert_int_equal(out(&scene, 0)->id, 1);
        assert_float_equal(out(&scene, 0)->box.x0, 100, 1e-3);
    }
    end(&scene);
}

/* Two who cross each other: places alone would take them for each other, what was told does not. */
static void identities_that_were_told_are_kept(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 0, 6);
    scene.options.detector = VANON_DETECTOR_REPLAY;
    for (int i = 0; i < 14; i++) {
        bool changed = i >= 5; /* as if each went on as the other */

        if (i != 4) {
            find_at(&scene, changed ? 130 : 100, 0.6f)->id = 7;
            find_at(&scene, changed ? 100 : 130, 0.6f)->id = 3;
        }
        push(&scene);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pull(&scene), 2);
        for (size_t j = 0; j < 2; j++) {
            bool seven = out(&scene, j)->id == 7;

            assert_true(seven || out(&scene, j)->id == 3);
            if (i == 4)
                assert_float_equal(out(&scene, j)->box.x0, 115, 1e-3);
            else
                assert_float_equal(out(&scene, j)->box.x0, (i > 4) == seven ? 130 : 100, 0);
        }
    }
    end(&scene);
}

/* What was told to be there unseen is given out as it is, and only that; it is no sight. */
static void who_was_told_to_be_there_is_there(void **state)
{
    struct scene scene;

    (void)state;
    start_ahead(&scene, 1, 6);
    scene.options.detector = VANON_DETECTOR_REPLAY;
    for (int i = 0; i < 20; i++) {
        if (i < 5 || i == 5 || i == 8) {
            vanon_object *object = find_at(&scene, i < 5 ? 100 : 160, 0.6f);

            object->id = 4;
            object->seen = i < 5;
        }
        push(&scene);
    }
    for (int i = 0; i < 14; i++) {
        size_t objects = pull(&scene);

        /* Frame 5 would be ttl_frames of holding; frame 8 nobody would have thought of. */
        assert_int_equal(objects, i <= 5 || i == 8);
        if (!objects)
            continue;
        assert_int_equal(out(&scene, 0)->id, 4);
        assert_int_equal(out(&scene, 0)->seen, i < 5);
        assert_float_equal(out(&scene, 0)->box.x0, i < 5 ? 100 : 160, 0);
        assert_joint(&scene, 0, ELBOW, i < 5 ? 110 : 170, 150, 0.9f);
    }
    end(&scene);
}

/* The longer nobody looked, the less is known of where somebody is. */
static void spread_grows_away_from_sights(void **state)
{
    struct scene scene;
    float last = 0;

    (void)state;
    start_ahead(&scene, 0, 12);
    for (int i = 0; i < 30; i++) {
        if (i <= 5 || i >= 15)
            find_at(&scene, 100 + 2 * (float)i, 0.6f);
        push(&scene);
    }
    for (int i = 0; i < 18; i++) {
        bool seen = i <= 5 || i >= 15;

        assert_int_equal(pull(&scene), 1);
        if (seen)
            assert_float_equal(out(&scene, 0)->spread, 0, 0);
        else if (i <= 10)
            assert_true(out(&scene, 0)->spread > last);
        else
            assert_true(out(&scene, 0)->spread < last);
        last = out(&scene, 0)->spread;
    }
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_seen_thrice_counts),
        cmocka_unit_test(who_is_well_seen_later_counts),
        cmocka_unit_test(the_doubtful_take_nobodys_place),
        cmocka_unit_test(identities_that_were_told_are_kept),
        cmocka_unit_test(who_was_told_to_be_there_is_there),
        cmocka_unit_test(spread_grows_away_from_sights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
