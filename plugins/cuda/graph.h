/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ONNX graph for one batch and one size of input: every tensor's shape is known, and the numbers
 * of all those that don't depend on the input's. Shapes and constants come from one set of
 * operators (operators.h), which compute numbers wherever they know all of their inputs'. So a part
 * of the graph can also be run later, with other numbers at its beginning (plan_check.c does).
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_CUDA_GRAPH_H
#define VANON_CUDA_GRAPH_H

#include "onnx.h"
#include "operators.h"

struct vanon_value {
    const char *name;
    vanon_array array;
    int producer; /* node; -1: the network's input, or an initialiser */
};

struct vanon_node {
    const Onnx__NodeProto *proto;
    const struct vanon_operator *operation;
    const int *input, *output; /* values; -1: not given */
    size_t inputs, outputs;
};

typedef struct vanon_graph {
    const vanon_onnx *onnx;
    const vanon_log *log;
    size_t values, nodes;
    struct vanon_value *value;
    struct vanon_node *node; /* each after those that it needs */
    int *links;              /* what the nodes' lists point into */
    int input, output;       /* values */
    bool suppresses;         /* the file ends in an NMS, which is left out: graph_tail.h */
    float iou;               /* then: of it; 0: not known */
    int64_t budget;          /* multiplications that may still be made; an element in memory counts
                                as VANON_ARRAY_COST */
} vanon_graph;

/* VANON_ERR_MODEL: the message names node, operator and rule; VANON_ERR_MEMORY. `onnx` must outlive
 * the graph. */
int vanon_graph_create(vanon_graph **out, const vanon_onnx *onnx, const int64_t input[4],
                       const vanon_log *log);
void vanon_graph_destroy(vanon_graph **graph);

/* Computes a node's outputs anew. Codes as above. */
int vanon_graph_run(vanon_graph *graph, size_t node);

/* Sends "model M: node N (Operator): ..." to the log and returns VANON_ERR_MODEL. */
int vanon_graph_refuse(const vanon_graph *graph, const struct vanon_node *node, const char *format,
                       ...) VANON_PRINTF(3, 4);

/* "Conv", ... */
bool vanon_node_is(const struct vanon_node *node, const char *operation);

/* The numbers that are known of a value; NULL: they are not. */
static inline const vanon_array *vanon_graph_known(const vanon_graph *graph, int value)
{
    const vanon_array *array = value < 0 ? NULL : &graph->value[value].array;

    return array && array->data ? array : NULL;
}

#endif
