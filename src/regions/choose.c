/* SPDX-License-Identifier: Apache-2.0 */
#include "regions/choose.h"

#include <math.h>

#include <vanon/status.h>

#include "regions/regions.h"

#define UNKNOWN_DURATION 1.0 /* seconds */

struct vanon_moment vanon_moment_of(const vanon_frame *frame, double zero)
{
    double tick =
        frame->time_base.den ? (double)frame->time_base.num / (double)frame->time_base.den : 0;
    double from = (double)frame->pts * tick - zero;

    if (frame->pts == VANON_NO_PTS || tick <= 0)
        return (struct vanon_moment){-INFINITY, INFINITY};
    return (struct vanon_moment){
        from, from + (frame->duration > 0 ? (double)frame->duration * tick : UNKNOWN_DURATION)};
}

static double begin(const struct vanon_period *span)
{
    return span->from ? (double)span->from * 1e-6 : -INFINITY;
}

static double end(const struct vanon_period *span)
{
    return span->until == INT64_MAX ? INFINITY : (double)span->until * 1e-6;
}

bool vanon_moment_touches(const struct vanon_moment *moment, const struct vanon_period *span)
{
    return moment->until > begin(span) && moment->from < end(span);
}

static bool is_inside_span(const struct vanon_moment *moment, const struct vanon_period *span)
{
    return moment->from >= begin(span) && moment->until <= end(span);
}

static bool is_box(const vanon_box *box)
{
    return isfinite(box->x0) && isfinite(box->y0) && isfinite(box->x1) && isfinite(box->y1) &&
           box->x0 <= box->x1 && box->y0 <= box->y1;
}

static bool is_inside(const vanon_box *box, const vanon_box *zone)
{
    return is_box(box) && box->x0 > zone->x0 && box->y0 > zone->y0 && box->x1 < zone->x1 &&
           box->y1 < zone->y1;
}

static bool touches(const vanon_box *box, const vanon_box *zone)
{
    return !is_box(box) || (box->x1 >= zone->x0 && box->y1 >= zone->y0 && box->x0 <= zone->x1 &&
                            box->y0 <= zone->y1);
}

static bool is_outside_all(const struct vanon_areas *zones, const struct vanon_moment *moment,
                           const vanon_box *box)
{
    bool any = false;

    for (size_t i = 0; i < zones->count; i++) {
        if (!vanon_moment_touches(moment, &zones->area[i].when))
            continue;
        any = true;
        if (touches(box, &zones->area[i].box))
            return false;
    }
    return any;
}

static bool is_inside_one(const struct vanon_areas *zones, const struct vanon_moment *moment,
                          const vanon_box *box)
{
    for (size_t i = 0; i < zones->count; i++)
        if (is_inside_span(moment, &zones->area[i].when) && is_inside(box, &zones->area[i].box))
            return true;
    return false;
}

static bool is_hiding_time(const vanon_options *options, const struct vanon_moment *moment)
{
    const struct vanon_periods *spans = &options->hide_span;

    for (size_t i = 0; i < spans->count; i++)
        if (vanon_moment_touches(moment, &spans->span[i]))
            return true;
    return !spans->count;
}

/* What its id and the time say of somebody. An eye that was found as such has an id of its own: it
 * may be one of those that alone are to be hidden. */
static enum vanon_verdict judge_id(const vanon_options *options, const struct vanon_moment *moment,
                                   int64_t id, bool eye)
{
    if (vanon_ids_have(&options->keep_person, id))
        return VANON_LEFT_KEPT;
    if (options->only_person.count && !eye && !vanon_ids_have(&options->only_person, id))
        return VANON_LEFT_OTHERS;
    return is_hiding_time(options, moment) ? VANON_HIDDEN : VANON_LEFT_SPAN;
}

enum vanon_verdict vanon_judge_object(const vanon_options *options,
                                      const struct vanon_moment *moment, const vanon_object *object)
{
    enum vanon_verdict verdict =
        judge_id(options, moment, object->id, object->class_id == VANON_CLASS_EYE);

    if (verdict)
        return verdict;
    if (is_outside_all(&options->zone_hide, moment, &object->box))
        return VANON_LEFT_OUTSIDE;
    return is_inside_one(&options->zone_leave, moment, &object->box) ? VANON_LEFT_ZONE
                                                                     : VANON_HIDDEN;
}

bool vanon_leaves_people(const vanon_options *options)
{
    return options->keep_person.count || options->only_person.count || options->hide_span.count ||
           options->zone_hide.count || options->zone_leave.count;
}

static bool is_there(const vanon_region_list *regions, const vanon_region *wanted)
{
    for (size_t i = 0; i < regions->count; i++) {
        const vanon_region *region = &regions->region[i];

        if (region->part == wanted->part && region->shape == wanted->shape &&
            region->cx == wanted->cx && region->cy == wanted->cy && region->rx == wanted->rx &&
            region->ry == wanted->ry && region->angle == wanted->angle)
            return true;
    }
    return false;
}

int vanon_regions_own(const vanon_options *options, const struct vanon_moment *moment,
                      vanon_region_list *regions)
{
    for (size_t i = 0; i < options->region.count; i++) {
        const struct vanon_area *area = &options->region.area[i];
        vanon_region own = {.part = VANON_PART_REGION,
                            .shape = VANON_SHAPE_BOX,
                            .cx = (area->box.x0 + area->box.x1) / 2,
                            .cy = (area->box.y0 + area->box.y1) / 2,
                            .rx = (area->box.x1 - area->box.x0) / 2,
                            .ry = (area->box.y1 - area->box.y0) / 2};
        vanon_region *region;

        if (!vanon_moment_touches(moment, &area->when) || is_there(regions, &own))
            continue;
        if (vanon_region_list_add(regions, 0, &region))
            return VANON_ERR_MEMORY;
        own.first_point = region->first_point;
        *region = own;
    }
    return VANON_OK;
}

int vanon_regions_plan(const vanon_options *options, const struct vanon_moment *moment,
                       const vanon_object_list *objects, struct vanon_regions_memory *memory,
                       vanon_region_list *regions)
{
    vanon_object_list *hidden = &memory->hidden;
    size_t first = regions->count;
    int status = VANON_OK;

    if (vanon_leaves_people(options)) {
        vanon_object_list_clear(hidden);
        for (size_t i = 0; i < objects->count && !status; i++)
            if (vanon_judge_object(options, moment, &objects->object[i]) == VANON_HIDDEN)
                status = vanon_object_list_copy(hidden, objects, &objects->object[i]);
        objects = hidden;
    }
    if (!status)
        status = vanon_regions_add(options, objects, regions);
    if (!status)
        status = vanon_shrink_frame(&memory->shrink, moment->from, regions, first);
    return status ? status : vanon_regions_own(options, moment, regions);
}

void vanon_regions_forget(struct vanon_regions_memory *memory)
{
    vanon_shrink_reset(&memory->shrink);
}

void vanon_regions_memory_free(struct vanon_regions_memory *memory)
{
    vanon_object_list_free(&memory->hidden);
    vanon_shrink_free(&memory->shrink);
}

static bool is_hidden_region(const vanon_options *options, const struct vanon_moment *moment,
                             const vanon_object_list *objects, const vanon_region *region)
{
    bool there = false;

    if (!region->object)
        return true;
    for (size_t i = 0; i < objects->count; i++) {
        if (objects->object[i].id != region->object)
            continue;
        there = true;
        if (vanon_judge_object(options, moment, &objects->object[i]) == VANON_HIDDEN)
            return true;
    }
    return !there && judge_id(options, moment, region->object, false) == VANON_HIDDEN;
}

void vanon_regions_sift(const vanon_options *options, const struct vanon_moment *moment,
                        const vanon_object_list *objects, vanon_region_list *regions)
{
    size_t kept = 0;

    for (size_t i = 0; i < regions->count; i++)
        if (is_hidden_region(options, moment, objects, &regions->region[i]))
            regions->region[kept++] = regions->region[i];
    regions->count = kept;
}
