/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "regions/person.h"

#define BOX_WIDER 0.05 /* of its longer side, on each side: boxes cut off fingers and hair */

/* Shares of stature. */
#define FLANK 0.085 /* 15 cm beside the line from shoulder to hip */
#define NECK  0.075 /* 13 cm above and below the line of the shoulders */

/* The joints between which trunk and legs lie. */
static const enum vanon_joint_name outline[] = {
    VANON_LEFT_SHOULDER, VANON_RIGHT_SHOULDER, VANON_LEFT_HIP,   VANON_RIGHT_HIP,
    VANON_LEFT_KNEE,     VANON_RIGHT_KNEE,     VANON_LEFT_ANKLE, VANON_RIGHT_ANKLE,
};
#define OUTLINE VANON_COUNT(outline)

/* Only a whole body is drawn along its joints: where one of them is unseen a limb may be anywhere,
 * and the box shows where. */
static bool whole(const struct vanon_person *person)
{
    for (int i = VANON_LEFT_SHOULDER; i <= VANON_RIGHT_ANKLE; i++)
        if (!person->joint[i].seen)
            return false;
    return true;
}

static int add_box(const struct vanon_person *person)
{
    const vanon_box *box = &person->object->box;
    double width = fabs((double)box->x1 - box->x0), height = fabs((double)box->y1 - box->y0);
    double wider = BOX_WIDER * fmax(width, height) + person->margin;
    vanon_region *region;

    if (vanon_region_list_add(person->regions, 0, &region))
        return VANON_ERR_MEMORY;
    region->part = person->part;
    region->object = person->object->id;
    region->shape = VANON_SHAPE_BOX;
    region->cx = (float)(((double)box->x0 + box->x1) / 2);
    region->cy = (float)(((double)box->y0 + box->y1) / 2);
    region->rx = (float)(width / 2 + wider);
    region->ry = (float)(height / 2 + wider);
    return VANON_OK;
}

/* Twice the area of the triangle; positive where `c` lies to the right of the way from a to b. */
static double turn(const vanon_point *a, const vanon_point *b, const vanon_point *c)
{
    return ((double)b->x - a->x) * ((double)c->y - a->y) -
           ((double)b->y - a->y) * ((double)c->x - a->x);
}

static void sort_by_x(vanon_point points[], size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j && points[j].x < points[j - 1].x; j--) {
            vanon_point swap = points[j];

            points[j] = points[j - 1];
            points[j - 1] = swap;
        }
}

/* The smallest convex polygon around the points, which it sorts: from left to right along one side,
 * then back along the other. Returns its points in `hull`, at most count + 1. */
static size_t wrap(vanon_point points[], size_t count, vanon_point hull[])
{
    size_t length = 0, base = 0;

    sort_by_x(points, count);
    for (int way = 0; way < 2; way++) {
        for (size_t i = 0; i < count; i++) {
            const vanon_point *next = &points[way ? count - 1 - i : i];

            while (length >= base + 2 && turn(&hull[length - 2], &hull[length - 1], next) <= 0)
                length--;
            hull[length++] = *next;
        }
        base = --length; /* the last one starts the way back, and the first one ends it */
    }
    return length;
}

static int add_hull(const struct vanon_person *person)
{
    vanon_point points[OUTLINE], hull[OUTLINE + 1];
    vanon_region *region;
    size_t count;

    for (size_t i = 0; i < OUTLINE; i++)
        points[i] =
            (vanon_point){(float)person->joint[outline[i]].x, (float)person->joint[outline[i]].y};
    count = wrap(points, OUTLINE, hull);
    if (count < 3) /* all in a line: the capsules hold it */
        return VANON_OK;
    if (vanon_region_list_add(person->regions, count, &region))
        return VANON_ERR_MEMORY;
    region->part = person->part;
    region->object = person->object->id;
    region->shape = VANON_SHAPE_POLYGON;
    for (size_t i = 0; i < count; i++)
        person->regions->point[region->first_point + i] = hull[i];
    return VANON_OK;
}

static int add_trunk(const struct vanon_person *person)
{
    const struct vanon_joint *joint = person->joint;
    int status = VANON_OK;

    for (int side = 0; side < 2 && !status; side++)
        status = vanon_person_capsule(person, &joint[VANON_LEFT_SHOULDER + side],
                                      &joint[VANON_LEFT_HIP + side], FLANK * person->stature);
    return status ? status
                  : vanon_person_capsule(person, &joint[VANON_LEFT_SHOULDER],
                                         &joint[VANON_RIGHT_SHOULDER], NECK * person->stature);
}

int vanon_add_body(const struct vanon_person *person)
{
    /* The hull comes last, as its coarse cells are to lie over the others. */
    static vanon_part_builder *const parts[] = {vanon_add_head, vanon_add_arms, vanon_add_legs,
                                                add_trunk, add_hull};
    int status = VANON_OK;

    if (!whole(person))
        return add_box(person);
    for (size_t i = 0; i < VANON_COUNT(parts) && !status; i++)
        status = parts[i](person);
    return status;
}
