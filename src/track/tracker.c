/* SPDX-License-Identifier: Apache-2.0 */
#include "track/tracker.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/joint.h"
#include "base/log.h"
#include "base/memory.h"
#include "pixels/frame.h"

#define LEAST_OVERLAP 0.2 /* of a track's box with a detection's: intersection over union */

/* Objects as they were last given out, and how long ago each was really found. */
struct tracks {
    vanon_object_list objects;
    int *unseen;       /* frames, for each object */
    int *joint_unseen; /* frames, for each of the list's keypoints */
    size_t capacity, joint_capacity;
};

struct pair {
    double overlap;
    size_t track, detection;
};

struct vanon_tracker {
    const vanon_options *options;
    const vanon_log *log;
    int64_t last_id;
    double width, height; /* of the last frame's display; 0: there was none */
    struct tracks now, next;

    /* of one push; kept for the next */
    struct pair *pair;
    size_t pairs, pair_capacity;
    size_t *match; /* for each detection: the track, or NONE */
    size_t match_capacity;
    bool *taken; /* for each track */
    size_t taken_capacity;

    vanon_object_list *queue; /* finished frames, the oldest first; the others are empty */
    size_t queued, queue_capacity;
    bool drained;
};

#define NONE SIZE_MAX

int vanon_tracker_create(vanon_tracker **out, const vanon_options *options, const vanon_log *log)
{
    vanon_tracker *tracker = calloc(1, sizeof *tracker);

    if (!tracker)
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a tracker");
    tracker->options = options;
    tracker->log = log;
    *out = tracker;
    return VANON_OK;
}

static void free_tracks(struct tracks *tracks)
{
    vanon_object_list_free(&tracks->objects);
    free(tracks->unseen);
    free(tracks->joint_unseen);
}

void vanon_tracker_destroy(vanon_tracker **pointer)
{
    vanon_tracker *tracker = *pointer;

    if (!tracker)
        return;
    free_tracks(&tracker->now);
    free_tracks(&tracker->next);
    for (size_t i = 0; i < tracker->queue_capacity; i++)
        vanon_object_list_free(&tracker->queue[i]);
    free(tracker->queue);
    free(tracker->pair);
    free(tracker->match);
    free(tracker->taken);
    free(tracker);
    *pointer = NULL;
}

static double area(const vanon_box *box)
{
    double width = (double)box->x1 - box->x0, height = (double)box->y1 - box->y0;

    return width > 0 && height > 0 ? width * height : 0;
}

/* Intersection over union; 0 for boxes without an area, not a number for infinite ones. */
static double box_overlap(const vanon_box *a, const vanon_box *b)
{
    const vanon_box both = {fmaxf(a->x0, b->x0), fmaxf(a->y0, b->y0), fminf(a->x1, b->x1),
                            fminf(a->y1, b->y1)};
    double area_a = area(a), area_b = area(b), common = area(&both);

    return area_a > 0 && area_b > 0 ? common / (area_a + area_b - common) : 0;
}

/* The largest overlap first; equal ones in the order of track and detection, so that no result
 * depends on the sort. */
static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;

    if (a->overlap != b->overlap)
        return a->overlap > b->overlap ? -1 : 1;
    if (a->track != b->track)
        return a->track < b->track ? -1 : 1;
    return a->detection < b->detection ? -1 : a->detection > b->detection;
}

static int list_pairs(vanon_tracker *tracker, const vanon_object_list *detections)
{
    const vanon_object_list *tracks = &tracker->now.objects;

    tracker->pairs = 0;
    for (size_t i = 0; i < tracks->count; i++)
        for (size_t j = 0; j < detections->count; j++) {
            const vanon_object *track = &tracks->object[i], *found = &detections->object[j];
            double overlap = box_overlap(&track->box, &found->box);

            if (!(overlap >= LEAST_OVERLAP) || track->class_id != found->class_id ||
                track->skeleton != found->skeleton)
                continue;
            if (vanon_grow(&tracker->pair, &tracker->pair_capacity, tracker->pairs + 1,
                           sizeof *tracker->pair))
                return VANON_ERR_MEMORY;
            tracker->pair[tracker->pairs++] = (struct pair){overlap, i, j};
        }
    return VANON_OK;
}

/* Fills in `match` and `taken`. */
static int match(vanon_tracker *tracker, const vanon_object_list *detections)
{
    size_t tracks = tracker->now.objects.count;

    if (vanon_grow(&tracker->match, &tracker->match_capacity, detections->count,
                   sizeof *tracker->match) ||
        vanon_grow(&tracker->taken, &tracker->taken_capacity, tracks, sizeof *tracker->taken) ||
        list_pairs(tracker, detections))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < detections->count; i++)
        tracker->match[i] = NONE;
    for (size_t i = 0; i < tracks; i++)
        tracker->taken[i] = false;
    if (tracker->pairs)
        qsort(tracker->pair, tracker->pairs, sizeof *tracker->pair, compare_pairs);
    for (size_t i = 0; i < tracker->pairs; i++) {
        const struct pair *pair = &tracker->pair[i];

        if (tracker->taken[pair->track] || tracker->match[pair->detection] != NONE)
            continue;
        tracker->taken[pair->track] = true;
        tracker->match[pair->detection] = pair->track;
    }
    return VANON_OK;
}

/* Appends a copy of an object of `from`; its ages are zero. */
static int add_track(struct tracks *tracks, const vanon_object_list *from,
                     const vanon_object *object, vanon_object **out)
{
    vanon_object_list *list = &tracks->objects;

    if (vanon_grow(&tracks->unseen, &tracks->capacity, list->count + 1, sizeof *tracks->unseen) ||
        vanon_grow(&tracks->joint_unseen, &tracks->joint_capacity,
                   list->keypoints + object->keypoints, sizeof *tracks->joint_unseen) ||
        vanon_object_list_copy(list, from, object))
        return VANON_ERR_MEMORY;
    *out = &list->object[list->count - 1];
    tracks->unseen[list->count - 1] = 0;
    for (size_t i = 0; i < object->keypoints; i++)
        tracks->joint_unseen[(*out)->first_keypoint + i] = 0;
    return VANON_OK;
}

/* Joints that the new `object` lacks and `old`, the same person before, had. */
static void hold_joints(vanon_tracker *tracker, const vanon_object *object, const vanon_object *old)
{
    const vanon_box *to = &object->box, *from = &old->box;
    float dx = (to->x0 + to->x1 - from->x0 - from->x1) / 2;
    float dy = (to->y0 + to->y1 - from->y0 - from->y1) / 2;
    vanon_keypoint *joints = vanon_object_keypoints(&tracker->next.objects, object);
    const vanon_keypoint *had = vanon_object_keypoints(&tracker->now.objects, old);
    const int *had_unseen = tracker->now.joint_unseen + old->first_keypoint;

    for (size_t i = 0; i < object->keypoints; i++) {
        if (vanon_joint_seen(&joints[i]) || !vanon_joint_seen(&had[i]) ||
            had_unseen[i] >= tracker->options->ttl_frames)
            continue;
        joints[i] = (vanon_keypoint){had[i].x + dx, had[i].y + dy, VANON_JOINT_VISIBLE};
        tracker->next.joint_unseen[object->first_keypoint + i] = had_unseen[i] + 1;
    }
}

static int add_seen(vanon_tracker *tracker, const vanon_object_list *detections, size_t index)
{
    size_t matched = tracker->match[index];
    vanon_object *object;

    if (add_track(&tracker->next, detections, &detections->object[index], &object))
        return VANON_ERR_MEMORY;
    object->seen = true;
    if (matched == NONE) {
        object->id = ++tracker->last_id;
    } else {
        const vanon_object *old = &tracker->now.objects.object[matched];
        object->id = old->id;
        if (object->keypoints)
            hold_joints(tracker, object, old);
    }
    return VANON_OK;
}

/* A track that nothing was found for goes on as it was, until it is too old. */
static int add_unseen(vanon_tracker *tracker, size_t index)
{
    const struct tracks *now = &tracker->now;
    const vanon_object *old = &now->objects.object[index];
    vanon_object *object;

    if (now->unseen[index] >= tracker->options->ttl_frames)
        return VANON_OK;
    if (add_track(&tracker->next, &now->objects, old, &object))
        return VANON_ERR_MEMORY;
    object->seen = false;
    tracker->next.unseen[tracker->next.objects.count - 1] = now->unseen[index] + 1;
    for (size_t i = 0; i < object->keypoints; i++)
        tracker->next.joint_unseen[object->first_keypoint + i] =
            now->joint_unseen[old->first_keypoint + i] + 1;
    return VANON_OK;
}

/* Queues the tracks as the frame's objects. */
static int give_out(vanon_tracker *tracker)
{
    const vanon_object_list *objects = &tracker->now.objects;
    vanon_object_list *list;

    if (vanon_grow(&tracker->queue, &tracker->queue_capacity, tracker->queued + 1,
                   sizeof *tracker->queue))
        return VANON_ERR_MEMORY;
    list = &tracker->queue[tracker->queued];
    vanon_object_list_clear(list);
    for (size_t i = 0; i < objects->count; i++)
        if (vanon_object_list_copy(list, objects, &objects->object[i]))
            return VANON_ERR_MEMORY;
    tracker->queued++;
    return VANON_OK;
}

static int follow(vanon_tracker *tracker, const vanon_object_list *detections)
{
    struct tracks before;
    int status = match(tracker, detections);

    vanon_object_list_clear(&tracker->next.objects);
    for (size_t i = 0; i < detections->count && !status; i++)
        status = add_seen(tracker, detections, i);
    for (size_t i = 0; i < tracker->now.objects.count && !status; i++)
        if (!tracker->taken[i])
            status = add_unseen(tracker, i);
    if (status)
        return status;
    before = tracker->now;
    tracker->now = tracker->next;
    tracker->next = before;
    return give_out(tracker);
}

int vanon_tracker_push(vanon_tracker *tracker, const vanon_frame *frame,
                       const vanon_object_list *detections)
{
    double width, height;
    int status;

    if (tracker->drained)
        return vanon_fail(tracker->log, VANON_ERR_STATE, "tracker: a frame after the last");
    vanon_frame_display_size(frame, &width, &height);
    if (width != tracker->width || height != tracker->height)
        vanon_object_list_clear(&tracker->now.objects);
    tracker->width = width;
    tracker->height = height;
    status = follow(tracker, detections);
    if (status)
        return vanon_fail(tracker->log, status, "tracker: no memory for %zu objects",
                          detections->count);
    return VANON_OK;
}

int vanon_tracker_pull(vanon_tracker *tracker, vanon_object_list *objects)
{
    vanon_object_list oldest, spare = *objects;

    if (!tracker->queued)
        return tracker->drained ? VANON_ERR_EOF : VANON_ERR_AGAIN;
    /* The caller's memory takes the place of what it gets: nothing is allocated. */
    oldest = tracker->queue[0];
    vanon_object_list_clear(&spare);
    tracker->queued--;
    memmove(tracker->queue, tracker->queue + 1, tracker->queued * sizeof *tracker->queue);
    tracker->queue[tracker->queued] = spare;
    *objects = oldest;
    return VANON_OK;
}

void vanon_tracker_drain(vanon_tracker *tracker)
{
    tracker->drained = true;
}

void vanon_tracker_reset(vanon_tracker *tracker)
{
    vanon_object_list_clear(&tracker->now.objects);
    for (size_t i = 0; i < tracker->queued; i++)
        vanon_object_list_clear(&tracker->queue[i]);
    tracker->queued = 0;
    tracker->last_id = 0;
    tracker->width = tracker->height = 0;
    tracker->drained = false;
}

size_t vanon_tracker_latency(const vanon_tracker *tracker)
{
    (void)tracker;
    return 0;
}
