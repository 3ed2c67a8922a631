/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/digest.h"
#include "detector_fixture.h"

static void expect_failure(const char *key, const char *value, int status, const char *word,
                           const char *other)
{
    const char *const pairs[] = {key, value, NULL};
    vanon_options *options = detect_options(pairs);
    vanon_detector *detector;
    int got = create(&detector, options);

    if (got != status)
        fail_msg("%s %s: status %d, not %d (%s)", key, value, got, status, unit_message);
    assert_null(detector);
    assert_message(word, other);
    vanon_options_destroy(&options);
}

static void test_devices(void **state)
{
    static const char *const numbered[] = {"device", "3", NULL};
    static const char *const plugins[] = {"gpu", "npu"};
    vanon_options *options = detect_options(numbered);
    struct vanon_detector_info info;
    vanon_detector *detector;

    (void)state;
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_message("device 3", "the CPU is used");
    vanon_detector_get_info(detector, &info);
    assert_string_equal(info.device, "CPU");
    vanon_detector_destroy(&detector);
    expect_failure("device", "cuda:1", VANON_ERR_UNSUPPORTED, "cuda:1", "this build has no plugin");
    for (size_t i = 0; i < VANON_COUNT(plugins); i++) {
        assert_int_equal(vanon_options_set(options, "device", plugins[i]), VANON_OK);
        /* A machine may have one; else the message lists what there is. */
        if (create(&detector, options) == VANON_OK) {
            vanon_detector_destroy(&detector);
            continue;
        }
        assert_message(i ? "NPU" : "GPU", "there is: ", "CPU");
    }
    vanon_options_destroy(&options);
}

static void test_precisions(void **state)
{
    static const char *const cases[][2] = {
        {"precision", "f32"},        {"precision", "auto"}, {"half_precision", "true"},
        {"half_precision", "false"}, {"precision", "bf16"},
    };
    vanon_frame *frame = grey_frame(64, 64, 0);
    vanon_object_list objects = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const char *const pairs[] = {cases[i][0], cases[i][1], NULL};
        vanon_options *options = detect_options(pairs);
        struct vanon_detector_info info;
        vanon_detector *detector;
        int status = create(&detector, options);

        if (status) { /* bf16 on a processor without it */
            assert_int_equal(i, VANON_COUNT(cases) - 1);
            assert_int_equal(status, VANON_ERR_UNSUPPORTED);
            assert_message("precision bf16", "it has: ");
            vanon_options_destroy(&options);
            break;
        }
        assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
        vanon_detector_get_info(detector, &info);
        if (i == 0 || i == 3)
            assert_string_equal(info.precision, "f32");
        else if (i == 4)
            assert_string_equal(info.precision, "bf16");
        else
            assert_true(!strcmp(info.precision, "f32") || !strcmp(info.precision, "bf16"));
        vanon_detector_destroy(&detector);
        vanon_options_destroy(&options);
    }
    expect_failure("precision", "int8", VANON_ERR_OPTION, "int8", "not a quantised one");
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

static void test_model_files(void **state)
{
    static const char words[] = "This is no model.\n";
    static unsigned char garbage[100000];
    char *shipped = malloc(8 << 20);
    FILE *file = fopen(SHIPPED, "rb");
    size_t size = fread(shipped, 1, 8 << 20, file);

    (void)state;
    fclose(file);
    assert_true(size > 6000000 && size < 8 << 20);
    expect_failure("pose_model", "/nowhere/m.onnx", VANON_ERR_MODEL, "/nowhere/m.onnx", "No such");
    expect_failure("pose_model", "/dev/null", VANON_ERR_MODEL, "/dev/null", "not a regular file");
    write_file("empty.onnx", "", 0);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "empty");
    unlink(path);
    write_file("text.onnx", words, sizeof words - 1);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "damaged, or no model");
    unlink(path);
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (unsigned char)(i * i * 31 + i / 7);
    write_file("garbage.onnx", garbage, sizeof garbage);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "damaged, or no model");
    unlink(path);
    write_file("truncated.onnx", shipped, size / 2);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "damaged, or no model");
    free(shipped);
}

/* What users have of such a model in other formats. */
static void test_foreign_files(void **state)
{
    static const struct {
        const char *name, *words, *more;
    } cases[] = {
        {"own.pt", "a PyTorch checkpoint can't be read; export it with", "own.pt format=onnx"},
        {"own.PT", "a PyTorch checkpoint", "dynamic=True"},
        {"own.torchscript", "a TorchScript model can't be read", "model=NAME.pt format=onnx"},
        {"own.engine", "a TensorRT engine", "the checkpoint that it was made of"},
        {"own.tflite", "a TensorFlow Lite model", "give the .onnx"},
        {"own.pb", "a TensorFlow model", "give the .onnx"},
        {"own.mlmodel", "a Core ML model", "give the .onnx"},
        {"own.bin", "weights of an OpenVINO IR", "give the .xml"},
        {"own.txt", "must be .onnx, or .xml", "with its .bin"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        write_file(cases[i].name, "x", 1);
        expect_failure("pose_model", path, VANON_ERR_MODEL, cases[i].words, cases[i].more);
        assert_message(path);
        unlink(path);
    }
    expect_failure("pose_model", folder, VANON_ERR_MODEL, "a folder", "give the .xml inside");
}

/* $VANON_MODELS comes first; what is there under the shipped name must be the shipped model. */
static void test_shipped_model(void **state)
{
    static const char *const names[] = {"yolov8n-pose.pt", "yolov8n-pose.onnx"};
    char *shipped = malloc(8 << 20);
    FILE *file = fopen(SHIPPED, "rb");
    size_t size = fread(shipped, 1, 8 << 20, file);
    struct vanon_detector_info info;
    vanon_detector *detector;

    (void)state;
    fclose(file);
    assert_int_equal(setenv("VANON_MODELS", folder, 1), 0);
    write_file("yolov8n-pose.onnx", shipped, size);
    for (size_t i = 0; i < VANON_COUNT(names); i++) {
        const char *const pairs[] = {"pose_model", names[i], NULL};
        vanon_options *options = detect_options(pairs);

        assert_int_equal(create(&detector, options), VANON_OK);
        vanon_detector_get_info(detector, &info);
        assert_string_equal(info.model, path);
        assert_string_equal(info.model_sha256, SHIPPED_SHA256);
        vanon_detector_destroy(&detector);
        vanon_options_destroy(&options);
    }
    shipped[size - 1000] ^= 1; /* a weight: OpenVINO would run it without a word */
    write_file("yolov8n-pose.onnx", shipped, size);
    expect_failure("pose_model", names[0], VANON_ERR_MODEL, path, "altered or damaged");
    assert_message(SHIPPED_SHA256, "its SHA-256 is");
    unsetenv("VANON_MODELS");
    free(shipped);
}

/* A model in OpenVINO's own format: `operation` (or nothing) on the input, then a change of shape.
 * The sides multiply to as many values on either end. */
struct small_model {
    const char *operation;
    int input[4];
    int64_t output[3];
    bool two_outputs;
};

static void put_sides(FILE *file, const char *id, const char *type, const int64_t *sides,
                      size_t count)
{
    fprintf(file, "<port id=\"%s\" precision=\"%s\">", id, type);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "<dim>%lld</dim>", (long long)sides[i]);
    fprintf(file, "</port>");
}

static void write_model(const struct small_model *model)
{
    const int64_t in[] = {model->input[0], model->input[1], model->input[2], model->input[3]};
    const int64_t three = 3;
    FILE *file;

    snprintf(weights, sizeof weights, "%s/small.bin", folder);
    file = fopen(weights, "wb");
    fwrite(model->output, sizeof *model->output, 3, file);
    fclose(file);
    snprintf(path, sizeof path, "%s/small.xml", folder);
    file = fopen(path, "wb");
    fprintf(file,
            "<?xml version=\"1.0\"?><net name=\"small\" version=\"11\"><layers>"
            "<layer id=\"0\" name=\"images\" type=\"Parameter\" version=\"opset1\">"
            "<data shape=\"%d,%d,%d,%d\" element_type=\"f32\"/><output>",
            model->input[0], model->input[1], model->input[2], model->input[3]);
    put_sides(file, "0", "FP32", in, 4);
    fprintf(file,
            "</output></layer><layer id=\"1\" name=\"sides\" type=\"Const\" version=\"opset1\">"
            "<data element_type=\"i64\" shape=\"3\" offset=\"0\" size=\"24\"/><output>");
    put_sides(file, "0", "I64", &three, 1);
    fprintf(file,
            "</output></layer><layer id=\"2\" name=\"work\" type=\"%s\" version=\"opset1\">"
            "<input>",
            model->operation);
    put_sides(file, "0", "FP32", in, 4);
    fprintf(file, "</input><output>");
    put_sides(file, "1", "FP32", in, 4);
    fprintf(file, "</output></layer><layer id=\"3\" name=\"turn\" type=\"Reshape\" "
                  "version=\"opset1\"><data special_zero=\"false\"/><input>");
    put_sides(file, "0", "FP32", in, 4);
    put_sides(file, "1", "I64", &three, 1);
    fprintf(file, "</input><output>");
    put_sides(file, "2", "FP32", model->output, 3);
    fprintf(file, "</output></layer>");
    for (int i = 4; i < 5 + model->two_outputs; i++) {
        fprintf(file, "<layer id=\"%d\" name=\"out%d\" type=\"Result\" version=\"opset1\"><input>",
                i, i);
        put_sides(file, "0", "FP32", model->output, 3);
        fprintf(file, "</input></layer>");
    }
    fprintf(file, "</layers><edges>"
                  "<edge from-layer=\"0\" from-port=\"0\" to-layer=\"2\" to-port=\"0\"/>"
                  "<edge from-layer=\"2\" from-port=\"1\" to-layer=\"3\" to-port=\"0\"/>"
                  "<edge from-layer=\"1\" from-port=\"0\" to-layer=\"3\" to-port=\"1\"/>");
    for (int i = 4; i < 5 + model->two_outputs; i++)
        fprintf(file, "<edge from-layer=\"3\" from-port=\"2\" to-layer=\"%d\" to-port=\"0\"/>", i);
    fprintf(file, "</edges></net>");
    assert_int_equal(fclose(file), 0);
}

static void test_no_pose_models(void **state)
{
    static const struct {
        struct small_model model;
        const char *words, *shape;
    } cases[] = {
        {{"Abs", {1, 3, 224, 64}, {1, 84, 512}, false}, "a detection model", "1x84x512"},
        {{"Abs", {1, 3, 224, 64}, {1, 1, 43008}, false}, "output", "1x1x43008"},
        {{"Abs", {1, 4, 224, 64}, {1, 56, 1024}, false}, "input", "1x4x224x64"},
        {{"Abs", {1, 3, 224, 60}, {1, 56, 720}, false}, "input", "multiples of 32"},
        {{"Abs", {65, 3, 224, 64}, {65, 56, 768}, false}, "input", "65x3x224x64"},
        {{"Abs", {1, 3, 224, 64}, {1, 56, 768}, true}, "1 inputs and 2 outputs", "one of each"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        write_model(&cases[i].model);
        expect_failure("pose_model", path, VANON_ERR_MODEL, cases[i].words, cases[i].shape);
        assert_message(path, "not a pose model");
    }
}

/* The .bin belongs to an .xml: it must be there, and stands in the digest. */
static void test_weights(void **state)
{
    static const struct small_model small = {"Abs", {1, 3, 224, 64}, {1, 56, 768}, false};
    const char *const pairs[] = {"pose_model", path, NULL};
    struct vanon_detector_info info;
    char first[65] = "", expected[65];
    const char *const both[] = {path, weights};
    vanon_detector *detector;
    vanon_options *options;
    FILE *file;

    (void)state;
    write_model(&small);
    options = detect_options(pairs);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(create(&detector, options), VANON_OK);
        vanon_detector_get_info(detector, &info);
        vanon_detector_destroy(&detector);
        assert_int_equal(vanon_sha256_files(both, 2, expected, &unit_log), VANON_OK);
        assert_string_equal(info.model_sha256, expected);
        if (i)
            assert_string_not_equal(info.model_sha256, first);
        memcpy(first, info.model_sha256, sizeof first);
        file = fopen(weights, "ab");
        assert_int_equal(fputc('x', file), 'x');
        fclose(file);
    }
    unlink(weights);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "its weights must lie beside it");
    assert_message(weights, "No such file");
    vanon_options_destroy(&options);

    write_file("text.bin", "x", 1);
    memcpy(weights, path, sizeof weights);
    write_file("text.xml", "This is no model.\n", 18);
    expect_failure("pose_model", path, VANON_ERR_MODEL, path, "damaged, or no model");
    unlink(path);
    snprintf(path, sizeof path, "%s/small.xml", folder);
}

/* Each third of the small model's output is a colour plane of its input. */
static vanon_frame *coloured_frame(void)
{
    vanon_frame *frame = grey_frame(32, 32, 51);

    for (int y = 0; y < 32; y++)
        for (int x = 0; x < 32; x++) {
            frame->plane[0][y * frame->stride[0] + 3 * x + 1] = 102;
            frame->plane[0][y * frame->stride[0] + 3 * x + 2] = 204;
        }
    return frame;
}

/* All anchors say the same: padding of 114 in rows 0 to 4, so a box of 114 / 255 around (that,
 * that) in the network's pixels; there the picture is twice as large and 80 rows lower. */
static void check_small_output(const vanon_object_list *objects)
{
    const vanon_keypoint *joint;

    assert_int_equal(objects->count, 1);
    joint = vanon_object_keypoints(objects, &objects->object[0]);
    assert_near(objects->object[0].score, 114.0 / 255, 1e-5);
    assert_near(objects->object[0].box.x0, 57.0 / 255 / 2, 1e-4);
    assert_near(objects->object[0].box.y0, (57.0 / 255 - 80) / 2, 1e-4);
    assert_near(objects->object[0].box.x1, 171.0 / 255 / 2, 1e-4);
    assert_near(joint[0].x, 114.0 / 255 / 2, 1e-4);
    assert_near(joint[1].visibility, 0.2, 1e-5);  /* red */
    assert_near(joint[7].visibility, 0.4, 1e-5);  /* green */
    assert_near(joint[13].visibility, 0.8, 1e-5); /* blue */
    assert_near(joint[13].x, 0.8 / 2, 1e-5);
    assert_near(joint[13].y, (0.8 - 80) / 2, 1e-4);
}

static void test_static_model(void **state)
{
    static const struct small_model small = {"Abs", {1, 3, 224, 64}, {1, 56, 768}, false};
    const char *const pairs[] = {"pose_model", path, "precision", "f32", "imgsz", "224", NULL};
    vanon_frame *frame = coloured_frame();
    struct vanon_detector_info info;
    vanon_object_list objects = {0};
    vanon_detector *detector;
    vanon_options *options;

    (void)state;
    write_model(&small);
    options = detect_options(pairs);
    assert_int_equal(create_with(&detector, options, 2, 4, 0), VANON_OK);
    assert_int_equal(detector->batch, 1); /* as the model is */
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    check_small_output(&objects);
    vanon_detector_get_info(detector, &info);
    assert_true(info.width == 64 && info.height == 224);
    assert_string_equal(info.model, path);
    vanon_detector_destroy(&detector);

    assert_int_equal(vanon_options_set(options, "imgsz", "640"), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_ERR_OPTION);
    assert_message("imgsz 640", path, "fixed input of 64x224", "dynamic=True");
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

/* A model of a fixed batch is run full, whatever it is given. */
static void test_static_batch(void **state)
{
    static const struct small_model small = {"Abs", {2, 3, 224, 64}, {2, 56, 768}, false};
    const char *const pairs[] = {"pose_model", path, "precision", "f32", NULL};
    vanon_frame *frame = coloured_frame();
    const vanon_frame *frames[] = {frame, frame};
    vanon_object_list objects[2] = {0}, *lists[] = {&objects[0], &objects[1]};
    vanon_detector *detector;
    vanon_options *options;

    (void)state;
    write_model(&small);
    options = detect_options(pairs);
    assert_int_equal(create_with(&detector, options, 1, 1, 0), VANON_OK);
    assert_int_equal(detector->batch, 2);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects[0]), VANON_OK);
    check_small_output(&objects[0]);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 2), VANON_OK);
    detect_wait_for(&waiting, 0);
    assert_int_equal(vanon_detector_collect(detector, 0, lists, 2), VANON_OK);
    check_small_output(&objects[0]);
    check_small_output(&objects[1]);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects[0]);
    vanon_object_list_free(&objects[1]);
    vanon_frame_unref(&frame);
}

/* Logarithms of 0 to 1: no scores, and of black not even numbers. Never "nobody". */
static void test_broken_output(void **state)
{
    static const struct small_model small = {"Log", {1, 3, 224, 64}, {1, 56, 768}, false};
    const char *const pairs[] = {"pose_model", path, "precision", "f32", NULL};
    vanon_frame *frame = grey_frame(64, 224, 0);
    vanon_object_list objects = {0};
    vanon_detector *detector;
    vanon_options *options;

    (void)state;
    write_model(&small);
    options = detect_options(pairs);
    assert_int_equal(create(&detector, options), VANON_OK);
    for (size_t round = 0; round < 2; round++) { /* the slot is free after the error */
        unit_log_clear();
        assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_ERR_INFERENCE);
        assert_message(path, "not finite");
        assert_int_equal(objects.count, 0);
    }
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

static void test_frame_of_a_device(void **state)
{
    vanon_options *options;
    vanon_detector *detector = create_f32(1, 0, &options);
    const vanon_frame frame = {.memory = VANON_MEMORY_CUDA,
                               .format = VANON_PIXEL_NV12,
                               .width = 64,
                               .height = 64,
                               .number = 9,
                               .handle = &options};
    vanon_object_list objects = {0};

    (void)state;
    unit_log_clear();
    assert_int_equal(detect_frame(detector, &waiting, 0, &frame, &objects), VANON_ERR_UNSUPPORTED);
    assert_message("frame 9", "memory");
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_precisions),
        cmocka_unit_test_teardown(test_model_files, remove_files),
        cmocka_unit_test(test_foreign_files),
        cmocka_unit_test_teardown(test_shipped_model, remove_files),
        cmocka_unit_test_teardown(test_no_pose_models, remove_files),
        cmocka_unit_test_teardown(test_weights, remove_files),
        cmocka_unit_test_teardown(test_static_model, remove_files),
        cmocka_unit_test_teardown(test_static_batch, remove_files),
        cmocka_unit_test_teardown(test_broken_output, remove_files),
        cmocka_unit_test(test_frame_of_a_device),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
