/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX's operators, as far as YOLOv8's and YOLO11's exports use them: each finds the shapes of its
 * outputs, and their numbers where it knows those of all its inputs. Convolution, pooling and
 * resizing are meant for whole pictures, and of those only convolution computes numbers.
 */
#ifndef VANON_CUDA_OPERATORS_H
#define VANON_CUDA_OPERATORS_H

#include <stdint.h>

#include "array.h"

#define VANON_MOST_INPUTS  32
#define VANON_MOST_OUTPUTS 16

struct vanon_graph;
struct vanon_node;

/* One node at work. */
struct vanon_call {
    struct vanon_graph *graph;
    const struct vanon_node *node;
    const vanon_array *in[VANON_MOST_INPUTS]; /* NULL: not given */
    vanon_array *out[VANON_MOST_OUTPUTS];     /* likewise; zeroed */
    size_t inputs, outputs;
    bool known; /* the numbers of all inputs are */
};

struct vanon_operator {
    const char *name;
    size_t least, most, outputs; /* inputs from `least` (all of which are given) to `most` */
    int (*run)(struct vanon_call *call);
};

/* NULL: it isn't supported. */
const struct vanon_operator *vanon_operator_find(const char *name);

/* What operators are made of; codes as vanon_graph_create. */

/* Gives output `index` its shape, and memory where the call is known; out->data tells. */
int vanon_call_output(struct vanon_call *call, size_t index, enum vanon_array_type type,
                      size_t sides, const int64_t *side);

/* A number of a side, negative ones counted from the end, below `sides`. */
int vanon_call_axis(const struct vanon_call *call, int64_t axis, size_t sides, size_t *out);

/* A list of whole numbers: input `index` where it is given, else the attribute `name` of old
 * opsets, else NULL, which is no failure. At most VANON_ARRAY_SIDES where `most` is 0. */
int vanon_call_list(const struct vanon_call *call, size_t index, const char *name, size_t most,
                    const int64_t **list, size_t *count);

/* Takes so much off what the import may compute. VANON_ERR_MODEL: it is too much. */
int vanon_call_charge(const struct vanon_call *call, double work);

/* The common shape of two by broadcasting. */
int vanon_call_broadcast(const struct vanon_call *call, const vanon_array *a, const vanon_array *b,
                         size_t *sides, int64_t *side);

/* Strides with which vanon_array_gather repeats `from` over a broadcast shape. */
void vanon_broadcast_strides(const vanon_array *from, size_t sides, int64_t *stride);

/* The operators themselves. */
int vanon_run_add(struct vanon_call *call);
int vanon_run_cast(struct vanon_call *call);
int vanon_run_concat(struct vanon_call *call);
int vanon_run_constant(struct vanon_call *call);
int vanon_run_constant_of_shape(struct vanon_call *call);
int vanon_run_conv(struct vanon_call *call);
int vanon_run_div(struct vanon_call *call);
int vanon_run_expand(struct vanon_call *call);
int vanon_run_gather(struct vanon_call *call);
int vanon_run_identity(struct vanon_call *call);
int vanon_run_matmul(struct vanon_call *call);
int vanon_run_maxpool(struct vanon_call *call);
int vanon_run_mul(struct vanon_call *call);
int vanon_run_range(struct vanon_call *call);
int vanon_run_reshape(struct vanon_call *call);
int vanon_run_resize(struct vanon_call *call);
int vanon_run_shape(struct vanon_call *call);
int vanon_run_sigmoid(struct vanon_call *call);
int vanon_run_slice(struct vanon_call *call);
int vanon_run_softmax(struct vanon_call *call);
int vanon_run_split(struct vanon_call *call);
int vanon_run_squeeze(struct vanon_call *call);
int vanon_run_sub(struct vanon_call *call);
int vanon_run_transpose(struct vanon_call *call);
int vanon_run_unsqueeze(struct vanon_call *call);

#endif
