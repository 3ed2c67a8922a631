/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "options_fixture.h"

#define TAKES_AREAS                                                                           \
    "X,Y,W,H[@START-END], at most 64 of them, by semicolon; W and H are above 0, START lies " \
    "before END, times are seconds or [HH:]MM:SS, and one may be left out"

static void ids(void **state)
{
    static const char *const bad[] = {"0", "-1", "x", "1,", ",1", "1,,2", "1.5", "1;2"};
    vanon_options *options = create();
    char many[512] = "1";

    (void)state;
    assert_sets(options, "keep_person", "3, 12345678901", "3,12345678901");
    assert_int_equal(options->keep_person.count, 2);
    assert_true(vanon_ids_have(&options->keep_person, 12345678901));
    assert_false(vanon_ids_have(&options->keep_person, 4));
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        char message[160];

        snprintf(message, sizeof message,
                 "keep_person: '%s' is not allowed; at most 64 whole numbers above 0, by comma",
                 bad[i]);
        assert_refuses(options, "keep_person", bad[i], message);
    }
    for (int i = 2; i <= 64; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",%d", i);
    assert_int_equal(vanon_options_set(options, "keep_person", many), VANON_OK);
    assert_int_equal(options->keep_person.count, 64);
    strcat(many, ",65");
    assert_int_equal(vanon_options_set(options, "keep_person", many), VANON_ERR_OPTION);
    assert_sets(options, "keep_person", "", "");
    vanon_options_destroy(&options);
}

static void spans(void **state)
{
    static const char *const bad[] = {"5", "-", "5-5", "6-5", "a-b", "1-2-3", "1-2;", "1,5-2"};
    vanon_options *options = create();

    (void)state;
    assert_sets(options, "hide_span", "1:10 - 2:00.5", "70-120.5");
    assert_true(options->hide_span.span[0].from == 70000000);
    assert_true(options->hide_span.span[0].until == 120500000);
    assert_sets(options, "hide_span", "-3;10-", "0-3;10-");
    assert_true(options->hide_span.span[1].until == INT64_MAX);
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        assert_int_equal(vanon_options_set(options, "hide_span", bad[i]), VANON_ERR_OPTION);
        assert_message("START-END, at most 64 of them, by semicolon; START lies before END");
    }
    vanon_options_destroy(&options);
}

static void areas(void **state)
{
    static const char *const bad[] = {"1,2,3",     "1,2,3,",      "1,2,3,4,5",   "1,2,0,4",
                                      "1,2,3,-4",  "1,2,3,4@",    "1,2,3,4@5",   "1,2,3,4@5-6@7-8",
                                      "1,2,3,nan", "1,2,3,4;;",   "1e7,2,3,4",   "a,2,3,4",
                                      "1,2,3,4;",  "1,2,3,4@2-1", "1,2,3,4,@1-2"};
    vanon_options *options = create(), *copy;
    const struct vanon_area *area = options->region.area;

    (void)state;
    assert_sets(options, "region", "-10, 20.5,30,40 @ 1-2.5; 0,0,1,1",
                "-10,20.5,30,40@1-2.5;0,0,1,1");
    assert_int_equal(options->region.count, 2);
    assert_true(area[0].box.x0 == -10 && area[0].box.y0 == 20.5f && area[0].box.x1 == 20 &&
                area[0].box.y1 == 60.5f);
    assert_true(area[0].when.from == 1000000 && area[0].when.until == 2500000);
    assert_true(!area[1].when.from && area[1].when.until == INT64_MAX);
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        char message[256];

        snprintf(message, sizeof message, "region: '%s' is not allowed; " TAKES_AREAS, bad[i]);
        assert_refuses(options, "region", bad[i], message);
    }
    assert_int_equal(vanon_options_copy(&copy, options), VANON_OK);
    assert_option(copy, "region", "-10,20.5,30,40@1-2.5;0,0,1,1");
    vanon_options_destroy(&copy);
    vanon_options_destroy(&options);
}

static void yaml(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_int_equal(load(options, "keep_person: 4\n"
                                   "only_person: [1, 2]\n"
                                   "zone_leave:\n  - 1,2,3,4@0-1:00\n  - '5,6,7,8'\n"
                                   "region: \"1,2,3,4;5,6,7,8\"\n"
                                   "hide_span: 1-2\n"),
                     VANON_OK);
    assert_option(options, "keep_person", "4");
    assert_option(options, "only_person", "1,2");
    assert_option(options, "zone_leave", "1,2,3,4@0-60;5,6,7,8");
    assert_option(options, "region", "1,2,3,4;5,6,7,8");
    assert_option(options, "hide_span", "1-2");
    assert_int_equal(load(options, "region: [1, 2, 3, 4]\n"), VANON_ERR_OPTION);
    assert_message("config.yaml:1: region: '1;2;3;4' is not allowed");
    assert_int_equal(load(options, "region: []\n"), VANON_OK);
    assert_option(options, "region", "");
    vanon_options_destroy(&options);
}

static void joins(void **state)
{
    (void)state;
    assert_string_equal(vanon_option_join("region"), ";");
    assert_string_equal(vanon_option_join("keep_person"), ",");
    assert_null(vanon_option_join("parts"));
    assert_null(vanon_option_join("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),  cmocka_unit_test(spans), cmocka_unit_test(areas),
        cmocka_unit_test(yaml), cmocka_unit_test(joins),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
