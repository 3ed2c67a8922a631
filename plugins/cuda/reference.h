/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a plan in float32 on the CPU, operation by operation as plan.h says it, slowly. What the
 * CUDA executor is measured against; the detector's tests run on it (device_reference.c).
 *
 * Thread-safety: an object belongs to one thread at a time; many may share a plan.
 */
#ifndef VANON_CUDA_REFERENCE_H
#define VANON_CUDA_REFERENCE_H

#include "plan.h"

typedef struct vanon_reference vanon_reference;

/* The plan must outlive it. VANON_ERR_MEMORY. */
int vanon_reference_create(vanon_reference **out, const vanon_plan *plan);
void vanon_reference_destroy(vanon_reference **reference);

/* Gives frame `index` its picture: height * width * 3 bytes, R, G, B of each pixel. */
void vanon_reference_put(vanon_reference *reference, size_t index, const uint8_t *rgb);

/* Gives it numbers of 0..1 instead, [3][height][width] as ONNX has them. */
void vanon_reference_put_planes(vanon_reference *reference, size_t index, const float *planes);

/* Runs the first `count` frames of the batch. */
void vanon_reference_run(vanon_reference *reference, size_t count);

/* Writes the output of frame `index` after a run, [head.rows][head.anchors]. */
void vanon_reference_get(const vanon_reference *reference, size_t index, float *output);

#endif
