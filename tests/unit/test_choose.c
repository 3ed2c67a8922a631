/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "regions/choose.h"

static const struct vanon_moment at_two = {2, 2.04}; /* seconds */
static const struct vanon_moment unknown = {-INFINITY, INFINITY};

static vanon_options *make(const char *key, const char *value)
{
    vanon_options *options;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(options, key, value), VANON_OK);
    return options;
}

static enum vanon_verdict judge(const char *key, const char *value,
                                const struct vanon_moment *moment, int64_t id, vanon_box box)
{
    vanon_options *options = make(key, value);
    vanon_object object = {.id = id, .box = box};
    enum vanon_verdict verdict = vanon_judge_object(options, moment, &object);

    assert_true(vanon_leaves_people(options));
    vanon_options_destroy(&options);
    return verdict;
}

static const vanon_box somewhere = {100, 100, 200, 300};

static void test_persons(void **state)
{
    (void)state;
    assert_int_equal(judge("keep_person", "3,5", &at_two, 5, somewhere), VANON_LEFT_KEPT);
    assert_int_equal(judge("keep_person", "3,5", &at_two, 4, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("keep_person", "3,5", &at_two, 0, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("only_person", "3", &at_two, 3, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("only_person", "3", &at_two, 4, somewhere), VANON_LEFT_OTHERS);
}

/* Nobody knows whose eye it is. */
static void test_eyes_found_as_such_are_hidden(void **state)
{
    vanon_options *options = make("only_person", "3");
    vanon_object eye = {.id = 4, .class_id = VANON_CLASS_EYE, .box = somewhere};

    (void)state;
    assert_int_equal(vanon_judge_object(options, &at_two, &eye), VANON_HIDDEN);
    vanon_options_destroy(&options);
}

static void test_spans(void **state)
{
    static const struct vanon_moment before = {0.96, 1}, into = {0.97, 1.01}, after = {4, 4.04};

    (void)state;
    assert_int_equal(judge("hide_span", "1-4", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("hide_span", "1-4", &before, 1, somewhere), VANON_LEFT_SPAN);
    assert_int_equal(judge("hide_span", "1-4", &into, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("hide_span", "1-4", &after, 1, somewhere), VANON_LEFT_SPAN);
    assert_int_equal(judge("hide_span", "1-4;4.01-", &after, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("hide_span", "1-4", &unknown, 1, somewhere), VANON_HIDDEN);
}

static void test_zone_leave(void **state)
{
    (void)state;
    assert_int_equal(judge("zone_leave", "99,99,102,202", &at_two, 1, somewhere), VANON_LEFT_ZONE);
    assert_int_equal(judge("zone_leave", "100,99,102,202", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,150,1000", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,150,999;140,0,900,999", &at_two, 1, somewhere),
                     VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,999,999@2-2.04", &at_two, 1, somewhere),
                     VANON_LEFT_ZONE);
    assert_int_equal(judge("zone_leave", "0,0,999,999@2.01-", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,999,999@0-9", &unknown, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,999,999", &unknown, 1, somewhere), VANON_LEFT_ZONE);
    assert_int_equal(judge("zone_leave", "0,0,999,999", &at_two, 1, (vanon_box){NAN, 1, 2, 3}),
                     VANON_HIDDEN);
    assert_int_equal(judge("zone_leave", "0,0,999,999", &at_two, 1, (vanon_box){9, 9, 3, 12}),
                     VANON_HIDDEN);
}

static void test_zone_hide(void **state)
{
    (void)state;
    assert_int_equal(judge("zone_hide", "0,0,99,999", &at_two, 1, somewhere), VANON_LEFT_OUTSIDE);
    assert_int_equal(judge("zone_hide", "0,0,100,999", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_hide", "0,0,99,999;150,150,1,1", &at_two, 1, somewhere),
                     VANON_HIDDEN);
    assert_int_equal(judge("zone_hide", "0,0,99,999@3-", &at_two, 1, somewhere), VANON_HIDDEN);
    assert_int_equal(judge("zone_hide", "0,0,99,999@2.03-", &at_two, 1, somewhere),
                     VANON_LEFT_OUTSIDE);
    assert_int_equal(judge("zone_hide", "0,0,9,9", &at_two, 1, (vanon_box){INFINITY, 1, 2, 3}),
                     VANON_HIDDEN);
}

static void test_moment(void **state)
{
    vanon_frame frame = {.pts = 250, .duration = 2, .time_base = {1, 50}};
    struct vanon_moment moment = vanon_moment_of(&frame, 1.5);

    (void)state;
    assert_true(moment.from == 3.5 && fabs(moment.until - 3.54) < 1e-9);
    frame.duration = 0;
    moment = vanon_moment_of(&frame, 0);
    assert_true(moment.from == 5 && moment.until == 6);
    frame.pts = VANON_NO_PTS;
    moment = vanon_moment_of(&frame, 0);
    assert_true(moment.from == -INFINITY && moment.until == INFINITY);
}

/* Two people with boxes only, so that "body" gives a region each. */
static void add_people(vanon_object_list *objects)
{
    vanon_object *object;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(vanon_object_list_add(objects, NULL, &object), VANON_OK);
        object->id = i + 1;
        object->box = (vanon_box){100.0f * (float)i, 0, 100.0f * (float)i + 50, 80};
    }
}

static void test_plan(void **state)
{
    vanon_object_list objects = {0};
    struct vanon_regions_memory memory = {0};
    vanon_region_list regions = {0};
    vanon_options *options = make("keep_person", "1");

    (void)state;
    add_people(&objects);
    vanon_options_set(options, "parts", "body");
    vanon_options_set(options, "region", "10,20,30,40@1.5-2;1,2,3,4@2.5-;10,20,30,40");
    assert_int_equal(vanon_regions_plan(options, &at_two, &objects, &memory, &regions), VANON_OK);
    assert_int_equal(regions.count, 2); /* of the places one counts at two seconds */
    assert_int_equal(regions.region[0].object, 2);
    vanon_region_list_clear(&regions);
    assert_int_equal(
        vanon_regions_plan(options, &(struct vanon_moment){1.96, 2}, &objects, &memory, &regions),
        VANON_OK);
    assert_int_equal(regions.count, 2); /* the same place once */
    assert_int_equal(regions.region[1].part, VANON_PART_REGION);
    assert_int_equal(regions.region[1].shape, VANON_SHAPE_BOX);
    assert_true(regions.region[1].cx == 25 && regions.region[1].cy == 40 &&
                regions.region[1].rx == 15 && regions.region[1].ry == 20);
    vanon_region_list_free(&regions);
    vanon_object_list_free(&objects);
    vanon_regions_memory_free(&memory);
    vanon_options_destroy(&options);
}

static void test_sift(void **state)
{
    static const int64_t owners[] = {0, 1, 2, 7};
    vanon_object_list objects = {0};
    vanon_region_list regions = {0};
    vanon_options *options = make("zone_leave", "-10,-10,80,200");
    vanon_region *region;

    (void)state;
    add_people(&objects);
    for (size_t i = 0; i < VANON_COUNT(owners); i++) {
        assert_int_equal(vanon_region_list_add(&regions, 0, &region), VANON_OK);
        region->object = owners[i];
    }
    vanon_regions_sift(options, &at_two, &objects, &regions);
    assert_int_equal(regions.count, 3); /* the one in the zone is left in sight */
    assert_true(!regions.region[0].object && regions.region[1].object == 2 &&
                regions.region[2].object == 7);
    vanon_options_set(options, "only_person", "2");
    vanon_regions_sift(options, &at_two, &objects, &regions);
    assert_int_equal(regions.count, 2); /* who is not there is judged by the id */
    assert_true(!regions.region[0].object && regions.region[1].object == 2);
    vanon_region_list_free(&regions);
    vanon_object_list_free(&objects);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eyes_found_as_such_are_hidden),
        cmocka_unit_test(test_persons),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_zone_leave),
        cmocka_unit_test(test_zone_hide),
        cmocka_unit_test(test_moment),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_sift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
