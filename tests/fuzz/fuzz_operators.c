/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes are a recipe for a graph of any operators with any constants, many of them absurd: the
 * importer refuses it or knows its shapes.
 */
#include "fuzz.h"

#include "../unit/plan_fixture.h"
#include "graph.h"

#define MOST_NAMES 96

struct recipe {
    struct fuzz_bytes bytes;
    struct build *build;
    const char *name[MOST_NAMES];
    int names;
};

static const char *const operations[] = {
    "Add",     "Cast",   "Concat",    "Constant", "ConstantOfShape", "Conv",    "Div",
    "Expand",  "Gather", "Identity",  "MatMul",   "MaxPool",         "Mul",     "Range",
    "Reshape", "Resize", "Shape",     "Sigmoid",  "Slice",           "Softmax", "Split",
    "Squeeze", "Sub",    "Transpose", "Unsqueeze"};

static const char *const attributes[] = {
    "axis",  "axes",  "perm", "split",     "kernel_shape", "strides", "pads",     "dilations",
    "group", "value", "to",   "allowzero", "start",        "end",     "ceil_mode"};

static int64_t number(struct recipe *recipe)
{
    static const int64_t absurd[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX,
                                     1 << 26,   1 << 13,   -2,        (int64_t)1 << 32};
    unsigned byte = fuzz_byte(&recipe->bytes);

    if (byte < 224)
        return (int64_t)(byte % 16) - 1;
    return absurd[byte % (sizeof absurd / sizeof *absurd)];
}

static void add(struct recipe *recipe, const char *name)
{
    if (recipe->names < MOST_NAMES)
        recipe->name[recipe->names++] = name;
}

static const char *pick(struct recipe *recipe)
{
    return recipe->name[fuzz_upto(&recipe->bytes, recipe->names - 1)];
}

static size_t numbers(struct recipe *recipe, int64_t list[8])
{
    size_t count = (size_t)fuzz_upto(&recipe->bytes, 7);

    for (size_t i = 0; i < count; i++)
        list[i] = number(recipe);
    return count;
}

static void add_constant(struct recipe *recipe)
{
    int64_t list[8] = {0}, side[8];
    size_t count = numbers(recipe, list), sides = (size_t)fuzz_upto(&recipe->bytes, 5), all = 1;
    float *floats;

    if (fuzz_byte(&recipe->bytes) & 1) {
        add(recipe, build_ints(recipe->build, list, count));
        return;
    }
    for (size_t i = 0; i < sides; i++)
        all *= (size_t)(side[i] = fuzz_upto(&recipe->bytes, 4));
    add(recipe, build_floats(recipe->build, sides, side, &floats));
    for (size_t i = 0; i < all; i++)
        floats[i] = (float)list[i % 8];
}

static void add_attribute(struct recipe *recipe, Onnx__NodeProto *node)
{
    const char *name =
        attributes[fuzz_upto(&recipe->bytes, sizeof attributes / sizeof *attributes - 1)];
    int64_t list[8] = {0};
    size_t count;

    if (fuzz_byte(&recipe->bytes) & 1) {
        build_int(recipe->build, node, name, number(recipe));
        return;
    }
    count = numbers(recipe, list);
    build_list(recipe->build, node, name, list, count);
}

static void add_node(struct recipe *recipe)
{
    const char *operation =
        operations[fuzz_upto(&recipe->bytes, sizeof operations / sizeof *operations - 1)];
    Onnx__NodeProto *node = build_empty_node(recipe->build, operation);
    unsigned kind = fuzz_byte(&recipe->bytes);

    for (unsigned i = 0; i < kind % 6; i++)
        node->input[node->n_input++] =
            build_text(recipe->build, fuzz_byte(&recipe->bytes) % 16 ? pick(recipe) : "");
    for (unsigned i = 0; i < 1 + (kind >> 4) % 3; i++)
        add(recipe, build_output(recipe->build, node));
    for (unsigned i = 0; i < (kind >> 6) % 4; i++)
        add_attribute(recipe, node);
    if (!strcmp(operation, "Resize")) {
        build_word(recipe->build, node, "mode", "nearest");
        build_word(recipe->build, node, "coordinate_transformation_mode", "asymmetric");
        build_word(recipe->build, node, "nearest_mode", "floor");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recipe recipe = {.bytes = {data, size}, .build = build_create(32, 32)};
    const int64_t input[4] = {1, 3, 32, 32};
    vanon_onnx *onnx = NULL;
    vanon_graph *graph = NULL;
    uint8_t *bytes;
    size_t length;

    recipe.build->opset = 11 + fuzz_upto(&recipe.bytes, 8);
    add(&recipe, "images");
    for (int i = 0; i < 32 && recipe.bytes.left; i++)
        if (fuzz_byte(&recipe.bytes) % 3)
            add_node(&recipe);
        else
            add_constant(&recipe);
    bytes = build_pack(recipe.build, recipe.name[recipe.names - 1], &length);
    if (!vanon_onnx_parse(&onnx, bytes, length, "m.onnx", &fuzz_log))
        vanon_graph_create(&graph, onnx, input, &fuzz_log);
    vanon_graph_destroy(&graph);
    vanon_onnx_destroy(&onnx);
    free(bytes);
    build_destroy(recipe.build);
    return 0;
}
