/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that compute. */
#include <math.h>
#include <string.h>

#include "graph.h"
#include "operators.h"

/* Two numbers to one. Whole numbers wrap around, as they do in other engines. */
struct binary {
    float (*floats)(float a, float b);
    int64_t (*ints)(int64_t a, int64_t b);
};

/* `in` repeated to the output's shape, in `room`, or as it is where it has that shape. */
static int spread(const vanon_array *out, const vanon_array *in, vanon_array *room,
                  const void **data)
{
    int64_t stride[VANON_ARRAY_SIDES];

    *data = in->data;
    if (vanon_array_same_shape(out, in))
        return VANON_OK;
    *room = (vanon_array){.type = in->type, .sides = out->sides, .count = out->count};
    memcpy(room->side, out->side, sizeof room->side);
    if (vanon_array_alloc(room))
        return VANON_ERR_MEMORY;
    vanon_broadcast_strides(in, out->sides, stride);
    vanon_array_gather(room, in, 0, stride);
    *data = room->data;
    return VANON_OK;
}

static int run_binary(struct vanon_call *call, const struct binary *binary)
{
    vanon_array *out = call->out[0], room[2] = {{0}, {0}};
    const void *data[2];
    int64_t side[VANON_ARRAY_SIDES];
    size_t sides;
    int status = vanon_call_broadcast(call, call->in[0], call->in[1], &sides, side);

    if (!status && call->in[0]->type != call->in[1]->type)
        return vanon_graph_refuse(call->graph, call->node, "its inputs are of two types");
    if (!status)
        status = vanon_call_output(call, 0, call->in[0]->type, sides, side);
    if (status || !out->data)
        return status;
    for (size_t i = 0; i < 2 && !status; i++)
        status = spread(out, call->in[i], &room[i], &data[i]);
    for (size_t i = 0; i < out->count && !status; i++)
        if (out->type == VANON_ARRAY_FLOAT)
            vanon_array_floats(out)[i] =
                binary->floats(((const float *)data[0])[i], ((const float *)data[1])[i]);
        else
            vanon_array_ints(out)[i] =
                binary->ints(((const int64_t *)data[0])[i], ((const int64_t *)data[1])[i]);
    vanon_array_free(&room[0]);
    vanon_array_free(&room[1]);
    return status;
}

static float add_floats(float a, float b)
{
    return a + b;
}

static int64_t add_ints(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static float subtract_floats(float a, float b)
{
    return a - b;
}

static int64_t subtract_ints(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static float multiply_floats(float a, float b)
{
    return a * b;
}

static int64_t multiply_ints(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static float divide_floats(float a, float b)
{
    return a / b;
}

/* Of whole numbers the operator's result is not defined where b is 0, or where it doesn't fit. */
static int64_t divide_ints(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? subtract_ints(0, a) : a / b;
}

int vanon_run_add(struct vanon_call *call)
{
    return run_binary(call, &(struct binary){add_floats, add_ints});
}

int vanon_run_sub(struct vanon_call *call)
{
    return run_binary(call, &(struct binary){subtract_floats, subtract_ints});
}

int vanon_run_mul(struct vanon_call *call)
{
    return run_binary(call, &(struct binary){multiply_floats, multiply_ints});
}

int vanon_run_div(struct vanon_call *call)
{
    return run_binary(call, &(struct binary){divide_floats, divide_ints});
}

/* An output of floats like input 0. */
static int output_like(struct vanon_call *call)
{
    if (call->in[0]->type != VANON_ARRAY_FLOAT)
        return vanon_graph_refuse(call->graph, call->node, "its input must be floats");
    return vanon_call_output(call, 0, VANON_ARRAY_FLOAT, call->in[0]->sides, call->in[0]->side);
}

int vanon_run_sigmoid(struct vanon_call *call)
{
    int status = output_like(call);

    for (size_t i = 0; !status && call->out[0]->data && i < call->out[0]->count; i++)
        vanon_array_floats(call->out[0])[i] = 1 / (1 + expf(-vanon_array_floats(call->in[0])[i]));
    return status;
}

/* `count` numbers, so far apart. */
static void softmax(float *to, const float *from, size_t count, size_t step)
{
    float most = -INFINITY, sum = 0;

    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, from[i * step]);
    for (size_t i = 0; i < count; i++)
        sum += to[i * step] = expf(from[i * step] - most);
    for (size_t i = 0; i < count; i++)
        to[i * step] /= sum;
}

int vanon_run_softmax(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    bool old = call->graph->onnx->opset < 13;
    size_t axis, step = 1, count;
    int status = output_like(call);

    if (!status)
        status = vanon_call_axis(call, vanon_onnx_int(call->node->proto, "axis", old ? 1 : -1),
                                 in->sides, &axis);
    if (status)
        return status;
    if (old && axis + 1 != in->sides)
        return vanon_graph_refuse(call->graph, call->node,
                                  "in opsets below 13 its axis must be the last");
    if (!call->out[0]->data || !in->count)
        return VANON_OK;
    for (size_t i = axis + 1; i < in->sides; i++)
        step *= (size_t)in->side[i];
    count = (size_t)in->side[axis];
    for (size_t i = 0; i < in->count; i += count * step)
        for (size_t j = 0; j < step; j++)
            softmax(vanon_array_floats(call->out[0]) + i + j, vanon_array_floats(in) + i + j, count,
                    step);
    return VANON_OK;
}

/* [rows][inner] x [inner][columns]. */
static void multiply(float *to, const float *a, const float *b, size_t rows, size_t inner,
                     size_t columns)
{
    memset(to, 0, rows * columns * sizeof *to);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < inner; k++)
            for (size_t j = 0; j < columns; j++)
                to[i * columns + j] += a[i * inner + k] * b[k * columns + j];
}

/* The same number of sides on both, those before the last two equal: what exporters write. */
int vanon_run_matmul(struct vanon_call *call)
{
    const vanon_array *a = call->in[0], *b = call->in[1];
    vanon_array *out = call->out[0];
    int64_t side[VANON_ARRAY_SIDES];
    size_t last = a->sides - 1, rows, inner, columns;
    char left[96], right[96];
    int status;

    if (a->type != VANON_ARRAY_FLOAT || b->type != VANON_ARRAY_FLOAT || a->sides < 2 ||
        a->sides != b->sides || memcmp(a->side, b->side, (last - 1) * sizeof *a->side) != 0 ||
        a->side[last] != b->side[last - 1])
        return vanon_graph_refuse(call->graph, call->node, "%s by %s is not supported",
                                  vanon_array_describe(a, left, sizeof left),
                                  vanon_array_describe(b, right, sizeof right));
    memcpy(side, a->side, sizeof side);
    side[last] = b->side[last];
    status = vanon_call_output(call, 0, VANON_ARRAY_FLOAT, a->sides, side);
    if (status || !out->data || !out->count)
        return status;
    rows = (size_t)a->side[last - 1];
    inner = (size_t)a->side[last];
    columns = (size_t)b->side[last];
    status = vanon_call_charge(call, (double)out->count * (double)inner);
    for (size_t i = 0; !status && i < out->count / (rows * columns); i++)
        multiply(vanon_array_floats(out) + i * rows * columns,
                 vanon_array_floats(a) + i * rows * inner,
                 vanon_array_floats(b) + i * inner * columns, rows, inner, columns);
    return status;
}

/* What convolution and pooling have in common, of the axes y and x. */
struct window {
    int64_t kernel[2], stride[2], before[2], after[2], dilation[2];
    int64_t out[2];
};

static int take_pair(const struct vanon_call *call, const char *name, size_t pairs, int64_t most,
                     int64_t *first, int64_t *second)
{
    const int64_t *list;
    size_t count;
    int status = vanon_call_list(call, call->inputs, name, 0, &list, &count);

    if (status || !list)
        return status;
    if (count != 2 * pairs)
        return vanon_graph_refuse(call->graph, call->node, "%s must have %zu numbers", name,
                                  2 * pairs);
    for (size_t i = 0; i < count; i++)
        if (list[i] < (pairs == 1) || list[i] > most)
            return vanon_graph_refuse(call->graph, call->node, "%s: %lld is not from %d to %lld",
                                      name, (long long)list[i], pairs == 1, (long long)most);
    memcpy(first, list, 2 * sizeof *first);
    if (pairs == 2)
        memcpy(second, list + 2, 2 * sizeof *second);
    return VANON_OK;
}

/* Sides of kernels and strides that a picture network has. */
#define MOST_KERNEL 64

static int take_window(const struct vanon_call *call, const int64_t *side, struct window *window)
{
    int status = take_pair(call, "kernel_shape", 1, MOST_KERNEL, window->kernel, NULL);

    window->stride[0] = window->stride[1] = window->dilation[0] = window->dilation[1] = 1;
    if (!status && !vanon_onnx_is(call->node->proto, "auto_pad", "NOTSET"))
        return vanon_graph_refuse(call->graph, call->node, "auto_pad is not supported");
    if (!status)
        status = take_pair(call, "strides", 1, MOST_KERNEL, window->stride, NULL);
    if (!status)
        status = take_pair(call, "dilations", 1, MOST_KERNEL, window->dilation, NULL);
    if (!status)
        status = take_pair(call, "pads", 2, MOST_KERNEL, window->before, window->after);
    for (size_t i = 0; i < 2 && !status; i++) {
        int64_t room = side[i] + window->before[i] + window->after[i] -
                       (window->kernel[i] - 1) * window->dilation[i] - 1;

        if (window->kernel[i] < 1 || window->kernel[i] > MOST_KERNEL || room < 0)
            return vanon_graph_refuse(call->graph, call->node,
                                      "its kernel of %lld does not fit into %lld",
                                      (long long)window->kernel[i], (long long)side[i]);
        window->out[i] = room / window->stride[i] + 1;
    }
    return status;
}

/* Output element (channel k, y, x) of one picture. */
static float conv_at(const struct vanon_call *call, const struct window *window, const float *image,
                     int64_t k, int64_t y, int64_t x)
{
    const vanon_array *in = call->in[0], *weights = call->in[1];
    int64_t channels = weights->side[1], height = in->side[2], width = in->side[3];
    int64_t groups = in->side[1] / channels, first = k / (weights->side[0] / groups) * channels;
    const float *weight =
        vanon_array_floats(weights) + k * channels * window->kernel[0] * window->kernel[1];
    float sum = call->inputs > 2 && call->in[2] ? vanon_array_floats(call->in[2])[k] : 0;

    for (int64_t c = 0; c < channels; c++)
        for (int64_t r = 0; r < window->kernel[0]; r++)
            for (int64_t s = 0; s < window->kernel[1]; s++, weight++) {
                int64_t i = y * window->stride[0] - window->before[0] + r * window->dilation[0];
                int64_t j = x * window->stride[1] - window->before[1] + s * window->dilation[1];

                if (i >= 0 && i < height && j >= 0 && j < width)
                    sum += *weight * image[((first + c) * height + i) * width + j];
            }
    return sum;
}

static int compute_conv(struct vanon_call *call, const struct window *window)
{
    const vanon_array *in = call->in[0];
    const vanon_array *out = call->out[0];
    float *to = vanon_array_floats(out);
    size_t image = in->side[0] ? in->count / (size_t)in->side[0] : 0;
    int status = vanon_call_charge(call, (double)out->count * (double)call->in[1]->side[1] *
                                             (double)window->kernel[0] * (double)window->kernel[1]);

    for (int64_t n = 0; n < out->side[0] && !status; n++)
        for (int64_t k = 0; k < out->side[1]; k++)
            for (int64_t y = 0; y < out->side[2]; y++)
                for (int64_t x = 0; x < out->side[3]; x++)
                    *to++ =
                        conv_at(call, window, vanon_array_floats(in) + (size_t)n * image, k, y, x);
    return status;
}

int vanon_run_conv(struct vanon_call *call)
{
    const vanon_array *in = call->in[0], *weights = call->in[1];
    const vanon_array *bias = call->inputs > 2 ? call->in[2] : NULL;
    struct window window = {0};
    int64_t groups = vanon_onnx_int(call->node->proto, "group", 1);
    char left[96], right[96];
    int status;

    if (in->type != VANON_ARRAY_FLOAT || weights->type != VANON_ARRAY_FLOAT || in->sides != 4 ||
        weights->sides != 4 || groups < 1 || weights->side[0] < 1 || weights->side[1] < 1 ||
        groups > weights->side[0] || weights->side[0] % groups ||
        in->side[1] != weights->side[1] * groups ||
        (bias && (bias->type != VANON_ARRAY_FLOAT || bias->sides != 1 ||
                  bias->side[0] != weights->side[0])))
        return vanon_graph_refuse(
            call->graph, call->node,
            "an input of %s, weights of %s and %lld groups don't fit together",
            vanon_array_describe(in, left, sizeof left),
            vanon_array_describe(weights, right, sizeof right), (long long)groups);
    window.kernel[0] = weights->side[2];
    window.kernel[1] = weights->side[3];
    status = take_window(call, in->side + 2, &window);
    if (!status && (window.kernel[0] != weights->side[2] || window.kernel[1] != weights->side[3]))
        return vanon_graph_refuse(call->graph, call->node, "kernel_shape is not its weights'");
    if (!status)
        status = vanon_call_output(
            call, 0, VANON_ARRAY_FLOAT, 4,
            (const int64_t[]){in->side[0], weights->side[0], window.out[0], window.out[1]});
    return status || !call->out[0]->data ? status : compute_conv(call, &window);
}

/* Operators of whole pictures that don't compute: the plan does what they mean. */
static int output_shape(struct vanon_call *call, int64_t height, int64_t width)
{
    const vanon_array *in = call->in[0];

    if (in->data)
        return vanon_graph_refuse(call->graph, call->node,
                                  "it is not supported on what doesn't depend on the picture");
    call->known = false;
    return vanon_call_output(call, 0, in->type, 4,
                             (const int64_t[]){in->side[0], in->side[1], height, width});
}

int vanon_run_maxpool(struct vanon_call *call)
{
    const vanon_array *in = call->in[0];
    struct window window = {0};
    int status;

    if (in->type != VANON_ARRAY_FLOAT || in->sides != 4)
        return vanon_graph_refuse(call->graph, call->node, "its input must have 4 sides");
    if (vanon_onnx_int(call->node->proto, "ceil_mode", 0) ||
        vanon_onnx_int(call->node->proto, "storage_order", 0))
        return vanon_graph_refuse(call->graph, call->node, "ceil_mode is not supported");
    status = take_window(call, in->side + 2, &window);
    return status ? status : output_shape(call, window.out[0], window.out[1]);
}

/* How large the output is: by factors, or by sides. */
static int take_size(struct vanon_call *call, int64_t size[2])
{
    const vanon_array *in = call->in[0];
    const vanon_array *scales = call->inputs > 2 ? call->in[2] : NULL;
    const int64_t *list;
    size_t count;
    int status = vanon_call_list(call, 3, NULL, 0, &list, &count);

    if (status)
        return status;
    if (list && count == 4) {
        memcpy(size, list + 2, 2 * sizeof *size);
        return VANON_OK;
    }
    if (!scales || !scales->data || scales->type != VANON_ARRAY_FLOAT || scales->count != 4)
        return vanon_graph_refuse(call->graph, call->node,
                                  "4 scales or sizes that don't depend on the picture are needed");
    for (size_t i = 0; i < 2; i++) {
        double side = floor((double)in->side[2 + i] * (double)vanon_array_floats(scales)[2 + i]);

        if (!(side >= 1 && side <= (double)VANON_ARRAY_MOST))
            return vanon_graph_refuse(call->graph, call->node, "a side of %g", side);
        size[i] = (int64_t)side;
    }
    return VANON_OK;
}

int vanon_run_resize(struct vanon_call *call)
{
    const Onnx__NodeProto *proto = call->node->proto;
    const vanon_array *in = call->in[0];
    int64_t size[2];
    int status;

    if (in->type != VANON_ARRAY_FLOAT || in->sides != 4)
        return vanon_graph_refuse(call->graph, call->node, "its input must have 4 sides");
    if (!vanon_onnx_is(proto, "mode", "nearest") ||
        !vanon_onnx_is(proto, "keep_aspect_ratio_policy", "stretch") ||
        !vanon_onnx_attribute(proto, "coordinate_transformation_mode",
                              ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING) ||
        !vanon_onnx_is(proto, "coordinate_transformation_mode", "asymmetric") ||
        !vanon_onnx_attribute(proto, "nearest_mode",
                              ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING) ||
        !vanon_onnx_is(proto, "nearest_mode", "floor") || vanon_onnx_int(proto, "antialias", 0))
        return vanon_graph_refuse(call->graph, call->node,
                                  "only nearest neighbour, asymmetric, floor is supported");
    status = take_size(call, size);
    return status ? status : output_shape(call, size[0], size[1]);
}
