/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GPU plugin's importer, plan and reference executor, against OpenVINO: the shipped model,
 * other exports of it, small networks with all that YOLOv8 and YOLO11 are made of.
 */
#include "unit.h"

#include <math.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "onnx_variant.h"
#include "openvino_run.h"
#include "picture.h"
#include "pixels/letterbox.h"
#include "plan_fixture.h"
#include "reference.h"

#define SHIPPED       VANON_SOURCE_ROOT "/models/yolov8n-pose.onnx"
#define SHARED_MODELS VANON_SOURCE_ROOT "/../shared/models/"

static char folder[] = "/tmp/vanon-plan-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/model.onnx", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* The picture as a network of this size sees it: bytes, and planes of 0..1. */
static uint8_t *load_picture(int height, int width, float **planes)
{
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_letterbox *letterbox;
    size_t pixels = (size_t)(height * width);
    uint8_t *rgb = malloc(pixels * 3);

    assert_int_equal(vanon_letterbox_create(&letterbox, frame, width, height), VANON_OK);
    vanon_letterbox_run(letterbox, frame, rgb);
    *planes = malloc(pixels * 3 * sizeof **planes);
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < 3; c++)
            (*planes)[c * pixels + i] = (float)rgb[3 * i + c] / 255;
    vanon_letterbox_destroy(&letterbox);
    vanon_frame_unref(&frame);
    return rgb;
}

static vanon_plan *make_plan(const char *file, int batch, int height, int width)
{
    vanon_onnx *onnx;
    vanon_plan *plan;

    unit_log_clear();
    if (vanon_onnx_load(&onnx, file, &unit_log) ||
        vanon_plan_create(&plan, onnx, batch, height, width, &unit_log))
        fail_msg("%s", unit_message);
    vanon_onnx_destroy(&onnx);
    assert_int_equal(plan->batch, batch);
    check_plan(plan);
    return plan;
}

/* How far two outputs are apart. Scores and visibilities are 0..1, all else is pixels. */
struct difference {
    double pixels, scores;
};

static struct difference compare(const vanon_plan *plan, const float *found, const float *wanted)
{
    const struct vanon_plan_head *head = &plan->head;
    struct difference worst = {0, 0};

    for (int row = 0; row < head->rows; row++) {
        int joint = row - 4 - head->classes;
        bool score = row >= 4 && (joint < 0 || joint % 3 == 2);

        for (int i = 0; i < head->anchors; i++) {
            double a = (double)found[row * head->anchors + i];
            double b = (double)wanted[row * head->anchors + i];

            assert_true(isfinite(a) && isfinite(b));
            if (score)
                worst.scores = fmax(worst.scores, fabs(a - b));
            else
                worst.pixels = fmax(worst.pixels, fabs(a - b));
        }
    }
    return worst;
}

/* Plans and runs a file, and compares every number of every frame with OpenVINO's. */
static void check_file(const char *name, const char *file, int batch, int height, int width)
{
    vanon_plan *plan = make_plan(file, batch, height, width);
    size_t count = (size_t)plan->head.rows * (size_t)plan->head.anchors;
    float *planes, *wanted, *found = malloc(count * sizeof *found);
    uint8_t *rgb = load_picture(height, width, &planes);
    vanon_reference *reference;
    struct difference worst;

    wanted = openvino_run(file, planes, 1, height, width, count);
    assert_int_equal(vanon_reference_create(&reference, plan), VANON_OK);
    for (int i = 0; i < batch; i++)
        vanon_reference_put(reference, (size_t)i, rgb);
    vanon_reference_run(reference, (size_t)batch);
    for (int i = 0; i < batch; i++) {
        vanon_reference_get(reference, (size_t)i, found);
        worst = compare(plan, found, wanted);
        if (worst.pixels > 0.02 || worst.scores > 0.0005)
            fail_msg("%s: frame %d: %f pixels, scores %f", name, i, worst.pixels, worst.scores);
    }
    print_message(
        "%s: within %.5f pixels, scores within %.6f; %zu operations, %.1f MB of float16\n", name,
        worst.pixels, worst.scores, plan->ops, (double)plan->arena * 2 / 1e6);
    vanon_reference_destroy(&reference);
    vanon_plan_destroy(&plan);
    free(wanted);
    free(found);
    free(planes);
    free(rgb);
}

static void test_shipped(void **state)
{
    (void)state;
    check_file("shipped", SHIPPED, 1, 256, 256);
    check_file("shipped, batch 3", SHIPPED, 3, 192, 320);
}

/* 72 convolutions, one chain of pools, two steps up: no split or concatenation is left, and memory
 * is used again. */
static void test_shipped_plan(void **state)
{
    vanon_plan *one = make_plan(SHIPPED, 1, 384, 640), *four = make_plan(SHIPPED, 4, 384, 640);
    size_t kinds[5] = {0}, silu = 0, residuals = 0, elements = 0;

    (void)state;
    for (size_t i = 0; i < one->ops; i++) {
        const struct vanon_plan_op *op = &one->op[i];

        kinds[op->kind]++;
        if (op->kind != VANON_PLAN_CONV)
            continue;
        silu += op->as.conv.activation == VANON_PLAN_SILU;
        residuals += op->as.conv.residual >= 0;
    }
    assert_int_equal(kinds[VANON_PLAN_CONV], 72);
    assert_int_equal(kinds[VANON_PLAN_MAXPOOL], 1);
    assert_int_equal(kinds[VANON_PLAN_UPSAMPLE], 2);
    assert_int_equal(one->ops, 75);
    assert_int_equal(silu, 63);
    assert_int_equal(residuals, 6);
    assert_int_equal(one->head.anchors, (48 * 80 + 24 * 40 + 12 * 20));
    for (size_t i = 0; i < one->buffers; i++)
        elements += one->buffer[i].elements;
    assert_true(one->arena < elements / 3);
    assert_int_equal(four->ops, one->ops);
    assert_true(four->arena <= 4 * one->arena + one->buffers * VANON_PLAN_GRAIN);
    assert_memory_equal(four->weights, one->weights, one->floats * sizeof(float));
    vanon_plan_destroy(&one);
    vanon_plan_destroy(&four);
}

static void test_variants(void **state)
{
    static const struct onnx_variant fixed = {2, 256, 320, false, false};
    static const struct onnx_variant half = {0, 0, 0, true, false};
    vanon_plan *plan;
    vanon_onnx *onnx;

    (void)state;
    onnx_write(path, &fixed);
    /* Its batch is 2; a plan's frames are alike, so any other is as good. */
    plan = make_plan(path, 3, 256, 320);
    vanon_plan_destroy(&plan);
    assert_int_equal(vanon_onnx_load(&onnx, path, &unit_log), VANON_OK);
    assert_int_equal(vanon_plan_create(&plan, onnx, 1, 320, 256, &unit_log), VANON_ERR_ARGUMENT);
    assert_message("256x320", "320x256");
    vanon_onnx_destroy(&onnx);
    onnx_write(path, &half);
    plan = make_plan(path, 1, 128, 128);
    assert_int_equal(plan->ops, 75);
    vanon_plan_destroy(&plan);
}

static void write_small(const struct small *small, int height, int width, int opset)
{
    struct build *build = build_create(height, width);
    size_t size;
    uint8_t *bytes;
    FILE *file = fopen(path, "wb");

    build->opset = opset;
    bytes = build_pack(build, small_network(build, small), &size);
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(bytes);
    build_destroy(build);
}

static void test_small(void **state)
{
    static const struct {
        const char *name;
        struct small small;
        int opset;
    } cases[] = {
        {"pose", {.joints = 17, .classes = 1}, 17},
        {"detection", {.classes = 3}, 17},
        {"attention", {.joints = 17, .classes = 1, .attention = true}, 17},
        {"ragged", {.joints = 5, .classes = 2, .ragged = true}, 13},
        {"shared", {.joints = 17, .classes = 1, .shared = true}, 18},
        {"all",
         {.joints = 17, .classes = 80, .attention = true, .ragged = true, .shared = true},
         17},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        write_small(&cases[i].small, 96, 128, cases[i].opset);
        check_file(cases[i].name, path, 2, 96, 128);
    }
}

/* Files that only the project's own machines have. */
static void test_shared_models(void **state)
{
    static const struct {
        const char *file;
        int height, width;
    } cases[] = {
        {SHARED_MODELS "yolov8n-pose-static640.onnx", 640, 640},
        {SHARED_MODELS "yolov8s-pose-untrained.onnx", 320, 192},
    };
    size_t looked = 0;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        if (access(cases[i].file, R_OK)) {
            print_message("SKIPPED: there is no %s here\n", cases[i].file);
            continue;
        }
        check_file(cases[i].file, cases[i].file, 1, cases[i].height, cases[i].width);
        looked++;
    }
    if (!looked)
        skip();
}

/* A file with an NMS is planned as it would be without; what is told of it is its overlap. */
static void test_nms(void **state)
{
    static const struct small small = {.joints = 17, .classes = 1};

    (void)state;
    for (int corners = 0; corners < 2; corners++) {
        struct nms_tail tail = {.corners = corners};
        vanon_plan *plan[2];
        size_t size;

        for (int with = 0; with < 2; with++) {
            struct build *build = build_create(64, 96);
            uint8_t *bytes;
            vanon_onnx *onnx;

            bytes = build_pack(
                build, with ? nms_tail(build, &small, &tail) : small_network(build, &small), &size);
            if (vanon_onnx_parse(&onnx, bytes, size, "m.onnx", &unit_log) ||
                vanon_plan_create(&plan[with], onnx, 2, 64, 96, &unit_log))
                fail_msg("%s", unit_message);
            vanon_onnx_destroy(&onnx);
            build_destroy(build);
            free(bytes);
        }
        assert_false(plan[0]->head.suppresses);
        assert_true(plan[1]->head.suppresses);
        assert_float_equal(plan[1]->head.iou, 0.6f, 1e-6);
        assert_int_equal(plan[1]->ops, plan[0]->ops);
        assert_int_equal(plan[1]->head.rows, plan[0]->head.rows);
        assert_int_equal(plan[1]->floats, plan[0]->floats);
        assert_memory_equal(plan[1]->weights, plan[0]->weights,
                            plan[0]->floats * sizeof *plan[0]->weights);
        vanon_plan_destroy(&plan[0]);
        vanon_plan_destroy(&plan[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),       cmocka_unit_test(test_shipped_plan),
        cmocka_unit_test(test_variants),      cmocka_unit_test(test_small),
        cmocka_unit_test(test_shared_models), cmocka_unit_test(test_nms),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
