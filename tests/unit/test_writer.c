/* SPDX-License-Identifier: Apache-2.0 */
/* Formats, codecs, refusals, and the sink. */
#include "writing.h"

static void lossless_formats_come_back(void **state)
{
    (void)state;
    for (int i = VANON_PIXEL_NONE + 1; i < VANON_PIXEL_FORMATS; i++) {
        enum vanon_pixel_format format = (enum vanon_pixel_format)i;

        if (format == VANON_PIXEL_YA16 || format == VANON_PIXEL_NV16)
            continue; /* neither FFV1 nor NUT has them, and nothing that is the same */
        if (format != VANON_PIXEL_YUV440P10 && format != VANON_PIXEL_YUV440P12)
            assert_round_trip("raw.nut", format, 33, 17, OPTIONS("codec", "rawvideo"));
        if (format == VANON_PIXEL_YUVA422P12 || format == VANON_PIXEL_YUVA444P12)
            continue; /* FFV1 has them in 10 and 16 bits only */
        assert_round_trip("ffv1.mkv", format, 32, 18, OPTIONS("codec", "ffv1"));
        assert_round_trip("ffv1.mkv", format, 33, 17, OPTIONS("codec", "ffv1"));
    }
}

static void what_a_container_has_no_name_for(void **state)
{
    struct session session;
    vanon_frame *frame = make_timed(VANON_PIXEL_YUV444P, 32, 16, 0);

    (void)state;
    assert_int_equal(begin(&session, "plain.mkv", "raw.avi", OPTIONS("codec", "rawvideo")),
                     VANON_OK);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_ERR_UNSUPPORTED);
    assert_null(frame);
    assert_message("raw.avi", "yuv444p", ".nut");
    assert_int_equal(vanon_writer_finish(session.writer), VANON_ERR_UNSUPPORTED);
    end(&session);
    assert_int_not_equal(access(path_of("raw.avi"), F_OK), 0);
    assert_no_leftover();
    frame = make_timed(VANON_PIXEL_NV16, 32, 16, 0);
    assert_int_equal(begin(&session, "plain.mkv", "nv16.mkv", OPTIONS("codec", "ffv1")), VANON_OK);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_ERR_UNSUPPORTED);
    assert_message("ffv1", "nv16");
    end(&session);
    assert_round_trip("raw.avi", VANON_PIXEL_YUV420P, 33, 17, OPTIONS("codec", "rawvideo"));
    unlink(path_of("raw.avi"));
    assert_round_trip("raw.avi", VANON_PIXEL_BGR24, 33, 17, OPTIONS("codec", "rawvideo"));
    unlink(path_of("raw.avi"));
    assert_round_trip("raw.mkv", VANON_PIXEL_NV12, 33, 17, OPTIONS("codec", "rawvideo"));
    run("ffmpeg -v error -i %s -pix_fmt rgb24 -c:v rawvideo %s", path_of("plain.mkv"),
        path_of("rgb.nut"));
    copy_through("rgb.nut", "raw.mov", OPTIONS("codec", "rawvideo"));
    assert_string_equal(output_of("ffmpeg -v error -i %s -f md5 -", path_of("rgb.nut")),
                        output_of("ffmpeg -v error -i %s -f md5 -", path_of("raw.mov")));
    assert_int_equal(begin(&session, "plain.mkv", "refused.mov", OPTIONS("codec", "rawvideo")),
                     VANON_ERR_UNSUPPORTED);
    assert_message("rawvideo", "yuv420p", ".nut");
    end(&session);
    assert_round_trip("raw.y4m", VANON_PIXEL_YUV444P, 33, 17, OPTIONS("codec", "rawvideo"));
}

static void pictures_come_back(void **state)
{
    static const enum vanon_pixel_format formats[] = {
        VANON_PIXEL_RGB24,  VANON_PIXEL_BGR24, VANON_PIXEL_RGBA,  VANON_PIXEL_GBRP,
        VANON_PIXEL_GRAY8,  VANON_PIXEL_YA8,   VANON_PIXEL_RGB48, VANON_PIXEL_RGBA64,
        VANON_PIXEL_GRAY16, VANON_PIXEL_YA16};
    char conversion[96];

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        vanon_frame *written = make_timed(formats[i], 33, 17, 0), *read;
        vanon_options *options;
        vanon_reader *reader;

        write_by_hand("one.png", formats[i], 33, 17, 1, NO_OPTIONS, conversion);
        reader = open_reader("one.png", &options);
        read = next_frame(reader);
        assert_non_null(read);
        assert_same_samples(written, read, 0);
        vanon_frame_unref(&written);
        vanon_frame_unref(&read);
        vanon_reader_destroy(&reader);
        vanon_options_destroy(&options);
    }
    write_by_hand("one.jpg", VANON_PIXEL_YUV420P, 33, 17, 1, NO_OPTIONS, conversion);
    assert_string_equal(conversion, "yuv420p to full range");
    assert_string_equal(probe("one.jpg", "-show_entries stream=codec_name,width,height"),
                        "mjpeg|33|17");
    assert_false(file_contains("one.jpg", "Lavc"));
}

static void a_picture_takes_one_frame(void **state)
{
    struct session session;

    (void)state;
    unlink(path_of("one.png"));
    assert_int_equal(begin(&session, "plain.mkv", "one.png", NO_OPTIONS), VANON_OK);
    assert_int_equal(pump(&session), VANON_ERR_UNSUPPORTED);
    assert_message("one.png", "one picture");
    end(&session);
    assert_int_not_equal(access(path_of("one.png"), F_OK), 0);
}

static void h264_keeps_formats(void **state)
{
    static const struct {
        enum vanon_pixel_format format;
        int width, height;
        const char *encoder_format, *conversion;
    } cases[] = {
        {VANON_PIXEL_YUV420P, 64, 48, "yuv420p", ""},
        {VANON_PIXEL_YUV422P, 64, 47, "yuv422p", ""},
        {VANON_PIXEL_YUV444P, 33, 17, "yuv444p", ""},
        {VANON_PIXEL_GRAY8, 33, 17, "yuvj420p", ""}, /* so FFmpeg decodes its 4:0:0 */
        {VANON_PIXEL_NV12, 64, 48, "yuv420p", ""},   /* planes are not the codec's business */
        {VANON_PIXEL_NV21, 64, 48, "yuv420p", ""},
        {VANON_PIXEL_NV16, 64, 48, "yuv422p", ""},
        {VANON_PIXEL_YUV420P10, 64, 48, "yuv420p10le", ""},
        {VANON_PIXEL_P010, 64, 48, "yuv420p10le", "p010le to yuv420p10le"},
        {VANON_PIXEL_RGB24, 33, 17, "gbrp", ""},
        {VANON_PIXEL_BGR24, 33, 17, "gbrp", ""},
        {VANON_PIXEL_BGR0, 33, 17, "gbrp", ""},
        {VANON_PIXEL_GBRP, 33, 17, "gbrp", "gbrp to bgr0"},
        {VANON_PIXEL_YUV420P, 33, 17, "yuv444p", "yuv420p to yuv444p"},
        {VANON_PIXEL_YUV420P10, 33, 18, "yuv444p10le", "yuv420p10le to yuv444p10le"},
        {VANON_PIXEL_RGBA, 64, 48, "yuv444p", "rgba to yuv444p"},
        {VANON_PIXEL_YUVA420P, 64, 48, "yuv420p", "yuva420p to yuv420p"},
        {VANON_PIXEL_YUYV422, 64, 48, "yuv422p", "yuyv422 to yuv422p"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char conversion[96], expected[64];

        write_by_hand("h264.mp4", cases[i].format, cases[i].width, cases[i].height, 3,
                      OPTIONS("crf", "1", "preset", "ultrafast"), conversion);
        assert_string_equal(conversion, cases[i].conversion);
        snprintf(expected, sizeof expected, "h264|%d|%d|%s|3", cases[i].width, cases[i].height,
                 cases[i].encoder_format);
        assert_string_equal(probe("h264.mp4",
                                  "-count_packets -show_entries "
                                  "stream=codec_name,width,height,pix_fmt,nb_read_packets"),
                            expected);
    }
}

/* At CRF 0 and in the colour space of the frames, 8-bit H.264 is lossless. */
static void h264_rgb_is_exact(void **state)
{
    (void)state;
    assert_round_trip("h264.mkv", VANON_PIXEL_GBRP, 33, 17, OPTIONS("crf", "0"));
    assert_round_trip("h264.mkv", VANON_PIXEL_RGB24, 33, 17, OPTIONS("crf", "0"));
    assert_round_trip("h264.mkv", VANON_PIXEL_RGB0, 33, 17, OPTIONS("crf", "0"));
    assert_round_trip("h264.mkv", VANON_PIXEL_NV21, 32, 18, OPTIONS("crf", "0"));
}

static void a_flat_colour_survives_conversion(void **state)
{
    static const unsigned expected[] = {81, 90, 240}; /* pure red in BT.601, limited range */
    struct session session;
    vanon_frame *frame = make_timed(VANON_PIXEL_RGBA, 64, 48, 0), *read;
    vanon_options *options;
    vanon_reader *reader;

    (void)state;
    for (int y = 0; y < 48; y++)
        for (int x = 0; x < 64; x++)
            memcpy(frame->plane[0] + y * frame->stride[0] + 4 * x, "\377\0\0\377", 4);
    unlink(path_of("red.mp4"));
    assert_int_equal(begin(&session, "plain.mkv", "red.mp4", OPTIONS("crf", "1")), VANON_OK);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
    finish(&session);
    end(&session);
    assert_string_equal(probe("red.mp4", "-show_entries stream=color_range,color_space"),
                        "tv|smpte170m");
    reader = open_reader("red.mp4", &options);
    read = next_frame(reader);
    for (int i = 0; i < 3; i++)
        assert_in_range(sample(read, i, 20, 20), expected[i] - 1, expected[i] + 1);
    vanon_frame_unref(&read);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

static void pixel_format_is_obeyed(void **state)
{
    char conversion[96];
    struct session session;

    (void)state;
    write_by_hand("h264.mp4", VANON_PIXEL_YUV444P, 64, 48, 2, OPTIONS("pixel_format", "yuv420p"),
                  conversion);
    assert_string_equal(conversion, "yuv444p to yuv420p");
    assert_string_equal(probe("h264.mp4", "-show_entries stream=pix_fmt"), "yuv420p");
    unlink(path_of("h264.mp4"));
    assert_int_equal(begin(&session, "plain.mkv", "h264.mp4", OPTIONS("pixel_format", "rgb565le")),
                     VANON_ERR_UNSUPPORTED);
    assert_message("rgb565le", "libx264");
    end(&session);
    assert_int_equal(begin(&session, "plain.mkv", "h264.mp4", OPTIONS("pixel_format", "mauve")),
                     VANON_ERR_OPTION);
    assert_message("pixel_format mauve");
    end(&session);
}

static void other_codecs_work(void **state)
{
    static const struct {
        const char *output, *codec, *expected;
    } cases[] = {
        {"c.mkv", "hevc", "hevc|10"},       {"c.mp4", "libx265", "hevc|10"},
        {"c.webm", "auto", "vp9|10"},       {"c.mkv", "vp8", "vp8|10"},
        {"c.mov", "prores", "prores|10"},   {"c.avi", "mjpeg", "mjpeg|10"},
        {"c.avi", "mpeg4", "mpeg4|10"},     {"c.gif", "auto", "gif|10"},
        {"c.mpg", "auto", "mpeg1video|10"}, {"c.avi", "auto", "h264|10"},
        {"c.ts", "auto", "h264|10"},        {"c.flv", "auto", "h264|10"},
        {"c.nut", "auto", "h264|10"},       {"c.h264", "auto", "h264|10"},
        {"c.mkv", "libaom-av1", "av1|10"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        copy_through("plain.mkv", cases[i].output, OPTIONS("codec", cases[i].codec));
        /* of streams alone: transport streams have programs as well */
        assert_string_equal(output_of("ffprobe -v error -count_packets -show_entries "
                                      "stream=codec_name,nb_read_packets -of compact=p=0:nk=1 %s"
                                      " | tail -n 1",
                                      path_of(cases[i].output)),
                            cases[i].expected);
    }
}

static void encoders_leave_no_name(void **state)
{
    static const char *const outputs[] = {"x.mp4", "x.mkv", "x.ts", "x.avi", "x.flv"};
    static const char *const texts[] = {"x264", "x265", "Lavc", "options:"};

    (void)state;
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        copy_through("plain.mkv", outputs[i], NO_OPTIONS);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            if (file_contains(outputs[i], texts[k]))
                fail_msg("%s contains \"%s\"", outputs[i], texts[k]);
        run("ffmpeg -v error -xerror -i %s -vsync passthrough -f md5 - > /dev/null",
            path_of(outputs[i]));
    }
    copy_through("plain.mkv", "x.mp4", OPTIONS("codec", "hevc"));
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        assert_false(file_contains("x.mp4", texts[k]));
    assert_false(file_contains("x.mp4", "Lavf"));
}

static void only_free_text_is_stripped(void **state)
{
    static const uint8_t before[] = {0, 0,    0,    1,   0x67, 0x42, 0,    0,    1,   6,
                                     5, 2,    'h',  'i', 0x80, 0,    0,    1,    6,   1,
                                     1, 0x44, 0x80, 0,   0,    1,    0x65, 0x88, 0x84};
    static const uint8_t after[] = {0, 0, 0,    1,    0x67, 0x42, 0, 0,    1,    6,
                                    1, 1, 0x44, 0x80, 0,    0,    1, 0x65, 0x88, 0x84};
    AVPacket *packet = av_packet_alloc();

    (void)state;
    assert_int_equal(av_new_packet(packet, sizeof before), 0);
    memcpy(packet->data, before, sizeof before);
    vanon_strip_user_data(packet);
    assert_int_equal(packet->size, sizeof after);
    assert_memory_equal(packet->data, after, sizeof after);
    vanon_strip_user_data(packet);
    assert_int_equal(packet->size, sizeof after);
    av_packet_free(&packet);
}

/* Refusals */

static void refused(const char *output, int status, const char *const *pairs)
{
    struct session session;
    int got = begin(&session, "plain.mkv", output, pairs);

    if (got != status)
        fail_msg("%s: %d, not %d: %s", output, got, status, unit_message);
    assert_null(session.writer);
    end(&session);
    assert_no_leftover();
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    refused("out.strange", VANON_ERR_OPTION, NO_OPTIONS);
    assert_message("out.strange", ".mp4", ".mkv");
    refused("out", VANON_ERR_OPTION, NO_OPTIONS);
    refused("out.wav", VANON_ERR_OPTION, NO_OPTIONS);
    assert_message("out.wav", "no video");
    refused("out.m3u8", VANON_ERR_OPTION, NO_OPTIONS);
    refused("out.mp4", VANON_ERR_OPTION, OPTIONS("codec", "h266"));
    assert_message("codec h266", "h264", "ffv1");
    refused("out.mp4", VANON_ERR_OPTION, OPTIONS("codec", "aac"));
    refused("out.mp4", VANON_ERR_UNSUPPORTED, OPTIONS("codec", "ffv1"));
    assert_message("out.mp4", "ffv1", ".mkv");
    refused("out.mp4", VANON_ERR_OPTION, OPTIONS("preset", "quick"));
    assert_message("preset quick", "veryfast");
    refused("out.mkv", VANON_ERR_OPTION, OPTIONS("codec", "ffv1", "preset", "fast"));
    assert_message("ffv1 has no presets");
    refused("out.mkv", VANON_ERR_OPTION, OPTIONS("codec", "ffv1", "crf", "3"));
    assert_message("crf 3", "ffv1");
}

static void outputs_are_protected(void **state)
{
    const char *before;

    (void)state;
    run("echo precious > %s", path_of("there.mp4"));
    refused("there.mp4", VANON_ERR_EXISTS, NO_OPTIONS);
    assert_message("there.mp4", "--overwrite");
    assert_string_equal(output_of("cat %s", path_of("there.mp4")), "precious");
    copy_through("plain.mkv", "fresh.mp4", NO_OPTIONS);
    run("mkdir -p %s", path_of("folder.mp4"));
    refused("folder.mp4", VANON_ERR_EXISTS, OPTIONS("overwrite", "true"));
    refused("nowhere/out.mp4", VANON_ERR_IO, NO_OPTIONS);
    before = output_of("md5sum < %s", path_of("plain.mkv"));
    refused("plain.mkv", VANON_ERR_EXISTS, OPTIONS("overwrite", "true"));
    assert_message("plain.mkv", "input");
    run("ln -s plain.mkv %s && ln %s %s", path_of("soft.mkv"), path_of("plain.mkv"),
        path_of("hard.mkv"));
    refused("soft.mkv", VANON_ERR_EXISTS, OPTIONS("overwrite", "true"));
    refused("hard.mkv", VANON_ERR_EXISTS, OPTIONS("overwrite", "true"));
    assert_string_equal(before, output_of("md5sum < %s", path_of("plain.mkv")));
}

static void overwriting_happens_at_the_end(void **state)
{
    struct session session;

    (void)state;
    run("echo precious > %s", path_of("there.mp4"));
    assert_int_equal(begin(&session, "plain.mkv", "there.mp4", OPTIONS("overwrite", "true")),
                     VANON_OK);
    assert_int_equal(pump(&session), VANON_OK);
    assert_string_equal(output_of("cat %s", path_of("there.mp4")), "precious");
    finish(&session);
    end(&session);
    assert_string_equal(probe("there.mp4", "-show_entries stream=codec_name"), "h264");
}

static void an_unfinished_output_vanishes(void **state)
{
    struct session session;

    (void)state;
    assert_int_equal(begin(&session, "plain.mkv", "gone.mp4", NO_OPTIONS), VANON_OK);
    assert_int_equal(pump(&session), VANON_OK);
    end(&session);
    assert_int_equal(begin(&session, "plain.mkv", "gone.mp4", NO_OPTIONS), VANON_OK);
    assert_int_equal(vanon_writer_finish(session.writer), VANON_ERR_INPUT);
    assert_message("gone.mp4", "no frame");
    end(&session);
    assert_int_not_equal(access(path_of("gone.mp4"), F_OK), 0);
    assert_no_leftover();
}

/* A file may grow to 20 kB: like a disk that is full in the middle, or at the end. */
static void a_full_disk_is_an_error(void **state)
{
    static const char *const outputs[] = {"full.mkv", "full.mp4", "full.nut"};

    (void)state;
    for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++) {
        struct rlimit before, small = {20000, 20000};
        struct session session;
        int status = VANON_OK;

        assert_int_equal(begin(&session, "plain.mkv", outputs[k], OPTIONS("codec", "mpeg4")),
                         VANON_OK);
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        small.rlim_max = before.rlim_max;
        setrlimit(RLIMIT_FSIZE, &small);
        for (int i = 0; i < 20 && !status; i++) {
            vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 128, 96, i);
            status = vanon_writer_frame(session.writer, &frame);
        }
        if (!status)
            status = vanon_writer_finish(session.writer);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(status, VANON_ERR_IO);
        assert_message(outputs[k], "File too large");
        assert_int_equal(vanon_writer_finish(session.writer), VANON_ERR_IO);
        end(&session);
        assert_int_not_equal(access(path_of(outputs[k]), F_OK), 0);
        assert_no_leftover();
    }
}

/* The sink */

static void md5_of(int changed, int stride_padding, char text[33])
{
    struct session session;

    assert_int_equal(begin(&session, "plain.mkv", "", OPTIONS("codec", "md5")), VANON_OK);
    assert_string_equal(vanon_writer_encoder(session.writer), "");
    for (int i = 0; i < 3; i++) {
        vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P10, 33, 17, i);

        if (changed == 1 && i == 2)
            set_sample(frame, 2, 16, 8, sample(frame, 2, 16, 8) ^ 1);
        if (changed == 2)
            frame->pts++;
        if (stride_padding)
            for (int y = 0; y < 17; y++)
                frame->plane[0][y * frame->stride[0] + 66] = 99;
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
        assert_null(frame);
    }
    assert_string_equal(vanon_writer_md5(session.writer), "");
    finish(&session);
    assert_string_equal(vanon_writer_encoder(session.writer), "md5");
    assert_string_equal(note_of(&session, 0)->fate, "anonymised");
    snprintf(text, 33, "%s", vanon_writer_md5(session.writer));
    end(&session);
}

static void md5_tells_frames_apart(void **state)
{
    char one[33], same[33], other[33];

    (void)state;
    md5_of(0, 0, one);
    assert_int_equal(strlen(one), 32);
    md5_of(0, 1, same);
    assert_string_equal(one, same);
    md5_of(1, 0, other);
    assert_string_not_equal(one, other);
    md5_of(2, 0, other);
    assert_string_not_equal(one, other);
}

static void md5_of_a_file(void **state)
{
    struct session session;
    char first[33] = "";

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(begin(&session, "av.mp4", "ignored.txt", OPTIONS("codec", "md5")),
                         VANON_OK);
        assert_int_equal(pump(&session), VANON_OK);
        finish(&session);
        if (i)
            assert_string_equal(first, vanon_writer_md5(session.writer));
        snprintf(first, sizeof first, "%s", vanon_writer_md5(session.writer));
        assert_string_equal(note_of(&session, 1)->fate, "dropped");
        end(&session);
    }
    assert_int_not_equal(access(path_of("ignored.txt"), F_OK), 0);
}

static void default_paths(void **state)
{
    static const char *const pairs[][2] = {
        {"clip.mp4", "clip.anonymized.mp4"},
        {"a.b/clip", "a.b/clip.anonymized.mp4"},
        {"/x/My Clip.v2.MKV", "/x/My Clip.v2.anonymized.MKV"},
        {"clip.txt", "clip.anonymized.mp4"},
        {"clip.mp3", "clip.anonymized.mp4"},
        {"photo.jpeg", "photo.anonymized.jpeg"},
        {"dir/.mp4", "dir/.mp4.anonymized.mp4"},
        {"file:x.avi", "x.anonymized.avi"},
        {"https://host/dir/clip.webm", "clip.anonymized.webm"},
        {"", ".anonymized.mp4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *path = vanon_writer_default_path(pairs[i][0]);

        assert_string_equal(path, pairs[i][1]);
        free(path);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lossless_formats_come_back, tidy),
        cmocka_unit_test_teardown(what_a_container_has_no_name_for, tidy),
        cmocka_unit_test_teardown(pictures_come_back, tidy),
        cmocka_unit_test_teardown(a_picture_takes_one_frame, tidy),
        cmocka_unit_test_teardown(h264_keeps_formats, tidy),
        cmocka_unit_test_teardown(h264_rgb_is_exact, tidy),
        cmocka_unit_test_teardown(a_flat_colour_survives_conversion, tidy),
        cmocka_unit_test_teardown(pixel_format_is_obeyed, tidy),
        cmocka_unit_test_teardown(other_codecs_work, tidy),
        cmocka_unit_test_teardown(encoders_leave_no_name, tidy),
        cmocka_unit_test_teardown(only_free_text_is_stripped, tidy),
        cmocka_unit_test_teardown(bad_options_are_refused, tidy),
        cmocka_unit_test_teardown(outputs_are_protected, tidy),
        cmocka_unit_test_teardown(overwriting_happens_at_the_end, tidy),
        cmocka_unit_test_teardown(an_unfinished_output_vanishes, tidy),
        cmocka_unit_test_teardown(a_full_disk_is_an_error, tidy),
        cmocka_unit_test_teardown(md5_tells_frames_apart, tidy),
        cmocka_unit_test_teardown(md5_of_a_file, tidy),
        cmocka_unit_test_teardown(default_paths, tidy),
    };

    return cmocka_run_group_tests_name("writer", tests, make_inputs, remove_inputs);
}
