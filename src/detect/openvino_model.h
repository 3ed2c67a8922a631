/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pose model in OpenVINO: found, read, checked, and compiled for one size of input after the
 * other. With openvino.c the only place that knows OpenVINO.
 *
 * Input of what is compiled: [batch][height][width][3] bytes, RGB. Output: [batch][rows][columns]
 * float32, in one of the layouts of yolo.h.
 *
 * Thread-safety: vanon_openvino_compile by one thread at a time; the rest is constant once open.
 */
#ifndef VANON_DETECT_OPENVINO_MODEL_H
#define VANON_DETECT_OPENVINO_MODEL_H

#include <openvino/c/openvino.h>

#include "detect/detector.h"
#include "detect/model_file.h"
#include "detect/model_kind.h"

struct vanon_openvino_model {
    const vanon_log *log;
    struct vanon_model_file file;
    ov_core_t *core;
    ov_model_t *model;  /* NULL: read, compiled and let go */
    const char *device; /* OpenVINO's name */
    const char *hint;   /* its inference precision */
    char precision[8];  /* for the report */
    int imgsz;          /* longer side of the network's input, where the model leaves it open */
    struct vanon_model_kind kind;
    size_t batch;   /* the most frames in one inference */
    size_t streams; /* inferences at once */
    int threads;    /* for all of them */
};

/* A model that is compiled for a size and a batch. */
struct vanon_openvino_network {
    ov_compiled_model_t *compiled;
    int width, height;
    size_t batch;         /* frames in one inference */
    size_t rows, columns; /* of the output, for each frame */
};

/* Sends OpenVINO's words to the log and returns `status`. `what` names the thing that failed. To be
 * called right after the call that returned `code`. */
int vanon_openvino_fail(const vanon_log *log, int status, const char *what, ov_status_e code);

/* Reads params->options and the model. The zeroed struct counts as closed. Codes as
 * vanon_detector_create. On failure it is closed. */
int vanon_openvino_open(struct vanon_openvino_model *model,
                        const struct vanon_detector_params *params);
void vanon_openvino_close(struct vanon_openvino_model *model);

/* Fills `network` for its width, height and batch. VANON_ERR_MODEL: the model can't take this size.
 */
int vanon_openvino_compile(struct vanon_openvino_model *model,
                           struct vanon_openvino_network *network);

#endif
