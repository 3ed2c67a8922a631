/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes of the shipped model what other exports of the same weights look like: with fixed sides,
 * with float16 at its ends, with NMS inside. ONNX is protobuf, where two pieces of a message that
 * follow each other are one: so nodes are added as a second piece of the graph, and what is there
 * is only overwritten in place, at equal length. After unit.h.
 */
#ifndef VANON_TESTS_ONNX_VARIANT_H
#define VANON_TESTS_ONNX_VARIANT_H

#include <stdbool.h>

struct onnx_variant {
    int batch, height, width; /* 0: open */
    bool half;                /* float16 in and out */
    bool nms;                 /* [1, 300, 57]: for one picture only */
};

struct onnx_bytes {
    unsigned char data[8192];
    size_t size;
};

static void onnx_put(struct onnx_bytes *to, const void *data, size_t size)
{
    assert_true(to->size + size <= sizeof to->data);
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void onnx_number(struct onnx_bytes *to, uint64_t number)
{
    for (; number > 0x7f; number >>= 7)
        onnx_put(to, &(unsigned char){(unsigned char)(number | 0x80)}, 1);
    onnx_put(to, &(unsigned char){(unsigned char)number}, 1);
}

static void onnx_int(struct onnx_bytes *to, unsigned field, uint64_t number)
{
    onnx_number(to, field << 3);
    onnx_number(to, number);
}

static void onnx_field(struct onnx_bytes *to, unsigned field, const void *data, size_t size)
{
    onnx_number(to, field << 3 | 2);
    onnx_number(to, size);
    onnx_put(to, data, size);
}

static void onnx_text(struct onnx_bytes *to, unsigned field, const char *text)
{
    onnx_field(to, field, text, strlen(text));
}

/* An attribute is one number where there is one, else a list. */
struct onnx_node {
    const char *operation, *inputs[6], *output, *attribute;
    size_t numbers;
    uint64_t number[3];
};

static void onnx_add_node(struct onnx_bytes *graph, const struct onnx_node *node)
{
    enum { INPUT = 1, OUTPUT, NAME, OPERATION, ATTRIBUTE };
    enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20 };
    struct onnx_bytes made = {.size = 0}, attribute = {.size = 0};

    for (size_t i = 0; i < 6 && node->inputs[i]; i++)
        onnx_text(&made, INPUT, node->inputs[i]);
    onnx_text(&made, OUTPUT, node->output);
    onnx_text(&made, NAME, node->output);
    onnx_text(&made, OPERATION, node->operation);
    if (node->attribute) {
        onnx_text(&attribute, ATTRIBUTE_NAME, node->attribute);
        for (size_t i = 0; i < node->numbers; i++)
            onnx_int(&attribute, node->numbers > 1 ? ATTRIBUTE_INTS : ATTRIBUTE_INT,
                     node->number[i]);
        onnx_int(&attribute, ATTRIBUTE_TYPE, node->numbers > 1 ? 7 : 2);
        onnx_field(&made, ATTRIBUTE, attribute.data, attribute.size);
    }
    onnx_field(graph, 1, made.data, made.size);
}

/* A constant: whole numbers, or one float where `numbers` is NULL. */
static void onnx_add_constant(struct onnx_bytes *graph, const char *name, const uint64_t *numbers,
                              size_t count, float number)
{
    enum { SIDES = 1, TYPE, FLOATS = 4, INTS = 7, NAME };
    struct onnx_bytes made = {.size = 0};

    onnx_int(&made, SIDES, count);
    onnx_int(&made, TYPE, numbers ? 7 : 1);
    for (size_t i = 0; numbers && i < count; i++)
        onnx_int(&made, INTS, numbers[i]);
    if (!numbers)
        onnx_field(&made, FLOATS, &number, sizeof number);
    onnx_text(&made, NAME, name);
    onnx_field(graph, 5, made.data, made.size);
}

/* From `from`, [1, 56, N], to `to`, [1, 300, 57], as Ultralytics' nms=True gives it. */
static void onnx_add_nms(struct onnx_bytes *graph, const char *from, const char *to)
{
    static const struct {
        const char *name;
        uint64_t number;
    } numbers[] = {{"n0", 0}, {"n1", 1}, {"n2", 2},   {"n3", 3},
                   {"n4", 4}, {"n5", 5}, {"n56", 56}, {"n300", 300}};
    const struct onnx_node nodes[] = {
        {"Transpose", {from}, "rows", "perm", 3, {0, 2, 1}},
        {"Slice", {"rows", "n0", "n2", "n2"}, "centre", NULL, 0, {0}},
        {"Slice", {"rows", "n2", "n4", "n2"}, "sides", NULL, 0, {0}},
        {"Slice", {"rows", "n4", "n5", "n2"}, "score", NULL, 0, {0}},
        {"Slice", {"rows", "n5", "n56", "n2"}, "joints", NULL, 0, {0}},
        {"Slice", {from, "n4", "n5", "n1"}, "scores", NULL, 0, {0}},
        {"Mul", {"sides", "half"}, "halves", NULL, 0, {0}},
        {"Sub", {"centre", "halves"}, "first", NULL, 0, {0}},
        {"Add", {"centre", "halves"}, "last", NULL, 0, {0}},
        {"Sub", {"score", "score"}, "class", NULL, 0, {0}},
        {"Concat", {"first", "last"}, "box", "axis", 1, {2}},
        {"Concat", {"box", "score", "class", "joints"}, "all", "axis", 1, {2}},
        {"NonMaxSuppression", {"box", "scores", "n300", "iou", "conf"}, "found", NULL, 0, {0}},
        {"Slice", {"found", "n2", "n3", "n1"}, "column", NULL, 0, {0}},
        {"Squeeze", {"column", "n1"}, "index", NULL, 0, {0}},
        {"Gather", {"all", "index"}, "people", "axis", 1, {1}},
        {"ConstantOfShape", {"shape"}, "nobody", NULL, 0, {0}},
        {"Concat", {"people", "nobody"}, "padded", "axis", 1, {1}},
        {"Slice", {"padded", "n0", "n300", "n1"}, to, NULL, 0, {0}},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        onnx_add_constant(graph, numbers[i].name, &numbers[i].number, 1, 0);
    onnx_add_constant(graph, "shape", (const uint64_t[]){1, 300, 57}, 3, 0);
    onnx_add_constant(graph, "half", NULL, 1, 0.5f);
    onnx_add_constant(graph, "iou", NULL, 1, 0.7f);
    onnx_add_constant(graph, "conf", NULL, 1, 0.25f);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        onnx_add_node(graph, &nodes[i]);
}

/* Where the piece of text lies in the model, which must have it. */
static unsigned char *onnx_find(unsigned char *model, size_t size, const char *text, size_t length)
{
    unsigned char *found = memmem(model, size, text, length);

    assert_non_null(found);
    return found;
}

/* A side's name becomes a number that is written as long as the name was. */
static void onnx_fix_side(unsigned char *side, size_t length, int number)
{
    side[0] = 1 << 3;
    for (size_t i = 1; i < length; i++, number >>= 7)
        side[i] = (unsigned char)((number & 0x7f) | (i + 1 < length ? 0x80 : 0));
}

static void onnx_write(const char *name, const struct onnx_variant *variant)
{
    static const char input[] = "\n\x06images\x12&\n$\x08\x01\x12 \n\x07\x12\x05"
                                "batch\n\x02\x08\x03\n\x08\x12\x06height\n\x07\x12\x05width";
    static const char output[] = "\n\x07output0\x12\x1e\n\x1c\x08\x01";
    enum { FLOAT16 = 10, FLOAT = 1, GRAPH = 7, VERSION = 2 /* bytes in front of the graph */ };
    unsigned char *model = malloc(8 << 20), *end, *ends;
    struct onnx_bytes front = {.size = 0}, back = {.size = 0}, wrapped = {.size = 0};
    FILE *file = fopen(VANON_SOURCE_ROOT "/models/yolov8n-pose.onnx", "rb");
    size_t size = fread(model, 1, 8 << 20, file);

    fclose(file);
    ends = onnx_find(model, size, input, sizeof input - 1);
    end = onnx_find(model, size, output, sizeof output - 1);
    if (variant->batch)
        onnx_fix_side(ends + 18, 7, variant->batch);
    if (variant->height) {
        onnx_fix_side(ends + 31, 8, variant->height);
        onnx_fix_side(ends + 41, 7, variant->width);
    }
    if (variant->half || variant->nms)
        memcpy(onnx_find(model, size, "\x12\x07output0", 9), "\x12\x07network", 9);
    if (variant->half) {
        ends[13] = end[14] = FLOAT16;
        memcpy(onnx_find(model, size, "\n\x06images", 8),
               "\n\x06"
               "floats",
               8);
        onnx_add_node(&front, &(struct onnx_node){"Cast", {"images"}, "floats", "to", 1, {FLOAT}});
    }
    if (variant->nms)
        onnx_add_nms(&back, "network", variant->half ? "people32" : "output0");
    if (variant->half)
        onnx_add_node(
            &back,
            &(struct onnx_node){
                "Cast", {variant->nms ? "people32" : "network"}, "output0", "to", 1, {FLOAT16}});
    file = fopen(name, "wb");
    fwrite(model, 1, VERSION, file);
    onnx_field(&wrapped, GRAPH, front.data, front.size);
    fwrite(wrapped.data, 1, wrapped.size, file);
    fwrite(model + VERSION, 1, size - VERSION, file);
    wrapped.size = 0;
    onnx_field(&wrapped, GRAPH, back.data, back.size);
    fwrite(wrapped.data, 1, wrapped.size, file);
    assert_int_equal(fclose(file), 0);
    free(model);
}

#endif
