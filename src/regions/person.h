/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person as the builders of regions see one: joints by name, a measure of the body, and the part
 * that is being built. Internal to src/regions; plain functions.
 */
#ifndef VANON_REGIONS_PERSON_H
#define VANON_REGIONS_PERSON_H

#include <vanon/object.h>

#define VANON_SURE 0.5 /* visibility from which a joint is as good as certain */

/* What the builders know of a skeleton. Of a pair the left one comes first, the right one next. */
enum vanon_joint_name {
    VANON_NOSE,
    VANON_LEFT_EYE,
    VANON_RIGHT_EYE,
    VANON_LEFT_EAR,
    VANON_RIGHT_EAR,
    VANON_LEFT_SHOULDER,
    VANON_RIGHT_SHOULDER,
    VANON_LEFT_ELBOW,
    VANON_RIGHT_ELBOW,
    VANON_LEFT_WRIST,
    VANON_RIGHT_WRIST,
    VANON_LEFT_HIP,
    VANON_RIGHT_HIP,
    VANON_LEFT_KNEE,
    VANON_RIGHT_KNEE,
    VANON_LEFT_ANKLE,
    VANON_RIGHT_ANKLE,
    VANON_JOINTS,
};

/* Where a skeleton has the joints; -1: it lacks it. Zero: not filled yet. */
struct vanon_joint_map {
    const vanon_skeleton *skeleton;
    int index[VANON_JOINTS];
};

struct vanon_joint {
    bool seen;
    double x, y, visibility;
    double off; /* of one that was not seen, but guessed: how far it may be from there */
};

struct vanon_person {
    const vanon_object *object;
    vanon_region_list *regions; /* where the regions go */
    struct vanon_joint joint[VANON_JOINTS];
    double stature;       /* display pixels: how tall the person would stand; > 0 */
    bool counts;          /* its score says that it is somebody, joints or not */
    enum vanon_part part; /* the one that is being built, and its margin */
    double margin;
};

/* Fills all but counts, part and margin. `map` is made anew where the skeleton is another one. */
void vanon_person_measure(struct vanon_person *person, struct vanon_joint_map *map,
                          const vanon_object_list *objects, const vanon_object *object,
                          vanon_region_list *regions);

double vanon_joint_distance(const struct vanon_joint *a, const struct vanon_joint *b);

/* The middle of two joints, as visible as both are on average; of one where the other is not seen;
 * not seen where neither is. */
struct vanon_joint vanon_joint_middle(const struct vanon_joint *a, const struct vanon_joint *b);

/* Where the person's upper end is: a direction of length 1, from hips to their shoulders; across
 * the line of the shoulders where the hips are unseen; else up in the picture. */
vanon_point vanon_person_up(const struct vanon_person *person);

/* Of the person's box, whichever of its corners comes first. */
double vanon_person_longer_side(const struct vanon_person *person);

/* True where the score says so, or three joints that are sure: a joint that is not seen, of a box
 * that may be nobody's, is not guessed. */
bool vanon_person_is_somebody(const struct vanon_person *person);

/*
 * The joint as it was seen, or (vanon_person_guess: always) as the rest of the body tells it, with
 * how far off it may be; of the head's joints, the middle of the eyes. In this order: between the
 * neighbours on either side in its limb; from the joint seen that tells most of it, along the body,
 * as far as people differ who stand; of somebody who shows no joint, from the box.
 *
 * Not seen is what would lie outside of the box, and so is out of the picture or behind something.
 */
struct vanon_joint vanon_person_joint(const struct vanon_person *person,
                                      enum vanon_joint_name name);
struct vanon_joint vanon_person_guess(const struct vanon_person *person,
                                      enum vanon_joint_name name);

/*
 * Append a shape for the person's part. Radii are display pixels without the margin, which is
 * added, and are widened where a joint is uncertain, or off. VANON_ERR_MEMORY.
 */
int vanon_person_ellipse(const struct vanon_person *person, const struct vanon_joint *at, double rx,
                         double ry, double angle);
int vanon_person_circle(const struct vanon_person *person, const struct vanon_joint *at,
                        double radius);
int vanon_person_capsule(const struct vanon_person *person, const struct vanon_joint *from,
                         const struct vanon_joint *to, double radius);

/* Builders: append the regions of the person's part. VANON_ERR_MEMORY. */
typedef int vanon_part_builder(const struct vanon_person *person);

/* head.c */
vanon_part_builder vanon_add_eyes, vanon_add_face, vanon_add_head;
/* limbs.c */
vanon_part_builder vanon_add_elbows, vanon_add_shoulders, vanon_add_hips, vanon_add_knees,
    vanon_add_hands, vanon_add_feet, vanon_add_arms, vanon_add_legs;
/* body.c */
vanon_part_builder vanon_add_body;

#endif
