/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which detector `device` leads to: with no plugin, with a broken one, with one of another version,
 * and with one that works (the GPU plugin over its reference executor).
 */
#include "unit.h"

#include "detect/plugin.h"
#include "detector_fixture.h"

static char why[512];

static int no_plugin(void **state)
{
    (void)state;
    unsetenv("VANON_REFERENCE_DEVICES");
    return setenv("VANON_PLUGINS", folder, 1);
}

static int with_plugin(void **state)
{
    (void)state;
    unsetenv("VANON_REFERENCE_DEVICES");
    return setenv("VANON_PLUGINS", PLUGINS "/reference", 1);
}

/* The device that the detector reports for options of such values; "": it isn't made. */
static const char *device_of(const char *device, const char *precision)
{
    const char *const pairs[] = {"device", device, "precision", precision, NULL};
    static struct vanon_detector_info info;
    vanon_options *options = detect_options(pairs);
    vanon_detector *detector;

    info.device[0] = '\0';
    if (!create_with(&detector, options, 1, 1, 1)) {
        vanon_detector_get_info(detector, &info);
        vanon_detector_destroy(&detector);
    }
    vanon_options_destroy(&options);
    return info.device;
}

static void count_error(void *opaque, enum vanon_log_level level, const char *message)
{
    (void)message;
    *(size_t *)opaque += level == VANON_LOG_ERROR;
}

/* How many errors are logged of the GPU: what the CPU can't do either is its own. */
static size_t count_errors(const char *device, const char *precision)
{
    const char *const pairs[] = {"device", device, "precision", precision, NULL};
    vanon_options *options = detect_options(pairs);
    size_t errors = 0, of_the_cpu = 0;
    vanon_log log = {count_error, &errors, VANON_LOG_WARNING};
    struct vanon_detector_params params = {.options = options, .log = &log, .done = detect_done};
    vanon_detector *detector;

    vanon_detector_create(&detector, &params);
    vanon_detector_destroy(&detector);
    log.opaque = &of_the_cpu;
    if (strncmp(device, "cuda", 4)) {
        assert_int_equal(vanon_options_set(options, "device", "cpu"), VANON_OK);
        vanon_detector_create(&detector, &params);
        vanon_detector_destroy(&detector);
    }
    vanon_options_destroy(&options);
    return errors - of_the_cpu;
}

static void test_missing(void **state)
{
    const struct vanon_plugin *plugin;

    (void)state;
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_ERR_UNSUPPORTED);
    assert_non_null(strstr(why, "vanon_cuda.so"));
    assert_non_null(strstr(why, folder));
    unsetenv("VANON_PLUGINS");
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_ERR_UNSUPPORTED);
    assert_non_null(strstr(why, "this build has no plugin"));
    assert_string_equal(device_of("cuda:0", "f32"), "");
    assert_message("device cuda:0", "this build has no plugin", "CUDA toolkit");
    assert_string_equal(device_of("2", "f32"), "CPU");
    assert_message("device 2", "this build has no plugin", "the CPU is used");
    assert_string_equal(device_of("auto", "f32"), "CPU");
    assert_string_equal(unit_message, "");
    assert_string_equal(device_of("cpu", "f32"), "CPU");
    assert_string_equal(unit_message, "");
}

static void test_broken(void **state)
{
    const struct vanon_plugin *plugin;

    (void)state;
    write_file("vanon_cuda.so", "no library", 10);
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_ERR_UNSUPPORTED);
    assert_non_null(strstr(why, "can't be loaded"));
    assert_non_null(strstr(why, "vanon_cuda.so"));
    assert_string_equal(device_of("auto", "f32"), "CPU");
}

static void test_other_version(void **state)
{
    const struct vanon_plugin *plugin;

    (void)state;
    assert_int_equal(setenv("VANON_PLUGINS", PLUGINS "/other", 1), 0);
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_ERR_UNSUPPORTED);
    assert_non_null(strstr(why, "another version of vanon"));
    assert_null(plugin);
    assert_string_equal(device_of("cuda:0", "f32"), "");
    assert_message("another version of vanon");
}

static void test_devices(void **state)
{
    static const char *const on_gpu[] = {"cuda:0", "0", "auto", "gpu"};
    const struct vanon_plugin *plugin;
    struct vanon_plugin_device device;

    (void)state;
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_OK);
    assert_int_equal(plugin->describe(0, &device, &unit_log), VANON_OK);
    assert_string_equal(device.name, "reference executor");
    for (size_t i = 0; i < VANON_COUNT(on_gpu); i++) {
        assert_string_equal(device_of(on_gpu[i], "f32"), "cuda:0");
        assert_string_equal(unit_message, "");
    }
    assert_string_equal(device_of("cpu", "f32"), "CPU");
    assert_string_equal(device_of("cuda:1", "f32"), "");
    assert_message("device cuda:1", "there are 1 GPUs");
    assert_string_equal(device_of("1", "f32"), "CPU");
    assert_message("device 1", "there are 1 GPUs", "the CPU is used");
}

/* What the GPU can't do, the CPU does, unless the GPU was insisted on. */
static void test_fallback(void **state)
{
    (void)state;
    assert_int_equal(count_errors("auto", "bf16"), 0);
    assert_int_equal(count_errors("cuda:0", "bf16"), 1);
    assert_string_equal(device_of("cuda:0", "bf16"), "");
    assert_message("precision bf16");
    assert_string_equal(device_of("cuda:0", "int8"), "");
    if (*device_of("cpu", "bf16")) { /* this CPU can */
        assert_string_equal(device_of("0", "bf16"), "CPU");
        assert_message("device 0", "precision bf16", "the CPU is used");
    }
    assert_int_equal(setenv("VANON_REFERENCE_DEVICES", "0", 1), 0);
    assert_string_equal(device_of("cuda:0", "f32"), "");
    assert_message("device cuda:0", "switched off");
    assert_string_equal(device_of("auto", "f32"), "CPU");
    assert_string_equal(unit_message, "");
}

/* A person that the plugin found is one to the library: the skeleton is the library's own. */
static void test_people(void **state)
{
    static const char *const pairs[] = {"device", "cuda:0", "precision", "f32",
                                        "imgsz",  "64",     NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *frame = grey_frame(64, 64, 114);
    vanon_object_list objects = {0};
    vanon_detector *detector;

    (void)state;
    assert_int_equal(vanon_options_set(options, "confidence", "0"), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_string_equal(detector->ops->name, "cuda");
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_true(objects.count > 0);
    assert_ptr_equal(objects.object[0].skeleton, &vanon_skeleton_coco17);
    vanon_object_list_free(&objects);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_missing, no_plugin),
        cmocka_unit_test_setup_teardown(test_broken, no_plugin, remove_files),
        cmocka_unit_test_setup(test_other_version, no_plugin),
        cmocka_unit_test_setup(test_devices, with_plugin),
        cmocka_unit_test_setup(test_fallback, with_plugin),
        cmocka_unit_test_setup(test_people, with_plugin),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
