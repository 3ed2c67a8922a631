/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <sys/stat.h>

#include "options_fixture.h"

static void loads_yaml(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_int_equal(load(options, "---\n"
                                   "input: 'a: b.mp4'   # a comment\n"
                                   "parts:\n  - elbows\n  - eyes\n"
                                   "style: {eyes: solid, elbows: mosaic}\n"
                                   "keep: [tags, cover]\n"
                                   "overwrite: True\n"
                                   "device: 0\n"
                                   "confidence: \"0.4\"\n"
                                   "detector: null\n"
                                   "safety_margin_px: {eyes: 7.5, body: 20}\n"
                                   "codec: >-\n  ffv1\n"
                                   "...\n"),
                     VANON_OK);
    assert_string_equal(unit_message, "");
    assert_option(options, "input", "a: b.mp4");
    assert_option(options, "parts", "eyes,elbows");
    assert_option(options, "style", "eyes=solid");
    assert_option(options, "keep", "tags,cover");
    assert_option(options, "overwrite", "true");
    assert_option(options, "device", "0");
    assert_option(options, "confidence", "0.4");
    assert_option(options, "detector", "null");
    assert_option(options, "safety_margin_px", "eyes=7.5,body=20");
    assert_option(options, "codec", "ffv1");
    assert_true(vanon_options_given(options, "codec"));
    assert_false(vanon_options_given(options, "preset"));
    vanon_options_destroy(&options);
}

static void null_is_the_default(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "batch_size", "4", "4");
    assert_sets(options, "parts", "eyes", "eyes");
    assert_sets(options, "input", "x", "x");
    assert_sets(options, "detector", "null", "null");
    assert_int_equal(load(options, "batch_size: null\nparts: ~\ninput:\ndetector: ~\nkeep: []\n"),
                     VANON_OK);
    assert_option(options, "batch_size", "auto");
    assert_option(options, "parts", "eyes,elbows");
    assert_option(options, "input", "");
    assert_option(options, "detector", "openvino");
    assert_option(options, "keep", "none");
    assert_false(vanon_options_given(options, "batch_size"));
    assert_int_equal(load(options, "batch_size: 'null'\n"), VANON_ERR_OPTION);
    assert_message("config.yaml:1: batch_size: 'null' is not allowed");
    vanon_options_destroy(&options);
}

static void files_with_nothing(void **state)
{
    static const char *const nothing[] = {"",   "\n\n", "# only a comment\n", "---\n",
                                          "{}", "~\n",  "\xEF\xBB\xBF",       "--- null\n...\n"};
    vanon_options *options = create(), *untouched = create();

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(nothing); i++) {
        if (load(options, nothing[i]))
            fail_msg("'%s' was refused: %s", nothing[i], unit_message);
        assert_all_equal(options, untouched);
    }
    vanon_options_destroy(&options);
    vanon_options_destroy(&untouched);
}

static void broken_yaml(void **state)
{
    static const struct {
        const char *yaml, *message; /* after the file's name */
    } broken[] = {
        {"a: 1\nstyel: solid\n", ":1: unknown option 'a'"},
        {"confidence: 0.5\n\nstyel: solid\n", ":3: unknown option 'styel'; did you mean 'style'?"},
        {"confidence: 0.5\nstyle: blurr\n", ":2: style: 'blurr' is not allowed; " STYLES},
        {"input: a\nttl_frames: 3\ninput: b\n", ":3: input: given twice; first in line 1"},
        {"input: {a: b}\n", ":1: input: a mapping is not allowed; one value is expected"},
        {"\nconfidence: [0.5]\n", ":2: confidence: a list is not allowed; one value is expected"},
        {"parts: {eyes: true}\n",
         ":1: parts: a mapping is not allowed; one value is expected, or a list"},
        {"style: [mosaic]\n", ":1: style: a list is not allowed; one value is expected, or a "
                              "mapping of parts to values"},
        {"safety_margin_px: [20]\n",
         ":1: safety_margin_px: a list is not allowed; one value is expected, or a mapping of "
         "parts to values"},
        {"safety_margin_px: {eyes: 20, body: x}\n", ":1: safety_margin_px: 'x' is not allowed"},
        {"parts:\n - eyes\n - [elbows]\n",
         ":3: parts: a list or mapping is not allowed here; one word is expected"},
        {"style: {eyes: [solid]}\n",
         ":1: style: a list or mapping is not allowed here; one word is expected"},
        {"style: {eyes: solid, eyes: mosaic}\n", ":1: style: part 'eyes' is given twice"},
        {"style: {}\n", ":1: style: '' is not allowed"},
        {"parts: []\n", ":1: parts: '' is not allowed; " PARTS},
        {"[a, b]: c\n", ":1: a list or mapping is not allowed as a key"},
        {"- input\n", ":1: a configuration is a mapping"},
        {"just words\n", ":1: a configuration is a mapping"},
        {"input: &x a\n", ":1: input: anchors (&name) are not allowed"},
        {"parts: &x [eyes]\n", ":1: parts: anchors (&name) are not allowed"},
        {"&x input: a\n", ":1: anchors (&name) are not allowed"},
        {"input: a\noutput: *x\n", ":2: output: aliases (*name) are not allowed"},
        {"*x : a\n", ":1: aliases (*name) are not allowed"},
        {"input: !!python/name:os.system a\n", ":1: input: tags (!name) are not allowed"},
        {"!!map {input: a}\n", ":1: tags (!name) are not allowed"},
        {"input: a\n---\noutput: b\n", ":2: a second document is not allowed"},
        {"input: a\n  output: b\n", ":2: broken YAML: "},
        {"parts: [eyes\noutput: b\n", ": broken YAML: "},
        {"input: 'a\n", ": broken YAML: "},
        {"input: a: b\n", ":1: broken YAML: "},
        {"input:\n\toutput: b\n",
         ":2: broken YAML: found character that cannot start any token (indent with spaces, not "
         "with a tab)"},
        {"input: \"a\\0b\"\n", ":1: input: a zero byte is not allowed"},
        {"input: a\noutput: \xFF\xFE\n", ":2: broken YAML: "},
        {"input: a\x01\n", ":1: broken YAML: "},
    };
    vanon_options *options = create(), *untouched = create();

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(broken); i++) {
        if (load(options, broken[i].yaml) != VANON_ERR_OPTION)
            fail_msg("'%s' was not refused", broken[i].yaml);
        assert_message("/config.yaml", broken[i].message);
        assert_all_equal(options, untouched);
    }
    vanon_options_destroy(&options);
    vanon_options_destroy(&untouched);
}

/* What was right before the fault is not kept, and earlier settings are. */
static void loads_all_or_nothing(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "output", "before.mp4", "before.mp4");
    assert_int_equal(load(options, "input: a\noutput: b\nstyle: solid\nbatch_size: 65\n"),
                     VANON_ERR_OPTION);
    assert_message("/config.yaml:4: batch_size: '65' is not allowed; auto or a whole number from "
                   "1 to 64");
    assert_option(options, "input", "");
    assert_option(options, "output", "before.mp4");
    assert_option(options, "style", "mosaic");
    assert_false(vanon_options_given(options, "input"));
    assert_int_equal(load(options, "input: a\n"), VANON_OK);
    assert_option(options, "input", "a");
    assert_option(options, "output", "before.mp4");
    vanon_options_destroy(&options);
}

static void files_that_are_none(void **state)
{
    static const char binary[] = "\x7F"
                                 "ELF\x02\x01\x01\0\0\0";
    vanon_options *options = create();
    size_t large = 10 << 20;
    char *bytes = calloc(large, 1);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(vanon_options_load(options, "/nonexistent/config.yaml"), VANON_ERR_IO);
    assert_string_equal(unit_message, "/nonexistent/config.yaml: No such file or directory");
    assert_int_equal(vanon_options_load(options, folder), VANON_ERR_IO);
    assert_message(folder, ": is a folder");
    write_bytes(binary, sizeof binary);
    assert_int_equal(vanon_options_load(options, file_path), VANON_ERR_OPTION);
    assert_message("/config.yaml:1: broken YAML: control characters are not allowed");
    memset(bytes, '#', large);
    write_bytes(bytes, large);
    assert_int_equal(vanon_options_load(options, file_path), VANON_ERR_OPTION);
    assert_message("/config.yaml: is larger than 1 MiB");
    write_bytes(bytes, 1 << 20);
    assert_int_equal(vanon_options_load(options, file_path), VANON_OK);
    memset(bytes, '[', large);
    write_bytes(bytes, 1 << 20);
    assert_int_equal(vanon_options_load(options, file_path), VANON_ERR_OPTION);
    free(bytes);
    vanon_options_destroy(&options);
}

static void unreadable_file(void **state)
{
    vanon_options *options = create();

    (void)state;
    write_bytes("input: a\n", 9);
    assert_int_equal(chmod(file_path, 0), 0);
    if (geteuid()) {
        assert_int_equal(vanon_options_load(options, file_path), VANON_ERR_IO);
        assert_message("/config.yaml: Permission denied");
    } else { /* root reads all */
        assert_int_equal(vanon_options_load(options, file_path), VANON_OK);
    }
    assert_int_equal(chmod(file_path, 0600), 0);
    vanon_options_destroy(&options);
}

static void shipped_configurations(void **state)
{
    static const char *const names[] = {"gpu_optimized", "cpu_optimized"};
    static const char *const keys[] = {"input",          "output",           "parts",
                                       "style",          "safety_margin_px", "ttl_frames",
                                       "pose_model",     "eye_cascade",      "face_cascade",
                                       "log_every",      "batch_size",       "confidence",
                                       "iou_threshold",  "max_det",          "imgsz",
                                       "half_precision", "device",           "cpu_threads",
                                       "opencv_threads", "frame_queue_size", "result_queue_size"};
    char path[512], line[256], key[64];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(names); i++) {
        vanon_options *options = create();
        unsigned found = 0;
        FILE *file;

        snprintf(path, sizeof path, "%s/configs/%s.yaml", VANON_SOURCE_ROOT, names[i]);
        assert_int_equal(vanon_options_load(options, path), VANON_OK);
        assert_string_equal(unit_message, "");
        assert_int_equal(vanon_options_check(options), VANON_OK);
        file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file))
            for (size_t j = 0; j < VANON_COUNT(keys); j++) {
                snprintf(key, sizeof key, "%s:", keys[j]);
                found |= !strncmp(line, key, strlen(key)) ? 1U << j : 0;
            }
        fclose(file);
        assert_int_equal(found, (1U << VANON_COUNT(keys)) - 1);
        vanon_options_destroy(&options);
    }
}

static void whole_set(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "detector", "replay", "replay");
    assert_int_equal(vanon_options_check(options), VANON_ERR_OPTION);
    assert_message("detector: 'replay' needs the option sidecar");
    assert_sets(options, "sidecar", "people.jsonl", "people.jsonl");
    assert_int_equal(vanon_options_check(options), VANON_OK);
    assert_sets(options, "output", "people.jsonl", "people.jsonl");
    assert_int_equal(vanon_options_check(options), VANON_ERR_OPTION);
    assert_string_equal(unit_message, "output and sidecar are the same file, people.jsonl");
    assert_sets(options, "output", "", "");
    assert_sets(options, "detector", "null", "null");
    assert_int_equal(vanon_options_check(options), VANON_ERR_OPTION);
    assert_message("sidecar: people.jsonl would not be read");
    assert_sets(options, "sidecar", "", "");
    assert_sets(options, "input", "a.mp4", "a.mp4");
    assert_sets(options, "report", "a.mp4", "a.mp4");
    assert_int_equal(vanon_options_check(options), VANON_ERR_OPTION);
    assert_string_equal(unit_message, "report and input are the same file, a.mp4");
    assert_sets(options, "report", "", "");
    assert_sets(options, "half_precision", "true", "true");
    assert_int_equal(vanon_options_check(options), VANON_OK);
    assert_string_equal(unit_message, "");
    assert_sets(options, "exact_styles", "true", "true");
    assert_int_equal(vanon_options_check(options), VANON_OK);
    assert_message("exact_styles: kernels of a fixed size can be undone");
    assert_sets(options, "exact_styles", "false", "false");
    assert_sets(options, "precision", "f32", "f32");
    assert_int_equal(vanon_options_check(options), VANON_OK);
    assert_string_equal(unit_message, "half_precision is ignored: precision is f32");
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_yaml),
        cmocka_unit_test(null_is_the_default),
        cmocka_unit_test(files_with_nothing),
        cmocka_unit_test(broken_yaml),
        cmocka_unit_test(loads_all_or_nothing),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(unreadable_file),
        cmocka_unit_test(shipped_configurations),
        cmocka_unit_test(whole_set),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
