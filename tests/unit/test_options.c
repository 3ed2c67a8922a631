/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <limits.h>
#include <locale.h>

#include "options_fixture.h"

static void defaults(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_string_equal(options->input, "");
    assert_string_equal(options->output, "");
    assert_string_equal(options->report, "");
    assert_string_equal(options->sidecar, "");
    assert_false(options->overwrite || options->quiet || options->json || options->expect_people);
    assert_int_equal(options->log_every, 30);
    assert_int_equal(options->detector, VANON_DETECTOR_OPENVINO);
    assert_string_equal(options->pose_model, "yolov8n-pose.pt");
    assert_true(options->confidence == 0.3);
    assert_true(options->iou_threshold == 0.7);
    assert_int_equal(options->max_det, 300);
    assert_int_equal(options->imgsz, VANON_AUTO);
    assert_int_equal(options->precision, VANON_PRECISION_AUTO);
    assert_int_equal(options->half_precision, VANON_HALF_AUTO);
    assert_int_equal(options->device.kind, VANON_DEVICE_AUTO);
    assert_int_equal(options->detect_every, 1);
    assert_int_equal(options->parts, 1 << VANON_PART_EYES | 1 << VANON_PART_ELBOWS);
    for (int i = 0; i < VANON_PARTS; i++)
        assert_int_equal(options->style[i], VANON_STYLE_MOSAIC);
    assert_int_equal(options->mosaic_block, 16);
    for (int i = 0; i < VANON_PARTS; i++)
        assert_true(options->safety_margin_px[i] == 12);
    assert_int_equal(options->blur_kernel, VANON_AUTO);
    assert_false(options->exact_styles);
    assert_int_equal(options->ttl_frames, 5);
    assert_int_equal(options->on_error, VANON_ON_ERROR_STOP);
    assert_string_equal(options->codec, "auto");
    assert_string_equal(options->preset, "");
    assert_true(options->crf < 0);
    assert_string_equal(options->pixel_format, "auto");
    assert_int_equal(options->audio, VANON_AUDIO_COPY);
    assert_int_equal(options->keep, 0);
    assert_int_equal(options->pipeline, VANON_PIPELINE_CPU_GPU);
    assert_int_equal(options->batch_size, VANON_AUTO);
    assert_int_equal(options->max_frame_memory, 256);
    assert_int_equal(options->stall_seconds, 60);
    assert_int_equal(vanon_options_check(options), VANON_OK);
    vanon_options_destroy(&options);
    assert_null(options);
    vanon_options_destroy(&options);
}

/* Keys have flags of the same name, no name is used twice, and what the help shows as the default
 * is what the options start with. */
static void table_is_sound(void **state)
{
    vanon_options *options = create();
    const vanon_option_info *info, *other;

    (void)state;
    for (size_t i = 0; (info = vanon_option_table(i)); i++) {
        assert_option(options, info->key, info->initial);
        assert_false(vanon_options_given(options, info->key));
        assert_true(strlen(info->help) > 10 && info->help[strlen(info->help) - 1] == '.');
        assert_non_null(info->group);
        assert_null(strchr(info->flag, '_'));
        for (size_t j = 0; j < i; j++) {
            other = vanon_option_table(j);
            assert_string_not_equal(info->key, other->key);
            assert_string_not_equal(info->flag, other->flag);
            if (info->alias)
                assert_string_not_equal(info->alias, other->flag);
        }
    }
    assert_null(vanon_option_table(10000));
    vanon_options_destroy(&options);
}

/* Where the help shows words as "a|b|c", each in lower case is a value that reads back. */
static void shown_values_are_allowed(void **state)
{
    vanon_options *options = create();
    const vanon_option_info *info;
    char words[128], *rest, *word;
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; (info = vanon_option_table(i)); i++) {
        snprintf(words, sizeof words, "%s", info->value ? info->value : "");
        if (!strchr(words, '|'))
            continue;
        for (word = strtok_r(words, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
            if (word[strcspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
                continue;
            assert_sets(options, info->key, word, word);
            tried++;
        }
    }
    assert_true(tried > 20);
    vanon_options_destroy(&options);
}

static void numbers(void **state)
{
    static const char confidence[] = "is not allowed; a number from 0 to 1";
    static const char *const bad[] = {"1.1",   "-0.1", "0.5x", " 0.5", "0.5 ", "",    ".",   "nan",
                                      "inf",   "-inf", "0x1",  "1e",   "1e+",  "e1",  "0,5", "+0.5",
                                      "1e999", "-",    "0.5.", "1_0",  "1 e1", "--1", "NaN"};
    vanon_options *options = create();
    char message[128];

    (void)state;
    assert_sets(options, "confidence", "0.5", "0.5");
    assert_sets(options, "confidence", "1", "1");
    assert_sets(options, "confidence", "0", "0");
    assert_sets(options, "confidence", "-0", "0");
    assert_sets(options, "confidence", "1e-3", "0.001");
    assert_sets(options, "confidence", ".25", "0.25");
    assert_sets(options, "confidence", "1e-999", "0");
    assert_sets(options, "confidence", "0.30000000000000004", "0.30000000000000004");
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        snprintf(message, sizeof message, "confidence: '%s' %s", bad[i], confidence);
        assert_refuses(options, "confidence", bad[i], message);
    }
    assert_sets(options, "safety_margin_px", "12.5", "12.5");
    assert_refuses(options, "safety_margin_px", "1000.5",
                   "safety_margin_px: '1000.5' is not allowed; a number from 0 to 1000");
    assert_sets(options, "crf", "0", "0");
    assert_sets(options, "crf", "auto", "auto");
    assert_sets(options, "crf", "-1", "auto");
    assert_refuses(options, "crf", "-0.5",
                   "crf: '-0.5' is not allowed; auto or a number from 0 to 63");
    vanon_options_destroy(&options);
}

static void whole_numbers(void **state)
{
    static const char *const bad[] = {"0",          "65", "-1",  "4.0", "4 ",
                                      "4x",         "",   "0x4", "1e1", "99999999999999999999999",
                                      "4294967297", "+4", "none"};
    vanon_options *options = create();
    char message[128];

    (void)state;
    assert_sets(options, "batch_size", "64", "64");
    assert_sets(options, "batch_size", "007", "7");
    assert_sets(options, "batch_size", "auto", "auto");
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        snprintf(message, sizeof message,
                 "batch_size: '%s' is not allowed; auto or a whole number from 1 to 64", bad[i]);
        assert_refuses(options, "batch_size", bad[i], message);
    }
    assert_refuses(options, "max_det", "auto",
                   "max_det: 'auto' is not allowed; a whole number from 1 to 100000");
    assert_sets(options, "detect_every", "1", "1");
    assert_sets(options, "detect_every", "8", "8");
    assert_sets(options, "detect_every", "auto", "auto");
    assert_refuses(options, "detect_every", "9",
                   "detect_every: '9' is not allowed; auto or a whole number from 1 to 8");
    vanon_options_destroy(&options);
}

static void limits(void **state)
{
    static const struct {
        const char *key, *least, *most, *below, *above;
    } limit[] = {
        {"mosaic_block", "2", "256", "1", "257"},
        {"safety_margin_px", "0", "1000", "-1", "1001"},
        {"ttl_frames", "0", "10000", "-1", "10001"},
        {"frame_queue_size", "1", "32", "0", "33"},
        {"result_queue_size", "1", "32", "0", "33"},
        {"max_frame_memory", "16", "65536", "15", "65537"},
        {"stall_seconds", "0", "86400", "-1", "86401"},
        {"log_every", "0", "1000000000", "-1", "1000000001"},
        {"iou_threshold", "0", "1", "-1", "1.01"},
        {"max_det", "1", "100000", "0", "100001"},
        {"cpu_threads", "1", "1024", "0", "1025"},
    };
    vanon_options *options = create();

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(limit); i++) {
        assert_sets(options, limit[i].key, limit[i].least, limit[i].least);
        assert_sets(options, limit[i].key, limit[i].most, limit[i].most);
        assert_int_equal(vanon_options_set(options, limit[i].key, limit[i].below),
                         VANON_ERR_OPTION);
        assert_int_equal(vanon_options_set(options, limit[i].key, limit[i].above),
                         VANON_ERR_OPTION);
        assert_option(options, limit[i].key, limit[i].most);
    }
    vanon_options_destroy(&options);
}

static void network_size_is_rounded_up(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "imgsz", "640", "640");
    assert_sets(options, "imgsz", "4096", "4096");
    assert_int_equal(vanon_options_set(options, "imgsz", "641"), VANON_OK);
    assert_string_equal(unit_message, "imgsz: 641 is rounded up to 672, a multiple of 32");
    assert_int_equal(options->imgsz, 672);
    assert_int_equal(vanon_options_set(options, "imgsz", "16"), VANON_OK);
    assert_int_equal(options->imgsz, 32);
    assert_refuses(options, "imgsz", "4097",
                   "imgsz: '4097' is not allowed; auto or a whole number from 16 to 4096");
    assert_refuses(options, "imgsz", "15",
                   "imgsz: '15' is not allowed; auto or a whole number from 16 to 4096");
    vanon_options_destroy(&options);
}

static void words(void **state)
{
    static const char *const yes[] = {"true", "yes", "on", "1", "True", "YES"};
    static const char *const no[] = {"false", "no", "off", "0", "False", "OFF"};
    vanon_options *options = create();

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(yes); i++) {
        assert_sets(options, "overwrite", yes[i], "true");
        assert_true(options->overwrite);
        assert_sets(options, "overwrite", no[i], "false");
        assert_false(options->overwrite);
        assert_sets(options, "half_precision", yes[i], "true");
        assert_sets(options, "half_precision", no[i], "false");
    }
    assert_refuses(options, "overwrite", "maybe",
                   "overwrite: 'maybe' is not allowed; one of true, false");
    assert_refuses(options, "overwrite", "", "overwrite: '' is not allowed; one of true, false");
    assert_sets(options, "pipeline", "speed", "ultra");
    assert_refuses(options, "pipeline", "turbo",
                   "pipeline: 'turbo' is not allowed; one of cpu-gpu, batch, ultra, multithread");
    assert_refuses(options, "precision", "f3",
                   "precision: 'f3' is not allowed; one of auto, f32, bf16, f16, int8");
    assert_refuses(options, "precision", "f322",
                   "precision: 'f322' is not allowed; one of auto, f32, bf16, f16, int8");
    assert_sets(options, "detector", "null", "null");
    assert_sets(options, "on_error", "hide", "hide");
    assert_sets(options, "audio", "drop", "drop");
    assert_string_equal(vanon_style_name(VANON_STYLE_SOLID), "solid");
    assert_string_equal(vanon_precision_name(VANON_PRECISION_BF16), "bf16");
    vanon_options_destroy(&options);
}

static void lists(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "parts", "elbows", "elbows");
    assert_int_equal(options->parts, 1 << VANON_PART_ELBOWS);
    assert_sets(options, "parts", " elbows , eyes ", "eyes,elbows");
    assert_sets(options, "parts", "body,head", "head,body");
    assert_sets(options, "parts", "all", "all");
    for (int i = 0; i < VANON_PARTS; i++)
        assert_true(options->parts & 1u << i);
    assert_int_equal(options->parts >> VANON_PARTS, 0);
    assert_sets(options, "parts", "eyes,ALL", "all");
    assert_refuses(options, "parts", "eyes,nose", "parts: 'nose' is not allowed; " PARTS);
    assert_refuses(options, "parts", "frame", "parts: 'frame' is not allowed; " PARTS);
    assert_refuses(options, "parts", "", "parts: '' is not allowed; " PARTS);
    assert_refuses(options, "parts", "eyes,", "parts: '' is not allowed; " PARTS);
    assert_sets(options, "keep", "cover,tags", "tags,cover");
    assert_int_equal(options->keep, VANON_KEEP_TAGS | VANON_KEEP_COVER);
    assert_sets(options, "keep", "tags,data,attachments,cover,video",
                "tags,data,attachments,cover,video");
    assert_refuses(options, "keep", "tags,none",
                   "keep: 'none' is not allowed; a list of none, tags, data, attachments, cover, "
                   "video");
    assert_sets(options, "keep", "none", "none");
    assert_sets(options, "keep", "", "none");
    vanon_options_destroy(&options);
}

static void styles(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "style", "solid", "solid");
    assert_int_equal(options->style[VANON_PART_EYES], VANON_STYLE_SOLID);
    assert_int_equal(options->style[VANON_PART_BODY], VANON_STYLE_SOLID);
    assert_sets(options, "style", "eyes=solid, elbows=mosaic", "eyes=solid");
    assert_int_equal(options->style[VANON_PART_EYES], VANON_STYLE_SOLID);
    assert_int_equal(options->style[VANON_PART_ELBOWS], VANON_STYLE_MOSAIC);
    assert_int_equal(options->style[VANON_PART_BODY], VANON_STYLE_MOSAIC);
    assert_sets(options, "style", "body=boxblur,head=gaussian,knees=pixelate",
                "head=gaussian,knees=pixelate,body=boxblur");
    assert_sets(options, "style", "eyes=mosaic", "mosaic");
    assert_sets(options, "style", "region=solid", "region=solid");
    assert_int_equal(options->style[VANON_PART_REGION], VANON_STYLE_SOLID);
    assert_refuses(options, "style", "blurr", "style: 'blurr' is not allowed; " STYLES);
    assert_refuses(options, "style", "eyes=blurr", "style: 'blurr' is not allowed; " STYLES);
    assert_refuses(options, "style", "eyes=mosaic,solid", "style: 'solid' is not allowed; " STYLES);
    assert_refuses(options, "style", "", "style: '' is not allowed; " STYLES);
    assert_refuses(options, "style", "nose=solid",
                   "style: part 'nose' is not allowed; " EACH_STYLED);
    assert_refuses(options, "style", "all=solid", "style: part 'all' is not allowed; " EACH_STYLED);
    assert_refuses(options, "style", "eyes=solid,eyes=mosaic",
                   "style: part 'eyes' is given twice; " EACH_STYLED);
    vanon_options_destroy(&options);
}

static void margins(void **state)
{
    static const char *const bad[] = {"-1", "1001", "x", "", "nan", "12px", "1e999"};
    char text[96], message[192];
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "safety_margin_px", "7.5", "7.5");
    assert_true(options->safety_margin_px[VANON_PART_EYES] == 7.5);
    assert_true(options->safety_margin_px[VANON_PART_BODY] == 7.5);
    assert_sets(options, "safety_margin_px", " body = 5,eyes=20.25", "eyes=20.25,body=5");
    assert_true(options->safety_margin_px[VANON_PART_EYES] == 20.25);
    assert_true(options->safety_margin_px[VANON_PART_ELBOWS] == 12);
    assert_true(options->safety_margin_px[VANON_PART_BODY] == 5);
    assert_sets(options, "safety_margin_px", "eyes=12", "12");
    assert_sets(options, "safety_margin_px", "eyes=0.30000000000000004",
                "eyes=0.30000000000000004");
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        snprintf(text, sizeof text, "elbows=1,eyes=%s", bad[i]);
        snprintf(message, sizeof message,
                 "safety_margin_px: '%s' is not allowed; a number from 0 to 1000", bad[i]);
        assert_refuses(options, "safety_margin_px", text, message);
    }
    assert_refuses(options, "safety_margin_px", "eyes=3,4",
                   "safety_margin_px: '4' is not allowed; a number from 0 to 1000");
    assert_refuses(options, "safety_margin_px", "nose=3",
                   "safety_margin_px: part 'nose' is not allowed; " EACH);
    assert_refuses(options, "safety_margin_px", "eyes=3,eyes=3",
                   "safety_margin_px: part 'eyes' is given twice; " EACH);
    /* Longer than any number needs to be. */
    snprintf(text, sizeof text, "eyes=1.%070d", 0);
    assert_int_equal(vanon_options_set(options, "safety_margin_px", text), VANON_ERR_OPTION);
    assert_option(options, "safety_margin_px", "eyes=0.30000000000000004");
    vanon_options_destroy(&options);
}

static void kernels(void **state)
{
    static const char *const bad[] = {"24", "1", "2", "0", "1001", "-3", "25.0", "x"};
    vanon_options *options = create();
    char message[128];

    (void)state;
    assert_int_equal(options->blur_kernel, VANON_AUTO);
    assert_sets(options, "blur_kernel", "3", "3");
    assert_sets(options, "blur_kernel", "999", "999");
    assert_int_equal(options->blur_kernel, 999);
    assert_sets(options, "blur_kernel", "auto", "auto");
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        snprintf(message, sizeof message,
                 "blur_kernel: '%s' is not allowed; auto or an odd number from 3 to 999", bad[i]);
        assert_refuses(options, "blur_kernel", bad[i], message);
    }
    vanon_options_destroy(&options);
}

static void devices(void **state)
{
    static const char *const bad[] = {"tpu", "cuda", "cuda:", "cuda:x", "cuda:-1",
                                      "-1",  "256",  "1.0",   "",       "cuda:0,1"};
    vanon_options *options = create();
    char message[128];

    (void)state;
    assert_sets(options, "device", "cpu", "cpu");
    assert_int_equal(options->device.kind, VANON_DEVICE_CPU);
    assert_sets(options, "device", "CPU", "cpu");
    assert_sets(options, "device", "0", "0");
    assert_int_equal(options->device.kind, VANON_DEVICE_NUMBER);
    assert_sets(options, "device", "cuda:3", "cuda:3");
    assert_int_equal(options->device.kind, VANON_DEVICE_CUDA);
    assert_int_equal(options->device.number, 3);
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        snprintf(message, sizeof message,
                 "device: '%s' is not allowed; auto, cpu, gpu, npu, a GPU's number, or cuda: and "
                 "its number",
                 bad[i]);
        assert_refuses(options, "device", bad[i], message);
    }
    vanon_options_destroy(&options);
}

static void strings(void **state)
{
    vanon_options *options = create();
    char small[4], long_value[2000];

    (void)state;
    assert_sets(options, "input", "a b/ä.mp4", "a b/ä.mp4");
    assert_sets(options, "input", "", "");
    assert_sets(options, "codec", "libx265", "libx265");
    assert_refuses(options, "codec", "", "codec: '' is not allowed; it can't be empty");
    assert_int_equal(vanon_options_get(options, "codec", small, sizeof small), 7);
    assert_string_equal(small, "lib");
    assert_int_equal(vanon_options_get(options, "codec", NULL, 0), 7);
    memset(small, 'x', sizeof small);
    assert_int_equal(vanon_options_get(options, "input", small, sizeof small), 0);
    assert_string_equal(small, "");

    /* A message stays short and printable whatever the value is. */
    memset(long_value, 'y', sizeof long_value);
    long_value[sizeof long_value - 1] = '\0';
    long_value[0] = '\n';
    assert_int_equal(vanon_options_set(options, "audio", long_value), VANON_ERR_OPTION);
    assert_message("audio: '?yyy", "yyy...' is not allowed; one of copy, aac, drop, mute");
    assert_true(strlen(unit_message) < 160);
    vanon_options_destroy(&options);
}

static void unknown_keys(void **state)
{
    vanon_options *options = create();
    char text[8];

    (void)state;
    assert_int_equal(vanon_options_set(options, "styel", "solid"), VANON_ERR_OPTION);
    assert_string_equal(unit_message, "unknown option 'styel'; did you mean 'style'?");
    assert_int_equal(vanon_options_set(options, "safety_margin", "1"), VANON_ERR_OPTION);
    assert_string_equal(unit_message,
                        "unknown option 'safety_margin'; did you mean 'safety_margin_px'?");
    assert_int_equal(vanon_options_set(options, "wholly-other", "1"), VANON_ERR_OPTION);
    assert_message("unknown option 'wholly-other'; one of input, output, ", ", max_frame_memory");
    assert_int_equal(vanon_options_get(options, "", text, sizeof text), VANON_ERR_OPTION);
    assert_false(vanon_options_given(options, "styel"));
    assert_int_equal(vanon_options_set_at(options, "--styel: ", "styel", "1"), VANON_ERR_OPTION);
    assert_string_equal(unit_message, "--styel: unknown option 'styel'; did you mean 'style'?");
    vanon_options_destroy(&options);
}

static void places(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_int_equal(vanon_options_set_at(options, "a.yaml:12: ", "ttl_frames", "x"),
                     VANON_ERR_OPTION);
    assert_string_equal(unit_message, "a.yaml:12: ttl_frames: 'x' is not allowed; a whole number "
                                      "from 0 to 10000");
    assert_int_equal(vanon_options_set_at(options, "--ttl: ", "ttl_frames", "x"), VANON_ERR_OPTION);
    assert_string_equal(unit_message, "--ttl: 'x' is not allowed; a whole number from 0 to 10000");
    vanon_options_destroy(&options);
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(vanon_option_distance("style", "style"), 0);
    assert_int_equal(vanon_option_distance("styel", "style"), 1);
    assert_int_equal(vanon_option_distance("stlye", "style"), 1);
    assert_int_equal(vanon_option_distance("batch-size", "batch_size"), 0);
    assert_int_equal(vanon_option_distance("bach_siz", "batch_size"), 2);
    assert_int_equal(vanon_option_distance("cfr", "crf"), 1);
    assert_int_equal(vanon_option_distance("xyz", "crf"), UINT_MAX);
    assert_int_equal(vanon_option_distance("", "crf"), UINT_MAX);
    assert_int_equal(
        vanon_option_distance("a-name-that-is-longer-than-any-name-of-an-option", "style"),
        UINT_MAX);
}

static void copies_share_nothing(void **state)
{
    vanon_options *options = create(), *copy;

    (void)state;
    assert_sets(options, "input", "a.mp4", "a.mp4");
    assert_sets(options, "keep", "tags", "tags");
    assert_int_equal(vanon_options_copy(&copy, options), VANON_OK);
    assert_all_equal(options, copy);
    assert_true(vanon_options_given(copy, "keep"));
    assert_false(vanon_options_given(copy, "output"));
    assert_sets(copy, "input", "b.mp4", "b.mp4");
    assert_option(options, "input", "a.mp4");
    vanon_options_destroy(&options);
    assert_option(copy, "input", "b.mp4");
    vanon_options_destroy(&copy);
}

/* Makes a locale with a decimal comma, whatever is installed, in the test's folder. */
static void make_locale(void)
{
    char command[256];

    snprintf(command, sizeof command,
             "cd %s && printf 'LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \"\"\ngrouping -1\n"
             "END LC_NUMERIC\n' > source && "
             "localedef -c -i ./source -f ANSI_X3.4-1968 ./comma 2> said; ls comma > /dev/null",
             folder);
    assert_int_equal(system(command), 0); /* localedef is of Debian's libc-bin, which all have */
    setenv("LOCPATH", folder, 1);
    assert_non_null(setlocale(LC_NUMERIC, "comma"));
    assert_string_equal(localeconv()->decimal_point, ",");
}

static void other_locale(void **state)
{
    vanon_options *options = create();
    char command[64];

    (void)state;
    make_locale();
    assert_sets(options, "confidence", "0.5", "0.5");
    assert_true(options->confidence == 0.5);
    assert_int_equal(vanon_options_set(options, "confidence", "0,5"), VANON_ERR_OPTION);
    setlocale(LC_NUMERIC, "C");
    snprintf(command, sizeof command, "cd %s && rm -r source said comma", folder);
    assert_int_equal(system(command), 0);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(shown_values_are_allowed),
        cmocka_unit_test(numbers),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(limits),
        cmocka_unit_test(network_size_is_rounded_up),
        cmocka_unit_test(words),
        cmocka_unit_test(lists),
        cmocka_unit_test(styles),
        cmocka_unit_test(margins),
        cmocka_unit_test(kernels),
        cmocka_unit_test(devices),
        cmocka_unit_test(strings),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(places),
        cmocka_unit_test(distances),
        cmocka_unit_test(copies_share_nothing),
        cmocka_unit_test(other_locale),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
