/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YOLOv8-pose output tensor to objects. Pure: no engine in sight.
 *
 * The tensor is [rows][anchors] float32 with rows = 4 + 1 + 3 * joints: centre x, centre y, width,
 * height, the score of the one class (person), then x, y, visibility for each joint, in pixels of
 * the network's input (Ultralytics' export).
 */
#ifndef VANON_DETECT_YOLO_H
#define VANON_DETECT_YOLO_H

#include <vanon/object.h>

#include "detect/nms.h"
#include "pixels/letterbox.h"

struct vanon_yolo_params {
    float confidence;    /* least score */
    float iou_threshold; /* of NMS */
    size_t max_det;
    const vanon_skeleton *skeleton;
};

/* Memory that is kept from call to call. Zeroed = empty. */
struct vanon_yolo_scratch {
    struct vanon_candidate *candidate;
    size_t capacity;
};

void vanon_yolo_scratch_free(struct vanon_yolo_scratch *scratch);

/*
 * Appends the people of one picture to `objects` in display space, by falling score, with detector
 * "pose": anchors whose score is above `confidence`, after NMS in the network's pixels. A score
 * that is not within 0..1, or a candidate with a number that is not finite, is an error, not a
 * miss: VANON_ERR_INFERENCE. VANON_ERR_ARGUMENT: rows that are not of one class and the skeleton's
 * joints; VANON_ERR_MEMORY. Does not log. Allocates only while `scratch` and the list grow.
 */
int vanon_yolo_decode(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                      size_t anchors, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects);

#endif
