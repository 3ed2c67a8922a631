/* SPDX-License-Identifier: Apache-2.0 */
#include "regions/regions.h"

#include <math.h>

#include <vanon/status.h>

#include "base/joint.h"

#define SURE 0.5 /* visibility from which a joint is as good as certain */

#define ELBOW_LEAST      12.0 /* display pixels */
#define ELBOW_ALONE      20.0 /* where the wrist is unseen */
#define ELBOW_OF_FOREARM 0.5

#define EYE_OF_EAR 0.75 /* of the distance from eye to ear, where the head is turned aside */
#define EYE_OF_BOX 0.06
#define EYE_LEAST  8.0 /* display pixels */
#define EYE_ALONG  0.5
#define EYE_ACROSS 0.38
#define MAX_JOINTS 5

/* A joint of one object. */
struct joint {
    bool seen;
    double x, y, visibility;
};

/* One object, and where its regions go. */
struct person {
    const vanon_object *object;
    double margin;
    vanon_region_list *regions;
};

static double joint_distance(const struct joint *a, const struct joint *b)
{
    return hypot(a->x - b->x, a->y - b->y);
}

static double widening(const struct joint *joint)
{
    return joint->visibility < SURE ? 1 + (SURE - joint->visibility) : 1;
}

static int add_ellipse(const struct person *person, enum vanon_part part, const struct joint *at,
                       double rx, double ry, double angle)
{
    vanon_region *region;
    double wider = widening(at);

    if (vanon_region_list_add(person->regions, 0, &region))
        return VANON_ERR_MEMORY;
    region->part = part;
    region->object = person->object->id;
    region->shape = VANON_SHAPE_ELLIPSE;
    region->cx = (float)at->x;
    region->cy = (float)at->y;
    region->rx = (float)(rx * wider + person->margin);
    region->ry = (float)(ry * wider + person->margin);
    region->angle = (float)angle;
    return VANON_OK;
}

/* The unit of an eye's size and the direction of the line of the eyes, as far as they are known. */
struct eye_line {
    double unit, angle;
};

/* Takes the pair's measure where it is the largest so far: the longest line has the least error in
 * its direction as well. */
static void measure(struct eye_line *line, const struct joint *from, const struct joint *to,
                    double factor)
{
    double unit;

    if (!from->seen || !to->seen)
        return;
    unit = factor * joint_distance(from, to);
    if (unit > line->unit)
        *line = (struct eye_line){unit, atan2(to->y - from->y, to->x - from->x)};
}

static double nose_distance(const struct joint *nose, const struct joint *eye)
{
    return nose->seen && eye->seen ? joint_distance(nose, eye) : 0;
}

enum { LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR, NOSE };

static struct eye_line measure_eyes(const struct person *person, const struct joint *joint)
{
    const vanon_box *box = &person->object->box;
    struct eye_line line = {0};
    bool ear = (joint[LEFT_EYE].seen && joint[LEFT_EAR].seen) ||
               (joint[RIGHT_EYE].seen && joint[RIGHT_EAR].seen);

    measure(&line, &joint[RIGHT_EYE], &joint[LEFT_EYE], 1);
    measure(&line, &joint[LEFT_EYE], &joint[LEFT_EAR], EYE_OF_EAR);
    measure(&line, &joint[RIGHT_EAR], &joint[RIGHT_EYE], EYE_OF_EAR);
    if (!ear) {
        line.unit = fmax(line.unit, nose_distance(&joint[NOSE], &joint[LEFT_EYE]));
        line.unit = fmax(line.unit, nose_distance(&joint[NOSE], &joint[RIGHT_EYE]));
    }
    if (line.unit <= 0)
        line.unit = EYE_OF_BOX * ((double)box->y1 - box->y0);
    line.unit = fmax(line.unit, EYE_LEAST);
    return line;
}

static int add_eyes(const struct person *person, const struct joint *joint)
{
    struct eye_line line = measure_eyes(person, joint);
    int status = VANON_OK;

    for (int eye = LEFT_EYE; eye <= RIGHT_EYE && !status; eye++)
        if (joint[eye].seen)
            status = add_ellipse(person, VANON_PART_EYES, &joint[eye], EYE_ALONG * line.unit,
                                 EYE_ACROSS * line.unit, line.angle);
    return status;
}

enum { LEFT_ELBOW, RIGHT_ELBOW, LEFT_WRIST, RIGHT_WRIST };

static int add_elbows(const struct person *person, const struct joint *joint)
{
    int status = VANON_OK;

    for (int side = 0; side < 2 && !status; side++) {
        const struct joint *elbow = &joint[LEFT_ELBOW + side], *wrist = &joint[LEFT_WRIST + side];
        double radius = ELBOW_ALONE;

        if (!elbow->seen)
            continue;
        if (wrist->seen)
            radius = fmax(ELBOW_LEAST, ELBOW_OF_FOREARM * joint_distance(elbow, wrist));
        status = add_ellipse(person, VANON_PART_ELBOWS, elbow, radius, radius, 0);
    }
    return status;
}

/* A part, the joints that it needs in the order in which `add` expects them, and the shapes. */
static const struct part {
    const char *joint[MAX_JOINTS];
    int (*add)(const struct person *person, const struct joint *joint);
} parts[VANON_PARTS] = {
    [VANON_PART_EYES] = {{"left_eye", "right_eye", "left_ear", "right_ear", "nose"}, add_eyes},
    [VANON_PART_ELBOWS] = {{"left_elbow", "right_elbow", "left_wrist", "right_wrist"}, add_elbows},
};

/* Where a skeleton has the joints of each part; -1: it lacks it. */
struct joint_map {
    const vanon_skeleton *skeleton;
    int index[VANON_PARTS][MAX_JOINTS];
};

static void map_joints(struct joint_map *map, const vanon_skeleton *skeleton)
{
    if (map->skeleton == skeleton)
        return;
    map->skeleton = skeleton;
    for (int part = 0; part < VANON_PARTS; part++)
        for (int i = 0; i < MAX_JOINTS; i++) {
            const char *name = parts[part].joint[i];
            map->index[part][i] = name ? vanon_skeleton_joint(skeleton, name) : -1;
        }
}

static int add_part(const struct person *person, const vanon_keypoint *keypoints, int part,
                    const struct joint_map *map)
{
    struct joint joint[MAX_JOINTS] = {0};

    for (int i = 0; i < MAX_JOINTS; i++) {
        int index = map->index[part][i];

        if (index < 0 || (size_t)index >= person->object->keypoints ||
            !vanon_joint_seen(&keypoints[index]))
            continue;
        joint[i] = (struct joint){true, keypoints[index].x, keypoints[index].y,
                                  keypoints[index].visibility};
    }
    return parts[part].add(person, joint);
}

int vanon_regions_add(const vanon_options *options, const vanon_object_list *objects,
                      vanon_region_list *regions)
{
    struct joint_map map = {0};

    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *object = &objects->object[i];
        const vanon_keypoint *keypoints = vanon_object_keypoints(objects, object);
        const struct person person = {object, options->safety_margin_px, regions};

        if (!object->skeleton || !keypoints)
            continue;
        map_joints(&map, object->skeleton);
        for (int part = 0; part < VANON_PARTS; part++)
            if (options->parts & 1u << part && add_part(&person, keypoints, part, &map))
                return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}
