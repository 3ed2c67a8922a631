/* SPDX-License-Identifier: Apache-2.0 */
#include "track/move.h"

#include <math.h>

#include <vanon/status.h>

#include "base/joint.h"

double vanon_move_scale(const vanon_matrix *by)
{
    return sqrt(by->xx * by->xx + by->yx * by->yx);
}

vanon_point vanon_move_vector(vanon_point vector, const vanon_matrix *by)
{
    return (vanon_point){(float)(by->xx * vector.x + by->xy * vector.y),
                         (float)(by->yx * vector.x + by->yy * vector.y)};
}

vanon_keypoint vanon_move_joint(const vanon_keypoint *joint, const vanon_matrix *by)
{
    double x, y;

    vanon_matrix_apply(by, joint->x, joint->y, &x, &y);
    return (vanon_keypoint){(float)x, (float)y, joint->visibility};
}

vanon_box vanon_move_box(const vanon_box *box, const vanon_matrix *by)
{
    double scale = vanon_move_scale(by) / 2, x, y;
    double width = scale * ((double)box->x1 - box->x0),
           height = scale * ((double)box->y1 - box->y0);

    vanon_matrix_apply(by, ((double)box->x0 + box->x1) / 2, ((double)box->y0 + box->y1) / 2, &x,
                       &y);
    return (vanon_box){(float)(x - width), (float)(y - height), (float)(x + width),
                       (float)(y + height)};
}

void vanon_move_object(const vanon_object_list *list, vanon_object *object, const vanon_matrix *by)
{
    vanon_keypoint *joint = vanon_object_keypoints(list, object);

    object->box = vanon_move_box(&object->box, by);
    object->spread = (float)(object->spread * vanon_move_scale(by));
    for (size_t i = 0; i < object->keypoints; i++)
        if (vanon_joint_seen(&joint[i]))
            joint[i] = vanon_move_joint(&joint[i], by);
}

int vanon_move_all(vanon_object_list *list, const vanon_object_list *from, const vanon_matrix *by)
{
    vanon_object_list_clear(list);
    for (size_t i = 0; i < from->count; i++) {
        if (vanon_object_list_copy(list, from, &from->object[i]))
            return VANON_ERR_MEMORY;
        vanon_move_object(list, &list->object[i], by);
    }
    return VANON_OK;
}

void vanon_move_exactly(const vanon_object_list *list, vanon_object *object,
                        const vanon_object_list *from, const vanon_object *as)
{
    vanon_keypoint *joint = vanon_object_keypoints(list, object);
    const vanon_keypoint *exact = vanon_object_keypoints(from, as);

    object->box = as->box;
    object->spread = as->spread;
    for (size_t i = 0; i < object->keypoints; i++)
        if (vanon_joint_seen(&exact[i]))
            joint[i] = exact[i];
}
