/* SPDX-License-Identifier: Apache-2.0 */
#include "regions/person.h"

#include <math.h>

#include <vanon/status.h>

#include "base/joint.h"
#include "base/memory.h"

#define LEAST 1.0 /* display pixels of stature, where a box is none */

static const char *const names[VANON_JOINTS] = {
    [VANON_NOSE] = "nose",
    [VANON_LEFT_EYE] = "left_eye",
    [VANON_RIGHT_EYE] = "right_eye",
    [VANON_LEFT_EAR] = "left_ear",
    [VANON_RIGHT_EAR] = "right_ear",
    [VANON_LEFT_SHOULDER] = "left_shoulder",
    [VANON_RIGHT_SHOULDER] = "right_shoulder",
    [VANON_LEFT_ELBOW] = "left_elbow",
    [VANON_RIGHT_ELBOW] = "right_elbow",
    [VANON_LEFT_WRIST] = "left_wrist",
    [VANON_RIGHT_WRIST] = "right_wrist",
    [VANON_LEFT_HIP] = "left_hip",
    [VANON_RIGHT_HIP] = "right_hip",
    [VANON_LEFT_KNEE] = "left_knee",
    [VANON_RIGHT_KNEE] = "right_knee",
    [VANON_LEFT_ANKLE] = "left_ankle",
    [VANON_RIGHT_ANKLE] = "right_ankle",
};

/* Two joints and how far apart they are, as a share of stature. */
struct measure {
    enum vanon_joint_name from, to;
    double share;
};

/* After Drillis and Contini's body segments (1966); shoulders and hips from joint to joint, as
 * models are taught to mark them, not from skin to skin. */
static const struct measure trunk[] = {
    {VANON_LEFT_SHOULDER, VANON_RIGHT_SHOULDER, 0.21},
    {VANON_LEFT_SHOULDER, VANON_LEFT_HIP, 0.288},
    {VANON_RIGHT_SHOULDER, VANON_RIGHT_HIP, 0.288},
};
static const struct measure limbs[] = {
    {VANON_LEFT_SHOULDER, VANON_LEFT_ELBOW, 0.186},
    {VANON_RIGHT_SHOULDER, VANON_RIGHT_ELBOW, 0.186},
    {VANON_LEFT_ELBOW, VANON_LEFT_WRIST, 0.146},
    {VANON_RIGHT_ELBOW, VANON_RIGHT_WRIST, 0.146},
    {VANON_LEFT_HIP, VANON_LEFT_KNEE, 0.245},
    {VANON_RIGHT_HIP, VANON_RIGHT_KNEE, 0.245},
    {VANON_LEFT_KNEE, VANON_LEFT_ANKLE, 0.246},
    {VANON_RIGHT_KNEE, VANON_RIGHT_ANKLE, 0.246},
};
/* 15 cm from ear to ear, 6.3 between the eyes, 8.5 from an eye to its ear, of 173. */
static const struct measure head[] = {
    {VANON_LEFT_EAR, VANON_RIGHT_EAR, 0.087},
    {VANON_LEFT_EYE, VANON_RIGHT_EYE, 0.0364},
    {VANON_LEFT_EYE, VANON_LEFT_EAR, 0.049},
    {VANON_RIGHT_EYE, VANON_RIGHT_EAR, 0.049},
};

double vanon_joint_distance(const struct vanon_joint *a, const struct vanon_joint *b)
{
    return hypot(a->x - b->x, a->y - b->y);
}

struct vanon_joint vanon_joint_middle(const struct vanon_joint *a, const struct vanon_joint *b)
{
    if (!a->seen || !b->seen)
        return a->seen ? *a : *b;
    return (struct vanon_joint){true, (a->x + b->x) / 2, (a->y + b->y) / 2,
                                (a->visibility + b->visibility) / 2, fmax(a->off, b->off)};
}

static void map_joints(struct vanon_joint_map *map, const vanon_skeleton *skeleton)
{
    if (map->skeleton == skeleton)
        return;
    map->skeleton = skeleton;
    for (int i = 0; i < VANON_JOINTS; i++)
        map->index[i] = vanon_skeleton_joint(skeleton, names[i]);
}

/* The largest of the rows' estimates: what is turned away from the picture's plane only ever looks
 * shorter. 0 where no pair is seen. */
static double largest(const struct vanon_person *person, const struct measure rows[], size_t count)
{
    double found = 0;

    for (size_t i = 0; i < count; i++) {
        const struct vanon_joint *from = &person->joint[rows[i].from];
        const struct vanon_joint *to = &person->joint[rows[i].to];

        if (from->seen && to->seen)
            found = fmax(found, vanon_joint_distance(from, to) / rows[i].share);
    }
    return found;
}

double vanon_person_longer_side(const struct vanon_person *person)
{
    const vanon_box *box = &person->object->box;

    return fmax(fabs((double)box->x1 - box->x0), fabs((double)box->y1 - box->y0));
}

/* The trunk is the best measure: a limb that reaches for the camera looks longer than it is, and
 * the head's small distances have the largest errors. */
static double measure_stature(const struct vanon_person *person)
{
    double found = largest(person, trunk, VANON_COUNT(trunk));

    if (found <= 0)
        found = largest(person, limbs, VANON_COUNT(limbs));
    if (found <= 0) /* or as much as there is of the person, where that is more */
        found = fmax(largest(person, head, VANON_COUNT(head)), vanon_person_longer_side(person));
    return fmax(found, LEAST);
}

void vanon_person_measure(struct vanon_person *person, struct vanon_joint_map *map,
                          const vanon_object_list *objects, const vanon_object *object,
                          vanon_region_list *regions)
{
    const vanon_keypoint *keypoints = vanon_object_keypoints(objects, object);

    *person = (struct vanon_person){.object = object, .regions = regions};
    if (keypoints && object->skeleton) {
        map_joints(map, object->skeleton);
        for (int i = 0; i < VANON_JOINTS; i++) {
            int index = map->index[i];

            if (index < 0 || (size_t)index >= object->keypoints ||
                !vanon_joint_seen(&keypoints[index]))
                continue;
            person->joint[i] = (struct vanon_joint){true, keypoints[index].x, keypoints[index].y,
                                                    keypoints[index].visibility, 0};
        }
    }
    person->stature = measure_stature(person);
}

static double widening(const struct vanon_joint *joint)
{
    return joint->visibility < VANON_SURE ? 1 + (VANON_SURE - joint->visibility) : 1;
}

static int add_shape(const struct vanon_person *person, enum vanon_shape shape,
                     const struct vanon_joint *at, vanon_region **out)
{
    if (vanon_region_list_add(person->regions, 0, out))
        return VANON_ERR_MEMORY;
    (*out)->part = person->part;
    (*out)->object = person->object->id;
    (*out)->shape = shape;
    (*out)->cx = (float)at->x;
    (*out)->cy = (float)at->y;
    return VANON_OK;
}

int vanon_person_ellipse(const struct vanon_person *person, const struct vanon_joint *at, double rx,
                         double ry, double angle)
{
    double wider = widening(at);
    vanon_region *region;

    if (add_shape(person, VANON_SHAPE_ELLIPSE, at, &region))
        return VANON_ERR_MEMORY;
    region->rx = (float)(rx * wider + at->off + person->margin);
    region->ry = (float)(ry * wider + at->off + person->margin);
    region->angle = (float)angle;
    return VANON_OK;
}

int vanon_person_circle(const struct vanon_person *person, const struct vanon_joint *at,
                        double radius)
{
    return vanon_person_ellipse(person, at, radius, radius, 0);
}

int vanon_person_capsule(const struct vanon_person *person, const struct vanon_joint *from,
                         const struct vanon_joint *to, double radius)
{
    double wider = fmax(widening(from), widening(to));
    vanon_region *region;

    if (add_shape(person, VANON_SHAPE_CAPSULE, from, &region))
        return VANON_ERR_MEMORY;
    region->rx = region->ry = (float)(radius * wider + fmax(from->off, to->off) + person->margin);
    region->ex = (float)to->x;
    region->ey = (float)to->y;
    return VANON_OK;
}
