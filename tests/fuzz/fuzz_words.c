/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte names an option, the others are its value: what is taken reads the same when it is
 * printed and set again.
 */
#include "fuzz.h"

#include "options/table.h"

static char *print(const vanon_options *options, const char *key)
{
    int length = vanon_options_get(options, key, NULL, 0);
    char *text = malloc((size_t)length + 1);

    assert_true(length >= 0);
    assert_non_null(text);
    assert_int_equal(vanon_options_get(options, key, text, (size_t)length + 1), length);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, size};
    const char *key = vanon_option_rows[fuzz_byte(&bytes) % vanon_option_row_count].info.key;
    char *value = calloc(bytes.left + 1, 1), *first, *second;
    vanon_options *options;

    assert_non_null(value);
    memcpy(value, bytes.at, bytes.left);
    assert_int_equal(vanon_options_create(&options, &fuzz_log), VANON_OK);
    if (!vanon_options_set(options, key, value)) {
        first = print(options, key);
        if (vanon_options_set(options, key, first))
            fail_msg("%s: '%s' was taken and is printed as '%s', which isn't", key, value, first);
        second = print(options, key);
        if (strcmp(first, second) != 0)
            fail_msg("%s: '%s' is '%s', and that is '%s'", key, value, first, second);
        free(first);
        free(second);
    }
    vanon_option_unknown(&fuzz_log, "f.yaml:1: ", value);
    vanon_options_destroy(&options);
    free(value);
    return 0;
}
