/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move numbers, and those that make shapes. */
#include <math.h>
#include <string.h>

#include "graph.h"
#include "operators.h"

/* Fills the output, where it is known, from input 0. */
static int gather(struct vanon_call *call, size_t output, int64_t start, const int64_t *stride)
{
    if (call->out[output]->data)
        vanon_array_gather(call->out[output], call->in[0], start, stride);
    return VANON_OK;
}

/* The numbers of input 0 in a new shape. */
static int reshape(struct vanon_call *call, size_t sides, const int64_t *side)
{
    const vanon_array *in = call->in[0];
    char from[96], to[96];
    int status = vanon_call_output(call, 0, in->type, sides, side);

    if (status)
        return status;
    if (call->out[0]->count != in->count)
        return vanon_graph_refuse(call->graph, call->node, "%s can't become %s",
                                  vanon_array_describe(in, from, sizeof from),
                                  vanon_array_describe(call->out[0], to, sizeof to));
    if (call->out[0]->data)
        memcpy(call->out[0]->data, in->data, in->count * vanon_array_size(in->type));
    return VANON_OK;
}

int vanon_run_identity(struct vanon_call *call)
{
    return reshape(call, call->in[0]->sides, call->in[0]->side);
}

/* Between kinds of float nothing is rounded: what is computed is float32. */
int vanon_run_cast(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    int64_t to = vanon_onnx_int(call->node->proto, "to", 0);
    bool floats = to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
                  to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ||
                  to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    bool ints =
        to == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || to == ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
    enum vanon_array_type type = floats ? VANON_ARRAY_FLOAT : VANON_ARRAY_INT;
    int status;

    if (!floats && !ints)
        return vanon_graph_refuse(call->graph, call->node, "data type %lld is not supported",
                                  (long long)to);
    if (type == in->type)
        return vanon_run_identity(call);
    status = vanon_call_output(call, 0, type, in->sides, in->side);
    for (size_t i = 0; !status && call->out[0]->data && i < in->count; i++) {
        if (floats) {
            vanon_array_floats(call->out[0])[i] = (float)vanon_array_ints(in)[i];
            continue;
        }
        if (!(fabsf(vanon_array_floats(in)[i]) < 9e18f))
            return vanon_graph_refuse(call->graph, call->node, "a number is too large");
        vanon_array_ints(call->out[0])[i] = (int64_t)vanon_array_floats(in)[i];
    }
    return status;
}

int vanon_run_reshape(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const int64_t *list;
    int64_t side[VANON_ARRAY_SIDES] = {0}, known = 1;
    size_t sides, open = VANON_ARRAY_SIDES;
    bool keep = !vanon_onnx_int(call->node->proto, "allowzero", 0);
    int status = vanon_call_list(call, 1, NULL, 0, &list, &sides);

    for (size_t i = 0; !status && i < sides; i++) {
        side[i] = list[i] == 0 && keep && i < in->sides ? in->side[i] : list[i];
        if (side[i] == -1 && open == VANON_ARRAY_SIDES)
            open = i;
        else if (side[i] < 0 || side[i] > VANON_ARRAY_MOST || (known *= side[i]) > VANON_ARRAY_MOST)
            return vanon_graph_refuse(call->graph, call->node, "a side of %lld",
                                      (long long)side[i]);
    }
    if (status)
        return status;
    if (open < VANON_ARRAY_SIDES)
        side[open] = known ? (int64_t)in->count / known : 0;
    return reshape(call, sides, side);
}

/* Which sides are meant, of so many. */
static int take_axes(struct vanon_call *call, size_t sides, bool axis[VANON_ARRAY_SIDES],
                     bool *given)
{
    const int64_t *list;
    size_t count, at;
    int status = vanon_call_list(call, 1, "axes", 0, &list, &count);

    *given = list != NULL;
    for (size_t i = 0; !status && i < count; i++) {
        status = vanon_call_axis(call, list[i], sides, &at);
        if (!status && axis[at])
            return vanon_graph_refuse(call->graph, call->node, "an axis is named twice");
        if (!status)
            axis[at] = true;
    }
    return status;
}

int vanon_run_unsqueeze(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const int64_t *list;
    int64_t side[VANON_ARRAY_SIDES] = {0};
    bool axis[VANON_ARRAY_SIDES] = {false}, given;
    size_t count, sides, from = 0;
    int status = vanon_call_list(call, 1, "axes", 0, &list, &count);

    if (status)
        return status;
    sides = in->sides + count;
    if (sides > VANON_ARRAY_SIDES)
        return vanon_graph_refuse(call->graph, call->node, "it would have %zu sides", sides);
    status = take_axes(call, sides, axis, &given);
    for (size_t i = 0; !status && i < sides; i++)
        side[i] = axis[i] ? 1 : in->side[from++];
    return status ? status : reshape(call, sides, side);
}

int vanon_run_squeeze(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    int64_t side[VANON_ARRAY_SIDES] = {0};
    bool axis[VANON_ARRAY_SIDES] = {false}, given;
    size_t sides = 0;
    int status = take_axes(call, in->sides, axis, &given);

    for (size_t i = 0; !status && i < in->sides; i++) {
        if (given && axis[i] && in->side[i] != 1)
            return vanon_graph_refuse(call->graph, call->node, "side %zu is %lld, not 1", i,
                                      (long long)in->side[i]);
        if (given ? !axis[i] : in->side[i] != 1)
            side[sides++] = in->side[i];
    }
    return status ? status : reshape(call, sides, side);
}

int vanon_run_transpose(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const int64_t *list;
    int64_t own[VANON_ARRAY_SIDES] = {0}, side[VANON_ARRAY_SIDES], stride[VANON_ARRAY_SIDES];
    bool seen[VANON_ARRAY_SIDES] = {false};
    size_t count;
    int status = vanon_call_list(call, call->inputs, "perm", 0, &list, &count);

    if (status)
        return status;
    if (list && count != in->sides)
        return vanon_graph_refuse(call->graph, call->node, "perm has %zu numbers for %zu sides",
                                  count, in->sides);
    vanon_array_strides(in, own);
    for (size_t i = 0; i < in->sides; i++) {
        int64_t from = list ? list[i] : (int64_t)(in->sides - 1 - i);

        if (from < 0 || from >= (int64_t)in->sides || seen[from])
            return vanon_graph_refuse(call->graph, call->node, "perm is no order of the sides");
        seen[from] = true;
        side[i] = in->side[from];
        stride[i] = own[from];
    }
    status = vanon_call_output(call, 0, in->type, in->sides, side);
    return status ? status : gather(call, 0, 0, stride);
}

int vanon_run_expand(struct vanon_call *call)
{
    vanon_array wanted = {0};
    const int64_t *list;
    int64_t side[VANON_ARRAY_SIDES], stride[VANON_ARRAY_SIDES];
    size_t sides;
    int status = vanon_call_list(call, 1, NULL, 0, &list, &sides);

    if (!status && !vanon_array_shape(&wanted, VANON_ARRAY_INT, sides, list))
        return vanon_graph_refuse(call->graph, call->node, "its shape is none");
    if (!status)
        status = vanon_call_broadcast(call, call->in[0], &wanted, &sides, side);
    if (!status)
        status = vanon_call_output(call, 0, call->in[0]->type, sides, side);
    if (status)
        return status;
    vanon_broadcast_strides(call->in[0], sides, stride);
    return gather(call, 0, 0, stride);
}

int vanon_run_concat(struct vanon_call *call)
{
    const vanon_array *first = call->in[0];
    vanon_array *out = call->out[0];
    int64_t side[VANON_ARRAY_SIDES] = {0};
    size_t axis, before = 1, row = 0, at = 0;
    int status =
        vanon_call_axis(call, vanon_onnx_int(call->node->proto, "axis", 0), first->sides, &axis);

    if (status)
        return status;
    memcpy(side, first->side, sizeof side);
    side[axis] = 0;
    for (size_t i = 0; i < call->inputs; i++) {
        vanon_array like = *first;

        if (!call->in[i])
            return vanon_graph_refuse(call->graph, call->node, "input %zu is not given", i);
        if (call->in[i]->sides == like.sides)
            like.side[axis] = call->in[i]->side[axis];
        if (call->in[i]->type != first->type || !vanon_array_same_shape(&like, call->in[i]))
            return vanon_graph_refuse(call->graph, call->node,
                                      "input %zu doesn't fit beside the first", i);
        side[axis] += like.side[axis];
    }
    status = vanon_call_output(call, 0, first->type, first->sides, side);
    if (status || !out->data || !out->count)
        return status;
    for (size_t i = 0; i < axis; i++)
        before *= (size_t)side[i];
    row = out->count / before * vanon_array_size(out->type);
    for (size_t i = 0; i < call->inputs; i++) {
        size_t piece = call->in[i]->count / before * vanon_array_size(out->type);

        for (size_t j = 0; j < before; j++)
            memcpy((char *)out->data + j * row + at, (const char *)call->in[i]->data + j * piece,
                   piece);
        at += piece;
    }
    return VANON_OK;
}

/* Output `index` = input 0 from `start` on along the axis, `length` of it, every `step`. */
static int cut(struct vanon_call *call, size_t index, size_t axis, int64_t start, int64_t length)
{
    const vanon_array *in = call->in[0];
    int64_t side[VANON_ARRAY_SIDES], stride[VANON_ARRAY_SIDES] = {0};
    int status;

    memcpy(side, in->side, sizeof side);
    side[axis] = length;
    vanon_array_strides(in, stride);
    status = vanon_call_output(call, index, in->type, in->sides, side);
    return status ? status : gather(call, index, start * stride[axis], stride);
}

int vanon_run_split(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const int64_t *list;
    int64_t start = 0, whole;
    size_t axis, count, pieces = call->outputs;
    int status = vanon_call_list(call, 1, "split", VANON_MOST_OUTPUTS, &list, &count);

    if (!status)
        status =
            vanon_call_axis(call, vanon_onnx_int(call->node->proto, "axis", 0), in->sides, &axis);
    if (status)
        return status;
    whole = in->side[axis];
    if (list ? count != pieces : whole % (int64_t)pieces != 0)
        return vanon_graph_refuse(call->graph, call->node,
                                  "it doesn't say how %lld become %zu pieces", (long long)whole,
                                  pieces);
    for (size_t i = 0; i < pieces && !status; i++) {
        int64_t length = list ? list[i] : whole / (int64_t)pieces;

        if (length < 0 || length > whole - start)
            return vanon_graph_refuse(call->graph, call->node, "its pieces are more than %lld",
                                      (long long)whole);
        if (call->out[i])
            status = cut(call, i, axis, start, length);
        start += length;
    }
    if (!status && start != whole)
        return vanon_graph_refuse(call->graph, call->node, "its pieces are less than %lld",
                                  (long long)whole);
    return status;
}

/* Of one axis: where to begin, and how many. */
static void clamp(int64_t side, int64_t *start, int64_t end, int64_t step, int64_t *length)
{
    if (*start < 0)
        *start = *start < -side ? 0 : *start + side;
    if (end < 0)
        end = end < -side ? 0 : end + side;
    if (*start > side)
        *start = side;
    if (end > side)
        end = side;
    *length = end > *start ? (end - *start + step - 1) / step : 0;
}

int vanon_run_slice(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const int64_t *starts, *ends, *axes, *steps;
    int64_t side[VANON_ARRAY_SIDES], stride[VANON_ARRAY_SIDES] = {0}, first = 0;
    size_t count, others[3];
    int status = vanon_call_list(call, 1, NULL, 0, &starts, &count);

    if (!status)
        status = vanon_call_list(call, 2, NULL, 0, &ends, &others[0]);
    if (!status)
        status = vanon_call_list(call, 3, NULL, 0, &axes, &others[1]);
    if (!status)
        status = vanon_call_list(call, 4, NULL, 0, &steps, &others[2]);
    if (status)
        return status;
    if (others[0] != count || (axes && others[1] != count) || (steps && others[2] != count))
        return vanon_graph_refuse(call->graph, call->node, "its lists are of different lengths");
    memcpy(side, in->side, sizeof side);
    vanon_array_strides(in, stride);
    for (size_t i = 0; i < count && !status; i++) {
        int64_t step = steps ? steps[i] : 1, start = starts[i];
        size_t axis = 0;

        status = vanon_call_axis(call, axes ? axes[i] : (int64_t)i, in->sides, &axis);
        if (!status && (step < 1 || step > VANON_ARRAY_MOST || side[axis] != in->side[axis]))
            return vanon_graph_refuse(call->graph, call->node,
                                      "step %lld, or an axis that is cut twice", (long long)step);
        if (status)
            return status;
        clamp(in->side[axis], &start, ends[i], step, &side[axis]);
        first += start * stride[axis];
        stride[axis] *= step;
    }
    status = vanon_call_output(call, 0, in->type, in->sides, side);
    return status ? status : gather(call, 0, first, stride);
}

int vanon_run_gather(struct vanon_call *call)
{
    const vanon_array *in = call->in[0], *index = call->in[1];
    vanon_array *out = call->out[0];
    int64_t side[2 * VANON_ARRAY_SIDES];
    size_t axis, sides = 0, run = vanon_array_size(in->type), before = 1;
    int status =
        vanon_call_axis(call, vanon_onnx_int(call->node->proto, "axis", 0), in->sides, &axis);

    if (status)
        return status;
    if (index->type != VANON_ARRAY_INT)
        return vanon_graph_refuse(call->graph, call->node, "its indices must be whole numbers");
    for (size_t i = 0; i < axis; before *= (size_t)in->side[i++])
        side[sides++] = in->side[i];
    for (size_t i = 0; i < index->sides; i++)
        side[sides++] = index->side[i];
    for (size_t i = axis + 1; i < in->sides; run *= (size_t)in->side[i++])
        side[sides++] = in->side[i];
    status = vanon_call_output(call, 0, in->type, sides, side);
    for (size_t i = 0; !status && out->data && out->count && i < before * index->count; i++) {
        int64_t whole = in->side[axis], at = vanon_array_ints(index)[i % index->count];

        if (at < -whole || at >= whole)
            return vanon_graph_refuse(call->graph, call->node, "there is no element %lld of %lld",
                                      (long long)at, (long long)whole);
        at += at < 0 ? whole : 0;
        memcpy((char *)out->data + i * run,
               (const char *)in->data + (i / index->count * (size_t)whole + (size_t)at) * run, run);
    }
    return status;
}

int vanon_run_shape(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    const Onnx__NodeProto *proto = call->node->proto;
    int status;

    if (vanon_onnx_int(proto, "start", 0) ||
        vanon_onnx_int(proto, "end", (int64_t)in->sides) != (int64_t)in->sides)
        return vanon_graph_refuse(call->graph, call->node, "a part of a shape is not supported");
    call->known = true; /* whatever the numbers are */
    status = vanon_call_output(call, 0, VANON_ARRAY_INT, 1, &(int64_t){(int64_t)in->sides});
    if (!status)
        memcpy(call->out[0]->data, in->side, in->sides * sizeof *in->side);
    return status;
}

/* start, limit, step; limited to what a float or int64 counts exactly. */
int vanon_run_range(struct vanon_call *call)
{
    double number[3], count;
    int status;

    for (size_t i = 0; i < 3; i++) {
        const vanon_array *in = call->in[i];

        if (!in->data || in->count != 1 || in->type != call->in[0]->type)
            return vanon_graph_refuse(call->graph, call->node,
                                      "start, end and step must be known numbers of one type");
        number[i] = in->type == VANON_ARRAY_INT ? (double)vanon_array_ints(in)[0]
                                                : (double)vanon_array_floats(in)[0];
    }
    count = ceil((number[1] - number[0]) / number[2]);
    if (!(count <= (double)VANON_ARRAY_MOST))
        return vanon_graph_refuse(call->graph, call->node, "it would have %g elements", count);
    status = vanon_call_output(call, 0, call->in[0]->type, 1,
                               &(int64_t){count > 0 ? (int64_t)count : 0});
    for (size_t i = 0; !status && i < call->out[0]->count; i++) {
        double value = number[0] + (double)i * number[2];

        if (call->out[0]->type == VANON_ARRAY_INT && !(fabs(value) < 9e15))
            return vanon_graph_refuse(call->graph, call->node, "a number is too large");
        if (call->out[0]->type == VANON_ARRAY_INT)
            vanon_array_ints(call->out[0])[i] = (int64_t)value;
        else
            vanon_array_floats(call->out[0])[i] = (float)value;
    }
    return status;
}

/* Takes the tensor as output 0, charged for. */
static int take_tensor(struct vanon_call *call, const Onnx__TensorProto *tensor, vanon_array *array)
{
    const char *wrong = vanon_onnx_tensor(array, tensor);

    if (wrong)
        return vanon_graph_refuse(call->graph, call->node, "its tensor: %s", wrong);
    return vanon_call_charge(call, (double)array->count * VANON_ARRAY_COST);
}

int vanon_run_constant_of_shape(struct vanon_call *call)
{
    const Onnx__AttributeProto *attribute = vanon_onnx_attribute(
        call->node->proto, "value", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR);
    vanon_array value = {0};
    const int64_t *list;
    size_t sides, size;
    int status = vanon_call_list(call, 0, NULL, 0, &list, &sides);

    if (!status && attribute && attribute->t)
        status = take_tensor(call, attribute->t, &value);
    if (!status && value.data && value.count != 1)
        status = vanon_graph_refuse(call->graph, call->node, "its value must be one number");
    if (!status)
        status =
            vanon_call_output(call, 0, value.data ? value.type : VANON_ARRAY_FLOAT, sides, list);
    size = vanon_array_size(call->out[0]->type);
    for (size_t i = 0; !status && value.data && call->out[0]->data && i < call->out[0]->count; i++)
        memcpy((char *)call->out[0]->data + i * size, value.data, size);
    vanon_array_free(&value);
    return status;
}

int vanon_run_constant(struct vanon_call *call)
{
    const Onnx__NodeProto *proto = call->node->proto;
    const Onnx__AttributeProto *value = proto->n_attribute == 1 ? proto->attribute[0] : NULL;
    bool ints = value && (value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS ||
                          value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    bool one = value && (value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT ||
                         value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    size_t count;
    int status;

    if (value && value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR && value->t)
        return take_tensor(call, value->t, call->out[0]);
    if (!ints && !one && !(value && value->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS))
        return vanon_graph_refuse(call->graph, call->node, "its value must be numbers");
    count = one ? 1 : ints ? value->n_ints : value->n_floats;
    status = vanon_call_output(call, 0, ints ? VANON_ARRAY_INT : VANON_ARRAY_FLOAT, one ? 0 : 1,
                               &(int64_t){(int64_t)count});
    if (status || !count)
        return status;
    if (ints)
        memcpy(call->out[0]->data, one ? &value->i : value->ints, count * sizeof(int64_t));
    else
        memcpy(call->out[0]->data, one ? &value->f : value->floats, count * sizeof(float));
    return VANON_OK;
}
