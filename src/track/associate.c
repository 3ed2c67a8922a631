/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two passes, as in ByteTrack (Zhang et al. 2022): detections that count against all tracks, then
 * those of low score against the tracks that are left; a third one for tracks that don't count yet.
 * What a pair gains is how well boxes overlap, and how near joints are, as in COCO's keypoint
 * similarity. Boxes of a track that was not seen for a while, or only once, are widened by what its
 * motion leaves uncertain, as in C-BIoU (Yang et al. 2023).
 */
#include "track/internal.h"

#include <math.h>

#include <vanon/status.h>

#include "base/joint.h"
#include "base/memory.h"

#define LEAST_OVERLAP     0.2 /* intersection over union */
#define LEAST_OVERLAP_LOW 0.4 /* of a detection of low score */
#define LEAST_NEARNESS    0.5 /* of joints, where boxes don't overlap enough */
#define JOINT_NEAR        0.1 /* of the size: the standard deviation of a joint's place */
#define ENOUGH_JOINTS     3
#define MOST_WIDENING     0.5  /* of the size */
#define SLACK             0.25 /* of the size: what is no motion, but the detector's error */

static double area(const vanon_box *box)
{
    double width = (double)box->x1 - box->x0, height = (double)box->y1 - box->y0;

    return width > 0 && height > 0 ? width * height : 0;
}

/* Intersection over union; 0 for boxes without an area, not a number for infinite ones. */
static double overlap_of(const vanon_box *a, const vanon_box *b)
{
    const vanon_box both = {fmaxf(a->x0, b->x0), fmaxf(a->y0, b->y0), fminf(a->x1, b->x1),
                            fminf(a->y1, b->y1)};
    double area_a = area(a), area_b = area(b), common = area(&both);

    return area_a > 0 && area_b > 0 ? common / (area_a + area_b - common) : 0;
}

/* A box without an area stays one. */
static vanon_box widened(const vanon_box *box, double by)
{
    float margin = area(box) > 0 ? (float)by : 0;

    return (vanon_box){box->x0 - margin, box->y0 - margin, box->x1 + margin, box->y1 + margin};
}

/* 0 to 1; negative where too few joints are seen in both. `moved` and `doubt`: how far the body is
 * thought to be from where it was last, and how certainly so. */
static double nearness_of(const struct vanon_sight *last, const struct vanon_sight *found,
                          vanon_point moved, double doubt)
{
    double near = JOINT_NEAR * vanon_box_size(&last->object->box) + doubt, likeness;
    size_t count = vanon_joints_likeness(last->joint, found->joint, last->object->keypoints, moved,
                                         near, &likeness);

    return count >= ENOUGH_JOINTS ? likeness : -1;
}

/* Nobody gets so far in that time. Eyes do, by their own size. */
static bool is_too_far(const struct vanon_sight *last, const struct vanon_sight *found)
{
    vanon_point moved = vanon_sight_moved(last, found);
    double most = SLACK + VANON_FASTEST * (found->time - last->time);

    return last->object->class_id == VANON_CLASS_PERSON &&
           !(hypot(moved.x, moved.y) <= most * vanon_box_size(&last->object->box));
}

/* False: they can't be the same. */
static bool are_alike(const struct vanon_sight *last, const struct vanon_sight *found)
{
    return last->object->class_id == found->object->class_id &&
           last->object->skeleton == found->object->skeleton && !is_too_far(last, found);
}

static struct vanon_sight last_of(const struct vanon_track *track)
{
    const vanon_object *object = &track->last.object[0];

    return (struct vanon_sight){object, vanon_object_keypoints(&track->last, object),
                                track->last_time};
}

/* What it gains to take the detection for the track: 0 to 1, 0 where they can't be the same. */
static double likeness(const struct vanon_track *track, const struct vanon_sight *found,
                       double least_overlap)
{
    struct vanon_sight last = last_of(track);
    vanon_box box = vanon_motion_box(&track->motion);
    vanon_point was = vanon_box_centre(&last.object->box), is = vanon_box_centre(&box);
    double doubt = 0, overlap, nearness;
    vanon_box mine, theirs;

    if (!are_alike(&last, found))
        return 0;
    if (track->apart > 1 ||
        track->found == 1) /* not seen the frame before, or without a speed yet */
        doubt = fmin(vanon_motion_spread(&track->motion), MOST_WIDENING * vanon_box_size(&box));
    mine = widened(&box, doubt);
    theirs = widened(&found->object->box, doubt);
    overlap = overlap_of(&mine, &theirs);
    nearness = nearness_of(&last, found, (vanon_point){is.x - was.x, is.y - was.y}, doubt);
    if (!(overlap >= least_overlap) && !(nearness >= LEAST_NEARNESS))
        return 0;
    if (!(overlap >= 0))
        overlap = 0;
    return nearness >= 0 ? (overlap + nearness) / 2 : overlap;
}

bool vanon_tracker_counts(const vanon_tracker *tracker, const vanon_object *detection)
{
    /* A file's objects are all meant. */
    return detection->class_id != VANON_CLASS_PERSON ||
           tracker->options->detector == VANON_DETECTOR_REPLAY ||
           !(detection->score < (float)tracker->options->confidence);
}

/* Which detections and which tracks are paired. */
struct pass {
    double least_overlap;
    bool low;     /* detections of a score that does not count by itself */
    bool high;    /* those of another one */
    bool unknown; /* tracks that don't count yet, instead of those that do */
};

/* In this order. Who does not count yet takes nothing away from somebody who does. */
static const struct pass passes[] = {
    {.high = true, .least_overlap = LEAST_OVERLAP},
    {.low = true, .least_overlap = LEAST_OVERLAP_LOW},
    {.high = true, .low = true, .unknown = true, .least_overlap = LEAST_OVERLAP},
};

/* Lists what takes part in a pass and has no partner yet. */
static int choose(vanon_tracker *tracker, const vanon_object_list *detections,
                  const struct pass *pass, size_t *rows, size_t *columns)
{
    *rows = *columns = 0;
    if (vanon_grow(&tracker->row, &tracker->row_capacity, tracker->tracks, sizeof *tracker->row) ||
        vanon_grow(&tracker->column, &tracker->column_capacity, detections->count,
                   sizeof *tracker->column))
        return VANON_ERR_MEMORY;
    for (size_t j = 0; j < detections->count; j++) {
        const vanon_object *detection = &detections->object[j];
        bool wanted = vanon_tracker_counts(tracker, detection) ? pass->high : pass->low;

        if (wanted && detection->seen && !detection->id && tracker->match[j] == VANON_UNASSIGNED)
            tracker->column[(*columns)++] = j;
    }
    for (size_t i = 0; i < tracker->tracks; i++) {
        const struct vanon_track *track = &tracker->track[i];
        bool taken = track->ended || track->given || !track->id != pass->unknown;

        for (size_t j = 0; j < detections->count && !taken; j++)
            taken = tracker->match[j] == i;
        if (!taken)
            tracker->row[(*rows)++] = i;
    }
    return VANON_OK;
}

static int pair(vanon_tracker *tracker, const vanon_object_list *detections, double time,
                const struct pass *pass)
{
    size_t rows, columns;

    if (choose(tracker, detections, pass, &rows, &columns))
        return VANON_ERR_MEMORY;
    if (vanon_grow(&tracker->gain, &tracker->gain_capacity, rows * columns,
                   sizeof *tracker->gain) ||
        vanon_grow(&tracker->column_of, &tracker->column_of_capacity, rows,
                   sizeof *tracker->column_of))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const vanon_object *object = &detections->object[tracker->column[j]];
            struct vanon_sight found = {object, vanon_object_keypoints(detections, object), time};

            tracker->gain[i * columns + j] =
                likeness(&tracker->track[tracker->row[i]], &found, pass->least_overlap);
        }
    if (vanon_assign(&tracker->assign, tracker->gain, rows, columns, tracker->column_of))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < rows; i++)
        if (tracker->column_of[i] != VANON_UNASSIGNED)
            tracker->match[tracker->column[tracker->column_of[i]]] = tracker->row[i];
    return VANON_OK;
}

/* Detections that come with an identity belong to the track that had it before, unless they are too
 * far away to be the same. */
static void match_given(vanon_tracker *tracker, const vanon_object_list *detections, double time)
{
    for (size_t i = 0; i < tracker->tracks; i++) {
        const struct vanon_track *track = &tracker->track[i];
        struct vanon_sight last = last_of(track);

        for (size_t j = 0; j < detections->count && !track->ended && track->given; j++) {
            const vanon_object *object = &detections->object[j];
            struct vanon_sight found = {object, vanon_object_keypoints(detections, object), time};

            if (object->seen && object->id == track->given &&
                tracker->match[j] == VANON_UNASSIGNED && are_alike(&last, &found)) {
                tracker->match[j] = i;
                break;
            }
        }
    }
}

/* Without pictures: three at least were there a frame ago, hardly anybody goes on, and at least
 * half as many came. A detector that fails for a moment brings nobody new. */
static bool is_cut(const vanon_tracker *tracker, const vanon_object_list *detections)
{
    size_t were = 0, matched = 0, came = 0;

    for (size_t i = 0; i < tracker->tracks; i++)
        were += !tracker->track[i].ended && tracker->track[i].id && tracker->track[i].unseen == 1;
    for (size_t j = 0; j < detections->count; j++)
        if (tracker->match[j] != VANON_UNASSIGNED)
            matched += tracker->track[tracker->match[j]].id != 0;
        else
            came +=
                detections->object[j].seen && vanon_tracker_counts(tracker, &detections->object[j]);
    return were >= 3 && 4 * matched <= were && 2 * came >= were;
}

int vanon_tracker_associate(vanon_tracker *tracker, const vanon_object_list *detections,
                            double time, enum vanon_scene *scene)
{
    int status = VANON_OK;

    if (vanon_grow(&tracker->match, &tracker->match_capacity, detections->count,
                   sizeof *tracker->match))
        return VANON_ERR_MEMORY;
    for (size_t j = 0; j < detections->count; j++)
        tracker->match[j] = VANON_UNASSIGNED;
    match_given(tracker, detections, time);
    for (size_t i = 0; i < VANON_COUNT(passes) && !status; i++)
        status = pair(tracker, detections, time, &passes[i]);
    if (status)
        return status;
    if (*scene == VANON_SCENE_UNKNOWN && is_cut(tracker, detections)) {
        *scene = VANON_SCENE_CUT;
        for (size_t j = 0; j < detections->count; j++)
            tracker->match[j] = VANON_UNASSIGNED;
    }
    return VANON_OK;
}
