/* SPDX-License-Identifier: Apache-2.0 */
#include "regions/regions.h"

#include <vanon/status.h>

#include "regions/person.h"

static vanon_part_builder *const builders[VANON_PARTS] = {
    [VANON_PART_EYES] = vanon_add_eyes,           [VANON_PART_ELBOWS] = vanon_add_elbows,
    [VANON_PART_FACE] = vanon_add_face,           [VANON_PART_HEAD] = vanon_add_head,
    [VANON_PART_SHOULDERS] = vanon_add_shoulders, [VANON_PART_HANDS] = vanon_add_hands,
    [VANON_PART_HIPS] = vanon_add_hips,           [VANON_PART_KNEES] = vanon_add_knees,
    [VANON_PART_FEET] = vanon_add_feet,           [VANON_PART_ARMS] = vanon_add_arms,
    [VANON_PART_LEGS] = vanon_add_legs,           [VANON_PART_BODY] = vanon_add_body,
};

/* With the Haar detector alone a person's eyes are those that it finds. */
static uint32_t parts_of_people(const vanon_options *options)
{
    uint32_t eyes = options->eye_detector == VANON_EYES_HAAR ? 1u << VANON_PART_EYES : 0;

    return options->parts & ~eyes;
}

static int add_person(const vanon_options *options, struct vanon_person *person)
{
    person->counts = person->object->score >= options->confidence;
    for (int part = 0; part < VANON_PARTS; part++) {
        if (!(parts_of_people(options) & 1u << part))
            continue;
        person->part = (enum vanon_part)part;
        person->margin = options->safety_margin_px[part] + person->object->spread;
        if (builders[part](person))
            return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}

/* An eye that was found as such, not as a person's joint. */
static int add_eye(const vanon_options *options, const vanon_object *eye,
                   vanon_region_list *regions)
{
    float margin = (float)options->safety_margin_px[VANON_PART_EYES] + eye->spread;
    vanon_region *region;

    if (!(options->parts & 1u << VANON_PART_EYES))
        return VANON_OK;
    if (vanon_region_list_add(regions, 0, &region))
        return VANON_ERR_MEMORY;
    *region = (vanon_region){.part = VANON_PART_EYES,
                             .object = eye->id,
                             .shape = VANON_SHAPE_ELLIPSE,
                             .cx = (eye->box.x0 + eye->box.x1) / 2,
                             .cy = (eye->box.y0 + eye->box.y1) / 2,
                             .rx = (eye->box.x1 - eye->box.x0) / 2 + margin,
                             .ry = (eye->box.y1 - eye->box.y0) / 2 + margin,
                             .first_point = region->first_point};
    return VANON_OK;
}

int vanon_regions_add(const vanon_options *options, const vanon_object_list *objects,
                      vanon_region_list *regions)
{
    struct vanon_joint_map map = {0};
    struct vanon_person person;

    for (size_t i = 0; i < objects->count; i++) {
        if (objects->object[i].class_id == VANON_CLASS_EYE &&
            add_eye(options, &objects->object[i], regions))
            return VANON_ERR_MEMORY;
        if (objects->object[i].class_id != VANON_CLASS_PERSON)
            continue;
        vanon_person_measure(&person, &map, objects, &objects->object[i], regions);
        if (add_person(options, &person))
            return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}
