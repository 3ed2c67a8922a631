/* SPDX-License-Identifier: Apache-2.0 */
/* Non-maximum suppression. Pure functions. */
#ifndef VANON_DETECT_NMS_H
#define VANON_DETECT_NMS_H

#include <stddef.h>
#include <stdint.h>

#include <vanon/object.h>

struct vanon_candidate {
    vanon_box box;
    float score;
    uint32_t anchor; /* where it came from; breaks ties, so that results repeat */
};

/* Intersection over union; 0 where either box is empty or not a number. */
float vanon_box_iou(const vanon_box *a, const vanon_box *b);

/* No more than so many of the best candidates are looked at, as in Ultralytics. */
#define VANON_NMS_CANDIDATES 30000

/*
 * Sorts by falling score and keeps, greedily, every candidate whose IoU with each one kept before
 * it is at most `threshold`; at most `max` are kept. They lie at the front in order; returns how
 * many. Same rule as torchvision.ops.nms. Where one more would have been kept, `*left_out` becomes
 * that one's score if it is larger. Allocates nothing.
 */
size_t vanon_nms(struct vanon_candidate *candidates, size_t count, float threshold, size_t max,
                 float *left_out);

#endif
