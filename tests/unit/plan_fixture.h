/* SPDX-License-Identifier: Apache-2.0 */
/* Small networks with all that a plan can do, and what must hold for every plan; after unit.h. */
#ifndef VANON_TESTS_PLAN_FIXTURE_H
#define VANON_TESTS_PLAN_FIXTURE_H

#include <stdbool.h>
#include <unistd.h>

#include "onnx.h"
#include "onnx_build.h"
#include "plan.h"

/* Which parts a small network has beside convolutions. */
struct small {
    int joints, classes;
    bool attention;
    bool ragged; /* pieces and concatenations at channels that are no multiples of 8 */
    bool shared; /* tensors that two concatenations want at different places */
};

/* A backbone, a neck and a head, as YOLOv8 and YOLO11 have them. Returns the output's name. */
static inline const char *small_network(struct build *build, const struct small *small)
{
    int height = build->height, width = build->width;
    const char *x = "images", *half, *rest, *p3, *p4, *p5, *pool[3];
    struct build_head head = {.classes = small->classes, .joints = small->joints};

    x = build_conv(build, x, (struct build_conv){.in = 3, .out = 16, .kernel = 3, .stride = 2});
    x = build_conv(build, x, (struct build_conv){.in = 16, .out = 16, .kernel = 3, .stride = 2});
    half = build_split(build, x, 8, 8, &rest); /* C2f */
    x = build_conv(build, rest, (struct build_conv){.in = 8, .out = 8, .kernel = 3});
    x = BUILD(build, "Add", rest, x)->output[0];
    x = build_concat(build, build_concat(build, half, rest, 1), x, 1);
    p3 = build_conv(build, x, (struct build_conv){.in = 24, .out = 24, .kernel = 3, .stride = 2});
    p4 = build_conv(build, p3, (struct build_conv){.in = 24, .out = 32, .kernel = 3, .stride = 2});
    if (small->ragged) {
        half = build_split(build, p4, 12, 20, &rest);
        half = build_conv(build, half, (struct build_conv){.in = 12, .out = 13});
        rest = build_conv(build, rest, (struct build_conv){.in = 20, .out = 19});
        p4 = build_concat(build, half, rest, 1);
    }
    p5 = build_conv(build, p4, (struct build_conv){.in = 32, .out = 16, .kernel = 3, .stride = 2});
    pool[0] = build_pool(build, p5); /* SPPF */
    pool[1] = build_pool(build, pool[0]);
    pool[2] = build_pool(build, pool[1]);
    x = build_concat(build, build_concat(build, p5, pool[0], 1),
                     build_concat(build, pool[1], pool[2], 1), 1);
    p5 = build_conv(build, x, (struct build_conv){.in = 64, .out = 32});
    if (small->attention)
        p5 = build_attention(build, p5, 2, 8, 16, height / 32, width / 32);
    if (small->shared) {
        x = build_concat(build, p5, build_conv(build, p5, (struct build_conv){.in = 32, .out = 8}),
                         1);
        x = build_concat(build, build_conv(build, x, (struct build_conv){.in = 40, .out = 8}), p5,
                         1);
        x = build_concat(build, x, x, 1);
        p5 = build_conv(build, x, (struct build_conv){.in = 80, .out = 32});
    }
    x = build_concat(build, build_upsample(build, p5), p4, 1);
    p4 = build_conv(build, x, (struct build_conv){.in = 64, .out = 16, .kernel = 3});
    head.input[0] = p3;
    head.input[1] = p4;
    head.input[2] = p5;
    head.channels[0] = 24;
    head.channels[1] = 16;
    head.channels[2] = 32;
    return build_head(build, &head);
}

/* What follows a small network in an export with an NMS, and what else may be wrong with it. */
struct nms_tail {
    bool corners; /* boxes are x0, y0, x1, y1 */
    bool scaled;  /* all numbers are half as large again */
    bool past;    /* something gets to the NMS past the head */
    bool graph;   /* a node has a graph inside */
    bool early;   /* the NMS stands before the head */
};

/* As Ultralytics' nms=True writes it in outline, with operators that the importer needn't know: who
 * is above a score, their boxes, those that stay. Returns the output's name. */
static inline const char *nms_tail(struct build *build, const struct small *small,
                                   const struct nms_tail *tail)
{
    const char *iou = build_number(build, 0.6f), *x, *box, *score, *found, *picture = NULL;
    Onnx__AttributeProto *body;
    Onnx__NodeProto *node;
    float *most;

    if (tail->early)
        BUILD(build, "NonMaxSuppression", "images", "images", "", iou);
    x = small_network(build, small);
    if (tail->corners) {
        const char *centre = build_slice(build, x, 0, 2, 1);
        const char *half =
            BUILD(build, "Mul", build_slice(build, x, 2, 4, 1), build_number(build, 0.5f))
                ->output[0];
        const char *rest = build_slice(build, x, 4, 1000, 1);

        box = build_concat(build, BUILD(build, "Sub", centre, half)->output[0],
                           BUILD(build, "Add", centre, half)->output[0], 1);
        x = build_concat(build, box, rest, 1);
    }
    if (tail->scaled)
        x = BUILD(build, "Mul", x, build_number(build, 1.5f))->output[0];
    if (tail->past)
        picture = BUILD(build, "ReduceMax", "images")->output[0];
    x = build_list(build, BUILD(build, "Transpose", x), "perm", BUILD_LIST(0, 2, 1));
    box = build_slice(build, x, 0, 4, 2);
    score = BUILD(build, "ReduceMax", build_slice(build, x, 4, 5, 2))->output[0];
    node = BUILD(build, "Greater", score, build_number(build, 0.25f));
    if (tail->graph) {
        node->op_type = build_text(build, "Loop");
        body = build_attribute(build, node, "body");
        body->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH;
        body->g = build_alloc(build, sizeof *body->g);
        onnx__graph_proto__init(body->g);
    }
    found = BUILD(build, "NonZero", node->output[0])->output[0];
    box = BUILD(build, "GatherND", box, found)->output[0];
    if (picture)
        box = BUILD(build, "Div", box, picture)->output[0];
    score = BUILD(build, "GatherND", score, found)->output[0];
    x = build_floats(build, 1, (const int64_t[]){1}, &most);
    found = tail->early ? found : BUILD(build, "NonMaxSuppression", box, score, x, iou)->output[0];
    return BUILD(build, "GatherND", box, found)->output[0];
}

/* The elements of an arena that a tensor has, of frame 0, pixel by pixel: begin and distance. */
struct extent {
    size_t start, step, pixels, channels;
};

static inline struct extent extent_of(const vanon_plan *plan, int tensor, int channels)
{
    const struct vanon_plan_tensor *slice = &plan->tensor[tensor];
    const struct vanon_plan_buffer *buffer = &plan->buffer[slice->buffer];

    assert_true(tensor >= 0 && (size_t)tensor < plan->tensors);
    assert_true(slice->buffer >= 0 && (size_t)slice->buffer < plan->buffers);
    assert_true(slice->channel >= 0 && slice->channels > 0 &&
                slice->channel + channels <= buffer->channels);
    return (struct extent){vanon_plan_start(plan, tensor), (size_t)buffer->channels,
                           (size_t)(buffer->height * buffer->width), (size_t)channels};
}

/* Which tensor wrote each element of an arena, as a mark: buffer + 1; 0: none. */
static inline void mark(int *marks, const struct extent *extent, int value)
{
    for (size_t i = 0; i < extent->pixels; i++)
        for (size_t c = 0; c < extent->channels; c++)
            marks[extent->start + i * extent->step + c] = value;
}

static inline void assert_marked(const int *marks, const struct extent *extent, int value)
{
    for (size_t i = 0; i < extent->pixels; i++)
        for (size_t c = 0; c < extent->channels; c++)
            if (marks[extent->start + i * extent->step + c] != value)
                fail_msg("element %zu, channel %zu, was not written, or written over", i, c);
}

static inline void check_reads(const vanon_plan *plan, const int *marks, int tensor, bool padded)
{
    int channels = plan->tensor[tensor].channels;
    struct extent extent = extent_of(plan, tensor, padded ? vanon_plan_padded(channels) : channels);

    if (padded)
        assert_int_equal(plan->tensor[tensor].channel % VANON_PLAN_CHANNELS, 0);
    assert_marked(marks, &extent, plan->tensor[tensor].buffer + 1);
}

static inline void check_op(const vanon_plan *plan, int *marks, const struct vanon_plan_op *op)
{
    bool copy = op->kind == VANON_PLAN_COPY;
    int channels = plan->tensor[op->output].channels, buffer = plan->tensor[op->output].buffer;
    struct extent out;

    assert_true(op->name && *op->name);
    check_reads(plan, marks, op->input, !copy);
    if (op->kind == VANON_PLAN_CONV) {
        if (op->as.conv.residual >= 0)
            check_reads(plan, marks, op->as.conv.residual, true);
        assert_true(op->as.conv.bias + (size_t)vanon_plan_padded(channels) <= plan->floats);
    }
    if (!copy)
        channels = vanon_plan_padded(channels);
    else if (op->as.copy.fill)
        channels = vanon_plan_padded(plan->tensor[op->output].channel + channels) -
                   plan->tensor[op->output].channel;
    if (op->kind == VANON_PLAN_MAXPOOL)
        channels *= op->as.maxpool.repeat;
    out = extent_of(plan, op->output, channels);
    mark(marks, &out, buffer + 1);
}

/* What plan.h says of every plan: runs it with marks instead of numbers. */
static inline void check_plan(const vanon_plan *plan)
{
    int *marks = calloc(plan->arena, sizeof *marks);
    struct extent input = extent_of(plan, plan->input, VANON_PLAN_CHANNELS);

    assert_non_null(marks);
    for (size_t i = 0; i < plan->buffers; i++) {
        const struct vanon_plan_buffer *buffer = &plan->buffer[i];

        assert_int_equal(buffer->channels % VANON_PLAN_CHANNELS, 0);
        assert_int_equal(buffer->offset % VANON_PLAN_GRAIN, 0);
        assert_int_equal(buffer->elements, (size_t)plan->batch * (size_t)buffer->height *
                                               (size_t)buffer->width * (size_t)buffer->channels);
        assert_true(buffer->offset + buffer->elements <= plan->arena);
        assert_true(buffer->first <= buffer->last);
        for (size_t j = 0; j < i; j++) {
            const struct vanon_plan_buffer *other = &plan->buffer[j];

            assert_true(buffer->first > other->last || other->first > buffer->last ||
                        buffer->offset >= other->offset + other->elements ||
                        other->offset >= buffer->offset + buffer->elements);
        }
    }
    mark(marks, &input, plan->tensor[plan->input].buffer + 1);
    for (size_t i = 0; i < plan->ops; i++)
        check_op(plan, marks, &plan->op[i]);
    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++) {
        check_reads(plan, marks, plan->head.level[i].box, true);
        check_reads(plan, marks, plan->head.level[i].scores, true);
        if (plan->head.level[i].joints >= 0)
            check_reads(plan, marks, plan->head.level[i].joints, true);
    }
    free(marks);
}

#endif
