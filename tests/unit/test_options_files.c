/* SPDX-License-Identifier: Apache-2.0 */
/* Options of what is read and written: times, and which side a container's name speaks of. */
#include "unit.h"

#include "options_fixture.h"

static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t microseconds;
        const char *printed;
    } time[] = {
        {"0", 0, "0"},
        {"2", 2000000, "2"},
        {"90.5", 90500000, "90.5"},
        {"1:30", 90000000, "90"},
        {"01:02:03.25", 3723250000, "3723.25"},
        {"100:00", 6000000000, "6000"},
        {"0.000001", 1, "0.000001"},
        {"0.0333333333", 33333, "0.033333"},
        {"1000000000", 1000000000000000, "1000000000"},
    };
    static const char *const bad[] = {
        "",           "-1",   "-0", "1:60", "1:60:00", "1:2:3:4",    "1.",
        ".5",         "1:",   ":1", "1,5",  "1e3",     "1.5:30",     "nan",
        "1 s",        "1:-5", "+1", "0x10", "1.2.3",   "1000000001", "99999999999999999999",
        "16666667:00"};
    vanon_options *options = create();

    (void)state;
    assert_option(options, "start", "0");
    for (size_t i = 0; i < VANON_COUNT(time); i++) {
        assert_int_equal(vanon_options_set(options, "start", time[i].text), VANON_OK);
        assert_int_equal(options->start, time[i].microseconds);
        assert_option(options, "start", time[i].printed);
    }
    assert_int_equal(vanon_options_set(options, "start", "7"), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        assert_int_equal(vanon_options_set(options, "start", bad[i]), VANON_ERR_OPTION);
        assert_message("start: '", bad[i],
                       "' is not allowed; a time, as seconds or [HH:]MM:SS, with a part of a "
                       "second behind a point");
        assert_option(options, "start", "7");
    }
    vanon_options_destroy(&options);
}

static void durations(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_int_equal(options->duration, VANON_AUTO);
    assert_option(options, "duration", "auto");
    assert_int_equal(vanon_options_set(options, "duration", "0.04"), VANON_OK);
    assert_int_equal(options->duration, 40000);
    assert_int_equal(vanon_options_set(options, "duration", "0"), VANON_ERR_OPTION);
    assert_message("duration: '0' is not allowed; auto or a time above 0");
    assert_int_equal(vanon_options_set(options, "duration", "auto"), VANON_OK);
    assert_int_equal(options->duration, VANON_AUTO);
    vanon_options_destroy(&options);
}

static void whose_container_it_is(void **state)
{
    static const struct {
        const char *input, *output, *format, *input_format, *of_input, *of_output;
    } call[] = {
        {"a.mp4", "b.mkv", "", "", "", ""},         {"a.mp4", "b.bin", "nut", "", "", "nut"},
        {"a.mp4", "-", "nut", "", "", "nut"},       {"-", "b.mkv", "mpegts", "", "mpegts", ""},
        {"-", "", "mpegts", "", "mpegts", ""},      {"-", "-", "nut", "", "", "nut"},
        {"-", "-", "nut", "h264", "h264", "nut"},   {"-", "b.bin", "nut", "h264", "h264", "nut"},
        {"a.264", "b.mkv", "", "h264", "h264", ""},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(call); i++) {
        vanon_options *options = create();

        assert_int_equal(vanon_options_set(options, "input", call[i].input), VANON_OK);
        assert_int_equal(vanon_options_set(options, "output", call[i].output), VANON_OK);
        assert_int_equal(vanon_options_set(options, "format", call[i].format), VANON_OK);
        assert_int_equal(vanon_options_set(options, "input_format", call[i].input_format),
                         VANON_OK);
        assert_string_equal(vanon_options_input_format(options), call[i].of_input);
        assert_string_equal(vanon_options_output_format(options), call[i].of_output);
        vanon_options_destroy(&options);
    }
}

static void a_report_does_not_go_into_the_output(void **state)
{
    vanon_options *options = create();

    (void)state;
    assert_int_equal(vanon_options_set(options, "output", "-"), VANON_OK);
    assert_int_equal(vanon_options_check(options), VANON_OK);
    assert_int_equal(vanon_options_set(options, "json", "true"), VANON_OK);
    assert_int_equal(vanon_options_check(options), VANON_ERR_OPTION);
    assert_message("json: the output goes to standard output", "--report");
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(durations),
        cmocka_unit_test(whose_container_it_is),
        cmocka_unit_test(a_report_does_not_go_into_the_output),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
