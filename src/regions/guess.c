/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a joint is that the detector does not show: told from the joint that tells most of it, as
 * if the person stood, with as much room around it as limbs and trunk can move.
 */
#include <math.h>

#include "base/memory.h"
#include "regions/person.h"

#define ENOUGH_JOINTS 3    /* that are sure: a person, whatever the score says */
#define BESIDE        0.05 /* of stature, around the box: what is seen of somebody is inside */
#define LEANING       0.05 /* of a head, from above the middle of its shoulders */
#define STANDING      1.5  /* a box so much higher than wide has its feet below */
#define FROM_ANY      0.35 /* off, where nothing near is seen */
#define MOST_OFF      0.5  /* of the box's longer side: what is seen of somebody is in it */
#define BENDING       0.03 /* off, at least, between two joints */

/* Above the floor, in shares of stature, of somebody who stands (Drillis and Contini 1966). */
#define HEAD_LEVEL     0.936 /* of the eyes */
#define SHOULDER_LEVEL 0.818
#define ELBOW_LEVEL    0.632
#define WRIST_LEVEL    0.486
#define HIP_LEVEL      0.530
#define KNEE_LEVEL     0.285
#define ANKLE_LEVEL    0.039

/* A joint that tells of another: the sighted one's place, moved along the body by the difference of
 * their levels, and how far off that may be, in shares of stature: a shoulder from a hip, what a
 * trunk leans; an elbow from its shoulder, an upper arm (0.186) that is raised by some 45 degrees;
 * from across the body, its breadth (0.21) more. */
struct source {
    enum vanon_joint_name from; /* the left one, or one of the head's */
    bool across;                /* of the other side */
    double off;
};

#define SOURCES 5

struct target {
    double level;
    enum vanon_joint_name above,
        below;                     /* the ends of the limb that it is the middle of, or itself */
    double upper;                  /* that limb's upper segment, a share of stature */
    struct source source[SOURCES]; /* the best first; unused ones have no `off` */
};

/* Of the left side; the head stands for its eyes' middle. */
static const struct target head = {.level = HEAD_LEVEL,
                                   .source = {{VANON_LEFT_SHOULDER, false, 0.155},
                                              {VANON_LEFT_SHOULDER, true, 0.155},
                                              {VANON_LEFT_HIP, false, 0.2},
                                              {VANON_LEFT_HIP, true, 0.2},
                                              {VANON_LEFT_ELBOW, false, 0.25}}};
static const struct target shoulder = {.level = SHOULDER_LEVEL,
                                       .source = {{VANON_LEFT_HIP, false, 0.1},
                                                  {VANON_LEFT_SHOULDER, true, 0.21},
                                                  {VANON_LEFT_HIP, true, 0.16},
                                                  {VANON_LEFT_ELBOW, false, 0.2},
                                                  {VANON_NOSE, false, 0.16}}};
static const struct target elbow = {.level = ELBOW_LEVEL,
                                    .above = VANON_LEFT_SHOULDER,
                                    .below = VANON_LEFT_WRIST,
                                    .upper = 0.186,
                                    .source = {{VANON_LEFT_SHOULDER, false, 0.15},
                                               {VANON_LEFT_WRIST, false, 0.15},
                                               {VANON_LEFT_HIP, false, 0.2},
                                               {VANON_LEFT_SHOULDER, true, 0.25},
                                               {VANON_LEFT_HIP, true, 0.25}}};
static const struct target wrist = {.level = WRIST_LEVEL,
                                    .source = {{VANON_LEFT_ELBOW, false, 0.15},
                                               {VANON_LEFT_SHOULDER, false, 0.25},
                                               {VANON_LEFT_HIP, false, 0.25},
                                               {VANON_LEFT_SHOULDER, true, 0.3},
                                               {VANON_LEFT_HIP, true, 0.3}}};
static const struct target hip = {.level = HIP_LEVEL,
                                  .source = {{VANON_LEFT_SHOULDER, false, 0.1},
                                             {VANON_LEFT_HIP, true, 0.12},
                                             {VANON_LEFT_SHOULDER, true, 0.16},
                                             {VANON_LEFT_KNEE, false, 0.2},
                                             {VANON_NOSE, false, 0.2}}};
static const struct target knee = {.level = KNEE_LEVEL,
                                   .above = VANON_LEFT_HIP,
                                   .below = VANON_LEFT_ANKLE,
                                   .upper = 0.245,
                                   .source = {{VANON_LEFT_HIP, false, 0.2},
                                              {VANON_LEFT_ANKLE, false, 0.15},
                                              {VANON_LEFT_KNEE, true, 0.2},
                                              {VANON_LEFT_HIP, true, 0.22},
                                              {VANON_LEFT_SHOULDER, false, 0.25}}};
static const struct target ankle = {.level = ANKLE_LEVEL,
                                    .source = {{VANON_LEFT_KNEE, false, 0.15},
                                               {VANON_LEFT_HIP, false, 0.3},
                                               {VANON_LEFT_ANKLE, true, 0.25},
                                               {VANON_LEFT_KNEE, true, 0.25},
                                               {VANON_LEFT_HIP, true, 0.3}}};

/* By the names of the left side's joints. */
static const struct target *const targets[VANON_JOINTS] = {
    [VANON_NOSE] = &head,        [VANON_LEFT_EYE] = &head,
    [VANON_LEFT_EAR] = &head,    [VANON_LEFT_SHOULDER] = &shoulder,
    [VANON_LEFT_ELBOW] = &elbow, [VANON_LEFT_WRIST] = &wrist,
    [VANON_LEFT_HIP] = &hip,     [VANON_LEFT_KNEE] = &knee,
    [VANON_LEFT_ANKLE] = &ankle,
};

/* 0: the left one, or in the middle; 1: the right one. */
static int side_of(enum vanon_joint_name name)
{
    return targets[name] ? 0 : 1;
}

static const struct target *target_of(enum vanon_joint_name name)
{
    return targets[name - side_of(name)];
}

static enum vanon_joint_name on_side(enum vanon_joint_name left, int side)
{
    return left == VANON_NOSE ? left : left + side;
}

vanon_point vanon_person_up(const struct vanon_person *person)
{
    const struct vanon_joint *left = &person->joint[VANON_LEFT_SHOULDER];
    const struct vanon_joint *right = &person->joint[VANON_RIGHT_SHOULDER];
    const struct vanon_joint *left_hip = &person->joint[VANON_LEFT_HIP];
    const struct vanon_joint *right_hip = &person->joint[VANON_RIGHT_HIP];
    double dx = 0, dy = 0, length;

    if (left->seen && left_hip->seen) {
        dx += left->x - left_hip->x;
        dy += left->y - left_hip->y;
    }
    if (right->seen && right_hip->seen) {
        dx += right->x - right_hip->x;
        dy += right->y - right_hip->y;
    }
    if (dx == 0 && dy == 0 && left->seen && right->seen) {
        double way = right->x < left->x ? 1 : -1; /* up in the picture */

        dx = way * (left->y - right->y);
        dy = way * (right->x - left->x);
    }
    length = hypot(dx, dy);
    return length > 0 ? (vanon_point){(float)(dx / length), (float)(dy / length)}
                      : (vanon_point){0, -1};
}

static bool is_in_box(const struct vanon_person *person, const struct vanon_joint *at)
{
    const vanon_box *box = &person->object->box;
    double beside = BESIDE * person->stature;

    return at->x >= fmin(box->x0, box->x1) - beside && at->x <= fmax(box->x0, box->x1) + beside &&
           at->y >= fmin(box->y0, box->y1) - beside && at->y <= fmax(box->y0, box->y1) + beside;
}

/* From one joint, along the body. What would be outside of the box is out of the picture, or
 * hidden by something. */
static struct vanon_joint from_joint(const struct vanon_person *person,
                                     const struct vanon_joint *from, double rise, double off)
{
    vanon_point up = vanon_person_up(person);
    struct vanon_joint at = {
        .seen = true,
        .x = from->x + rise * person->stature * up.x,
        .y = from->y + rise * person->stature * up.y,
        .visibility = from->visibility,
        .off = fmin(off * person->stature, MOST_OFF * vanon_person_longer_side(person))};

    at.seen = is_in_box(person, &at);
    return at;
}

/* The middle joint of a limb whose ends are seen: at most as far aside as its upper segment
 * reaches. */
static struct vanon_joint between(const struct vanon_person *person,
                                  const struct vanon_joint *above, const struct vanon_joint *below,
                                  double upper)
{
    struct vanon_joint at = vanon_joint_middle(above, below);
    double half = vanon_joint_distance(above, below) / 2, reach = upper * person->stature;

    at.off = fmax(BENDING * person->stature, sqrt(fmax(0, reach * reach - half * half)));
    return at;
}

/* Nothing but a box: of somebody who stands, across all of it; else it may be anywhere. */
static struct vanon_joint from_box(const struct vanon_person *person, double level)
{
    const vanon_box *box = &person->object->box;
    double width = fabs((double)box->x1 - box->x0), height = fabs((double)box->y1 - box->y0);
    struct vanon_joint at = {.seen = true,
                             .x = ((double)box->x0 + box->x1) / 2,
                             .y = ((double)box->y0 + box->y1) / 2,
                             .visibility = 1,
                             .off = vanon_person_longer_side(person) / 2};

    if (height < STANDING * width)
        return at;
    at.y = fmax(box->y0, box->y1) - level * height;
    at.off = width / 2;
    return at;
}

/* The seen joint whose level is nearest; NULL: there is none. */
static const struct vanon_joint *nearest(const struct vanon_person *person, double level,
                                         double *rise)
{
    const struct vanon_joint *found = NULL;

    for (int i = 0; i < VANON_JOINTS; i++) {
        double way = level - target_of((enum vanon_joint_name)i)->level;

        if (!person->joint[i].seen || (found && fabs(way) >= fabs(*rise)))
            continue;
        found = &person->joint[i];
        *rise = way;
    }
    return found;
}

/* A box that may be nobody's is taken for somebody's only where it shows more. */
bool vanon_person_is_somebody(const struct vanon_person *person)
{
    int seen = 0;

    for (int i = 0; i < VANON_JOINTS; i++)
        seen += person->joint[i].seen && person->joint[i].visibility >= VANON_SURE;
    return person->counts || seen >= ENOUGH_JOINTS;
}

struct vanon_joint vanon_person_guess(const struct vanon_person *person, enum vanon_joint_name name)
{
    const struct target *target = target_of(name);
    const struct vanon_joint *joint = person->joint, *any;
    struct vanon_joint middle;
    int side = side_of(name);
    double rise = 0;

    if (!vanon_person_is_somebody(person))
        return (struct vanon_joint){0};
    if (target == &head && joint[VANON_LEFT_SHOULDER].seen && joint[VANON_RIGHT_SHOULDER].seen) {
        middle = vanon_joint_middle(&joint[VANON_LEFT_SHOULDER], &joint[VANON_RIGHT_SHOULDER]);
        return from_joint(person, &middle, HEAD_LEVEL - SHOULDER_LEVEL, LEANING);
    }
    if (target->upper > 0 && joint[target->above + side].seen && joint[target->below + side].seen)
        return between(person, &joint[target->above + side], &joint[target->below + side],
                       target->upper);
    for (size_t i = 0; i < SOURCES && target->source[i].off > 0; i++) {
        const struct source *source = &target->source[i];
        enum vanon_joint_name from = on_side(source->from, source->across ? 1 - side : side);

        if (joint[from].seen)
            return from_joint(person, &joint[from], target->level - target_of(from)->level,
                              source->off);
    }
    any = nearest(person, target->level, &rise);
    return any ? from_joint(person, any, rise, FROM_ANY) : from_box(person, target->level);
}

struct vanon_joint vanon_person_joint(const struct vanon_person *person, enum vanon_joint_name name)
{
    return person->joint[name].seen ? person->joint[name] : vanon_person_guess(person, name);
}
