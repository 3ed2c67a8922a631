/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's detector, in float32, on what the test links in place of a GPU; after unit.h. */
#ifndef VANON_TESTS_CUDA_DETECTOR_H
#define VANON_TESTS_CUDA_DETECTOR_H

#include "detector.h"
#include "detector_fixture.h"

static struct detect_wait gpu_waiting = DETECT_WAIT;

static inline vanon_options *make_options(void)
{
    static const char *const pairs[] = {"pose_model", SHIPPED, "precision",  "f32", "imgsz",  "160",
                                        "confidence", "0.2",   "batch_size", "1",   "device", "cpu",
                                        NULL};

    return detect_options(pairs);
}

static inline vanon_detector *create_gpu(const vanon_options *options, size_t batch)
{
    struct vanon_detector_params params = {.options = options,
                                           .log = &unit_log,
                                           .done = detect_done,
                                           .opaque = &gpu_waiting,
                                           .slots = 2,
                                           .batch = batch,
                                           .skeleton = &vanon_skeleton_coco17};
    vanon_detector *detector = NULL;

    unit_log_clear();
    if (vanon_detector_cuda.create(&detector, &params))
        fail_msg("%s", unit_message);
    return detector;
}

#endif
