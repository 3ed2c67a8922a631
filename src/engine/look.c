/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/box.h"
#include "base/memory.h"
#include "detect/merge.h"
#include "engine/look_internal.h"
#include "pixels/format.h"
#include "pixels/frame.h"

#define USUAL_INTERVAL (1.0 / 25) /* seconds, where time stamps don't tell */
#define LONGEST        1.0
#define WIDER_EVERY    1.0 /* seconds: the usual look-ahead covers what was before */

#define DOUBTED   1.5  /* times VANON_SCALE_TARGET: network pixels of those seen well for sure */
#define TOO_CLOSE 0.65 /* times VANON_SCALE_LARGEST: of those seen better from farther away */
#define SURE      0.5  /* a score that these need */
#define CUT_LEAST 20.0 /* of 255: the least mean change of a cut */
#define CUT_JUMP  3.0  /* times the change from the frame before */

#define FEW_PEOPLE 16

#define SECOND_IMGSZ 384 /* of a second look */
#define SECOND_SIDE  1.6 /* of the person's size: they get 240 network pixels */
#define SECOND_STEP  64  /* sides are multiples of it: few sizes, few letterboxes to plan */

static bool is_automatic(const vanon_options *options, bool views)
{
    return views && options->imgsz == VANON_AUTO;
}

/* Frames from a look to the next, 0 for as many as allowed. A file's objects are all looked up.
 * That the pipeline "ultra" looks at some frames only is the one thing by which it differs. */
static size_t stride_of(const vanon_options *options)
{
    if (options->detector == VANON_DETECTOR_REPLAY || options->detector == VANON_DETECTOR_APPLY)
        return 1;
    if (options->pipeline == VANON_PIPELINE_ULTRA && !vanon_options_given(options, "detect_every"))
        return 0;
    return options->detect_every == VANON_AUTO ? 0 : (size_t)options->detect_every;
}

/* Looks are no further apart than half the look-ahead: see vanon_tracker_push. */
static size_t longest_of(const vanon_options *options)
{
    size_t half = (size_t)options->look_ahead_frames / 2;

    return half > VANON_LOOKS_LONGEST ? VANON_LOOKS_LONGEST : half ? half : 1;
}

size_t vanon_looks_hold(const vanon_options *options, bool views)
{
    size_t stride = stride_of(options), longest = longest_of(options);

    if (stride == 1 && !is_automatic(options, views))
        return 1;
    return stride && stride < longest ? longest / stride * stride : longest;
}

/* A quarter of the memory for frames is for those that wait to be decided. */
size_t vanon_looks_hold_of(const vanon_options *options, bool views, const vanon_frame *like)
{
    size_t most = vanon_looks_hold(options, views);
    size_t bytes = vanon_frame_bytes(like->format, like->width, like->height);
    size_t fit = bytes ? ((size_t)options->max_frame_memory << 18) / bytes : most;

    return fit >= most ? most : fit ? fit : 1;
}

/* A list that need not grow where there are not many people. */
static int reserve(vanon_object_list *list)
{
    size_t joints = FEW_PEOPLE * vanon_skeleton_coco17.joints;

    return vanon_grow(&list->object, &list->capacity, FEW_PEOPLE, sizeof *list->object) ||
                   vanon_grow(&list->keypoint, &list->keypoint_capacity, joints,
                              sizeof *list->keypoint)
               ? VANON_ERR_MEMORY
               : VANON_OK;
}

int vanon_looks_create(vanon_looks **out, const vanon_options *options, bool views, size_t capacity)
{
    vanon_looks *look = calloc(1, sizeof *look);

    *out = look;
    if (!look)
        return VANON_ERR_MEMORY;
    look->options = options;
    look->views = views;
    look->automatic = is_automatic(options, views);
    look->plain = !look->automatic && stride_of(options) == 1;
    if (look->plain)
        vanon_scale_ladder_fixed(&look->ladder);
    look->capacity = capacity + 1; /* what was found in the last group's last frame is kept */
    look->frame = calloc(look->capacity, sizeof *look->frame);
    for (size_t i = 0; look->frame && i < look->capacity; i++)
        if (reserve(&look->frame[i].found)) {
            vanon_looks_destroy(out);
            return VANON_ERR_MEMORY;
        }
    if (!look->frame)
        vanon_looks_destroy(out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_looks_destroy(vanon_looks **pointer)
{
    vanon_looks *look = *pointer;

    if (!look)
        return;
    *pointer = NULL;
    for (size_t i = 0; look->frame && i < look->capacity; i++) {
        for (size_t j = 0; j < VANON_LOOKS_VIEWS; j++)
            vanon_object_list_free(&look->frame[i].view[j].found);
        vanon_object_list_free(&look->frame[i].found);
    }
    for (size_t i = 0; i < look->spares; i++)
        vanon_object_list_free(&look->spare[i]);
    free(look->spare);
    free(look->frame);
    free(look->job);
    free(look);
}

void vanon_looks_reset(vanon_looks *look, uint64_t next)
{
    look->started = look->ended = false;
    look->jobs = 0;
    look->groups = look->decided = 0;
    look->next = look->grouped = look->ready = next;
}

bool vanon_looks_glances(const vanon_looks *look)
{
    return !look->plain;
}

/* Jobs */

static int add_job(vanon_looks *look, uint64_t number, const struct vanon_looks_view *view)
{
    struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    size_t at;

    if (vanon_grow(&look->job, &look->job_capacity, look->jobs + 1, sizeof *look->job))
        return VANON_ERR_MEMORY;
    for (at = look->jobs++; at && look->job[at - 1].number > number; at--)
        look->job[at] = look->job[at - 1];
    frame->view[frame->views].part = view->part;
    frame->view[frame->views].imgsz = view->imgsz;
    frame->view[frame->views].square = view->square;
    frame->view[frame->views].overlap = view->overlap;
    look->job[at] = (struct vanon_looks_job){.number = number,
                                             .frame = frame->frame,
                                             .part = view->part,
                                             .imgsz = view->imgsz,
                                             .square = view->square,
                                             .found = &frame->view[frame->views].found};
    if (look->spares && !look->job[at].found->capacity)
        *look->job[at].found = look->spare[--look->spares];
    vanon_object_list_clear(look->job[at].found);
    frame->views++;
    frame->pending++;
    return VANON_OK;
}

static int ask_step(vanon_looks *look, uint64_t number, const struct vanon_scale_step *step)
{
    const vanon_frame *frame = &vanon_looks_at(look, number)->like;
    size_t parts = (size_t)step->grid * (size_t)step->grid;
    struct vanon_looks_view view = {.imgsz = step->imgsz};
    double width, height;
    int status = VANON_OK;

    vanon_frame_display_size(frame, &width, &height);
    view.overlap = vanon_scale_overlap(step, fmin(width, height));
    for (size_t i = 0; i < parts && !status; i++) {
        vanon_box box = vanon_scale_part(step, i, width, height);

        if (parts > 1)
            view.part = vanon_part_around(frame, &box, VANON_PART_ALIGNMENT);
        status = add_job(look, number, &view);
    }
    return status;
}

int vanon_looks_ask(vanon_looks *look, uint64_t number, vanon_scale_set set)
{
    struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    int status = VANON_OK;

    set &= ~frame->done;
    frame->done |= set;
    for (size_t i = 0; i < look->ladder.steps && !status; i++)
        if (set & 1u << i)
            status = ask_step(look, number, &look->ladder.step[i]);
    return status;
}

int vanon_looks_ask_second(vanon_looks *look, uint64_t number, const vanon_box *box)
{
    struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    struct vanon_looks_view view = {
        .part = vanon_part_square(&frame->like, box, SECOND_SIDE, SECOND_STEP),
        .imgsz = SECOND_IMGSZ,
        .square = true,
    };

    frame->second[frame->seconds++] =
        (vanon_point){(box->x0 + box->x1) / 2, (box->y0 + box->y1) / 2};
    return add_job(look, number, &view);
}

static bool go_together(const struct vanon_looks_job *a, const struct vanon_looks_job *b)
{
    return a->imgsz == b->imgsz && a->square == b->square && a->part.width == b->part.width &&
           a->part.height == b->part.height && vanon_frame_same_kind(a->frame, b->frame);
}

const struct vanon_looks_job *vanon_looks_next(const vanon_looks *look)
{
    return look->jobs ? &look->job[0] : NULL;
}

size_t vanon_looks_batch(const vanon_looks *look, size_t most)
{
    size_t count = look->jobs ? 1 : 0;

    while (count && count < most && count < look->jobs &&
           go_together(&look->job[0], &look->job[count]))
        count++;
    return count;
}

size_t vanon_looks_waiting(const vanon_looks *look)
{
    return look->jobs;
}

void vanon_looks_take(vanon_looks *look, struct vanon_looks_job *jobs, size_t count)
{
    memcpy(jobs, look->job, count * sizeof *jobs);
    look->jobs -= count;
    memmove(look->job, look->job + count, look->jobs * sizeof *look->job);
}

/* Groups */

double vanon_looks_spacing(const vanon_looks *look)
{
    /* Where the distance follows the motion, half of it is usual. */
    return stride_of(look->options) ? (double)look->stride : (double)look->stride / 2;
}

vanon_scale_set vanon_looks_steps(const struct vanon_scale_plan *plan, size_t index)
{
    return plan->always | (index % plan->wide_every == 0 ? plan->wide : 0);
}

struct vanon_scale_scene vanon_looks_scene_after(const vanon_looks *look,
                                                 const struct vanon_looks_group *group)
{
    struct vanon_scale_scene scene = look->scene;
    double seconds = 0;

    for (size_t i = 0; i < group->count; i++)
        seconds += vanon_looks_at(look, group->first + i)->interval;
    if (group->begins)
        scene = (struct vanon_scale_scene){0};
    else
        scene.time += seconds;
    scene.interval = seconds / (double)group->count;
    for (size_t i = 0; i < group->count; i++)
        vanon_scale_see(&look->ladder, &scene, &vanon_looks_at(look, group->first + i)->found,
                        look->options->confidence);
    return scene;
}

/* The group has all its frames: its last one must have been looked at, now and then more widely. */
static int close_group(vanon_looks *look, struct vanon_looks_group *group,
                       const struct vanon_scale_plan *plan)
{
    uint64_t last = group->first + group->count - 1;
    vanon_scale_set set = vanon_looks_steps(plan, group->count - 1);

    group->closed = true;
    if (group->begins) {
        look->since_wider = 0;
        set = vanon_scale_all(&look->ladder);
    } else {
        for (size_t i = 0; i < group->count; i++)
            look->since_wider += vanon_looks_at(look, group->first + i)->interval;
        if (look->since_wider >= WIDER_EVERY) {
            look->since_wider = 0;
            set |= vanon_scale_all(&look->ladder) & ~plan->wide; /* that comes often enough */
        }
    }
    return vanon_looks_at(look, last)->damaged ? VANON_OK : vanon_looks_ask(look, last, set);
}

static struct vanon_scale_plan plan_of(vanon_looks *look, const struct vanon_looks_group *group)
{
    const struct vanon_scale_scene *scene = &vanon_looks_group_at(look, group->basis)->after;

    return group->begins ? (struct vanon_scale_plan){.always = 1, .wide_every = 1}
                         : vanon_scale_plan(&look->ladder, scene, vanon_looks_spacing(look));
}

/* Settles what follows from the kind of frame. */
static void begin_scene(vanon_looks *look, const vanon_frame *frame)
{
    size_t stride = stride_of(look->options);

    if (look->automatic)
        vanon_scale_ladder_make(&look->ladder, frame, look->options->look_budget * 1e6);
    else
        vanon_scale_ladder_fixed(&look->ladder);
    look->longest = vanon_looks_hold_of(look->options, look->views, frame);
    look->stride = stride && stride < look->longest ? stride : look->longest;
    if (stride == 1)
        look->stride = 1;
    look->lag = (VANON_LOOKS_LAG + look->longest - 1) / look->longest;
}

/* Makes the group that the frame is the first of. False: not yet, others must be decided first. */
static bool open_group(vanon_looks *look, uint64_t number)
{
    const struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    bool begins = frame->begins;
    const struct vanon_looks_group *before =
        look->groups ? vanon_looks_group_at(look, look->groups - 1) : NULL;
    struct vanon_looks_group *group;
    uint64_t basis = 0;

    if (look->groups - look->decided >= VANON_LOOKS_LAG + 1)
        return false;
    if (!begins) {
        /* `lag` groups before, but of the same scene: bases never go back. */
        basis = look->groups > look->lag ? look->groups - look->lag : 0;
        if (basis < before->basis)
            basis = before->basis;
        if (look->decided <= basis)
            return false;
    } else if (look->groups > look->decided) {
        return false; /* the kind of frame may change, and with it the ladder */
    }
    if (begins)
        begin_scene(look, &frame->like);
    group = vanon_looks_group_at(look, look->groups);
    *group = (struct vanon_looks_group){.first = number,
                                        .target = begins ? 1 : look->longest,
                                        .begins = begins,
                                        .basis = begins ? look->groups : basis};
    look->groups++;
    return true;
}

/* Puts the next frame into a group. False: it must wait. */
static bool take_frame(vanon_looks *look, int *status)
{
    uint64_t number = look->grouped;
    struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    struct vanon_looks_group *group =
        look->groups ? vanon_looks_group_at(look, look->groups - 1) : NULL;
    struct vanon_scale_plan plan;

    if (number == look->next)
        return false;
    if (group && !group->closed && frame->begins) {
        plan = plan_of(look, group);
        *status = close_group(look, group, &plan);
    }
    if (!group || group->closed) {
        if (*status || !open_group(look, number))
            return false;
        group = vanon_looks_group_at(look, look->groups - 1);
    }
    plan = plan_of(look, group);
    look->grouped++;
    group->count++;
    if (!frame->damaged && group->count % look->stride == 0)
        *status = vanon_looks_ask(look, number, vanon_looks_steps(&plan, group->count - 1));
    if (!*status && group->count == group->target)
        *status = close_group(look, group, &plan);
    return !*status;
}

static bool is_pending(const vanon_looks *look, const struct vanon_looks_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (vanon_looks_at(look, group->first + i)->pending)
            return true;
    return false;
}

/* Keeps a list's memory for another look. */
static int spare(vanon_looks *look, vanon_object_list *list)
{
    if (vanon_grow(&look->spare, &look->spare_capacity, look->spares + 1, sizeof *look->spare))
        return VANON_ERR_MEMORY;
    look->spare[look->spares++] = *list;
    *list = (vanon_object_list){0};
    return VANON_OK;
}

/* Whom the first look at the whole of a frame would have seen well, no closer one has to bring.
 * Where their score is low, they are patterns in walls; where it is not good, and the look too
 * close for them, furniture; and where they lie in somebody else's box, pieces of that one. But a
 * second look is for one who may be behind another. */
static void doubt_large(const vanon_looks *look, const struct vanon_looks_frame *frame,
                        const struct vanon_looks_view *seen, struct vanon_detect_look *view)
{
    const struct vanon_scale_step *first = &look->ladder.step[0];
    double reach = seen->imgsz / vanon_box_longer_side(&view->part), well;

    if (!look->automatic || !(frame->done & 1) || !frame->merged || seen->imgsz == first->imgsz)
        return;
    well = VANON_SCALE_TARGET / first->reach;
    view->doubted[0].score = look->options->confidence;
    view->doubted[0].size = DOUBTED * well;
    if (seen->square)
        return;
    view->doubted[1].score = SURE;
    view->doubted[1].size = fmax(well, TOO_CLOSE * VANON_SCALE_LARGEST / reach);
    view->piece_size = well;
}

/* Puts together what was found since the last time, in the order in which it was asked for. */
static int merge(vanon_looks *look, struct vanon_looks_frame *frame)
{
    struct vanon_detect_look view = {0};
    int status = VANON_OK;

    vanon_frame_display_size(&frame->like, &view.width, &view.height);
    for (; frame->merged < frame->views && !status; frame->merged++) {
        struct vanon_looks_view *seen = &frame->view[frame->merged];

        view.part = vanon_part_display(&frame->like, &seen->part);
        view.overlap = seen->overlap;
        doubt_large(look, frame, seen, &view);
        status = vanon_detect_merge(&frame->found, &seen->found, &view);
        if (!status)
            status = spare(look, &seen->found);
    }
    return status;
}

/* Goes on with the oldest group that is not decided. False: it must wait. */
static bool decide(vanon_looks *look, int *status)
{
    struct vanon_looks_group *group;
    size_t before = look->jobs;

    if (look->decided == look->groups)
        return false;
    group = vanon_looks_group_at(look, look->decided);
    if (!group->closed || is_pending(look, group))
        return false;
    for (size_t i = 0; i < group->count && !*status; i++)
        *status = merge(look, vanon_looks_at(look, group->first + i));
    if (!*status)
        *status = vanon_looks_again(look, group);
    if (*status || look->jobs > before)
        return false;
    look->scene = group->after = vanon_looks_scene_after(look, group);
    look->decided++;
    look->ready = group->first + group->count;
    return true;
}

static int close_last(vanon_looks *look)
{
    struct vanon_looks_group *group =
        look->groups ? vanon_looks_group_at(look, look->groups - 1) : NULL;
    struct vanon_scale_plan plan;

    if (!look->ended || look->grouped != look->next || !group || group->closed)
        return VANON_OK;
    plan = plan_of(look, group);
    return close_group(look, group, &plan);
}

/* Each frame for itself. */
static int advance_plain(vanon_looks *look)
{
    int status = VANON_OK;

    while (look->ready < look->next && !vanon_looks_at(look, look->ready)->pending && !status)
        status = merge(look, vanon_looks_at(look, look->ready++));
    return status;
}

static int advance(vanon_looks *look)
{
    int status = VANON_OK;

    if (look->plain)
        return advance_plain(look);
    do {
        while (take_frame(look, &status))
            ;
        if (!status)
            status = close_last(look);
    } while (!status && decide(look, &status));
    return status;
}

/* Seconds since the frame before, or that the frame lasts where there is none. */
static double interval_of(const struct vanon_looks_frame *before, const vanon_frame *frame)
{
    double ticks = (double)frame->duration, seconds;

    if (before && frame->pts != VANON_NO_PTS && before->like.pts != VANON_NO_PTS)
        ticks = (double)frame->pts - (double)before->like.pts;
    seconds = frame->time_base.den ? ticks * frame->time_base.num / frame->time_base.den : 0;
    return seconds > 0 ? fmin(seconds, LONGEST) : USUAL_INTERVAL;
}

/* A cut: the picture changes much, and much more than it did before. */
static bool is_cut(vanon_looks *look, const struct vanon_looks_frame *before,
                   const struct vanon_looks_frame *frame)
{
    double was = look->change;

    look->change = vanon_glance_difference(&before->glance, &frame->glance);
    return look->change > CUT_LEAST && look->change > CUT_JUMP * was;
}

static void describe(vanon_looks *look, uint64_t number, const struct vanon_glance *glance)
{
    struct vanon_looks_frame *frame = vanon_looks_at(look, number);
    const struct vanon_looks_frame *before =
        look->started ? vanon_looks_at(look, number - 1) : NULL;

    frame->glance = *glance;
    frame->interval = interval_of(before, &frame->like);
    frame->begins = !before || frame->damaged || before->damaged ||
                    !vanon_frame_same_kind(&before->like, &frame->like);
    if (frame->begins)
        look->change = 0;
    else
        frame->begins = is_cut(look, before, frame);
    if (frame->begins)
        frame->interval = interval_of(NULL, &frame->like);
}

int vanon_looks_add(vanon_looks *look, uint64_t number, const vanon_frame *frame,
                    const struct vanon_glance *glance)
{
    struct vanon_looks_frame *entry = vanon_looks_at(look, number);
    int status = VANON_OK;

    entry->frame = frame;
    entry->like = *frame;
    memset(entry->like.plane, 0, sizeof entry->like.plane);
    entry->damaged = frame->flags & VANON_FRAME_DAMAGED;
    entry->failed = false;
    entry->done = 0;
    entry->views = entry->merged = entry->pending = entry->seconds = 0;
    vanon_object_list_clear(&entry->found);
    if (!look->plain)
        describe(look, number, glance);
    else if (!entry->damaged && look->options->detector != VANON_DETECTOR_APPLY)
        status = vanon_looks_ask(look, number, 1);
    look->started = true;
    look->next = number + 1;
    return status ? status : advance(look);
}

int vanon_looks_end(vanon_looks *look)
{
    look->ended = true;
    return look->started ? advance(look) : VANON_OK;
}

int vanon_looks_done(vanon_looks *look, const struct vanon_looks_job *job)
{
    struct vanon_looks_frame *frame = vanon_looks_at(look, job->number);

    frame->pending--;
    frame->failed |= job->failed;
    return advance(look);
}

uint64_t vanon_looks_ready(const vanon_looks *look)
{
    return look->ready;
}

const vanon_object_list *vanon_looks_found(const vanon_looks *look, uint64_t number)
{
    const struct vanon_looks_frame *frame = vanon_looks_at(look, number);

    return frame->done ? &frame->found : NULL;
}
