/* SPDX-License-Identifier: Apache-2.0 */
/* What Ultralytics' exporter writes into a model about itself. Pure functions over bytes. */
#ifndef VANON_DETECT_MODEL_METADATA_H
#define VANON_DETECT_MODEL_METADATA_H

#include <stddef.h>

/* Zero or empty where the model does not say it. */
struct vanon_model_metadata {
    char task[24];  /* "pose", "detect", "segment", ... */
    size_t classes; /* how many names there are */
    int person;     /* number of the class "person"; -1: none is called so */
    int joints;     /* of a pose model */
    int values;     /* of each joint: 3 = x, y, visibility */
    int stride;     /* the sides of the input must be multiples of it */
    int batch;      /* as exported */
};

/*
 * Reads the metadata of an ONNX file (field metadata_props of the model). Whatever is missing,
 * broken or of another exporter counts as not said; so nothing can fail.
 */
void vanon_model_metadata_from_onnx(struct vanon_model_metadata *metadata, const void *bytes,
                                    size_t size);

/* The same of an OpenVINO IR: of its run-time information the element "framework", which a
 * converted ONNX has, or the names in "model_info", all that a direct export has. */
void vanon_model_metadata_from_xml(struct vanon_model_metadata *metadata, const void *bytes,
                                   size_t size);

#endif
