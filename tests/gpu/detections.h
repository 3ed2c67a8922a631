/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored results: NV12 frames (BT.601, limited range) without headers, and a text file
 * "expected.txt" of lines
 *
 *     frame NAME WIDTH HEIGHT
 *     person SCORE X0 Y0 X1 Y1, then X Y VISIBILITY of each of 17 joints
 *
 * in display space, as OpenVINO finds them in f32 at imgsz 640 (store_detections.c).
 */
#ifndef VANON_TESTS_GPU_DETECTIONS_H
#define VANON_TESTS_GPU_DETECTIONS_H

#define DETECTIONS_IMGSZ      640
#define DETECTIONS_CONFIDENCE 0.25f
#define DETECTIONS_IOU        0.45f
#define DETECTIONS_JOINTS     17
#define DETECTIONS_MATRIX     6

#endif
