/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media in and out: the only place with libav*. Here are the plain structs that reader, writer and
 * job share; libav*'s own types are named, not used.
 */
#ifndef VANON_MEDIA_MEDIA_H
#define VANON_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/frame.h>

enum vanon_stream_type {
    VANON_STREAM_VIDEO,
    VANON_STREAM_AUDIO,
    VANON_STREAM_SUBTITLE,
    VANON_STREAM_DATA,
    VANON_STREAM_ATTACHMENT
};

/* For the report: what becomes of a stream or a tag of the input. Strings belong to the reader or
 * writer that gave the list. */
struct vanon_stream_note {
    int index; /* in the input */
    enum vanon_stream_type type;
    const char *codec;
    const char *fate; /* "anonymised", "copied", "converted", "muted", "dropped" */
    const char *why; /* it was dropped; the codec it has now for "converted" and "muted"; else "" */
};

struct vanon_tag_note {
    int stream; /* -1: the file's own */
    const char *key;
    bool kept;
};

struct vanon_media_notes {
    size_t streams;
    struct vanon_stream_note *stream;
    size_t tags;
    struct vanon_tag_note *tag;
    const char *conversion; /* "" or "bgra to yuv420p": where the encoder could not take the frames
                               as they are */
};

const char *vanon_stream_type_name(enum vanon_stream_type type);

/*
 * Makes libav* write nothing to stderr, in the whole process: for a program that is ours. A library
 * must not decide that for its user.
 */
void vanon_media_quiet(void);

#endif
