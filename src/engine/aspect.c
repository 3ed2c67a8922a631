/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/aspect.h"

#include <math.h>

#include "pixels/frame.h"

static bool is_coded_alike(const vanon_frame *a, const vanon_frame *b)
{
    return a->width == b->width && a->height == b->height && a->rotation == b->rotation &&
           a->mirrored == b->mirrored;
}

vanon_frame vanon_aspect_take(struct vanon_aspect *aspect, const vanon_frame *frame,
                              struct vanon_stretch *stretch)
{
    vanon_frame as = *frame;
    double width, height, wanted_width, wanted_height;

    if (!is_coded_alike(&aspect->like, frame))
        aspect->like = *frame;
    as.sar = aspect->like.sar;
    vanon_frame_display_size(frame, &width, &height);
    vanon_frame_display_size(&as, &wanted_width, &wanted_height);
    *stretch = (struct vanon_stretch){wanted_width / width, wanted_height / height};
    return as;
}

static bool is_none(struct vanon_stretch stretch)
{
    return stretch.x == 1 && stretch.y == 1;
}

static void stretch_all(vanon_object_list *list, double x, double y)
{
    for (size_t i = 0; i < list->count; i++) {
        vanon_box *box = &list->object[i].box;

        *box = (vanon_box){(float)(box->x0 * x), (float)(box->y0 * y), (float)(box->x1 * x),
                           (float)(box->y1 * y)};
        list->object[i].spread *= (float)fmax(x, y);
    }
    for (size_t i = 0; i < list->keypoints; i++) {
        list->keypoint[i].x = (float)(list->keypoint[i].x * x);
        list->keypoint[i].y = (float)(list->keypoint[i].y * y);
    }
}

const vanon_object_list *vanon_aspect_stretch(struct vanon_aspect *aspect,
                                              const vanon_object_list *objects,
                                              struct vanon_stretch stretch)
{
    if (is_none(stretch))
        return objects;
    vanon_object_list_clear(&aspect->stretched);
    for (size_t i = 0; i < objects->count; i++)
        if (vanon_object_list_copy(&aspect->stretched, objects, &objects->object[i]))
            return NULL;
    stretch_all(&aspect->stretched, stretch.x, stretch.y);
    return &aspect->stretched;
}

void vanon_aspect_back(vanon_object_list *objects, struct vanon_stretch stretch)
{
    if (!is_none(stretch))
        stretch_all(objects, 1 / stretch.x, 1 / stretch.y);
}

void vanon_aspect_reset(struct vanon_aspect *aspect)
{
    aspect->like = (vanon_frame){0};
}

void vanon_aspect_free(struct vanon_aspect *aspect)
{
    vanon_object_list_free(&aspect->stretched);
}
