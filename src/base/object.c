/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/object.h>

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"

static const char *const coco17[] = {
    "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle",
};

const vanon_skeleton vanon_skeleton_coco17 = {"coco17", VANON_COUNT(coco17), coco17};

static const char *const classes[VANON_CLASSES] = {"person", "face", "eye"};
static const char *const origins[VANON_ORIGINS] = {"found", "between", "before", "after"};
static const char *const parts[VANON_PART_FRAME + 1] = {
    "eyes",  "elbows", "face", "head", "shoulders", "hands",  "hips",
    "knees", "feet",   "arms", "legs", "body",      "region", "frame",
};
static const char *const shapes[VANON_SHAPES] = {"ellipse", "box", "capsule", "polygon"};

static const char *name_of(const char *const *names, size_t count, int index)
{
    return index >= 0 && (size_t)index < count ? names[index] : NULL;
}

const char *vanon_class_name(enum vanon_class class_id)
{
    return name_of(classes, VANON_COUNT(classes), (int)class_id);
}

const char *vanon_origin_name(enum vanon_origin origin)
{
    return name_of(origins, VANON_COUNT(origins), (int)origin);
}

const char *vanon_part_name(enum vanon_part part)
{
    return name_of(parts, VANON_COUNT(parts), (int)part);
}

const char *vanon_shape_name(enum vanon_shape shape)
{
    return name_of(shapes, VANON_COUNT(shapes), (int)shape);
}

int vanon_skeleton_joint(const vanon_skeleton *skeleton, const char *name)
{
    for (size_t i = 0; i < skeleton->joints; i++)
        if (!strcmp(skeleton->joint[i], name))
            return (int)i;
    return -1;
}

int vanon_object_list_add(vanon_object_list *list, const vanon_skeleton *skeleton,
                          vanon_object **out)
{
    size_t joints = skeleton ? skeleton->joints : 0;
    vanon_object *object;

    if (vanon_grow(&list->object, &list->capacity, list->count + 1, sizeof *list->object) ||
        vanon_grow(&list->keypoint, &list->keypoint_capacity, list->keypoints + joints,
                   sizeof *list->keypoint))
        return VANON_ERR_MEMORY;
    object = &list->object[list->count++];
    *object = (vanon_object){
        .skeleton = skeleton, .first_keypoint = list->keypoints, .keypoints = joints};
    if (joints)
        memset(list->keypoint + list->keypoints, 0, joints * sizeof *list->keypoint);
    list->keypoints += joints;
    *out = object;
    return VANON_OK;
}

int vanon_object_list_copy(vanon_object_list *list, const vanon_object_list *from,
                           const vanon_object *object)
{
    vanon_object *copy;
    size_t first;
    int status = vanon_object_list_add(list, object->skeleton, &copy);

    if (status)
        return status;
    first = copy->first_keypoint;
    *copy = *object;
    copy->first_keypoint = first;
    copy->mask = vanon_ref_get(object->mask);
    if (object->keypoints)
        memcpy(list->keypoint + first, from->keypoint + object->first_keypoint,
               object->keypoints * sizeof *list->keypoint);
    return VANON_OK;
}

vanon_keypoint *vanon_object_keypoints(const vanon_object_list *list, const vanon_object *object)
{
    return object->keypoints ? list->keypoint + object->first_keypoint : NULL;
}

void vanon_object_list_clear(vanon_object_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        vanon_ref_put(&list->object[i].mask);
    list->count = list->keypoints = 0;
}

void vanon_object_list_free(vanon_object_list *list)
{
    if (!list)
        return;
    vanon_object_list_clear(list);
    free(list->object);
    free(list->keypoint);
    *list = (vanon_object_list){0};
}

int vanon_region_list_add(vanon_region_list *list, size_t points, vanon_region **out)
{
    if (vanon_grow(&list->region, &list->capacity, list->count + 1, sizeof *list->region) ||
        vanon_grow(&list->point, &list->point_capacity, list->points + points, sizeof *list->point))
        return VANON_ERR_MEMORY;
    *out = &list->region[list->count++];
    **out = (vanon_region){.first_point = list->points, .points = points};
    if (points)
        memset(list->point + list->points, 0, points * sizeof *list->point);
    list->points += points;
    return VANON_OK;
}

void vanon_region_list_clear(vanon_region_list *list)
{
    list->count = list->points = 0;
}

void vanon_region_list_free(vanon_region_list *list)
{
    if (!list)
        return;
    free(list->region);
    free(list->point);
    *list = (vanon_region_list){0};
}
