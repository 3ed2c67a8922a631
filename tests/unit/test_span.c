/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of an input: options->start and ->duration. */
#include "unit.h"

#include "media_clips.h"

#define SECOND INT64_C(1000000) /* in the options' unit */
/* 10 s of 25 frames, a key frame every 2 s, in ticks of a millisecond, with sound of 10 packets a
 * second. */
#define TEN_SECONDS                                                                           \
    "-f lavfi -i testsrc2=size=64x48:rate=25:duration=10 -f lavfi -i "                        \
    "sine=duration=10:sample_rate=48000,asetnsamples=4800 -c:a pcm_s16le -c:v libx264 -g 50 " \
    "-keyint_min 50 -sc_threshold 0 -bf 3 "

static void read_part(struct reading *reading, const char *path, int64_t start, int64_t duration)
{
    struct vanon_options options = media_options(path);

    options.start = start;
    options.duration = duration;
    read_with(reading, &options);
}

/* Frames from the `first` on, all healthy. */
static void expect_part(const char *path, int64_t start, int64_t duration, int64_t first,
                        size_t frames)
{
    struct reading reading;

    read_part(&reading, path, start, duration);
    if (reading.created || reading.status != VANON_ERR_EOF || unit_message[0])
        fail_msg("%s: %s", path, unit_message);
    assert_int_equal(reading.frames, frames);
    assert_int_equal(reading.packets_lost, 0);
    assert_int_equal(reading.frames_damaged, 0);
    for (size_t i = 0; i < frames; i++)
        assert_int_equal(reading.pts[i], (first + (int64_t)i) * 40);
}

static void frames_of_the_part(void **state)
{
    const char *path = make_clip("whole.mkv", TEN_SECONDS);

    (void)state;
    expect_part(path, 0, SECOND, 0, 25);
    expect_part(path, SECOND, VANON_AUTO, 25, 225);
    expect_part(path, 2 * SECOND, SECOND, 50, 25);
    expect_part(path, 3 * SECOND + 1, SECOND, 76, 25);
    expect_part(path, 3 * SECOND, SECOND + 1, 75, 26);
    expect_part(path, 7 * SECOND + 960000, 40000, 199, 1);
    expect_part(path, 8 * SECOND, 100 * SECOND, 200, 50);
    expect_part(path, 9 * SECOND + 960000, VANON_AUTO, 249, 1);
}

static void what_is_told_of_the_part(void **state)
{
    const char *path = make_clip("told.mkv", TEN_SECONDS);
    struct reading reading;

    (void)state;
    read_part(&reading, path, 0, VANON_AUTO);
    assert_false(reading.info.limited);
    assert_int_equal(reading.info.zero, 0);
    assert_true(reading.info.last == INT64_MAX);
    assert_int_equal(reading.info.total_frames, 250);
    read_part(&reading, path, 4 * SECOND, 2 * SECOND);
    assert_true(reading.info.limited);
    assert_int_equal(reading.info.zero, 4000);
    assert_int_equal(reading.info.last, 6000);
    assert_int_equal(reading.info.total_frames, 50);
    assert_true(reading.info.duration == 2);
    read_part(&reading, path, 9 * SECOND, 2 * SECOND);
    assert_int_equal(reading.info.total_frames, 25);
    read_part(&reading, path, 4 * SECOND, VANON_AUTO);
    assert_true(reading.info.last == INT64_MAX);
    assert_int_equal(reading.info.total_frames, 150);
    read_part(&reading, path, 0, 2 * SECOND);
    assert_true(reading.info.limited);
    assert_int_equal(reading.info.zero, 0);
    assert_int_equal(reading.info.last, 2000);
}

static void packets_of_the_part(void **state)
{
    const char *path = make_clip("sound.mkv", TEN_SECONDS);
    struct reading reading;

    (void)state;
    read_part(&reading, path, 0, VANON_AUTO);
    assert_int_equal(reading.packets_of[1], 100);
    read_part(&reading, path, 0, 2 * SECOND);
    assert_int_equal(reading.packets_of[1], 20);
    read_part(&reading, path, 5 * SECOND, 2 * SECOND);
    assert_int_equal(reading.packets_of[1], 20);
    read_part(&reading, path, 5 * SECOND + 1000, 2 * SECOND);
    assert_int_equal(reading.packets_of[1], 20);
    read_part(&reading, path, 8 * SECOND, VANON_AUTO);
    assert_int_equal(reading.packets_of[1], 20);
}

/* The input begins at 5 s, and so does the count. */
static void a_late_beginning(void **state)
{
    const char *path = make_clip("late.mkv", TEN_SECONDS "-output_ts_offset 5 ");
    struct reading reading;

    (void)state;
    expect_part(path, 3 * SECOND, SECOND, 125 + 75, 25);
    read_part(&reading, path, 0, SECOND);
    assert_int_equal(reading.frames, 25);
    assert_int_equal(reading.pts[0], 5000);
    assert_int_equal(reading.info.zero, 5000);
    assert_int_equal(reading.info.last, 6000);
}

/* Makes a file whose index calls every frame a key frame. */
static const char *make_lying(const char *name, const char *of)
{
    size_t count;
    uint8_t *bytes = load_file(of, &count), *index;
    const char *path;

    index = memmem(bytes, count, "stss", 4);
    assert_non_null(index);
    memcpy(index, "skip", 4);
    path = write_file(name, bytes, count);
    free(bytes);
    return path;
}

static void a_wrong_place_is_left_again(void **state)
{
    const char *one = make_clip("onekey.mp4", TEN_SECONDS "-an -g 1000 -keyint_min 1000 ");
    const char *path = make_lying("lying.mp4", one);
    struct reading all, part;

    (void)state;
    read_healthy(&all, path, 250);
    read_part(&part, path, 8 * SECOND, SECOND);
    assert_int_equal(part.status, VANON_ERR_EOF);
    assert_int_equal(part.frames, 25);
    assert_int_equal(part.frames_damaged, 0);
    assert_int_equal(part.packets_lost, 0);
    assert_memory_equal(part.pts, all.pts + 200, 25 * sizeof *part.pts);
    assert_string_equal(unit_message, "");
}

/* Pictures before the part are no part of it, but what the part is made of. */
static void damage_before_the_part(void **state)
{
    static const char arguments[] = "-f lavfi -i testsrc2=size=320x240:rate=25:duration=10,noise="
                                    "alls=40:allf=t -c:v libx264 -g 1000 -keyint_min 1000 "
                                    "-sc_threshold 0 -bf 0 -preset veryfast";
    struct vanon_options options;
    struct reading reading;
    const char *path = make_clip("damaged.mkv", arguments);
    uint8_t *bytes;
    size_t count;

    (void)state;
    bytes = load_file(path, &count);
    memset(bytes + count / 2, 0xff, 1500);
    path = write_file("damaged.mkv", bytes, count);
    free(bytes);
    read_part(&reading, path, SECOND, SECOND);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    assert_int_equal(reading.frames, 25);
    assert_int_equal(reading.damaged, 0);
    read_part(&reading, path, 8 * SECOND, SECOND);
    assert_int_equal(reading.status, VANON_ERR_DAMAGED);
    assert_int_equal(reading.frames, 0);
    assert_message("damaged.mkv", "is damaged", "--on-error hide");
    options = media_options(path);
    options.start = 8 * SECOND;
    options.duration = SECOND;
    options.on_error = VANON_ON_ERROR_HIDE;
    read_with(&reading, &options);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    assert_int_equal(reading.frames, 25);
    assert_int_equal(reading.damaged, 25);
    assert_int_equal(reading.frames_damaged, 25);
}

static void no_frame(void **state)
{
    const char *path = make_clip("short.mkv", TEN_SECONDS);
    struct reading reading;

    (void)state;
    read_part(&reading, path, 10 * SECOND, VANON_AUTO);
    assert_int_equal(reading.created, VANON_OK);
    assert_int_equal(reading.status, VANON_ERR_INPUT);
    assert_message("short.mkv", "has no frame in that span, from 10.000 s on");
    read_part(&reading, path, 5 * SECOND + 1000, 1000);
    assert_int_equal(reading.status, VANON_ERR_INPUT);
    assert_message("from 5.001 s and before 5.002 s on");
    read_part(&reading, path, 1000000000 * SECOND, 1000000000 * SECOND);
    assert_int_equal(reading.status, VANON_ERR_INPUT);
    assert_int_equal(reading.packets_of[1], 0);
}

static void a_search_can_be_interrupted(void **state)
{
    const char *path = make_clip("stop.mkv", TEN_SECONDS);
    struct vanon_options options = media_options(path);
    struct AVPacket *packet;
    vanon_reader *reader;
    vanon_frame *frame;

    (void)state;
    options.start = 8 * SECOND;
    unit_log_clear();
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    vanon_reader_interrupt(reader);
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), VANON_ERR_CANCELLED);
    assert_null(frame);
    assert_null(packet);
    assert_string_equal(unit_message, "");
    vanon_reader_destroy(&reader);
}

static void a_picture_lasts_no_time(void **state)
{
    const char *path = make_clip("one.png", "-f lavfi -i testsrc2=size=64x48 -frames:v 1");
    struct reading reading;

    (void)state;
    read_part(&reading, path, 0, SECOND);
    assert_int_equal(reading.frames, 1);
    read_part(&reading, path, SECOND, VANON_AUTO);
    assert_int_equal(reading.status, VANON_ERR_INPUT);
    assert_message("one.png", "has no frame in that span");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_the_part),
        cmocka_unit_test(what_is_told_of_the_part),
        cmocka_unit_test(packets_of_the_part),
        cmocka_unit_test(a_late_beginning),
        cmocka_unit_test(a_wrong_place_is_left_again),
        cmocka_unit_test(damage_before_the_part),
        cmocka_unit_test(no_frame),
        cmocka_unit_test(a_search_can_be_interrupted),
        cmocka_unit_test(a_picture_lasts_no_time),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
