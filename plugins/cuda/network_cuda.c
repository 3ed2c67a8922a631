/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "device_cuda.h"
#include "engine_store.h"

#define HALF_MOST 65504.0f

/* Slices */

static const struct vanon_plan_buffer *buffer_of(const vanon_plan *plan, int tensor)
{
    return &plan->buffer[plan->tensor[tensor].buffer];
}

static int padded(const vanon_plan *plan, int tensor)
{
    return vanon_plan_padded(plan->tensor[tensor].channels);
}

static void *start_of(const vanon_network *network, char *arena, int tensor)
{
    return arena +
           vanon_network_element(!network->single) * vanon_plan_start(network->plan, tensor);
}

static struct vanon_gpu_slice slice_of(const vanon_network *network, char *arena, int tensor)
{
    return (struct vanon_gpu_slice){start_of(network, arena, tensor),
                                    buffer_of(network->plan, tensor)->channels};
}

/* With the tensor's own channels, or with its padding. */
static struct vanon_gpu_size size_of(const vanon_network *network, int tensor, int channels)
{
    const struct vanon_plan_buffer *buffer = buffer_of(network->plan, tensor);

    return (struct vanon_gpu_size){network->plan->batch, buffer->height, buffer->width, channels,
                                   network->single};
}

static int check_weights(const vanon_log *log, const vanon_plan *plan)
{
    for (size_t i = 0; i < plan->floats; i++)
        if (!(fabsf(plan->weights[i]) <= HALF_MOST))
            return vanon_fail(log, VANON_ERR_MODEL, "a weight that float16 does not hold: %g",
                              (double)plan->weights[i]);
    return VANON_OK;
}

void vanon_network_head(const vanon_network *network, char *arena, struct vanon_gpu_head *head)
{
    const vanon_plan *plan = network->plan;

    *head = (struct vanon_gpu_head){.anchors = plan->head.anchors,
                                    .bins = VANON_PLAN_REG_MAX,
                                    .joints = plan->head.joints,
                                    .person = network->person,
                                    .single = network->single};
    for (int i = 0; i < VANON_PLAN_LEVELS; i++) {
        const struct vanon_plan_level *level = &plan->head.level[i];

        if (!level->height || !level->width)
            continue;
        head->level[head->levels++] = (struct vanon_gpu_level){
            .width = level->width,
            .height = level->height,
            .first_anchor = level->first_anchor,
            .stride = (float)level->stride,
            .box = slice_of(network, arena, level->box),
            .score = slice_of(network, arena, level->scores),
            .joints = slice_of(network, arena, level->joints < 0 ? level->scores : level->joints),
        };
    }
}

/* Weights */

/* All numbers go over once; they are halved there. When it returns they are there: contexts'
 * streams don't wait for any other, and what cudaMemcpy copies from pageable memory may arrive
 * after it has returned. Other streams may be recorded meanwhile: the device as a whole must not be
 * waited for.
 */
static int fill(vanon_weights *weights, const vanon_plan *plan)
{
    cudaStream_t stream = NULL;
    int error = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);

    if (!error)
        error = cudaMemcpyAsync(weights->single, plan->weights, plan->floats * sizeof(float),
                                cudaMemcpyHostToDevice, stream);
    if (!error && weights->half)
        error = vanon_gpu_halve(stream, weights->single, weights->half, weights->count);
    if (!error)
        error = cudaStreamSynchronize(stream);
    if (stream)
        cudaStreamDestroy(stream);
    return error;
}

static int upload(vanon_weights *weights, const vanon_plan *plan, bool half)
{
    int error = cudaSetDevice(weights->device->number);

    if (!error)
        error = cudaMalloc((void **)&weights->single, plan->floats * sizeof(float) + 16);
    if (!error && half)
        error = cudaMalloc(&weights->half, plan->floats * 2 + 16);
    if (!error)
        error = fill(weights, plan);
    return vanon_cuda_status(weights->device->log, error, "taking the weights");
}

int vanon_weights_create(vanon_weights **out, vanon_device *device, const vanon_plan *plan,
                         bool half)
{
    vanon_weights *weights;
    int status;

    *out = NULL;
    if (half && (status = check_weights(device->log, plan)))
        return status;
    weights = calloc(1, sizeof *weights);
    if (!weights)
        return VANON_ERR_MEMORY;
    weights->device = device;
    weights->count = plan->floats;
    status = upload(weights, plan, half);
    if (status)
        vanon_weights_destroy(&weights);
    *out = weights;
    return status;
}

void vanon_weights_destroy(vanon_weights **pointer)
{
    vanon_weights *weights = pointer ? *pointer : NULL;

    if (!weights)
        return;
    *pointer = NULL;
    cudaSetDevice(weights->device->number);
    cudaFree(weights->single);
    cudaFree(weights->half);
    free(weights);
}

/* Making a network */

static struct vanon_conv_shape shape_of(const vanon_network *network,
                                        const struct vanon_plan_op *op)
{
    const vanon_plan *plan = network->plan;
    const struct vanon_plan_conv *conv = &op->as.conv;
    const struct vanon_plan_buffer *in = buffer_of(plan, op->input);
    const struct vanon_plan_buffer *out = buffer_of(plan, op->output);
    bool residual = conv->residual >= 0;

    return (struct vanon_conv_shape){
        .batch = plan->batch,
        .in_height = in->height,
        .in_width = in->width,
        .in_channels = padded(plan, op->input),
        .in_step = in->channels,
        .out_height = out->height,
        .out_width = out->width,
        .out_channels = padded(plan, op->output),
        .out_step = out->channels,
        .kernel_height = conv->kernel_height,
        .kernel_width = conv->kernel_width,
        .stride = conv->stride_y,
        .pad = conv->pad_top,
        .silu = conv->activation == VANON_PLAN_SILU,
        .residual = residual,
        .residual_step = residual ? buffer_of(plan, conv->residual)->channels : 0,
        .single = network->single,
    };
}

static bool same_shape(const struct vanon_conv_shape *a, const struct vanon_conv_shape *b)
{
    return a->batch == b->batch && a->in_height == b->in_height && a->in_width == b->in_width &&
           a->in_channels == b->in_channels && a->in_step == b->in_step &&
           a->out_height == b->out_height && a->out_width == b->out_width &&
           a->out_channels == b->out_channels && a->out_step == b->out_step &&
           a->kernel_height == b->kernel_height && a->kernel_width == b->kernel_width &&
           a->stride == b->stride && a->pad == b->pad && a->silu == b->silu &&
           a->residual == b->residual && a->residual_step == b->residual_step;
}

/* NULL: the device can do it, at the plan's size where `sized`; else what it can't. */
static const char *misfit(const vanon_plan *plan, const struct vanon_plan_op *op, bool sized)
{
    switch (op->kind) {
    case VANON_PLAN_CONV:
        if (op->as.conv.stride_x != op->as.conv.stride_y ||
            op->as.conv.pad_left != op->as.conv.pad_top)
            return "a convolution that differs along its two axes";
        return NULL;
    case VANON_PLAN_MAXPOOL:
        return op->as.maxpool.repeat > 3 || op->as.maxpool.repeat * (op->as.maxpool.kernel / 2) > 6
                   ? "so large a pool"
                   : NULL;
    case VANON_PLAN_ATTENTION:
        return op->as.attention.key > VANON_GPU_KEY || op->as.attention.value > VANON_GPU_VALUE ||
                       (sized &&
                        buffer_of(plan, op->input)->height * buffer_of(plan, op->input)->width >
                            VANON_GPU_ATTEND)
                   ? "so large an attention"
                   : NULL;
    case VANON_PLAN_UPSAMPLE:
    case VANON_PLAN_COPY:
        return NULL;
    }
    return "this operation";
}

static int check_plan(const vanon_log *log, const vanon_plan *plan, bool sized)
{
    for (size_t i = 0; i < plan->ops; i++) {
        const char *what = misfit(plan, &plan->op[i], sized);

        if (what)
            return vanon_fail(log, VANON_ERR_MODEL, "%s: the GPU can't do %s", plan->op[i].name,
                              what);
    }
    if (plan->head.joints > VANON_GPU_JOINTS)
        return vanon_fail(log, VANON_ERR_MODEL, "the GPU can't do %d joints; %d are the most",
                          plan->head.joints, VANON_GPU_JOINTS);
    if (buffer_of(plan, plan->input)->channels != VANON_GPU_INPUT_CHANNELS)
        return vanon_fail(log, VANON_ERR_MODEL, "the GPU needs an input of its own in the plan");
    return VANON_OK;
}

int vanon_device_check(const vanon_device *device, const vanon_plan *plan, bool half)
{
    int status = check_plan(device->log, plan, false);

    return status || !half ? status : check_weights(device->log, plan);
}

/* The weights have been looked at when they were made. */
static int check(const vanon_network *network)
{
    const vanon_weights *weights = network->weights;

    if (!weights || weights->count != network->plan->floats || !weights->half != network->single)
        return vanon_fail(network->device->log, VANON_ERR_ARGUMENT,
                          "the weights are another model's");
    return check_plan(network->device->log, network->plan, true);
}

/* Finds the different shapes, and each convolution's. */
static int list_shapes(vanon_network *network)
{
    const vanon_plan *plan = network->plan;

    network->conv = calloc(plan->ops, sizeof *network->conv);
    network->engine = calloc(plan->ops, sizeof *network->engine);
    if (!network->conv || !network->engine)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < plan->ops; i++) {
        const struct vanon_plan_op *op = &plan->op[i];
        struct vanon_conv_shape shape;
        size_t at = 0;

        if (op->kind != VANON_PLAN_CONV)
            continue;
        network->conv[i].weights = op->as.conv.weights;
        network->conv[i].bias = op->as.conv.bias;
        if (op->as.conv.depthwise || network->single)
            continue;
        shape = shape_of(network, op);
        while (at < network->engines && !same_shape(&network->engine[at].shape, &shape))
            at++;
        if (at == network->engines)
            network->engine[network->engines++].shape = shape;
        network->conv[i].engine = at;
    }
    return VANON_OK;
}

static int choose_engines(vanon_network *network, const char *sha256)
{
    vanon_device *device = network->device;
    bool cudnn = device->cudnn.library;
    struct vanon_engine_tools tools = {
        .cudnn = cudnn ? &device->cudnn : NULL, .device = device->number, .log = device->log};
    char name[256], *path = NULL;
    int driver = 0, status;

    cudaDriverGetVersion(&driver);
    snprintf(name, sizeof name, "%s-cuda%d-cudnn%zu-%.16s", device->name, driver,
             cudnn ? device->cudnn.cudnnGetVersion() : 0, sha256);
    if (sha256[0])
        tools.store = path = vanon_engine_store_path(name);
    status = vanon_engines_choose(network->engine, network->engines, &tools);
    free(path);
    for (size_t i = 0; i < network->engines && status == VANON_OK; i++) {
        size_t workspace = vanon_engine_workspace(&network->engine[i]);

        network->cudnn |= network->engine[i].own < 0;
        if (network->workspace < workspace)
            network->workspace = workspace;
    }
    return status;
}

int vanon_network_create(vanon_network **out, vanon_device *device,
                         const struct vanon_network_params *params)
{
    vanon_network *network = calloc(1, sizeof *network);
    int status;

    *out = NULL;
    if (!network)
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&network->executing, NULL)) {
        free(network);
        return VANON_ERR_MEMORY;
    }
    network->device = device;
    network->plan = params->plan;
    network->weights = params->weights;
    network->single = !params->half;
    network->person = params->person;
    /* One more than wanted, so that the detector sees that somebody was left out. */
    network->limits = (struct vanon_gpu_limits){params->confidence, params->iou_threshold,
                                                (uint32_t)params->max_det + 1};
    status = vanon_cuda_status(device->log, cudaSetDevice(device->number), "choosing it");
    if (status == VANON_OK)
        status = check(network);
    if (status == VANON_OK)
        status = list_shapes(network);
    if (status == VANON_OK && !network->single)
        status = choose_engines(network, params->model_sha256);
    if (status == VANON_OK)
        *out = network;
    else
        vanon_network_destroy(&network);
    return status;
}

void vanon_network_destroy(vanon_network **pointer)
{
    vanon_network *network = pointer ? *pointer : NULL;

    if (!network)
        return;
    *pointer = NULL;
    cudaSetDevice(network->device->number);
    vanon_engines_free(network->engine, network->engines);
    free(network->engine);
    free(network->conv);
    pthread_mutex_destroy(&network->executing);
    free(network);
}

/* Running it */

static struct vanon_conv_data data_of(const struct vanon_network_run *run, size_t index)
{
    const vanon_network *network = run->network;
    const struct vanon_plan_op *op = &network->plan->op[index];
    const struct vanon_plan_conv *conv = &op->as.conv;
    const void *weights = network->single ? network->weights->single : network->weights->half;

    return (struct vanon_conv_data){
        .input = start_of(network, run->arena, op->input),
        .weights = (const char *)weights +
                   vanon_network_element(!network->single) * network->conv[index].weights,
        .bias = network->weights->single + network->conv[index].bias,
        .residual = conv->residual < 0 ? NULL : start_of(network, run->arena, conv->residual),
        .output = start_of(network, run->arena, op->output),
    };
}

int vanon_network_bind(struct vanon_network_run *run, void *workspace)
{
    const vanon_network *network = run->network;
    int status = VANON_OK;

    run->bound = calloc(network->plan->ops, sizeof(vanon_cudnn_bound *));
    if (!run->bound)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < network->plan->ops && status == VANON_OK && !network->single; i++) {
        const struct vanon_plan_op *op = &network->plan->op[i];
        const struct vanon_engine *engine = &network->engine[network->conv[i].engine];
        struct vanon_conv_data data;

        if (op->kind != VANON_PLAN_CONV || op->as.conv.depthwise || engine->own >= 0)
            continue;
        data = data_of(run, i);
        status = vanon_cudnn_bind(&run->bound[i], engine->conv, engine->index, &data, workspace);
    }
    return status == VANON_ERR_UNSUPPORTED
               ? vanon_fail(network->device->log, VANON_ERR_INFERENCE, "cuDNN binds no memory")
               : status;
}

void vanon_network_unbind(struct vanon_network_run *run)
{
    for (size_t i = 0; run->bound && i < run->network->plan->ops; i++)
        vanon_cudnn_unbind(&run->bound[i]);
    free(run->bound);
    run->bound = NULL;
}

static int queue_conv(const struct vanon_network_run *run, size_t index)
{
    const vanon_network *network = run->network;
    const struct vanon_plan_op *op = &network->plan->op[index];
    struct vanon_conv_data data;

    if (run->bound[index])
        return vanon_cudnn_run(run->bound[index], run->handle);
    data = data_of(run, index);
    if (op->as.conv.depthwise || network->single) {
        struct vanon_conv_shape shape = shape_of(network, op);

        return (op->as.conv.depthwise ? vanon_gpu_depthwise : vanon_gpu_conv_single)(run->stream,
                                                                                     &shape, &data);
    }
    const struct vanon_engine *engine = &network->engine[network->conv[index].engine];

    return vanon_gpu_conv(run->stream, engine->own, &engine->shape, &data);
}

static int queue_attention(const struct vanon_network_run *run, const struct vanon_plan_op *op)
{
    const vanon_network *network = run->network;
    const struct vanon_plan_attention *a = &op->as.attention;
    struct vanon_gpu_attention attention = {a->heads, a->key, a->value, a->scale};

    return vanon_gpu_attend(
        run->stream, size_of(network, op->input, padded(network->plan, op->input)), &attention,
        slice_of(network, run->arena, op->input), slice_of(network, run->arena, op->output));
}

static int queue_op(const struct vanon_network_run *run, size_t index)
{
    const vanon_network *network = run->network;
    const vanon_plan *plan = network->plan;
    const struct vanon_plan_op *op = &plan->op[index];
    struct vanon_gpu_slice from = slice_of(network, run->arena, op->input);
    struct vanon_gpu_slice to = slice_of(network, run->arena, op->output);
    int channels = padded(plan, op->input), copied = plan->tensor[op->output].channels;

    switch (op->kind) {
    case VANON_PLAN_CONV:
        return queue_conv(run, index);
    case VANON_PLAN_MAXPOOL:
        return vanon_gpu_pool(run->stream, size_of(network, op->input, channels),
                              op->as.maxpool.kernel, op->as.maxpool.repeat, from, to);
    case VANON_PLAN_UPSAMPLE:
        return vanon_gpu_upsample(run->stream, size_of(network, op->input, channels),
                                  op->as.upsample.factor, from, to);
    case VANON_PLAN_COPY: {
        int end = plan->tensor[op->output].channel + copied;
        int fill = op->as.copy.fill ? vanon_plan_padded(end) - end : 0;

        return vanon_gpu_copy(run->stream, size_of(network, op->input, copied), fill, from, to);
    }
    case VANON_PLAN_ATTENTION:
        return queue_attention(run, op);
    }
    return cudaErrorNotSupported;
}

int vanon_network_queue(const struct vanon_network_run *run)
{
    int error = 0;

    for (size_t i = 0; i < run->network->plan->ops && !error; i++)
        error = queue_op(run, i);
    return error;
}
