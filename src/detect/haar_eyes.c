/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_eyes.h"

#include <stdlib.h>

#include "detect/haar.h"

static const struct vanon_haar_params face_params = {
    .scale_factor = 1.1, .min_neighbours = 5, .least_width = 60, .least_height = 60};
static const struct vanon_haar_params eye_params = {
    .scale_factor = 1.1, .min_neighbours = 3, .least_width = 20, .least_height = 20};

struct vanon_haar_eyes {
    vanon_haar *face, *eye;
    struct vanon_haar_boxes faces, eyes; /* of the picture; of one face */
};

int vanon_haar_eyes_create(vanon_haar_eyes **out, const vanon_haar_cascade *face,
                           const vanon_haar_cascade *eye)
{
    vanon_haar_eyes *eyes = calloc(1, sizeof *eyes);

    *out = eyes;
    if (!eyes)
        return VANON_ERR_MEMORY;
    if (vanon_haar_create(&eyes->face, face) || vanon_haar_create(&eyes->eye, eye))
        vanon_haar_eyes_destroy(out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_haar_eyes_destroy(vanon_haar_eyes **pointer)
{
    vanon_haar_eyes *eyes = *pointer;

    if (!eyes)
        return;
    vanon_haar_destroy(&eyes->face);
    vanon_haar_destroy(&eyes->eye);
    vanon_haar_boxes_free(&eyes->faces);
    vanon_haar_boxes_free(&eyes->eyes);
    free(eyes);
    *pointer = NULL;
}

/* `left` and `top`: where the picture that the box was found in lies. */
static int add(vanon_object_list *objects, const vanon_gray *gray, enum vanon_class class_id,
               const struct vanon_haar_box *box, int left, int top)
{
    vanon_object *object;
    double across, down;

    if (vanon_object_list_add(objects, NULL, &object))
        return VANON_ERR_MEMORY;
    vanon_gray_scale(gray, &across, &down);
    object->class_id = class_id;
    object->detector = "haar";
    object->score = (float)box->neighbours / (float)(box->neighbours + 1);
    object->seen = true;
    object->box = (vanon_box){.x0 = (float)((left + box->x) * across),
                              .y0 = (float)((top + box->y) * down),
                              .x1 = (float)((left + box->x + box->width) * across),
                              .y1 = (float)((top + box->y + box->height) * down)};
    return VANON_OK;
}

static int find_in_face(vanon_haar_eyes *eyes, const vanon_gray *gray,
                        const struct vanon_haar_box *face, vanon_object_list *objects)
{
    const struct vanon_gray_picture *whole = vanon_gray_picture(gray);
    const struct vanon_gray_picture part = {whole->pixels + face->y * whole->stride + face->x,
                                            face->width, face->height, whole->stride};
    int status = add(objects, gray, VANON_CLASS_FACE, face, 0, 0);

    if (!status)
        status = vanon_haar_detect(eyes->eye, &part, &eye_params, &eyes->eyes);
    for (size_t i = 0; i < eyes->eyes.count && !status; i++)
        status = add(objects, gray, VANON_CLASS_EYE, &eyes->eyes.box[i], face->x, face->y);
    return status;
}

int vanon_haar_eyes_find(vanon_haar_eyes *eyes, const vanon_gray *gray, vanon_object_list *objects)
{
    int status =
        vanon_haar_detect(eyes->face, vanon_gray_picture(gray), &face_params, &eyes->faces);

    for (size_t i = 0; i < eyes->faces.count && !status; i++)
        status = find_in_face(eyes, gray, &eyes->faces.box[i], objects);
    return status;
}
