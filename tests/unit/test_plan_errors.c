/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the importer refuses, and how it says so; and that no file, however broken, does more than
 * be refused.
 */
#include "unit.h"

#include "base/memory.h"
#include "plan_fixture.h"

#define SHIPPED VANON_SOURCE_ROOT "/models/yolov8n-pose.onnx"

#define HEIGHT 64
#define WIDTH  96

static const struct small plain = {.joints = 17, .classes = 1};

static int try_bytes(const void *bytes, size_t size, int height, int width)
{
    vanon_onnx *onnx = NULL;
    vanon_plan *plan = NULL;
    int status = vanon_onnx_parse(&onnx, bytes, size, "m.onnx", &unit_log);

    if (!status)
        status = vanon_plan_create(&plan, onnx, 1, height, width, &unit_log);
    if (!status)
        check_plan(plan);
    assert_true(status ? !plan : !!plan);
    vanon_plan_destroy(&plan);
    vanon_onnx_destroy(&onnx);
    return status;
}

/* Replaces the network's beginning, of 16 channels at half the size, or alters it otherwise. */
typedef const char *changer(struct build *build, const char *x);

static const char *gelu(struct build *build, const char *x)
{
    return BUILD(build, "Gelu", x)->output[0];
}

static const char *lone_sigmoid(struct build *build, const char *x)
{
    return BUILD(build, "Sigmoid", x)->output[0];
}

static const char *dilated(struct build *build, const char *x)
{
    const char *out =
        build_conv(build, x, (struct build_conv){.in = 16, .out = 16, .kernel = 3, .linear = true});
    Onnx__NodeProto *node = build->node[build->nodes - 1];

    build_list(build, node, "dilations", BUILD_LIST(2, 2));
    node->attribute[2]->ints[0] = node->attribute[2]->ints[1] =
        2; /* pads, so that the size stays */
    node->attribute[2]->ints[2] = node->attribute[2]->ints[3] = 2;
    return out;
}

static const char *grouped(struct build *build, const char *x)
{
    const char *out = build_conv(build, x, (struct build_conv){.in = 8, .out = 16, .linear = true});

    build->node[build->nodes - 1]->attribute[3]->i = 2;
    return out;
}

static const char *padded_by_itself(struct build *build, const char *x)
{
    const char *out =
        build_conv(build, x, (struct build_conv){.in = 16, .out = 16, .linear = true});

    build_word(build, build->node[build->nodes - 1], "auto_pad", "SAME_UPPER");
    return out;
}

static const char *wrong_channels(struct build *build, const char *x)
{
    return build_conv(build, x, (struct build_conv){.in = 8, .out = 16});
}

static const char *narrow_pool(struct build *build, const char *x)
{
    const char *out = build_pool(build, x);
    Onnx__NodeProto *node = build->node[build->nodes - 1];

    node->attribute[0]->ints[1] = 1; /* kernel of 5x1, pads to keep the size */
    node->attribute[1]->ints[1] = node->attribute[1]->ints[3] = 0;
    return out;
}

static const char *linear_resize(struct build *build, const char *x)
{
    const char *out = build_upsample(build, x);

    build->node[build->nodes - 1]->attribute[0]->s.data = (uint8_t *)build_text(build, "linear");
    build->node[build->nodes - 1]->attribute[0]->s.len = 6;
    return out;
}

static const char *stacked(struct build *build, const char *x)
{
    return build_concat(build, build_slice(build, x, 0, 8, 2), build_slice(build, x, 8, 32, 2), 2);
}

static const char *sum_of_pools(struct build *build, const char *x)
{
    return BUILD(build, "Add", build_pool(build, x), build_pool(build, x))->output[0];
}

static const char *unknown_input(struct build *build, const char *x)
{
    return BUILD(build, "Add", "nothing", x)->output[0];
}

static const char *written_twice(struct build *build, const char *x)
{
    Onnx__NodeProto *node = BUILD(build, "Identity", x);

    node->output[0] = build_text(build, x);
    return x;
}

static const char *short_data(struct build *build, const char *x)
{
    float *data;
    const char *name = build_floats(build, 1, (const int64_t[]){16}, &data);

    build->initialiser[build->initialisers - 1]->n_float_data = 15;
    return BUILD(build, "Add", x, name)->output[0];
}

static const char *too_large(struct build *build, const char *x)
{
    const char *shape = build_ints(build, BUILD_LIST(1 << 20, 1 << 20));

    (void)x;
    return BUILD(build, "ConstantOfShape", shape)->output[0];
}

/* Each is allowed, but not all of them. */
static const char *many_large(struct build *build, const char *x)
{
    const char *shape = build_ints(build, BUILD_LIST(1 << 13, 1 << 13));

    for (int i = 0; i < 5; i++)
        x = BUILD(build, "ConstantOfShape", shape)->output[0];
    return x;
}

/* No numbers, from as many places as there may be: nothing is computed, and takes no time. */
static const char *empty_gathers(struct build *build, const char *x)
{
    const char *from =
        BUILD(build, "ConstantOfShape", build_ints(build, BUILD_LIST(1 << 13, 1 << 13, 1, 0)))
            ->output[0];
    const char *at = build_ints(build, BUILD_LIST(0));

    for (int i = 0; i < 100; i++)
        build_int(build, BUILD(build, "Gather", from, at), "axis", 2);
    return BUILD(build, "Gelu", x)->output[0];
}

/* A convolution of one channel, as what a head could be made of. */
static const char *thin(struct build *build, const char *x, int stride)
{
    const char *weights = build_floats(build, 4, (const int64_t[]){1, 3, 1, 1}, NULL);
    Onnx__NodeProto *node = BUILD(build, "Conv", x, weights);

    x = build_list(build, node, "strides", BUILD_LIST(stride, stride));
    return build_reshape(build, x, BUILD_LIST(1, 1, -1));
}

/* Three grids, one of them so wide that its stride times its width is more than an int holds. */
static const char *wide_grid(struct build *build)
{
    const char *wide = build_upsample(build, "images"), *all;
    float *scales = build->initialiser[build->initialisers - 1]->float_data;

    scales[2] = 1 / 4096.0f;
    scales[3] = 20000;
    all = thin(build, wide, 1);
    all = build_concat(build, all, thin(build, wide, 1), 2);
    for (int i = 0; i < 4; i++)
        all = build_concat(build, all, thin(build, "images", 1 + i % 2), 2);
    return all;
}

static const char *old_opset(struct build *build, const char *x)
{
    build->opset = 9;
    return x;
}

static const char *no_head(struct build *build, const char *x)
{
    return BUILD(build, "Identity", x)->output[0];
}

static const struct {
    const char *name;
    changer *change;
    const char *operation, *rule;
} cases[] = {
    {"gelu", gelu, "Gelu_3 (Gelu)", "not supported"},
    {"sigmoid", lone_sigmoid, "(Sigmoid)", "before the head only convolutions"},
    {"dilated", dilated, "(Conv)", "dilations are not supported"},
    {"grouped", grouped, "(Conv)", "groups are supported only"},
    {"auto_pad", padded_by_itself, "(Conv)", "auto_pad is not supported"},
    {"channels", wrong_channels, "(Conv)", "1x16x32x48"},
    {"pool", narrow_pool, "(MaxPool)", "only square"},
    {"resize", linear_resize, "(Resize)", "nearest"},
    {"stacked", stacked, "(Concat)", "only channels"},
    {"pools", sum_of_pools, "(Add)", "to what a convolution gives"},
    {"unknown", unknown_input, "(Add)", "'nothing', is not there before it"},
    {"twice", written_twice, "(Identity)", "written twice"},
    {"short", short_data, "initialiser", "more or fewer numbers"},
    {"large", too_large, "(ConstantOfShape)", "elements"},
    {"many large", many_large, "(ConstantOfShape)", "too much memory"},
    {"empty", empty_gathers, "(Gelu)", "not supported"},
    {"opset", old_opset, "opset 9", "11 to"},
};

/* A network whose beginning goes through `change`. */
static uint8_t *build_changed(changer *change, size_t *size)
{
    struct build *build = build_create(HEIGHT, WIDTH);
    struct build_head head = {.classes = 1, .joints = 17, .channels = {16, 16, 16}};
    const char *x = "images";
    uint8_t *bytes;

    x = build_conv(build, x, (struct build_conv){.in = 3, .out = 16, .kernel = 3, .stride = 2});
    x = change(build, x);
    for (int i = 0; i < 4; i++) {
        x = build_conv(build, x,
                       (struct build_conv){.in = 16, .out = 16, .kernel = 3, .stride = 2});
        if (i)
            head.input[i - 1] = x;
    }
    x = change == no_head ? x : build_head(build, &head);
    bytes = build_pack(build, x, size);
    build_destroy(build);
    return bytes;
}

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        size_t size;
        uint8_t *bytes = build_changed(cases[i].change, &size);

        unit_log_clear();
        if (try_bytes(bytes, size, HEIGHT, WIDTH) != VANON_ERR_MODEL)
            fail_msg("%s: it was not refused: %s", cases[i].name, unit_message);
        assert_message("model m.onnx", cases[i].operation, cases[i].rule);
        free(bytes);
    }
}

/* A pool of the first channels of another pool's, which come to lie where that one would go on. */
static const char *narrower_pool(struct build *build, const char *x)
{
    const char *pool = build_pool(build, x);
    const char *narrow = build_pool(build, build_slice(build, pool, 0, 8, 1));

    x = build_concat(build, build_concat(build, x, pool, 1), narrow, 1);
    return build_conv(build, x, (struct build_conv){.in = 40, .out = 16});
}

/* What is unusual and still comes out as plan.h says. */
static void test_taken(void **state)
{
    static changer *const changes[] = {narrower_pool};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(changes); i++) {
        size_t size;
        uint8_t *bytes = build_changed(changes[i], &size);

        if (try_bytes(bytes, size, HEIGHT, WIDTH))
            fail_msg("case %zu: %s", i, unit_message);
        free(bytes);
    }
}

/* Heads that look like YOLO's and aren't. */
static void test_other_heads(void **state)
{
    struct build *build = build_create(HEIGHT, WIDTH);
    size_t size;
    uint8_t *bytes = build_pack(build, small_network(build, &plain), &size);

    (void)state;
    assert_int_equal(try_bytes(bytes, size, HEIGHT, WIDTH), VANON_OK);
    free(bytes);
    for (size_t i = 0; i < build->initialisers; i++) {
        Onnx__TensorProto *tensor = build->initialiser[i];

        /* The last grid is of stride 30. */
        if (tensor->n_dims == 2 && tensor->dims[0] == 1)
            tensor->float_data[tensor->dims[1] - 1] = 30;
    }
    bytes = build_pack(build, build->node[build->nodes - 1]->output[0], &size);
    assert_int_equal(try_bytes(bytes, size, HEIGHT, WIDTH), VANON_ERR_MODEL);
    assert_message("not the head", "they compute other boxes, scores or joints");
    free(bytes);
    build_destroy(build);
    build = build_create(4096, 32);
    bytes = build_pack(build, wide_grid(build), &size);
    assert_int_equal(try_bytes(bytes, size, 4096, 32), VANON_ERR_MODEL);
    assert_message("not the head", "a grid of other sides");
    free(bytes);
    build_destroy(build);
    bytes = build_changed(no_head, &size);
    assert_int_equal(try_bytes(bytes, size, HEIGHT, WIDTH), VANON_ERR_MODEL);
    assert_message("not the head", "six convolutions");
    free(bytes);
}

static void test_sizes(void **state)
{
    static const struct {
        int batch, height, width;
    } sizes[] = {{0, 64, 64}, {17, 64, 64}, {1, 0, 64}, {1, 64, 100}, {1, -32, 64}};
    vanon_onnx *onnx;
    vanon_plan *plan;

    (void)state;
    assert_int_equal(vanon_onnx_load(&onnx, SHIPPED, &unit_log), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(sizes); i++) {
        assert_int_equal(vanon_plan_create(&plan, onnx, sizes[i].batch, sizes[i].height,
                                           sizes[i].width, &unit_log),
                         VANON_ERR_ARGUMENT);
        assert_null(plan);
    }
    assert_int_equal(vanon_plan_create(&plan, onnx, 1, 32000, 32000, &unit_log), VANON_ERR_MODEL);
    vanon_onnx_destroy(&onnx);
}

static void test_no_onnx(void **state)
{
    static const char *const texts[] = {"", "no model", "\x08\x08", "\x3a\x00", "\xff\xff\xff\xff"};
    vanon_onnx *onnx;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(texts); i++)
        assert_int_equal(try_bytes(texts[i], strlen(texts[i]), HEIGHT, WIDTH), VANON_ERR_MODEL);
    assert_int_equal(vanon_onnx_load(&onnx, "/nowhere/m.onnx", &unit_log), VANON_ERR_MODEL);
    assert_message("/nowhere/m.onnx", "can't be read");
}

/* An NMS that is not simply behind the head, or behind another one. */
static void test_nms(void **state)
{
    static const struct {
        struct nms_tail tail;
        const char *word;
    } tails[] = {
        {{.past = true}, "(ReduceMax): this operator is not supported"},
        {{.graph = true}, "(ReduceMax): this operator is not supported"},
        {{.scaled = true}, "they compute other boxes, scores or joints"},
        {{.early = true}, "(NonMaxSuppression): this operator is not supported"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(tails); i++) {
        struct build *build = build_create(HEIGHT, WIDTH);
        size_t size;
        uint8_t *bytes = build_pack(build, nms_tail(build, &plain, &tails[i].tail), &size);

        unit_log_clear();
        assert_int_equal(try_bytes(bytes, size, HEIGHT, WIDTH), VANON_ERR_MODEL);
        assert_message(tails[i].word);
        free(bytes);
        build_destroy(build);
    }
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Up to 8 bytes of it are others, or its end is missing. */
static size_t mutate(uint8_t *bytes, size_t size, uint32_t *seed)
{
    size_t changes = draw(seed) % 8 + 1;

    for (size_t i = 0; i < changes; i++)
        bytes[draw(seed) % size] = (uint8_t)(draw(seed) % 3 ? draw(seed) : draw(seed) % 4);
    return draw(seed) % 16 ? size : draw(seed) % size;
}

/* Where the first of the tensors is: nodes come before them. */
static size_t find_tensors(const uint8_t *bytes, size_t size)
{
    const uint8_t *found = memmem(bytes, size,
                                  "\x42\x02"
                                  "c0",
                                  4);

    assert_non_null(found);
    return (size_t)(found - bytes);
}

/* Most of a file are weights, which are as good as any others: so in every second mutant only nodes
 * are changed, which stand before them. */
static void try_mutants(struct build *build, const char *output)
{
    size_t size, nodes, refused = 0, taken = 0;
    uint8_t *bytes = build_pack(build, output, &size), *mutant = malloc(size);
    uint32_t seed = 1;

    nodes = find_tensors(bytes, size);
    for (size_t i = 0; i < 600; i++) {
        size_t length;

        memcpy(mutant, bytes, size);
        length = mutate(mutant, i % 2 ? nodes : size, &seed);
        if (try_bytes(mutant, i % 2 ? size : length, HEIGHT, WIDTH))
            refused++;
        else
            taken++;
    }
    print_message("%zu mutants refused, %zu taken\n", refused, taken);
    assert_true(refused > 100 && taken > 10);
    free(mutant);
    free(bytes);
    build_destroy(build);
}

static void test_mutants(void **state)
{
    static const struct small all = {.joints = 2, .classes = 2, .attention = true, .ragged = true};
    struct build *build = build_create(HEIGHT, WIDTH);

    (void)state;
    try_mutants(build, small_network(build, &all));
    build = build_create(HEIGHT, WIDTH);
    try_mutants(build, nms_tail(build, &plain, &(struct nms_tail){.corners = true}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_taken),
        cmocka_unit_test(test_other_heads), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_no_onnx),     cmocka_unit_test(test_nms),
        cmocka_unit_test(test_mutants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
