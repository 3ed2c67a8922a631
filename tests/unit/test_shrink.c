/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "regions/choose.h"
#include "regions/shrink.h"

#define RATE 10.0                         /* frames a second */
#define LEFT (1 - VANON_SHRINKING / RATE) /* of a radius, from frame to frame */

/* What a frame's shapes become. */
struct frame {
    struct vanon_shrink shrink;
    vanon_region_list list;
};

static vanon_region *add(struct frame *frame, vanon_region region)
{
    vanon_region *out;

    assert_int_equal(vanon_region_list_add(&frame->list, 0, &out), VANON_OK);
    region.first_point = out->first_point;
    *out = region;
    return out;
}

static vanon_region circle(int64_t object, enum vanon_part part, float x, float radius)
{
    return (vanon_region){
        .object = object, .part = part, .cx = x, .cy = 50, .rx = radius, .ry = radius};
}

/* One circle at 10, of the object 1; its radius after the frame before. */
static float radius_of(struct frame *frame, double time, float radius)
{
    vanon_region_list_clear(&frame->list);
    add(frame, circle(1, VANON_PART_ELBOWS, 10, radius));
    assert_int_equal(vanon_shrink_frame(&frame->shrink, time, &frame->list, 0), VANON_OK);
    assert_true(frame->list.region[0].cx == 10 && frame->list.region[0].cy == 50);
    assert_true(frame->list.region[0].rx == frame->list.region[0].ry);
    return frame->list.region[0].rx;
}

static void end(struct frame *frame)
{
    vanon_shrink_free(&frame->shrink);
    vanon_region_list_free(&frame->list);
}

static void test_grows_at_once(void **state)
{
    struct frame frame = {0};

    (void)state;
    assert_true(radius_of(&frame, 0, 20) == 20);
    assert_true(radius_of(&frame, 0.1, 90) == 90);
    end(&frame);
}

static void test_shrinks_slowly(void **state)
{
    struct frame frame = {0};
    float radius = 100;

    (void)state;
    radius_of(&frame, 0, radius);
    for (int i = 1; i < 10; i++) {
        float next = radius_of(&frame, i / RATE, 10);

        assert_float_equal(next, radius * LEFT, 1e-3);
        radius = next;
    }
    for (int i = 10; i < 40; i++)
        radius = radius_of(&frame, i / RATE, 10);
    assert_true(radius == 10); /* it gets there */
    end(&frame);
}

/* As fast in a second, whatever the frame rate is. */
static void test_rates(void **state)
{
    struct frame slow = {0}, fast = {0};
    float last[2] = {0};

    (void)state;
    radius_of(&slow, 0, 100);
    radius_of(&fast, 0, 100);
    for (int i = 1; i <= 25; i++)
        last[0] = radius_of(&slow, i / 25.0, 1);
    for (int i = 1; i <= 50; i++)
        last[1] = radius_of(&fast, i / 50.0, 1);
    assert_float_equal(last[0], last[1], 1);
    assert_float_equal(radius_of(&slow, 9, 1), 1, 0); /* longer than it takes to shrink wholly */
    end(&slow);
    end(&fast);
}

/* Without times, or with those that go back, frames are 25 a second. */
static void test_times_that_say_nothing(void **state)
{
    static const double times[] = {-INFINITY, 7, 3, 3};
    float radius = 100;
    struct frame frame = {0};

    (void)state;
    radius_of(&frame, -INFINITY, radius);
    for (int i = 0; i < 4; i++) {
        radius *= 1 - (float)(VANON_SHRINKING / 25);
        assert_float_equal(radius_of(&frame, times[i], 1), radius, 1e-3);
    }
    end(&frame);
}

/* Each is what is nearest of the same object, part and kind. */
static void test_whose_it_was(void **state)
{
    struct frame frame = {0};
    vanon_region box = circle(1, VANON_PART_ELBOWS, 10, 5);

    (void)state;
    box.shape = VANON_SHAPE_BOX;
    add(&frame, circle(1, VANON_PART_ELBOWS, 10, 40));
    add(&frame, circle(1, VANON_PART_ELBOWS, 100, 60));
    add(&frame, circle(0, VANON_PART_ELBOWS, 10, 80));
    assert_int_equal(vanon_shrink_frame(&frame.shrink, 0, &frame.list, 0), VANON_OK);
    vanon_region_list_clear(&frame.list);
    add(&frame, circle(1, VANON_PART_ELBOWS, 90, 5));
    add(&frame, circle(1, VANON_PART_ELBOWS, 12, 5));
    add(&frame, circle(1, VANON_PART_EYES, 10, 5));
    add(&frame, circle(2, VANON_PART_ELBOWS, 10, 5));
    add(&frame, circle(0, VANON_PART_ELBOWS, 10, 5));
    add(&frame, box);
    assert_int_equal(vanon_shrink_frame(&frame.shrink, 0.1, &frame.list, 0), VANON_OK);
    assert_float_equal(frame.list.region[0].rx, 60 * LEFT, 1e-3);
    assert_float_equal(frame.list.region[1].rx, 40 * LEFT, 1e-3);
    for (int i = 2; i < 6; i++)
        assert_true(frame.list.region[i].rx == 5 && frame.list.region[i].ry == 5);
    end(&frame);
}

/* Each radius of its own; what was in the list before is left alone; a seek forgets. */
static void test_radii_and_places(void **state)
{
    struct frame frame = {0};
    vanon_region eye = circle(1, VANON_PART_EYES, 10, 40);

    (void)state;
    eye.ry = 10;
    add(&frame, eye);
    assert_int_equal(vanon_shrink_frame(&frame.shrink, 0, &frame.list, 0), VANON_OK);
    vanon_region_list_clear(&frame.list);
    eye.rx = 20;
    eye.ry = 30;
    add(&frame, eye);
    add(&frame, eye);
    assert_int_equal(vanon_shrink_frame(&frame.shrink, 0.1, &frame.list, 1), VANON_OK);
    assert_true(frame.list.region[0].rx == 20 && frame.list.region[0].ry == 30);
    assert_float_equal(frame.list.region[1].rx, 40 * LEFT, 1e-3);
    assert_true(frame.list.region[1].ry == 30);
    vanon_shrink_reset(&frame.shrink);
    assert_true(radius_of(&frame, 0.2, 3) == 3);
    end(&frame);
}

/* In the plan of a video's frames. */
static void test_plan_shrinks_slowly(void **state)
{
    struct vanon_regions_memory memory = {0};
    vanon_object_list objects = {0};
    vanon_region_list regions = {0};
    vanon_options *options;
    vanon_object *eye;
    float wide;

    (void)state;
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_object_list_add(&objects, NULL, &eye), VANON_OK);
    *eye = (vanon_object){.id = 1, .class_id = VANON_CLASS_EYE, .box = {10, 10, 50, 30}};
    eye->spread = 100;
    assert_int_equal(
        vanon_regions_plan(options, &(struct vanon_moment){0, 0.1}, &objects, &memory, &regions),
        VANON_OK);
    wide = regions.region[0].rx;
    vanon_region_list_clear(&regions);
    eye->spread = 0;
    assert_int_equal(
        vanon_regions_plan(options, &(struct vanon_moment){0.1, 0.2}, &objects, &memory, &regions),
        VANON_OK);
    assert_float_equal(regions.region[0].rx, wide * LEFT, 1e-3);
    vanon_regions_forget(&memory);
    vanon_region_list_clear(&regions);
    assert_int_equal(
        vanon_regions_plan(options, &(struct vanon_moment){0.2, 0.3}, &objects, &memory, &regions),
        VANON_OK);
    assert_float_equal(regions.region[0].rx, wide - 100, 1e-3);
    vanon_regions_memory_free(&memory);
    vanon_object_list_free(&objects);
    vanon_region_list_free(&regions);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_at_once),
        cmocka_unit_test(test_shrinks_slowly),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_times_that_say_nothing),
        cmocka_unit_test(test_whose_it_was),
        cmocka_unit_test(test_radii_and_places),
        cmocka_unit_test(test_plan_shrinks_slowly),
    };

    return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
