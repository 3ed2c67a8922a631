/* SPDX-License-Identifier: Apache-2.0 */
/* Reading whole and healthy media: times, shapes, colours, formats, streams; and what is no media.
 * Damage is test_damage.c. */
#include "media_clips.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#define TEN_FRAMES "-f lavfi -i testsrc2=s=64x48:r=10:d=1 "

static void frames_of_containers(void **state)
{
    static const struct {
        const char *name, *arguments, *format, *codec;
    } clips[] = {
        {"a.mp4", TEN_FRAMES "-c:v libx264 -pix_fmt yuv420p", "mov,mp4", "h264"},
        {"a.mkv", TEN_FRAMES "-c:v libx264 -bf 3 -g 4 -pix_fmt yuv420p", "matroska", "h264"},
        {"a.webm", TEN_FRAMES "-c:v libvpx-vp9 -pix_fmt yuv420p", "matroska,webm", "vp9"},
        {"a.avi", TEN_FRAMES "-c:v mpeg4 -bf 2", "avi", "mpeg4"},
        {"a.ts", TEN_FRAMES "-c:v mpeg2video -r 25 -frames:v 10", "mpegts", "mpeg2video"},
        {"a.gif", TEN_FRAMES, "gif", "gif"},
        {"a.mjpeg", TEN_FRAMES "-c:v mjpeg", "mjpeg", "mjpeg"},
        {"a.nut", TEN_FRAMES "-c:v ffv1", "nut", "ffv1"},
        {"a.y4m", TEN_FRAMES "-pix_fmt yuv420p", "yuv4mpegpipe", "rawvideo"},
        {"a.hevc.mp4", TEN_FRAMES "-c:v libx265 -x265-params log-level=none", "mov,mp4", "hevc"},
    };
    struct reading reading;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(clips); i++) {
        read_healthy(&reading, make_clip(clips[i].name, clips[i].arguments), 10);
        assert_non_null(strstr(reading.info.format, clips[i].format));
        assert_string_equal(reading.info.codec, clips[i].codec);
        assert_int_equal(reading.info.width, 64);
        assert_int_equal(reading.info.height, 48);
        assert_false(reading.info.still);
        assert_int_equal(reading.first.width, 64);
        assert_int_equal(reading.first.rotation, 0);
        assert_string_equal(reading.conversion, "");
    }
}

static void what_is_known_before(void **state)
{
    struct reading reading;

    (void)state;
    read_healthy(&reading, make_clip("info.mp4", TEN_FRAMES "-c:v libx264"), 10);
    assert_int_equal(reading.info.total_frames, 10);
    assert_int_equal(reading.info.frame_rate.num, 10);
    assert_int_equal(reading.info.frame_rate.den, 1);
    assert_true(reading.info.duration > 0.99 && reading.info.duration < 1.01);
    assert_true(reading.info.bit_rate > 0);
    assert_int_equal(reading.info.time_base.num, 1);
    assert_int_equal(reading.info.time_base.den, reading.first.time_base.den);
}

/* Times as ffprobe prints them. */
static void compare_with_ffprobe(const struct reading *reading, const char *path)
{
    char command[512], line[128];
    size_t count = 0;
    FILE *probe;

    snprintf(command, sizeof command,
             "ffprobe -v error -select_streams V:0 -of csv=p=0 -show_entries "
             "frame=best_effort_timestamp,pkt_duration %s",
             path);
    probe = popen(command, "r");
    assert_non_null(probe);
    while (fgets(line, sizeof line, probe)) {
        long long pts, duration;
        int known = sscanf(line, "%lld,%lld", &pts, &duration);

        if (known < 1)
            continue;
        assert_true(count < reading->frames);
        assert_int_equal(reading->pts[count], pts);
        if (known == 2) /* else it is "N/A", and comes from the rate */
            assert_int_equal(reading->duration[count], duration);
        count++;
    }
    assert_int_equal(pclose(probe), 0);
    assert_int_equal(count, reading->frames);
}

static void times_of_variable_rate(void **state)
{
    static const char uneven[] = TEN_FRAMES
        "-vf \"setpts='(N+0.3*mod(N,3)+gt(N,5)*4)/10/TB'\" -vsync vfr -enc_time_base 1/1000 "
        "-c:v libx264 -bf 2";
    static const char *const names[] = {"vfr.mp4", "vfr.mkv"};
    struct reading reading;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(names); i++) {
        const char *path = make_clip(names[i], uneven);

        read_healthy(&reading, path, 10);
        compare_with_ffprobe(&reading, path);
        assert_int_not_equal(reading.pts[1] - reading.pts[0], reading.pts[3] - reading.pts[2]);
        /* Matroska tells a rate nevertheless. */
        assert_int_equal(reading.info.frame_rate.num, i ? 10 : 0);
    }
}

static void times_that_the_container_lacks(void **state)
{
    struct reading reading;

    (void)state;
    read_healthy(&reading, make_clip("raw.h264", TEN_FRAMES "-c:v libx264 -bf 2 -pix_fmt yuv420p"),
                 10);
    for (size_t i = 1; i < 10; i++)
        assert_true(reading.pts[i] > reading.pts[i - 1]);
    assert_true(reading.duration[5] > 0);
}

static void shape_and_colour(void **state)
{
    const vanon_frame *first;
    struct reading reading;

    (void)state;
    read_healthy(&reading,
                 make_clip("colour.mp4", TEN_FRAMES
                           "-vf setsar=4/3 -c:v libx264 -pix_fmt yuv420p -color_primaries bt2020 "
                           "-color_trc arib-std-b67 -colorspace bt2020nc -color_range pc "
                           "-x264-params chromaloc=2"),
                 10);
    first = &reading.first;
    assert_int_equal(first->format, VANON_PIXEL_YUV420P);
    assert_int_equal(first->sar.num, 4);
    assert_int_equal(first->sar.den, 3);
    assert_int_equal(first->colour.primaries, 9);
    assert_int_equal(first->colour.transfer, 18);
    assert_int_equal(first->colour.matrix, 9);
    assert_true(first->colour.full_range);
    assert_int_equal(first->colour.chroma_location, VANON_CHROMA_TOPLEFT);
    assert_int_equal(first->field_order, VANON_FIELDS_PROGRESSIVE);
    assert_int_equal(first->flags, VANON_FRAME_KEY);

    read_healthy(&reading,
                 make_clip("fields.mkv", "-f lavfi -i testsrc2=s=64x48:r=50:d=0.4 -vf "
                                         "tinterlace=interleave_top -c:v mpeg2video -flags "
                                         "+ilme+ildct -top 1"),
                 10);
    assert_int_equal(reading.first.field_order, VANON_FIELDS_TOP_FIRST);
    assert_int_equal(reading.first.colour.primaries, 2);
    assert_false(reading.first.colour.full_range);
}

/* ffprobe tells the angle anticlockwise. */
static int probed_rotation(const char *path)
{
    char command[512];
    int degrees = 1;
    FILE *probe;

    snprintf(command, sizeof command,
             "ffprobe -v error -of csv=p=0 -show_entries stream_side_data=rotation %s", path);
    probe = popen(command, "r");
    assert_non_null(probe);
    assert_int_equal(fscanf(probe, "%d", &degrees), 1);
    assert_int_equal(pclose(probe), 0);
    return (360 - degrees) % 360;
}

static void rotation_of_a_stream(void **state)
{
    struct reading reading;
    char again[512];
    int sum = 0;

    (void)state;
    make_clip("upright.mp4", TEN_FRAMES "-c:v libx264");
    for (int degrees = 90; degrees < 360; degrees += 90) {
        const char *path;

        snprintf(again, sizeof again, "-i upright.mp4 -c copy -metadata:s:v rotate=%d", degrees);
        path = make_clip("turned.mp4", again);
        read_healthy(&reading, path, 10);
        assert_int_equal(reading.first.rotation, probed_rotation(path));
        assert_false(reading.first.mirrored);
        assert_int_equal(reading.first.width, 64); /* as coded */
        sum += reading.first.rotation;
    }
    assert_int_equal(sum, 90 + 180 + 270);
    read_all(&reading, make_clip("askew.mp4", "-i upright.mp4 -c copy -metadata:s:v rotate=33"),
             (struct reading_options){0});
    assert_int_equal(reading.created, VANON_ERR_UNSUPPORTED);
    assert_message("askew.mp4", "no multiple of 90");
}

static void rotation_of_a_photo(void **state)
{
    static const struct {
        int rotation;
        bool mirrored;
    } expected[9] = {{0, false},  {0, false},  {0, true},  {180, false}, {180, true},
                     {270, true}, {90, false}, {90, true}, {270, false}};
    /* An EXIF block with the one entry Orientation (0x0112). */
    uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                      0,    1,    1, 18, 0,   3,   0,   0,   0, 1, 0,   1,   0, 0,  0, 0, 0, 0};
    struct reading reading;
    uint8_t *photo, *turned;
    size_t bytes;

    (void)state;
    photo = load_file(make_clip("photo.jpg", TEN_FRAMES "-frames:v 1 -pix_fmt yuvj420p"), &bytes);
    turned = malloc(bytes + sizeof exif);
    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        exif[29] = orientation;
        memcpy(turned, photo, 2);
        memcpy(turned + 2, exif, sizeof exif);
        memcpy(turned + 2 + sizeof exif, photo + 2, bytes - 2);
        read_healthy(&reading, write_file("turned.jpg", turned, bytes + sizeof exif), 1);
        assert_int_equal(reading.first.rotation, expected[orientation].rotation);
        assert_int_equal(reading.first.mirrored, expected[orientation].mirrored);
    }
    free(turned);
    free(photo);
}

static void pixel_formats(void **state)
{
    static const struct {
        const char *name, *codec, *format;
        enum vanon_pixel_format expected;
    } clips[] = {
        {"420.mkv", "ffv1", "yuv420p", VANON_PIXEL_YUV420P},
        {"422.mkv", "ffv1", "yuv422p", VANON_PIXEL_YUV422P},
        {"444.mkv", "libx264", "yuv444p", VANON_PIXEL_YUV444P},
        {"420-10.mkv", "ffv1", "yuv420p10le", VANON_PIXEL_YUV420P10},
        {"gray.mkv", "ffv1", "gray", VANON_PIXEL_GRAY8},
        {"gray16.mkv", "ffv1", "gray16le", VANON_PIXEL_GRAY16},
        {"rgb.mkv", "ffv1", "bgr0", VANON_PIXEL_BGR0},
        {"gbrp.mkv", "libx264rgb", "rgb24", VANON_PIXEL_GBRP},
        {"nv12.nut", "rawvideo", "nv12", VANON_PIXEL_NV12},
        {"uyvy.nut", "rawvideo", "uyvy422", VANON_PIXEL_UYVY422},
        {"rgba.nut", "rawvideo", "rgba", VANON_PIXEL_RGBA},
        {"nv21.nut", "rawvideo", "nv21", VANON_PIXEL_NV21},
        {"j420.avi", "mjpeg", "yuvj420p", VANON_PIXEL_YUV420P},
    };
    struct reading reading;
    char arguments[256];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(clips); i++) {
        /* An odd size, but for formats that can't be cut so. */
        snprintf(
            arguments, sizeof arguments, "-f lavfi -i testsrc=s=%s:r=10:d=0.3 -c:v %s -pix_fmt %s",
            strstr(clips[i].format, "uyvy") ? "34x31" : "35x31", clips[i].codec, clips[i].format);
        read_healthy(&reading, make_clip(clips[i].name, arguments), 3);
        assert_int_equal(reading.first.format, clips[i].expected);
        assert_int_equal(reading.first.height, 31);
        assert_string_equal(reading.conversion, "");
    }
    assert_true(reading.first.colour.full_range); /* the last one: yuvj */
}

/* Pictures by hand, so that what comes out is known sample by sample. */
static void converted_pictures(void **state)
{
    static const uint8_t mono[] = "P4\n10 1\n\x5a\x80"; /* 0101 1010 10, and 1 is black */
    static const uint8_t gray[] = {255, 0, 255, 0, 0, 255, 0, 255, 0, 255};
    /* A BMP of two pixels with two colours: the second, then the first. */
    static const uint8_t palette[66] = {
        'B', 'M', 66, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 40,  0,   0,   0, 2, 0, 0, 0,
        1,   0,   0,  0, 1, 0, 8, 0, 0, 0, 0,  0, 4, 0, 0,   0,   0,   0, 0, 0, 0, 0,
        0,   0,   2,  0, 0, 0, 2, 0, 0, 0, 1,  2, 3, 0, 250, 251, 252, 0, 1, 0, 0, 0};
    static const uint8_t coarse[62] = {
        'B', 'M', 62, 0, 0, 0, 0, 0,  0, 0, 54, 0, 0, 0,    40,   0,    0,    0, 4,    0,   0,
        0,   1,   0,  0, 0, 1, 0, 16, 0, 0, 0,  0, 0, 8,    0,    0,    0,    0, 0,    0,   0,
        0,   0,   0,  0, 0, 0, 0, 0,  0, 0, 0,  0, 0, 0x7c, 0xe0, 0x03, 0x10, 0, 0xff, 0x7f};
    static const uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 132, 255, 255, 255};
    static const uint8_t rgba[] = {252, 251, 250, 255, 3, 2, 1, 255};
    struct reading reading;

    (void)state;
    read_healthy(&reading, write_file("mono.pbm", mono, sizeof mono - 1), 1);
    assert_true(reading.info.still);
    assert_string_equal(reading.conversion, "monow to gray");
    assert_int_equal(reading.first.format, VANON_PIXEL_GRAY8);
    assert_memory_equal(reading.samples, gray, sizeof gray);

    /* 5 bits a colour: red, green, blue, white; 31 is 255, 16 is 132 */
    read_healthy(&reading, write_file("coarse.bmp", coarse, sizeof coarse), 1);
    assert_string_equal(reading.conversion, "rgb555le to rgb24");
    assert_int_equal(reading.first.format, VANON_PIXEL_RGB24);
    assert_memory_equal(reading.samples, rgb, sizeof rgb);

    read_healthy(&reading, write_file("palette.bmp", palette, sizeof palette), 1);
    assert_string_equal(reading.conversion, "pal8 to rgba");
    assert_int_equal(reading.first.format, VANON_PIXEL_RGBA);
    assert_memory_equal(reading.samples, rgba, sizeof rgba);
}

/* Big-endian words come out as the same numbers. */
static void converted_words(void **state)
{
    static const struct {
        const char *name, *from, *to;
        int width;
        enum vanon_pixel_format format;
    } formats[] = {
        {"gray16.nut", "gray16be", "gray16le", 24, VANON_PIXEL_GRAY16},
        {"rgb48.nut", "rgb48be", "rgb48le", 8, VANON_PIXEL_RGB48},
        {"rgba64.nut", "rgba64be", "rgba64le", 6, VANON_PIXEL_RGBA64},
        {"yuv.nut", "yuv420p10be", "yuv420p10le", 24, VANON_PIXEL_YUV420P10},
    };
    struct reading reading;
    uint8_t words[48 * 2];
    char arguments[256];

    (void)state;
    for (size_t i = 0; i < sizeof words; i += 2) {
        words[i] = (uint8_t)(i % 4); /* at most 10 bits */
        words[i + 1] = (uint8_t)(i * 5 + 1);
    }
    write_file("words.raw", words, sizeof words);
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        snprintf(arguments, sizeof arguments,
                 "-f rawvideo -pix_fmt %s -s %dx%d -i words.raw -frames:v 1 -c:v rawvideo",
                 formats[i].from, formats[i].width, 1);
        read_healthy(&reading, make_clip(formats[i].name, arguments), 1);
        snprintf(arguments, sizeof arguments, "%s to %s", formats[i].from, formats[i].to);
        assert_string_equal(reading.conversion, arguments);
        assert_int_equal(reading.first.format, formats[i].format);
        for (size_t j = 0; j < 48; j += 2) {
            assert_int_equal(reading.samples[j], words[j + 1]);
            assert_int_equal(reading.samples[j + 1], words[j]);
        }
    }
}

static void stills(void **state)
{
    static const struct {
        const char *name, *arguments;
        enum vanon_pixel_format format;
    } pictures[] = {
        {"rgb.png", "-pix_fmt rgb24", VANON_PIXEL_RGB24},
        {"rgba.png", "-pix_fmt rgba", VANON_PIXEL_RGBA},
        {"16.png", "-pix_fmt rgb48be", VANON_PIXEL_RGB48},
        {"pal.png", "-pix_fmt pal8", VANON_PIXEL_RGBA},
        {"gray.png", "-pix_fmt gray", VANON_PIXEL_GRAY8},
        {"444.jpg", "-pix_fmt yuvj444p", VANON_PIXEL_YUV444P},
        {"420.jpg", "-pix_fmt yuvj420p", VANON_PIXEL_YUV420P},
        {"a.webp", "-pix_fmt yuv420p", VANON_PIXEL_YUV420P},
    };
    struct reading reading;
    char arguments[256];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(pictures); i++) {
        snprintf(arguments, sizeof arguments, "-f lavfi -i testsrc=s=37x23 -frames:v 1 %s",
                 pictures[i].arguments);
        read_healthy(&reading, make_clip(pictures[i].name, arguments), 1);
        assert_true(reading.info.still);
        assert_int_equal(reading.info.total_frames, 1);
        assert_int_equal(reading.info.frame_rate.num, 0);
        assert_int_equal(reading.first.format, pictures[i].format);
        assert_int_equal(reading.first.width, 37);
    }
}

/* Phones append a second picture (a preview, a depth map) to a JPEG. */
static void only_the_first_picture_of_a_jpeg(void **state)
{
    uint8_t *first, *second, *both;
    size_t bytes, more;
    struct reading reading;

    (void)state;
    first = load_file(make_clip("1.jpg", TEN_FRAMES "-frames:v 1"), &bytes);
    second = load_file(make_clip("2.jpg", TEN_FRAMES "-vf scale=16:16 -frames:v 1"), &more);
    both = malloc(bytes + more);
    memcpy(both, first, bytes);
    memcpy(both + bytes, second, more);
    read_healthy(&reading, write_file("both.jpg", both, bytes + more), 1);
    assert_int_equal(reading.first.width, 64);
    free(first);
    free(second);
    free(both);
}

static void names_are_taken_literally(void **state)
{
    static const char *const names[] = {"a:b.mp4", "-x.mp4", "http:x.mp4", "a?b*.mp4"};
    struct reading reading;
    char home[1024];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(names); i++)
        read_healthy(&reading, make_clip(names[i], TEN_FRAMES "-c:v libx264"), 10);
    rename(make_clip("plain.png", TEN_FRAMES "-frames:v 1"), clip_path("%03d.png"));
    read_healthy(&reading, clip_path("%03d.png"), 1);
    assert_non_null(getcwd(home, sizeof home));
    assert_int_equal(chdir(clip_folder), 0);
    read_healthy(&reading, "-x.mp4", 10);
    read_healthy(&reading, "http:x.mp4", 10);
    read_healthy(&reading, "file:-x.mp4", 10);
    assert_int_equal(chdir(home), 0);
}

static void the_cover_is_not_the_video(void **state)
{
    struct reading reading;

    (void)state;
    make_clip("cover.jpg", "-f lavfi -i testsrc2=s=640x480 -frames:v 1");
    make_clip("plain.mp4", TEN_FRAMES "-f lavfi -i sine=d=1 -c:v libx264 -c:a aac");
    read_healthy(&reading,
                 make_clip("covered.mp4", "-i cover.jpg -i plain.mp4 -map 0 -map 1 -c copy "
                                          "-disposition:v:0 attached_pic"),
                 10);
    assert_int_equal(reading.first.width, 64);
    read_all(&reading,
             make_clip("song.mp3", "-f lavfi -i sine=d=1 -i cover.jpg -map 0 -map 1 -c:v copy "
                                   "-disposition:v:0 attached_pic"),
             (struct reading_options){0});
    assert_int_equal(reading.created, VANON_ERR_INPUT);
    assert_message("song.mp3", "no video stream, only a cover picture");
}

static void packets_of_other_streams(void **state)
{
    static const char words[] = "1\n00:00:00,100 --> 00:00:00,900\nhello\n";
    struct reading reading;

    (void)state;
    write_file("words.srt", words, sizeof words - 1);
    read_healthy(&reading,
                 make_clip("many.mkv",
                           "-f lavfi -i sine=d=1:r=48000 " TEN_FRAMES
                           "-f lavfi -i sine=d=1:r=48000 -f lavfi -i testsrc2=s=32x16:r=10:d=1 -i "
                           "words.srt -map 0 -map 1 -map 2 -map 3 -map 4 -c:v libx264 -c:a "
                           "pcm_s16le -c:s copy"),
                 10);
    assert_int_equal(reading.first.width, 64); /* the larger of two videos */
    assert_int_equal(reading.packets_of[0], reading.packets_of[2]);
    assert_true(reading.packets_of[0] > 10);
    assert_int_equal(reading.packets_of[1], 0);
    assert_int_equal(reading.packets_of[3], 10);
    assert_int_equal(reading.packets_of[4], 1);
}

static void sizes_may_change(void **state)
{
    struct reading reading;
    uint8_t *first, *second, *both;
    size_t bytes, more;

    (void)state;
    first = load_file(make_clip("s1.h264", TEN_FRAMES "-c:v libx264"), &bytes);
    second = load_file(make_clip("s2.h264", TEN_FRAMES "-vf scale=96:80 -c:v libx264"), &more);
    both = malloc(bytes + more);
    memcpy(both, first, bytes);
    memcpy(both + bytes, second, more);
    read_healthy(&reading, write_file("both.h264", both, bytes + more), 20);
    assert_int_equal(reading.first.width, 64);
    free(first);
    free(second);
    free(both);
}

static void check_refused(const char *path, int status, const char *words)
{
    struct reading reading;

    read_all(&reading, path, (struct reading_options){0});
    if (!reading.created)
        fail_msg("%s was opened", path);
    assert_int_equal(reading.created, status);
    assert_message(path, words);
}

static void what_can_not_be_opened(void **state)
{
    static const char text[] = "This is no video, but it says so at some length.\n";
    char *long_text = malloc(64 * sizeof text);

    (void)state;
    check_refused(clip_path("nowhere.mp4"), VANON_ERR_IO, "No such file");
    check_refused(clip_path("nowhere/a.mp4"), VANON_ERR_IO, "No such file");
    check_refused(clip_folder, VANON_ERR_IO, "is a folder");
    check_refused(write_file("empty.mp4", "", 0), VANON_ERR_INPUT, "is empty");
    for (size_t i = 0; i < 64; i++)
        memcpy(long_text + i * (sizeof text - 1), text, sizeof text - 1);
    check_refused(write_file("text.mp4", long_text, 64 * (sizeof text - 1)), VANON_ERR_INPUT,
                  "is not a media file");
    check_refused(write_file("text.txt", long_text, 64 * (sizeof text - 1)), VANON_ERR_INPUT,
                  "is not a media file");
    free(long_text);
    check_refused(make_clip("sound.wav", "-f lavfi -i sine=d=1"), VANON_ERR_INPUT,
                  "has no video stream");
    check_refused(make_clip("deep.nut", TEN_FRAMES "-c:v rawvideo -pix_fmt yuv420p14le"),
                  VANON_ERR_UNSUPPORTED, "pixel format yuv420p14le");
    check_refused("nosuchscheme://x/y", VANON_ERR_UNSUPPORTED, "Protocol not found");
    check_refused("concat://x.mp4", VANON_ERR_INPUT, "can't be opened");
    if (!geteuid())
        return; /* root may read all */
    chmod(write_file("secret.mp4", "x", 1), 0);
    check_refused(clip_path("secret.mp4"), VANON_ERR_IO, "Permission denied");
}

static void lists_of_other_files_are_refused(void **state)
{
    static const char concat[] = "ffconcat version 1.0\nfile plain.mp4\n";
    static const char hls[] = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nplain.ts\n";
    static const char sdp[] = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
                              "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n";

    (void)state;
    make_clip("plain.ts", TEN_FRAMES "-c:v libx264");
    check_refused(write_file("concat.mp4", concat, sizeof concat - 1), VANON_ERR_INPUT, "concat");
    check_refused(write_file("hls.mp4", hls, sizeof hls - 1), VANON_ERR_INPUT, "hls");
    check_refused(write_file("list.m3u8", hls, sizeof hls - 1), VANON_ERR_INPUT, "hls");
    check_refused(write_file("sdp.mp4", sdp, sizeof sdp - 1), VANON_ERR_INPUT, "sdp");
}

static void *interrupt_soon(void *reader)
{
    usleep(50 * 1000);
    vanon_reader_interrupt(reader);
    return NULL;
}

/* A pipe whose writer falls silent. */
static void a_silent_pipe_can_be_interrupted(void **state)
{
    struct vanon_options options = media_options(NULL);
    struct AVPacket *packet = NULL;
    vanon_frame *frame = NULL;
    vanon_reader *reader;
    pthread_t thread;
    uint8_t *bytes;
    size_t count;
    int pipe, status;

    (void)state;
    bytes = load_file(make_clip("pipe.ts", TEN_FRAMES "-c:v mpeg2video -r 25"), &count);
    assert_true(count < 65536); /* so that it all fits */
    options.input = (char *)clip_path("fifo");
    assert_int_equal(mkfifo(options.input, 0600), 0);
    pipe = open(options.input, O_RDWR);
    assert_int_equal(fcntl(pipe, F_SETPIPE_SZ, 1 << 20), 1 << 20);
    for (int i = 0; i < 12; i++) /* enough to find the streams without waiting for more */
        assert_int_equal(write(pipe, bytes, count), count);
    options.on_error = VANON_ON_ERROR_HIDE; /* the repetition is no clean stream */
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, reader), 0);
    do {
        vanon_frame_unref(&frame);
        vanon_packet_free(&packet);
        status = vanon_reader_read(reader, &frame, &packet);
    } while (!status);
    pthread_join(thread, NULL);
    assert_int_equal(status, VANON_ERR_CANCELLED);
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), VANON_ERR_CANCELLED);
    vanon_reader_destroy(&reader);
    close(pipe);
    free(bytes);
}

static void the_projects_clips(void **state)
{
    static const struct {
        const char *name;
        size_t frames;
    } clips[] = {{"asl-brother.mkv", 65},
                 {"asl-sister.mkv", 87},
                 {"asl-thanks.mkv", 51},
                 {"car-detection.mp4", 377},
                 {"people-detection.gif", 23}};
    struct reading reading;
    char path[512];

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(clips); i++) {
        snprintf(path, sizeof path, "%s/../shared/media/%s", VANON_SOURCE_ROOT, clips[i].name);
        if (access(path, R_OK)) {
            print_message("%s is absent: not tested\n", path);
            skip();
        }
        read_healthy(&reading, path, clips[i].frames);
        compare_with_ffprobe(&reading, path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_containers),
        cmocka_unit_test(what_is_known_before),
        cmocka_unit_test(times_of_variable_rate),
        cmocka_unit_test(times_that_the_container_lacks),
        cmocka_unit_test(shape_and_colour),
        cmocka_unit_test(rotation_of_a_stream),
        cmocka_unit_test(rotation_of_a_photo),
        cmocka_unit_test(pixel_formats),
        cmocka_unit_test(converted_pictures),
        cmocka_unit_test(converted_words),
        cmocka_unit_test(stills),
        cmocka_unit_test(only_the_first_picture_of_a_jpeg),
        cmocka_unit_test(names_are_taken_literally),
        cmocka_unit_test(the_cover_is_not_the_video),
        cmocka_unit_test(packets_of_other_streams),
        cmocka_unit_test(sizes_may_change),
        cmocka_unit_test(what_can_not_be_opened),
        cmocka_unit_test(lists_of_other_files_are_refused),
        cmocka_unit_test(a_silent_pipe_can_be_interrupted),
        cmocka_unit_test(the_projects_clips),
    };

    return cmocka_run_group_tests_name("media", tests, make_folder, remove_folder);
}
