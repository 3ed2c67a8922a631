/* SPDX-License-Identifier: Apache-2.0 */
#include "track/shift.h"

#include <vanon/status.h>

#include "base/joint.h"

void vanon_shift_object(const vanon_object_list *list, vanon_object *object, double x, double y)
{
    vanon_keypoint *joint = vanon_object_keypoints(list, object);

    object->box = (vanon_box){(float)(object->box.x0 + x), (float)(object->box.y0 + y),
                              (float)(object->box.x1 + x), (float)(object->box.y1 + y)};
    for (size_t i = 0; i < object->keypoints; i++)
        if (vanon_joint_seen(&joint[i])) {
            joint[i].x = (float)(joint[i].x + x);
            joint[i].y = (float)(joint[i].y + y);
        }
}

int vanon_shift_all(vanon_object_list *list, const vanon_object_list *from, double x, double y)
{
    vanon_object_list_clear(list);
    for (size_t i = 0; i < from->count; i++) {
        if (vanon_object_list_copy(list, from, &from->object[i]))
            return VANON_ERR_MEMORY;
        vanon_shift_object(list, &list->object[i], x, y);
    }
    return VANON_OK;
}

void vanon_shift_exactly(const vanon_object_list *list, vanon_object *object,
                         const vanon_object_list *from, const vanon_object *as)
{
    vanon_keypoint *joint = vanon_object_keypoints(list, object);
    const vanon_keypoint *exact = vanon_object_keypoints(from, as);

    object->box = as->box;
    for (size_t i = 0; i < object->keypoints; i++)
        if (vanon_joint_seen(&exact[i]))
            joint[i] = exact[i];
}
