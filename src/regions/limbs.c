/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include <vanon/status.h>

#include "regions/person.h"

#define ELBOW_LEAST      12.0 /* display pixels */
#define ELBOW_ALONE      20.0 /* where the wrist is unseen */
#define ELBOW_OF_FOREARM 0.5
#define ELBOW_OF_STATURE 0.05 /* where it points at the camera and looks short: a third of it */

#define LEAST    8.0 /* display pixels: no other radius is smaller */
#define SKIPPING 2.0 /* a limb whose middle joint is unseen may be bent */

/* Shares of stature. */
#define SHOULDER 0.065 /* 11 cm: to the skin, 4 cm aside and 6 above, in clothes */
#define HIP      0.08  /* 14 cm: half of the hips' breadth lies beyond their joints */
#define KNEE     0.06  /* 10 cm: half a knee's breadth is 6 */

/* What a limb ends in: a circle whose middle lies ahead of the last joint. */
struct end {
    enum vanon_joint_name from, at; /* the left ones */
    double ahead, radius;           /* shares of stature */
};

/* A hand is 0.108 long and bends by 90 degrees: a circle of 0.1 whose middle lies 0.05 beyond the
 * wrist reaches 0.15 ahead and, at the wrist, 0.087 aside. */
static const struct end hand = {VANON_LEFT_ELBOW, VANON_LEFT_WRIST, 0.05, 0.1};

/* A foot is 0.152 long, three quarters of it before the ankle, and 0.039 high. Which way it points
 * the joints don't say. */
static const struct end foot = {VANON_LEFT_KNEE, VANON_LEFT_ANKLE, 0.03, 0.115};

/* Three joints in a row and what the last one holds. */
struct limb {
    enum vanon_joint_name joint[3]; /* the left ones */
    double length[2], radius[2];    /* shares of stature, of each segment */
    const struct end *end;
};

/* Radii: half of what is there (upper arm 10 cm across, forearm 9, thigh 17, calf 11), and once
 * more for clothes and for what a joint may be off. */
static const struct limb arm = {
    {VANON_LEFT_SHOULDER, VANON_LEFT_ELBOW, VANON_LEFT_WRIST},
    {0.186, 0.146},
    {0.045, 0.04},
    &hand,
};
static const struct limb leg = {
    {VANON_LEFT_HIP, VANON_LEFT_KNEE, VANON_LEFT_ANKLE},
    {0.245, 0.246},
    {0.075, 0.05},
    &foot,
};

static double scaled(const struct vanon_person *person, double share)
{
    return fmax(LEAST, share * person->stature);
}

int vanon_add_elbows(const struct vanon_person *person)
{
    int status = VANON_OK;

    for (int side = 0; side < 2 && !status; side++) {
        struct vanon_joint elbow = vanon_person_joint(person, VANON_LEFT_ELBOW + side);
        const struct vanon_joint *wrist = &person->joint[VANON_LEFT_WRIST + side];
        double radius = ELBOW_OF_STATURE * person->stature;

        if (!elbow.seen)
            continue;
        radius = fmax(radius, wrist->seen && elbow.off <= 0 ? ELBOW_LEAST : ELBOW_ALONE);
        if (wrist->seen && elbow.off <= 0)
            radius = fmax(radius, ELBOW_OF_FOREARM * vanon_joint_distance(&elbow, wrist));
        status = vanon_person_circle(person, &elbow, radius);
    }
    return status;
}

static int add_pair(const struct vanon_person *person, enum vanon_joint_name left, double share)
{
    int status = VANON_OK;

    for (int side = 0; side < 2 && !status; side++) {
        struct vanon_joint at = vanon_person_joint(person, left + side);

        if (at.seen)
            status = vanon_person_circle(person, &at, scaled(person, share));
    }
    return status;
}

int vanon_add_shoulders(const struct vanon_person *person)
{
    return add_pair(person, VANON_LEFT_SHOULDER, SHOULDER);
}

int vanon_add_hips(const struct vanon_person *person)
{
    return add_pair(person, VANON_LEFT_HIP, HIP);
}

int vanon_add_knees(const struct vanon_person *person)
{
    return add_pair(person, VANON_LEFT_KNEE, KNEE);
}

static int add_end(const struct vanon_person *person, const struct end *end, int side)
{
    const struct vanon_joint *from = &person->joint[end->from + side];
    struct vanon_joint at = vanon_person_joint(person, end->at + side);
    double length, ahead = end->ahead * person->stature;

    if (!at.seen)
        return VANON_OK;
    length = from->seen && at.off <= 0 ? vanon_joint_distance(from, &at) : 0;
    if (length <= 0)
        return vanon_person_circle(person, &at, scaled(person, end->radius + end->ahead));
    at.x += (at.x - from->x) / length * ahead;
    at.y += (at.y - from->y) / length * ahead;
    return vanon_person_circle(person, &at, scaled(person, end->radius));
}

static int add_ends(const struct vanon_person *person, const struct end *end)
{
    int status = add_end(person, end, 0);

    return status ? status : add_end(person, end, 1);
}

int vanon_add_hands(const struct vanon_person *person)
{
    return add_ends(person, &hand);
}

int vanon_add_feet(const struct vanon_person *person)
{
    return add_ends(person, &foot);
}

/* A joint whose neighbour is unseen: wherever the segment between them points, it is inside. */
static int add_around(const struct vanon_person *person, const struct vanon_joint *at, double share)
{
    return share > 0 ? vanon_person_circle(person, at, scaled(person, share)) : VANON_OK;
}

/* What of a limb none of its joints that are seen holds: along where it would be. */
static int add_guessed(const struct vanon_person *person, const struct limb *limb, int side)
{
    struct vanon_joint joint[3];
    int status = VANON_OK;

    for (int i = 0; i < 3; i++)
        joint[i] = vanon_person_joint(person, limb->joint[i] + side);
    for (int i = 0; i < 2 && !status; i++)
        if (joint[i].seen && joint[i].off > 0 && joint[i + 1].seen)
            status = vanon_person_capsule(person, &joint[i], &joint[i + 1],
                                          scaled(person, limb->radius[i]));
    return status;
}

static int add_limb(const struct vanon_person *person, const struct limb *limb, int side)
{
    const struct vanon_joint *first = &person->joint[limb->joint[0] + side];
    const struct vanon_joint *middle = &person->joint[limb->joint[1] + side];
    const struct vanon_joint *last = &person->joint[limb->joint[2] + side];
    int status = VANON_OK;

    if (middle->seen) {
        if (first->seen)
            status = vanon_person_capsule(person, first, middle, scaled(person, limb->radius[0]));
        if (!status && last->seen)
            status = vanon_person_capsule(person, middle, last, scaled(person, limb->radius[1]));
        if (!status)
            status = add_around(
                person, middle,
                fmax(first->seen ? 0 : limb->length[0], last->seen ? 0 : limb->length[1]));
    } else if (first->seen && last->seen) {
        status =
            vanon_person_capsule(person, first, last, SKIPPING * scaled(person, limb->radius[0]));
    } else if (first->seen) {
        status = add_around(person, first, limb->length[0]);
    } else if (last->seen) {
        status = add_around(person, last, limb->length[1]);
    }
    if (!status && !last->seen)
        status = add_guessed(person, limb, side);
    return status ? status : add_end(person, limb->end, side);
}

static int add_limbs(const struct vanon_person *person, const struct limb *limb)
{
    int status = add_limb(person, limb, 0);

    return status ? status : add_limb(person, limb, 1);
}

int vanon_add_arms(const struct vanon_person *person)
{
    return add_limbs(person, &arm);
}

int vanon_add_legs(const struct vanon_person *person)
{
    return add_limbs(person, &leg);
}
