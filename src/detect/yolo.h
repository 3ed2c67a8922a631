/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output tensor of a YOLO pose model to objects. Pure: no engine in sight.
 *
 * One picture's part of the tensor, float32, in pixels of the network's input (Ultralytics'
 * exports of YOLOv8-pose and YOLO11-pose), is one of two:
 *
 * - raw, [rows][anchors], rows = 4 + classes + 3 * joints: centre x, centre y, width, height, a
 *   score for each class, then x, y, visibility for each joint;
 * - after NMS (nms=True), [boxes][values], values = 6 + 3 * joints: x0, y0, x1, y1, score, class,
 *   then the joints; boxes that are not used are zero.
 */
#ifndef VANON_DETECT_YOLO_H
#define VANON_DETECT_YOLO_H

#include <vanon/object.h>

#include "detect/nms.h"
#include "pixels/letterbox.h"

#define VANON_YOLO_NMS_JOINTS 6 /* where the joints start in a box after NMS */

struct vanon_yolo_layout {
    bool nms;       /* the second of the two */
    size_t classes; /* at least 1 */
    size_t person;  /* which of them is a person; the others are left out */
};

struct vanon_yolo_params {
    float confidence;    /* least score */
    float iou_threshold; /* of NMS */
    size_t max_det;
    const vanon_skeleton *skeleton;
    struct vanon_yolo_layout layout;
};

/* Memory that is kept from call to call. Zeroed = empty. */
struct vanon_yolo_scratch {
    struct vanon_candidate *candidate;
    size_t capacity;
    float left_out; /* the highest score that max_det left out since this was 0 */
};

void vanon_yolo_scratch_free(struct vanon_yolo_scratch *scratch);

/* True where one picture's part of a tensor can have so many rows and columns. */
bool vanon_yolo_fits(const struct vanon_yolo_layout *layout, size_t joints, size_t rows,
                     size_t columns);

/*
 * Appends the people of one picture to `objects` in display space, by falling score, with detector
 * "pose"; at most `max_det` of a score above `confidence`. `rows` and `columns` are the tensor's,
 * in its layout. Raw: after NMS in the network's pixels; an anchor's score is the person's, also
 * where another class has a higher one. After NMS: as the model chose them.
 *
 * A score that is not within 0..1, a candidate with a number that is not finite, a class that there
 * isn't, a box after NMS with its corners the wrong way round: an error, not a miss,
 * VANON_ERR_INFERENCE. VANON_ERR_ARGUMENT: a tensor that vanon_yolo_fits refuses; VANON_ERR_MEMORY.
 * Does not log. Allocates only while `scratch` and the list grow.
 */
int vanon_yolo_decode(const struct vanon_yolo_params *params, const float *tensor, size_t rows,
                      size_t columns, const vanon_letterbox *letterbox,
                      struct vanon_yolo_scratch *scratch, vanon_object_list *objects);

#endif
