/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says of itself, and what its shapes say. */
#include "unit.h"

#include "base/memory.h"
#include "detect/model_kind.h"

#define FROM_XML(metadata, text) vanon_model_metadata_from_xml(metadata, text, sizeof(text) - 1)

/* ONNX, by hand: ir_version 8; two entries of metadata_props; a field of every other kind. */
static const char onnx[] = "\x08\x08"
                           "\x72\x0c\x0a\x04task\x12\x04pose"
                           "\x3a\x03xyz"
                           "\x72\x22\x0a\x05names\x12\x19{0: \"it's\", 1: 'person'}\n"
                           "\x25----"
                           "\x29--------"
                           "\x72\x15\x12\x08[17,  3]\x0a\x09kpt_shape"
                           "\x72\x0c\x0a\x06stride\x12\x02"
                           "32"
                           "\x72\x0a\x0a\x05"
                           "batch\x12\x01"
                           "4";

static void test_onnx_metadata(void **state)
{
    struct vanon_model_metadata metadata;

    (void)state;
    vanon_model_metadata_from_onnx(&metadata, onnx, sizeof onnx - 1);
    assert_string_equal(metadata.task, "pose");
    assert_int_equal(metadata.classes, 2);
    assert_int_equal(metadata.person, 1);
    assert_int_equal(metadata.joints, 17);
    assert_int_equal(metadata.values, 3);
    assert_int_equal(metadata.stride, 32);
    assert_int_equal(metadata.batch, 4);
}

/* Cut anywhere, nothing is read behind the end (the copies are exact) and nothing is made up. */
static void test_cut_onnx(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof onnx - 1; size++) {
        struct vanon_model_metadata metadata;
        char *cut = malloc(size + !size);

        memcpy(cut, onnx, size);
        vanon_model_metadata_from_onnx(&metadata, cut, size);
        assert_true(!*metadata.task || !strcmp(metadata.task, "pose"));
        assert_true(metadata.classes == 0 || metadata.classes == 2);
        assert_true(metadata.joints == 0 || metadata.joints == 17);
        assert_int_equal(metadata.batch, 0);
        free(cut);
    }
}

static void test_broken_values(void **state)
{
    static const struct {
        const char *key, *value;
    } cases[] = {
        {"names", "{0: 'person"},
        {"names", "{0: 'person'"},
        {"names", "{0: 'person\\'}"},
        {"kpt_shape", "[17]"},
        {"kpt_shape", "[17, x]"},
        {"kpt_shape", "[17, -3]"},
        {"kpt_shape", "[17, 3, 1]"},
        {"stride", "99999999999"},
        {"stride", "one"},
        {"batch", "-1"},
        {"batch", ""},
        {"batch", "\xff\xff"},
        {"task", "much too long a name for a task of any kind"},
        {"stride", "0000000000000000000000000000000000000000000000000032"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        size_t key = strlen(cases[i].key), value = strlen(cases[i].value);
        struct vanon_model_metadata metadata;
        char bytes[128];
        int size = snprintf(bytes, sizeof bytes, "\x72%c\x0a%c%s\x12%c%s", (int)(key + value + 4),
                            (int)key, cases[i].key, (int)value, cases[i].value);

        if (!value) /* a zero among the lengths ends the text */
            size = (int)key + 6;
        vanon_model_metadata_from_onnx(&metadata, bytes, (size_t)size);
        assert_true(!*metadata.task && !metadata.classes && metadata.person == -1);
        assert_true(!metadata.joints && !metadata.values && !metadata.stride && !metadata.batch);
    }
}

static void test_xml_metadata(void **state)
{
    struct vanon_model_metadata metadata;

    (void)state;
    FROM_XML(&metadata, "<net><layer><task value=\"detect\"/></layer><rt_info><framework>\n"
                        "<batch value=\"1\" /><kpt_shape value=\"[17, 3]\" />"
                        "<names value=\"{0: 'person'}\" /><stride value=\"64\" />"
                        "<task value=\"pose\" /></framework><batch value=\"2\"/></rt_info></net>");
    assert_string_equal(metadata.task, "pose");
    assert_true(metadata.classes == 1 && metadata.person == 0);
    assert_true(metadata.joints == 17 && metadata.values == 3);
    assert_true(metadata.stride == 64 && metadata.batch == 1);

    FROM_XML(&metadata, "<model_info><labels value=\"dog traffic_light person\" /></model_info>");
    assert_true(metadata.classes == 3 && metadata.person == 2 && !*metadata.task);
    FROM_XML(&metadata, "<framework><task value=\"pose");
    assert_string_equal(metadata.task, "");
    FROM_XML(&metadata, "<framework><task value=\"");
    assert_string_equal(metadata.task, "");
    FROM_XML(&metadata, "<framework><tas");
    FROM_XML(&metadata, "");
    assert_true(!metadata.classes && metadata.person == -1);
}

/* A network in a few words, and what it is told to be. */
struct network {
    const char *task;
    size_t classes;
    int person, joints, values, stride, batch;
    struct vanon_model_shape input, output, second;
    const char *words, *more; /* of the refusal */
};

#define S(...)                                              \
    {                                                       \
        sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), \
        {                                                   \
            __VA_ARGS__                                     \
        }                                                   \
    }
#define IN   S(1, 3, 640, 640)
#define OPEN S(0, 3, 0, 0)
#define POSE "pose", 1, 0, 17, 3, 32, 1
#define DUMB "", 0, -1, 0, 0, 0, 0
#define NO   S(0)

static int recognise(struct vanon_model_kind *kind, const struct network *network)
{
    struct vanon_model_file file = {.path = (char *)(uintptr_t) "m.onnx"};
    struct vanon_model_ends ends = {.inputs = 1,
                                    .outputs = network->second.sides > 1 ? 2 : 1,
                                    .input = network->input,
                                    .output = {network->output, network->second}};

    snprintf(file.metadata.task, sizeof file.metadata.task, "%s", network->task);
    file.metadata.classes = network->classes;
    file.metadata.person = network->person;
    file.metadata.joints = network->joints;
    file.metadata.values = network->values;
    file.metadata.stride = network->stride;
    file.metadata.batch = network->batch;
    unit_log_clear();
    return vanon_model_recognise(kind, &ends, &file, &unit_log);
}

static void test_supported(void **state)
{
    static const struct {
        struct network network;
        struct vanon_model_kind kind;
    } cases[] = {
        {{POSE, OPEN, S(0, 56, 0), NO, NULL, NULL}, {0, 0, 0, 0, {false, 1, 0}}},
        {{DUMB, OPEN, S(0, 56, 0), NO, NULL, NULL}, {0, 0, 0, 0, {false, 1, 0}}},
        {{POSE, IN, S(1, 56, 8400), NO, NULL, NULL}, {1, 0, 640, 640, {false, 1, 0}}},
        {{DUMB, S(4, 3, 384, 640), S(4, 56, 5040), NO, NULL, NULL},
         {4, 0, 640, 384, {false, 1, 0}}},
        {{POSE, IN, S(1, 300, 57), NO, NULL, NULL}, {1, 0, 640, 640, {true, 1, 0}}},
        {{DUMB, IN, S(1, 56, 57), NO, NULL, NULL}, {1, 0, 640, 640, {true, 1, 0}}},
        {{DUMB, OPEN, S(0, 300, 57), NO, NULL, NULL}, {0, 1, 0, 0, {true, 1, 0}}},
        {{"pose", 1, 0, 17, 3, 32, 4, OPEN, S(0, 300, 57), NO, NULL, NULL},
         {0, 4, 0, 0, {true, 1, 0}}},
        {{"pose", 2, 0, 17, 3, 32, 1, OPEN, S(0, 57, 0), NO, NULL, NULL},
         {0, 0, 0, 0, {false, 2, 0}}},
        {{"pose", 3, 2, 17, 3, 32, 1, OPEN, S(0, 58, 0), NO, NULL, NULL},
         {0, 0, 0, 0, {false, 3, 2}}},
        {{"pose", 3, 2, 17, 3, 32, 1, IN, S(1, 300, 57), NO, NULL, NULL},
         {1, 0, 640, 640, {true, 3, 2}}},
        {{"pose", 1, 0, 17, 3, 64, 1, IN, S(1, 56, 8500), NO, NULL, NULL},
         {1, 0, 640, 640, {false, 1, 0}}},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const struct vanon_model_kind *wanted = &cases[i].kind;
        struct vanon_model_kind kind;

        if (recognise(&kind, &cases[i].network))
            fail_msg("%zu: %s", i, unit_message);
        assert_string_equal(unit_message, "");
        assert_int_equal(kind.batch, wanted->batch);
        assert_int_equal(kind.most_batch, wanted->most_batch);
        assert_true(kind.width == wanted->width && kind.height == wanted->height);
        assert_int_equal(kind.layout.nms, wanted->layout.nms);
        assert_int_equal(kind.layout.classes, wanted->layout.classes);
        assert_int_equal(kind.layout.person, wanted->layout.person);
    }
}

static void test_refused(void **state)
{
    static const struct network cases[] = {
        /* Of other tasks, as they say, or as their shapes say. */
        {"detect", 80, 0, 0, 0, 32, 1, IN, S(1, 84, 8400), NO, "it is a detection", "1x84x8400"},
        {"detect", 52, 0, 0, 0, 32, 1, IN, S(1, 56, 8400), NO, "it is a detection", "1x56x8400"},
        {"detect", 80, 0, 0, 0, 32, 1, IN, S(1, 300, 6), NO, "it is a detection", "later version"},
        {DUMB, IN, S(1, 84, 8400), NO, "looks like a detection", "for a later version"},
        {DUMB, IN, S(1, 300, 6), NO, "looks like a detection", "1x300x6"},
        {"segment", 80, 0, 0, 0, 32, 1, IN, S(1, 116, 8400), S(1, 32, 160, 160),
         "it is a segmentation", "for a later version"},
        {DUMB, IN, S(1, 116, 8400), S(1, 32, 160, 160), "looks like a segmentation", "1x116x8400"},
        {DUMB, IN, S(1, 32, 160, 160), S(1, 300, 38), "looks like a segmentation", "masks"},
        {"classify", 1000, -1, 0, 0, 0, 1, S(1, 3, 224, 224), S(1, 1000), NO,
         "it is a classification", "1x1000"},
        {DUMB, S(1, 3, 224, 224), S(1, 1000), NO, "looks like a classification", "later version"},
        {"obb", 15, -1, 0, 0, 32, 1, IN, S(1, 20, 8400), NO, "oriented boxes (OBB", "1x20x8400"},
        {DUMB, IN, S(1, 300, 7), NO, "looks like a model of oriented", "1x300x7"},
        {"depth", 0, -1, 0, 0, 0, 0, IN, S(1, 56, 8400), NO, "the task \"depth\"", "YOLOv8-pose"},
        /* Pose models of other people. */
        {"pose", 1, 0, 21, 3, 32, 1, IN, S(1, 68, 8400), NO, "as of 21 joints",
         "17 joints of COCO"},
        {"pose", 1, 0, 17, 2, 32, 1, IN, S(1, 39, 8400), NO, "17 joints of 2 values", "visibility"},
        {"pose", 1, 0, 21, 3, 32, 1, IN, S(1, 300, 69), NO, "as of 21 joints", "1xNx57 with nms"},
        {DUMB, IN, S(1, 68, 8400), NO, "1x68x8400 (as of 21 joints)", "1x56xN"},
        {DUMB, IN, S(1, 300, 21), NO, "1x300x21 (as of 5 joints)", "1xNx57"},
        {"pose", 24, -1, 17, 3, 32, 1, IN, S(1, 79, 8400), NO, "none of its 24 classes", "person"},
        {DUMB, IN, S(1, 57, 8400), NO, "1x57x8400", "several classes"},
        {"pose", 2, 0, 17, 3, 32, 1, IN, S(1, 56, 8400), NO, "1x56x8400", "several classes"},
        {"pose", 1, 0, 17, 3, 64, 1, OPEN, S(0, 56, 0), NO, "multiples of 64", "fixed size"},
        /* No such thing. */
        {DUMB, IN, S(1, 1, 8400), NO, "1x1x8400 and", "1x56xN"},
        {DUMB, IN, S(0, 0, 0), NO, "?x?x?", "1x56xN"},
        {DUMB, IN, {0}, NO, "of any number of sides", "1x56xN"},
        {DUMB, IN, S(1, 56, 80, 80), NO, "1x56x80x80", "1x56xN"},
        {DUMB, IN, S(1, 56, 8400), S(1, 56, 8400), "1 inputs and 2 outputs", "one of each"},
        {DUMB, S(1, 3, 640), S(1, 56, 8400), NO, "its input is 1x3x640", "1x3xHxW"},
        {DUMB, S(1, 640, 640, 3), S(1, 56, 8400), NO, "its input is 1x640x640x3", "1x3xHxW"},
        {DUMB, S(1, 3, 640, 0), S(1, 56, 8400), NO, "1x3x640x?", "open or multiples of 32"},
        {DUMB, S(1, 3, 32800, 640), S(1, 56, 8400), NO, "1x3x32800x640", "multiples of 32"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        struct vanon_model_kind kind;
        int status = recognise(&kind, &cases[i]);

        if (status != VANON_ERR_MODEL)
            fail_msg("%zu (%s): %d", i, cases[i].words, status);
        assert_message("model m.onnx: ", cases[i].words, cases[i].more);
    }
}

static void test_class_of_another_name(void **state)
{
    static const struct network player = {"pose", 1,    -1,          17, 3,    32,
                                          1,      OPEN, S(0, 56, 0), NO, NULL, NULL};
    struct vanon_model_kind kind;

    (void)state;
    assert_int_equal(recognise(&kind, &player), VANON_OK);
    assert_message("m.onnx", "only class is not called \"person\"", "taken for one");
    assert_int_equal(kind.layout.person, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_onnx_metadata),
        cmocka_unit_test(test_cut_onnx),
        cmocka_unit_test(test_broken_values),
        cmocka_unit_test(test_xml_metadata),
        cmocka_unit_test(test_supported),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_class_of_another_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
