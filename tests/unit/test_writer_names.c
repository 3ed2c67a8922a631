/* SPDX-License-Identifier: Apache-2.0 */
/* Names of outputs and the containers that they, or the option format, ask for. */
#include "unit.h"

#include "base/memory.h"
#include "media/media.h"
#include "media/writer.h"
#include "media/writer_container.h"

static void containers_by_name_or_ending(void **state)
{
    static const struct {
        const char *path, *name, *container;
    } found[] = {
        {"a.mp4", "", "mp4"},          {"a.mkv", "", "matroska"},     {"a.bin", "nut", "nut"},
        {"a.mp4", "mpegts", "mpegts"}, {"-", "matroska", "matroska"}, {"-", "mp4", "mp4"},
        {"-", "mov", "mov"},           {"-", "webm", "webm"},         {"-", "h264", "h264"},
        {"-", "gif", "gif"},           {"-", "rawvideo", "rawvideo"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(found); i++) {
        const AVOutputFormat *container;

        assert_int_equal(
            vanon_container_choose(&container, found[i].path, found[i].name, &unit_log), VANON_OK);
        assert_string_equal(container->name, found[i].container);
    }
}

static void containers_that_are_refused(void **state)
{
    static const struct {
        const char *path, *name, *message;
    } refused[] = {
        {"-", "", "output -: --format has to name a container; usual are matroska, mpegts"},
        {"-", "avi", "output -: avi has to go back in its file"},
        {"-", "webp", "output -: webp has to go back in its file"},
        {"-", "wav", "wav holds no video"},
        {"-", "mkv", "format mkv: no such container"},
        {"a.mp4", "nosuch", "format nosuch: no such container"},
        {"a.mp4", "hls", "hls is more than one file"},
        {"a.xyz", "", "a.xyz: its ending names no container"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(refused); i++) {
        const AVOutputFormat *container;

        assert_int_equal(
            vanon_container_choose(&container, refused[i].path, refused[i].name, &unit_log),
            VANON_ERR_OPTION);
        assert_null(container);
        assert_message(refused[i].message);
    }
}

static void names_in_a_folder(void **state)
{
    static const struct {
        const char *folder, *input, *format, *path;
    } names[] = {
        {"out", "in.mp4", "", "out/in.mp4"},
        {"out", "a/b/in.mkv", "", "out/in.mkv"},
        {"out/sub", "/a/in.MOV", "", "out/sub/in.MOV"},
        {"out", "in.xyz", "", "out/in.mp4"},
        {"out", "in", "", "out/in.mp4"},
        {"out", "a.b/in", "", "out/in.mp4"},
        {"out", "file:in.mkv", "", "out/in.mkv"},
        {"out", "file:a/in.mkv", "", "out/in.mkv"},
        {"out", "http://host/a/in.mkv", "", "out/in.mkv"},
        {"out", "in.mp4", "matroska", "out/in.mkv"},
        {"out", "in.mp4", "nut", "out/in.nut"},
        {NULL, "a/in.mp4", "matroska", "a/in.anonymized.mkv"},
        {NULL, "a/in.mp4", "", "a/in.anonymized.mp4"},
        {NULL, "http://host/a/in.mp4", "", "in.anonymized.mp4"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(names); i++) {
        char *path = vanon_writer_path_in(names[i].folder, names[i].input, names[i].format);

        assert_non_null(path);
        assert_string_equal(path, names[i].path);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_by_name_or_ending),
        cmocka_unit_test(containers_that_are_refused),
        cmocka_unit_test(names_in_a_folder),
    };

    vanon_media_quiet();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
