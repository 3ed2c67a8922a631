/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a model's file and says which one it is, and what it says of itself. Knows nothing of any
 * engine. */
#ifndef VANON_DETECT_MODEL_FILE_H
#define VANON_DETECT_MODEL_FILE_H

#include <stdbool.h>

#include <vanon/status.h>

#include "base/digest.h"
#include "detect/model_metadata.h"

struct vanon_model_file {
    char *path;
    char *weights;                  /* the .bin of an .xml; NULL: none */
    char sha256[VANON_SHA256_TEXT]; /* of the file; of an .xml: of .xml and .bin as if one file */
    bool shipped;                   /* it is the one that comes with vanon, unaltered */
    bool quantised;                 /* it speaks of quantised layers: an INT8 model */
    struct vanon_model_metadata metadata;
};

/*
 * Finds what the option pose_model names: a path that exists, or, for a bare "yolov8n-pose.pt" (a
 * file of that name, which the replaced program leaves where it runs, can't be read anyway), a bare
 * "yolov8n-pose.onnx" that doesn't exist, and "", the shipped model. That one is looked for in the
 * folder $VANON_MODELS, then where it is installed, then in the source tree, and its digest is
 * verified. VANON_ERR_MODEL: missing, empty, not .onnx or .xml, an .xml without its .bin, the
 * shipped one altered; VANON_ERR_MEMORY.
 */
int vanon_model_file_find(struct vanon_model_file *file, const char *name, const vanon_log *log);
/* VANON_ERR_MODEL: it is not what it was when it was found. */
int vanon_model_file_check(const struct vanon_model_file *file, const vanon_log *log);
void vanon_model_file_free(struct vanon_model_file *file);

#endif
