/* SPDX-License-Identifier: Apache-2.0 */
#include "job/places.h"

#include <math.h>

#include "base/joint.h"
#include "base/memory.h"

#define SURE  0.5f
#define LEAST 8.0 /* display pixels */

#define PART(name) (1u << VANON_PART_##name)
#define HEAD       (PART(HEAD) | PART(BODY))
#define FACE       (PART(FACE) | HEAD)
#define ARM        (PART(ARMS) | PART(BODY))
#define LEG        (PART(LEGS) | PART(BODY))

/* A joint, the parts that must cover it, and the two joints that its size comes from. */
static const struct {
    const char *joint;
    uint32_t parts;
    const char *from, *to;
    double share;
} rules[] = {
    {"left_eye", PART(EYES) | FACE, "left_eye", "right_eye", 0.25},
    {"right_eye", PART(EYES) | FACE, "left_eye", "right_eye", 0.25},
    {"nose", FACE, "left_eye", "right_eye", 0.25},
    {"left_ear", HEAD, "left_eye", "left_ear", 0.2},
    {"right_ear", HEAD, "right_eye", "right_ear", 0.2},
    {"left_elbow", PART(ELBOWS) | ARM, "left_elbow", "left_wrist", 0.25},
    {"right_elbow", PART(ELBOWS) | ARM, "right_elbow", "right_wrist", 0.25},
    {"left_wrist", PART(HANDS) | ARM, "left_elbow", "left_wrist", 0.2},
    {"right_wrist", PART(HANDS) | ARM, "right_elbow", "right_wrist", 0.2},
    {"left_shoulder", PART(SHOULDERS) | ARM, "left_shoulder", "left_elbow", 0.2},
    {"right_shoulder", PART(SHOULDERS) | ARM, "right_shoulder", "right_elbow", 0.2},
    {"left_hip", PART(HIPS) | LEG, "left_hip", "left_knee", 0.2},
    {"right_hip", PART(HIPS) | LEG, "right_hip", "right_knee", 0.2},
    {"left_knee", PART(KNEES) | LEG, "left_knee", "left_ankle", 0.2},
    {"right_knee", PART(KNEES) | LEG, "right_knee", "right_ankle", 0.2},
    {"left_ankle", PART(FEET) | LEG, "left_knee", "left_ankle", 0.2},
    {"right_ankle", PART(FEET) | LEG, "right_knee", "right_ankle", 0.2},
};

_Static_assert(VANON_COUNT(rules) <= VANON_MOST_DISCS, "more discs than there is room for");

static const vanon_keypoint *find(const vanon_object_list *objects, const vanon_object *object,
                                  const char *name)
{
    const vanon_keypoint *joint = vanon_object_keypoints(objects, object);
    int index = joint && object->skeleton ? vanon_skeleton_joint(object->skeleton, name) : -1;

    return index >= 0 && vanon_joint_seen(&joint[index]) ? &joint[index] : NULL;
}

size_t vanon_places_of(const vanon_options *options, const vanon_object_list *objects,
                       const vanon_object *object, struct vanon_disc discs[VANON_MOST_DISCS])
{
    size_t count = 0;

    for (size_t i = 0; i < VANON_COUNT(rules); i++) {
        const vanon_keypoint *joint = find(objects, object, rules[i].joint);
        const vanon_keypoint *from = find(objects, object, rules[i].from);
        const vanon_keypoint *to = find(objects, object, rules[i].to);
        double size = 0;

        if (!(options->parts & rules[i].parts) || !joint || joint->visibility < SURE)
            continue;
        if (from && to)
            size = rules[i].share * hypot((double)from->x - to->x, (double)from->y - to->y);
        discs[count++] = (struct vanon_disc){rules[i].joint, joint->x, joint->y, fmax(size, LEAST),
                                             joint->visibility};
    }
    return count;
}
