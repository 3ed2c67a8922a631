/* SPDX-License-Identifier: Apache-2.0 */
/* Options, YAML files and what they must say, for the options' tests; after unit.h. */
#ifndef VANON_TESTS_OPTIONS_FIXTURE_H
#define VANON_TESTS_OPTIONS_FIXTURE_H

#include <unistd.h>

#include "base/memory.h"
#include "options/options.h"

/* Ends of messages. */
#define PARTS                                                                                    \
    "a list of all, eyes, elbows, face, head, shoulders, hands, hips, knees, feet, arms, legs, " \
    "body"
#define STYLES "one of mosaic, pixelate, gaussian, boxblur, solid"
#define NAMES \
    "each of eyes, elbows, face, head, shoulders, hands, hips, knees, feet, arms, legs, body"
#define EACH        NAMES " once"
#define EACH_STYLED NAMES ", region once"

static char folder[] = "/tmp/vanon-options-XXXXXX";
static char file_path[64];

static inline int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file_path, sizeof file_path, "%s/config.yaml", folder);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    unlink(file_path);
    return rmdir(folder);
}

static inline vanon_options *create(void)
{
    vanon_options *options;

    unit_log_clear();
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    return options;
}

static inline void write_bytes(const char *bytes, size_t size)
{
    FILE *file = fopen(file_path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline int load(vanon_options *options, const char *yaml)
{
    write_bytes(yaml, strlen(yaml));
    unit_log_clear();
    return vanon_options_load(options, file_path);
}

static inline void assert_option(const vanon_options *options, const char *key,
                                 const char *expected)
{
    char text[256];

    assert_int_equal(vanon_options_get(options, key, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
}

static inline void assert_sets(vanon_options *options, const char *key, const char *value,
                               const char *expected)
{
    unit_log_clear();
    if (vanon_options_set(options, key, value))
        fail_msg("%s: '%s' was refused: %s", key, value, unit_message);
    assert_option(options, key, expected);
    assert_string_equal(unit_message, "");
}

/* Refused with this whole message, and nothing has changed. */
static inline void assert_refuses(vanon_options *options, const char *key, const char *value,
                                  const char *message)
{
    char before[256], after[256];

    vanon_options_get(options, key, before, sizeof before);
    unit_log_clear();
    assert_int_equal(vanon_options_set(options, key, value), VANON_ERR_OPTION);
    assert_string_equal(unit_message, message);
    vanon_options_get(options, key, after, sizeof after);
    assert_string_equal(before, after);
}

static inline void assert_all_equal(const vanon_options *a, const vanon_options *b)
{
    const vanon_option_info *info;
    char text[256];

    for (size_t i = 0; (info = vanon_option_table(i)); i++) {
        assert_true(vanon_options_get(a, info->key, text, sizeof text) >= 0);
        assert_option(b, info->key, text);
    }
}

#endif
