/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/joint.h"
#include "base/memory.h"
#include "regions/regions.h"

#define EYES   (1u << VANON_PART_EYES)
#define ELBOWS (1u << VANON_PART_ELBOWS)

enum {
    NOSE,
    LEFT_EYE,
    RIGHT_EYE,
    LEFT_EAR,
    RIGHT_EAR,
    LEFT_ELBOW = 7,
    RIGHT_ELBOW,
    LEFT_WRIST,
    RIGHT_WRIST
};

/* One person, to which tests add joints. */
struct scene {
    vanon_object_list objects;
    vanon_region_list regions;
};

static struct scene person(int64_t id)
{
    struct scene scene = {0};
    vanon_object *object;

    assert_int_equal(vanon_object_list_add(&scene.objects, &vanon_skeleton_coco17, &object),
                     VANON_OK);
    object->id = id;
    object->box = (vanon_box){100, 100, 200, 500};
    return scene;
}

static void joint(struct scene *scene, int index, float x, float y, float visibility)
{
    vanon_object_keypoints(&scene->objects, &scene->objects.object[0])[index] =
        (vanon_keypoint){x, y, visibility};
}

/* How many regions there are for the parts. */
static size_t regions(struct scene *scene, uint32_t parts, double margin)
{
    const vanon_options options = {.parts = parts, .safety_margin_px = margin};

    vanon_region_list_clear(&scene->regions);
    assert_int_equal(vanon_regions_add(&options, &scene->objects, &scene->regions), VANON_OK);
    return scene->regions.count;
}

static void assert_ellipse(const struct scene *scene, size_t index, float cx, float cy, float rx,
                           float ry, float angle)
{
    const vanon_region *region = &scene->regions.region[index];

    assert_true(index < scene->regions.count);
    assert_int_equal(region->shape, VANON_SHAPE_ELLIPSE);
    assert_float_equal(region->cx, cx, 1e-4);
    assert_float_equal(region->cy, cy, 1e-4);
    assert_float_equal(region->rx, rx, 1e-4);
    assert_float_equal(region->ry, ry, 1e-4);
    assert_float_equal(region->angle, angle, 1e-4);
}

static void forget(struct scene *scene)
{
    vanon_object_list_free(&scene->objects);
    vanon_region_list_free(&scene->regions);
}

static void elbows(void **state)
{
    struct scene scene = person(7);

    (void)state;
    joint(&scene, LEFT_ELBOW, 150, 200, 0.9f);
    joint(&scene, LEFT_WRIST, 180, 240, 0.8f); /* 50 away */
    joint(&scene, RIGHT_ELBOW, 50, 60, 0.5f);
    joint(&scene, RIGHT_WRIST, 56, 68, 0.9f); /* 10 away */
    assert_int_equal(regions(&scene, ELBOWS, 12), 2);
    assert_ellipse(&scene, 0, 150, 200, 37, 37, 0);
    assert_ellipse(&scene, 1, 50, 60, 24, 24, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scene.regions.region[i].part, VANON_PART_ELBOWS);
        assert_int_equal(scene.regions.region[i].object, 7);
    }
    assert_int_equal(regions(&scene, ELBOWS, 0), 2);
    assert_ellipse(&scene, 0, 150, 200, 25, 25, 0);
    forget(&scene);
}

static void an_elbow_without_a_wrist(void **state)
{
    static const vanon_keypoint unseen[] = {
        {180, 240, 0.19f}, {0, 0, 0.9f}, {NAN, 3, 0.9f}, {3, INFINITY, 0.9f}, {180, 240, NAN}};
    struct scene scene = person(1);

    (void)state;
    joint(&scene, LEFT_ELBOW, 150, 200, 0.9f);
    for (size_t i = 0; i < VANON_COUNT(unseen); i++) {
        joint(&scene, LEFT_WRIST, unseen[i].x, unseen[i].y, unseen[i].visibility);
        assert_int_equal(regions(&scene, ELBOWS, 12), 1);
        assert_ellipse(&scene, 0, 150, 200, 32, 32, 0);
    }
    joint(&scene, LEFT_WRIST, 180, 240, 0.2f);
    assert_int_equal(regions(&scene, ELBOWS, 12), 1);
    assert_ellipse(&scene, 0, 150, 200, 37, 37, 0);
    for (size_t i = 0; i < VANON_COUNT(unseen); i++) {
        joint(&scene, LEFT_ELBOW, unseen[i].x, unseen[i].y, unseen[i].visibility);
        assert_int_equal(regions(&scene, ELBOWS, 12), 0);
    }
    forget(&scene);
}

static void uncertain_joints_are_wider(void **state)
{
    struct scene scene = person(1);

    (void)state;
    joint(&scene, LEFT_ELBOW, 150, 200, 0.25f);
    assert_int_equal(regions(&scene, ELBOWS, 12), 1);
    assert_ellipse(&scene, 0, 150, 200, 37, 37, 0); /* 20 * 1.25 + 12 */
    joint(&scene, LEFT_EYE, 150, 120, 0.3f);
    joint(&scene, RIGHT_EYE, 110, 120, 0.9f);
    assert_int_equal(regions(&scene, EYES, 10), 2);
    assert_ellipse(&scene, 0, 150, 120, 34, 28.24f, 0); /* 20 * 1.2 + 10, 15.2 * 1.2 + 10 */
    assert_ellipse(&scene, 1, 110, 120, 30, 25.2f, 0);
    forget(&scene);
}

static void eyes_from_the_front(void **state)
{
    struct scene scene = person(3);

    (void)state;
    joint(&scene, LEFT_EYE, 160, 150, 0.9f);
    joint(&scene, RIGHT_EYE, 120, 120, 0.9f); /* 50 away */
    joint(&scene, NOSE, 140, 160, 0.9f);
    joint(&scene, LEFT_EAR, 190, 190, 0.9f); /* 50 from its eye: less than between the eyes */
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_ellipse(&scene, 0, 160, 150, 37, 31, 0.6435011f);
    assert_ellipse(&scene, 1, 120, 120, 37, 31, 0.6435011f);
    assert_int_equal(scene.regions.region[0].part, VANON_PART_EYES);
    assert_int_equal(scene.regions.region[1].object, 3);
    forget(&scene);
}

static void eyes_from_the_side(void **state)
{
    struct scene scene = person(3);

    (void)state;
    joint(&scene, LEFT_EYE, 120, 120, 0.9f);
    joint(&scene, LEFT_EAR, 160, 150, 0.9f); /* 50 away, of which 37.5 count */
    joint(&scene, NOSE, 100, 220, 0.9f);     /* not asked where there is an ear */
    assert_int_equal(regions(&scene, EYES, 12), 1);
    assert_ellipse(&scene, 0, 120, 120, 30.75f, 26.25f, 0.6435011f);

    /* Both eyes almost in one place do not make it smaller. */
    joint(&scene, RIGHT_EYE, 117, 116, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_ellipse(&scene, 1, 117, 116, 30.75f, 26.25f, 0.6435011f);

    /* The other side: from ear to eye, so that the line has the same direction. */
    joint(&scene, LEFT_EYE, 0, 0, 0);
    joint(&scene, RIGHT_EAR, 77, 86, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 1);
    assert_ellipse(&scene, 0, 117, 116, 30.75f, 26.25f, 0.6435011f);
    forget(&scene);
}

static void eyes_without_ears(void **state)
{
    struct scene scene = person(3);

    (void)state;
    joint(&scene, LEFT_EYE, 120, 120, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 1);
    assert_ellipse(&scene, 0, 120, 120, 24, 21.12f, 0); /* 0.06 of 400 */
    joint(&scene, NOSE, 90, 160, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 1);
    assert_ellipse(&scene, 0, 120, 120, 37, 31, 0); /* 50 from the nose */
    joint(&scene, RIGHT_EYE, 119, 120, 0.9f);       /* from the side, the ear hidden */
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_true(scene.regions.region[0].rx >= 37);
    forget(&scene);
}

static void eyes_are_never_tiny(void **state)
{
    static const vanon_box boxes[] = {{0, 0, 5, 10}, {0, 10, 5, 0}, {0, 0, 5, NAN}};
    struct scene scene = person(3);

    (void)state;
    joint(&scene, RIGHT_EYE, 120, 120, 0.9f);
    for (size_t i = 0; i < VANON_COUNT(boxes); i++) {
        scene.objects.object[0].box = boxes[i];
        assert_int_equal(regions(&scene, EYES, 0), 1);
        assert_ellipse(&scene, 0, 120, 120, 4, 3.04f, 0);
    }
    joint(&scene, LEFT_EYE, 120, 120, 0.9f);
    assert_int_equal(regions(&scene, EYES, 0), 2);
    assert_ellipse(&scene, 1, 120, 120, 4, 3.04f, 0);
    forget(&scene);
}

static void only_wanted_parts(void **state)
{
    struct scene scene = person(3);

    (void)state;
    joint(&scene, RIGHT_EYE, 120, 120, 0.9f);
    joint(&scene, RIGHT_ELBOW, 150, 200, 0.9f);
    assert_int_equal(regions(&scene, 0, 12), 0);
    assert_int_equal(regions(&scene, EYES, 12), 1);
    assert_int_equal(scene.regions.region[0].part, VANON_PART_EYES);
    assert_int_equal(regions(&scene, ELBOWS, 12), 1);
    assert_int_equal(scene.regions.region[0].part, VANON_PART_ELBOWS);
    assert_int_equal(regions(&scene, EYES | ELBOWS, 12), 2);
    forget(&scene);
}

/* Joints are found by their names, in whatever order a skeleton has them. */
static void other_skeletons(void **state)
{
    static const char *const names[] = {"tail", "left_wrist", "left_elbow"};
    static const vanon_skeleton skeleton = {"three", 3, names};
    struct scene scene = person(1);
    vanon_object *object;
    vanon_keypoint *keypoints;

    (void)state;
    joint(&scene, LEFT_ELBOW, 10, 10, 0.9f);
    assert_int_equal(vanon_object_list_add(&scene.objects, NULL, &object), VANON_OK);
    object->id = 2;
    assert_int_equal(vanon_object_list_add(&scene.objects, &skeleton, &object), VANON_OK);
    object->id = 3;
    keypoints = vanon_object_keypoints(&scene.objects, object);
    keypoints[1] = (vanon_keypoint){180, 240, 0.9f};
    keypoints[2] = (vanon_keypoint){150, 200, 0.9f};
    assert_int_equal(regions(&scene, EYES | ELBOWS, 12), 2);
    assert_int_equal(scene.regions.region[0].object, 1);
    assert_ellipse(&scene, 0, 10, 10, 32, 32, 0);
    assert_int_equal(scene.regions.region[1].object, 3);
    assert_ellipse(&scene, 1, 150, 200, 37, 37, 0);
    forget(&scene);
}

static void regions_are_appended(void **state)
{
    const vanon_options options = {.parts = ELBOWS, .safety_margin_px = 1};
    struct scene scene = person(1);
    vanon_region *region;

    (void)state;
    assert_int_equal(vanon_region_list_add(&scene.regions, 0, &region), VANON_OK);
    region->part = VANON_PART_FRAME;
    joint(&scene, LEFT_ELBOW, 10, 10, 0.9f);
    assert_int_equal(vanon_regions_add(&options, &scene.objects, &scene.regions), VANON_OK);
    assert_int_equal(scene.regions.count, 2);
    assert_int_equal(scene.regions.region[0].part, VANON_PART_FRAME);
    assert_ellipse(&scene, 1, 10, 10, 21, 21, 0);
    vanon_object_list_clear(&scene.objects);
    assert_int_equal(regions(&scene, ELBOWS, 1), 0);
    forget(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elbows),
        cmocka_unit_test(an_elbow_without_a_wrist),
        cmocka_unit_test(uncertain_joints_are_wider),
        cmocka_unit_test(eyes_from_the_front),
        cmocka_unit_test(eyes_from_the_side),
        cmocka_unit_test(eyes_without_ears),
        cmocka_unit_test(eyes_are_never_tiny),
        cmocka_unit_test(only_wanted_parts),
        cmocka_unit_test(other_skeletons),
        cmocka_unit_test(regions_are_appended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
