/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/yolo.h"

#include <math.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"

enum { RAW_X, RAW_Y, RAW_WIDTH, RAW_HEIGHT, RAW_SCORES };
enum { NMS_X0, NMS_Y0, NMS_X1, NMS_Y1, NMS_SCORE, NMS_CLASS };

/* The numbers of one anchor or box: `count` of them, so far apart. */
struct numbers {
    const float *first;
    size_t step, count;
};

void vanon_yolo_scratch_free(struct vanon_yolo_scratch *scratch)
{
    free(scratch->candidate);
    *scratch = (struct vanon_yolo_scratch){0};
}

static float number(const struct numbers *numbers, size_t index)
{
    return numbers->first[index * numbers->step];
}

static bool are_finite(const struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->count; i++)
        if (!isfinite(number(numbers, i)))
            return false;
    return true;
}

static struct numbers of_anchor(const float *tensor, size_t rows, size_t anchors, size_t anchor)
{
    return (struct numbers){tensor + anchor, anchors, rows};
}

static struct numbers of_box(const float *tensor, size_t values, size_t box)
{
    return (struct numbers){tensor + box * values, 1, values};
}

/* Written so that what is not a number, or no score, does not pass as a low one. */
static bool is_low(float score, float confidence)
{
    return score >= 0 && score <= confidence;
}

static bool is_sound(const struct numbers *numbers, float score)
{
    return score >= 0 && score <= 1 && are_finite(numbers);
}

static int add_candidate(struct vanon_yolo_scratch *scratch, size_t *count,
                         const struct vanon_candidate *candidate)
{
    if (vanon_grow(&scratch->candidate, &scratch->capacity, *count + 1, sizeof *scratch->candidate))
        return VANON_ERR_MEMORY;
    scratch->candidate[(*count)++] = *candidate;
    return VANON_OK;
}

static vanon_box box_around(const struct numbers *numbers)
{
    float x = number(numbers, RAW_X), half_width = number(numbers, RAW_WIDTH) / 2;
    float y = number(numbers, RAW_Y), half_height = number(numbers, RAW_HEIGHT) / 2;

    return (vanon_box){x - half_width, y - half_height, x + half_width, y + half_height};
}

/* Gathers the anchors above the least score. The row of scores lies in one piece; nothing else of
 * an anchor is touched unless it counts. */
static int find_anchors(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                        size_t anchors, struct vanon_yolo_scratch *scratch, size_t *found)
{
    const float *scores = tensor + (RAW_SCORES + params->layout.person) * anchors;
    int status = VANON_OK;

    for (size_t i = 0; i < anchors && !status; i++) {
        struct numbers numbers = of_anchor(tensor, rows, anchors, i);

        if (is_low(scores[i], params->confidence))
            continue;
        if (!is_sound(&numbers, scores[i]))
            return VANON_ERR_INFERENCE;
        status =
            add_candidate(scratch, found,
                          &(struct vanon_candidate){box_around(&numbers), scores[i], (uint32_t)i});
    }
    return status;
}

/* Gathers the boxes above the least score that are people. */
static int find_boxes(const struct vanon_yolo_params *params, const float *tensor, size_t boxes,
                      size_t values, struct vanon_yolo_scratch *scratch, size_t *found)
{
    int status = VANON_OK;

    for (size_t i = 0; i < boxes && !status; i++) {
        struct numbers numbers = of_box(tensor, values, i);
        const float *box = numbers.first;
        float class_id = box[NMS_CLASS];

        if (is_low(box[NMS_SCORE], params->confidence))
            continue;
        if (!is_sound(&numbers, box[NMS_SCORE]) || box[NMS_X0] > box[NMS_X1] ||
            box[NMS_Y0] > box[NMS_Y1] || class_id != floorf(class_id) || class_id < 0 ||
            class_id >= (float)params->layout.classes)
            return VANON_ERR_INFERENCE;
        if (class_id != (float)params->layout.person)
            continue;
        status = add_candidate(
            scratch, found,
            &(struct vanon_candidate){
                {box[NMS_X0], box[NMS_Y0], box[NMS_X1], box[NMS_Y1]}, box[NMS_SCORE], (uint32_t)i});
    }
    return status;
}

/* `joints` is where the joints start among the numbers. */
static int add_person(const struct vanon_yolo_params *params, const struct numbers *numbers,
                      size_t joints, const struct vanon_candidate *candidate,
                      const vanon_letterbox *letterbox, vanon_object_list *objects)
{
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
    for (size_t i = 0; i < person->keypoints; i++) {
        size_t joint = joints + 3 * i;
        vanon_point point = vanon_letterbox_to_display(letterbox, number(numbers, joint),
                                                       number(numbers, joint + 1));

        keypoints[i] = (vanon_keypoint){point.x, point.y, number(numbers, joint + 2)};
    }
    return VANON_OK;
}

bool vanon_yolo_fits(const struct vanon_yolo_layout *layout, size_t joints, size_t rows,
                     size_t columns)
{
    return layout->nms ? columns == VANON_YOLO_NMS_JOINTS + 3 * joints
                       : rows == RAW_SCORES + layout->classes + 3 * joints;
}

static int decode_raw(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                      size_t anchors, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects)
{
    size_t joints = RAW_SCORES + params->layout.classes, count = 0;
    int status = find_anchors(params, tensor, rows, anchors, scratch, &count);

    if (status)
        return status;
    count = vanon_nms(scratch->candidate, count, params->iou_threshold, params->max_det,
                      &scratch->left_out);
    for (size_t i = 0; i < count && !status; i++) {
        struct numbers numbers = of_anchor(tensor, rows, anchors, scratch->candidate[i].anchor);

        status = add_person(params, &numbers, joints, &scratch->candidate[i], letterbox, objects);
    }
    return status;
}

static int decode_nms(const struct vanon_yolo_params *params, const float *tensor, size_t boxes,
                      size_t values, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects)
{
    size_t count = 0;
    int status = find_boxes(params, tensor, boxes, values, scratch, &count);

    if (status)
        return status;
    /* No overlap is too much: this only sorts and counts. */
    count = vanon_nms(scratch->candidate, count, INFINITY, params->max_det, &scratch->left_out);
    for (size_t i = 0; i < count && !status; i++) {
        struct numbers numbers = of_box(tensor, values, scratch->candidate[i].anchor);

        status = add_person(params, &numbers, VANON_YOLO_NMS_JOINTS, &scratch->candidate[i],
                            letterbox, objects);
    }
    return status;
}

int vanon_yolo_decode(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                      size_t columns, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects)
{
    if (!vanon_yolo_fits(&params->layout, params->skeleton->joints, rows, columns))
        return VANON_ERR_ARGUMENT;
    return (params->layout.nms ? decode_nms : decode_raw)(params, tensor, rows, columns, letterbox,
                                                          scratch, objects);
}
