/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner.h"

/* What may stand between what an attention reads and what it gives. */
static const char *const inner[] = {"Reshape",   "Transpose", "Split", "Slice",
                                    "MatMul",    "Mul",       "Div",   "Softmax",
                                    "Unsqueeze", "Squeeze",   "Cast",  "Identity"};

#define MOST_NODES 24

/* Of an attention that is looked at. */
struct match {
    struct vanon_region region;
    size_t nodes;
    int softmax, split, factor; /* nodes; -1: there is none */
};

static bool is_inner(const struct vanon_graph *graph, const struct vanon_node *node)
{
    bool scaled = false;

    for (size_t i = 0; i < node->inputs; i++)
        scaled = scaled || vanon_graph_known(graph, node->input[i]);
    if ((vanon_node_is(node, "Mul") || vanon_node_is(node, "Div")) && !scaled)
        return false;
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (vanon_node_is(node, inner[i]))
            return true;
    return false;
}

/* Takes what leads to `value` into the match, back to the picture that it all comes from. False: it
 * is no attention. */
static bool walk(const vanon_graph *graph, struct match *match, int value)
{
    int producer = graph->value[value].producer;
    const struct vanon_node *node = producer < 0 ? NULL : &graph->node[producer];
    bool all = true;

    if (graph->value[value].array.data)
        return true;
    if (!node || !is_inner(graph, node)) {
        if (match->region.bounds && match->region.bound[0] != value)
            return false;
        match->region.bound[0] = value;
        match->region.bounds = 1;
        return true;
    }
    if (match->region.node[producer])
        return true;
    match->region.node[producer] = true;
    if (++match->nodes > MOST_NODES)
        return false;
    if (vanon_node_is(node, "Softmax"))
        match->softmax = producer;
    if (vanon_node_is(node, "Split"))
        match->split = producer;
    if (vanon_node_is(node, "Mul") || vanon_node_is(node, "Div"))
        match->factor = producer;
    for (size_t i = 0; i < node->inputs && all; i++)
        all = node->input[i] < 0 || walk(graph, match, node->input[i]);
    return all;
}

/* q, k and v are pieces of [batch, heads, key + key + value, pixels]. */
static bool measure(const vanon_graph *graph, const struct match *match,
                    struct vanon_plan_attention *attention)
{
    const struct vanon_node *split = match->split < 0 ? NULL : &graph->node[match->split];
    const vanon_array *piece[3], *factor = NULL;

    if (!split || split->outputs != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (split->output[i] < 0)
            return false;
        piece[i] = &graph->value[split->output[i]].array;
        if (piece[i]->sides != 4)
            return false;
    }
    attention->heads = (int)piece[0]->side[1];
    attention->key = (int)piece[0]->side[2];
    attention->value = (int)piece[2]->side[2];
    attention->scale = 1;
    if (match->factor < 0)
        return true;
    for (size_t i = 0; i < 2 && !factor; i++)
        factor = vanon_graph_known(graph, graph->node[match->factor].input[i]);
    if (!factor || factor->count != 1 || factor->type != VANON_ARRAY_FLOAT)
        return false;
    attention->scale = vanon_array_floats(factor)[0];
    if (vanon_node_is(&graph->node[match->factor], "Div"))
        attention->scale = 1 / attention->scale;
    return true;
}

/* [batch, channels, height, width] on both sides, with the channels that the heads need. */
static bool fits(const vanon_graph *graph, const struct vanon_step *step)
{
    const struct vanon_plan_attention *attention = &step->attention;
    const vanon_array *in = &graph->value[step->in].array, *out = &graph->value[step->out].array;
    int64_t heads = attention->heads, key = attention->key, value = attention->value;

    return in->sides == 4 && out->sides == 4 && in->side[0] == out->side[0] &&
           in->side[2] == out->side[2] && in->side[3] == out->side[3] && key > 0 && value > 0 &&
           in->side[1] == heads * (2 * key + value) && out->side[1] == heads * value &&
           (step->kind != VANON_STEP_ATTENTION || (key % 8 == 0 && value % 8 == 0));
}

/* The weight of pixel j for pixel i, of the head whose q, k and v these are; not yet divided. */
static float weight(const float *head, const struct vanon_plan_attention *attention, size_t pixels,
                    size_t i, size_t j)
{
    float sum = 0;

    for (size_t c = 0; c < (size_t)attention->key; c++)
        sum += head[c * pixels + i] * head[(c + (size_t)attention->key) * pixels + j];
    return expf(sum * attention->scale);
}

/* True where picture 0 came out as the step means it, at some pixels: the first and the last, and
 * one in the middle. */
static bool same(const vanon_graph *graph, const struct vanon_step *step)
{
    const struct vanon_plan_attention *attention = &step->attention;
    const vanon_array *in = &graph->value[step->in].array, *out = &graph->value[step->out].array;
    size_t pixels = (size_t)(in->side[2] * in->side[3]);
    size_t key = (size_t)attention->key, value = (size_t)attention->value;

    for (size_t n = 0; n < (size_t)attention->heads * value * 3; n++) {
        size_t h = n / 3 / value, d = n / 3 % value, i = n % 3 * (pixels - 1) / 2;
        const float *head = vanon_array_floats(in) + h * (2 * key + value) * pixels;
        const float *v = head + (2 * key + d) * pixels;
        float sum = 0, whole = 0, found = vanon_array_floats(out)[(h * value + d) * pixels + i];

        for (size_t j = 0; j < pixels && step->kind == VANON_STEP_ATTENTION; j++) {
            float part = weight(head, attention, pixels, i, j);

            whole += part;
            sum += part * v[j];
        }
        if (!vanon_region_agrees(found, step->kind == VANON_STEP_ATTENTION ? sum / whole : v[i]))
            return false;
    }
    return true;
}

int vanon_planner_match_attention(struct vanon_planner *planner, int value, struct vanon_step *step)
{
    vanon_graph *graph = planner->graph;
    const struct vanon_node *node = &graph->node[graph->value[value].producer];
    struct match match = {.softmax = -1, .split = -1, .factor = -1};
    bool is_one;
    int status = vanon_region_create(&match.region, graph);

    is_one = !status && walk(graph, &match, value) && match.nodes && match.region.bounds == 1 &&
             measure(graph, &match, &step->attention);
    if (is_one) {
        step->kind = match.softmax < 0 ? VANON_STEP_VALUES : VANON_STEP_ATTENTION;
        step->node = (size_t)graph->value[value].producer;
        step->in = match.region.bound[0];
        step->out = value;
        is_one = fits(graph, step);
    }
    if (is_one) {
        status = vanon_region_compute(&match.region, graph);
        is_one = !status && graph->value[value].array.data && same(graph, step);
    }
    vanon_region_free(&match.region, graph);
    if (status || is_one)
        return status;
    return vanon_graph_refuse(graph, node,
                              "before the head only convolutions (with SiLU, with a residual), "
                              "pooling, enlarging, channels taken apart and put together, and "
                              "YOLO11's attention are supported");
}
