/* SPDX-License-Identifier: Apache-2.0 */
/* Tells from the shapes of a network, and from what it says of itself, what it is. Pure: no engine
 * in sight. */
#ifndef VANON_DETECT_MODEL_KIND_H
#define VANON_DETECT_MODEL_KIND_H

#include "detect/detector.h"
#include "detect/model_file.h"
#include "detect/yolo.h"
#include "options/options.h"

/* The sides of a tensor. */
struct vanon_model_shape {
    size_t sides;    /* 0: not known, or more than fit */
    int64_t side[6]; /* 0: open */
};

/* A network's ends. Only the first two outputs are looked at. */
struct vanon_model_ends {
    size_t inputs, outputs;
    struct vanon_model_shape input, output[2];
};

/* What a pose model takes and gives. */
struct vanon_model_kind {
    size_t batch;      /* 0: open */
    size_t most_batch; /* where it is open: more than so many frames it can't take; 0: any */
    int width, height; /* 0: open */
    struct vanon_yolo_layout layout;
};

/*
 * Fills `kind` for a YOLO pose model with the 17 joints of COCO: the input [batch, 3, height,
 * width], the output one of yolo.h's two. Shapes decide; the metadata tells what they can't: the
 * classes, and that a network of such a shape is for another task. VANON_ERR_MODEL: no such model;
 * the message says what it is, as far as that can be told, and what is expected.
 */
int vanon_model_recognise(struct vanon_model_kind *kind, const struct vanon_model_ends *ends,
                          const struct vanon_model_file *file, const vanon_log *log);

/*
 * The longer side of the network's input that options->imgsz asks for, where the model leaves its
 * sides open (AUTO: 640), rounded up to a multiple of VANON_LETTERBOX_STRIDE. VANON_ERR_OPTION: the
 * model has fixed sides, and another one was asked for.
 */
int vanon_model_choose_imgsz(int *imgsz, const struct vanon_model_kind *kind,
                             const struct vanon_model_file *file, const vanon_options *options,
                             const vanon_log *log);

/* The size of the network's input for a view; `imgsz`, its longer side, is for one that doesn't say
 * its own. */
void vanon_model_view_size(const struct vanon_model_kind *kind, int imgsz,
                           const struct vanon_view *view, int *width, int *height);

/* Says what a model with its own NMS can't do: find less sure people than it was exported for. */
void vanon_model_warn_of_nms(const struct vanon_model_kind *kind,
                             const struct vanon_model_file *file, const vanon_options *options,
                             const vanon_log *log);

#endif
