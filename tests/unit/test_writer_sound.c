/* SPDX-License-Identifier: Apache-2.0 */
/* Sound that is converted or silenced: what is heard when, and that nothing is heard. Times are
 * measured on a tone that begins at a known moment. */
#include "writing.h"

#include "media/writer_mux.h"
#include "media/writer_sound.h"

#define PICTURE "-f lavfi -i testsrc2=s=64x48:r=25:d=2"
/* Silence, from 1 s on a tone of full strength. */
#define LATE_TONE "-f lavfi -i \"aevalsrc='gte(t,1)*sin(2*PI*1000*t)':d=2:s=%d\""

struct heard {
    double onset;  /* seconds of the file's own clock; -1: never loud */
    double length; /* seconds that were decoded, from time 0 */
    float loudest;
};

/* What is heard of a sound track: decoded as players do, with gaps as silence. */
static struct heard listen(const char *name, int track)
{
    struct heard heard = {-1, 0, 0};
    size_t count = 0;
    float sample;
    FILE *file;

    run("ffmpeg -v error -y -copyts -i %s -map 0:a:%d -af aresample=48000:async=1:first_pts=0 -ac "
        "1 -f "
        "f32le "
        "%s",
        path_of(name), track, path_of("heard.raw"));
    file = fopen(path_of("heard.raw"), "rb");
    assert_non_null(file);
    for (; fread(&sample, sizeof sample, 1, file); count++) {
        heard.loudest = fmaxf(heard.loudest, fabsf(sample));
        if (heard.onset < 0 && fabsf(sample) > 0.3f)
            heard.onset = (double)count / 48000;
    }
    fclose(file);
    heard.length = (double)count / 48000;
    return heard;
}

static void assert_near(double value, double expected, double most)
{
    if (fabs(value - expected) > most)
        fail_msg("%f is not within %f of %f", value, most, expected);
}

static void a_tone_keeps_its_moment(void **state)
{
    static const struct {
        const char *codec, *input, *output;
        int rate;
    } cases[] = {
        {"flac", "a.mkv", "o.mp4", 48000},       {"flac", "a.mkv", "o.mkv", 44100},
        {"libopus", "a.mkv", "o.mp4", 48000},    {"mp2", "a.mpg", "o.mp4", 48000},
        {"libmp3lame", "a.mp4", "o.mp4", 44100}, {"pcm_s16le", "a.mov", "o.mkv", 22050},
        {"ac3", "a.mkv", "o.mov", 32000},        {"pcm_s16le", "a.mov", "o.mp4", 192000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard before, after;

        run("ffmpeg -v error -y " PICTURE " " LATE_TONE " -c:v mpeg2video -c:a %s -ar %d %s",
            cases[i].rate, cases[i].codec, cases[i].rate, path_of(cases[i].input));
        copy_through(cases[i].input, cases[i].output, OPTIONS("audio", "aac", "codec", "mpeg4"));
        before = listen(cases[i].input, 0);
        after = listen(cases[i].output, 0);
        if (strcmp(cases[i].input, "a.mpg")) /* which starts its clock at half a second */
            assert_near(before.onset, 1, 0.01);
        assert_near(after.onset, before.onset, 0.002);
        assert_near(after.length, before.length, 0.05);
        assert_string_equal(
            probe(cases[i].output, "-select_streams a -show_entries stream=codec_name"), "aac");
    }
    assert_string_equal(probe("o.mp4", "-select_streams a -show_entries stream=sample_rate"),
                        "96000"); /* the most that AAC has */
}

static void a_late_track_stays_late(void **state)
{
    (void)state;
    run("ffmpeg -v error -y " PICTURE " -itsoffset 0.48 " LATE_TONE " -c:v mpeg4 -c:a flac %s",
        44100, path_of("late.mkv"));
    copy_through("late.mkv", "o.mp4", OPTIONS("audio", "aac", "codec", "mpeg4"));
    assert_near(listen("o.mp4", 0).onset, 1.48, 0.002);
    assert_near(strtod(probe("o.mp4", "-select_streams a -show_entries stream=start_time"), NULL),
                0.48, 0.0245); /* a frame of AAC: the encoder's delay comes before */
}

static void gaps_become_silence(void **state)
{
    struct heard heard;

    (void)state;
    /* half a second of tone, nothing until 1.5 s, tone again */
    run("ffmpeg -v error -y " PICTURE
        " -f lavfi -i sine=1000:d=0.5:r=48000,volume=8 -itsoffset 1.5 -f lavfi "
        "-i sine=1000:d=0.5:r=48000,volume=8 -map 0 -map 1 -map 2 -c:v mpeg4 -c:a pcm_s16le %s",
        path_of("two.mkv"));
    run("ffmpeg -v error -y -i %s -map 0:a:0 -c copy %s", path_of("two.mkv"), path_of("one.mkv"));
    run("cd %s && printf \"file one.mkv\\nduration 1.5\\nfile one.mkv\\n\" > list.txt && ffmpeg -v "
        "error -y -f concat -i list.txt -i two.mkv -map 1:v -map 0:a -c copy gap.mkv",
        folder);
    copy_through("gap.mkv", "o.mkv", OPTIONS("audio", "aac", "codec", "mpeg4"));
    heard = listen("o.mkv", 0);
    assert_near(heard.onset, 0, 0.03);
    assert_near(heard.length, 2, 0.05);
    run("ffmpeg -v error -y -ss 1.0 -i %s -map 0:a -t 0.4 -c:a pcm_s16le %s", path_of("o.mkv"),
        path_of("middle.wav"));
    assert_true(listen("middle.wav", 0).loudest < 0.001f);
}

static void packets_of(vanon_sound *sound, vanon_reader *reader, int64_t back_at, int64_t back_by)
{
    vanon_frame *frame;
    AVPacket *packet;

    while (!vanon_reader_read(reader, &frame, &packet)) {
        if (packet && packet->pts >= back_at)
            packet->dts = packet->pts -= back_by;
        if (packet)
            assert_int_equal(vanon_sound_write(sound, packet), VANON_OK);
        vanon_frame_unref(&frame);
        vanon_packet_free(&packet);
    }
    assert_int_equal(vanon_sound_write(sound, NULL), VANON_OK);
}

/* What is told twice is heard once: the second half starts 0.2 s too early. */
static void overlaps_are_cut(void **state)
{
    vanon_options *options;
    vanon_reader *reader;
    vanon_sound *sound;
    vanon_mux *mux;
    AVFormatContext *format;
    const AVOutputFormat *container = av_guess_format("matroska", NULL, NULL);
    struct vanon_sound_params params = {
        .codec = AV_CODEC_ID_AAC, .path = "o.mkv", .log = &unit_log};

    (void)state;
    unlink(path_of("o.mkv"));
    run("ffmpeg -v error -y " PICTURE
        " -f lavfi -i sine=1000:d=2:r=48000 -c:v mpeg4 -c:a pcm_s16le %s",
        path_of("tone.mkv"));
    reader = open_reader("tone.mkv", &options);
    assert_int_equal(vanon_mux_create(&mux, path_of("o.mkv"), container, options, &unit_log),
                     VANON_OK);
    format = vanon_mux_format(mux);
    params.mux = mux;
    params.source = vanon_reader_format(reader)->streams[1];
    params.target = avformat_new_stream(format, NULL);
    assert_int_equal(vanon_sound_create(&sound, &params), VANON_OK);
    assert_int_equal(vanon_mux_start(mux, 0), VANON_OK);
    packets_of(sound, reader, 1000, 200);
    vanon_sound_destroy(&sound);
    assert_null(sound);
    assert_int_equal(vanon_mux_finish(mux), VANON_OK);
    vanon_mux_destroy(&mux);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
    assert_near(listen("o.mkv", 0).length, 1.8, 0.03);
}

static void what_is_aac_already_is_copied(void **state)
{
    struct session session;

    (void)state;
    copy_through("av.mp4", "o.mp4", OPTIONS("audio", "aac"));
    assert_string_equal(
        output_of("ffmpeg -v error -i %s -map 0:a -c copy -f streamhash -", path_of("av.mp4")),
        output_of("ffmpeg -v error -i %s -map 0:a -c copy -f streamhash -", path_of("o.mp4")));
    assert_int_equal(begin(&session, "av.mp4", "o2.mp4", OPTIONS("audio", "aac")), VANON_OK);
    assert_string_equal(note_of(&session, 1)->fate, "copied");
    end(&session);
}

static void every_track_is_converted_and_told(void **state)
{
    struct session session;

    (void)state;
    run("ffmpeg -v error -y -i %s -f lavfi -i \"sine=d=1,pan=5.1|FL=c0|FC=c0|LFE=c0\" -map 0 -map "
        "1 "
        "-c:v copy -c:a:0 mp3 -c:a:1 flac -c:a:2 ac3 -metadata:s:a:1 language=deu %s",
        path_of("av.mp4"), path_of("three.mkv"));
    unlink(path_of("o.mp4"));
    assert_int_equal(begin(&session, "three.mkv", "o.mp4", OPTIONS("audio", "aac")), VANON_OK);
    for (int i = 1; i < 4; i++) {
        assert_string_equal(note_of(&session, i)->fate, "converted");
        assert_string_equal(note_of(&session, i)->why, "aac");
    }
    assert_string_equal(note_of(&session, 1)->codec, "mp3");
    assert_int_equal(pump(&session), VANON_OK);
    finish(&session);
    end(&session);
    assert_string_equal(probe("o.mp4", "-select_streams a -show_entries "
                                       "stream=codec_name,channels:stream_tags=language"),
                        "aac|1|und\naac|1|deu\naac|6|und");
    assert_false(file_contains("o.mp4", "Lavc"));
}

static void mute_keeps_tracks_and_no_sound(void **state)
{
    static const struct {
        const char *output, *codec;
    } cases[] = {{"o.mp4", "aac"}, {"o.mkv", "aac"}, {"o.webm", "opus"}, {"o.avi", "pcm_s16le"},
                 {"o.nut", "aac"}, {"o.ts", "aac"},  {"o.mpg", "mp2"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        copy_through("av.mp4", cases[i].output, OPTIONS("audio", "mute"));
        assert_string_equal(
            output_of("ffprobe -v error -select_streams a -show_entries stream=codec_name -of "
                      "csv=p=0 %s | sort -u | grep .",
                      path_of(cases[i].output)),
            cases[i].codec);
        for (int track = 0; track < 2; track++) {
            struct heard heard = listen(cases[i].output, track);

            assert_true(heard.loudest == 0.0f);
            /* MPEG's clocks start late */
            if (strcmp(cases[i].output, "o.ts") && strcmp(cases[i].output, "o.mpg"))
                assert_near(heard.length, 1, 0.05);
            assert_true(heard.length > 0.9);
        }
    }
}

static void what_can_not_be_converted_is_refused(void **state)
{
    struct session session;

    (void)state;
    assert_int_equal(begin(&session, "three.mkv", "r.webm", OPTIONS("audio", "aac")),
                     VANON_ERR_UNSUPPORTED);
    assert_message("r.webm", "stream 1 (audio, aac", "--audio drop");
    end(&session);
    assert_int_equal(begin(&session, "three.mkv", "r.avi", OPTIONS("audio", "aac")),
                     VANON_ERR_UNSUPPORTED);
    assert_message("r.avi", "aac");
    end(&session);
    assert_int_equal(begin(&session, "three.mkv", "r.gif", OPTIONS("audio", "mute")),
                     VANON_ERR_UNSUPPORTED);
    assert_message("r.gif", "stream 1", "--audio drop");
    end(&session);
    assert_int_equal(begin(&session, "three.mkv", "r.3gp", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("r.3gp", "stream 1 (audio, mp3", "--audio aac");
    end(&session);
    assert_no_leftover();
}

/* Broken packets are no reason to lose a video, and must be no reason to move what follows. */
static void damaged_sound_becomes_silence(void **state)
{
    run("ffmpeg -v error -y " PICTURE " " LATE_TONE
        " -c:v mpeg4 -c:a libopus -bsf:a noise=amount=200:drop=0 %s",
        48000, path_of("noise.mkv"));
    (void)state;
    unlink(path_of("o.mp4"));
    copy_through("noise.mkv", "o.mp4", OPTIONS("audio", "aac", "codec", "mpeg4"));
    assert_near(listen("o.mp4", 0).length, 2, 0.1);
}

static void subtitles_can_be_dropped(void **state)
{
    struct session session;

    (void)state;
    run("printf '1\\n00:00:00,100 --> 00:00:00,300\\nhello\\n' > %s", path_of("s.srt"));
    run("ffmpeg -v error -y -i %s -i %s -c copy %s", path_of("plain.mkv"), path_of("s.srt"),
        path_of("sub.mkv"));
    copy_through("sub.mkv", "o3.mp4", OPTIONS("subtitles", "drop"));
    assert_string_equal(probe("o3.mp4", "-show_entries stream=codec_type"), "video");
    assert_int_equal(begin(&session, "sub.mkv", "o4.mp4", OPTIONS("subtitles", "drop")), VANON_OK);
    assert_string_equal(note_of(&session, 1)->why, "subtitles: drop");
    end(&session);
    assert_int_equal(begin(&session, "sub.mkv", "o4.mp4", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("--subtitles drop");
    end(&session);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_tone_keeps_its_moment, tidy),
        cmocka_unit_test_teardown(a_late_track_stays_late, tidy),
        cmocka_unit_test_teardown(gaps_become_silence, tidy),
        cmocka_unit_test_teardown(overlaps_are_cut, tidy),
        cmocka_unit_test_teardown(what_is_aac_already_is_copied, tidy),
        cmocka_unit_test_teardown(every_track_is_converted_and_told, tidy),
        cmocka_unit_test_teardown(mute_keeps_tracks_and_no_sound, tidy),
        cmocka_unit_test_teardown(what_can_not_be_converted_is_refused, tidy),
        cmocka_unit_test_teardown(damaged_sound_becomes_silence, tidy),
        cmocka_unit_test_teardown(subtitles_can_be_dropped, tidy),
    };

    return cmocka_run_group_tests_name("writer_sound", tests, make_inputs, remove_inputs);
}
