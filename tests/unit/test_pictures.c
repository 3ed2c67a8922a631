/* SPDX-License-Identifier: Apache-2.0 */
/* Still pictures: how they are turned, their colour profile, and what must not come along. */
#include "writing.h"

#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>

#include "media/reader_private.h"
#include "media/writer_icc.h"

#define PROFILE_SIZE 140

/* A header of 128 bytes, no tags, and bytes that can be found again. */
static void make_profile(uint8_t profile[PROFILE_SIZE], const char *space)
{
    memset(profile, 0, PROFILE_SIZE);
    profile[3] = PROFILE_SIZE;
    profile[8] = 2;
    memcpy(profile + 12, "mntr", 4);
    memcpy(profile + 16, space, 4);
    memcpy(profile + 20, "XYZ ", 4);
    memcpy(profile + 36, "acsp", 4);
    memcpy(profile + 132, "PROFILE!", 8);
}

/* EXIF or TIFF of one entry: the orientation. */
static size_t make_exif(uint8_t *to, int orientation, bool big)
{
    static const uint8_t little_endian[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                                            0,   1,   0,  0, 0, 0, 0, 0, 0, 0, 0,    0, 0};
    static const uint8_t big_endian[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                         3,   0,   0, 0,  1, 0, 0, 0, 0, 0, 0, 0,    0};

    memcpy(to, big ? big_endian : little_endian, sizeof big_endian);
    to[big ? 19 : 18] = (uint8_t)orientation;
    return sizeof big_endian;
}

static size_t load(const char *name, uint8_t bytes[1 << 16])
{
    FILE *file = fopen(path_of(name), "rb");
    size_t size;

    assert_non_null(file);
    size = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return size;
}

static void save(const char *name, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path_of(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Copies a file with more bytes in between. */
static void insert(const char *from, const char *to, size_t at, const uint8_t *more, size_t size)
{
    static uint8_t bytes[1 << 16], longer[1 << 17];
    size_t whole = load(from, bytes);

    assert_true(at <= whole && size < sizeof bytes);
    memcpy(longer, bytes, at);
    memcpy(longer + at, more, size);
    memcpy(longer + at + size, bytes + at, whole - at);
    save(to, longer, whole + size);
}

/* A segment of a JPEG, right behind its start. Returns its size. */
static size_t make_segment(uint8_t *to, int marker, const char *name, size_t name_size,
                           const uint8_t *content, size_t size)
{
    size_t length = 2 + name_size + size;

    to[0] = 0xff;
    to[1] = (uint8_t)marker;
    to[2] = (uint8_t)(length >> 8);
    to[3] = (uint8_t)length;
    memcpy(to + 4, name, name_size);
    memcpy(to + 4 + name_size, content, size);
    return length + 2;
}

static const struct {
    int rotation;
    bool mirrored;
} turned[9] = {{0, false},  {0, false},  {0, true},  {180, false}, {180, true},
               {270, true}, {90, false}, {90, true}, {270, false}};

static void assert_turned(const char *name, int orientation)
{
    vanon_options *options;
    vanon_reader *reader = open_reader(name, &options);
    vanon_frame *frame = next_frame(reader);

    assert_non_null(frame);
    if (frame->rotation != turned[orientation].rotation ||
        frame->mirrored != turned[orientation].mirrored)
        fail_msg("%s, orientation %d: rotation %d, mirrored %d", name, orientation, frame->rotation,
                 frame->mirrored);
    vanon_frame_unref(&frame);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

/* A chunk of a PNG: EXIF of that orientation. */
static size_t make_chunk(uint8_t chunk[64], int orientation, bool big)
{
    static const uint8_t head[] = {0, 0, 0, 26, 'e', 'X', 'I', 'f'};
    uint32_t checksum;

    memcpy(chunk, head, sizeof head);
    make_exif(chunk + 8, orientation, big);
    checksum = ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), UINT32_MAX, chunk + 4, 4 + 26);
    AV_WB32(chunk + 34, checksum);
    return 38;
}

static void orientation_of_png(void **state)
{
    uint8_t chunk[64];

    (void)state;
    for (int i = 0; i <= 8; i++) {
        insert("p.png", "o.png", 33, chunk, make_chunk(chunk, i, i % 2));
        assert_turned("o.png", i);
    }
}

/* Whatever is cut off: no reading beyond the end, and no guess. */
static void orientation_of_halves(void **state)
{
    static const struct {
        enum AVCodecID codec;
        uint8_t head[20];
        size_t size;
    } files[] = {{AV_CODEC_ID_PNG,
                  "\x89PNG\r\n\x1a\n\0\0\0\x1a"
                  "eXIf",
                  16},
                 {AV_CODEC_ID_WEBP, "RIFF\0\0\0\0WEBPEXIF\x1a\0\0\0", 20},
                 {AV_CODEC_ID_TIFF, "", 0}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t whole = files[i].size + 26;

        for (size_t size = 0; size <= whole; size++) {
            uint8_t *bytes = malloc(size ? size : 1), exif[26];
            AVPacket packet = {.data = bytes, .size = (int)size};
            int rotation = -1;
            bool mirrored = false, found;

            make_exif(exif, 6, i % 2);
            for (size_t k = 0; k < size; k++)
                bytes[k] = k < files[i].size ? files[i].head[k] : exif[k - files[i].size];
            found = vanon_still_orientation(&packet, files[i].codec, &rotation, &mirrored);
            /* a TIFF's entry is whole before what follows it */
            assert_int_equal(found, i == 2 ? size >= 22 : size == whole);
            assert_int_equal(rotation, found ? 90 : -1);
            assert_false(vanon_still_is_animated(&packet, files[i].codec));
            free(bytes);
        }
    }
}

static void orientation_of_webp(void **state)
{
    static uint8_t bytes[1 << 16];
    uint8_t head[18] = {'V', 'P', '8', 'X', 10, 0, 0, 0, 8, 0, 0, 0, 63, 0, 0, 47, 0, 0};

    (void)state;
    for (int i = 0; i <= 8; i++) {
        size_t prefix = i % 2 ? 6 : 0, size;

        insert("p.webp", "o.webp", 12, head, sizeof head);
        size = load("o.webp", bytes);
        memcpy(bytes + size, "EXIF", 4);
        bytes[size + 4] = (uint8_t)(26 + prefix);
        memset(bytes + size + 5, 0, 3);
        memcpy(bytes + size + 8, "Exif\0\0", 6);
        size += 8 + prefix + make_exif(bytes + size + 8 + prefix, i, i % 3);
        bytes[4] = (uint8_t)(size - 8);
        bytes[5] = (uint8_t)((size - 8) >> 8);
        save("o.webp", bytes, size);
        assert_turned("o.webp", i);
    }
}

/* Two grey pixels. */
static void orientation_of_tiff(void **state)
{
    static const uint16_t entries[][3] = {{256, 1, 2}, {257, 1, 1}, {258, 1, 8}, {259, 1, 1},
                                          {262, 1, 1}, {273, 1, 8}, {274, 1, 0}, {277, 1, 1},
                                          {278, 1, 1}, {279, 1, 2}};
    uint8_t tiff[256] = {'I', 'I', 42, 0, 10, 0, 0, 0, 7, 200, 10};

    (void)state;
    for (int i = 0; i <= 8; i++) {
        for (size_t k = 0; k < 10; k++) {
            uint8_t *entry = tiff + 12 + 12 * k;

            memset(entry, 0, 12);
            entry[0] = (uint8_t)entries[k][0];
            entry[1] = (uint8_t)(entries[k][0] >> 8);
            entry[2] = 3;
            entry[4] = 1;
            entry[8] = (uint8_t)(entries[k][0] == 274 ? i : entries[k][2]);
        }
        save("o.tif", tiff, 12 + 120 + 4);
        assert_turned("o.tif", i);
    }
}

/* A directory without a picture: what kind of subfile it is, and where the next one lies. */
static void put_directory(uint8_t *to, uint8_t subfile, uint8_t next)
{
    const uint8_t directory[] = {1, 0, 254, 0, 4, 0, 1, 0, 0, 0, subfile, 0, 0, 0, next, 0, 0, 0};

    memcpy(to, directory, sizeof directory);
}

static void pages_of_tiff(void **state)
{
    static const struct {
        uint8_t subfile[3], next[3];
        bool pages;
    } files[] = {
        {{0, 0, 0}, {0, 0, 0}, false},    {{0, 1, 0}, {26, 0, 0}, false},
        {{0, 4, 0}, {26, 0, 0}, false},   {{0, 0, 0}, {26, 0, 0}, true},
        {{0, 2, 0}, {26, 0, 0}, true},    {{0, 1, 2}, {26, 44, 0}, true},
        {{0, 1, 1}, {26, 44, 26}, false}, {{0, 0, 0}, {200, 0, 0}, true},
    };
    uint8_t tiff[62] = {'I', 'I', 42, 0, 8};
    AVPacket packet = {.data = tiff, .size = sizeof tiff};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (size_t k = 0; k < 3; k++)
            put_directory(tiff + 8 + 18 * k, files[i].subfile[k], files[i].next[k]);
        assert_int_equal(vanon_still_has_pages(&packet, AV_CODEC_ID_TIFF), files[i].pages);
        assert_false(vanon_still_has_pages(&packet, AV_CODEC_ID_PNG));
    }
}

/* The first page alone would come out, and nobody would notice. */
static void pages_are_refused(void **state)
{
    static uint8_t bytes[1 << 16];
    vanon_options *options;
    vanon_reader *reader;
    vanon_frame *frame;
    AVPacket *packet;
    size_t size, at;

    (void)state;
    run("ffmpeg -v error -y -i %s -pix_fmt gray %s", path_of("p.png"), path_of("page.tif"));
    size = load("page.tif", bytes);
    at = AV_RL32(bytes + 4);
    at += 2 + 12 * (size_t)AV_RL16(bytes + at);
    AV_WL32(bytes + at, (uint32_t)size);
    put_directory(bytes + size, 0, 0);
    save("pages.tif", bytes, size + 18);
    copy_through("page.tif", "page.out.tif", NO_OPTIONS);
    reader = open_reader("pages.tif", &options);
    unit_log_clear();
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), VANON_ERR_UNSUPPORTED);
    assert_message("pages.tif", "several pages");
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

static void turned_pictures_come_out_upright(void **state)
{
    uint8_t chunk[64];
    static const char *const outputs[] = {"u.png", "u.jpg", "u.tif", "u.webp", "u.bmp"};

    (void)state;
    insert("p.png", "six.png", 33, chunk, make_chunk(chunk, 6, true));
    for (size_t i = 0; i < 5; i++) {
        copy_through("six.png", outputs[i], NO_OPTIONS);
        assert_string_equal(probe(outputs[i], "-show_entries stream=width,height"), "48|64");
    }
    run("ffmpeg -v error -y -i %s -vf transpose=clock %s", path_of("p.png"), path_of("t.png"));
    assert_string_equal(output_of("ffmpeg -v error -i %s -f md5 -", path_of("t.png")),
                        output_of("ffmpeg -v error -i %s -f md5 -", path_of("u.png")));
}

static bool has_profile(const char *name)
{
    return strstr(probe(name, "-show_entries frame_side_data=side_data_type"), "ICC profile");
}

/* From JPEG to each, and from each to JPEG and TIFF again, where its bytes stand as they are. */
static void profiles_are_kept(void **state)
{
    static const char *const outputs[] = {"i.png", "i.jpg", "i.tif", "i.webp", "i.apng"};
    uint8_t profile[PROFILE_SIZE], segment[256];
    size_t size;

    (void)state;
    make_profile(profile, "RGB ");
    size = make_segment(segment, 0xe2, "ICC_PROFILE\0\1\1", 14, profile, PROFILE_SIZE);
    insert("p.jpg", "icc.jpg", 2, segment, size);
    run("ffmpeg -v error -y -i %s -pix_fmt rgb24 %s", path_of("icc.jpg"), path_of("icc.png"));
    assert_true(has_profile("icc.jpg") && has_profile("icc.png"));
    for (size_t i = 0; i < 5; i++) {
        copy_through(i % 2 ? "icc.jpg" : "icc.png", outputs[i], NO_OPTIONS);
        if (!has_profile(outputs[i]))
            fail_msg("%s has no profile", outputs[i]);
        copy_through(outputs[i], "again.jpg", NO_OPTIONS);
        assert_true(file_contains("again.jpg", "PROFILE!"));
        copy_through(outputs[i], "again.tif", NO_OPTIONS);
        assert_true(file_contains("again.tif", "PROFILE!"));
    }
    /* lossy and lossless WebP, with and without alpha: the picture is the same with and without */
    copy_through("icc.jpg", "lossy.webp", NO_OPTIONS);
    copy_through("p.jpg", "plain.webp", NO_OPTIONS);
    assert_string_equal(output_of("ffmpeg -v error -i %s -f md5 -", path_of("lossy.webp")),
                        output_of("ffmpeg -v error -i %s -f md5 -", path_of("plain.webp")));
    run("ffmpeg -v error -y -i %s -pix_fmt rgba %s", path_of("icc.jpg"), path_of("alpha.png"));
    copy_through("alpha.png", "alpha.webp", NO_OPTIONS);
    assert_true(has_profile("alpha.webp"));
    assert_string_equal(
        output_of("ffmpeg -v error -i %s -pix_fmt rgba -f md5 -", path_of("alpha.webp")),
        output_of("ffmpeg -v error -i %s -pix_fmt rgba -f md5 -", path_of("alpha.png")));
}

static void profiles_that_do_not_fit_are_told(void **state)
{
    uint8_t profile[PROFILE_SIZE], segment[256];

    (void)state;
    copy_through("icc.png", "lost.bmp", NO_OPTIONS);
    assert_message("lost.bmp", "colour profile", "bmp");
    make_profile(profile, "GRAY"); /* of a picture that is not grey any more */
    insert("p.jpg", "gray.jpg", 2, segment,
           make_segment(segment, 0xe2, "ICC_PROFILE\0\1\1", 14, profile, PROFILE_SIZE));
    copy_through("gray.jpg", "lost.png", NO_OPTIONS);
    assert_message("lost.png", "colour profile");
    assert_false(has_profile("lost.png"));
    assert_true(vanon_icc_fits(profile, PROFILE_SIZE, AV_PIX_FMT_GRAY8));
    assert_true(vanon_icc_fits(profile, PROFILE_SIZE, AV_PIX_FMT_YA16LE));
    assert_false(vanon_icc_fits(profile, PROFILE_SIZE, AV_PIX_FMT_RGB24));
    assert_false(vanon_icc_fits(profile, 19, AV_PIX_FMT_GRAY8));
}

static void what_is_no_picture_holds_no_profile(void **state)
{
    static const uint8_t profile[PROFILE_SIZE];
    static const enum AVCodecID codecs[] = {AV_CODEC_ID_TIFF, AV_CODEC_ID_WEBP};

    (void)state;
    for (int size = 1; size < 40; size++)
        for (size_t i = 0; i < 2; i++) {
            AVPacket *packet = av_packet_alloc();

            assert_int_equal(av_new_packet(packet, size), 0);
            memset(packet->data, 0xff, (size_t)size);
            memcpy(packet->data, "II\52", size < 4 ? (size_t)size : 4);
            assert_int_equal(vanon_icc_embed(packet, codecs[i], profile, PROFILE_SIZE),
                             VANON_ERR_INTERNAL);
            assert_int_equal(vanon_icc_embed(packet, AV_CODEC_ID_PNG, profile, PROFILE_SIZE),
                             VANON_OK);
            assert_int_equal(packet->size, size);
            av_packet_free(&packet);
        }
}

/* A phone's JPEG: where and when, by whom, a small picture of the scene. The turn alone is kept. */
static void what_a_photo_tells_is_dropped(void **state)
{
    static const char *const outputs[] = {"q.jpg", "q.png", "q.tif", "q.webp", "q.bmp", "q.gif"};
    static const char *const words[] = {"SECRET", "Exif", "xap/", "Photoshop", "Lavc", "eXIf"};
    static const uint8_t text[] = "SECRET 48.1 N 11.5 E of me";
    uint8_t segments[1024], exif[256], thumbnail[64] = {0xff, 0xd8, 0xff, 0xdb};
    size_t size, at = 0;

    (void)state;
    size = make_exif(exif, 6, false);
    memcpy(exif + size, text, sizeof text);
    memcpy(thumbnail + 8, "SECRET", 6);
    memcpy(exif + size + sizeof text, thumbnail, sizeof thumbnail);
    at += make_segment(segments + at, 0xe1, "Exif\0\0", 6, exif,
                       size + sizeof text + sizeof thumbnail);
    at += make_segment(segments + at, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, text, sizeof text);
    at += make_segment(segments + at, 0xed, "Photoshop 3.0", 14, text, sizeof text);
    at += make_segment(segments + at, 0xfe, "", 0, text, sizeof text);
    insert("p.jpg", "phone.jpg", 2, segments, at);
    assert_true(file_contains("phone.jpg", "SECRET"));
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        copy_through("phone.jpg", outputs[i], OPTIONS("keep", "tags,data,attachments,cover"));
        assert_string_equal(probe(outputs[i], "-show_entries stream=width,height"), "48|64");
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (file_contains(outputs[i], words[k]))
                fail_msg("%s contains \"%s\"", outputs[i], words[k]);
    }
}

/* YUV in JPEG and WebP is of one kind, whatever a video's was. */
static void colours_stay_what_they_were(void **state)
{
    static const struct {
        const char *output, *conversion;
        unsigned tolerance;
    } cases[] = {{"red.jpg", "yuv444p to full range", 3},
                 {"red.webp", "yuv444p to yuv420p", 4},
                 {"red.tif", "yuv444p to rgb24", 2},
                 {"red.bmp", "yuv444p to bgr24", 2},
                 {"red.png", "yuv444p to rgb24", 2}};

    (void)state;
    run("ffmpeg -v error -y -f lavfi -i color=0xc02040:s=32x32:d=0.04 -vf "
        "scale=out_color_matrix=bt709,format=yuv444p -colorspace bt709 -color_range tv -c:v ffv1 "
        "%s",
        path_of("red.mkv"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session session;
        const char *hex;
        unsigned red, green, blue;

        unlink(path_of(cases[i].output));
        assert_int_equal(begin(&session, "red.mkv", cases[i].output, NO_OPTIONS), VANON_OK);
        assert_int_equal(pump(&session), VANON_OK);
        finish(&session);
        assert_string_equal(vanon_writer_notes(session.writer)->conversion, cases[i].conversion);
        end(&session);
        hex = output_of("ffmpeg -v error -i %s -frames:v 1 -vf format=rgb24,crop=1:1:16:16 -f "
                        "rawvideo - | od -An -tx1",
                        path_of(cases[i].output));
        assert_int_equal(sscanf(hex, "%x %x %x", &red, &green, &blue), 3);
        assert_in_range(red, 0xc0 - cases[i].tolerance, 0xc0 + cases[i].tolerance);
        assert_in_range(green, 0x20 - cases[i].tolerance, 0x20 + cases[i].tolerance);
        assert_in_range(blue, 0x40 - cases[i].tolerance, 0x40 + cases[i].tolerance);
    }
}

static void a_webp_that_moves_is_refused(void **state)
{
    vanon_options *options;
    vanon_reader *reader;
    vanon_frame *frame;
    AVPacket *packet;

    (void)state;
    copy_through("plain.mkv", "moves.webp", NO_OPTIONS);
    reader = open_reader("moves.webp", &options);
    unit_log_clear();
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), VANON_ERR_UNSUPPORTED);
    assert_message("moves.webp", "animated WebP", "GIF");
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

static const char *delays(const char *name)
{
    return output_of(
        "ffprobe -v error -show_entries packet=duration_time -of csv=p=0 %s | tr '\\n' ' '",
        path_of(name));
}

/* Of no more colours than fit: nothing is lost. How often it plays stands before the first picture.
 */
static void animations_stay_as_they_are(void **state)
{
    static const struct {
        int loop;
        const char *gif, *apng; /* what stands in the file */
        size_t gif_size, apng_size;
    } cases[] = {{-1, "\x21\xf9", "acTL\0\0\0\4\0\0\0\1", 2, 12},
                 {0, "NETSCAPE2.0\3\1\0\0", "acTL\0\0\0\4\0\0\0\0", 15, 12},
                 {3, "NETSCAPE2.0\3\1\3\0", "acTL\0\0\0\4\0\0\0\4", 15, 12}};
    static uint8_t bytes[1 << 16];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        run("ffmpeg -v error -y -f lavfi -i testsrc=s=64x48:r=10:d=0.4 -loop %d -final_delay 70 %s",
            cases[i].loop, path_of("in.gif"));
        copy_through("in.gif", "o.gif", NO_OPTIONS);
        copy_through("in.gif", "o.apng", NO_OPTIONS);
        copy_through("o.apng", "again.gif", NO_OPTIONS);
        run("cp %s %s", path_of("o.apng"), path_of("moves.png"));
        copy_through("moves.png", "o.png", NO_OPTIONS); /* most animated ones are called so */
        assert_string_equal(output_of("md5sum <%s", path_of("o.png")),
                            output_of("md5sum <%s", path_of("o.apng")));
        assert_string_equal(delays("o.gif"), "0.100000 0.100000 0.100000 0.700000 ");
        assert_string_equal(delays("again.gif"), "0.100000 0.100000 0.100000 0.700000 ");
        for (int k = 0; k < 2; k++) {
            const char *output = k ? "again.gif" : "o.gif";

            assert_string_equal(output_of("ffmpeg -v error -i %s -f md5 -", path_of("in.gif")),
                                output_of("ffmpeg -v error -i %s -f md5 -", path_of(output)));
            assert_non_null(memmem(bytes, load(output, bytes), cases[i].gif, cases[i].gif_size));
            if (cases[i].loop < 0)
                assert_false(file_contains(output, "NETSCAPE"));
        }
        assert_non_null(memmem(bytes, load("o.apng", bytes), cases[i].apng, cases[i].apng_size));
    }
}

static int make_pictures(void **state)
{
    int failed = make_inputs(state);

    run("ffmpeg -v error -i %s -frames:v 1 -pix_fmt rgb24 %s", path_of("plain.mkv"),
        path_of("p.png"));
    run("ffmpeg -v error -i %s -pix_fmt yuvj444p %s", path_of("p.png"), path_of("p.jpg"));
    run("ffmpeg -v error -i %s -pix_fmt bgra -lossless 1 %s", path_of("p.png"), path_of("p.webp"));
    return failed;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(orientation_of_png, tidy),
        cmocka_unit_test_teardown(orientation_of_webp, tidy),
        cmocka_unit_test_teardown(orientation_of_halves, tidy),
        cmocka_unit_test_teardown(orientation_of_tiff, tidy),
        cmocka_unit_test(pages_of_tiff),
        cmocka_unit_test_teardown(pages_are_refused, tidy),
        cmocka_unit_test_teardown(turned_pictures_come_out_upright, tidy),
        cmocka_unit_test_teardown(profiles_are_kept, tidy),
        cmocka_unit_test_teardown(profiles_that_do_not_fit_are_told, tidy),
        cmocka_unit_test_teardown(what_is_no_picture_holds_no_profile, tidy),
        cmocka_unit_test_teardown(what_a_photo_tells_is_dropped, tidy),
        cmocka_unit_test_teardown(colours_stay_what_they_were, tidy),
        cmocka_unit_test_teardown(a_webp_that_moves_is_refused, tidy),
        cmocka_unit_test_teardown(animations_stay_as_they_are, tidy),
    };

    return cmocka_run_group_tests_name("pictures", tests, make_pictures, remove_inputs);
}
