/* SPDX-License-Identifier: Apache-2.0 */
#include "track/fill.h"

#include <math.h>

#include "base/joint.h"
#include "track/motion.h"

#define ENOUGH_JOINTS 3
#define NEAR          0.1  /* of the size: nearer joints tell no more than this near */
#define BOX_WEIGHT    0.25 /* of a joint's at that distance */

/* A mean of movements. */
struct mean {
    double x, y, weight;
    size_t count;
};

static void add(struct mean *mean, double x, double y, double weight)
{
    mean->x += weight * x;
    mean->y += weight * y;
    mean->weight += weight;
    mean->count++;
}

static vanon_point result(const struct mean *mean)
{
    return (vanon_point){(float)(mean->x / mean->weight), (float)(mean->y / mean->weight)};
}

static size_t joints_of(const struct vanon_sight *from, const struct vanon_sight *to)
{
    return from->object->skeleton == to->object->skeleton ? from->object->keypoints : 0;
}

static vanon_point box_moved(const struct vanon_sight *from, const struct vanon_sight *to)
{
    vanon_point a = vanon_box_centre(&from->object->box), b = vanon_box_centre(&to->object->box);

    return (vanon_point){b.x - a.x, b.y - a.y};
}

vanon_point vanon_sight_moved(const struct vanon_sight *from, const struct vanon_sight *to)
{
    struct mean mean = {0};

    for (size_t i = 0; i < joints_of(from, to); i++)
        if (vanon_joint_seen(&from->joint[i]) && vanon_joint_seen(&to->joint[i]))
            add(&mean, (double)to->joint[i].x - from->joint[i].x,
                (double)to->joint[i].y - from->joint[i].y, 1);
    return mean.count >= ENOUGH_JOINTS ? result(&mean) : box_moved(from, to);
}

vanon_point vanon_sight_moved_at(const struct vanon_sight *from, const struct vanon_sight *to,
                                 float x, float y)
{
    double near = NEAR * vanon_box_size(&from->object->box);
    vanon_point box = box_moved(from, to);
    struct mean mean = {0};

    for (size_t i = 0; i < joints_of(from, to); i++) {
        const vanon_keypoint *a = &from->joint[i], *b = &to->joint[i];
        double distance;

        if (!vanon_joint_seen(a) || !vanon_joint_seen(b))
            continue;
        distance = hypot((double)a->x - x, (double)a->y - y) / near;
        add(&mean, (double)b->x - a->x, (double)b->y - a->y, 1 / (1 + distance * distance));
    }
    if (!mean.count)
        return box; /* as it is, also where a weight would round it */
    add(&mean, box.x, box.y, BOX_WEIGHT / (1 + 0.25 / (NEAR * NEAR)));
    return result(&mean);
}

vanon_point vanon_sight_speed(const struct vanon_sight *from, const struct vanon_sight *to)
{
    vanon_point moved = vanon_sight_moved(from, to);
    double time = to->time - from->time;
    double most = VANON_FASTEST * fabs(time) * vanon_box_size(&to->object->box);

    if (time == 0 || !(hypot(moved.x, moved.y) <= most))
        return (vanon_point){0, 0};
    return (vanon_point){(float)(moved.x / time), (float)(moved.y / time)};
}

/* Along one axis: what the curve adds to the line, whose length is `whole`. */
static double bend(double share, double whole, bool leaves, double leaving, bool arrives,
                   double arriving)
{
    double rest = 1 - share;

    return (leaves ? (leaving - whole) * share * rest * rest : 0) -
           (arrives ? (arriving - whole) * share * share * rest : 0);
}

vanon_point vanon_way_bend(const struct vanon_way *way, double share)
{
    vanon_point whole = vanon_sight_moved(&way->from, &way->to);
    double time = way->to.time - way->from.time;

    return (vanon_point){(float)bend(share, whole.x, way->leaves, way->leaving.x * time,
                                     way->arrives, way->arriving.x * time),
                         (float)bend(share, whole.y, way->leaves, way->leaving.y * time,
                                     way->arrives, way->arriving.y * time)};
}

static float between(float from, float to, double share)
{
    return (float)(from + share * ((double)to - from));
}

vanon_box vanon_way_box(const struct vanon_way *way, double share)
{
    const vanon_box *from = &way->from.object->box, *to = &way->to.object->box;
    vanon_point off = vanon_way_bend(way, share);

    return (vanon_box){
        between(from->x0, to->x0, share) + off.x, between(from->y0, to->y0, share) + off.y,
        between(from->x1, to->x1, share) + off.x, between(from->y1, to->y1, share) + off.y};
}

vanon_keypoint vanon_way_joint(const struct vanon_way *way, size_t joint, double share)
{
    const vanon_keypoint *from = &way->from.joint[joint], *to = &way->to.joint[joint];
    vanon_point off = vanon_way_bend(way, share);

    return (vanon_keypoint){between(from->x, to->x, share) + off.x,
                            between(from->y, to->y, share) + off.y,
                            fminf(from->visibility, to->visibility)};
}

float vanon_faded(float visibility, double doubt)
{
    /* A visibility that is no number is the least that counts, too. */
    return visibility - doubt > VANON_JOINT_VISIBLE ? (float)(visibility - doubt)
                                                    : VANON_JOINT_VISIBLE;
}
