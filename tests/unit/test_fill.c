/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/joint.h"
#include "track/fill.h"

static const char *const joint_names[] = {"a", "b", "c", "d"};
static const vanon_skeleton skeleton = {"four", 4, joint_names};

/* A sight of up to four joints, those at (0, 0) unseen. */
struct body {
    vanon_object object;
    vanon_keypoint joint[4];
};

static struct vanon_sight sight(struct body *body, vanon_box box, double time,
                                const vanon_point *joints)
{
    body->object = (vanon_object){.box = box, .skeleton = &skeleton, .keypoints = skeleton.joints};
    for (size_t i = 0; i < 4; i++)
        body->joint[i] = (vanon_keypoint){joints[i].x, joints[i].y, joints[i].x ? 0.8f : 0};
    return (struct vanon_sight){&body->object, body->joint, time};
}

static void assert_point(vanon_point is, double x, double y)
{
    assert_true(fabs(is.x - x) <= 1e-3); /* not where it is no number */
    assert_true(fabs(is.y - y) <= 1e-3);
}

static const vanon_box tall = {0, 0, 40, 100};

static void a_body_moves_by_its_joints(void **state)
{
    struct body body[2];
    struct vanon_sight from =
        sight(&body[0], tall, 0, (vanon_point[]){{10, 10}, {20, 20}, {30, 40}, {5, 90}});
    /* At the picture's left border: the box is cut, the joints tell. */
    struct vanon_sight to = sight(&body[1], (vanon_box){0, 0, 20, 100}, 0.5,
                                  (vanon_point[]){{0, 0}, {2, 21}, {10, 41}, {-13, 92}});

    (void)state;
    body[1].joint[1].visibility = 0.8f;
    assert_point(vanon_sight_moved(&from, &to), -56.0 / 3, 4.0 / 3);
    assert_point(vanon_sight_speed(&from, &to), -112.0 / 3, 8.0 / 3);
    assert_point(vanon_sight_speed(&to, &from), -112.0 / 3, 8.0 / 3);
    body[1].joint[3].visibility = 0.1f; /* two are left: the box it is */
    assert_point(vanon_sight_moved(&from, &to), -10, 0);
    to.object = &(vanon_object){.box = {6, 7, 46, 107}};
    assert_point(vanon_sight_moved(&from, &to), 6, 7);
}

static void near_joints_carry_most(void **state)
{
    struct body body[2];
    struct vanon_sight from =
        sight(&body[0], tall, 0, (vanon_point[]){{10, 10}, {10, 90}, {0, 0}, {0, 0}});
    struct vanon_sight to =
        sight(&body[1], tall, 0, (vanon_point[]){{20, 10}, {10, 110}, {0, 0}, {0, 0}});
    vanon_point at;

    (void)state;
    at = vanon_sight_moved_at(&from, &to, 10, 10);
    assert_in_range((int)(10 * at.x), 95, 100);
    assert_true(at.y < 1);
    at = vanon_sight_moved_at(&from, &to, 10, 90);
    assert_true(at.x < 1);
    assert_in_range((int)(10 * at.y), 190, 200);
    at = vanon_sight_moved_at(&from, &to, 10, 50); /* as far from both */
    assert_float_equal(at.y, 2 * at.x, 1e-4);
    body[1].joint[0].visibility = body[1].joint[1].visibility = 0;
    body[1].object.box = (vanon_box){3, 4, 43, 104};
    assert_point(vanon_sight_moved_at(&from, &to, 10, 10), 3, 4);
}

static void nobody_is_that_fast(void **state)
{
    struct body body[2];
    const vanon_point none[4] = {{0, 0}};
    struct vanon_sight from = sight(&body[0], tall, 0, none);
    struct vanon_sight to = sight(&body[1], (vanon_box){59, 0, 99, 100}, 0.1, none);

    (void)state;
    assert_point(vanon_sight_speed(&from, &to), 590, 0);
    body[1].object.box = (vanon_box){61, 0, 101, 100};
    assert_point(vanon_sight_speed(&from, &to), 0, 0);
    body[1].object.box = (vanon_box){NAN, 0, 101, 100};
    assert_point(vanon_sight_speed(&from, &to), 0, 0);
    body[1].object.box = tall;
    to.time = 0;
    assert_point(vanon_sight_speed(&from, &to), 0, 0);
}

static void a_way_fits_both_ends(void **state)
{
    struct body body[2];
    vanon_point at[4] = {{10, 10}, {20, 20}, {30, 40}, {0, 0}}, then[4];
    struct vanon_way way;
    vanon_keypoint joint;
    vanon_box box;

    (void)state;
    for (int i = 0; i < 4; i++)
        then[i] = (vanon_point){at[i].x + 100, at[i].y + 40};
    way = (struct vanon_way){.from = sight(&body[0], tall, 1, at),
                             .to = sight(&body[1], (vanon_box){100, 40, 140, 140}, 3, then)};
    box = vanon_way_box(&way, 0.25); /* straight */
    assert_float_equal(box.x0, 25, 1e-4);
    assert_float_equal(box.y1, 110, 1e-4);
    body[1].joint[1].visibility = 0.4f;
    joint = vanon_way_joint(&way, 1, 0.5);
    assert_float_equal(joint.x, 70, 1e-4);
    assert_float_equal(joint.y, 40, 1e-4);
    assert_float_equal(joint.visibility, 0.4, 1e-6);

    /* From rest, speeding up evenly: 25 t^2 after t of 2 seconds, and 20 a second downwards. */
    way.leaves = way.arrives = true;
    way.leaving = (vanon_point){0, 20};
    way.arriving = (vanon_point){100, 20};
    for (int i = 0; i <= 4; i++) {
        double t = 0.5 * i;

        box = vanon_way_box(&way, t / 2);
        assert_float_equal(box.x0, 25 * t * t, 1e-3);
        assert_float_equal(box.y0, 20 * t, 1e-3);
        joint = vanon_way_joint(&way, 0, t / 2);
        assert_float_equal(joint.x, 10 + 25 * t * t, 1e-3);
    }
    way.arrives = false; /* half of the knowledge bends half of the way */
    assert_point(vanon_way_bend(&way, 0.5), -12.5, 0);
    assert_point(vanon_way_bend(&way, 1), 0, 0);
}

static void what_is_doubtful_still_counts(void **state)
{
    (void)state;
    assert_float_equal(vanon_faded(0.9f, 0.3), 0.6, 1e-6);
    assert_float_equal(vanon_faded(0.9f, 5), VANON_JOINT_VISIBLE, 0);
    assert_float_equal(vanon_faded(VANON_JOINT_VISIBLE, 0), VANON_JOINT_VISIBLE, 0);
    assert_float_equal(vanon_faded(0.9f, INFINITY), VANON_JOINT_VISIBLE, 0);
    assert_float_equal(vanon_faded(0.9f, NAN), VANON_JOINT_VISIBLE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_moves_by_its_joints),    cmocka_unit_test(near_joints_carry_most),
        cmocka_unit_test(nobody_is_that_fast),           cmocka_unit_test(a_way_fits_both_ends),
        cmocka_unit_test(what_is_doubtful_still_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
