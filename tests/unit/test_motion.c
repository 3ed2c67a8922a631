/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "track/motion.h"

static vanon_box box_at(double x, double y, double width, double height)
{
    return (vanon_box){(float)(x - width / 2), (float)(y - height / 2), (float)(x + width / 2),
                       (float)(y + height / 2)};
}

static void sizes_and_centres(void **state)
{
    (void)state;
    vanon_box box = {10, 20, 50, 100}, point = {7, 7, 7, 7}, none = {NAN, NAN, NAN, NAN};

    assert_float_equal(vanon_box_size(&box), 80, 0);
    assert_float_equal(vanon_box_centre(&box).x, 30, 0);
    assert_float_equal(vanon_box_centre(&box).y, 60, 0);
    assert_float_equal(vanon_box_size(&point), 1, 0);
    assert_float_equal(vanon_box_size(&none), 1, 0);
}

/* Size 100: the deviation of a sight is 3, the speed's is 100 a second. */
static void the_second_sight_by_hand(void **state)
{
    struct vanon_motion motion;
    vanon_box first = box_at(200, 100, 40, 100), second = box_at(210, 100, 40, 100), is;
    double speed_variance = 10000, variance, gain;

    (void)state;
    vanon_motion_start(&motion, &first);
    is = vanon_motion_box(&motion);
    assert_memory_equal(&is, &first, sizeof is);
    assert_float_equal(vanon_motion_spread(&motion), 3, 1e-9);
    vanon_motion_predict(&motion, 0.1);
    is = vanon_motion_box(&motion);
    assert_memory_equal(&is, &first, sizeof is); /* no speed yet */
    variance = 9 + 0.01 * speed_variance + 300.0 * 300 * 1e-4 / 4;
    assert_float_equal(vanon_motion_spread(&motion), sqrt(variance), 1e-9);
    vanon_motion_update(&motion, &second);
    gain = variance / (variance + 9);
    assert_float_equal(motion.x.value, 200 + 10 * gain, 1e-9);
    assert_float_equal(motion.x.speed,
                       10 * (0.1 * speed_variance + 300.0 * 300 * 1e-3 / 2) / (variance + 9), 1e-9);
    assert_float_equal(motion.y.value, 100, 1e-9);
    assert_float_equal(motion.width.value, 40, 1e-9);
}

static void a_steady_motion_is_found(void **state)
{
    (void)state;
    for (double scale = 0.1; scale < 20; scale *= 10) { /* near and far alike */
        struct vanon_motion motion;
        double step = 0.04, x = 300 * scale, height = 100 * scale;
        vanon_box box = box_at(x, 50, 40 * scale, height);

        vanon_motion_start(&motion, &box);
        for (int i = 0; i < 50; i++) { /* 2 sizes a second, and nearer */
            x += 2 * 100 * scale * step;
            height += 10 * scale * step;
            vanon_motion_predict(&motion, step);
            box = box_at(x, 50, 40 * scale, height);
            vanon_motion_update(&motion, &box);
        }
        assert_float_equal(motion.x.speed, 200 * scale, 0.5 * scale);
        assert_float_equal(motion.height.speed, 10 * scale, 0.5 * scale);
        for (int i = 0; i < 10; i++)
            vanon_motion_predict(&motion, step);
        assert_float_equal(motion.x.value, x + 80 * scale, scale);
        assert_true(vanon_motion_spread(&motion) > 10 * scale);
    }
}

/* One step of 0.4 s, or ten of 0.04 s, come to the same place. */
static void frame_rates_are_alike(void **state)
{
    struct vanon_motion fine, coarse;
    vanon_box box = box_at(0, 0, 100, 100);

    (void)state;
    vanon_motion_start(&fine, &box);
    fine.x.speed = 50;
    coarse = fine;
    for (int i = 0; i < 10; i++)
        vanon_motion_predict(&fine, 0.04);
    vanon_motion_predict(&coarse, 0.4);
    assert_float_equal(fine.x.value, 20, 1e-9);
    assert_float_equal(coarse.x.value, 20, 1e-9);
    assert_float_equal(vanon_motion_spread(&fine), vanon_motion_spread(&coarse), 10);
}

static void what_is_no_box_stays_none(void **state)
{
    struct vanon_motion motion;
    vanon_box none = {NAN, 0, 10, 10}, box = box_at(5, 5, 10, 10), is;

    (void)state;
    vanon_motion_start(&motion, &none);
    vanon_motion_predict(&motion, 0.04);
    vanon_motion_update(&motion, &box);
    is = vanon_motion_box(&motion);
    assert_true(isnan(is.x0));
    vanon_motion_start(&motion, &box);
    motion.width.speed = -1000; /* never turned inside out */
    vanon_motion_predict(&motion, 0.04);
    is = vanon_motion_box(&motion);
    assert_float_equal(is.x0, 5, 0);
    assert_float_equal(is.x1, 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_and_centres),         cmocka_unit_test(the_second_sight_by_hand),
        cmocka_unit_test(a_steady_motion_is_found),  cmocka_unit_test(frame_rates_are_alike),
        cmocka_unit_test(what_is_no_box_stays_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
