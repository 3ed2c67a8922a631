/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a YOLOv8-pose head's numbers to boxes and joints, and what non-maximum suppression compares:
 * the arithmetic of the GPU's kernels, host and device. Pure. Formulas as in Ultralytics' exports
 * (the tail of the graph that vanon's importer replaces), in float32.
 */
#ifndef VANON_CUDA_DECODE_MATH_H
#define VANON_CUDA_DECODE_MATH_H

#include <math.h>
#include <stdint.h>

#include "host_device.h"

#define VANON_GPU_JOINTS 64 /* the most that a candidate has room for */

/* A box of the network's pixels by its centre and size. */
struct vanon_gpu_box {
    float x, y, width, height;
};

/* Of what is not finite no number: float16 that has overflowed must not pass for "nobody". */
VANON_HD float vanon_gpu_sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x)) + (x - x);
}

/* The mean of 0 .. bins - 1, weighted by the softmax of `logit`. */
VANON_HD float vanon_gpu_expectation(const float *logit, int bins)
{
    float top = logit[0], sum = 0, mean = 0;

    for (int i = 1; i < bins; i++)
        top = logit[i] > top ? logit[i] : top;
    for (int i = 0; i < bins; i++) {
        float share = expf(logit[i] - top);

        sum += share;
        mean += share * (float)i;
    }
    return mean / sum;
}

/* From the distances left, top, right, bottom of a cell's middle, in cells. */
VANON_HD struct vanon_gpu_box vanon_gpu_cell_box(int column, int row, const float distance[4],
                                                 float stride)
{
    float x = (float)column + 0.5f, y = (float)row + 0.5f;
    float x0 = x - distance[0], y0 = y - distance[1], x1 = x + distance[2], y1 = y + distance[3];
    struct vanon_gpu_box box = {(x0 + x1) / 2 * stride, (y0 + y1) / 2 * stride, (x1 - x0) * stride,
                                (y1 - y0) * stride};

    return box;
}

/* A joint's coordinate along one axis. */
VANON_HD float vanon_gpu_cell_joint(int cell, float number, float stride)
{
    return (number * 2.0f + (float)cell) * stride;
}

/* As is_low of detect/yolo.c: what is not a number, or no score, is not low. */
VANON_HD int vanon_gpu_is_low(float score, float confidence)
{
    return score >= 0 && score <= confidence;
}

VANON_HD int vanon_gpu_is_finite(float x)
{
    return x - x == 0;
}

/* As vanon_box_iou of detect/nms.h, for corners made as detect/yolo.c makes them. */
VANON_HD float vanon_gpu_iou(const struct vanon_gpu_box *a, const struct vanon_gpu_box *b)
{
    float ax0 = a->x - a->width / 2, ay0 = a->y - a->height / 2;
    float ax1 = a->x + a->width / 2, ay1 = a->y + a->height / 2;
    float bx0 = b->x - b->width / 2, by0 = b->y - b->height / 2;
    float bx1 = b->x + b->width / 2, by1 = b->y + b->height / 2;
    float width = (ax1 < bx1 ? ax1 : bx1) - (ax0 > bx0 ? ax0 : bx0);
    float height = (ay1 < by1 ? ay1 : by1) - (ay0 > by0 ? ay0 : by0), common;

    if (!(ax1 > ax0 && ay1 > ay0) || !(bx1 > bx0 && by1 > by0) || !(width > 0) || !(height > 0))
        return 0;
    common = width * height;
    return common / ((ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - common);
}

/*
 * A key that sorts, rising, as vanon_nms orders candidates: by falling score, then rising anchor.
 * Scores are 0..1. The lower half is the anchor's number.
 */
VANON_HD uint64_t vanon_gpu_order(uint32_t score_bits, uint32_t anchor)
{
    return (uint64_t)(0xffffffffu - score_bits) << 32 | anchor;
}

#endif
