/* SPDX-License-Identifier: Apache-2.0 */
/* A tracker, frames without pictures, and people to put into them. */
#ifndef VANON_TESTS_TRACKING_H
#define VANON_TESTS_TRACKING_H

#include "unit.h"

#include <math.h>

#include "base/joint.h"
#include "base/memory.h"
#include "track/tracker.h"

#define ELBOW 7 /* of vanon_skeleton_coco17 */
#define WRIST 9

/* A tracker, and what it is given and gives. */
struct scene {
    vanon_options options;
    vanon_frame frame;
    vanon_tracker *tracker;
    vanon_object_list found, out;
};

static inline void start_ahead(struct scene *scene, int ttl_frames, int look_ahead_frames)
{
    *scene = (struct scene){
        .options = {.ttl_frames = ttl_frames, .look_ahead_frames = look_ahead_frames},
        .frame = {.format = VANON_PIXEL_GRAY8, .width = 640, .height = 480, .sar = {1, 1}},
    };
    unit_log_clear();
    assert_int_equal(vanon_tracker_create(&scene->tracker, &scene->options, &unit_log), VANON_OK);
    assert_int_equal(vanon_tracker_latency(scene->tracker), look_ahead_frames);
}

/* Without look-ahead. */
static inline void start(struct scene *scene, int ttl_frames)
{
    start_ahead(scene, ttl_frames, 0);
}

static inline void end(struct scene *scene)
{
    vanon_tracker_destroy(&scene->tracker);
    assert_null(scene->tracker);
    vanon_tracker_destroy(&scene->tracker);
    vanon_object_list_free(&scene->found);
    vanon_object_list_free(&scene->out);
}

static inline vanon_object *find(struct scene *scene, float x, float y, float width, float height)
{
    vanon_object *object;

    assert_int_equal(vanon_object_list_add(&scene->found, &vanon_skeleton_coco17, &object),
                     VANON_OK);
    object->box = (vanon_box){x, y, x + width, y + height};
    object->detector = "pose";
    object->score = 0.5f;
    object->seen = true;
    return object;
}

static inline void find_joint(struct scene *scene, int index, float x, float y, float visibility)
{
    const vanon_object *last = &scene->found.object[scene->found.count - 1];

    vanon_object_keypoints(&scene->found, last)[index] = (vanon_keypoint){x, y, visibility};
}

/* One frame with what was found since the last; how many objects come out. */
static inline size_t step(struct scene *scene)
{
    assert_int_equal(
        vanon_tracker_push(scene->tracker, &scene->frame, VANON_LOOK_SEEN, &scene->found),
        VANON_OK);
    vanon_object_list_clear(&scene->found);
    assert_int_equal(vanon_tracker_pull(scene->tracker, &scene->out), VANON_OK);
    return scene->out.count;
}

static inline const vanon_object *out(const struct scene *scene, size_t index)
{
    assert_true(index < scene->out.count);
    return &scene->out.object[index];
}

static inline void assert_joint(const struct scene *scene, size_t object, int index, float x,
                                float y, float visibility)
{
    const vanon_keypoint *is = &vanon_object_keypoints(&scene->out, out(scene, object))[index];

    assert_float_equal(is->x, x, 1e-4);
    assert_float_equal(is->y, y, 1e-4);
    assert_float_equal(is->visibility, visibility, 1e-6);
}

#endif
