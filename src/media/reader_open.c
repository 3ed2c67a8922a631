/* SPDX-License-Identifier: Apache-2.0 */
/* From a name to an open container and its video stream. A local input makes us read that one file
 * and nothing else, whatever stands in it. */
#include <ctype.h>
#include <string.h>

#include <libavutil/avstring.h>

#include "base/log.h"
#include "base/publish.h"
#include "media/reader_private.h"

/* What a URL may lead to: never a local file. */
static const char network_protocols[] = "http,https,httpproxy,tls,tcp,udp,rtp,srtp,rtsp,rtmp,rtmps,"
                                        "rtmpt,srt,mmsh,mmst,ftp,crypto,data";

/* Formats that are lists of other files, and one that paints text. */
static const char *const refused_formats[] = {
    "concat", "hls", "dash", "webm_dash_manifest", "imf", "sdp", "image2", "tty",
};

static bool is_url(const char *name)
{
    const char *c = name;

    while (isalnum((unsigned char)*c) || *c == '+' || *c == '-' || *c == '.')
        c++;
    return c > name && !strncmp(c, "://", 3) && strncmp(name, "file:", 5) != 0;
}

static int is_interrupted(void *opaque)
{
    const vanon_reader *reader = opaque;

    return atomic_load(&reader->interrupted);
}

/* Stands in for libav*'s opener of further files. */
static int open_nothing(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
                        AVDictionary **options)
{
    (void)format;
    (void)io;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}

static int fail_open(const vanon_reader *reader, int averror, const char *what)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    int status = vanon_av_status(averror);

    if (status == VANON_ERR_CANCELLED || status == VANON_ERR_MEMORY)
        return status;
    av_strerror(averror, text, sizeof text);
    if (status == VANON_ERR_EOF || status == VANON_ERR_IO)
        status = VANON_ERR_INPUT;
    return vanon_fail(reader->log, status, "input %s: %s: %s", reader->name, what, text);
}

/* The container that the user names. */
static int find_named_format(const vanon_reader *reader, const AVInputFormat **format)
{
    *format = av_find_input_format(reader->format_name);
    if (!*format)
        return vanon_fail(reader->log, VANON_ERR_OPTION,
                          "format %s: no such container can be read; usual are matroska, mpegts, "
                          "nut, mp4, yuv4mpegpipe, h264",
                          reader->format_name);
    return VANON_OK;
}

/* The container, by the file's content alone: its name could make libav* read a series of files. */
static int find_format(const vanon_reader *reader, const AVInputFormat **format)
{
    int score = 0, status = VANON_OK;

    if (*reader->format_name)
        status = find_named_format(reader, format);
    else
        score = av_probe_input_buffer2(reader->io, format, "", NULL, 0, 0);
    if (status)
        return status;
    if (reader->interrupted)
        return VANON_ERR_CANCELLED;
    if (score == AVERROR_INVALIDDATA || (score >= 0 && !*format))
        return vanon_fail(reader->log, VANON_ERR_INPUT, "input %s: is not a media file",
                          reader->name);
    if (score < 0)
        return fail_open(reader, score, "can't be read");
    for (size_t i = 0; i < VANON_COUNT(refused_formats); i++)
        if ((*format)->flags & AVFMT_NOFILE || !strcmp((*format)->name, refused_formats[i]))
            return vanon_fail(
                reader->log, VANON_ERR_INPUT,
                "input %s: is not a media file, but \"%s\": a list of others, or text",
                reader->name, (*format)->name);
    return VANON_OK;
}

static int fail_header(const vanon_reader *reader, const AVInputFormat *format)
{
    bool index_at_end = format && av_match_name("mp4", format->name);

    return vanon_fail(reader->log, VANON_ERR_INPUT,
                      "input %s: its header is damaged, or the file ends too early (format %s)%s",
                      reader->name, format ? format->name : "not known",
                      index_at_end ? "; a recording that was cut off lacks its index, without "
                                     "which its frames can't be found: have it repaired first"
                                   : "");
}

static int open_format(vanon_reader *reader, const char *url, const AVInputFormat *format,
                       const char *protocols)
{
    AVDictionary *options = NULL;
    int failed;

    reader->format = avformat_alloc_context();
    if (!reader->format)
        return VANON_ERR_MEMORY;
    reader->format->interrupt_callback = (AVIOInterruptCB){is_interrupted, reader};
    if (reader->io) {
        reader->format->pb = reader->io;
        reader->format->io_open = open_nothing;
    }
    av_dict_set(&options, "protocol_whitelist", protocols, 0);
    failed = avformat_open_input(&reader->format, url, format, &options);
    av_dict_free(&options);
    if (failed == AVERROR_INVALIDDATA || failed == AVERROR_EOF)
        return fail_header(reader, format);
    if (failed < 0)
        return fail_open(reader, failed, "can't be opened");
    failed = avformat_find_stream_info(reader->format, NULL);
    if (reader->interrupted)
        return VANON_ERR_CANCELLED;
    if (failed < 0)
        return fail_open(reader, failed, "its streams can't be read");
    return VANON_OK;
}

int vanon_reader_open_input(vanon_reader *reader)
{
    const AVInputFormat *format = NULL;
    int status = VANON_OK;

    if (is_url(reader->name)) {
        if (*reader->format_name)
            status = find_named_format(reader, &format);
        return status ? status : open_format(reader, reader->name, format, network_protocols);
    }
    status = vanon_reader_open_file(reader, vanon_plain_name(reader->name));
    if (!status)
        status = find_format(reader, &format);
    if (!status)
        status = vanon_reader_note_promise(reader);
    if (!status)
        status = open_format(reader, "", format, "none");
    return status;
}

void vanon_reader_close_input(vanon_reader *reader)
{
    avformat_close_input(&reader->format);
    vanon_reader_close_file(reader);
}

static bool is_cover(const AVStream *stream)
{
    return stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS);
}

/* The container's own choice first, then the larger picture, then the one that comes first. */
static bool is_better(const AVStream *stream, const AVStream *best)
{
    int told = !!(stream->disposition & AV_DISPOSITION_DEFAULT) -
               !!(stream->disposition & AV_DISPOSITION_STILL_IMAGE);
    int best_told = !!(best->disposition & AV_DISPOSITION_DEFAULT) -
                    !!(best->disposition & AV_DISPOSITION_STILL_IMAGE);

    if (told != best_told)
        return told > best_told;
    return (int64_t)stream->codecpar->width * stream->codecpar->height >
           (int64_t)best->codecpar->width * best->codecpar->height;
}

int vanon_reader_choose_stream(vanon_reader *reader)
{
    bool cover = false;

    for (unsigned i = 0; i < reader->format->nb_streams; i++) {
        AVStream *stream = reader->format->streams[i];

        if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
            continue;
        if (is_cover(stream))
            cover = true;
        else if (!reader->stream || is_better(stream, reader->stream))
            reader->stream = stream;
    }
    if (!reader->stream)
        return vanon_fail(reader->log, VANON_ERR_INPUT, "input %s: has no video stream%s",
                          reader->name, cover ? ", only a cover picture" : "");
    return VANON_OK;
}
