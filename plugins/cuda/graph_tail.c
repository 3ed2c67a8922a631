/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_tail.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SUPPRESSION "NonMaxSuppression"
#define IOU_INPUT   3 /* of its inputs: boxes, scores, how many, overlap, score */

/* A value of the file: written at place `first`, read last at `last`. Node i is place i + 1; the
 * input is written at 0, the output read behind all nodes. */
struct span {
    bool of_picture; /* depends on the picture's numbers */
    size_t first, last;
};

struct spans {
    const Onnx__GraphProto *graph;
    struct hsearch_data table;
    struct span *span;
    size_t count;
};

static struct span *find(struct spans *spans, const char *name)
{
    ENTRY *found, wanted = {.key = (char *)name};

    return hsearch_r(wanted, FIND, &found, &spans->table) ? found->data : NULL;
}

static void add(struct spans *spans, const char *name, bool of_picture, size_t place)
{
    struct span *span = &spans->span[spans->count];
    ENTRY *found, entry = {(char *)name, span};

    if (!*name || find(spans, name) || !hsearch_r(entry, ENTER, &found, &spans->table))
        return; /* what is written twice is refused later */
    *span = (struct span){of_picture, place, place};
    spans->count++;
}

/* The node reads what it names; a node that has a graph inside reads more. */
static bool add_node(struct spans *spans, size_t index)
{
    const Onnx__NodeProto *node = spans->graph->node[index];
    bool of_picture = false, shape = !strcmp(node->op_type, "Shape");

    for (size_t i = 0; i < node->n_attribute; i++)
        if (node->attribute[i]->g || node->attribute[i]->n_graphs)
            return false;
    for (size_t i = 0; i < node->n_input && !shape; i++) {
        struct span *span = find(spans, node->input[i]);

        if (span && span->of_picture) {
            span->last = index + 1;
            of_picture = true;
        }
    }
    for (size_t i = 0; i < node->n_output; i++)
        add(spans, node->output[i], of_picture, index + 1);
    return true;
}

static bool list(struct spans *spans, const vanon_onnx *onnx)
{
    struct span *output;

    add(spans, onnx->input, true, 0);
    for (size_t i = 0; i < spans->graph->n_node; i++)
        if (!add_node(spans, i))
            return false;
    output = find(spans, onnx->output);
    if (output)
        output->last = spans->graph->n_node + 1;
    return true;
}

/* Marks the nodes whose first output is all that goes on from there. `open` is room, cleared, for
 * two more numbers than there are nodes. */
static void mark_cuts(const struct spans *spans, long *open, bool *cut)
{
    long now = 0;

    for (size_t i = 0; i < spans->count; i++)
        if (spans->span[i].of_picture) {
            open[spans->span[i].first]++;
            open[spans->span[i].last]--;
        }
    for (size_t i = 0; i <= spans->graph->n_node; i++)
        open[i] = now += open[i];
    for (size_t i = 0; i < spans->graph->n_node; i++) {
        const struct span *span =
            spans->graph->node[i]->n_output
                ? find((struct spans *)spans, spans->graph->node[i]->output[0])
                : NULL;

        cut[i] = span && span->of_picture && span->first == i + 1 && span->last > i + 1 &&
                 open[i + 1] == 1;
    }
}

/* The number of a constant of one element; 0: it isn't there, or is none. */
static float number_of(const Onnx__GraphProto *graph, const char *name)
{
    const Onnx__TensorProto *tensor = NULL;
    vanon_array array = {0};
    float number = 0;

    for (size_t i = 0; i < graph->n_initializer && !tensor; i++)
        if (!strcmp(graph->initializer[i]->name, name))
            tensor = graph->initializer[i];
    for (size_t i = 0; i < graph->n_node && !tensor; i++) {
        const Onnx__NodeProto *node = graph->node[i];

        if (!strcmp(node->op_type, "Constant") && node->n_output == 1 &&
            !strcmp(node->output[0], name) && node->n_attribute == 1)
            tensor = node->attribute[0]->t;
    }
    if (tensor && !vanon_onnx_tensor(&array, tensor) && array.type == VANON_ARRAY_FLOAT &&
        array.count == 1 && array.data)
        number = *vanon_array_floats(&array);
    vanon_array_free(&array);
    return number > 0 && number <= 1 ? number : 0;
}

static size_t find_suppression(const Onnx__GraphProto *graph)
{
    size_t i = 0;

    while (i < graph->n_node && strcmp(graph->node[i]->op_type, SUPPRESSION) != 0)
        i++;
    return i;
}

/* Fills the tail, whose memory is there. */
static void fill(struct vanon_tail *tail, struct spans *spans, const vanon_onnx *onnx, long *open)
{
    const Onnx__GraphProto *graph = spans->graph;
    size_t suppression = find_suppression(graph);
    const Onnx__NodeProto *node = graph->node[suppression];

    if (!list(spans, onnx))
        return;
    mark_cuts(spans, open, tail->cut);
    for (size_t i = 0; i < suppression; i++)
        if (tail->cut[i])
            tail->nodes = i + 1;
    tail->found = tail->nodes > 0;
    if (node->n_input > IOU_INPUT)
        tail->iou = number_of(graph, node->input[IOU_INPUT]);
}

int vanon_tail_find(struct vanon_tail *tail, const vanon_onnx *onnx)
{
    struct spans spans = {.graph = onnx->graph};
    size_t nodes = onnx->graph->n_node, values = 1;
    long *open;
    int status = VANON_OK;

    *tail = (struct vanon_tail){0};
    if (find_suppression(onnx->graph) == nodes)
        return VANON_OK;
    for (size_t i = 0; i < nodes; i++)
        values += onnx->graph->node[i]->n_output;
    open = calloc(nodes + 2, sizeof *open);
    spans.span = calloc(values, sizeof *spans.span);
    tail->cut = calloc(nodes, sizeof *tail->cut);
    if (!open || !spans.span || !tail->cut || !hcreate_r(2 * values, &spans.table)) {
        status = VANON_ERR_MEMORY;
    } else {
        fill(tail, &spans, onnx, open);
        hdestroy_r(&spans.table);
    }
    free(open);
    free(spans.span);
    if (status)
        vanon_tail_free(tail);
    return status;
}

void vanon_tail_free(struct vanon_tail *tail)
{
    free(tail->cut);
    *tail = (struct vanon_tail){0};
}
