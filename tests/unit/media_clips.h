/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the reader: clips that the ffmpeg program makes, in a folder of their own, and a
 * reading of a whole file. */
#ifndef VANON_TESTS_MEDIA_CLIPS_H
#define VANON_TESTS_MEDIA_CLIPS_H

#include "unit.h"

#include <stdbool.h>
#include <unistd.h>

#include <libavcodec/packet.h>

#include "base/memory.h"
#include "media/media.h"
#include "media/reader.h"
#include "options/options.h"

#define MAX_FRAMES 400

static char clip_folder[] = "/tmp/vanon-media-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    vanon_media_quiet();
    return mkdtemp(clip_folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", clip_folder);
    return system(command);
}

/* The path of `name` in the folder; the last four stay valid. */
static const char *clip_path(const char *name)
{
    static char paths[4][256];
    static size_t next;

    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s", clip_folder, name);
    return paths[next];
}

/* Makes a clip: `ffmpeg ARGUMENTS NAME`, run in the folder. */
static const char *make_clip(const char *name, const char *arguments)
{
    char command[1024];

    snprintf(command, sizeof command, "cd %s && ffmpeg -nostdin -v error -y %s 'file:%s'",
             clip_folder, arguments, name);
    if (system(command))
        fail_msg("failed: %s", command);
    return clip_path(name);
}

static inline const char *write_file(const char *name, const void *bytes, size_t count)
{
    const char *path = clip_path(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* The whole of a file, to be freed. */
static inline uint8_t *load_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*count);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *count, file), *count);
    fclose(file);
    return bytes;
}

/* What came of reading a file to its end. */
struct reading {
    int created, status;
    size_t frames, damaged;
    uint64_t packets_lost, frames_damaged;
    int64_t pts[MAX_FRAMES], duration[MAX_FRAMES];
    bool marked[MAX_FRAMES];
    size_t packets_of[8]; /* by stream */
    vanon_frame first;    /* without samples */
    uint8_t samples[64];  /* the start of the first frame's first line */
    struct vanon_reader_info info;
    char conversion[64];
};

struct reading_options {
    enum vanon_on_error on_error;
    int threads;
};

static void note_frame(struct reading *reading, const vanon_frame *frame)
{
    size_t i = reading->frames++;

    assert_true(i < MAX_FRAMES);
    assert_int_equal(frame->number, i);
    reading->pts[i] = frame->pts;
    reading->duration[i] = frame->duration;
    reading->marked[i] = frame->flags & VANON_FRAME_DAMAGED;
    reading->damaged += reading->marked[i];
    if (i)
        return;
    reading->first = *frame;
    memcpy(reading->samples, frame->plane[0],
           frame->stride[0] < 64 ? (size_t)frame->stride[0] : 64);
}

/* What the reader looks at, as it is by default. */
static inline struct vanon_options media_options(const char *path)
{
    static char none[] = "";

    return (struct vanon_options){
        .input = (char *)path, .output = none, .format = none, .input_format = none};
}

/* Reads with `options`, to the end. */
static inline void read_with(struct reading *reading, const struct vanon_options *options)
{
    struct AVPacket *packet;
    vanon_reader *reader;
    vanon_frame *frame;

    memset(reading, 0, sizeof *reading);
    unit_log_clear();
    reading->created = vanon_reader_create(&reader, options, &unit_log);
    if (reading->created) {
        assert_null(reader);
        return;
    }
    reading->info = *vanon_reader_get_info(reader);
    while (!(reading->status = vanon_reader_read(reader, &frame, &packet))) {
        assert_true(!frame != !packet);
        if (frame)
            note_frame(reading, frame);
        else
            reading->packets_of[packet->stream_index]++;
        vanon_frame_unref(&frame);
        vanon_packet_free(&packet);
    }
    assert_null(frame);
    assert_null(packet);
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), reading->status);
    vanon_reader_counts(reader, &reading->packets_lost, &reading->frames_damaged);
    snprintf(reading->conversion, sizeof reading->conversion, "%s", reading->info.conversion);
    vanon_reader_destroy(&reader);
    assert_null(reader);
}

static inline void read_all(struct reading *reading, const char *path,
                            struct reading_options wanted)
{
    struct vanon_options options = media_options(path);

    options.on_error = wanted.on_error;
    options.cpu_threads = wanted.threads;
    read_with(reading, &options);
}

/* A healthy file of so many frames, read without a word of warning. */
static inline void read_healthy(struct reading *reading, const char *path, size_t frames)
{
    read_all(reading, path, (struct reading_options){VANON_ON_ERROR_STOP, 2});
    if (reading->created || reading->status != VANON_ERR_EOF || unit_message[0])
        fail_msg("%s: %s", path, unit_message);
    assert_int_equal(reading->frames, frames);
    assert_int_equal(reading->damaged, 0);
    assert_int_equal(reading->packets_lost, 0);
}

#endif
