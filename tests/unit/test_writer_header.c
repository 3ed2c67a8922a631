/* SPDX-License-Identifier: Apache-2.0 */
/* What people write into codec headers does not come along with copied streams. */
#include "writing.h"

#include <libavutil/mem.h>

#include "media/writer_header.h"

#define TITLE  "Ward 7, Mrs Example"
#define FORMAT "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
#define STYLES                                                                   \
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour,"          \
    " OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX,"    \
    " ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL," \
    " MarginR, MarginV, Encoding\n"                                              \
    "Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n"

static const char script[] = "[Script Info]\n"
                             "; written by " TITLE "\n"
                             "Title: " TITLE "\n"
                             "scripttype: v4.00+\r\n"
                             "Original Script: " TITLE "\n"
                             "PlayResX: 64\nPlayResY: 48\n"
                             "\n"
                             "[Aegisub Project Garbage]\n"
                             "Video File: /home/" TITLE ".mkv\n"
                             "Style: " TITLE "\n"
                             "\n"
                             "[V4+ Styles]\n" STYLES "; " TITLE "\n"
                             "\n"
                             "[Fonts]\n"
                             "fontname: " TITLE "\n"
                             "[Events]\n" FORMAT "\n"
                             "Comment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,," TITLE;

static const char stripped_script[] = "[Script Info]\n"
                                      "scripttype: v4.00+\r\n"
                                      "PlayResX: 64\nPlayResY: 48\n"
                                      "\n"
                                      "\n"
                                      "[V4+ Styles]\n" STYLES "\n"
                                      "[Events]\n" FORMAT "\n";

static AVCodecParameters *make_codec(enum AVCodecID id, const void *header, size_t size)
{
    AVCodecParameters *codec = avcodec_parameters_alloc();

    assert_non_null(codec);
    codec->codec_id = id;
    codec->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    assert_non_null(codec->extradata);
    memcpy(codec->extradata, header, size);
    codec->extradata_size = (int)size;
    return codec;
}

/* The header of `id` becomes `wanted`; NULL: it is not understood. */
static void assert_stripped(enum AVCodecID id, const void *header, size_t size, const void *wanted,
                            size_t wanted_size)
{
    AVCodecParameters *codec = make_codec(id, header, size);
    bool stripped = true;

    assert_int_equal(vanon_header_strip(codec, &stripped),
                     wanted ? VANON_OK : VANON_ERR_UNSUPPORTED);
    if (!wanted) {
        wanted = header;
        wanted_size = size;
    }
    assert_int_equal(codec->extradata_size, wanted_size);
    assert_memory_equal(codec->extradata, wanted, wanted_size);
    for (int i = 0; i < AV_INPUT_BUFFER_PADDING_SIZE; i++)
        assert_int_equal(codec->extradata[wanted_size + (size_t)i], 0);
    if (size != wanted_size)
        assert_true(stripped);
    avcodec_parameters_free(&codec);
}

static void scripts(void **state)
{
    static const char only_title[] = "Title: " TITLE, mark[] = "\xef\xbb\xbf";
    char marked[3 + sizeof script], wanted[3 + sizeof stripped_script];

    (void)state;
    assert_stripped(AV_CODEC_ID_ASS, script, sizeof script - 1, stripped_script,
                    sizeof stripped_script - 1);
    assert_stripped(AV_CODEC_ID_SSA, stripped_script, sizeof stripped_script - 1, stripped_script,
                    sizeof stripped_script - 1);
    assert_stripped(AV_CODEC_ID_ASS, only_title, sizeof only_title - 1, "", 0);
    assert_stripped(AV_CODEC_ID_MOV_TEXT, script, sizeof script - 1, script, sizeof script - 1);
    memcpy(marked, mark, 3);
    memcpy(marked + 3, script, sizeof script);
    memcpy(wanted, mark, 3);
    memcpy(wanted + 3, stripped_script, sizeof stripped_script);
    assert_stripped(AV_CODEC_ID_ASS, marked, sizeof marked - 1, wanted, sizeof wanted - 1);
}

/* Three headers as Matroska puts them. Returns how long they are. */
static size_t lace(uint8_t *to, const char *name, const uint8_t *comment, size_t size)
{
    size_t at = 0;

    to[at++] = 2;
    to[at++] = 255; /* 300 */
    to[at++] = 45;
    if (size >= 255)
        to[at++] = 255;
    to[at++] = (uint8_t)(size >= 255 ? size - 255 : size);
    memset(to + at, 'i', 300);
    at += 300;
    memcpy(to + at, name, 7);
    memcpy(to + at + 7, comment, size - 7);
    memset(to + at + size, 's', 11);
    return at + size + 11;
}

static void comments(void **state)
{
    static const struct {
        enum AVCodecID codec;
        const char *name;
        size_t empty;
    } codecs[] = {{AV_CODEC_ID_VORBIS, "\3vorbis", 16}, {AV_CODEC_ID_THEORA, "\x81theora", 15}};
    static const uint8_t nothing[9] = {0, 0, 0, 0, 0, 0, 0, 0, 1};
    uint8_t comment[400], laced[1024], wanted[1024], counted[1024];

    (void)state;
    memset(comment, 'c', sizeof comment);
    for (size_t i = 0; i < 2; i++) {
        size_t expected = lace(wanted, codecs[i].name, nothing, codecs[i].empty);

        for (size_t size = 200; size <= 400; size += 200) {
            size_t whole = lace(laced, codecs[i].name, comment, size), from = whole - 311 - size;

            assert_stripped(codecs[i].codec, laced, whole, wanted, expected);
            for (size_t cut = 1; cut < 311 + size - 11 + from - 1; cut += 3) /* the last may be */
                assert_stripped(codecs[i].codec, laced, cut, NULL, 0);
            counted[0] = 1; /* 300 */
            counted[1] = 44;
            memcpy(counted + 2, laced + from, 300);
            counted[302] = (uint8_t)(size >> 8);
            counted[303] = (uint8_t)size;
            memcpy(counted + 304, laced + from + 300, size);
            counted[304 + size] = 0;
            counted[305 + size] = 11;
            memcpy(counted + 306 + size, laced + from + 300 + size, 11);
            assert_stripped(codecs[i].codec, counted, 317 + size, wanted, expected);
            assert_stripped(codecs[i].codec, counted, 316 + size, NULL, 0);
        }
        assert_stripped(codecs[i].codec, wanted, expected, wanted, expected);
        assert_stripped(codecs[1 - i].codec, wanted, expected, NULL, 0);
    }
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *events_of(const char *name)
{
    return output_of("ffmpeg -v error -i %s -map 0:s -c copy -f framemd5 - | grep -v ^#",
                     path_of(name));
}

static void copied_streams(void **state)
{
    char text[4096];
    struct session session;

    (void)state;
    snprintf(text, sizeof text,
             "%s\nDialogue: 0,0:00:00.04,0:00:00.20,Default,,0,0,0,,Hello\n"
             "Dialogue: 0,0:00:00.20,0:00:00.32,Default,,0,0,0,,you\n",
             script);
    write_text("s.ass", text);
    run("ffmpeg -v error -y -i %s -f lavfi -i sine=d=0.4 -i %s -map 0 -map 1 -map 2 "
        "-c copy -c:a libvorbis %s",
        path_of("plain.mkv"), path_of("s.ass"), path_of("texts.mkv"));
    assert_true(file_contains("texts.mkv", TITLE));
    copy_through("texts.mkv", "kept.mkv", OPTIONS("keep", "tags"));
    assert_true(file_contains("kept.mkv", "Title: " TITLE));
    assert_true(file_contains("kept.mkv", "Xiph.Org"));
    copy_through("texts.mkv", "stripped.mkv", NO_OPTIONS);
    assert_false(file_contains("stripped.mkv", TITLE));
    assert_false(file_contains("stripped.mkv", "Xiph.Org"));
    assert_true(file_contains("stripped.mkv", "Style: Default,Sans"));
    assert_string_equal(events_of("stripped.mkv"), events_of("texts.mkv"));
    assert_string_equal(
        output_of("ffmpeg -v error -i %s -map 0:a -f md5 -", path_of("texts.mkv")),
        output_of("ffmpeg -v error -i %s -map 0:a -f md5 -", path_of("stripped.mkv")));
    unlink(path_of("stripped.mkv"));
    assert_int_equal(begin(&session, "texts.mkv", "stripped.mkv", NO_OPTIONS), VANON_OK);
    assert_int_equal(tag_kept(&session, 0, "text in the codec's header"), -1);
    assert_int_equal(tag_kept(&session, 1, "text in the codec's header"), false);
    assert_int_equal(tag_kept(&session, 2, "text in the codec's header"), false);
    end(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts),
        cmocka_unit_test(comments),
        cmocka_unit_test_teardown(copied_streams, tidy),
    };

    return cmocka_run_group_tests(tests, make_inputs, remove_inputs);
}
