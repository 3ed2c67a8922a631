/* SPDX-License-Identifier: Apache-2.0 */
#include "operators.h"

#include <string.h>

#include "graph.h"

static const struct vanon_operator operators[] = {
    {"Add", 2, 2, 1, vanon_run_add},
    {"Cast", 1, 1, 1, vanon_run_cast},
    {"Concat", 1, VANON_MOST_INPUTS, 1, vanon_run_concat},
    {"Constant", 0, 0, 1, vanon_run_constant},
    {"ConstantOfShape", 1, 1, 1, vanon_run_constant_of_shape},
    {"Conv", 2, 3, 1, vanon_run_conv},
    {"Div", 2, 2, 1, vanon_run_div},
    {"Expand", 2, 2, 1, vanon_run_expand},
    {"Gather", 2, 2, 1, vanon_run_gather},
    {"Identity", 1, 1, 1, vanon_run_identity},
    {"MatMul", 2, 2, 1, vanon_run_matmul},
    {"MaxPool", 1, 1, 1, vanon_run_maxpool},
    {"Mul", 2, 2, 1, vanon_run_mul},
    {"Range", 3, 3, 1, vanon_run_range},
    {"Reshape", 2, 2, 1, vanon_run_reshape},
    {"Resize", 1, 4, 1, vanon_run_resize},
    {"Shape", 1, 1, 1, vanon_run_shape},
    {"Sigmoid", 1, 1, 1, vanon_run_sigmoid},
    {"Slice", 3, 5, 1, vanon_run_slice},
    {"Softmax", 1, 1, 1, vanon_run_softmax},
    {"Split", 1, 2, VANON_MOST_OUTPUTS, vanon_run_split},
    {"Squeeze", 1, 2, 1, vanon_run_squeeze},
    {"Sub", 2, 2, 1, vanon_run_sub},
    {"Transpose", 1, 1, 1, vanon_run_transpose},
    {"Unsqueeze", 1, 2, 1, vanon_run_unsqueeze},
};

const struct vanon_operator *vanon_operator_find(const char *name)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strcmp(operators[i].name, name))
            return &operators[i];
    return NULL;
}

int vanon_call_charge(const struct vanon_call *call, double work)
{
    if (!(work <= (double)call->graph->budget))
        return vanon_graph_refuse(call->graph, call->node,
                                  "its constants would take too much memory or time");
    call->graph->budget -= (int64_t)work;
    return VANON_OK;
}

int vanon_call_output(struct vanon_call *call, size_t index, enum vanon_array_type type,
                      size_t sides, const int64_t *side)
{
    vanon_array *out = call->out[index];
    int status;

    if (!vanon_array_shape(out, type, sides, side))
        return vanon_graph_refuse(call->graph, call->node,
                                  "its output has more than %d sides, a side below 0, or more than "
                                  "%lld elements",
                                  VANON_ARRAY_SIDES, (long long)VANON_ARRAY_MOST);
    if (!call->known)
        return VANON_OK;
    status = vanon_call_charge(call, (double)out->count * VANON_ARRAY_COST);
    return status ? status : vanon_array_alloc(out);
}

int vanon_call_axis(const struct vanon_call *call, int64_t axis, size_t sides, size_t *out)
{
    int64_t count = (int64_t)sides;

    if (axis < -count || axis >= count)
        return vanon_graph_refuse(call->graph, call->node, "there is no axis %lld of %zu",
                                  (long long)axis, sides);
    *out = (size_t)(axis < 0 ? axis + count : axis);
    return VANON_OK;
}

int vanon_call_list(const struct vanon_call *call, size_t index, const char *name, size_t most,
                    const int64_t **list, size_t *count)
{
    const vanon_array *in = index < call->inputs ? call->in[index] : NULL;
    const Onnx__AttributeProto *attribute = NULL;

    *list = NULL;
    *count = 0;
    if (in && (in->type != VANON_ARRAY_INT || in->sides > 1 || !in->data))
        return vanon_graph_refuse(call->graph, call->node,
                                  "its input %zu must be a list of whole numbers that doesn't "
                                  "depend on the picture",
                                  index);
    if (in) {
        *list = vanon_array_ints(in);
        *count = in->count;
    } else if (name) {
        attribute = vanon_onnx_attribute(call->node->proto, name,
                                         ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    }
    if (attribute) {
        *list = attribute->ints;
        *count = attribute->n_ints;
    }
    if (*count > (most ? most : VANON_ARRAY_SIDES))
        return vanon_graph_refuse(call->graph, call->node, "a list of %zu numbers is too long",
                                  *count);
    return VANON_OK;
}

int vanon_call_broadcast(const struct vanon_call *call, const vanon_array *a, const vanon_array *b,
                         size_t *sides, int64_t *side)
{
    char left[96], right[96];

    *sides = a->sides > b->sides ? a->sides : b->sides;
    for (size_t i = 0; i < *sides; i++) {
        int64_t x = i + a->sides < *sides ? 1 : a->side[i + a->sides - *sides];
        int64_t y = i + b->sides < *sides ? 1 : b->side[i + b->sides - *sides];

        if (x != y && x != 1 && y != 1)
            return vanon_graph_refuse(call->graph, call->node, "%s and %s don't fit together",
                                      vanon_array_describe(a, left, sizeof left),
                                      vanon_array_describe(b, right, sizeof right));
        side[i] = x == 1 ? y : x;
    }
    return VANON_OK;
}

void vanon_broadcast_strides(const vanon_array *from, size_t sides, int64_t *stride)
{
    int64_t own[VANON_ARRAY_SIDES] = {0};
    size_t missing = sides - from->sides;

    vanon_array_strides(from, own);
    for (size_t i = 0; i < sides; i++)
        stride[i] = i < missing || from->side[i - missing] == 1 ? 0 : own[i - missing];
}
