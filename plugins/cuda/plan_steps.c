/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "planner.h"

#define DEEPEST 1000 /* nodes one after the other; YOLOv8x has 200 */

static int make(struct vanon_planner *planner, int value);

static const struct vanon_node *producer_of(const struct vanon_planner *planner, int value)
{
    int producer = planner->graph->value[value].producer;

    return producer < 0 ? NULL : &planner->graph->node[producer];
}

static const vanon_array *array_of(const struct vanon_planner *planner, int value)
{
    return &planner->graph->value[value].array;
}

static bool is_picture(const struct vanon_planner *planner, int value)
{
    const vanon_array *array = array_of(planner, value);

    return array->type == VANON_ARRAY_FLOAT && array->sides == 4 && array->count && !array->data;
}

static int add_step(struct vanon_planner *planner, const struct vanon_step *step)
{
    if (vanon_grow(&planner->step, &planner->step_capacity, planner->steps + 1,
                   sizeof *planner->step))
        return VANON_ERR_MEMORY;
    planner->step[planner->steps++] = *step;
    planner->made[step->out] = true;
    return VANON_OK;
}

/* The convolution behind a value, with SiLU or without; NULL: it is something else. */
static const struct vanon_node *find_conv(const struct vanon_planner *planner, int value,
                                          enum vanon_plan_activation *activation)
{
    const struct vanon_node *node = producer_of(planner, value), *conv, *sigmoid;

    *activation = VANON_PLAN_LINEAR;
    if (!node || vanon_node_is(node, "Conv"))
        return node;
    if (!vanon_node_is(node, "Mul"))
        return NULL;
    *activation = VANON_PLAN_SILU;
    for (int i = 0; i < 2; i++) {
        conv = producer_of(planner, node->input[i]);
        sigmoid = producer_of(planner, node->input[1 - i]);
        if (conv && sigmoid && vanon_node_is(conv, "Conv") && vanon_node_is(sigmoid, "Sigmoid") &&
            sigmoid->input[0] == node->input[i])
            return conv;
    }
    return NULL;
}

static int check_conv(struct vanon_planner *planner, const struct vanon_node *node)
{
    const vanon_graph *graph = planner->graph;
    const vanon_array *weights = array_of(planner, node->input[1]);
    const Onnx__AttributeProto *dilations =
        vanon_onnx_attribute(node->proto, "dilations", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t groups = vanon_onnx_int(node->proto, "group", 1);

    if (!weights->data ||
        (node->inputs > 2 && node->input[2] >= 0 && !vanon_graph_known(graph, node->input[2])))
        return vanon_graph_refuse(graph, node, "its weights depend on the picture");
    for (size_t i = 0; dilations && i < dilations->n_ints; i++)
        if (dilations->ints[i] != 1)
            return vanon_graph_refuse(graph, node, "dilations are not supported");
    if (groups != 1 && (weights->side[1] != 1 || groups != weights->side[0]))
        return vanon_graph_refuse(graph, node,
                                  "groups are supported only where each channel is one");
    return VANON_OK;
}

static int make_conv(struct vanon_planner *planner, const struct vanon_node *conv, int out,
                     int residual, enum vanon_plan_activation activation)
{
    int status = check_conv(planner, conv);

    if (!status)
        status = make(planner, conv->input[0]);
    if (!status && residual >= 0)
        status = make(planner, residual);
    if (status)
        return status;
    return add_step(planner, &(struct vanon_step){.kind = VANON_STEP_CONV,
                                                  .node = (size_t)(conv - planner->graph->node),
                                                  .in = conv->input[0],
                                                  .out = out,
                                                  .residual = residual,
                                                  .activation = activation});
}

/* A residual connection: what a convolution gives, and something else of that shape. */
static int make_add(struct vanon_planner *planner, const struct vanon_node *node, int out)
{
    for (int i = 1; i >= 0; i--) {
        enum vanon_plan_activation activation;
        int other = node->input[1 - i];
        const struct vanon_node *conv = find_conv(planner, node->input[i], &activation);

        if (conv && is_picture(planner, other) &&
            vanon_array_same_shape(array_of(planner, node->input[i]), array_of(planner, other)))
            return make_conv(planner, conv, out, other, activation);
    }
    return vanon_graph_refuse(planner->graph, node,
                              "only an addition to what a convolution gives is supported");
}

/* One picture to one picture. */
static int make_simple(struct vanon_planner *planner, const struct vanon_step *step)
{
    int status = make(planner, step->in);

    return status ? status : add_step(planner, step);
}

static bool are_all(const struct vanon_node *node, const char *name, int64_t wanted,
                    int64_t otherwise)
{
    const Onnx__AttributeProto *attribute =
        vanon_onnx_attribute(node->proto, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

    for (size_t i = 0; attribute && i < attribute->n_ints; i++)
        if (attribute->ints[i] != wanted)
            return false;
    return attribute || wanted == otherwise;
}

static int check_maxpool(const struct vanon_planner *planner, const struct vanon_node *node)
{
    const Onnx__AttributeProto *kernel = vanon_onnx_attribute(
        node->proto, "kernel_shape", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t side = kernel && kernel->n_ints == 2 ? kernel->ints[0] : 0;

    if (side % 2 && are_all(node, "kernel_shape", side, 0) && are_all(node, "strides", 1, 1) &&
        are_all(node, "dilations", 1, 1) && are_all(node, "pads", side / 2, 0))
        return VANON_OK;
    return vanon_graph_refuse(planner->graph, node,
                              "only square, odd kernels with stride 1 and the size kept are "
                              "supported");
}

static int check_resize(const struct vanon_planner *planner, const struct vanon_node *node)
{
    const vanon_array *in = array_of(planner, node->input[0]);
    const vanon_array *out = array_of(planner, node->output[0]);
    int64_t factor = in->side[2] ? out->side[2] / in->side[2] : 0;

    if (factor >= 2 && in->side[2] * factor == out->side[2] && in->side[3] * factor == out->side[3])
        return VANON_OK;
    return vanon_graph_refuse(planner->graph, node,
                              "only a whole factor, the same for both sides, is supported");
}

/* Where the output begins among the input's channels. */
static int find_first(const struct vanon_planner *planner, const struct vanon_node *node, int value,
                      int *first)
{
    const vanon_graph *graph = planner->graph;
    const vanon_array *in = array_of(planner, node->input[0]), *out = array_of(planner, value);
    const vanon_array *starts = vanon_graph_known(graph, node->inputs > 1 ? node->input[1] : -1);
    vanon_array like = *in;

    like.side[1] = out->side[1];
    if (!vanon_array_same_shape(&like, out))
        return vanon_graph_refuse(graph, node, "only channels can be taken apart");
    *first = 0;
    if (vanon_node_is(node, "Split")) {
        for (size_t i = 0; node->output[i] != value; i++)
            *first += node->output[i] < 0 ? 0 : (int)array_of(planner, node->output[i])->side[1];
    } else if (vanon_node_is(node, "Slice")) {
        if (!starts || starts->count != 1 || vanon_array_ints(starts)[0] < 0 ||
            vanon_array_ints(starts)[0] + out->side[1] > in->side[1] ||
            (node->inputs > 4 && node->input[4] >= 0 &&
             vanon_array_ints(array_of(planner, node->input[4]))[0] != 1))
            return vanon_graph_refuse(graph, node, "only one cut, of channels, with step 1");
        *first = (int)vanon_array_ints(starts)[0];
    }
    return VANON_OK;
}

static int make_view(struct vanon_planner *planner, const struct vanon_node *node,
                     const struct vanon_step *step)
{
    struct vanon_step view = *step;
    int status = find_first(planner, node, step->out, &view.first);

    view.kind = VANON_STEP_VIEW;
    return status ? status : make_simple(planner, &view);
}

static int make_concat(struct vanon_planner *planner, const struct vanon_node *node,
                       const struct vanon_step *step)
{
    struct vanon_step concat = *step;
    int64_t axis = vanon_onnx_int(node->proto, "axis", 0);
    int status = VANON_OK;

    if (axis != 1 && axis != -3)
        return vanon_graph_refuse(planner->graph, node,
                                  "before the head only channels can be put together");
    for (size_t i = 0; i < node->inputs && !status; i++)
        status = make(planner, node->input[i]);
    concat.kind = VANON_STEP_CONCAT;
    return status ? status : add_step(planner, &concat);
}

static int make_attention(struct vanon_planner *planner, int value)
{
    struct vanon_step step = {.residual = -1};
    int status = vanon_planner_match_attention(planner, value, &step);

    return status ? status : make_simple(planner, &step);
}

static int make_node(struct vanon_planner *planner, const struct vanon_node *node, int value)
{
    struct vanon_step step = {.node = (size_t)(node - planner->graph->node),
                              .in = node->input[0],
                              .out = value,
                              .residual = -1};
    enum vanon_plan_activation activation;
    const struct vanon_node *conv = find_conv(planner, value, &activation);
    int status;

    if (conv)
        return make_conv(planner, conv, value, -1, activation);
    if (vanon_node_is(node, "Add"))
        return make_add(planner, node, value);
    if (vanon_node_is(node, "Concat"))
        return make_concat(planner, node, &step);
    if (vanon_node_is(node, "Split") || vanon_node_is(node, "Slice") ||
        vanon_node_is(node, "Cast") || vanon_node_is(node, "Identity"))
        return make_view(planner, node, &step);
    if (vanon_node_is(node, "MaxPool")) {
        status = check_maxpool(planner, node);
        step.kind = VANON_STEP_MAXPOOL;
        return status ? status : make_simple(planner, &step);
    }
    if (vanon_node_is(node, "Resize")) {
        status = check_resize(planner, node);
        step.kind = VANON_STEP_UPSAMPLE;
        return status ? status : make_simple(planner, &step);
    }
    return make_attention(planner, value);
}

/* Writes the steps that make a value, after those that make what it needs. */
static int make(struct vanon_planner *planner, int value)
{
    const struct vanon_node *node = producer_of(planner, value);
    int status;

    if (planner->made[value])
        return VANON_OK;
    if (!node)
        return vanon_fail(planner->graph->log, VANON_ERR_MODEL,
                          "model %s: tensor %s: a constant where a picture is expected",
                          planner->graph->onnx->name, planner->graph->value[value].name);
    if (!is_picture(planner, value))
        return vanon_graph_refuse(planner->graph, node,
                                  "before the head, what it gives must be floats with four sides "
                                  "that depend on the picture");
    if (planner->depth == DEEPEST)
        return vanon_graph_refuse(planner->graph, node, "there are more than %d nodes after it",
                                  DEEPEST);
    planner->depth++;
    status = make_node(planner, node, value);
    planner->depth--;
    return status;
}

int vanon_planner_make_steps(struct vanon_planner *planner)
{
    int status = VANON_OK;

    planner->depth = 0;
    planner->made[planner->graph->input] = true;
    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++)
        for (size_t j = 0; j < VANON_HEAD_TENSORS && !status; j++)
            if (planner->head[i][j] >= 0)
                status = make(planner, planner->head[i][j]);
    return status;
}
