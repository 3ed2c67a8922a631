/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/joint.h"
#include "base/memory.h"
#include "regions/regions.h"

#define EYES   (1u << VANON_PART_EYES)
#define ELBOWS (1u << VANON_PART_ELBOWS)
#define FACE   (1u << VANON_PART_FACE)
#define HEAD   (1u << VANON_PART_HEAD)
#define HANDS  (1u << VANON_PART_HANDS)
#define KNEES  (1u << VANON_PART_KNEES)
#define FEET   (1u << VANON_PART_FEET)
#define ARMS   (1u << VANON_PART_ARMS)
#define LEGS   (1u << VANON_PART_LEGS)
#define BODY   (1u << VANON_PART_BODY)
#define ALL    ((1u << VANON_PARTS) - 1)

enum {
    NOSE,
    LEFT_EYE,
    RIGHT_EYE,
    LEFT_EAR,
    RIGHT_EAR,
    LEFT_SHOULDER,
    RIGHT_SHOULDER,
    LEFT_ELBOW,
    RIGHT_ELBOW,
    LEFT_WRIST,
    RIGHT_WRIST,
    LEFT_HIP,
    RIGHT_HIP,
    LEFT_KNEE,
    RIGHT_KNEE,
    LEFT_ANKLE,
    RIGHT_ANKLE
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
    vanon_options options = {.parts = parts, .confidence = 0.3}; /* people score 0 */

    for (int part = 0; part < VANON_PARTS; part++)
        options.safety_margin_px[part] = margin;
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
    const float short_one = (float)(0.05 * (50 / 0.146) + 12); /* of the stature, by the other */
    struct scene scene = person(7);

    (void)state;
    joint(&scene, LEFT_ELBOW, 150, 200, 0.9f);
    joint(&scene, LEFT_WRIST, 180, 240, 0.8f); /* 50 away */
    joint(&scene, RIGHT_ELBOW, 50, 60, 0.5f);
    joint(&scene, RIGHT_WRIST, 56, 68, 0.9f); /* 10 away: it points at the camera */
    assert_int_equal(regions(&scene, ELBOWS, 12), 2);
    assert_ellipse(&scene, 0, 150, 200, 37, 37, 0);
    assert_ellipse(&scene, 1, 50, 60, short_one, short_one, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scene.regions.region[i].part, VANON_PART_ELBOWS);
        assert_int_equal(scene.regions.region[i].object, 7);
    }
    assert_int_equal(regions(&scene, ELBOWS, 0), 2);
    assert_ellipse(&scene, 0, 150, 200, 25, 25, 0);
    forget(&scene);
}

/* As a margin does, at every shape. */
static void spread_widens(void **state)
{
    struct scene scene = person(1);

    (void)state;
    joint(&scene, LEFT_ELBOW, 150, 300, 0.9f);
    scene.objects.object[0].spread = 7;
    assert_int_equal(regions(&scene, ELBOWS | BODY, 5), 2);
    assert_ellipse(&scene, 0, 150, 300, 20 + 5 + 7, 20 + 5 + 7, 0);
    assert_float_equal(scene.regions.region[1].rx, 50 + 20 + 5 + 7, 1e-4);
    scene.objects.object[0].class_id = VANON_CLASS_EYE;
    assert_int_equal(regions(&scene, EYES, 5), 1);
    assert_float_equal(scene.regions.region[0].rx, 50 + 5 + 7, 1e-4);
    vanon_object_list_free(&scene.objects);
    vanon_region_list_free(&scene.regions);
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
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_ellipse(&scene, 0, 120, 120, 30.75f, 26.25f, 0.6435011f);
    /* The other one is 18.75 farther from the ear, or as much off. */
    assert_ellipse(&scene, 1, 105, 108.75f, 49.5f, 45, 0.6435011f);

    /* Both eyes almost in one place do not make it smaller. */
    joint(&scene, RIGHT_EYE, 117, 116, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_ellipse(&scene, 1, 117, 116, 30.75f, 26.25f, 0.6435011f);

    /* The other side: from ear to eye, so that the line has the same direction. */
    joint(&scene, LEFT_EYE, 0, 0, 0);
    joint(&scene, RIGHT_EAR, 77, 86, 0.9f);
    assert_int_equal(regions(&scene, EYES, 12), 2);
    assert_ellipse(&scene, 1, 117, 116, 30.75f, 26.25f, 0.6435011f);
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
    const vanon_options options = {.parts = ELBOWS, .safety_margin_px[VANON_PART_ELBOWS] = 1};
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

/* A person of 200 pixels who stands upright and faces the camera: the shoulders are 42 apart. */
static void stand(struct scene *scene)
{
    static const vanon_keypoint upright[17] = {
        {150, 124, 0.9f}, {154, 120, 0.9f}, {146, 120, 0.9f}, {159, 121, 0.9f}, {141, 121, 0.9f},
        {171, 140, 0.9f}, {129, 140, 0.9f}, {175, 170, 0.9f}, {125, 170, 0.9f}, {175, 200, 0.9f},
        {125, 200, 0.9f}, {162, 190, 0.9f}, {138, 190, 0.9f}, {162, 240, 0.9f}, {138, 240, 0.9f},
        {162, 289, 0.9f}, {138, 289, 0.9f},
    };

    memcpy(vanon_object_keypoints(&scene->objects, &scene->objects.object[0]), upright,
           sizeof upright);
}

static void unsee(struct scene *scene, int first, int last)
{
    for (int i = first; i <= last; i++)
        joint(scene, i, 0, 0, 0);
}

static void assert_capsule(const struct scene *scene, size_t index, float cx, float cy, float ex,
                           float ey, float radius)
{
    const vanon_region *region = &scene->regions.region[index];

    assert_true(index < scene->regions.count);
    assert_int_equal(region->shape, VANON_SHAPE_CAPSULE);
    assert_float_equal(region->cx, cx, 1e-4);
    assert_float_equal(region->cy, cy, 1e-4);
    assert_float_equal(region->ex, ex, 1e-4);
    assert_float_equal(region->ey, ey, 1e-4);
    assert_float_equal(region->rx, radius, 1e-4);
}

static void every_part_has_regions(void **state)
{
    struct scene scene = person(5);

    (void)state;
    stand(&scene);
    for (int part = 0; part < VANON_PARTS; part++) {
        assert_true(regions(&scene, 1u << part, 3) > 0);
        for (size_t i = 0; i < scene.regions.count; i++) {
            assert_int_equal(scene.regions.region[i].part, part);
            assert_int_equal(scene.regions.region[i].object, 5);
        }
    }
    forget(&scene);
}

static void round_parts(void **state)
{
    static const struct {
        int part, left;
        float radius;
    } parts[] = {{VANON_PART_SHOULDERS, LEFT_SHOULDER, 13},
                 {VANON_PART_HIPS, LEFT_HIP, 16},
                 {VANON_PART_KNEES, LEFT_KNEE, 12}};
    struct scene scene = person(1);

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(parts); i++) {
        const vanon_keypoint *at;

        stand(&scene);
        at = vanon_object_keypoints(&scene.objects, &scene.objects.object[0]) + parts[i].left;
        assert_int_equal(regions(&scene, 1u << parts[i].part, 4), 2);
        assert_ellipse(&scene, 0, at[0].x, at[0].y, parts[i].radius + 4, parts[i].radius + 4, 0);
        assert_ellipse(&scene, 1, at[1].x, at[1].y, parts[i].radius + 4, parts[i].radius + 4, 0);
        joint(&scene, parts[i].left, at->x, at->y, 0.1f);
        assert_int_equal(regions(&scene, 1u << parts[i].part, 4), 2); /* test_guess.c */
        assert_true(scene.regions.region[0].rx > scene.regions.region[1].rx);
    }
    forget(&scene);
}

/* 200 from the trunk, whatever the limbs say; without it the longest limb, then head or box. */
static void stature(void **state)
{
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    joint(&scene, LEFT_WRIST, 175, 400, 0.9f); /* reaches for the camera */
    assert_int_equal(regions(&scene, KNEES, 0), 2);
    assert_ellipse(&scene, 0, 162, 240, 12, 12, 0);
    joint(&scene, RIGHT_HIP, 129, 212, 0.9f); /* 72 from its shoulder: 250 */
    assert_int_equal(regions(&scene, KNEES, 0), 2);
    assert_ellipse(&scene, 0, 162, 240, 15, 15, 0);
    stand(&scene);
    unsee(&scene, LEFT_SHOULDER, RIGHT_WRIST);
    unsee(&scene, LEFT_HIP, RIGHT_HIP);
    joint(&scene, RIGHT_ANKLE, 138, 313.8f, 0.9f); /* a lower leg of 73.8: 300 */
    assert_int_equal(regions(&scene, KNEES, 0), 2);
    assert_ellipse(&scene, 0, 162, 240, 18, 18, 0);
    unsee(&scene, LEFT_KNEE, RIGHT_ANKLE);
    joint(&scene, LEFT_KNEE, 162, 240, 0.9f);
    joint(&scene, LEFT_EYE, 162, 120, 0.9f);        /* 16 apart: 439.6 */
    assert_int_equal(regions(&scene, KNEES, 0), 2); /* one is guessed */
    assert_ellipse(&scene, 0, 162, 240, 26.37363f, 26.37363f, 0);
    unsee(&scene, NOSE, RIGHT_EAR);
    assert_int_equal(regions(&scene, KNEES, 0), 1);
    assert_ellipse(&scene, 0, 162, 240, 24, 24, 0); /* the box, 400 high */
    scene.objects.object[0].box = (vanon_box){0, 0, NAN, 20};
    assert_int_equal(regions(&scene, KNEES, 0), 1);
    assert_ellipse(&scene, 0, 162, 240, 8, 8, 0);
    forget(&scene);
}

static void hands_and_feet(void **state)
{
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    assert_int_equal(regions(&scene, HANDS, 5), 2);
    assert_ellipse(&scene, 0, 175, 210, 25, 25, 0);
    joint(&scene, LEFT_WRIST, 205, 170, 0.9f); /* the forearm is level */
    joint(&scene, RIGHT_ELBOW, 0, 0, 0);
    assert_int_equal(regions(&scene, HANDS, 0), 2);
    assert_ellipse(&scene, 0, 215, 170, 20, 20, 0);
    assert_ellipse(&scene, 1, 125, 200, 30, 30, 0); /* it may point anywhere */
    joint(&scene, LEFT_ELBOW, 205, 170, 0.9f);      /* or at the camera */
    joint(&scene, RIGHT_WRIST, 125, 200, 0.1f);
    assert_int_equal(regions(&scene, HANDS, 0), 2);
    assert_ellipse(&scene, 0, 205, 170, 30, 30, 0);
    assert_int_equal(regions(&scene, FEET, 1), 2);
    assert_ellipse(&scene, 0, 162, 295, 24, 24, 0);
    joint(&scene, RIGHT_KNEE, 0, 0, 0);
    assert_int_equal(regions(&scene, FEET, 1), 2);
    assert_ellipse(&scene, 1, 138, 289, 30, 30, 0);
    forget(&scene);
}

static void arms_and_legs(void **state)
{
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    assert_int_equal(regions(&scene, ARMS, 5), 6);
    assert_capsule(&scene, 0, 171, 140, 175, 170, 14);
    assert_capsule(&scene, 1, 175, 170, 175, 200, 13);
    assert_ellipse(&scene, 2, 175, 210, 25, 25, 0);
    assert_capsule(&scene, 3, 129, 140, 125, 170, 14);
    assert_int_equal(regions(&scene, LEGS, 0), 6);
    assert_capsule(&scene, 0, 162, 190, 162, 240, 15);
    assert_capsule(&scene, 1, 162, 240, 162, 289, 10);
    assert_ellipse(&scene, 2, 162, 295, 23, 23, 0);
    joint(&scene, LEFT_KNEE, 162, 240, 0.3f); /* uncertain: both of its segments are wider */
    assert_int_equal(regions(&scene, LEGS, 1), 6);
    assert_capsule(&scene, 0, 162, 190, 162, 240, 19);
    assert_capsule(&scene, 1, 162, 240, 162, 289, 13);
    forget(&scene);
}

/* What is missing of an arm lies in a circle around what is seen of it, or where test_guess.c has
 * it. */
static void arms_with_gaps(void **state)
{
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    joint(&scene, LEFT_WRIST, 0, 0, 0);
    unsee(&scene, RIGHT_ELBOW, RIGHT_ELBOW);
    assert_int_equal(regions(&scene, ARMS, 0), 5);
    assert_capsule(&scene, 0, 171, 140, 175, 170, 9);
    assert_ellipse(&scene, 1, 175, 170, 29.2f, 29.2f, 0);
    assert_ellipse(&scene, 2, 175, 199.2f, 60, 60, 0); /* the hand, off by 30 */
    assert_capsule(&scene, 3, 129, 140, 125, 200, 18);
    assert_ellipse(&scene, 4, 125, 200, 30, 30, 0);

    joint(&scene, LEFT_ELBOW, 0, 0, 0);
    joint(&scene, RIGHT_WRIST, 0, 0, 0);
    assert_int_equal(regions(&scene, ARMS, 0), 6);
    assert_ellipse(&scene, 0, 171, 140, 37.2f, 37.2f, 0);
    assert_capsule(&scene, 1, 171, 177.2f, 171, 206.4f, 58); /* elbow to wrist, off by 50 */
    assert_ellipse(&scene, 2, 171, 206.4f, 80, 80, 0);
    assert_ellipse(&scene, 3, 129, 140, 37.2f, 37.2f, 0);

    unsee(&scene, LEFT_SHOULDER, RIGHT_SHOULDER);
    joint(&scene, LEFT_ELBOW, 175, 170, 0.9f);
    joint(&scene, RIGHT_WRIST, 125, 200, 0.9f);
    scene.objects.object[0].box = (vanon_box){100, 100, 200, 300};
    unsee(&scene, LEFT_HIP, RIGHT_ANKLE);
    unsee(&scene, NOSE, RIGHT_EAR);
    assert_int_equal(regions(&scene, ARMS, 0), 3);
    assert_ellipse(&scene, 0, 175, 170, 37.2f, 37.2f, 0);
    assert_ellipse(&scene, 1, 125, 200, 29.2f, 29.2f, 0);
    assert_ellipse(&scene, 2, 125, 200, 30, 30, 0);

    unsee(&scene, LEFT_ELBOW, RIGHT_WRIST);
    assert_int_equal(regions(&scene, ARMS | LEGS | HANDS | FEET, 0), 0);
    forget(&scene);
}

static void faces(void **state)
{
    struct scene scene = person(1);

    (void)state;
    /* From the front: 20 between the eyes, ears 50 apart, which is 21 for the eyes. */
    joint(&scene, LEFT_EYE, 160, 120, 0.9f);
    joint(&scene, RIGHT_EYE, 140, 120, 0.9f);
    joint(&scene, NOSE, 150, 133, 0.9f);
    joint(&scene, LEFT_EAR, 175, 122, 0.9f);
    joint(&scene, RIGHT_EAR, 125, 122, 0.9f);
    assert_int_equal(regions(&scene, FACE, 10), 1);
    assert_ellipse(&scene, 0, 150, 127.56f, 42.35f, 46.75f, 0);

    /* On its side: the same, turned. */
    joint(&scene, LEFT_EYE, 120, 160, 0.9f);
    joint(&scene, RIGHT_EYE, 120, 140, 0.9f);
    joint(&scene, NOSE, 107, 150, 0.9f);
    joint(&scene, LEFT_EAR, 118, 175, 0.9f);
    joint(&scene, RIGHT_EAR, 118, 125, 0.9f);
    assert_int_equal(regions(&scene, FACE, 10), 1);
    assert_ellipse(&scene, 0, 112.44f, 150, 42.35f, 46.75f, 1.5707963f);

    /* The model has taken left for right: the chin is where the nose is. */
    joint(&scene, LEFT_EYE, 140, 120, 0.9f);
    joint(&scene, RIGHT_EYE, 160, 120, 0.9f);
    joint(&scene, NOSE, 150, 133, 0.9f);
    unsee(&scene, LEFT_EAR, RIGHT_EAR);
    assert_int_equal(regions(&scene, FACE, 0), 1);
    assert_float_equal(scene.regions.region[0].cy, 127.2, 1);
    assert_true(scene.regions.region[0].cy > 124);
    forget(&scene);
}

static void faces_from_little(void **state)
{
    struct scene scene = person(1);

    (void)state;
    scene.objects.object[0].box = (vanon_box){100, 100, 150, 200}; /* 100 high: 8 is the least */
    joint(&scene, NOSE, 120, 120, 0.9f);
    assert_int_equal(regions(&scene, FACE, 0), 1);
    assert_ellipse(&scene, 0, 120, 120, 17.6f, 17.6f, 0);
    joint(&scene, NOSE, 120, 120, 0.3f);
    assert_int_equal(regions(&scene, FACE, 1), 1);
    assert_ellipse(&scene, 0, 120, 120, 22.12f, 22.12f, 0);
    joint(&scene, NOSE, 0, 0, 0);
    joint(&scene, LEFT_EAR, 110, 120, 0.9f);
    joint(&scene, RIGHT_EAR, 160, 120, 0.9f); /* 50 apart: 21, and 25 + 7.35 < 46.2 */
    assert_int_equal(regions(&scene, FACE, 0), 1);
    assert_ellipse(&scene, 0, 135, 120, 46.2f, 46.2f, 0);
    unsee(&scene, NOSE, RIGHT_EAR);
    assert_int_equal(regions(&scene, FACE, 0), 0);

    /* As small as in the picture, but the shoulders are 210 apart: it is foreshortened. */
    joint(&scene, LEFT_SHOULDER, 300, 300, 0.9f);
    joint(&scene, RIGHT_SHOULDER, 90, 300, 0.9f);
    joint(&scene, LEFT_EYE, 204, 200, 0.9f);
    joint(&scene, RIGHT_EYE, 196, 200, 0.9f);
    assert_int_equal(regions(&scene, FACE, 0), 1);
    assert_ellipse(&scene, 0, 200, 213.104f, 47.32f, 63.7f, 0);
    forget(&scene);
}

static void heads(void **state)
{
    struct scene scene = person(1);

    (void)state;
    /* From the front. */
    joint(&scene, LEFT_EYE, 160, 120, 0.9f);
    joint(&scene, RIGHT_EYE, 140, 120, 0.9f);
    joint(&scene, NOSE, 150, 133, 0.9f);
    joint(&scene, LEFT_EAR, 175, 120, 0.9f);
    joint(&scene, RIGHT_EAR, 125, 120, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 10), 1);
    assert_ellipse(&scene, 0, 150, 120, 58.3f, 58.3f, 0); /* 2.3 * 21 */

    /* From the side: 30 from eye to ear is 22.5; half of it, and 2.05 units to the back. */
    joint(&scene, RIGHT_EYE, 0, 0, 0);
    joint(&scene, RIGHT_EAR, 0, 0, 0);
    joint(&scene, NOSE, 147, 133, 0.9f);
    joint(&scene, LEFT_EAR, 190, 120, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_ellipse(&scene, 0, 175, 120, 61.125f, 61.125f, 0);

    /* Eyes alone, one eye, one ear, both ears. */
    unsee(&scene, NOSE, RIGHT_EAR);
    joint(&scene, LEFT_EYE, 160, 120, 0.9f);
    joint(&scene, RIGHT_EYE, 140, 120, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_ellipse(&scene, 0, 150, 120, 52, 52, 0);
    joint(&scene, RIGHT_EYE, 0, 0, 0);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_ellipse(&scene, 0, 160, 120, 81.6f, 81.6f, 0); /* 0.06 of the box, 24 */
    unsee(&scene, NOSE, RIGHT_EAR);
    joint(&scene, LEFT_EAR, 160, 120, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_ellipse(&scene, 0, 160, 120, 72, 72, 0);
    joint(&scene, RIGHT_EAR, 100, 120, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_ellipse(&scene, 0, 130, 120, 57.96f, 57.96f, 0); /* 0.42 * 60 * 2.3 */
    forget(&scene);
}

static void heads_above_shoulders(void **state)
{
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    unsee(&scene, NOSE, RIGHT_EAR);
    assert_int_equal(regions(&scene, HEAD, 5), 1);
    assert_ellipse(&scene, 0, 150, 116.4f, 31, 31, 0);
    unsee(&scene, LEFT_HIP, RIGHT_HIP);
    assert_int_equal(regions(&scene, HEAD, 5), 1);
    assert_ellipse(&scene, 0, 150, 116.4f, 31, 31, 0);
    joint(&scene, LEFT_SHOULDER, 108, 140, 0.9f); /* seen from behind: up stays up */
    assert_int_equal(regions(&scene, HEAD, 5), 1);
    assert_ellipse(&scene, 0, 118.5f, 128.2f, 18.0f, 18.0f, 0);
    stand(&scene);
    unsee(&scene, NOSE, RIGHT_EAR);
    joint(&scene, LEFT_HIP, 107.8f, 136, 0.9f); /* lies: 42.2 to the left of the shoulders */
    joint(&scene, RIGHT_HIP, 107.8f, 144, 0.9f);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_true(scene.regions.region[0].cx > 170);
    assert_float_equal(scene.regions.region[0].cy, 140, 1e-3);
    stand(&scene);
    unsee(&scene, NOSE, LEFT_SHOULDER);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_true(scene.regions.region[0].rx > 40); /* either side of the one shoulder */
    unsee(&scene, RIGHT_SHOULDER, RIGHT_SHOULDER);
    assert_int_equal(regions(&scene, HEAD, 0), 1);
    assert_true(scene.regions.region[0].cy < 140); /* from the hips */
    unsee(&scene, LEFT_ELBOW, RIGHT_ANKLE);
    assert_int_equal(regions(&scene, HEAD, 0), 0);
    forget(&scene);
}

static void bodies(void **state)
{
    static const float hull[][2] = {{129, 140}, {171, 140}, {162, 289}, {138, 289}};
    struct scene scene = person(1);
    const vanon_region *last;

    (void)state;
    stand(&scene);
    assert_int_equal(regions(&scene, BODY, 0), 1 + 6 + 6 + 3 + 1);
    assert_capsule(&scene, 13, 171, 140, 162, 190, 17);
    assert_capsule(&scene, 14, 129, 140, 138, 190, 17);
    assert_capsule(&scene, 15, 171, 140, 129, 140, 15);
    last = &scene.regions.region[16];
    assert_int_equal(last->shape, VANON_SHAPE_POLYGON);
    assert_int_equal(last->points, 4);
    for (size_t i = 0; i < 4; i++) {
        bool found = false;

        for (size_t j = 0; j < 4; j++) {
            const vanon_point *point = &scene.regions.point[last->first_point + j];

            found = found || (point->x == hull[i][0] && point->y == hull[i][1]);
        }
        assert_true(found);
    }

    /* All in a line: no hull, the capsules remain. */
    for (int i = LEFT_SHOULDER; i <= RIGHT_ANKLE; i++)
        joint(&scene, i, 150, 130 + 10 * (float)i, 0.9f);
    assert_int_equal(regions(&scene, BODY, 0), 1 + 6 + 6 + 3);
    forget(&scene);
}

static void bodies_that_are_boxes(void **state)
{
    static const int gaps[] = {LEFT_SHOULDER, RIGHT_WRIST, LEFT_HIP, RIGHT_ANKLE};
    struct scene scene = person(1);
    vanon_object *object;
    const vanon_region *box;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(gaps); i++) {
        stand(&scene);
        unsee(&scene, gaps[i], gaps[i]);
        assert_int_equal(regions(&scene, BODY, 12), 1);
        box = scene.regions.region;
        assert_int_equal(box->shape, VANON_SHAPE_BOX);
        assert_float_equal(box->cx, 150, 1e-4);
        assert_float_equal(box->cy, 300, 1e-4);
        assert_float_equal(box->rx, 50 + 20 + 12, 1e-4);
        assert_float_equal(box->ry, 200 + 20 + 12, 1e-4);
    }
    /* A person without joints has a box; an eye that another detector found is no person. */
    vanon_object_list_clear(&scene.objects);
    assert_int_equal(vanon_object_list_add(&scene.objects, NULL, &object), VANON_OK);
    object->box = (vanon_box){0, 0, 20, 10};
    assert_int_equal(regions(&scene, ALL, 0), 1);
    assert_int_equal(scene.regions.region[0].shape, VANON_SHAPE_BOX);
    assert_float_equal(scene.regions.region[0].rx, 11, 1e-4);
    object->class_id = VANON_CLASS_EYE;
    assert_int_equal(regions(&scene, BODY, 0), 0);
    forget(&scene);
}

static void eyes_of_a_cascade(void **state)
{
    vanon_options options = {.parts = EYES | ELBOWS, .confidence = 0.3};
    struct scene scene = person(1);
    vanon_object *eye;

    (void)state;
    joint(&scene, LEFT_EYE, 150, 120, 0.9f);
    joint(&scene, LEFT_ELBOW, 150, 200, 0.9f);
    assert_int_equal(vanon_object_list_add(&scene.objects, NULL, &eye), VANON_OK);
    eye->class_id = VANON_CLASS_EYE;
    eye->id = 9;
    eye->box = (vanon_box){130, 110, 160, 135};
    options.safety_margin_px[VANON_PART_EYES] = 12;
    /* Person: eye and elbow; then the eye of its own. */
    options.eye_detector = VANON_EYES_BOTH;
    assert_int_equal(vanon_regions_add(&options, &scene.objects, &scene.regions), VANON_OK);
    assert_int_equal(scene.regions.count, 3);
    assert_int_equal(scene.regions.region[2].part, VANON_PART_EYES);
    assert_int_equal(scene.regions.region[2].object, 9);
    assert_ellipse(&scene, 2, 145, 122.5f, 27, 24.5f, 0);
    /* The person's elbow only. */
    vanon_region_list_clear(&scene.regions);
    options.eye_detector = VANON_EYES_HAAR;
    assert_int_equal(vanon_regions_add(&options, &scene.objects, &scene.regions), VANON_OK);
    assert_int_equal(scene.regions.count, 2);
    assert_int_equal(scene.regions.region[0].part, VANON_PART_ELBOWS);
    assert_ellipse(&scene, 1, 145, 122.5f, 27, 24.5f, 0);
    /* A face is searched for eyes, and is none of the parts. */
    vanon_region_list_clear(&scene.regions);
    scene.objects.object[1].class_id = VANON_CLASS_FACE;
    assert_int_equal(vanon_regions_add(&options, &scene.objects, &scene.regions), VANON_OK);
    assert_int_equal(scene.regions.count, 1);
    forget(&scene);
}

static void each_part_has_its_margin(void **state)
{
    vanon_options options = {.parts = KNEES | HEAD};
    struct scene scene = person(1);

    (void)state;
    stand(&scene);
    unsee(&scene, NOSE, RIGHT_EAR);
    options.safety_margin_px[VANON_PART_HEAD] = 7;
    options.safety_margin_px[VANON_PART_KNEES] = 1.5;
    assert_int_equal(vanon_regions_add(&options, &scene.objects, &scene.regions), VANON_OK);
    assert_int_equal(scene.regions.count, 3);
    assert_ellipse(&scene, 0, 150, 116.4f, 33, 33, 0);
    assert_ellipse(&scene, 1, 162, 240, 13.5f, 13.5f, 0);
    forget(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elbows),
        cmocka_unit_test(spread_widens),
        cmocka_unit_test(an_elbow_without_a_wrist),
        cmocka_unit_test(uncertain_joints_are_wider),
        cmocka_unit_test(eyes_from_the_front),
        cmocka_unit_test(eyes_from_the_side),
        cmocka_unit_test(eyes_without_ears),
        cmocka_unit_test(eyes_are_never_tiny),
        cmocka_unit_test(only_wanted_parts),
        cmocka_unit_test(other_skeletons),
        cmocka_unit_test(regions_are_appended),
        cmocka_unit_test(every_part_has_regions),
        cmocka_unit_test(round_parts),
        cmocka_unit_test(stature),
        cmocka_unit_test(hands_and_feet),
        cmocka_unit_test(arms_and_legs),
        cmocka_unit_test(arms_with_gaps),
        cmocka_unit_test(faces),
        cmocka_unit_test(faces_from_little),
        cmocka_unit_test(heads),
        cmocka_unit_test(heads_above_shoulders),
        cmocka_unit_test(bodies),
        cmocka_unit_test(bodies_that_are_boxes),
        cmocka_unit_test(eyes_of_a_cascade),
        cmocka_unit_test(each_part_has_its_margin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
