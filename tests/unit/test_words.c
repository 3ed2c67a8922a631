/* SPDX-License-Identifier: Apache-2.0 */
/* What options take, in words: what the help and the shells' completions are made of. */
#include "unit.h"

#include "options/options.h"

static size_t count_words(const char *key)
{
    size_t count = 0;

    while (vanon_option_word(key, count))
        count++;
    return count;
}

static void words_of_options(void **state)
{
    (void)state;
    assert_string_equal(vanon_option_word("on_error", 0), "stop");
    assert_string_equal(vanon_option_word("on_error", 1), "hide");
    assert_null(vanon_option_word("on_error", 2));
    assert_string_equal(vanon_option_word("imgsz", 0), "auto");
    assert_null(vanon_option_word("imgsz", 1));
    assert_string_equal(vanon_option_word("crf", 0), "auto");
    assert_string_equal(vanon_option_word("keep", 0), "none");
    assert_string_equal(vanon_option_word("device", 1), "cpu");
    assert_int_equal(count_words("overwrite"), 2); /* true, false; not their other names */
    assert_int_equal(count_words("pipeline"), 4);  /* "speed" is a second name */
    assert_null(vanon_option_word("log_every", 0));
    assert_null(vanon_option_word("output", 0));
    assert_null(vanon_option_word("safety_margin_px", 0));
    assert_null(vanon_option_word("no_such_key", 0));
    assert_null(vanon_option_word("on_error", (size_t)-1));
}

static void words_of_parts_and_styles(void **state)
{
    (void)state;
    assert_int_equal(count_words("parts"), VANON_PARTS + 1);
    assert_string_equal(vanon_option_word("parts", 0), "all");
    for (size_t i = 0; i < VANON_PARTS; i++)
        assert_string_equal(vanon_option_word("parts", i + 1), vanon_part_name((enum vanon_part)i));
    assert_int_equal(count_words("style"), VANON_STYLES);
    for (size_t i = 0; i < VANON_STYLES; i++)
        assert_string_equal(vanon_option_word("style", i), vanon_style_name((enum vanon_style)i));
}

/* Every word is one that the option takes. */
static void every_word_is_taken(void **state)
{
    const vanon_option_info *info;
    vanon_options *options;
    const char *word;

    (void)state;
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (size_t i = 0; (info = vanon_option_table(i)); i++)
        for (size_t j = 0; (word = vanon_option_word(info->key, j)); j++)
            if (vanon_options_set(options, info->key, word))
                fail_msg("%s: %s: %s", info->key, word, unit_message);
    vanon_options_destroy(&options);
}

static void assert_allowed(const char *key, const char *words)
{
    char text[256];

    assert_int_equal(vanon_option_allowed(key, text, sizeof text), strlen(words));
    assert_string_equal(text, words);
}

static void allowed(void **state)
{
    char text[8] = "before", same[256];

    (void)state;
    assert_allowed("batch_size", "auto or a whole number from 1 to 64");
    assert_allowed("confidence", "a number from 0 to 1");
    assert_allowed("blur_kernel", "auto or an odd number from 3 to 999");
    assert_allowed("on_error", "one of stop, hide");
    assert_allowed("keep", "a list of none, tags, data, attachments, cover, video");
    assert_allowed("output", "");
    assert_int_equal(vanon_option_allowed("no_such_key", text, sizeof text), VANON_ERR_OPTION);
    assert_string_equal(text, "before");
    assert_int_equal(vanon_option_allowed("on_error", text, sizeof text), 17); /* cut */
    assert_string_equal(text, "one of ");
    assert_int_equal(vanon_option_allowed("on_error", NULL, 0), 17);
    assert_int_equal(vanon_option_allowed("parts", same, sizeof same) > 0, 1);
    assert_non_null(strstr(same, "all, eyes, elbows"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_options),
        cmocka_unit_test(words_of_parts_and_styles),
        cmocka_unit_test(every_word_is_taken),
        cmocka_unit_test(allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
