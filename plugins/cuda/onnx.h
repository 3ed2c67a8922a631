/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file in ONNX's format, parsed by protobuf-c, and its tensors and attributes as the importer
 * wants them. Nothing in it is trusted. With onnx_*.c and operators*.c the only place that knows
 * protobuf.
 *
 * Thread-safety: nothing changes after parsing; any number of threads may read.
 */
#ifndef VANON_CUDA_ONNX_H
#define VANON_CUDA_ONNX_H

#include <vanon/status.h>

#include "array.h"
#include "onnx.pb-c.h"
#include "plan.h"

struct vanon_onnx {
    char *name; /* for messages */
    Onnx__ModelProto *model;
    const Onnx__GraphProto *graph;
    int opset;         /* of the standard operators */
    const char *input; /* name of the network's input, [batch, 3, height, width] */
    int64_t side[4];   /* of it; 0: open */
    const char *output;
};

/* Reads a file. VANON_ERR_MODEL: it can't be read, is no ONNX, or has not one input of four sides
 * and one output; the message names the rule. VANON_ERR_MEMORY. */
int vanon_onnx_load(vanon_onnx **out, const char *path, const vanon_log *log);

/* The same for a file's bytes; `name` is for messages. They are not needed after the call. */
int vanon_onnx_parse(vanon_onnx **out, const void *bytes, size_t size, const char *name,
                     const vanon_log *log);
void vanon_onnx_destroy(vanon_onnx **onnx);

/* Makes the zeroed array of a tensor. NULL, or what is wrong with it: of a static string; then the
 * array must still be freed. */
const char *vanon_onnx_tensor(vanon_array *array, const Onnx__TensorProto *tensor);

/* The attribute of this name and type (ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__...); NULL: there is
 * none. */
const Onnx__AttributeProto *vanon_onnx_attribute(const Onnx__NodeProto *node, const char *name,
                                                 Onnx__AttributeProto__AttributeType type);

/* A whole number, or what it is where it isn't given. */
int64_t vanon_onnx_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise);

/* True where a text attribute is not given or is `text`. */
bool vanon_onnx_is(const Onnx__NodeProto *node, const char *name, const char *text);

#endif
