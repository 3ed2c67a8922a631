/* SPDX-License-Identifier: Apache-2.0 */
#include "graph.h"

#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "graph_tail.h"

#define MOST_NODES  3000
#define MOST_BUDGET ((int64_t)1 << 33) /* of which YOLOv8x's 68 million weights take a quarter */

int vanon_graph_refuse(const vanon_graph *graph, const struct vanon_node *node, const char *format,
                       ...)
{
    const char *name = node->proto->name && *node->proto->name ? node->proto->name
                       : node->proto->n_output                 ? node->proto->output[0]
                                                               : "";
    char rule[512];
    va_list args;

    va_start(args, format);
    vsnprintf(rule, sizeof rule, format, args);
    va_end(args);
    return vanon_fail(graph->log, VANON_ERR_MODEL, "model %s: node %s (%s): %s", graph->onnx->name,
                      name, node->proto->op_type, rule);
}

bool vanon_node_is(const struct vanon_node *node, const char *operation)
{
    return !strcmp(node->proto->op_type, operation);
}

/* Names to values, while the graph is built. */
struct names {
    struct hsearch_data table;
    vanon_graph *graph;
};

/* The value of this name; -1: there is none yet. */
static int find_value(struct names *names, const char *name)
{
    ENTRY *found, wanted = {.key = (char *)name};

    return hsearch_r(wanted, FIND, &found, &names->table) ? (int)(intptr_t)found->data : -1;
}

/* A new value, -1: the name is taken (each is written once), or there is no room. */
static int add_value(struct names *names, const char *name, int producer)
{
    vanon_graph *graph = names->graph;
    ENTRY *found, entry = {(char *)name, (void *)(intptr_t)graph->values};

    if (find_value(names, name) >= 0 || !hsearch_r(entry, ENTER, &found, &names->table))
        return -1;
    graph->value[graph->values] = (struct vanon_value){.name = name, .producer = producer};
    return (int)graph->values++;
}

static int refuse(const vanon_graph *graph, const char *what, const char *name, const char *rule)
{
    return vanon_fail(graph->log, VANON_ERR_MODEL, "model %s: %s %s: %s", graph->onnx->name, what,
                      name, rule);
}

static int add_ends(struct names *names, const int64_t input[4])
{
    vanon_graph *graph = names->graph;
    const Onnx__GraphProto *proto = graph->onnx->graph;

    graph->input = add_value(names, graph->onnx->input, -1);
    if (graph->input < 0 ||
        !vanon_array_shape(&graph->value[graph->input].array, VANON_ARRAY_FLOAT, 4, input))
        return refuse(graph, "input", graph->onnx->input, "it is too large");
    for (size_t i = 0; i < proto->n_initializer; i++) {
        const Onnx__TensorProto *tensor = proto->initializer[i];
        int value = add_value(names, tensor->name, -1);
        const char *wrong = "its name is taken";

        if (value >= 0)
            wrong = vanon_onnx_tensor(&graph->value[value].array, tensor);
        if (wrong)
            return refuse(graph, "initialiser", tensor->name, wrong);
        graph->budget -= (int64_t)graph->value[value].array.count * VANON_ARRAY_COST;
        if (graph->budget < 0)
            return refuse(graph, "initialiser", tensor->name, "all together they are too large");
    }
    return VANON_OK;
}

static int add_node(struct names *names, size_t index, int **link)
{
    vanon_graph *graph = names->graph;
    struct vanon_node *node = &graph->node[index];
    const Onnx__NodeProto *proto = node->proto = graph->onnx->graph->node[index];

    if (proto->domain && *proto->domain && strcmp(proto->domain, "ai.onnx") != 0)
        return vanon_graph_refuse(graph, node, "operators of domain %s are not supported",
                                  proto->domain);
    node->operation = vanon_operator_find(proto->op_type);
    if (!node->operation)
        return vanon_graph_refuse(graph, node, "this operator is not supported");
    if (proto->n_input < node->operation->least || proto->n_input > node->operation->most ||
        proto->n_output < 1 || proto->n_output > node->operation->outputs)
        return vanon_graph_refuse(graph, node, "it can't have %zu inputs and %zu outputs",
                                  proto->n_input, proto->n_output);
    node->input = *link;
    node->inputs = proto->n_input;
    for (size_t i = 0; i < node->inputs; i++) {
        int value = *proto->input[i] ? find_value(names, proto->input[i]) : -1;

        if (value < 0 && (*proto->input[i] || i < node->operation->least))
            return vanon_graph_refuse(graph, node, "its input %zu, '%s', is not there before it", i,
                                      proto->input[i]);
        *(*link)++ = value;
    }
    node->output = *link;
    node->outputs = proto->n_output;
    for (size_t i = 0; i < node->outputs; i++) {
        int value = *proto->output[i] ? add_value(names, proto->output[i], (int)index) : -1;

        if (value < 0 && (*proto->output[i] || !i))
            return vanon_graph_refuse(graph, node, "its output '%s' is written twice, or nowhere",
                                      proto->output[i]);
        *(*link)++ = value;
    }
    return VANON_OK;
}

int vanon_graph_run(vanon_graph *graph, size_t index)
{
    const struct vanon_node *node = &graph->node[index];
    struct vanon_call call = {.graph = graph,
                              .node = node,
                              .inputs = node->inputs,
                              .outputs = node->outputs,
                              .known = true};

    for (size_t i = 0; i < node->inputs; i++) {
        call.in[i] = node->input[i] < 0 ? NULL : &graph->value[node->input[i]].array;
        call.known = call.known && (!call.in[i] || call.in[i]->data);
    }
    for (size_t i = 0; i < node->outputs; i++) {
        call.out[i] = node->output[i] < 0 ? NULL : &graph->value[node->output[i]].array;
        if (call.out[i])
            vanon_array_free(call.out[i]);
    }
    return node->operation->run(&call);
}

/* What is the output of a graph without its tail: the last of the cuts that can be a head's, of
 * [batch, numbers, anchors]. */
static int find_end(const vanon_graph *graph, const struct vanon_tail *tail)
{
    for (size_t i = graph->nodes; i-- > 0;) {
        const vanon_array *array = &graph->value[graph->node[i].output[0]].array;

        if (tail->cut[i] && array->type == VANON_ARRAY_FLOAT && array->sides == 3 &&
            array->side[1] < array->side[2])
            return graph->node[i].output[0];
    }
    return -1;
}

static int find_output(struct names *names, const struct vanon_tail *tail)
{
    vanon_graph *graph = names->graph;

    if (!tail->found) {
        graph->output = find_value(names, graph->onnx->output);
        return graph->output >= 0
                   ? VANON_OK
                   : refuse(graph, "output", graph->onnx->output, "no node writes it");
    }
    graph->suppresses = true;
    graph->iou = tail->iou;
    graph->output = find_end(graph, tail);
    return graph->output >= 0 ? VANON_OK
                              : refuse(graph, "output", graph->onnx->output,
                                       "nothing before its NMS is [batch, numbers, anchors]");
}

static int build(struct names *names, const int64_t input[4], const struct vanon_tail *tail)
{
    vanon_graph *graph = names->graph;
    const Onnx__GraphProto *proto = graph->onnx->graph;
    size_t values = 1 + proto->n_initializer, links = 0;
    size_t nodes = tail->found ? tail->nodes : proto->n_node;
    int *link, status;

    for (size_t i = 0; i < proto->n_node; i++) {
        values += proto->node[i]->n_output;
        links += proto->node[i]->n_input + proto->node[i]->n_output;
    }
    graph->value = calloc(values, sizeof *graph->value);
    graph->node = calloc(proto->n_node + 1, sizeof *graph->node);
    graph->links = link = calloc(links + 1, sizeof *graph->links);
    if (!graph->value || !graph->node || !link || !hcreate_r(2 * values, &names->table))
        return VANON_ERR_MEMORY;
    status = add_ends(names, input);
    for (; graph->nodes < nodes && !status; graph->nodes++) {
        status = add_node(names, graph->nodes, &link);
        if (!status)
            status = vanon_graph_run(graph, graph->nodes);
    }
    if (!status)
        status = find_output(names, tail);
    hdestroy_r(&names->table);
    return status;
}

int vanon_graph_create(vanon_graph **out, const vanon_onnx *onnx, const int64_t input[4],
                       const vanon_log *log)
{
    vanon_graph *graph = calloc(1, sizeof *graph);
    struct names names = {.graph = graph};
    struct vanon_tail tail = {0};
    int status;

    *out = NULL;
    if (!graph)
        return VANON_ERR_MEMORY;
    graph->onnx = onnx;
    graph->log = log;
    graph->budget = MOST_BUDGET;
    if (onnx->graph->n_node > MOST_NODES)
        status = vanon_fail(log, VANON_ERR_MODEL, "model %s: it has %zu nodes; %d are the most",
                            onnx->name, onnx->graph->n_node, MOST_NODES);
    else if (!(status = vanon_tail_find(&tail, onnx)))
        status = build(&names, input, &tail);
    vanon_tail_free(&tail);
    if (status)
        vanon_graph_destroy(&graph);
    *out = graph;
    return status;
}

void vanon_graph_destroy(vanon_graph **pointer)
{
    vanon_graph *graph = *pointer;

    if (!graph)
        return;
    for (size_t i = 0; graph->value && i < graph->values; i++)
        vanon_array_free(&graph->value[i].array);
    free(graph->value);
    free(graph->node);
    free(graph->links);
    free(graph);
    *pointer = NULL;
}
