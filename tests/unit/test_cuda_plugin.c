/* SPDX-License-Identifier: Apache-2.0 */
/* The CUDA plugin as it is built: it loads where there is no GPU and says so; what it stores of its
 * choices comes back, and nothing else does. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../../plugins/cuda/engine_store.h"
#include "detect/plugin.h"

/* The plugin */

static void test_loads_and_counts(void **state)
{
    const struct vanon_plugin *plugin;
    char why[256] = "";
    int count = -1, status;

    (void)state;
    assert_int_equal(setenv("VANON_PLUGINS", PLUGIN_FOLDER, 1), 0);
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_OK);
    status = plugin->count(&count, why, sizeof why);
    if (status) { /* no GPU here */
        assert_int_equal(status, VANON_ERR_UNSUPPORTED);
        assert_int_equal(count, 0);
        assert_non_null(strstr(why, "GPU"));
    } else {
        assert_true(count > 0);
    }
}

static void test_a_device_that_is_not_there(void **state)
{
    const struct vanon_plugin *plugin;
    struct vanon_plugin_device device;
    char why[256];

    (void)state;
    assert_int_equal(vanon_plugin_load(&plugin, "cuda", why, sizeof why), VANON_OK);
    unit_log_clear();
    assert_int_equal(plugin->describe(999, &device, &unit_log), VANON_ERR_UNSUPPORTED);
    assert_message("cuda");
}

/* Stored choices */

static char folder[] = "/tmp/vanon-store-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && !setenv("XDG_CACHE_HOME", folder, 1) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[256];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct vanon_engine engine_of(int channels)
{
    return (struct vanon_engine){.shape = {.batch = 4,
                                           .in_height = 80,
                                           .in_width = 60,
                                           .in_channels = channels,
                                           .in_step = 64,
                                           .out_height = 40,
                                           .out_width = 30,
                                           .out_channels = 32,
                                           .out_step = 96,
                                           .kernel_height = 3,
                                           .kernel_width = 3,
                                           .stride = 2,
                                           .pad = 1,
                                           .silu = true,
                                           .residual = true,
                                           .residual_step = 48}};
}

/* Two engines that were chosen, in a file of their own. */
static char *store_two(const char *name, struct vanon_engine engine[2])
{
    char *path = vanon_engine_store_path(name);

    assert_non_null(path);
    for (int i = 0; i < 2; i++) {
        engine[i] = engine_of(8 * (i + 1));
        engine[i].chosen = true;
        engine[i].microseconds = 12.5f;
    }
    engine[0].own = 3;
    engine[1].own = -1;
    engine[1].index = 2;
    engine[1].number = 7;
    engine[1].own_microseconds = 20;
    vanon_engine_store_write(path, engine, 2, &unit_log);
    return path;
}

static void test_choices_come_back(void **state)
{
    struct vanon_engine stored[2], read[3] = {engine_of(8), engine_of(16), engine_of(24)};
    char *path = store_two("a model, of 8/9", stored);
    struct stat info;

    (void)state;
    assert_non_null(strstr(path, "/vanon/cuda/a_model__of_8_9"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    vanon_engine_store_read(path, read, 3);
    assert_true(read[0].chosen && read[0].own == 3);
    assert_true(read[1].chosen && read[1].own == -1 && read[1].index == 2 && read[1].number == 7);
    assert_float_equal(read[1].microseconds, 12.5f, 0.01f);
    assert_float_equal(read[1].own_microseconds, 20, 0.01f);
    assert_false(read[2].chosen);
    free(path);
}

/* Every member tells shapes apart. */
static void test_another_shape_is_another_line(void **state)
{
    struct vanon_engine stored[2], other;
    char *path = store_two("shapes", stored);
    const size_t numbers = offsetof(struct vanon_conv_shape, silu) / sizeof(int);

    (void)state;
    for (size_t i = 0; i < numbers; i++) {
        other = engine_of(8);
        ((int *)&other.shape)[i]++;
        if (other.shape.in_channels == 9)
            other.shape.in_channels = 40;
        vanon_engine_store_read(path, &other, 1);
        assert_false(other.chosen);
    }
    other = engine_of(8);
    other.shape.silu = false;
    vanon_engine_store_read(path, &other, 1);
    assert_false(other.chosen);
    other = engine_of(8);
    other.shape.residual = false;
    other.shape.residual_step = 0;
    vanon_engine_store_read(path, &other, 1);
    assert_false(other.chosen);
    free(path);
}

static void test_other_lines_stay(void **state)
{
    struct vanon_engine stored[2], more = engine_of(64), read[3];
    char *path = store_two("more", stored);

    (void)state;
    more.own = 1;
    more.chosen = true;
    stored[0].own = 5; /* chosen anew */
    vanon_engine_store_write(path, &more, 1, &unit_log);
    vanon_engine_store_write(path, stored, 1, &unit_log);
    read[0] = engine_of(8);
    read[1] = engine_of(16);
    read[2] = engine_of(64);
    vanon_engine_store_read(path, read, 3);
    assert_true(read[0].chosen && read[0].own == 5);
    assert_true(read[1].chosen && read[1].number == 7);
    assert_true(read[2].chosen && read[2].own == 1);
    free(path);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_damage_is_not_taken(void **state)
{
    static const char *const texts[] = {
        "", "another file\n", "vanon convolution engines 1\n:\n: \n",
        "vanon convolution engines 1\n4 60x80: own\n", "vanon convolution engines 2\n"};
    struct vanon_engine stored[2], read = engine_of(8);
    char *path = store_two("damaged", stored);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text(path, texts[i]);
        vanon_engine_store_read(path, &read, 1);
        assert_false(read.chosen);
    }
    assert_int_equal(unlink(path), 0);
    vanon_engine_store_read(path, &read, 1);
    assert_false(read.chosen);
    vanon_engine_store_write(path, stored, 1, &unit_log);
    vanon_engine_store_read(path, &read, 1);
    assert_true(read.chosen);
    free(path);
}

/* Numbers that would lead behind an array's end. */
static void test_damaged_numbers_are_not_taken(void **state)
{
    static const char *const choices[] = {
        "own 6, 1.00 us", "own -1, 1.00 us", "cudnn -1 number 7, 1.00 us, own 2.00 us",
        "cudnn 2 number -1, 1.00 us, own 2.00 us", "own 5, 1.00 us"};
    struct vanon_engine stored[2];
    char *path = store_two("numbers", stored), line[512], text[1024];
    FILE *file = fopen(path, "r");

    (void)state;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* the header */
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(fclose(file), 0);
    *strstr(line, ": ") = '\0';
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct vanon_engine read = engine_of(8);

        snprintf(text, sizeof text, "vanon convolution engines 1\n%s: %s\n", line, choices[i]);
        write_text(path, text);
        vanon_engine_store_read(path, &read, 1);
        assert_int_equal(read.chosen, i == 4);
        assert_int_equal(read.own, i == 4 ? 5 : 0);
        assert_int_equal(read.index, 0);
    }
    free(path);
}

/* A line that was cut off is not written on. */
static void test_an_end_cut_off(void **state)
{
    struct vanon_engine stored[2], read = engine_of(8);
    char *path = store_two("cut", stored);

    (void)state;
    write_text(path, "vanon convolution engines 1\n1 8x8: own 1");
    vanon_engine_store_write(path, stored, 1, &unit_log);
    vanon_engine_store_read(path, &read, 1);
    assert_true(read.chosen && read.own == 3);
    free(path);
}

static void test_nowhere_to_store(void **state)
{
    char *home = getenv("HOME"), *kept = home ? strdup(home) : NULL;

    (void)state;
    assert_int_equal(setenv("XDG_CACHE_HOME", "not/absolute", 1), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_null(vanon_engine_store_path("x"));
    if (kept)
        assert_int_equal(setenv("HOME", kept, 1), 0);
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads_and_counts),
        cmocka_unit_test(test_a_device_that_is_not_there),
        cmocka_unit_test(test_choices_come_back),
        cmocka_unit_test(test_another_shape_is_another_line),
        cmocka_unit_test(test_other_lines_stay),
        cmocka_unit_test(test_damage_is_not_taken),
        cmocka_unit_test(test_damaged_numbers_are_not_taken),
        cmocka_unit_test(test_an_end_cut_off),
        cmocka_unit_test(test_nowhere_to_store),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
