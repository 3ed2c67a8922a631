/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes are a recipe for a network of what the plan knows, put together in any order, before a
 * YOLOv8 head: where a plan comes out, it is as plan.h says, and the reference executor runs it
 * inside its memory. That takes a thousand times as long, so the first byte says whether it is
 * done.
 */
#include "fuzz.h"

#include "../unit/plan_fixture.h"
#include "reference.h"

#define MOST_PICTURES 64
#define MOST_CHANNELS 96
#define MOST_FLOATS   8000 /* weights of a network that is run: twice those of its head */

struct picture {
    const char *name;
    int channels, height, width;
};

struct recipe {
    struct fuzz_bytes bytes;
    struct build *build;
    struct picture picture[MOST_PICTURES];
    int pictures;
};

static struct picture pick(struct recipe *recipe)
{
    return recipe->picture[fuzz_upto(&recipe->bytes, recipe->pictures - 1)];
}

/* Another picture of the same sides, perhaps the same one. */
static struct picture pick_like(struct recipe *recipe, struct picture like)
{
    int first = fuzz_upto(&recipe->bytes, recipe->pictures - 1);

    for (int i = 0; i < recipe->pictures; i++) {
        struct picture other = recipe->picture[(first + i) % recipe->pictures];

        if (other.height == like.height && other.width == like.width)
            return other;
    }
    return like;
}

static void add(struct recipe *recipe, struct picture picture)
{
    if (recipe->pictures < MOST_PICTURES && picture.channels <= MOST_CHANNELS)
        recipe->picture[recipe->pictures++] = picture;
}

static struct picture convolve(struct recipe *recipe, struct picture in, struct build_conv conv)
{
    int stride = conv.stride ? conv.stride : 1;

    conv.in = in.channels;
    if (conv.depthwise)
        conv.out = in.channels;
    return (struct picture){build_conv(recipe->build, in.name, conv), conv.out,
                            (in.height - 1) / stride + 1, (in.width - 1) / stride + 1};
}

static void add_conv(struct recipe *recipe)
{
    unsigned kind = fuzz_byte(&recipe->bytes);
    struct picture in = pick(recipe);
    struct build_conv conv = {.out = 1 + fuzz_upto(&recipe->bytes, 39),
                              .kernel = kind & 1 ? 3 : 1,
                              .stride = kind & 2 || in.height > 8 ? 2 : 1, /* it takes its time */
                              .depthwise = kind & 4,
                              .linear = kind & 8};

    add(recipe, convolve(recipe, in, conv));
}

static void add_sum(struct recipe *recipe)
{
    struct picture in = pick(recipe), other = pick_like(recipe, in);
    struct picture out = convolve(
        recipe, in,
        (struct build_conv){.out = other.channels, .linear = fuzz_byte(&recipe->bytes) & 1});

    out.name = BUILD(recipe->build, "Add", other.name, out.name)->output[0];
    add(recipe, out);
}

static void add_concat(struct recipe *recipe)
{
    struct picture out = pick(recipe);
    Onnx__NodeProto *node = BUILD(recipe->build, "Concat", out.name);

    for (int more = fuzz_upto(&recipe->bytes, 4); more > 0; more--) {
        struct picture next = pick_like(recipe, out);

        node->input[node->n_input++] = build_text(recipe->build, next.name);
        out.channels += next.channels;
    }
    out.name = build_int(recipe->build, node, "axis", 1);
    add(recipe, out);
}

static void add_split(struct recipe *recipe)
{
    struct picture in = pick(recipe), first = in, second = in;

    if (in.channels < 2)
        return;
    first.channels = 1 + fuzz_upto(&recipe->bytes, in.channels - 2);
    second.channels = in.channels - first.channels;
    first.name = build_split(recipe->build, in.name, first.channels, second.channels, &second.name);
    add(recipe, first);
    add(recipe, second);
}

static void add_slice(struct recipe *recipe)
{
    struct picture in = pick(recipe), out = in;
    int start = fuzz_upto(&recipe->bytes, in.channels - 1);

    out.channels = 1 + fuzz_upto(&recipe->bytes, in.channels - start - 1);
    out.name = build_slice(recipe->build, in.name, start, start + out.channels, 1);
    add(recipe, out);
}

static void add_simple(struct recipe *recipe, unsigned kind)
{
    struct picture out = pick(recipe);

    if (kind == 0)
        out.name = build_pool(recipe->build, out.name);
    else if (kind == 1)
        out.name = BUILD(recipe->build, "Identity", out.name)->output[0];
    else if (out.height > 8)
        return;
    else
        out = (struct picture){build_upsample(recipe->build, out.name), out.channels,
                               2 * out.height, 2 * out.width};
    add(recipe, out);
}

static void add_attention(struct recipe *recipe)
{
    struct picture in = convolve(recipe, pick(recipe), (struct build_conv){.out = 16});

    if (in.height * in.width > 64)
        return;
    in.name = build_attention(recipe->build, in.name, 2, 8, 8, in.height, in.width);
    add(recipe, in);
}

static void add_any(struct recipe *recipe)
{
    unsigned kind = fuzz_byte(&recipe->bytes) % 12;

    if (kind < 3)
        add_conv(recipe);
    else if (kind < 6)
        add_concat(recipe);
    else if (kind == 6)
        add_sum(recipe);
    else if (kind == 7)
        add_split(recipe);
    else if (kind == 8)
        add_slice(recipe);
    else if (kind == 9)
        add_attention(recipe);
    else
        add_simple(recipe, fuzz_byte(&recipe->bytes) % 3);
}

/* Something with the sides of the head's level; made from the input where nothing has them. */
static struct picture level(struct recipe *recipe, int stride)
{
    struct picture wanted = {NULL, 0, recipe->build->height / stride,
                             recipe->build->width / stride};
    struct picture found = pick_like(recipe, wanted);

    if (found.name)
        return found;
    found = recipe->picture[0];
    for (int s = 1; s < stride; s *= 2)
        found = convolve(recipe, found, (struct build_conv){.out = 8, .kernel = 3, .stride = 2});
    return found;
}

static const char *finish(struct recipe *recipe)
{
    struct build_head head = {.classes = 1 + fuzz_upto(&recipe->bytes, 2),
                              .joints = fuzz_upto(&recipe->bytes, 2)};

    for (int i = 0; i < 3; i++) {
        struct picture picture = level(recipe, 8 << i);

        head.input[i] = picture.name;
        head.channels[i] = picture.channels;
    }
    return build_head(recipe->build, &head);
}

static void run(const vanon_plan *plan)
{
    size_t pixels = (size_t)plan->height * (size_t)plan->width;
    uint8_t *rgb = calloc(pixels, 3);
    float *output = calloc((size_t)plan->head.rows * (size_t)plan->head.anchors, sizeof *output);
    vanon_reference *reference;

    assert_non_null(rgb);
    assert_non_null(output);
    assert_int_equal(vanon_reference_create(&reference, plan), VANON_OK);
    for (size_t i = 0; i < (size_t)plan->batch; i++)
        vanon_reference_put(reference, i, rgb);
    vanon_reference_run(reference, (size_t)plan->batch);
    vanon_reference_get(reference, (size_t)plan->batch - 1, output);
    vanon_reference_destroy(&reference);
    free(output);
    free(rgb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recipe recipe = {.bytes = {data, size}, .build = build_create(32, 64)};
    uint8_t *bytes;
    size_t length;
    vanon_onnx *onnx = NULL;
    vanon_plan *plan = NULL;
    bool runs = fuzz_byte(&recipe.bytes) > 240;
    int status;

    add(&recipe, (struct picture){"images", 3, 32, 64});
    for (int i = 0; i < 24 && recipe.bytes.left; i++)
        add_any(&recipe);
    bytes = build_pack(recipe.build, finish(&recipe), &length);
    status = vanon_onnx_parse(&onnx, bytes, length, "m.onnx", &fuzz_log);
    if (!status)
        status = vanon_plan_create(&plan, onnx, 2, 32, 64, &fuzz_log);
    if (!status) {
        check_plan(plan);
        if (runs && plan->floats < MOST_FLOATS)
            run(plan);
    }
    vanon_plan_destroy(&plan);
    vanon_onnx_destroy(&onnx);
    free(bytes);
    build_destroy(recipe.build);
    return 0;
}
