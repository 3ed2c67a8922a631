/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include <vanon/status.h>

#include "regions/person.h"

#define EYE_OF_EAR     0.75   /* of the distance from eye to ear, where the head is turned aside */
#define EYE_OF_EARS    0.42   /* of the distance from ear to ear */
#define EYE_OF_STATURE 0.0364 /* 63 of 1730 mm */
#define EYE_OF_BOX     0.06
#define EYE_LEAST      8.0 /* display pixels */
#define EYE_ALONG      0.5
#define EYE_ACROSS     0.38
#define EYE_OFF        0.5 /* from one eye to the unseen one, and as far off */

/* Around both eyes, none of which is seen, in the same units. */
#define EYES_ROUND  1.1 /* half of what is between them, and half of one */
#define EYES_ABOVE  0.5 /* the nose, whose tip is 0.7 below them where the head is upright */
#define EYES_OF_EAR 1.8 /* from one ear: 85 mm, half of it in a head turned so far */

/* In units of the distance between the eyes, 63 mm. */
#define FACE_ALONG   1.3  /* half of a face's 14 cm, and what the eye's joint may be off */
#define FACE_ACROSS  1.75 /* half of the 19 cm from hairline to chin, and as much */
#define FACE_BEYOND  0.35 /* past the outermost joint */
#define FACE_CENTRE  0.36 /* the middle of a face lies below the eyes */
#define NOSE_BELOW   0.7  /* the eyes */
#define FACE_UNKNOWN 2.2  /* around what is seen, where its direction is not known */

#define HEAD_ROUND  2.3  /* chin to crown is 23 cm, hair 3 on either side */
#define HEAD_BEHIND 2.05 /* from an ear to the back of the hair */
#define HEAD_BEYOND 0.6  /* past any joint */
#define HEAD_EYES   2.6  /* around the middle of the eyes, the ears hidden by hair */
#define HEAD_ONE    3.4  /* around one eye, or the nose: the back of a head seen from the side */
#define HEAD_EAR    3.0  /* around one ear: the other side of a head seen from behind */

/* In shares of stature: eyes at 0.936, shoulders at 0.818 of it. */
#define HEAD_ABOVE       0.118
#define HEAD_OF_STATURE  0.13  /* 23 cm of 173 across, and a neck that leans by a third */
#define HEAD_OF_SHOULDER 0.235 /* as much, from one shoulder half of a breadth aside */

/* The unit of an eye's size and the direction of the line of the eyes, as far as they are known. */
struct eye_line {
    double unit, angle;
    bool known; /* the direction */
};

/* Takes the pair's measure where it is the largest so far: the longest line has the least error in
 * its direction as well. */
static void measure(struct eye_line *line, const struct vanon_joint *from,
                    const struct vanon_joint *to, double factor)
{
    double unit;

    if (!from->seen || !to->seen)
        return;
    unit = factor * vanon_joint_distance(from, to);
    if (unit > line->unit)
        *line = (struct eye_line){unit, atan2(to->y - from->y, to->x - from->x), true};
}

static double pair_distance(const struct vanon_joint *a, const struct vanon_joint *b)
{
    return a->seen && b->seen ? vanon_joint_distance(a, b) : 0;
}

static struct eye_line measure_eyes(const struct vanon_person *person)
{
    const struct vanon_joint *joint = person->joint;
    const vanon_box *box = &person->object->box;
    struct eye_line line = {0};
    bool ear = (joint[VANON_LEFT_EYE].seen && joint[VANON_LEFT_EAR].seen) ||
               (joint[VANON_RIGHT_EYE].seen && joint[VANON_RIGHT_EAR].seen);

    measure(&line, &joint[VANON_RIGHT_EYE], &joint[VANON_LEFT_EYE], 1);
    measure(&line, &joint[VANON_LEFT_EYE], &joint[VANON_LEFT_EAR], EYE_OF_EAR);
    measure(&line, &joint[VANON_RIGHT_EAR], &joint[VANON_RIGHT_EYE], EYE_OF_EAR);
    if (!ear) {
        line.unit = fmax(line.unit, pair_distance(&joint[VANON_NOSE], &joint[VANON_LEFT_EYE]));
        line.unit = fmax(line.unit, pair_distance(&joint[VANON_NOSE], &joint[VANON_RIGHT_EYE]));
    }
    if (line.unit <= 0)
        line.unit = EYE_OF_BOX * ((double)box->y1 - box->y0);
    line.unit = fmax(line.unit, EYE_LEAST);
    return line;
}

/* As measure_eyes; a head that is nodded or turned away does not get smaller than its body says. */
static struct eye_line measure_head(const struct vanon_person *person)
{
    const struct vanon_joint *joint = person->joint;
    struct eye_line line = measure_eyes(person);

    line.unit = fmax(line.unit, EYE_OF_STATURE * person->stature);
    line.unit = fmax(line.unit,
                     EYE_OF_EARS * pair_distance(&joint[VANON_LEFT_EAR], &joint[VANON_RIGHT_EAR]));
    return line;
}

/* One that is seen, or beside the other one: behind it in a head seen from the side, farther by a
 * whole unit in one seen from the front. */
static struct vanon_joint eye_of(const struct vanon_person *person, int eye,
                                 const struct eye_line *line)
{
    double off = EYE_OFF * measure_head(person).unit; /* the seen eye's ear may be near */
    double way = eye == VANON_LEFT_EYE ? off : -off;
    struct vanon_joint at = person->joint[eye];

    if (at.seen)
        return at;
    at = person->joint[eye == VANON_LEFT_EYE ? VANON_RIGHT_EYE : VANON_LEFT_EYE];
    at.off = off;
    if (line->known) {
        at.x += way * cos(line->angle);
        at.y += way * sin(line->angle);
    }
    return at;
}

/* Neither is seen: both in one circle, where nose, ears, or the rest of the body say. */
static int add_unseen_eyes(const struct vanon_person *person)
{
    double unit = fmax(EYE_LEAST, EYE_OF_STATURE * person->stature);
    const struct vanon_joint *joint = person->joint;
    const struct vanon_joint *left = &joint[VANON_LEFT_EAR], *right = &joint[VANON_RIGHT_EAR];
    struct vanon_joint at = joint[VANON_NOSE], ears = vanon_joint_middle(left, right);
    vanon_point up = vanon_person_up(person);

    if (at.seen) {
        at.x += EYES_ABOVE * unit * up.x;
        at.y += EYES_ABOVE * unit * up.y;
        return vanon_person_circle(person, &at, EYES_ROUND * unit);
    }
    if (ears.seen && fmax(left->visibility, right->visibility) >= VANON_SURE)
        return VANON_OK; /* a face that is turned away */
    if (ears.seen)
        return vanon_person_circle(
            person, &ears,
            fmax(left->seen && right->seen ? EYES_ROUND * unit : EYES_OF_EAR * unit,
                 pair_distance(left, right) / 2));
    at = vanon_person_guess(person, VANON_NOSE);
    return at.seen ? vanon_person_circle(person, &at, EYES_ROUND * unit) : VANON_OK;
}

int vanon_add_eyes(const struct vanon_person *person)
{
    struct eye_line line = measure_eyes(person);
    int status = VANON_OK;

    if (!person->joint[VANON_LEFT_EYE].seen && !person->joint[VANON_RIGHT_EYE].seen)
        return vanon_person_is_somebody(person) ? add_unseen_eyes(person) : VANON_OK;
    for (int eye = VANON_LEFT_EYE; eye <= VANON_RIGHT_EYE && !status; eye++) {
        struct vanon_joint at = eye_of(person, eye, &line);

        if (!person->joint[eye].seen && !vanon_person_is_somebody(person))
            continue;
        status = vanon_person_ellipse(person, &at, EYE_ALONG * line.unit, EYE_ACROSS * line.unit,
                                      line.angle);
    }
    return status;
}

/* What is seen of a face, its eyes before its nose. */
static struct vanon_joint front_of(const struct vanon_person *person)
{
    const struct vanon_joint *joint = person->joint;
    struct vanon_joint eyes = vanon_joint_middle(&joint[VANON_LEFT_EYE], &joint[VANON_RIGHT_EYE]);

    return eyes.seen ? eyes : joint[VANON_NOSE];
}

static struct vanon_joint ears_of(const struct vanon_person *person)
{
    return vanon_joint_middle(&person->joint[VANON_LEFT_EAR], &person->joint[VANON_RIGHT_EAR]);
}

/* A face whose line of eyes is known: from the outermost joints along it, and as high as faces are
 * across. */
static int add_turned_face(const struct vanon_person *person, const struct eye_line *line)
{
    double c = cos(line->angle), s = sin(line->angle), least = INFINITY, most = -INFINITY;
    const struct vanon_joint *nose = &person->joint[VANON_NOSE];
    struct vanon_joint at = front_of(person); /* an eye is seen where the line is known */
    double level = at.y * c - at.x * s, down = 1, along;

    for (int i = VANON_NOSE; i <= VANON_RIGHT_EAR; i++)
        if (person->joint[i].seen) {
            along = person->joint[i].x * c + person->joint[i].y * s;
            least = fmin(least, along);
            most = fmax(most, along);
        }
    /* A nose far above the eyes: the model has taken left for right. */
    if (nose->seen && nose->y * c - nose->x * s < level - NOSE_BELOW / 2 * line->unit)
        down = -1;
    level += down * FACE_CENTRE * line->unit;
    along = (least + most) / 2;
    at.x = along * c - level * s;
    at.y = along * s + level * c;
    return vanon_person_ellipse(
        person, &at, fmax(FACE_ALONG * line->unit, (most - least) / 2 + FACE_BEYOND * line->unit),
        FACE_ACROSS * line->unit, line->angle);
}

/* A circle of the least radius that holds each joint of the face by `beyond`. */
static int add_around(const struct vanon_person *person, const struct vanon_joint *at,
                      double radius, double beyond)
{
    for (int i = VANON_NOSE; i <= VANON_RIGHT_EAR; i++)
        if (person->joint[i].seen)
            radius = fmax(radius, vanon_joint_distance(&person->joint[i], at) + beyond);
    return vanon_person_circle(person, at, radius);
}

int vanon_add_face(const struct vanon_person *person)
{
    struct eye_line line = measure_head(person);
    struct vanon_joint at = front_of(person);

    if (line.known)
        return add_turned_face(person, &line);
    if (!at.seen)
        at = ears_of(person);
    if (!at.seen)
        at = vanon_person_guess(person, VANON_NOSE);
    return at.seen ? add_around(person, &at, FACE_UNKNOWN * line.unit, FACE_BEYOND * line.unit)
                   : VANON_OK;
}

/* From the joints of the face; false: there are none. */
static bool place_head(const struct vanon_person *person, double unit, struct vanon_joint *at,
                       double *radius)
{
    const struct vanon_joint *joint = person->joint;
    struct vanon_joint front = front_of(person), ears = ears_of(person);
    bool eyes = joint[VANON_LEFT_EYE].seen && joint[VANON_RIGHT_EYE].seen;
    bool both = joint[VANON_LEFT_EAR].seen && joint[VANON_RIGHT_EAR].seen;

    *at = vanon_joint_middle(&front, &ears);
    if (front.seen && ears.seen)
        *radius = fmax(HEAD_ROUND * unit, HEAD_BEHIND * unit + vanon_joint_distance(&ears, at));
    else if (front.seen)
        *radius = (eyes ? HEAD_EYES : HEAD_ONE) * unit;
    else
        *radius = (both ? HEAD_ROUND : HEAD_EAR) * unit;
    return at->seen;
}

/* From the shoulders, or whatever else is seen of the body. */
static int add_head_above(const struct vanon_person *person)
{
    const struct vanon_joint *joint = person->joint;
    const struct vanon_joint *left = &joint[VANON_LEFT_SHOULDER];
    const struct vanon_joint *right = &joint[VANON_RIGHT_SHOULDER];
    struct vanon_joint at = vanon_joint_middle(left, right);
    vanon_point up = vanon_person_up(person);
    bool both = left->seen && right->seen;

    if (!at.seen) {
        at = vanon_person_guess(person, VANON_NOSE);
        return at.seen ? vanon_person_circle(person, &at, HEAD_OF_STATURE * person->stature)
                       : VANON_OK;
    }
    at.x += up.x * HEAD_ABOVE * person->stature;
    at.y += up.y * HEAD_ABOVE * person->stature;
    return vanon_person_circle(person, &at,
                               (both ? HEAD_OF_STATURE : HEAD_OF_SHOULDER) * person->stature);
}

int vanon_add_head(const struct vanon_person *person)
{
    double unit = measure_head(person).unit, radius;
    struct vanon_joint at;

    if (!place_head(person, unit, &at, &radius))
        return add_head_above(person);
    return add_around(person, &at, radius, HEAD_BEYOND * unit);
}
