/* SPDX-License-Identifier: Apache-2.0 */
/* The detector over a GPU (device.h): one more of detect/detector.h's. */
#ifndef VANON_CUDA_DETECTOR_H
#define VANON_CUDA_DETECTOR_H

#include "detect/detector.h"

/*
 * Takes ONNX files only. Each slot is a context of its own with a batch in flight. Where the memory
 * of the device doesn't suffice, a batch is done in pieces: half of it at a time, or a quarter,
 * ...; the report's device says so. One frame that doesn't fit is VANON_ERR_MEMORY.
 */
extern const struct vanon_detector_ops vanon_detector_cuda;

#endif
