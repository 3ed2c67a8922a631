/* SPDX-License-Identifier: Apache-2.0 */
/* Reading media that is damaged, cut off, or starts in the middle. */
#include "media_clips.h"

#include <libavformat/avformat.h>

static const struct reading_options stop = {VANON_ON_ERROR_STOP, 2};
static const struct reading_options hide = {VANON_ON_ERROR_HIDE, 2};

/* Something with detail everywhere, so that any byte matters. */

static const char *make_noisy(const char *name, const char *seconds, const char *arguments)
{
    char all[512];

    snprintf(all, sizeof all, "-f lavfi -i testsrc2=s=160x128:r=10:d=%s,noise=alls=20:allf=t %s",
             seconds, arguments);
    return make_clip(name, all);
}

/* Where the n-th video packet lies in the file. */
static void find_packet(const char *path, int number, int64_t *place, int *bytes)
{
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();

    assert_int_equal(avformat_open_input(&format, path, NULL, NULL), 0);
    for (int i = 0; i <= number; i++) {
        av_packet_unref(packet);
        assert_int_equal(av_read_frame(format, packet), 0);
    }
    *place = packet->pos;
    *bytes = packet->size;
    av_packet_free(&packet);
    avformat_close_input(&format);
}

/* A copy whose n-th packet has other bytes from its middle on. */
static const char *damage_packet(const char *path, const char *name, int number)
{
    const char *damaged;
    int64_t place;
    uint8_t *file;
    size_t count;
    int bytes;

    find_packet(path, number, &place, &bytes);
    file = load_file(path, &count);
    for (int i = bytes / 2; i < bytes - 4; i++)
        file[place + i] = (uint8_t)(i * 89 + 7);
    damaged = write_file(name, file, count);
    free(file);
    return damaged;
}

static const char *cut_file(const char *path, const char *name, int percent)
{
    size_t count;
    uint8_t *file = load_file(path, &count);
    const char *cut = write_file(name, file, count * (size_t)percent / 100);

    free(file);
    return cut;
}

/* With packet `number` damaged, frames from there up to (not with) `end` are marked and others are
 * not. */
static void check_damage(const char *path, const char *name, size_t number, size_t end,
                         size_t frames)
{
    const char *damaged = damage_packet(path, name, (int)number);
    struct reading reading;
    char word[32];

    read_healthy(&reading, path, frames);
    read_all(&reading, damaged, stop);
    assert_int_equal(reading.created, VANON_OK);
    assert_int_equal(reading.status, VANON_ERR_DAMAGED);
    assert_true(reading.frames <= number);
    snprintf(word, sizeof word, "frame %zu (at ", reading.frames);
    assert_message(name, word, "is damaged");

    read_all(&reading, damaged, hide);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    assert_message(name, "is damaged");
    assert_true(reading.frames + reading.packets_lost >= frames);
    assert_true(reading.damaged > 0 || reading.packets_lost > 0);
    assert_int_equal(reading.damaged, reading.frames_damaged);
    for (size_t i = 0; i < reading.frames; i++)
        if (reading.marked[i])
            assert_in_range(i, number, end - 1);
    /* All that follow in the group refer to what was damaged. */
    if (reading.frames == frames)
        for (size_t i = number; i < end; i++)
            assert_true(reading.marked[i]);
}

static void damaged_h264(void **state)
{
    (void)state;
    check_damage(make_noisy("a.mp4", "3", "-c:v libx264 -g 10 -bf 0 -pix_fmt yuv420p"), "bad.mp4",
                 13, 20, 30);
    check_damage(make_noisy("key.mkv", "3", "-c:v libx264 -g 10 -bf 0 -pix_fmt yuv420p"),
                 "badkey.mkv", 10, 20, 30);
}

static void damaged_mpeg4(void **state)
{
    (void)state;
    check_damage(make_noisy("a.avi", "3", "-c:v mpeg4 -g 10 -q:v 4"), "bad.avi", 13, 20, 30);
}

static void damaged_single_pictures(void **state)
{
    (void)state;
    check_damage(make_noisy("mjpeg.avi", "2", "-c:v mjpeg -q:v 3"), "badm.avi", 7, 8, 20);
    check_damage(make_noisy("png.nut", "2", "-c:v png"), "badp.nut", 7, 8, 20);
}

/* libav*'s decoder only prints that a checksum does not fit. */
static void damaged_ffv1(void **state)
{
    (void)state;
    check_damage(make_noisy("sums.mkv", "2", "-c:v ffv1 -level 3 -slicecrc 1 -g 5"), "badsums.mkv",
                 7, 10, 20);
}

/* The same frames are marked with any number of threads. */
static void threads_do_not_matter(void **state)
{
    static const struct {
        const char *name, *damaged, *arguments;
    } clips[] = {
        {"t.mkv", "tbad.mkv", "-c:v libx264 -g 10 -bf 2 -pix_fmt yuv420p"},
        {"t.avi", "tbad.avi", "-c:v mpeg4 -g 10 -bf 2"},
        {"t.mp4", "tbad.mp4", "-c:v libx265 -g 10 -x265-params log-level=none:keyint=10"},
    };
    struct reading *one = malloc(sizeof *one), *many = malloc(sizeof *many);

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(clips); i++) {
        const char *path = make_noisy(clips[i].name, "3", clips[i].arguments);
        const char *damaged = damage_packet(path, clips[i].damaged, 14);

        read_all(one, damaged, (struct reading_options){VANON_ON_ERROR_HIDE, 1});
        read_all(many, damaged, (struct reading_options){VANON_ON_ERROR_HIDE, 4});
        assert_int_equal(one->frames, many->frames);
        assert_memory_equal(one->marked, many->marked, sizeof one->marked);
        assert_memory_equal(one->pts, many->pts, sizeof one->pts);
        assert_int_equal(one->packets_lost, many->packets_lost);
    }
    free(one);
    free(many);
}

static void check_cut(const char *path, const char *name, int percent, const char *words)
{
    const char *cut = cut_file(path, name, percent);
    struct reading reading;

    read_all(&reading, path, stop);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    read_all(&reading, cut, stop);
    assert_int_equal(reading.created, VANON_ERR_INPUT);
    assert_message(name, words);
}

static void cut_files(void **state)
{
    (void)state;
    check_cut(make_noisy("fast.mp4", "3", "-c:v libx264 -movflags +faststart"), "cut.mp4", 60,
              "ends too early: it has 1");
    assert_message("of 30 frames of stream 0");
    check_cut(make_noisy("late.mp4", "3", "-c:v libx264"), "cutlate.mp4", 60, "ends too early");
    check_cut(make_noisy("frag.mp4", "3", "-c:v libx264 -g 10 -movflags +frag_keyframe+empty_moov"),
              "cutfrag.mp4", 90, "ends too early");
    check_cut(make_noisy("c.mkv", "3", "-c:v libx264"), "cut.mkv", 60, "ends too early: it has ");
    check_cut(make_noisy("c.webm", "3", "-c:v libvpx-vp9"), "cut.webm", 95, "ends too early");
    check_cut(make_noisy("c.avi", "3", "-c:v mpeg4"), "cut.avi", 60, "ends too early");
    check_cut(make_noisy("c.avi", "3", "-c:v mpeg4"), "cut.avi", 99, "ends too early");
    check_cut(make_noisy("c.gif", "2", ""), "cut.gif", 60, "end mark is missing");
    check_cut(make_noisy("c.webp", "0.1", "-frames:v 1"), "cut.webp", 60, "ends too early");
}

static void cut_pictures(void **state)
{
    static const char *const names[] = {"c.png", "c.jpg", "c.bmp"};
    struct reading reading;
    char cut[32];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(names); i++) {
        snprintf(cut, sizeof cut, "cut-%s", names[i]);
        read_all(&reading, cut_file(make_noisy(names[i], "0.1", "-frames:v 1"), cut, 60), stop);
        assert_int_equal(reading.created, VANON_OK);
        assert_int_equal(reading.status, VANON_ERR_DAMAGED);
        assert_message(cut, "frame 0", "is damaged");
    }
}

/* With on_error = hide, what is left is read. */
static void the_rest_of_a_cut_file(void **state)
{
    const char *cut = cut_file(
        make_noisy("rest.mp4", "3", "-c:v libx264 -bf 0 -movflags +faststart"), "restcut.mp4", 60);
    struct vanon_options options = media_options(cut);
    struct reading reading;
    vanon_reader *reader;

    (void)state;
    options.on_error = VANON_ON_ERROR_HIDE;
    unit_log_clear();
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    assert_message("restcut.mp4", "ends too early", "of 30 frames");
    vanon_reader_destroy(&reader);
    read_all(&reading, cut, hide);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    assert_in_range(reading.frames, 5, 29);
    /* The packet that the cut went through gave no frame, or a marked one; those before are whole.
     */
    assert_int_equal(reading.damaged + reading.packets_lost, 1);
    assert_false(reading.marked[0]);
}

/* Matroska without sizes, as a live recording has them, has nothing that could be missed. */
static void live_files_are_whole(void **state)
{
    struct reading reading;

    (void)state;
    read_healthy(&reading, make_noisy("live.mkv", "3", "-c:v libx264 -live 1"), 30);
    read_healthy(&reading, make_noisy("live.ts", "3", "-c:v libx264"), 30);
}

static void no_frame_at_all(void **state)
{
    const char *path = make_noisy("one.avi", "0.1", "-c:v mpeg4 -frames:v 1");
    struct reading reading;
    int64_t place;
    uint8_t *file;
    size_t count;
    int bytes;

    (void)state;
    find_packet(path, 0, &place, &bytes);
    file = load_file(path, &count);
    memset(file + place + 8, 0xff, (size_t)bytes);
    read_all(&reading, write_file("none.avi", file, count), hide);
    free(file);
    assert_int_equal(reading.created, VANON_OK);
    assert_int_equal(reading.frames, 0);
    assert_int_equal(reading.status, VANON_ERR_INPUT);
    assert_message("none.avi", "no frame");
}

/* A recording that begins between two key frames: what refers to frames that are not there is left
 * out and counted, and is no damage. */
static void a_start_in_the_middle(void **state)
{
    const char *path = make_noisy("whole.ts", "3", "-c:v libx264 -g 10 -bf 0 -sc_threshold 0");
    struct reading reading;
    uint8_t *file;
    size_t count, from;

    (void)state;
    file = load_file(path, &count);
    from = count / 5 / 188 * 188;
    memmove(file + 188 * 3, file + from, count - from); /* behind the tables */
    read_all(&reading, write_file("late.ts", file, count - from + 188 * 3), stop);
    free(file);
    assert_int_equal(reading.status, VANON_ERR_EOF);
    assert_int_equal(reading.frames, 20);
    assert_int_equal(reading.first.flags, VANON_FRAME_KEY);
    assert_true(reading.packets_lost > 0);
    assert_int_equal(reading.damaged, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_h264),
        cmocka_unit_test(damaged_mpeg4),
        cmocka_unit_test(damaged_single_pictures),
        cmocka_unit_test(damaged_ffv1),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(cut_files),
        cmocka_unit_test(cut_pictures),
        cmocka_unit_test(the_rest_of_a_cut_file),
        cmocka_unit_test(live_files_are_whole),
        cmocka_unit_test(no_frame_at_all),
        cmocka_unit_test(a_start_in_the_middle),
    };

    return cmocka_run_group_tests_name("damage", tests, make_folder, remove_folder);
}
