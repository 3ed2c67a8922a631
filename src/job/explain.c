/* SPDX-License-Identifier: Apache-2.0 */
#include "job/explain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/joint.h"
#include "base/log.h"
#include "base/memory.h"
#include "media/png.h"
#include "pixels/frame.h"
#include "pixels/picture.h"
#include "regions/choose.h"

#define LEAST_SIDE 1600 /* pixels of the picture: small people need it */
#define AT_JOINT   0.6  /* display pixels: a shape's centre so near to a joint belongs to it */

struct vanon_explain {
    const vanon_options *options;
    const vanon_log *log;
    const char *path;
    vanon_scan *scan;
    char *text;
    json_t *json;
};

/* The frame that is explained. */
struct scene {
    const vanon_options *options;
    const vanon_output *output;
    struct vanon_moment moment;
    FILE *text;
    json_t *people, *regions;
};

/* What a region comes from. */
struct cause {
    const vanon_object *object;  /* NULL: of nobody, or of somebody who is not in the list */
    const vanon_keypoint *joint; /* at its centre; NULL: none */
    const char *joint_name;
};

int vanon_explain_create(vanon_explain **out, const vanon_options *options, const char *picture,
                         const vanon_log *log)
{
    vanon_explain *explain = calloc(1, sizeof *explain);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!explain)
        return status;
    *explain = (vanon_explain){.options = options, .log = log, .path = picture};
    if (!vanon_options_given(options, "frame"))
        status = vanon_fail(log, VANON_ERR_OPTION,
                            "frame: which one is to be explained? --frame N, counted from 0");
    else
        status = vanon_png_check("output", picture, options->overwrite, log);
    if (!status)
        status = vanon_scan_create(&explain->scan, options, VANON_SCAN_AS_RUN, log);
    if (!status)
        vanon_scan_keep(explain->scan, (uint64_t)options->frame);
    if (status)
        vanon_explain_destroy(&explain);
    *out = explain;
    return status;
}

void vanon_explain_destroy(vanon_explain **pointer)
{
    vanon_explain *explain = *pointer;

    if (!explain)
        return;
    vanon_scan_destroy(&explain->scan);
    json_decref(explain->json);
    free(explain->text);
    free(explain);
    *pointer = NULL;
}

static const char *words_of(enum vanon_verdict verdict)
{
    static const char *const words[] = {
        [VANON_HIDDEN] = "hidden",
        [VANON_LEFT_KEPT] = "left in sight: keep_person",
        [VANON_LEFT_OTHERS] = "left in sight: only_person names others",
        [VANON_LEFT_SPAN] = "left in sight: outside of hide_span",
        [VANON_LEFT_OUTSIDE] = "left in sight: outside of zone_hide",
        [VANON_LEFT_ZONE] = "left in sight: inside of zone_leave",
    };

    return words[verdict];
}

static const char *sight_of(const vanon_object *object)
{
    static const char *const words[VANON_ORIGINS] = {
        [VANON_ORIGIN_FOUND] = "carried over from another frame",
        [VANON_ORIGIN_BETWEEN] = "filled in between two sights",
        [VANON_ORIGIN_BEFORE] = "moved back from a later sight",
        [VANON_ORIGIN_AFTER] = "held after an earlier sight",
    };

    return object->seen ? "seen in this frame" : words[object->origin];
}

/* People */

static void explain_object(struct scene *scene, const vanon_object *object)
{
    const vanon_keypoint *joint = vanon_object_keypoints(scene->output->objects, object);
    enum vanon_verdict verdict = vanon_judge_object(scene->options, &scene->moment, object);
    const vanon_box *box = &object->box;
    size_t joints = 0;

    for (size_t i = 0; i < object->keypoints; i++)
        joints += vanon_joint_seen(&joint[i]);
    fprintf(scene->text,
            "%s %" PRId64 ": %s, score %.2f, %zu joints, box %.0f,%.0f to %.0f,%.0f; %s\n",
            vanon_class_name(object->class_id), object->id, sight_of(object), (double)object->score,
            joints, (double)box->x0, (double)box->y0, (double)box->x1, (double)box->y1,
            words_of(verdict));
    json_array_append_new(
        scene->people,
        json_pack("{sI ss sf sb ss s[ffff] sI sb ss}", "id", (json_int_t)object->id, "class",
                  vanon_class_name(object->class_id), "score", (double)object->score, "seen",
                  object->seen, "origin", vanon_origin_name(object->origin), "box", (double)box->x0,
                  (double)box->y0, (double)box->x1, (double)box->y1, "joints", (json_int_t)joints,
                  "hidden", verdict == VANON_HIDDEN, "why", words_of(verdict)));
}

/* Regions */

static void find_cause_in(struct cause *cause, const vanon_object_list *objects,
                          const vanon_object *object, const vanon_region *region)
{
    const vanon_keypoint *joint = vanon_object_keypoints(objects, object);

    for (size_t i = 0; i < object->keypoints && !cause->joint; i++)
        if (vanon_joint_seen(&joint[i]) &&
            hypot((double)joint[i].x - (double)region->cx,
                  (double)joint[i].y - (double)region->cy) < AT_JOINT)
            *cause = (struct cause){object, &joint[i], object->skeleton->joint[i]};
    if (!cause->object)
        cause->object = object;
}

static struct cause find_cause(const vanon_object_list *objects, const vanon_region *region)
{
    struct cause cause = {0};

    for (size_t i = 0; i < objects->count && region->object && !cause.joint; i++)
        if (objects->object[i].id == region->object)
            find_cause_in(&cause, objects, &objects->object[i], region);
    return cause;
}

static const char *reason_of(const vanon_region *region, const struct cause *cause)
{
    if (region->part == VANON_PART_FRAME)
        return "the frame is damaged, or could not be examined";
    if (region->part == VANON_PART_REGION)
        return "a place that was named, by the option region or in the sidecar";
    if (!cause->object)
        return region->object ? "of the sidecar, for somebody who is not among its objects"
                              : "of the sidecar, for nobody";
    return sight_of(cause->object);
}

static void print_shape(FILE *text, const vanon_region *region)
{
    static const double degrees = 180 / M_PI;

    if (region->shape == VANON_SHAPE_POLYGON)
        fprintf(text, "polygon of %zu points", region->points);
    else if (region->shape == VANON_SHAPE_CAPSULE)
        fprintf(text, "capsule from %.0f,%.0f to %.0f,%.0f, radius %.1f", (double)region->cx,
                (double)region->cy, (double)region->ex, (double)region->ey, (double)region->rx);
    else
        fprintf(text, "%s at %.0f,%.0f, %.1f x %.1f%s", vanon_shape_name(region->shape),
                (double)region->cx, (double)region->cy, 2 * (double)region->rx,
                2 * (double)region->ry, region->angle != 0 ? ", turned by " : "");
    if (region->shape < VANON_SHAPE_CAPSULE && region->angle != 0)
        fprintf(text, "%.0f degrees", (double)region->angle * degrees);
}

static void explain_region(struct scene *scene, const vanon_region *region)
{
    struct cause cause = find_cause(scene->output->objects, region);
    const char *part = vanon_part_name(region->part), *reason = reason_of(region, &cause);
    json_t *row = json_pack("{ss sI ss ss}", "part", part, "object", (json_int_t)region->object,
                            "shape", vanon_shape_name(region->shape), "why", reason);

    fprintf(scene->text, "  %s", part);
    if (region->object)
        fprintf(scene->text, " of %" PRId64, region->object);
    fprintf(scene->text, ": ");
    if (region->part == VANON_PART_FRAME)
        fprintf(scene->text, "the whole picture");
    else
        print_shape(scene->text, region);
    fprintf(scene->text, "; %s", reason);
    if (region->part != VANON_PART_FRAME && region->shape != VANON_SHAPE_POLYGON) {
        json_object_set_new(row, "centre",
                            json_pack("[ff]", (double)region->cx, (double)region->cy));
        json_object_set_new(row, "radii",
                            json_pack("[ff]", (double)region->rx, (double)region->ry));
    }
    if (cause.object)
        json_object_set_new(row, "score", json_real((double)cause.object->score));
    if (cause.joint) {
        fprintf(scene->text, ", %s of visibility %.2f", cause.joint_name,
                (double)cause.joint->visibility);
        json_object_set_new(row, "joint", json_string(cause.joint_name));
        json_object_set_new(row, "visibility", json_real((double)cause.joint->visibility));
    }
    fprintf(scene->text, "\n");
    json_array_append_new(scene->regions, row);
}

/* The picture */

static const struct vanon_rgb of_region = {255, 60, 40}, of_seen = {60, 230, 90},
                              of_unseen = {255, 160, 255}, of_left = {90, 170, 255};

static const struct {
    const char *from, *to;
} bones[] = {
    {"left_ear", "left_eye"},
    {"left_eye", "nose"},
    {"nose", "right_eye"},
    {"right_eye", "right_ear"},
    {"left_shoulder", "right_shoulder"},
    {"left_shoulder", "left_elbow"},
    {"left_elbow", "left_wrist"},
    {"right_shoulder", "right_elbow"},
    {"right_elbow", "right_wrist"},
    {"left_shoulder", "left_hip"},
    {"right_shoulder", "right_hip"},
    {"left_hip", "right_hip"},
    {"left_hip", "left_knee"},
    {"left_knee", "left_ankle"},
    {"right_hip", "right_knee"},
    {"right_knee", "right_ankle"},
};

static void draw_bones(struct vanon_picture *picture, const vanon_object *object,
                       const vanon_keypoint *joint, double width, struct vanon_rgb colour)
{
    double scale = picture->scale;

    for (size_t i = 0; i < VANON_COUNT(bones); i++) {
        int from = vanon_skeleton_joint(object->skeleton, bones[i].from);
        int to = vanon_skeleton_joint(object->skeleton, bones[i].to);

        if (from >= 0 && to >= 0 && vanon_joint_seen(&joint[from]) && vanon_joint_seen(&joint[to]))
            vanon_draw_line(picture, joint[from].x * scale, joint[from].y * scale,
                            joint[to].x * scale, joint[to].y * scale, width, colour);
    }
    for (size_t i = 0; i < object->keypoints; i++)
        if (vanon_joint_seen(&joint[i]))
            vanon_draw_arc(picture, joint[i].x * scale, joint[i].y * scale, 2 * width, 2 * width, 0,
                           0, 2 * M_PI, width, colour);
}

static void draw_object(struct vanon_picture *picture, const struct scene *scene,
                        const vanon_object *object, double width)
{
    bool hidden = vanon_judge_object(scene->options, &scene->moment, object) == VANON_HIDDEN;
    struct vanon_rgb colour = !hidden ? of_left : object->seen ? of_seen : of_unseen;
    const vanon_keypoint *joint = vanon_object_keypoints(scene->output->objects, object);
    const vanon_box *box = &object->box;
    vanon_region outline = {.shape = VANON_SHAPE_BOX,
                            .cx = (box->x0 + box->x1) / 2,
                            .cy = (box->y0 + box->y1) / 2,
                            .rx = (box->x1 - box->x0) / 2,
                            .ry = (box->y1 - box->y0) / 2};

    vanon_draw_region(picture, &outline, NULL, width, colour);
    if (joint && object->skeleton)
        draw_bones(picture, object, joint, width, colour);
    vanon_draw_number(picture, fmax(4, box->x0 * picture->scale),
                      fmax(4, box->y0 * picture->scale - 14 * width), (int)(2 * width), object->id,
                      colour);
}

static int draw(const vanon_explain *explain, const struct scene *scene)
{
    const vanon_output *output = scene->output;
    struct vanon_picture picture = {0};
    int status = vanon_picture_take(&picture, vanon_scan_kept(explain->scan), LEAST_SIDE);
    double width = fmax(1, round(fmax(picture.width, picture.height) / 900.0));

    for (size_t i = 0; !status && i < output->regions->count; i++)
        if (output->regions->region[i].part != VANON_PART_FRAME)
            vanon_draw_region(&picture, &output->regions->region[i], output->regions->point, width,
                              of_region);
    for (size_t i = output->objects->count; !status && i > 0; i--)
        draw_object(&picture, scene, &output->objects->object[i - 1], width);
    if (!status)
        status = vanon_png_write(explain->path, picture.rgb, picture.width, picture.height,
                                 explain->options->overwrite, explain->log);
    vanon_picture_free(&picture);
    return status;
}

/* The whole */

/* Somebody whose place is uncertain is there several times, under one id. */
static void count_people(const vanon_object_list *objects, size_t *people, size_t *seen)
{
    *people = *seen = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *object = &objects->object[i];
        bool counted = object->class_id != VANON_CLASS_PERSON;

        *seen += !counted && object->seen;
        for (size_t j = 0; j < i && !counted; j++)
            counted = object->id && objects->object[j].id == object->id;
        *people += !counted;
    }
}

static void print_head(const vanon_explain *explain, struct scene *scene)
{
    const vanon_output *output = scene->output;
    size_t people, seen;
    double width, height;

    count_people(output->objects, &people, &seen);
    vanon_frame_display_size(output->frame, &width, &height);
    fprintf(scene->text, "frame %" PRIu64 " of %s", output->frame->number, explain->options->input);
    if (isfinite(scene->moment.from))
        fprintf(scene->text, ", at %.3f s", scene->moment.from);
    fprintf(scene->text, ", %.0fx%.0f: %zu %s, %zu seen in it; %zu regions\n", width, height,
            people, people == 1 ? "person" : "people", seen, output->regions->count);
}

static int describe(vanon_explain *explain, const vanon_output *output)
{
    size_t size;
    struct scene scene = {
        .options = explain->options,
        .output = output,
        .moment = vanon_moment_of(output->frame, vanon_scan_info(explain->scan)->beginning),
        .text = open_memstream(&explain->text, &size),
        .people = json_array(),
        .regions = json_array(),
    };

    if (scene.text) {
        print_head(explain, &scene);
        for (size_t i = 0; i < output->objects->count; i++)
            explain_object(&scene, &output->objects->object[i]);
        for (size_t i = 0; i < output->regions->count; i++)
            explain_region(&scene, &output->regions->region[i]);
        fclose(scene.text);
    }
    explain->json = json_pack("{sI so so}", "frame", (json_int_t)output->frame->number, "people",
                              scene.people, "regions", scene.regions);
    if (explain->json && isfinite(scene.moment.from))
        json_object_set_new(explain->json, "time", json_real(scene.moment.from));
    return explain->json && explain->text ? draw(explain, &scene) : VANON_ERR_MEMORY;
}

int vanon_explain_run(vanon_explain *explain, const struct vanon_watch *watch)
{
    uint64_t wanted = (uint64_t)explain->options->frame, frames = 0;
    vanon_output output;
    int status;

    for (;;) {
        status = vanon_scan_next(explain->scan, &output);
        if (status == VANON_ERR_EOF)
            return vanon_fail(explain->log, VANON_ERR_OPTION,
                              "frame: %" PRIu64 " is not there; %s has %" PRIu64
                              " frames, counted from 0",
                              wanted, explain->options->input, frames);
        if (status)
            return status;
        frames++;
        if (output.frame->number == wanted)
            status = describe(explain, &output);
        else if (!watch->step(watch->opaque, frames, wanted + 1))
            status = VANON_ERR_CANCELLED;
        wanted = output.frame->number == wanted ? UINT64_MAX : wanted;
        vanon_frame_unref(&output.frame);
        if (status || wanted == UINT64_MAX)
            return status;
    }
}

const char *vanon_explain_text(const vanon_explain *explain)
{
    return explain->text ? explain->text : "";
}

json_t *vanon_explain_json(const vanon_explain *explain)
{
    return json_deep_copy(explain->json);
}
