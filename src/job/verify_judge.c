/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/box.h"
#include "base/memory.h"
#include "detect/nms.h"
#include "job/verify_internal.h"
#include "pixels/trace.h"

#define LARGEST     640.0 /* network pixels of a body that the wide search is trusted with, */
#define LEAST_NEAR  500.0 /* and of one that the near search is */
#define SHADOWED    0.7   /* of a doubtful one's box, that somebody surer covers */
#define SAME_PERSON 0.3   /* IoU of two boxes */
#define OWN_RADIUS  12.0  /* display pixels of the discs in regions of one's own */
#define MOST_OWN    256   /* discs in one of them */

/* Who is left in sight on purpose */

static bool touches(const vanon_box *a, const vanon_box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* As the run has judged the one whose box is the nearest; whom it does not have is judged by place
 * and time. */
static bool is_left(const vanon_verify *verify, const struct vanon_verify_pair *pair,
                    const vanon_object *object)
{
    const vanon_object_list *run = pair->run.objects;
    enum vanon_verdict verdict = vanon_judge_object(verify->by_place, &pair->moment, object);
    double best = SAME_PERSON;

    for (size_t i = 0; run && i < run->count; i++) {
        double share = vanon_box_iou(&run->object[i].box, &object->box);

        if (share < best)
            continue;
        best = share;
        verdict = vanon_judge_object(verify->options, &pair->moment, &run->object[i]);
    }
    return verdict != VANON_HIDDEN;
}

/* Judging */

static bool is_hidden(const vanon_verify *verify, const struct vanon_disc *disc)
{
    for (size_t i = 0; i < verify->places; i++)
        if (!strcmp(verify->place[i].name, disc->name) &&
            hypot(verify->place[i].x - disc->x, verify->place[i].y - disc->y) < disc->radius)
            return true;
    return false;
}

/* Somebody so doubtful counts only where a second look confirms them. */
static bool is_faint(const vanon_verify *verify, const vanon_object *object)
{
    return object && (double)object->score * VANON_VERIFY_HALF < verify->options->confidence;
}

static int note_hidden(vanon_verify *verify, const struct vanon_disc *disc, bool told)
{
    if (vanon_grow(&verify->place, &verify->place_capacity, verify->places + 1,
                   sizeof *verify->place))
        return VANON_ERR_MEMORY;
    verify->place[verify->places++] = (struct vanon_verify_place){disc->name, disc->x, disc->y};
    vanon_findings_count(verify->findings, told);
    return VANON_OK;
}

static int note_shown(vanon_verify *verify, const struct vanon_verify_shown *shown)
{
    if (vanon_grow(&verify->shown, &verify->shown_capacity, verify->shows + 1,
                   sizeof *verify->shown))
        return VANON_ERR_MEMORY;
    verify->shown[verify->shows++] = *shown;
    return VANON_OK;
}

static int judge_disc(vanon_verify *verify, struct vanon_verify_pair *pair,
                      const struct vanon_object *object, const struct vanon_disc *disc)
{
    struct vanon_verify_shown shown = {.object = object,
                                       .finding = {.frame = pair->original.frame->number,
                                                   .time = pair->moment.from,
                                                   .person = object ? object->id : 0,
                                                   .score = object ? (double)object->score : 0,
                                                   .disc = *disc}};
    double sx, sy;
    bool told;

    if (is_hidden(verify, disc))
        return VANON_OK;
    vanon_gray_scale(verify->gray[0], &sx, &sy);
    told =
        vanon_trace_at(vanon_gray_picture(verify->gray[0]), vanon_gray_picture(verify->gray[1]),
                       pair->noise, disc->x / sx, disc->y / sy, disc->radius, &shown.finding.trace);
    if (told && vanon_trace_shows(&shown.finding.trace))
        return note_shown(verify, &shown);
    return is_faint(verify, object) ? VANON_OK : note_hidden(verify, disc, told);
}

static bool is_person(const vanon_object *object)
{
    return object->seen && object->class_id == VANON_CLASS_PERSON;
}

/* Less sure than a run has to be, and mostly behind somebody surer: a part of that one, taken for
 * somebody. */
static bool is_shadow(const vanon_verify *verify, const vanon_object_list *objects,
                      const vanon_object *object)
{
    for (size_t i = 0; i < objects->count; i++)
        if (is_person(&objects->object[i]) && objects->object[i].score > object->score &&
            (double)object->score < verify->options->confidence &&
            vanon_box_share_inside(&object->box, &objects->object[i].box) > SHADOWED)
            return true;
    return false;
}

/* True where somebody of the original is there, whose joints are judged where the original shows
 * them: where much is hidden the network puts them elsewhere. */
static bool is_known(const struct vanon_verify_pair *pair, const vanon_object *object)
{
    const vanon_object_list *lists[] = {pair->original.objects, pair->near.objects};

    for (size_t i = 0; i < VANON_COUNT(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (is_person(&lists[i]->object[j]) && touches(&lists[i]->object[j].box, &object->box))
                return true;
    return false;
}

/* Mostly inside of somebody, sure, who is too large for the wide search, which takes pieces of that
 * one for people. */
static bool is_in_giant(const vanon_verify *verify, const struct vanon_verify_pair *pair,
                        const vanon_object *object)
{
    const vanon_object_list *objects = pair->near.objects;

    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *other = &objects->object[i];

        if (is_person(other) && (double)other->score >= verify->options->confidence &&
            vanon_box_longer_side(&other->box) * verify->enlarged > LARGEST &&
            vanon_box_share_inside(&object->box, &other->box) > SHADOWED)
            return true;
    }
    return false;
}

/* Whose search is trusted with somebody. */
enum search { WIDE, NEAR, OF_OUTPUT };

static bool is_trusted(const vanon_verify *verify, const struct vanon_verify_pair *pair,
                       enum search search, const vanon_object *object)
{
    bool wide = vanon_box_longer_side(&object->box) * verify->enlarged <= LARGEST &&
                !is_in_giant(verify, pair, object);
    bool near = vanon_box_longer_side(&object->box) * verify->enlarged > LEAST_NEAR || !wide;

    if (!is_person(object) || is_left(verify, pair, object))
        return false;
    if (search == OF_OUTPUT)
        return !is_known(pair, object);
    if (is_shadow(verify, pair->original.objects, object) ||
        is_shadow(verify, pair->near.objects, object))
        return false;
    return search == WIDE ? wide : near;
}

static int judge_people(vanon_verify *verify, struct vanon_verify_pair *pair,
                        const vanon_object_list *objects, enum search search)
{
    struct vanon_disc discs[VANON_MOST_DISCS];
    int status = VANON_OK;

    for (size_t i = 0; i < objects->count && !status; i++) {
        const vanon_object *object = &objects->object[i];
        size_t count = 0;

        if (is_trusted(verify, pair, search, object))
            count = vanon_places_of(verify->options, objects, object, discs);
        for (size_t j = 0; j < count && !status; j++)
            status = judge_disc(verify, pair, object, &discs[j]);
    }
    return status;
}

/* Discs side by side over a region of one's own. */
static int judge_own(vanon_verify *verify, struct vanon_verify_pair *pair,
                     const vanon_region *region)
{
    double width = 2 * (double)region->rx, height = 2 * (double)region->ry;
    double step = fmax(2 * OWN_RADIUS, sqrt(width * height / MOST_OWN));
    int columns = (int)fmax(1, floor(width / step)), rows = (int)fmax(1, floor(height / step));
    double radius = fmin(OWN_RADIUS, fmin(width, height) / 2);
    int status = VANON_OK;

    for (int i = 0; i < columns * rows && !status; i++) {
        struct vanon_disc disc = {
            .name = "region",
            .x = region->cx - region->rx + (i % columns + 0.5) * width / columns,
            .y = region->cy - region->ry + (i / columns + 0.5) * height / rows,
            .radius = radius};

        status = judge_disc(verify, pair, NULL, &disc);
    }
    return status;
}

/* A place in a region is certain, a joint where a second look at the original confirms it. */
static int confirm(vanon_verify *verify, const struct vanon_verify_pair *pair)
{
    const vanon_object *last = NULL;
    int status = VANON_OK;

    for (size_t i = 0; i < verify->shows && !status; i++) {
        struct vanon_verify_shown *shown = &verify->shown[i];

        shown->finding.certain = !shown->object;
        if (!shown->object)
            continue;
        if (shown->object != last)
            vanon_second_look_begin(verify->second, pair->original.frame, &shown->object->box);
        last = shown->object;
        status = vanon_second_look_confirms(verify->second, &shown->finding.disc,
                                            &shown->finding.certain);
    }
    return status;
}

/* True where one before it in the list, of those that are certain or of the others, is at its
 * place; and, for one of the others, any that is certain. */
static bool is_told(const vanon_verify *verify, size_t index)
{
    const struct vanon_finding *finding = &verify->shown[index].finding;

    for (size_t i = 0; i < verify->shows; i++) {
        const struct vanon_finding *other = &verify->shown[i].finding;
        bool before = other->certain == finding->certain ? i < index : other->certain;

        if (before && !strcmp(other->disc.name, finding->disc.name) &&
            hypot(other->disc.x - finding->disc.x, other->disc.y - finding->disc.y) <
                finding->disc.radius)
            return true;
    }
    return false;
}

static int note_findings(vanon_verify *verify, struct vanon_verify_pair *pair)
{
    int status = VANON_OK;

    for (size_t i = 0; i < verify->shows && !status; i++) {
        const struct vanon_verify_shown *shown = &verify->shown[i];

        if (!shown->finding.certain && is_faint(verify, shown->object))
            continue;
        if (!is_told(verify, i))
            status = vanon_findings_add(verify->findings, &shown->finding, pair->output.frame,
                                        &pair->picture);
    }
    return status;
}

int vanon_verify_judge(vanon_verify *verify, struct vanon_verify_pair *pair)
{
    int status;

    pair->noise =
        vanon_trace_noise(vanon_gray_picture(verify->gray[0]), vanon_gray_picture(verify->gray[1]));
    verify->places = verify->shows = 0;
    vanon_region_list_clear(&verify->own);
    status = vanon_regions_own(verify->options, &pair->moment, &verify->own);
    for (size_t i = 0; i < verify->own.count && !status; i++)
        status = judge_own(verify, pair, &verify->own.region[i]);
    if (!status)
        status = judge_people(verify, pair, pair->original.objects, WIDE);
    if (!status)
        status = judge_people(verify, pair, pair->near.objects, NEAR);
    if (!status)
        status = judge_people(verify, pair, pair->output.objects, OF_OUTPUT);
    if (!status)
        status = confirm(verify, pair);
    return status ? status : note_findings(verify, pair);
}
