/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds small ONNX graphs by protobuf-c: convolutions with random weights, and YOLOv8's head as
 * Ultralytics exports it for a fixed size. After unit.h. Names of tensors are what goes from one
 * call to the next; they live as long as the builder.
 */
#ifndef VANON_TESTS_ONNX_BUILD_H
#define VANON_TESTS_ONNX_BUILD_H

#include <math.h>

#include "onnx.pb-c.h"

#define BUILD_MOST 512 /* nodes, initialisers */

struct build {
    int height, width; /* of the input */
    int opset;
    Onnx__NodeProto *node[BUILD_MOST];
    Onnx__TensorProto *initialiser[BUILD_MOST];
    size_t nodes, initialisers;
    void *block[32 * BUILD_MOST]; /* all that was allocated */
    size_t blocks;
    uint32_t seed;
};

static inline void *build_alloc(struct build *build, size_t size)
{
    void *block = calloc(1, size);

    assert_non_null(block);
    assert_true(build->blocks < 32 * BUILD_MOST);
    return build->block[build->blocks++] = block;
}

static inline char *build_text(struct build *build, const char *text)
{
    return strcpy(build_alloc(build, strlen(text) + 1), text);
}

static inline struct build *build_create(int height, int width)
{
    struct build *build = calloc(1, sizeof *build);

    assert_non_null(build);
    build->height = height;
    build->width = width;
    build->opset = 17;
    build->seed = 7;
    return build;
}

static inline void build_destroy(struct build *build)
{
    for (size_t i = 0; i < build->blocks; i++)
        free(build->block[i]);
    free(build);
}

/* From -1 to 1. */
static inline float build_random(struct build *build)
{
    build->seed = build->seed * 1664525 + 1013904223;
    return (float)(build->seed >> 8) / (float)(1 << 23) - 1;
}

static inline Onnx__TensorProto *build_tensor(struct build *build, size_t sides,
                                              const int64_t *side, size_t *count)
{
    Onnx__TensorProto *tensor = build_alloc(build, sizeof *tensor);
    char name[24];

    onnx__tensor_proto__init(tensor);
    assert_true(build->initialisers < BUILD_MOST);
    snprintf(name, sizeof name, "c%zu", build->initialisers);
    build->initialiser[build->initialisers++] = tensor;
    tensor->name = build_text(build, name);
    tensor->has_data_type = 1;
    tensor->n_dims = sides;
    tensor->dims = build_alloc(build, (sides + 1) * sizeof *tensor->dims);
    *count = 1;
    for (size_t i = 0; i < sides; i++)
        *count *= (size_t)(tensor->dims[i] = side[i]);
    return tensor;
}

/* Floats to be filled; `data` may be NULL. */
static inline const char *build_floats(struct build *build, size_t sides, const int64_t *side,
                                       float **data)
{
    size_t count;
    Onnx__TensorProto *tensor = build_tensor(build, sides, side, &count);

    tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->n_float_data = count;
    tensor->float_data = build_alloc(build, (count + 1) * sizeof(float));
    if (data)
        *data = tensor->float_data;
    return tensor->name;
}

static inline const char *build_number(struct build *build, float number)
{
    float *data;
    const char *name = build_floats(build, 0, NULL, &data);

    *data = number;
    return name;
}

#define BUILD_LIST(...) \
    ((const int64_t[]){__VA_ARGS__}), (sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static inline const char *build_ints(struct build *build, const int64_t *list, size_t length)
{
    size_t count;
    Onnx__TensorProto *tensor = build_tensor(build, 1, &(int64_t){(int64_t)length}, &count);

    tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
    tensor->n_int64_data = count;
    tensor->int64_data = build_alloc(build, count * sizeof(int64_t));
    memcpy(tensor->int64_data, list, count * sizeof(int64_t));
    return tensor->name;
}

static inline Onnx__NodeProto *build_empty_node(struct build *build, const char *operation)
{
    Onnx__NodeProto *node = build_alloc(build, sizeof *node);
    char name[64];

    onnx__node_proto__init(node);
    assert_true(build->nodes < BUILD_MOST);
    snprintf(name, sizeof name, "%s_%zu", operation, build->nodes);
    build->node[build->nodes++] = node;
    node->op_type = build_text(build, operation);
    node->name = build_text(build, name);
    node->input = build_alloc(build, 8 * sizeof *node->input);
    node->output = build_alloc(build, 4 * sizeof *node->output);
    node->attribute = build_alloc(build, 8 * sizeof *node->attribute);
    return node;
}

static inline const char *build_output(struct build *build, Onnx__NodeProto *node)
{
    char name[80];

    snprintf(name, sizeof name, "%s_out%zu", node->name, node->n_output);
    return node->output[node->n_output++] = build_text(build, name);
}

/* A node with one output. The inputs end with NULL. */
static inline Onnx__NodeProto *build_node(struct build *build, const char *operation,
                                          const char *const *inputs)
{
    Onnx__NodeProto *node = build_empty_node(build, operation);

    for (; *inputs; inputs++)
        node->input[node->n_input++] = build_text(build, *inputs);
    build_output(build, node);
    return node;
}

#define BUILD(build, operation, ...) \
    build_node(build, operation, (const char *const[]){__VA_ARGS__, NULL})

static inline Onnx__AttributeProto *build_attribute(struct build *build, Onnx__NodeProto *node,
                                                    const char *name)
{
    Onnx__AttributeProto *attribute = build_alloc(build, sizeof *attribute);

    onnx__attribute_proto__init(attribute);
    attribute->name = build_text(build, name);
    attribute->has_type = 1;
    return node->attribute[node->n_attribute++] = attribute;
}

static inline const char *build_int(struct build *build, Onnx__NodeProto *node, const char *name,
                                    int64_t number)
{
    Onnx__AttributeProto *attribute = build_attribute(build, node, name);

    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    attribute->has_i = 1;
    attribute->i = number;
    return node->output[0];
}

static inline const char *build_list(struct build *build, Onnx__NodeProto *node, const char *name,
                                     const int64_t *list, size_t length)
{
    Onnx__AttributeProto *attribute = build_attribute(build, node, name);

    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
    attribute->n_ints = length;
    attribute->ints = build_alloc(build, length * sizeof *list);
    memcpy(attribute->ints, list, length * sizeof *list);
    return node->output[0];
}

static inline const char *build_word(struct build *build, Onnx__NodeProto *node, const char *name,
                                     const char *word)
{
    Onnx__AttributeProto *attribute = build_attribute(build, node, name);

    attribute->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    attribute->has_s = 1;
    attribute->s.len = strlen(word);
    attribute->s.data = (uint8_t *)build_text(build, word);
    return node->output[0];
}

struct build_conv {
    int in, out, kernel, stride; /* 0: kernel 1, stride 1 */
    bool depthwise, linear;      /* linear: without SiLU */
};

/* With a bias; what goes on stays of the order of 1. */
static inline const char *build_conv(struct build *build, const char *input, struct build_conv conv)
{
    int kernel = conv.kernel ? conv.kernel : 1, stride = conv.stride ? conv.stride : 1;
    int in = conv.depthwise ? 1 : conv.in, pad = kernel / 2;
    float *weights, *bias, scale = 2 / sqrtf((float)(in * kernel * kernel));
    const char *names[2] = {
        build_floats(build, 4, (const int64_t[]){conv.out, in, kernel, kernel}, &weights),
        build_floats(build, 1, (const int64_t[]){conv.out}, &bias)};
    Onnx__NodeProto *node = BUILD(build, "Conv", input, names[0], names[1]);
    const char *sigmoid;

    for (int i = 0; i < conv.out * in * kernel * kernel; i++)
        weights[i] = build_random(build) * scale;
    for (int i = 0; i < conv.out; i++)
        bias[i] = build_random(build);
    build_list(build, node, "kernel_shape", BUILD_LIST(kernel, kernel));
    build_list(build, node, "strides", BUILD_LIST(stride, stride));
    build_list(build, node, "pads", BUILD_LIST(pad, pad, pad, pad));
    build_int(build, node, "group", conv.depthwise ? conv.in : 1);
    if (conv.linear)
        return node->output[0];
    sigmoid = BUILD(build, "Sigmoid", node->output[0])->output[0];
    return BUILD(build, "Mul", node->output[0], sigmoid)->output[0];
}

static inline const char *build_concat(struct build *build, const char *a, const char *b,
                                       int64_t axis)
{
    return build_int(build, BUILD(build, "Concat", a, b), "axis", axis);
}

/* Two pieces of the channels. */
static inline const char *build_split(struct build *build, const char *input, int64_t first,
                                      int64_t second, const char **rest)
{
    const char *lengths = build_ints(build, BUILD_LIST(first, second));
    Onnx__NodeProto *node = BUILD(build, "Split", input, lengths);

    build_int(build, node, "axis", 1);
    *rest = build_output(build, node);
    return node->output[0];
}

static inline const char *build_pool(struct build *build, const char *input)
{
    Onnx__NodeProto *node = BUILD(build, "MaxPool", input);

    build_list(build, node, "kernel_shape", BUILD_LIST(5, 5));
    build_list(build, node, "pads", BUILD_LIST(2, 2, 2, 2));
    return build_list(build, node, "strides", BUILD_LIST(1, 1));
}

static inline const char *build_upsample(struct build *build, const char *input)
{
    float *scales;
    const char *name = build_floats(build, 1, (const int64_t[]){4}, &scales);
    Onnx__NodeProto *node = BUILD(build, "Resize", input, "", name);

    scales[0] = scales[1] = 1;
    scales[2] = scales[3] = 2;
    build_word(build, node, "mode", "nearest");
    build_word(build, node, "coordinate_transformation_mode", "asymmetric");
    return build_word(build, node, "nearest_mode", "floor");
}

static inline const char *build_reshape(struct build *build, const char *input, const int64_t *side,
                                        size_t sides)
{
    return BUILD(build, "Reshape", input, build_ints(build, side, sides))->output[0];
}

static inline const char *build_slice(struct build *build, const char *input, int64_t start,
                                      int64_t end, int64_t axis)
{
    return BUILD(build, "Slice", input, build_ints(build, &start, 1), build_ints(build, &end, 1),
                 build_ints(build, &axis, 1))
        ->output[0];
}

/* YOLO11's attention over a picture of such sides, with its position and its residual. */
static inline const char *build_attention(struct build *build, const char *input, int heads,
                                          int key, int value, int height, int width)
{
    int channels = heads * value, all = 2 * key + value, pixels = height * width;
    const char *qkv = build_conv(
        build, input, (struct build_conv){.in = channels, .out = heads * all, .linear = true});
    const char *apart = build_reshape(build, qkv, BUILD_LIST(1, heads, all, pixels));
    Onnx__NodeProto *split =
        BUILD(build, "Split", apart, build_ints(build, BUILD_LIST(key, key, value)));
    const char *q, *k, *v, *weights, *mixed, *place;

    build_int(build, split, "axis", 2);
    q = split->output[0];
    k = build_output(build, split);
    v = build_output(build, split);
    q = build_list(build, BUILD(build, "Transpose", q), "perm", BUILD_LIST(0, 1, 3, 2));
    weights = BUILD(build, "MatMul", q, k)->output[0];
    weights = BUILD(build, "Mul", weights, build_number(build, 1 / sqrtf((float)key)))->output[0];
    weights = build_int(build, BUILD(build, "Softmax", weights), "axis", -1);
    weights = build_list(build, BUILD(build, "Transpose", weights), "perm", BUILD_LIST(0, 1, 3, 2));
    mixed = build_reshape(build, BUILD(build, "MatMul", v, weights)->output[0],
                          BUILD_LIST(1, channels, height, width));
    place = build_conv(
        build, build_reshape(build, v, BUILD_LIST(1, channels, height, width)),
        (struct build_conv){
            .in = channels, .out = channels, .kernel = 3, .depthwise = true, .linear = true});
    mixed = BUILD(build, "Add", mixed, place)->output[0];
    mixed = build_conv(build, mixed,
                       (struct build_conv){.in = channels, .out = channels, .linear = true});
    return BUILD(build, "Add", input, mixed)->output[0];
}

/* What the head takes of three pictures: strides 8, 16, 32. */
struct build_head {
    const char *input[3];
    int channels[3], classes, joints;
};

/* [1][2][anchors] of the grid's centres less `less`, and [1][anchors] of the strides. */
static inline const char *build_anchors(struct build *build, int64_t anchors, float less,
                                        const char **strides)
{
    float *point, *stride;
    const char *name = build_floats(build, 3, (const int64_t[]){1, 2, anchors}, &point);
    int64_t at = 0;

    *strides = build_floats(build, 2, (const int64_t[]){1, anchors}, &stride);
    for (int s = 8; s <= 32; s *= 2)
        for (int y = 0; y < build->height / s; y++)
            for (int x = 0; x < build->width / s; x++, at++) {
                point[at] = (float)x + 0.5f - less;
                point[anchors + at] = (float)y + 0.5f - less;
                stride[at] = (float)s;
            }
    return name;
}

static inline const char *build_boxes(struct build *build, const char *bins, int64_t anchors)
{
    float *weights;
    const char *names[1] = {build_floats(build, 4, (const int64_t[]){1, 16, 1, 1}, &weights)};
    const char *strides, *points = build_anchors(build, anchors, 0, &strides);
    const char *sides, *first, *last, *centre, *size;

    for (int i = 0; i < 16; i++)
        weights[i] = (float)i;
    bins = build_reshape(build, bins, BUILD_LIST(1, 4, 16, anchors));
    bins = build_list(build, BUILD(build, "Transpose", bins), "perm", BUILD_LIST(0, 2, 1, 3));
    bins = build_int(build, BUILD(build, "Softmax", bins), "axis", 1);
    sides = build_reshape(build, BUILD(build, "Conv", bins, names[0])->output[0],
                          BUILD_LIST(1, 4, anchors));
    first = BUILD(build, "Sub", points, build_slice(build, sides, 0, 2, 1))->output[0];
    last = BUILD(build, "Add", points, build_slice(build, sides, 2, 4, 1))->output[0];
    centre =
        BUILD(build, "Div", BUILD(build, "Add", first, last)->output[0], build_number(build, 2))
            ->output[0];
    size = BUILD(build, "Sub", last, first)->output[0];
    return BUILD(build, "Mul", build_concat(build, centre, size, 1), strides)->output[0];
}

static inline const char *build_joints(struct build *build, const char *input, int64_t joints,
                                       int64_t anchors)
{
    const char *strides, *points = build_anchors(build, anchors, 0.5f, &strides);
    const char *place, *seen;

    input = build_reshape(build, input, BUILD_LIST(1, joints, 3, anchors));
    place = build_slice(build, input, 0, 2, 2);
    place = BUILD(build, "Mul", place, build_number(build, 2))->output[0];
    place = BUILD(build, "Add", place, points)->output[0];
    place = BUILD(build, "Mul", place, strides)->output[0];
    seen = BUILD(build, "Sigmoid", build_slice(build, input, 2, 3, 2))->output[0];
    return build_reshape(build, build_concat(build, place, seen, 2),
                         BUILD_LIST(1, 3 * joints, anchors));
}

/* A linear convolution on each of the three pictures, side by side as [1][out][anchors]. */
static inline const char *build_branch(struct build *build, const struct build_head *head, int out)
{
    const char *all = NULL;

    for (int i = 0; i < 3; i++) {
        struct build_conv conv = {.in = head->channels[i], .out = out, .linear = true};
        const char *one =
            build_reshape(build, build_conv(build, head->input[i], conv), BUILD_LIST(1, out, -1));

        all = all ? build_concat(build, all, one, 2) : one;
    }
    return all;
}

/* Returns the network's output. */
static inline const char *build_head(struct build *build, const struct build_head *head)
{
    int64_t anchors = (int64_t)(build->height / 32 * (build->width / 32)) * (16 + 4 + 1);
    const char *boxes = build_boxes(build, build_branch(build, head, 64), anchors);
    const char *scores =
        BUILD(build, "Sigmoid", build_branch(build, head, head->classes))->output[0];
    const char *both = build_concat(build, boxes, scores, 1);

    if (!head->joints)
        return both;
    return build_concat(
        build, both,
        build_joints(build, build_branch(build, head, 3 * head->joints), head->joints, anchors), 1);
}

static inline Onnx__ValueInfoProto *build_value(struct build *build, const char *name, size_t sides,
                                                const int64_t *side)
{
    Onnx__ValueInfoProto *value = build_alloc(build, sizeof *value);
    Onnx__TypeProto__Tensor *tensor = build_alloc(build, sizeof *tensor);
    Onnx__TensorShapeProto *shape = build_alloc(build, sizeof *shape);

    onnx__value_info_proto__init(value);
    value->name = build_text(build, name);
    value->type = build_alloc(build, sizeof *value->type);
    onnx__type_proto__init(value->type);
    value->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    value->type->tensor_type = tensor;
    onnx__type_proto__tensor__init(tensor);
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = shape;
    onnx__tensor_shape_proto__init(shape);
    shape->n_dim = sides;
    shape->dim = build_alloc(build, (sides + 1) * sizeof *shape->dim);
    for (size_t i = 0; i < sides; i++) {
        shape->dim[i] = build_alloc(build, sizeof **shape->dim);
        onnx__tensor_shape_proto__dimension__init(shape->dim[i]);
        shape->dim[i]->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        shape->dim[i]->dim_value = side[i];
    }
    return value;
}

/* The model's bytes; free() frees them. The input is "images". */
static inline uint8_t *build_pack(struct build *build, const char *output, size_t *size)
{
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto set = ONNX__OPERATOR_SET_ID_PROTO__INIT, *sets[1] = {&set};
    Onnx__ValueInfoProto *ends[2] = {
        build_value(build, "images", 4, (const int64_t[]){1, 3, build->height, build->width}),
        build_value(build, output, 0, NULL)};
    uint8_t *bytes;

    ends[1]->type->tensor_type->shape = NULL;
    graph.name = build_text(build, "graph");
    graph.node = build->node;
    graph.n_node = build->nodes;
    graph.initializer = build->initialiser;
    graph.n_initializer = build->initialisers;
    graph.input = &ends[0];
    graph.output = &ends[1];
    graph.n_input = graph.n_output = 1;
    set.has_version = 1;
    set.version = build->opset;
    model.has_ir_version = 1;
    model.ir_version = 8;
    model.opset_import = sets;
    model.n_opset_import = 1;
    model.graph = &graph;
    *size = onnx__model_proto__get_packed_size(&model);
    bytes = malloc(*size);
    assert_non_null(bytes);
    onnx__model_proto__pack(&model, bytes);
    return bytes;
}

#endif
