/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/yolo.h"

#include <math.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"

enum { ROW_X, ROW_Y, ROW_WIDTH, ROW_HEIGHT, ROW_SCORE, ROW_JOINTS };

void vanon_yolo_scratch_free(struct vanon_yolo_scratch *scratch)
{
    free(scratch->candidate);
    *scratch = (struct vanon_yolo_scratch){0};
}

/* Every number that belongs to an anchor must be finite. */
static bool is_finite(const float *tensor, size_t rows, size_t anchors, size_t anchor)
{
    for (size_t row = 0; row < rows; row++)
        if (!isfinite(tensor[row * anchors + anchor]))
            return false;
    return true;
}

static vanon_box read_box(const float *tensor, size_t anchors, size_t anchor)
{
    const float *column = tensor + anchor;
    float x = column[ROW_X * anchors], half_width = column[ROW_WIDTH * anchors] / 2;
    float y = column[ROW_Y * anchors], half_height = column[ROW_HEIGHT * anchors] / 2;

    return (vanon_box){x - half_width, y - half_height, x + half_width, y + half_height};
}

/* Gathers the anchors above the least score. The row of scores lies in one piece; nothing else of
 * an anchor is touched unless it counts. */
static int find_candidates(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                           size_t anchors, struct vanon_yolo_scratch *scratch, size_t *found)
{
    const float *scores = tensor + ROW_SCORE * anchors;
    size_t count = 0;

    for (size_t i = 0; i < anchors; i++) {
        float score = scores[i];

        /* Written so that what is not a number, or no score, does not pass as a low one. */
        if (score >= 0 && score <= params->confidence)
            continue;
        if (!(score >= 0 && score <= 1) || !is_finite(tensor, rows, anchors, i))
            return VANON_ERR_INFERENCE;
        if (vanon_grow(&scratch->candidate, &scratch->capacity, count + 1,
                       sizeof *scratch->candidate))
            return VANON_ERR_MEMORY;
        scratch->candidate[count++] = (struct vanon_candidate){
            .box = read_box(tensor, anchors, i), .score = score, .anchor = (uint32_t)i};
    }
    *found = count;
    return VANON_OK;
}

static int add_person(const struct vanon_yolo_params *params, const float *tensor, size_t anchors,
                      const struct vanon_candidate *candidate, const vanon_letterbox *letterbox,
                      vanon_object_list *objects)
{
    const float *joint = tensor + ROW_JOINTS * anchors + candidate->anchor;
    vanon_point first = vanon_letterbox_to_display(letterbox, candidate->box.x0, candidate->box.y0);
    vanon_point last = vanon_letterbox_to_display(letterbox, candidate->box.x1, candidate->box.y1);
    vanon_object *person;
    vanon_keypoint *keypoints;

    if (vanon_object_list_add(objects, params->skeleton, &person))
        return VANON_ERR_MEMORY;
    person->class_id = VANON_CLASS_PERSON;
    person->detector = "pose";
    person->score = candidate->score;
    person->seen = true;
    person->box = (vanon_box){first.x, first.y, last.x, last.y};
    keypoints = vanon_object_keypoints(objects, person);
    for (size_t i = 0; i < person->keypoints; i++, joint += 3 * anchors) {
        vanon_point point = vanon_letterbox_to_display(letterbox, joint[0], joint[anchors]);

        keypoints[i] = (vanon_keypoint){point.x, point.y, joint[2 * anchors]};
    }
    return VANON_OK;
}

int vanon_yolo_decode(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                      size_t anchors, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects)
{
    size_t count = 0;
    int status;

    if (rows != ROW_JOINTS + 3 * params->skeleton->joints)
        return VANON_ERR_ARGUMENT;
    status = find_candidates(params, tensor, rows, anchors, scratch, &count);
    if (status)
        return status;
    count = vanon_nms(scratch->candidate, count, params->iou_threshold, params->max_det);
    for (size_t i = 0; i < count && !status; i++)
        status = add_person(params, tensor, anchors, &scratch->candidate[i], letterbox, objects);
    return status;
}
