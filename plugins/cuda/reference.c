/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"

struct vanon_reference {
    const vanon_plan *plan;
    float *arena;
    float *weights; /* of convolutions but depthwise ones as [tap][C][K], where plan->weights has
                       them as [K][tap][C]: so that the innermost loop runs over outputs */
    float *room;    /* for sums of one pixel, and for a row of attention's weights */
};

/* A tensor of one frame. */
struct view {
    float *first; /* pixel (0, 0) */
    int height, width, channels;
    size_t step; /* floats from a pixel to the next */
};

static struct view view_of(const vanon_reference *reference, int tensor, int frame)
{
    const vanon_plan *plan = reference->plan;
    const struct vanon_plan_tensor *slice = &plan->tensor[tensor];
    const struct vanon_plan_buffer *buffer = &plan->buffer[slice->buffer];
    size_t offset =
        vanon_plan_start(plan, tensor) + buffer->elements / (size_t)plan->batch * (size_t)frame;

    return (struct view){.first = reference->arena + offset,
                         .height = buffer->height,
                         .width = buffer->width,
                         .channels = slice->channels,
                         .step = (size_t)buffer->channels};
}

static float *pixel(const struct view *view, int y, int x)
{
    return view->first + ((size_t)y * (size_t)view->width + (size_t)x) * view->step;
}

/* Convolution */

static size_t conv_inputs(const vanon_plan *plan, const struct vanon_plan_op *op)
{
    return (size_t)vanon_plan_padded(plan->tensor[op->input].channels);
}

static size_t conv_outputs(const vanon_plan *plan, const struct vanon_plan_op *op)
{
    return (size_t)vanon_plan_padded(plan->tensor[op->output].channels);
}

static void turn_weights(vanon_reference *reference, const struct vanon_plan_op *op)
{
    const struct vanon_plan_conv *conv = &op->as.conv;
    const float *from = reference->plan->weights + conv->weights;
    size_t inputs = conv_inputs(reference->plan, op), outputs = conv_outputs(reference->plan, op);
    size_t row = (size_t)(conv->kernel_height * conv->kernel_width) * inputs;

    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < row; i++)
            reference->weights[conv->weights + i * outputs + k] = from[k * row + i];
}

static void add_tap(float *restrict sums, const float *restrict in, const float *restrict weights,
                    size_t inputs, size_t outputs)
{
    for (size_t c = 0; c < inputs; c++)
        for (size_t k = 0; k < outputs; k++)
            sums[k] += in[c] * weights[c * outputs + k];
}

static float activate(float x, enum vanon_plan_activation activation)
{
    return activation == VANON_PLAN_SILU ? x / (1 + expf(-x)) : x;
}

static void conv_pixel(const vanon_reference *reference, const struct vanon_plan_op *op,
                       const struct view *in, int y, int x)
{
    const vanon_plan *plan = reference->plan;
    const struct vanon_plan_conv *conv = &op->as.conv;
    size_t inputs = conv_inputs(plan, op), outputs = conv_outputs(plan, op);
    float *sums = reference->room;

    memcpy(sums, plan->weights + conv->bias, outputs * sizeof *sums);
    for (int r = 0; r < conv->kernel_height; r++)
        for (int s = 0; s < conv->kernel_width; s++) {
            int i = y * conv->stride_y - conv->pad_top + r;
            int j = x * conv->stride_x - conv->pad_left + s;
            size_t tap = (size_t)(r * conv->kernel_width + s);
            size_t taps = (size_t)(conv->kernel_height * conv->kernel_width);
            const float *weights = plan->weights + conv->weights + tap;

            if (i < 0 || i >= in->height || j < 0 || j >= in->width)
                continue;
            if (!conv->depthwise)
                add_tap(sums, pixel(in, i, j),
                        reference->weights + conv->weights + tap * inputs * outputs, inputs,
                        outputs);
            for (size_t k = 0; conv->depthwise && k < outputs; k++)
                sums[k] += pixel(in, i, j)[k] * weights[k * taps];
        }
}

static void run_conv(const vanon_reference *reference, const struct vanon_plan_op *op, int frame)
{
    const struct vanon_plan_conv *conv = &op->as.conv;
    struct view in = view_of(reference, op->input, frame);
    struct view out = view_of(reference, op->output, frame), residual = {0};
    size_t outputs = conv_outputs(reference->plan, op);

    if (conv->residual >= 0)
        residual = view_of(reference, conv->residual, frame);
    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++) {
            conv_pixel(reference, op, &in, y, x);
            for (size_t k = 0; k < outputs; k++)
                pixel(&out, y, x)[k] = activate(reference->room[k], conv->activation);
            for (size_t k = 0; conv->residual >= 0 && k < outputs; k++)
                pixel(&out, y, x)[k] += pixel(&residual, y, x)[k];
        }
}

/* The others */

static void pool(const struct view *in, const struct view *out, int reach, size_t channels)
{
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            float *to = pixel(out, y, x);

            for (size_t c = 0; c < channels; c++)
                to[c] = -INFINITY;
            for (int i = y - reach; i <= y + reach; i++)
                for (int j = x - reach; j <= x + reach; j++)
                    for (size_t c = 0;
                         c < channels && i >= 0 && i < in->height && j >= 0 && j < in->width; c++)
                        to[c] = fmaxf(to[c], pixel(in, i, j)[c]);
        }
}

static void run_maxpool(const vanon_reference *reference, const struct vanon_plan_op *op, int frame)
{
    struct view in = view_of(reference, op->input, frame);
    struct view out = view_of(reference, op->output, frame);
    size_t channels = (size_t)vanon_plan_padded(out.channels);

    for (int i = 0; i < op->as.maxpool.repeat; i++) {
        pool(&in, &out, op->as.maxpool.kernel / 2, channels);
        in = out;
        out.first += channels;
    }
}

static void run_upsample(const vanon_reference *reference, const struct vanon_plan_op *op,
                         int frame)
{
    struct view in = view_of(reference, op->input, frame);
    struct view out = view_of(reference, op->output, frame);
    int factor = op->as.upsample.factor;

    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++)
            memcpy(pixel(&out, y, x), pixel(&in, y / factor, x / factor),
                   (size_t)vanon_plan_padded(out.channels) * sizeof(float));
}

static void run_copy(const vanon_reference *reference, const struct vanon_plan_op *op, int frame)
{
    struct view in = view_of(reference, op->input, frame);
    struct view out = view_of(reference, op->output, frame);
    int end = reference->plan->tensor[op->output].channel + out.channels;

    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++) {
            memcpy(pixel(&out, y, x), pixel(&in, y, x), (size_t)out.channels * sizeof(float));
            if (op->as.copy.fill)
                memset(pixel(&out, y, x) + out.channels, 0,
                       (size_t)(vanon_plan_padded(end) - end) * sizeof(float));
        }
}

/* One head: `in` and `out` begin at its first channels. */
static void attend(const struct view *in, const struct view *out,
                   const struct vanon_plan_attention *attention, float *weight)
{
    size_t pixels = (size_t)(in->height * in->width);
    size_t key = (size_t)attention->key, value = (size_t)attention->value;

    for (size_t i = 0; i < pixels; i++) {
        const float *q = in->first + i * in->step;
        float *to = out->first + i * out->step, most = -INFINITY, whole = 0;

        for (size_t j = 0; j < pixels; j++) {
            const float *k = in->first + j * in->step + key;

            weight[j] = 0;
            for (size_t c = 0; c < key; c++)
                weight[j] += q[c] * k[c];
            weight[j] *= attention->scale;
            most = fmaxf(most, weight[j]);
        }
        for (size_t j = 0; j < pixels; j++)
            whole += weight[j] = expf(weight[j] - most);
        memset(to, 0, value * sizeof *to);
        for (size_t j = 0; j < pixels; j++)
            for (size_t d = 0; d < value; d++)
                to[d] += weight[j] / whole * in->first[j * in->step + 2 * key + d];
    }
}

static void run_attention(const vanon_reference *reference, const struct vanon_plan_op *op,
                          int frame)
{
    const struct vanon_plan_attention *attention = &op->as.attention;
    struct view in = view_of(reference, op->input, frame);
    struct view out = view_of(reference, op->output, frame);

    for (int i = 0; i < attention->heads; i++) {
        attend(&in, &out, attention, reference->room);
        in.first += 2 * attention->key + attention->value;
        out.first += attention->value;
    }
}

/* The object */

/* Floats that some operation needs beside the arena. */
static size_t find_room(const vanon_plan *plan)
{
    size_t most = 1;

    for (size_t i = 0; i < plan->ops; i++) {
        const struct vanon_plan_op *op = &plan->op[i];
        const struct vanon_plan_buffer *buffer = &plan->buffer[plan->tensor[op->output].buffer];
        size_t needed = op->kind == VANON_PLAN_ATTENTION
                            ? (size_t)(buffer->height * buffer->width)
                            : (size_t)vanon_plan_padded(plan->tensor[op->output].channels);

        if (needed > most)
            most = needed;
    }
    return most;
}

int vanon_reference_create(vanon_reference **out, const vanon_plan *plan)
{
    vanon_reference *reference = calloc(1, sizeof *reference);

    *out = reference;
    if (!reference)
        return VANON_ERR_MEMORY;
    reference->plan = plan;
    reference->arena = calloc(plan->arena, sizeof *reference->arena);
    reference->weights = calloc(plan->floats + 1, sizeof *reference->weights);
    reference->room = calloc(find_room(plan), sizeof *reference->room);
    if (!reference->arena || !reference->weights || !reference->room) {
        vanon_reference_destroy(out);
        return VANON_ERR_MEMORY;
    }
    for (size_t i = 0; i < plan->ops; i++)
        if (plan->op[i].kind == VANON_PLAN_CONV && !plan->op[i].as.conv.depthwise)
            turn_weights(reference, &plan->op[i]);
    return VANON_OK;
}

void vanon_reference_destroy(vanon_reference **pointer)
{
    vanon_reference *reference = *pointer;

    if (!reference)
        return;
    free(reference->arena);
    free(reference->weights);
    free(reference->room);
    free(reference);
    *pointer = NULL;
}

void vanon_reference_put(vanon_reference *reference, size_t index, const uint8_t *rgb)
{
    struct view view = view_of(reference, reference->plan->input, (int)index);

    for (int y = 0; y < view.height; y++)
        for (int x = 0; x < view.width; x++, rgb += 3) {
            float *to = pixel(&view, y, x);

            memset(to, 0, VANON_PLAN_CHANNELS * sizeof *to);
            for (int c = 0; c < 3; c++)
                to[c] = (float)rgb[c] / 255;
        }
}

void vanon_reference_put_planes(vanon_reference *reference, size_t index, const float *planes)
{
    struct view view = view_of(reference, reference->plan->input, (int)index);
    size_t plane = (size_t)(view.height * view.width);

    for (size_t i = 0; i < plane; i++) {
        float *to = view.first + i * view.step;

        memset(to, 0, VANON_PLAN_CHANNELS * sizeof *to);
        for (size_t c = 0; c < 3; c++)
            to[c] = planes[c * plane + i];
    }
}

void vanon_reference_run(vanon_reference *reference, size_t count)
{
    static void (*const run[])(const vanon_reference *, const struct vanon_plan_op *, int) = {
        [VANON_PLAN_CONV] = run_conv,           [VANON_PLAN_MAXPOOL] = run_maxpool,
        [VANON_PLAN_UPSAMPLE] = run_upsample,   [VANON_PLAN_COPY] = run_copy,
        [VANON_PLAN_ATTENTION] = run_attention,
    };
    const vanon_plan *plan = reference->plan;

    for (size_t i = 0; i < plan->ops; i++)
        for (size_t frame = 0; frame < count; frame++)
            run[plan->op[i].kind](reference, &plan->op[i], (int)frame);
}

void vanon_reference_get(const vanon_reference *reference, size_t index, float *output)
{
    const struct vanon_plan_head *head = &reference->plan->head;

    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++) {
        const struct vanon_plan_level *level = &head->level[i];
        struct view box = view_of(reference, level->box, (int)index), joints = {0};
        struct view scores = view_of(reference, level->scores, (int)index);

        if (level->joints >= 0)
            joints = view_of(reference, level->joints, (int)index);
        for (int j = 0; j < level->height * level->width; j++) {
            size_t at = (size_t)j;
            struct vanon_head_pixel channels = {
                .box = box.first + at * box.step,
                .scores = scores.first + at * scores.step,
                .joints = joints.first ? joints.first + at * joints.step : NULL};

            vanon_head_decode(head, level->stride, j % level->width, j / level->width, &channels,
                              output + level->first_anchor + j, (size_t)head->anchors);
        }
    }
}
