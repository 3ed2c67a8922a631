/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer's tests share. Inputs are made by the `ffmpeg` program, frames by hand; outputs
 * are read by our reader and by `ffprobe`. */
#ifndef VANON_TESTS_WRITING_H
#define VANON_TESTS_WRITING_H

#include "unit.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>

#include "media/reader.h"
#include "media/writer.h"
#include "media/writer_encoder.h"
#include "pixels/format.h"
#include "pixels/frame.h"

#ifdef __SANITIZE_ADDRESS__
/* libx265 keeps some of its parameters for good. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265";
}
#endif

#define NO_OPTIONS   ((const char *const[]){NULL})
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static char folder[64];

static inline const char *path_of(const char *name)
{
    static char paths[8][160];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void run(const char *format, ...)
{
    char command[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command))
        fail_msg("failed: %s", command);
}

/* What a command prints, without its last newline; holds until the second next call. */
static const char *output_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline const char *output_of(const char *format, ...)
{
    static char texts[2][16384];
    static unsigned next;
    char command[2048], *text = texts[next++ % 2];
    size_t length;
    va_list args;
    FILE *pipe;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    length = fread(text, 1, sizeof texts[0] - 1, pipe);
    text[length] = '\0';
    if (length && text[length - 1] == '\n')
        text[length - 1] = '\0';
    if (pclose(pipe))
        fail_msg("failed: %s", command);
    return text;
}

static inline const char *probe(const char *name, const char *what)
{
    return output_of("ffprobe -v error %s -of compact=p=0:nk=1 %s", what, path_of(name));
}

static inline void assert_no_leftover(void)
{
    assert_string_equal(output_of("ls -A %s | grep vanon- || true", folder), "");
}

/* One input, one output. */
struct session {
    vanon_options *options;
    vanon_reader *reader;
    vanon_writer *writer;
};

/* Pairs of key and value follow in `pairs`. Returns what vanon_writer_create returns. */
static inline int begin(struct session *session, const char *input, const char *output,
                        const char *const *pairs)
{
    unit_log_clear();
    memset(session, 0, sizeof *session);
    assert_int_equal(vanon_options_create(&session->options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(session->options, "input", path_of(input)), VANON_OK);
    for (; *pairs; pairs += 2)
        assert_int_equal(vanon_options_set(session->options, pairs[0], pairs[1]), VANON_OK);
    assert_int_equal(vanon_reader_create(&session->reader, session->options, &unit_log), VANON_OK);
    unit_log_clear();
    return vanon_writer_create(&session->writer, *output ? path_of(output) : "", session->reader,
                               session->options, &unit_log);
}

static inline void end(struct session *session)
{
    vanon_writer_destroy(&session->writer);
    assert_null(session->writer);
    vanon_reader_destroy(&session->reader);
    vanon_options_destroy(&session->options);
}

/* Everything of the reader into the writer. The first status that is not OK. */
static inline int pump(struct session *session)
{
    int status = VANON_OK;

    while (!status) {
        vanon_frame *frame = NULL;
        AVPacket *packet = NULL;

        status = vanon_reader_read(session->reader, &frame, &packet);
        if (!status)
            status = frame ? vanon_writer_frame(session->writer, &frame)
                           : vanon_writer_packet(session->writer, &packet);
        assert_null(frame);
        assert_null(packet);
    }
    return status == VANON_ERR_EOF ? VANON_OK : status;
}

static inline void finish(struct session *session)
{
    int status = vanon_writer_finish(session->writer);

    if (status)
        fail_msg("finish: %s: %s", vanon_status_text(status), unit_message);
}

static inline void copy_through(const char *input, const char *output, const char *const *pairs)
{
    struct session session;

    unlink(path_of(output));
    if (begin(&session, input, output, pairs) || pump(&session))
        fail_msg("%s to %s: %s", input, output, unit_message);
    finish(&session);
    end(&session);
    assert_no_leftover();
}

static inline const struct vanon_stream_note *note_of(const struct session *session, int stream)
{
    const struct vanon_media_notes *notes = vanon_writer_notes(session->writer);

    assert_true((size_t)stream < notes->streams);
    return &notes->stream[stream];
}

/* -1: no such tag. */
static inline int tag_kept(const struct session *session, int stream, const char *key)
{
    const struct vanon_media_notes *notes = vanon_writer_notes(session->writer);

    for (size_t i = 0; i < notes->tags; i++)
        if (notes->tag[i].stream == stream && !strcmp(notes->tag[i].key, key))
            return notes->tag[i].kept;
    return -1;
}

static inline bool file_contains(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "rb");
    char *bytes = malloc(1 << 22);
    size_t size;
    bool found;

    assert_non_null(file);
    size = fread(bytes, 1, 1 << 22, file);
    found = memmem(bytes, size, text, strlen(text));
    fclose(file);
    free(bytes);
    return found;
}

/* Frames by hand */

static inline unsigned sample(const vanon_frame *frame, int component, int x, int y)
{
    const struct vanon_component *c = &vanon_pixel_layout(frame->format)->component[component];
    const uint8_t *at =
        frame->plane[c->plane] + y * frame->stride[c->plane] + x * c->step + c->offset;

    if (vanon_pixel_layout(frame->format)->sample_bytes == 1)
        return *at;
    return (unsigned)(at[0] | at[1] << 8) >> c->shift;
}

static inline void set_sample(vanon_frame *frame, int component, int x, int y, unsigned value)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *c = &layout->component[component];
    uint8_t *at = frame->plane[c->plane] + y * frame->stride[c->plane] + x * c->step + c->offset;

    value <<= c->shift;
    at[0] = (uint8_t)value;
    if (layout->sample_bytes == 2)
        at[1] = (uint8_t)(value >> 8);
}

static inline unsigned noise(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static inline vanon_frame *make_frame(enum vanon_pixel_format format, int width, int height,
                                      unsigned seed)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, width, height), VANON_OK);
    for (int plane = 0; plane < layout->planes; plane++)
        memset(frame->plane[plane], 0,
               (size_t)frame->stride[plane] * (size_t)vanon_plane_lines(layout, plane, height));
    for (int i = 0; i < layout->components; i++)
        for (int y = 0; y < vanon_component_height(layout, i, height); y++)
            for (int x = 0; x < vanon_component_width(layout, i, width); x++)
                set_sample(frame, i, x, y, noise(&seed) & ((1u << layout->component[i].depth) - 1));
    frame->time_base = (vanon_rational){1, 1000};
    frame->colour.full_range = layout->model != VANON_MODEL_YUV;
    frame->field_order = VANON_FIELDS_PROGRESSIVE;
    return frame;
}

/* Frame `number` of a constant rate of 25. */
static inline vanon_frame *make_timed(enum vanon_pixel_format format, int width, int height,
                                      int number)
{
    vanon_frame *frame = make_frame(format, width, height, (unsigned)number + 1);

    frame->number = (uint64_t)number;
    frame->pts = 40 * number;
    frame->duration = 40;
    return frame;
}

/* Sample by sample, whatever the order in which formats store them. */
static inline void assert_same_samples(const vanon_frame *a, const vanon_frame *b,
                                       unsigned tolerance)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(a->format);

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(layout->components, vanon_pixel_layout(b->format)->components);
    assert_int_equal(layout->component[0].depth, vanon_pixel_layout(b->format)->component[0].depth);
    for (int i = 0; i < layout->components; i++)
        for (int y = 0; y < vanon_component_height(layout, i, a->height); y++)
            for (int x = 0; x < vanon_component_width(layout, i, a->width); x++) {
                unsigned one = sample(a, i, x, y), other = sample(b, i, x, y);
                if ((one > other ? one - other : other - one) > tolerance)
                    fail_msg("%s to %s, component %d at (%d, %d): %u, then %u",
                             vanon_pixel_format_name(a->format), vanon_pixel_format_name(b->format),
                             i, x, y, one, other);
            }
}

static inline vanon_frame *next_frame(vanon_reader *reader)
{
    vanon_frame *frame = NULL;
    AVPacket *packet = NULL;
    int status;

    while (!(status = vanon_reader_read(reader, &frame, &packet)) && !frame)
        vanon_packet_free(&packet);
    if (status)
        assert_int_equal(status, VANON_ERR_EOF);
    return frame;
}

static inline vanon_reader *open_reader(const char *name, vanon_options **options)
{
    vanon_reader *reader;

    assert_int_equal(vanon_options_create(options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(*options, "input", path_of(name)), VANON_OK);
    if (vanon_reader_create(&reader, *options, &unit_log))
        fail_msg("%s: %s", name, unit_message);
    return reader;
}

/* Writes `count` frames by hand and leaves the file. */
static inline void write_by_hand(const char *output, enum vanon_pixel_format format, int width,
                                 int height, int count, const char *const *pairs,
                                 char conversion[96])
{
    struct session session;

    unlink(path_of(output));
    if (begin(&session, "plain.mkv", output, pairs))
        fail_msg("%s: %s", output, unit_message);
    for (int i = 0; i < count; i++) {
        vanon_frame *frame = make_timed(format, width, height, i);
        if (vanon_writer_frame(session.writer, &frame))
            fail_msg("%s into %s: %s", vanon_pixel_format_name(format), output, unit_message);
        assert_null(frame);
    }
    finish(&session);
    snprintf(conversion, 96, "%s", vanon_writer_notes(session.writer)->conversion);
    end(&session);
}

static inline void assert_round_trip(const char *output, enum vanon_pixel_format format, int width,
                                     int height, const char *const *pairs)
{
    vanon_options *options;
    vanon_reader *reader;
    vanon_frame *read;
    char conversion[96];

    write_by_hand(output, format, width, height, 2, pairs, conversion);
    reader = open_reader(output, &options);
    for (int i = 0; i < 2; i++) {
        vanon_frame *written = make_timed(format, width, height, i);

        read = next_frame(reader);
        assert_non_null(read);
        /* Codecs may have the same samples in planes of their own order. */
        if (!*conversion && !strstr(output, "h264") && format != VANON_PIXEL_RGB48 &&
            format != VANON_PIXEL_RGBA64)
            assert_int_equal(read->format, written->format);
        assert_same_samples(written, read, 0);
        vanon_frame_unref(&written);
        vanon_frame_unref(&read);
    }
    assert_null(next_frame(reader));
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

/* What a failed test left must not make the others fail. */
static inline int tidy(void **state)
{
    (void)state;
    run("rm -f %s", path_of(".*vanon-*"));
    return 0;
}

static inline int make_inputs(void **state)
{
    (void)state;
    vanon_media_quiet();
    strcpy(folder, "/tmp/vanon-test-writer-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    run("ffmpeg -v error -f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v ffv1 -pix_fmt yuv420p %s",
        path_of("plain.mkv"));
    run("ffmpeg -v error -f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1 "
        "-f lavfi -i sine=600:d=1 -map 0 -map 1 -map 2 -c:v libx264 -c:a aac %s",
        path_of("av.mp4"));
    return 0;
}

static inline int remove_inputs(void **state)
{
    (void)state;
    run("rm -rf %s", folder);
    return 0;
}

#endif
