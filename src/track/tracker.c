/* SPDX-License-Identifier: Apache-2.0 */
#include "track/tracker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/log.h"
#include "base/memory.h"
#include "pixels/frame.h"
#include "track/internal.h"
#include "track/move.h"

#define USUAL_STEP   (1.0 / 25) /* seconds a frame, where time stamps don't tell */
#define LONGEST_STEP 10.0
#define FAR_SCALED   2.0
#define FAR_MOVED    16384.0 /* pixels: single precision tells a 500th part of one there */
#define HISTORY      64      /* frames before the one that is pulled, to tell speeds from */

int vanon_tracker_create(vanon_tracker **out, const vanon_options *options, const vanon_log *log)
{
    vanon_tracker *tracker = calloc(1, sizeof *tracker);

    if (!tracker)
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a tracker");
    tracker->options = options;
    tracker->log = log;
    tracker->latency = (size_t)options->look_ahead_frames;
    tracker->place = VANON_MATRIX_IDENTITY;
    *out = tracker;
    if (vanon_camera_create(&tracker->camera)) {
        vanon_tracker_destroy(out);
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a tracker");
    }
    return VANON_OK;
}

void vanon_tracker_use(vanon_tracker *tracker, vanon_surfaces *surfaces)
{
    vanon_camera_use(tracker->camera, surfaces);
}

void vanon_tracker_destroy(vanon_tracker **pointer)
{
    vanon_tracker *tracker = *pointer;

    if (!tracker)
        return;
    for (size_t i = 0; i < tracker->track_capacity; i++) {
        vanon_object_list_free(&tracker->track[i].last);
        vanon_object_list_free(&tracker->track[i].past);
        free(tracker->track[i].known);
    }
    free(tracker->track);
    vanon_camera_destroy(&tracker->camera);
    vanon_object_list_free(&tracker->moved);
    vanon_window_free(&tracker->window);
    vanon_assign_free(&tracker->assign);
    free(tracker->match);
    free(tracker->row);
    free(tracker->column);
    free(tracker->gain);
    free(tracker->column_of);
    free(tracker->filled);
    free(tracker);
    *pointer = NULL;
}

/* Seconds since the last frame. */
static double step_to(const vanon_tracker *tracker, const vanon_frame *frame)
{
    double step = 0;

    if (tracker->window.next && frame->pts != VANON_NO_PTS && tracker->pts != VANON_NO_PTS &&
        frame->time_base.den)
        step = ((double)frame->pts - (double)tracker->pts) * frame->time_base.num /
               frame->time_base.den;
    return step > 0 && step <= LONGEST_STEP ? step : USUAL_STEP;
}

/* `cut`: the newest frame is of another scene. */
static void end_tracks(vanon_tracker *tracker, int64_t until, bool cut)
{
    for (size_t i = 0; i < tracker->tracks; i++) {
        if (cut && !tracker->track[i].ended)
            tracker->track[i].cut = tracker->window.next - 1;
        tracker->track[i].ended = true;
        if (tracker->track[i].until > until)
            tracker->track[i].until = until;
    }
}

/* Appends a track without any sight; the memory of an earlier one is used again. */
static int add_track(vanon_tracker *tracker, struct vanon_track **out)
{
    struct vanon_track *track;

    if (vanon_grow(&tracker->track, &tracker->track_capacity, tracker->tracks + 1,
                   sizeof *tracker->track))
        return VANON_ERR_MEMORY;
    track = &tracker->track[tracker->tracks++];
    *track = (struct vanon_track){
        .number = ++tracker->last_number,
        .counts_from = INT64_MAX,
        .cut = INT64_MAX,
        .from = tracker->scene,
        .until = INT64_MAX,
        .last = track->last,
        .last_place = VANON_NOWHERE,
        .next = VANON_NOWHERE,
        .past = track->past,
        .known = track->known,
        .known_capacity = track->known_capacity,
    };
    *out = track;
    return VANON_OK;
}

/* From now on the track is given out, also in the frames before as far as they were not pulled. */
static void let_count(vanon_tracker *tracker, struct vanon_track *track)
{
    if (track->id)
        return;
    track->id = track->given ? track->given : tracker->last_id + 1;
    if (track->id > tracker->last_id)
        tracker->last_id = track->id;
    track->counts_from = tracker->window.next - 1;
}

/* Takes the detection, of the newest frame, for the track. */
static int see(vanon_tracker *tracker, struct vanon_track *track,
               const vanon_object_list *detections, const vanon_object *detection)
{
    struct vanon_window *window = &tracker->window;
    struct vanon_window_frame *frame = vanon_window_at(window, window->next - 1);
    struct vanon_place place;

    if (vanon_window_see(window, detections, detection, &place))
        return VANON_ERR_MEMORY;
    frame->objects.object[place.index].id = track->number;
    vanon_window_join(window, track->last_place, place);
    if (track->next.frame < 0)
        track->next = place;
    if (track->last_place.frame < 0)
        vanon_motion_start(&track->motion, &detection->box);
    else
        vanon_motion_update(&track->motion, &detection->box);
    track->found++;
    track->given = detection->id;
    if (vanon_tracker_counts(tracker, detection) || track->found >= VANON_CONFIRMED)
        let_count(tracker, track);
    track->last_place = place;
    track->last_time = frame->time;
    track->apart = track->unseen = 0;
    vanon_object_list_clear(&track->last);
    return vanon_object_list_copy(&track->last, detections, detection);
}

/* Sees each detection; what is none, but told to be there, is only noted. */
static int see_all(vanon_tracker *tracker, const vanon_object_list *detections)
{
    int status = VANON_OK;

    for (size_t j = 0; j < detections->count && !status; j++) {
        const vanon_object *detection = &detections->object[j];
        struct vanon_track *track;
        struct vanon_place place;

        if (!detection->seen)
            status = vanon_window_see(&tracker->window, detections, detection, &place);
        else if (tracker->match[j] == VANON_UNASSIGNED && add_track(tracker, &track))
            return VANON_ERR_MEMORY;
        else if (tracker->match[j] == VANON_UNASSIGNED)
            status = see(tracker, track, detections, detection);
        else
            status = see(tracker, &tracker->track[tracker->match[j]], detections, detection);
    }
    return status;
}

/* Another scene; where that is wrong, ttl_frames on both sides make up for it. */
static void cut(vanon_tracker *tracker)
{
    end_tracks(tracker, INT64_MAX, true);
    tracker->scene = tracker->window.next - 1 - tracker->options->ttl_frames;
}

/* Moves all tracks to the newest frame. */
static void predict(vanon_tracker *tracker, double step)
{
    const struct vanon_window *window = &tracker->window;
    int64_t number = window->next - 1;

    for (size_t i = 0; i < tracker->tracks; i++) {
        struct vanon_track *track = &tracker->track[i];

        vanon_motion_predict(&track->motion, step);
        track->apart = number - track->last_place.frame;
        track->unseen = vanon_window_missed(window, track->last_place.frame, number);
        if (track->unseen > vanon_tracker_patience(tracker) + 1)
            track->ended = true;
    }
}

static int follow(vanon_tracker *tracker, enum vanon_scene scene,
                  const vanon_object_list *detections, double step)
{
    double time = vanon_window_at(&tracker->window, tracker->window.next - 1)->time;
    bool told = scene == VANON_SCENE_CUT;

    if (told)
        cut(tracker);
    predict(tracker, step);
    if (vanon_tracker_associate(tracker, detections, time, &scene))
        return VANON_ERR_MEMORY;
    if (scene == VANON_SCENE_CUT && !told)
        cut(tracker);
    return see_all(tracker, detections);
}

/* Adds the frame to the window, and tells what the camera did. */
static int add_frame(vanon_tracker *tracker, const vanon_frame *frame, enum vanon_look look,
                     double step, enum vanon_scene *scene)
{
    struct vanon_window *window = &tracker->window;
    double time = window->next ? vanon_window_at(window, window->next - 1)->time + step : 0;
    struct vanon_camera_step camera;
    int status = vanon_camera_next(tracker->camera, frame, &camera);

    if (status)
        return status;
    *scene = camera.scene;
    tracker->place = vanon_matrix_then(&tracker->place, &camera.moved);
    return vanon_window_add(window, time, look == VANON_LOOK_SEEN);
}

/* Goes over to the newest picture's coordinates. */
static int settle_here(vanon_tracker *tracker)
{
    vanon_matrix by = tracker->place;

    for (size_t i = 0; i < tracker->tracks; i++) {
        struct vanon_track *track = &tracker->track[i];

        vanon_motion_move(&track->motion, &by);
        track->speed = vanon_move_vector(track->speed, &by);
        for (size_t j = 0; j < track->last.count; j++)
            vanon_move_object(&track->last, &track->last.object[j], &by);
        for (size_t j = 0; j < track->past.count; j++) {
            for (size_t k = 0; k < track->past.object[j].keypoints; k++)
                track->known[k].joint = vanon_move_joint(&track->known[k].joint, &by);
            vanon_move_object(&track->past, &track->past.object[j], &by);
        }
    }
    tracker->place = VANON_MATRIX_IDENTITY;
    if (vanon_window_move(&tracker->window, &by))
        return VANON_ERR_MEMORY;
    vanon_window_at(&tracker->window, tracker->window.next - 1)->camera = tracker->place;
    return VANON_OK;
}

/* Coordinates of a picture that was much larger, smaller or elsewhere are worth little. */
static bool is_far(const vanon_matrix *place)
{
    double scale = vanon_move_scale(place);

    return !(scale < FAR_SCALED && scale > 1 / FAR_SCALED && fabs(place->x0) < FAR_MOVED &&
             fabs(place->y0) < FAR_MOVED);
}

/* Follows people in the scene's coordinates; as long as nothing moved, the picture's are the same.
 */
static int take(vanon_tracker *tracker, const vanon_frame *frame, enum vanon_look look,
                const vanon_object_list *detections)
{
    double step = step_to(tracker, frame);
    enum vanon_scene scene;
    vanon_matrix back;
    int status = add_frame(tracker, frame, look, step, &scene);

    if (!status && is_far(&tracker->place))
        status = settle_here(tracker);
    if (status || vanon_matrix_is_identity(&tracker->place))
        return status ? status : follow(tracker, scene, detections, step);
    back = vanon_matrix_invert(&tracker->place);
    if (vanon_window_moved(&tracker->window, &tracker->place, detections) ||
        vanon_move_all(&tracker->moved, detections, &back))
        return VANON_ERR_MEMORY;
    status = follow(tracker, scene, &tracker->moved, step);
    vanon_object_list_clear(&tracker->moved);
    return status;
}

int vanon_tracker_push(vanon_tracker *tracker, const vanon_frame *frame, enum vanon_look look,
                       const vanon_object_list *detections)
{
    double width, height;
    int status;

    if (tracker->drained)
        return vanon_fail(tracker->log, VANON_ERR_STATE, "tracker: a frame after the last");
    vanon_frame_display_size(frame, &width, &height);
    if (width != tracker->width || height != tracker->height) {
        end_tracks(tracker, tracker->window.next, false);
        tracker->scene = tracker->window.next;
    }
    tracker->width = width;
    tracker->height = height;
    status = take(tracker, frame, look, detections);
    tracker->pts = frame->pts;
    if (status == VANON_ERR_MEMORY)
        return vanon_fail(tracker->log, status, "tracker: no memory for %zu objects",
                          detections->count);
    return status;
}

/* Takes tracks away that will not be given out any more. */
static void prune(vanon_tracker *tracker)
{
    int64_t reach = vanon_tracker_patience(tracker);
    size_t kept = 0;

    for (size_t i = 0; i < tracker->tracks; i++) {
        struct vanon_track *track = &tracker->track[i], gone;

        if (track->ended && track->next.frame < 0 &&
            (track->until <= tracker->next_pull ||
             vanon_window_missed(&tracker->window, track->past_frame, tracker->next_pull) >
                 reach)) {
            vanon_object_list_clear(&track->last);
            vanon_object_list_clear(&track->past);
            continue;
        }
        gone = tracker->track[kept];
        tracker->track[kept++] = *track;
        *track = gone; /* its memory is for the next */
    }
    tracker->tracks = kept;
}

int vanon_tracker_pull(vanon_tracker *tracker, vanon_object_list *objects)
{
    int64_t waiting = tracker->window.next - tracker->next_pull;

    if (!waiting)
        return tracker->drained ? VANON_ERR_EOF : VANON_ERR_AGAIN;
    if (!tracker->drained && (size_t)waiting <= tracker->latency)
        return VANON_ERR_AGAIN;
    vanon_object_list_clear(objects);
    if (vanon_tracker_cover(tracker, objects))
        return vanon_fail(tracker->log, VANON_ERR_MEMORY, "tracker: no memory for a frame");
    tracker->next_pull++;
    prune(tracker);
    vanon_window_drop(&tracker->window, tracker->next_pull - HISTORY, tracker->next_pull);
    return VANON_OK;
}

void vanon_tracker_drain(vanon_tracker *tracker)
{
    tracker->drained = true;
}

void vanon_tracker_reset(vanon_tracker *tracker)
{
    for (size_t i = 0; i < tracker->tracks; i++) {
        vanon_object_list_clear(&tracker->track[i].last);
        vanon_object_list_clear(&tracker->track[i].past);
    }
    tracker->tracks = 0;
    vanon_window_clear(&tracker->window);
    tracker->next_pull = tracker->scene = 0;
    tracker->last_number = tracker->last_id = 0;
    tracker->width = tracker->height = 0;
    vanon_camera_reset(tracker->camera);
    tracker->place = VANON_MATRIX_IDENTITY;
    tracker->drained = false;
}

size_t vanon_tracker_latency(const vanon_tracker *tracker)
{
    return tracker->latency;
}

void vanon_tracker_set_latency(vanon_tracker *tracker, size_t frames)
{
    size_t wanted = (size_t)tracker->options->look_ahead_frames;

    tracker->latency = frames < wanted ? frames : wanted;
}
