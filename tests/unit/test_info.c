/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine can do, and what is said of what it lacks. */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include <vanon/info.h>

#define SHIPPED "bf620f50c9f4523909f62778a313eb6d22d0b1b4248bb1d496606c3aa46383aa"

static vanon_info *look(const vanon_options *options)
{
    vanon_info *info;

    assert_int_equal(vanon_info_create(&info, options), VANON_OK);
    return info;
}

static const vanon_info_row *find(const vanon_info *info, const char *section, const char *name)
{
    const vanon_info_row *row;

    for (size_t i = 0; (row = vanon_info_at(info, i)); i++)
        if (!strcmp(row->section, section) && !strcmp(row->name, name))
            return row;
    fail_msg("no row %s in %s", name, section);
    return NULL;
}

static void what_is_there(void **state)
{
    static const char *const libraries[] = {"libavcodec", "openvino", "libyaml",
                                            "jansson",    "expat",    "nettle"};
    vanon_info *info = look(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        const vanon_info_row *row = find(info, "libraries", libraries[i]);

        assert_true(row->there);
        assert_in_range(row->value[0], '0', '9');
    }
    assert_string_equal(find(info, "build", "version")->value, vanon_version());
    assert_in_range(find(info, "machine", "processors")->number, 1, 100000);
    assert_in_range(find(info, "machine", "memory_mib")->number, 64, INT64_MAX);
    assert_int_equal(find(info, "build", "version")->number, -1);
    assert_true(find(info, "devices", "CPU")->there);
    assert_non_null(strstr(find(info, "devices", "CPU")->note, "FP32"));
    assert_false(find(info, "plugins", "cuda")->there);
    assert_string_equal(find(info, "encoders", "ffv1")->value, "ffv1");
    assert_string_equal(find(info, "decoders", "mjpeg")->value, "mjpeg");
    assert_string_equal(find(info, "containers", ".mkv")->value, "matroska");
    assert_string_equal(find(info, "pixel_formats", "yuv420p10le")->value, "");
    vanon_info_destroy(&info);
    assert_null(info);
    vanon_info_destroy(&info);
}

/* A section's rows follow each other, and no name stands twice in it. */
static void sections_are_whole(void **state)
{
    vanon_info *info = look(NULL);
    const vanon_info_row *row, *other;
    size_t count = 0;

    (void)state;
    while (vanon_info_at(info, count))
        count++;
    for (size_t i = 0; (row = vanon_info_at(info, i)); i++)
        for (size_t j = i + 1; (other = vanon_info_at(info, j)); j++) {
            bool same = !strcmp(row->section, other->section);

            assert_false(same && !strcmp(row->name, other->name));
            assert_false(same && strcmp(row->section, vanon_info_at(info, j - 1)->section));
        }
    assert_true(count > 50);
    assert_null(vanon_info_at(info, count));
    assert_null(vanon_info_at(info, (size_t)-1));
    vanon_info_destroy(&info);
}

static void shipped_model(void **state)
{
    vanon_info *info = look(NULL);

    (void)state;
    assert_non_null(strstr(find(info, "model", "pose_model")->value, "yolov8n-pose.onnx"));
    assert_string_equal(find(info, "model", "sha256")->value, SHIPPED);
    assert_string_equal(find(info, "model", "sha256")->note, "the shipped model, unaltered");
    vanon_info_destroy(&info);
}

static void altered_model(void **state)
{
    char folder[] = "/tmp/vanon-info-XXXXXX", path[64];
    vanon_info *info;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/yolov8n-pose.onnx", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("\x08no model", file);
    fclose(file);
    setenv("VANON_MODELS", folder, 1);
    info = look(NULL);
    unsetenv("VANON_MODELS");
    unlink(path);
    rmdir(folder);
    assert_false(find(info, "model", "pose_model")->there);
    assert_non_null(strstr(find(info, "model", "pose_model")->note, "altered or damaged"));
    vanon_info_destroy(&info);
}

static void missing_files(void **state)
{
    vanon_options *options;
    vanon_info *info;

    (void)state;
    assert_int_equal(vanon_options_create(&options, NULL), VANON_OK);
    assert_int_equal(vanon_options_set(options, "pose_model", "/no/such.onnx"), VANON_OK);
    assert_int_equal(vanon_options_set(options, "eye_cascade", "/no/such.xml"), VANON_OK);
    info = look(options);
    vanon_options_destroy(&options);
    assert_false(find(info, "model", "pose_model")->there);
    assert_non_null(strstr(find(info, "model", "pose_model")->note, "/no/such.onnx"));
    assert_false(find(info, "cascades", "eye_cascade")->there);
    assert_non_null(strstr(find(info, "cascades", "eye_cascade")->note, "opencv-data"));
    vanon_info_destroy(&info);
}

static void as_json(void **state)
{
    vanon_info *info = look(NULL);
    const vanon_info_row *row;
    json_t *all = json_loads(vanon_info_json(info), 0, NULL), *rows;
    size_t count = 0, index;
    const char *section;
    json_t *value;

    (void)state;
    assert_non_null(all);
    json_object_foreach(all, section, rows) json_array_foreach(rows, index, value)
    {
        const char *name = json_string_value(json_object_get(value, "name"));

        row = find(info, section, name);
        assert_int_equal(json_is_true(json_object_get(value, "there")), row->there);
        assert_string_equal(json_string_value(json_object_get(value, "note")), row->note);
        if (row->number < 0)
            assert_string_equal(json_string_value(json_object_get(value, "value")), row->value);
        else
            assert_int_equal(json_integer_value(json_object_get(value, "value")), row->number);
        count++;
    }
    assert_non_null(vanon_info_at(info, count - 1));
    assert_null(vanon_info_at(info, count));
    json_decref(all);
    vanon_info_destroy(&info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there), cmocka_unit_test(sections_are_whole),
        cmocka_unit_test(shipped_model), cmocka_unit_test(altered_model),
        cmocka_unit_test(missing_files), cmocka_unit_test(as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
