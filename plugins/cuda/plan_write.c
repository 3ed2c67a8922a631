/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planner.h"

/* Lists of the plan; each returns a status, and indices by pointer. */

static int add_tensor(struct vanon_planner *planner, int buffer, int channel, int channels,
                      int *index)
{
    vanon_plan *plan = planner->plan;

    if (vanon_grow(&plan->tensor, &planner->tensor_capacity, plan->tensors + 1,
                   sizeof *plan->tensor))
        return VANON_ERR_MEMORY;
    *index = (int)plan->tensors;
    plan->tensor[plan->tensors++] = (struct vanon_plan_tensor){buffer, channel, channels};
    return VANON_OK;
}

/* The first channel that is written of a class, and the end of the last one. */
static void find_ends(const struct vanon_planner *planner, int class, int *start, int *end)
{
    *start = *end = 0;
    for (size_t i = 0; i < planner->ranges; i++) {
        const struct vanon_range *range = &planner->range[i];

        if (range->class == class && (range->start < *start || *start == *end))
            *start = range->start;
        if (range->class == class && range->end > *end)
            *end = range->end;
    }
}

/* The buffer of a value's class, made where it is the first to ask; `start` is the class's channel
 * where it begins. */
static int find_buffer(struct vanon_planner *planner, int value, int *buffer, int *start)
{
    vanon_plan *plan = planner->plan;
    const vanon_array *array = &planner->graph->value[value].array;
    int class = planner->place[value].class, end;

    find_ends(planner, class, start, &end);
    *buffer = planner->buffer_of[class];
    if (*buffer >= 0)
        return VANON_OK;
    if (vanon_grow(&plan->buffer, &planner->buffer_capacity, plan->buffers + 1,
                   sizeof *plan->buffer))
        return VANON_ERR_MEMORY;
    *buffer = planner->buffer_of[class] = (int)plan->buffers;
    plan->buffer[plan->buffers++] =
        (struct vanon_plan_buffer){.height = (int)array->side[2],
                                   .width = (int)array->side[3],
                                   .channels = vanon_plan_padded(end - *start)};
    return VANON_OK;
}

/* `channels` channels from `first` on of where a value lies. */
static int find_slice(struct vanon_planner *planner, int value, int first, int channels, int *index)
{
    int buffer, start, status = find_buffer(planner, value, &buffer, &start);

    if (status)
        return status;
    return add_tensor(planner, buffer, planner->place[value].at - start + first, channels, index);
}

static int find_tensor(struct vanon_planner *planner, int value, int *index)
{
    int status = VANON_OK;

    if (planner->tensor_of[value] < 0)
        status = find_slice(planner, value, 0, (int)planner->graph->value[value].array.side[1],
                            &planner->tensor_of[value]);
    *index = planner->tensor_of[value];
    return status;
}

static int add_name(struct vanon_planner *planner, const struct vanon_node *node)
{
    vanon_plan *plan = planner->plan;
    const char *name =
        node->proto->name && *node->proto->name ? node->proto->name : node->proto->output[0];
    size_t size = strlen(name) + 1;

    if (vanon_grow(&plan->names, &planner->name_capacity, planner->name_bytes + size, 1) ||
        vanon_grow(&planner->name_at, &planner->name_at_capacity, plan->ops + 1,
                   sizeof *planner->name_at))
        return VANON_ERR_MEMORY;
    memcpy(plan->names + planner->name_bytes, name, size);
    planner->name_at[plan->ops] = planner->name_bytes;
    planner->name_bytes += size;
    return VANON_OK;
}

static int add_op(struct vanon_planner *planner, const struct vanon_step *step,
                  const struct vanon_plan_op *op)
{
    vanon_plan *plan = planner->plan;

    if (add_name(planner, &planner->graph->node[step->node]) ||
        vanon_grow(&plan->op, &planner->op_capacity, plan->ops + 1, sizeof *plan->op))
        return VANON_ERR_MEMORY;
    plan->op[plan->ops++] = *op;
    return VANON_OK;
}

/* Room for so many more weights, zero. */
static int add_floats(struct vanon_planner *planner, size_t count, size_t *at)
{
    vanon_plan *plan = planner->plan;

    if (vanon_grow(&plan->weights, &planner->float_capacity, plan->floats + count,
                   sizeof *plan->weights))
        return VANON_ERR_MEMORY;
    *at = plan->floats;
    plan->floats += count;
    return VANON_OK;
}

/* From [out][in][height][width] to [K][height][width][C]; what is more than out and in stays zero.
 * Where it is depthwise, both sides of one channel are 1. */
static void pack_weights(float *to, const vanon_array *from, size_t padded_in)
{
    size_t in = (size_t)from->side[1], taps = (size_t)(from->side[2] * from->side[3]);

    for (size_t k = 0; k < (size_t)from->side[0]; k++)
        for (size_t c = 0; c < in; c++)
            for (size_t tap = 0; tap < taps; tap++)
                to[(k * taps + tap) * padded_in + c] =
                    vanon_array_floats(from)[(k * in + c) * taps + tap];
}

static int write_weights(struct vanon_planner *planner, const struct vanon_node *node,
                         struct vanon_plan_conv *conv, size_t channels)
{
    const vanon_graph *graph = planner->graph;
    const vanon_array *weights = &graph->value[node->input[1]].array;
    const vanon_array *bias = node->inputs > 2 ? vanon_graph_known(graph, node->input[2]) : NULL;
    size_t outputs = (size_t)vanon_plan_padded((int)weights->side[0]);
    size_t inputs = conv->depthwise ? 1 : (size_t)vanon_plan_padded((int)channels);
    size_t taps = (size_t)(weights->side[2] * weights->side[3]);
    int status = add_floats(planner, outputs * taps * inputs, &conv->weights);

    if (!status)
        status = add_floats(planner, outputs, &conv->bias);
    if (status)
        return status;
    pack_weights(planner->plan->weights + conv->weights, weights, inputs);
    if (bias)
        memcpy(planner->plan->weights + conv->bias, bias->data, bias->count * sizeof(float));
    return VANON_OK;
}

/* A number of a list; `otherwise` without one. */
static int number(const struct vanon_node *node, const char *name, size_t index, int otherwise)
{
    const Onnx__AttributeProto *attribute =
        vanon_onnx_attribute(node->proto, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

    return attribute && index < attribute->n_ints ? (int)attribute->ints[index] : otherwise;
}

static int write_conv(struct vanon_planner *planner, const struct vanon_step *step,
                      struct vanon_plan_op *op)
{
    const vanon_graph *graph = planner->graph;
    const struct vanon_node *node = &graph->node[step->node];
    const vanon_array *weights = &graph->value[node->input[1]].array;
    struct vanon_plan_conv *conv = &op->as.conv;
    size_t channels = (size_t)graph->value[step->in].array.side[1];
    int status;

    op->kind = VANON_PLAN_CONV;
    *conv = (struct vanon_plan_conv){.kernel_height = (int)weights->side[2],
                                     .kernel_width = (int)weights->side[3],
                                     .stride_y = number(node, "strides", 0, 1),
                                     .stride_x = number(node, "strides", 1, 1),
                                     .pad_top = number(node, "pads", 0, 0),
                                     .pad_left = number(node, "pads", 1, 0),
                                     .depthwise = weights->side[1] == 1 && channels > 1,
                                     .activation = step->activation,
                                     .residual = -1};
    status = write_weights(planner, node, conv, channels);
    if (!status && step->residual >= 0)
        status = find_tensor(planner, step->residual, &conv->residual);
    return status ? status : add_op(planner, step, op);
}

/* The pools of a chain whose results lie side by side become one operation. */
static bool continues(const vanon_plan *plan, const struct vanon_plan_op *op)
{
    const struct vanon_plan_op *last = plan->ops ? &plan->op[plan->ops - 1] : NULL;
    const struct vanon_plan_tensor *first, *next = &plan->tensor[op->output];
    const struct vanon_plan_tensor *input = &plan->tensor[op->input];
    int step;

    if (!last || last->kind != VANON_PLAN_MAXPOOL ||
        last->as.maxpool.kernel != op->as.maxpool.kernel)
        return false;
    first = &plan->tensor[last->output];
    step = vanon_plan_padded(first->channels);
    return first->channels == next->channels && first->buffer == next->buffer &&
           first->buffer == input->buffer &&
           first->channel + last->as.maxpool.repeat * step == next->channel &&
           input->channel + step == next->channel;
}

static int write_maxpool(struct vanon_planner *planner, const struct vanon_step *step,
                         struct vanon_plan_op *op)
{
    vanon_plan *plan = planner->plan;

    op->kind = VANON_PLAN_MAXPOOL;
    op->as.maxpool = (struct vanon_plan_maxpool){
        .kernel = number(&planner->graph->node[step->node], "kernel_shape", 0, 1), .repeat = 1};
    if (!continues(plan, op))
        return add_op(planner, step, op);
    plan->op[plan->ops - 1].as.maxpool.repeat++;
    return VANON_OK;
}

/* From channel `first` of one value to channel `slot` of another. */
static int write_copy(struct vanon_planner *planner, const struct vanon_step *step, int from,
                      int first, int to, int slot, int channels)
{
    int whole = (int)planner->graph->value[to].array.side[1];
    struct vanon_plan_op op = {.kind = VANON_PLAN_COPY};
    int status = find_slice(planner, from, first, channels, &op.input);

    op.as.copy.fill = slot + channels == whole && whole % VANON_PLAN_CHANNELS != 0;
    if (!status)
        status = find_slice(planner, to, slot, channels, &op.output);
    return status ? status : add_op(planner, step, &op);
}

/* True where channel `first` of one value is channel `slot` of another one. */
static bool lies_at(const struct vanon_planner *planner, int value, int first, int other, int slot)
{
    const struct vanon_place *a = &planner->place[value], *b = &planner->place[other];

    return a->class == b->class && a->at + first == b->at + slot;
}

static int write_concat(struct vanon_planner *planner, const struct vanon_step *step)
{
    const struct vanon_node *node = &planner->graph->node[step->node];
    int slot = 0, status = VANON_OK;

    for (size_t i = 0; i < node->inputs && !status; i++) {
        int channels = (int)planner->graph->value[node->input[i]].array.side[1];

        if (!lies_at(planner, node->input[i], 0, step->out, slot))
            status = write_copy(planner, step, node->input[i], 0, step->out, slot, channels);
        slot += channels;
    }
    return status;
}

static int write_view(struct vanon_planner *planner, const struct vanon_step *step)
{
    if (lies_at(planner, step->in, step->first, step->out, 0))
        return VANON_OK;
    return write_copy(planner, step, step->in, step->first, step->out, 0,
                      (int)planner->graph->value[step->out].array.side[1]);
}

static int write_values(struct vanon_planner *planner, const struct vanon_step *step)
{
    const struct vanon_plan_attention *attention = &step->attention;
    int status = VANON_OK;

    for (int i = 0; i < attention->heads && !status; i++) {
        int first = i * (2 * attention->key + attention->value) + 2 * attention->key;

        status = write_copy(planner, step, step->in, first, step->out, i * attention->value,
                            attention->value);
    }
    return status;
}

/* A step with one operation. */
static int write_op(struct vanon_planner *planner, const struct vanon_step *step)
{
    const vanon_graph *graph = planner->graph;
    struct vanon_plan_op op = {.kind = VANON_PLAN_ATTENTION};
    int status = find_tensor(planner, step->in, &op.input);

    if (!status)
        status = find_tensor(planner, step->out, &op.output);
    if (status)
        return status;
    if (step->kind == VANON_STEP_CONV)
        return write_conv(planner, step, &op);
    if (step->kind == VANON_STEP_MAXPOOL)
        return write_maxpool(planner, step, &op);
    if (step->kind == VANON_STEP_UPSAMPLE) {
        op.kind = VANON_PLAN_UPSAMPLE;
        op.as.upsample.factor =
            (int)(graph->value[step->out].array.side[2] / graph->value[step->in].array.side[2]);
    } else {
        op.as.attention = step->attention;
    }
    return add_op(planner, step, &op);
}

static int write_step(struct vanon_planner *planner, const struct vanon_step *step)
{
    switch (step->kind) {
    case VANON_STEP_VIEW:
        return write_view(planner, step);
    case VANON_STEP_CONCAT:
        return write_concat(planner, step);
    case VANON_STEP_VALUES:
        return write_values(planner, step);
    default:
        return write_op(planner, step);
    }
}

static int write_head(struct vanon_planner *planner)
{
    int status = VANON_OK;

    for (size_t i = 0; i < VANON_PLAN_LEVELS && !status; i++) {
        struct vanon_plan_level *level = &planner->plan->head.level[i];

        status = find_tensor(planner, planner->head[i][0], &level->box);
        if (!status)
            status = find_tensor(planner, planner->head[i][1], &level->scores);
        if (!status && planner->head[i][2] >= 0)
            status = find_tensor(planner, planner->head[i][2], &level->joints);
    }
    return status;
}

int vanon_planner_write(struct vanon_planner *planner)
{
    vanon_plan *plan = planner->plan;
    int status = find_tensor(planner, planner->graph->input, &plan->input);

    for (size_t i = 0; i < planner->steps && !status; i++)
        status = write_step(planner, &planner->step[i]);
    if (!status)
        status = write_head(planner);
    for (size_t i = 0; i < plan->ops && !status; i++)
        plan->op[i].name = plan->names + planner->name_at[i];
    return status;
}
