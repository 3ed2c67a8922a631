/* SPDX-License-Identifier: Apache-2.0 */
/* Joints that a detector does not show, told from the rest of the body. */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "regions/regions.h"

#define JOINTS 17
#define S      203.79 /* stature, from shoulder to hip */

/* Somebody of 200 pixels who stands, 10 above and below inside of the box; a joint a pair. */
static const float upright[JOINTS][2] = {
    {150, 124}, {154, 123}, {146, 123}, {159, 124}, {141, 124}, {171, 146},
    {129, 146}, {175, 184}, {125, 184}, {175, 213}, {125, 213}, {162, 204},
    {138, 204}, {162, 253}, {138, 253}, {162, 302}, {138, 302},
};
static const vanon_box around = {110, 100, 190, 320};

/* The first joint of each part that sits on joints. */
static const struct {
    enum vanon_part part;
    int first;
} parts[] = {{VANON_PART_EYES, 1},  {VANON_PART_ELBOWS, 7}, {VANON_PART_SHOULDERS, 5},
             {VANON_PART_HANDS, 9}, {VANON_PART_HIPS, 11},  {VANON_PART_KNEES, 13},
             {VANON_PART_FEET, 15}};

struct scene {
    vanon_object_list objects;
    vanon_region_list regions;
};

/* A person of that score, who shows those joints. */
static vanon_object *person(struct scene *scene, float score, uint32_t shown)
{
    vanon_object *object;

    vanon_object_list_clear(&scene->objects);
    assert_int_equal(vanon_object_list_add(&scene->objects, &vanon_skeleton_coco17, &object),
                     VANON_OK);
    object->id = 1;
    object->score = score;
    object->box = around;
    for (int i = 0; i < JOINTS; i++)
        if (shown & 1u << i)
            vanon_object_keypoints(&scene->objects, object)[i] =
                (vanon_keypoint){upright[i][0], upright[i][1], 0.9f};
    return object;
}

static size_t make(struct scene *scene, enum vanon_part part)
{
    const vanon_options options = {.parts = 1u << part, .confidence = 0.3};

    vanon_region_list_clear(&scene->regions);
    assert_int_equal(vanon_regions_add(&options, &scene->objects, &scene->regions), VANON_OK);
    return scene->regions.count;
}

/* Somewhere inside the ellipses and circles, or near the line of a capsule. */
static bool holds(const struct scene *scene, double x, double y)
{
    for (size_t i = 0; i < scene->regions.count; i++) {
        const vanon_region *region = &scene->regions.region[i];
        double dx = x - region->cx, dy = y - region->cy;
        double along = dx * cos(region->angle) + dy * sin(region->angle);
        double across = dy * cos(region->angle) - dx * sin(region->angle);

        if (region->shape == VANON_SHAPE_ELLIPSE &&
            hypot(along / region->rx, across / region->ry) <= 1)
            return true;
    }
    return false;
}

static void assert_circle(const struct scene *scene, size_t index, double cx, double cy,
                          double radius)
{
    const vanon_region *region = &scene->regions.region[index];

    assert_true(index < scene->regions.count);
    assert_int_equal(region->shape, VANON_SHAPE_ELLIPSE);
    assert_float_equal(region->cx, cx, 1e-2);
    assert_float_equal(region->cy, cy, 1e-2);
    assert_float_equal(region->rx, radius, 1e-2);
    assert_float_equal(region->ry, radius, 1e-2);
}

static void end(struct scene *scene)
{
    vanon_object_list_free(&scene->objects);
    vanon_region_list_free(&scene->regions);
}

/* Whatever else is seen, each joint that is not lies in a shape: without this one, without both,
 * and with any two joints alone. */
static void any_joint_is_held(void **state)
{
    struct scene scene = {0};

    (void)state;
    for (size_t p = 0; p < VANON_COUNT(parts); p++) {
        int left = parts[p].first, right = left + 1;
        uint32_t all = (1u << JOINTS) - 1;

        for (int a = 0; a < JOINTS; a++)
            for (int b = a; b < JOINTS; b++) {
                const uint32_t shown[] = {all & ~(1u << a | 1u << b), 1u << a | 1u << b};

                for (int i = 0; i < 2; i++) {
                    uint32_t face = shown[i] & 0x1f;

                    if (left == 1 && face && !(face & 0x7))
                        continue; /* ears alone: turned away */
                    person(&scene, 0.8f, shown[i]);
                    assert_true(make(&scene, parts[p].part) > 0);
                    if (!holds(&scene, upright[left][0], upright[left][1]) ||
                        !holds(&scene, upright[right][0], upright[right][1]))
                        fail_msg("part %d with joints 0x%x", parts[p].part, shown[i]);
                }
            }
    }
    end(&scene);
}

/* The chain of an elbow: between its neighbours, shoulder, wrist, the other side, the box. */
static void elbows_from_less_and_less(void **state)
{
    struct scene scene = {0};
    uint32_t all = (1u << JOINTS) - 1, elbow = 1u << 7, wrist = 1u << 9, shoulder = 1u << 5;

    (void)state;
    person(&scene, 0.8f, all & ~elbow);
    assert_int_equal(make(&scene, VANON_PART_ELBOWS), 2);
    assert_circle(&scene, 0, 173, 179.5, 20 + 17.63); /* an upper arm of 37.9, and half of 67.1 */
    person(&scene, 0.8f, all & ~elbow & ~wrist);
    make(&scene, VANON_PART_ELBOWS);
    assert_circle(&scene, 0, 171, 146 + 0.186 * S, 20 + 0.15 * S);
    person(&scene, 0.8f, all & ~elbow & ~shoulder);
    make(&scene, VANON_PART_ELBOWS);
    assert_float_equal(scene.regions.region[0].cx, 175, 5); /* up the trunk that is seen */
    assert_float_equal(scene.regions.region[0].cy, 213 - 0.146 * S, 2);
    person(&scene, 0.8f, 1u << 6 | 1u << 8 | 1u << 10);
    make(&scene, VANON_PART_ELBOWS);
    assert_float_equal(scene.regions.region[0].cx, 129, 1e-2);
    assert_true(scene.regions.region[0].rx > 60);
    person(&scene, 0.8f, 0);
    make(&scene, VANON_PART_ELBOWS);
    assert_circle(&scene, 0, 150, 320 - 0.632 * 220, 20 + 40);
    end(&scene);
}

/* The chain of the eyes: the other eye, nose, ears, shoulders, one shoulder, the box. */
static void eyes_from_less_and_less(void **state)
{
    struct scene scene = {0};
    uint32_t all = (1u << JOINTS) - 1;

    (void)state;
    person(&scene, 0.8f, all & ~4u);
    assert_int_equal(make(&scene, VANON_PART_EYES), 2);
    assert_float_equal(scene.regions.region[1].cx, 150, 0.3); /* half of 8 beyond */
    assert_true(scene.regions.region[1].rx > scene.regions.region[0].rx);
    person(&scene, 0.8f, all & ~6u);
    assert_int_equal(make(&scene, VANON_PART_EYES), 1);
    assert_circle(&scene, 0, 150, 124 - 0.5 * 8, 1.1 * 8);
    person(&scene, 0.8f, all & ~0x1fu);
    assert_int_equal(make(&scene, VANON_PART_EYES), 1);
    assert_circle(&scene, 0, 150, 146 - 0.118 * S, 8.8 + 0.05 * S);
    person(&scene, 0.8f, all & ~0x5fu);
    make(&scene, VANON_PART_EYES);
    assert_true(scene.regions.region[0].rx > 8.8 + 0.15 * 200);
    person(&scene, 0.8f, 0);
    assert_int_equal(make(&scene, VANON_PART_EYES), 1);
    assert_circle(&scene, 0, 150, 320 - 0.936 * 220, 8.8 + 40);
    end(&scene);
}

/* Sure ears without eyes and nose are those of somebody seen from behind. */
static void faces_turned_away(void **state)
{
    struct scene scene = {0};
    vanon_keypoint *joint;

    (void)state;
    joint = vanon_object_keypoints(&scene.objects, person(&scene, 0.8f, 0x1fff8));
    assert_int_equal(make(&scene, VANON_PART_EYES), 0);
    joint[3].visibility = joint[4].visibility = 0.4f;
    assert_int_equal(make(&scene, VANON_PART_EYES), 1);
    assert_true(holds(&scene, 154, 123) && holds(&scene, 146, 123));
    joint[4].visibility = 0;
    assert_int_equal(make(&scene, VANON_PART_EYES), 1);
    assert_true(holds(&scene, 154, 123) && holds(&scene, 146, 123));
    end(&scene);
}

/* What the picture's border cuts off is not in the box: nothing is put into the picture. */
static void cut_at_the_border(void **state)
{
    struct scene scene = {0};

    (void)state;
    person(&scene, 0.8f, 0x7f)->box.y1 = 160; /* down to the shoulders */
    assert_int_equal(make(&scene, VANON_PART_KNEES), 0);
    assert_int_equal(make(&scene, VANON_PART_ELBOWS), 0);
    assert_int_equal(make(&scene, VANON_PART_FEET), 0);
    person(&scene, 0.8f, 0x1f800)->box.y0 = 190; /* from the hips down */
    assert_int_equal(make(&scene, VANON_PART_EYES), 0);
    assert_int_equal(make(&scene, VANON_PART_HEAD), 0);
    assert_int_equal(make(&scene, VANON_PART_FACE), 0);
    assert_int_equal(make(&scene, VANON_PART_SHOULDERS), 0);
    end(&scene);
}

/* A box of low score with hardly a joint may be a chair. */
static void boxes_of_nobody(void **state)
{
    struct scene scene = {0};

    (void)state;
    for (int part = 0; part < VANON_PART_BODY; part++) {
        person(&scene, 0.1f, 0);
        assert_int_equal(make(&scene, (enum vanon_part)part), 0);
        person(&scene, 0.8f, 0);
        assert_true(make(&scene, (enum vanon_part)part) > 0);
    }
    person(&scene, 0.1f, 1u << 5 | 1u << 6);
    assert_int_equal(make(&scene, VANON_PART_ELBOWS), 0);
    person(&scene, 0.1f, 1u << 5 | 1u << 6 | 1u << 11);
    assert_int_equal(make(&scene, VANON_PART_ELBOWS), 2);
    end(&scene);
}

/* Somebody who lies, as the trunk says; one without joints may lie anyhow. */
static void people_who_lie(void **state)
{
    struct scene scene = {0};
    vanon_object *object = person(&scene, 0.8f, 0);
    vanon_keypoint *joint = vanon_object_keypoints(&scene.objects, object);

    (void)state;
    object->box = (vanon_box){100, 110, 320, 190};
    for (int i = 5; i < 13; i++)
        if (i < 7 || i > 10)
            joint[i] = (vanon_keypoint){upright[i][1], upright[i][0], 0.9f};
    make(&scene, VANON_PART_EYES);
    assert_true(holds(&scene, 123, 154) && holds(&scene, 123, 146));
    make(&scene, VANON_PART_KNEES);
    assert_true(holds(&scene, 253, 162) && holds(&scene, 253, 138));
    person(&scene, 0.8f, 0)->box = (vanon_box){100, 110, 320, 190};
    make(&scene, VANON_PART_EYES);
    assert_true(holds(&scene, 110, 150) && holds(&scene, 310, 150));
    end(&scene);
}

/* Arms and legs of which nothing is seen are held as well, to their ends. */
static void whole_limbs(void **state)
{
    struct scene scene = {0};

    (void)state;
    person(&scene, 0.8f, 0x1f | 1u << 11 | 1u << 12);
    assert_int_equal(make(&scene, VANON_PART_ARMS), 6);
    assert_true(holds(&scene, 175, 225) && holds(&scene, 125, 225)); /* hands */
    person(&scene, 0.8f, 0x7ff);
    assert_int_equal(make(&scene, VANON_PART_LEGS), 6);
    assert_true(holds(&scene, 162, 310) && holds(&scene, 138, 310)); /* feet */
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_joint_is_held),       cmocka_unit_test(elbows_from_less_and_less),
        cmocka_unit_test(eyes_from_less_and_less), cmocka_unit_test(faces_turned_away),
        cmocka_unit_test(cut_at_the_border),       cmocka_unit_test(boxes_of_nobody),
        cmocka_unit_test(people_who_lie),          cmocka_unit_test(whole_limbs),
    };

    return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}
