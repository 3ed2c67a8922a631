/* SPDX-License-Identifier: Apache-2.0 */
#include "cudnn_conv.h"

#include <stdlib.h>

#include <vanon/status.h>

#define PARTS   20 /* descriptors of a graph, at most */
#define ENGINES 24 /* looked at, at most */

/* What the graph calls its tensors. */
enum { INPUT = 1, WEIGHTS, BIAS, OUTPUT, RESIDUAL, BETWEEN };

struct vanon_cudnn_conv {
    const struct vanon_cudnn *cudnn;
    cudnnBackendDescriptor_t part[PARTS]; /* in the order of creation */
    int parts;
    cudnnStatus_t failed; /* the first failure while the graph is made */
    cudnnBackendDescriptor_t config[ENGINES], plan[ENGINES];
    size_t workspace[ENGINES];
    int engines;
    bool residual;
    int between; /* the number of the next tensor that is not stored */
};

struct vanon_cudnn_bound {
    const struct vanon_cudnn *cudnn;
    cudnnBackendDescriptor_t plan, pack;
};

/* Making a graph: each step does nothing after a failure. */

static cudnnBackendDescriptor_t add_part(vanon_cudnn_conv *conv, cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t part = NULL;

    if (conv->failed || conv->parts == PARTS)
        return NULL;
    conv->failed = conv->cudnn->cudnnBackendCreateDescriptor(type, &part);
    if (!conv->failed)
        conv->part[conv->parts++] = part;
    return part;
}

static void set(vanon_cudnn_conv *conv, cudnnBackendDescriptor_t part,
                cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                const void *values)
{
    if (!conv->failed)
        conv->failed = conv->cudnn->cudnnBackendSetAttribute(part, name, type, count, values);
}

static void set_part(vanon_cudnn_conv *conv, cudnnBackendDescriptor_t part,
                     cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t value)
{
    set(conv, part, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

static void finish(vanon_cudnn_conv *conv, cudnnBackendDescriptor_t part)
{
    if (!conv->failed)
        conv->failed = conv->cudnn->cudnnBackendFinalize(part);
}

struct tensor {
    int64_t number, dims[4], strides[4]; /* pictures, channels, lines, columns */
    cudnnDataType_t type;
    bool stored;
};

static cudnnBackendDescriptor_t add_tensor(vanon_cudnn_conv *conv, const struct tensor *tensor)
{
    cudnnBackendDescriptor_t part = add_part(conv, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    int64_t alignment = 16;
    bool is_virtual = !tensor->stored;

    set(conv, part, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &tensor->type);
    set(conv, part, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, tensor->dims);
    set(conv, part, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, tensor->strides);
    set(conv, part, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &tensor->number);
    set(conv, part, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    set(conv, part, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
    finish(conv, part);
    return part;
}

static struct tensor slice(int64_t number, int batch, int channels, int height, int width, int step)
{
    return (struct tensor){
        .number = number,
        .dims = {batch, channels, height, width},
        .strides = {(int64_t)height * width * step, 1, (int64_t)width * step, step},
        .type = CUDNN_DATA_HALF,
        .stored = true,
    };
}

static struct tensor output_slice(const struct vanon_conv_shape *shape, int64_t number, int step)
{
    return slice(number, shape->batch, shape->out_channels, shape->out_height, shape->out_width,
                 step);
}

/* The result of a step: the graph's, or one that the next step takes without its being stored. */
static cudnnBackendDescriptor_t add_result(vanon_cudnn_conv *conv,
                                           const struct vanon_conv_shape *shape, bool last)
{
    struct tensor tensor = output_slice(shape, OUTPUT, shape->out_step);

    if (!last) {
        tensor = output_slice(shape, conv->between++, shape->out_channels);
        tensor.type = CUDNN_DATA_FLOAT;
        tensor.stored = false;
    }
    return add_tensor(conv, &tensor);
}

static cudnnBackendDescriptor_t add_product(vanon_cudnn_conv *conv,
                                            const struct vanon_conv_shape *shape,
                                            cudnnBackendDescriptor_t *result)
{
    struct tensor in = slice(INPUT, shape->batch, shape->in_channels, shape->in_height,
                             shape->in_width, shape->in_step);
    struct tensor weights = slice(WEIGHTS, shape->out_channels, shape->in_channels,
                                  shape->kernel_height, shape->kernel_width, shape->in_channels);
    cudnnBackendDescriptor_t x = add_tensor(conv, &in), w = add_tensor(conv, &weights);
    cudnnBackendDescriptor_t y = add_result(conv, shape, false);
    cudnnBackendDescriptor_t rule = add_part(conv, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    cudnnBackendDescriptor_t step;
    int64_t axes = 2, pad[2] = {shape->pad, shape->pad}, after[2], ones[2] = {1, 1};
    int64_t stride[2] = {shape->stride, shape->stride};
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    float one = 1, zero = 0;

    /* What the output's size implies. */
    after[0] = (int64_t)(shape->out_height - 1) * shape->stride + shape->kernel_height -
               shape->pad - shape->in_height;
    after[1] = (int64_t)(shape->out_width - 1) * shape->stride + shape->kernel_width - shape->pad -
               shape->in_width;
    after[0] = after[0] > 0 ? after[0] : 0;
    after[1] = after[1] > 0 ? after[1] : 0;
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pad);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, after);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, stride);
    set(conv, rule, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, ones);
    finish(conv, rule);
    step = add_part(conv, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    set(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &one);
    set(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &zero);
    set_part(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, rule);
    set_part(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x);
    set_part(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w);
    set_part(conv, step, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    finish(conv, step);
    *result = y;
    return step;
}

/* `other` is NULL where the step has one operand. */
static cudnnBackendDescriptor_t add_pointwise(vanon_cudnn_conv *conv, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t value,
                                              cudnnBackendDescriptor_t other,
                                              cudnnBackendDescriptor_t result)
{
    cudnnBackendDescriptor_t rule = add_part(conv, CUDNN_BACKEND_POINTWISE_DESCRIPTOR), step;
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    double beta = 1;

    set(conv, rule, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    set(conv, rule, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type);
    if (mode == CUDNN_POINTWISE_SWISH_FWD)
        set(conv, rule, CUDNN_ATTR_POINTWISE_SWISH_BETA, CUDNN_TYPE_DOUBLE, 1, &beta);
    finish(conv, rule);
    step = add_part(conv, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    set_part(conv, step, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, rule);
    set_part(conv, step, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, value);
    if (other)
        set_part(conv, step, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, other);
    set_part(conv, step, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, result);
    finish(conv, step);
    return step;
}

static cudnnBackendDescriptor_t make_graph(vanon_cudnn_conv *conv,
                                           const struct vanon_cudnn_target *target,
                                           const struct vanon_conv_shape *shape)
{
    struct tensor bias = slice(BIAS, 1, shape->out_channels, 1, 1, shape->out_channels);
    struct tensor residual = output_slice(shape, RESIDUAL, shape->residual_step);
    cudnnBackendDescriptor_t value, next, other, step[4], graph;
    int64_t steps = 0;

    step[steps++] = add_product(conv, shape, &value);
    bias.type = CUDNN_DATA_FLOAT;
    other = add_tensor(conv, &bias);
    next = add_result(conv, shape, !shape->silu && !shape->residual);
    step[steps++] = add_pointwise(conv, CUDNN_POINTWISE_ADD, value, other, next);
    value = next;
    if (shape->silu) {
        next = add_result(conv, shape, !shape->residual);
        step[steps++] = add_pointwise(conv, CUDNN_POINTWISE_SWISH_FWD, value, NULL, next);
        value = next;
    }
    if (shape->residual) {
        other = add_tensor(conv, &residual);
        next = add_result(conv, shape, true);
        step[steps++] = add_pointwise(conv, CUDNN_POINTWISE_ADD, value, other, next);
    }
    graph = add_part(conv, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    set(conv, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, steps, step);
    if (target->handle)
        set(conv, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &target->handle);
    finish(conv, graph);
    return graph;
}

/* Engines */

static void destroy_all(const struct vanon_cudnn *cudnn, cudnnBackendDescriptor_t *list, int count)
{
    for (int i = count; i-- > 0;)
        if (list[i]) {
            cudnn->cudnnBackendDestroyDescriptor(list[i]);
            list[i] = NULL;
        }
}

/* Appends what one way of choosing suggests. */
static void find_engines(vanon_cudnn_conv *conv, const struct vanon_cudnn_target *target,
                         cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    cudnnBackendDescriptor_t chooser = NULL, *config = conv->config + conv->engines;
    int64_t count = 0, room = ENGINES - conv->engines;

    if (cudnn->cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, &chooser))
        return;
    if (cudnn->cudnnBackendSetAttribute(chooser, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH,
                                        CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph) ||
        cudnn->cudnnBackendSetAttribute(chooser, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE,
                                        1, &mode) ||
        (target->device &&
         cudnn->cudnnBackendSetAttribute(chooser, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP,
                                         CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &target->device)) ||
        cudnn->cudnnBackendFinalize(chooser) ||
        cudnn->cudnnBackendGetAttribute(chooser, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                        CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, NULL))
        count = 0;
    count = count < room ? count : room;
    for (int64_t i = 0; i < count; i++)
        if (cudnn->cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &config[i]))
            count = i;
    if (count &&
        !cudnn->cudnnBackendGetAttribute(chooser, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                         CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &room, config))
        conv->engines += (int)(room < count ? room : count);
    cudnn->cudnnBackendDestroyDescriptor(chooser);
}

int vanon_cudnn_conv_create(vanon_cudnn_conv **out, const struct vanon_cudnn *cudnn,
                            const struct vanon_cudnn_target *target,
                            const struct vanon_conv_shape *shape)
{
    vanon_cudnn_conv *conv = calloc(1, sizeof *conv);
    cudnnBackendDescriptor_t graph;

    *out = NULL;
    if (!conv)
        return VANON_ERR_MEMORY;
    conv->cudnn = cudnn;
    conv->between = BETWEEN;
    graph = make_graph(conv, target, shape);
    if (!conv->failed) {
        find_engines(conv, target, graph, CUDNN_HEUR_MODE_A);
        find_engines(conv, target, graph, CUDNN_HEUR_MODE_FALLBACK);
    }
    conv->residual = shape->residual;
    if (!conv->engines) {
        vanon_cudnn_conv_destroy(&conv);
        return VANON_ERR_UNSUPPORTED;
    }
    *out = conv;
    return VANON_OK;
}

void vanon_cudnn_conv_destroy(vanon_cudnn_conv **pointer)
{
    vanon_cudnn_conv *conv = pointer ? *pointer : NULL;

    if (!conv)
        return;
    *pointer = NULL;
    destroy_all(conv->cudnn, conv->plan, ENGINES);
    destroy_all(conv->cudnn, conv->config, ENGINES);
    destroy_all(conv->cudnn, conv->part, conv->parts);
    free(conv);
}

int vanon_cudnn_conv_engines(const vanon_cudnn_conv *conv)
{
    return conv->engines;
}

bool vanon_cudnn_conv_built(const vanon_cudnn_conv *conv, int index)
{
    return index < conv->engines && conv->plan[index];
}

void vanon_cudnn_conv_drop(vanon_cudnn_conv *conv, int index)
{
    destroy_all(conv->cudnn, &conv->plan[index], 1);
}

/* The engine of a configuration, to be destroyed; NULL: there is none, or cuDNN doesn't say. */
static cudnnBackendDescriptor_t engine_of(const vanon_cudnn_conv *conv, int index)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    cudnnBackendDescriptor_t engine = NULL;
    int64_t count = 0;

    if (index < 0 || index >= conv->engines ||
        cudnn->cudnnBackendCreateDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &engine))
        return NULL;
    if (cudnn->cudnnBackendGetAttribute(conv->config[index], CUDNN_ATTR_ENGINECFG_ENGINE,
                                        CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &engine))
        destroy_all(cudnn, &engine, 1);
    return engine;
}

/* False: it adds up in an order that differs from run to run, so that results would. */
static bool repeats_itself(const vanon_cudnn_conv *conv, int index)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    cudnnBackendNumericalNote_t note[CUDNN_NUMERICAL_NOTE_TYPE_COUNT] = {0};
    cudnnBackendDescriptor_t engine = engine_of(conv, index);
    int64_t count = 0;
    bool repeats = true;

    if (!engine || cudnn->cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                   CUDNN_TYPE_NUMERICAL_NOTE,
                                                   CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, note))
        count = 0;
    for (int64_t i = 0; i < count; i++)
        repeats = repeats && note[i] != CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
    destroy_all(cudnn, &engine, 1);
    return repeats;
}

int vanon_cudnn_conv_build(vanon_cudnn_conv *conv, const struct vanon_cudnn_target *target,
                           int index, size_t most)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    cudnnBackendDescriptor_t plan = NULL;
    int64_t workspace = 0, count = 0;

    if (index < 0 || index >= conv->engines || !repeats_itself(conv, index))
        return VANON_ERR_UNSUPPORTED;
    if (conv->plan[index])
        return VANON_OK;
    if (cudnn->cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan))
        return VANON_ERR_UNSUPPORTED;
    if (cudnn->cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                        CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &conv->config[index]) ||
        (target->handle ? cudnn->cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE,
                                                          CUDNN_TYPE_HANDLE, 1, &target->handle)
                        : cudnn->cudnnBackendSetAttribute(
                              plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                              CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &target->device)) ||
        cudnn->cudnnBackendFinalize(plan) ||
        cudnn->cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                        CUDNN_TYPE_INT64, 1, &count, &workspace) ||
        workspace < 0 || (size_t)workspace > most) {
        cudnn->cudnnBackendDestroyDescriptor(plan);
        return VANON_ERR_UNSUPPORTED;
    }
    conv->plan[index] = plan;
    conv->workspace[index] = (size_t)workspace;
    return VANON_OK;
}

size_t vanon_cudnn_conv_workspace(const vanon_cudnn_conv *conv, int index)
{
    return conv->workspace[index];
}

int vanon_cudnn_conv_engine_number(const vanon_cudnn_conv *conv, int index)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    cudnnBackendDescriptor_t engine = engine_of(conv, index);
    int64_t count = 0, number = -1;

    if (!engine || cudnn->cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX,
                                                   CUDNN_TYPE_INT64, 1, &count, &number))
        number = -1;
    destroy_all(cudnn, &engine, 1);
    return (int)number;
}

/* Running */

int vanon_cudnn_bind(vanon_cudnn_bound **out, const vanon_cudnn_conv *conv, int index,
                     const struct vanon_conv_data *data, void *workspace)
{
    const struct vanon_cudnn *cudnn = conv->cudnn;
    int64_t numbers[] = {INPUT, WEIGHTS, BIAS, OUTPUT, RESIDUAL}, count = conv->residual ? 5 : 4;
    const void *at[] = {data->input, data->weights, data->bias, data->output, data->residual};
    vanon_cudnn_bound *bound = calloc(1, sizeof *bound);

    *out = NULL;
    if (!bound)
        return VANON_ERR_MEMORY;
    bound->cudnn = cudnn;
    bound->plan = conv->plan[index];
    if (cudnn->cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &bound->pack) ||
        cudnn->cudnnBackendSetAttribute(bound->pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                                        CUDNN_TYPE_INT64, count, numbers) ||
        cudnn->cudnnBackendSetAttribute(bound->pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                        CUDNN_TYPE_VOID_PTR, count, at) ||
        cudnn->cudnnBackendSetAttribute(bound->pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE,
                                        CUDNN_TYPE_VOID_PTR, 1, &workspace) ||
        cudnn->cudnnBackendFinalize(bound->pack)) {
        vanon_cudnn_unbind(&bound);
        return VANON_ERR_UNSUPPORTED;
    }
    *out = bound;
    return VANON_OK;
}

void vanon_cudnn_unbind(vanon_cudnn_bound **pointer)
{
    vanon_cudnn_bound *bound = pointer ? *pointer : NULL;

    if (!bound)
        return;
    *pointer = NULL;
    destroy_all(bound->cudnn, &bound->pack, 1);
    free(bound);
}

cudnnStatus_t vanon_cudnn_run(const vanon_cudnn_bound *bound, cudnnHandle_t handle)
{
    return bound->cudnn->cudnnBackendExecute(handle, bound->plan, bound->pack);
}
