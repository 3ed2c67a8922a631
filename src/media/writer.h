/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames to encoder and muxer, copied packets to the muxer. The file appears under its name only
 * when finished.
 *
 * Order of calls: create (decides what becomes of every stream and tag, before anything is
 * decoded); frame and packet in any mix; finish; destroy. Destroy without a successful finish
 * leaves nothing. Thread-safety: safe; frames from one thread, packets from another.
 */
#ifndef VANON_MEDIA_WRITER_H
#define VANON_MEDIA_WRITER_H

#include "media/media.h"
#include "media/reader.h"
#include "options/options.h"

typedef struct vanon_writer vanon_writer;

/* Whether options->codec names an encoder that takes frames of a GPU of NVIDIA's where they are. */
bool vanon_writer_takes_cuda(const vanon_options *options);

/*
 * VANON_ERR_OPTION: no such codec, preset, pixel format or container; VANON_ERR_EXISTS,
 * VANON_ERR_IO: see publish.h; VANON_ERR_UNSUPPORTED: a stream that the container can't hold: the
 * message names stream and option. `reader` must outlive the writer.
 */
int vanon_writer_create(vanon_writer **out, const char *path, const vanon_reader *reader,
                        const vanon_options *options, const vanon_log *log);
void vanon_writer_destroy(vanon_writer **writer);

/*
 * Encodes a frame; takes it. The first one opens the encoder and writes the header.
 * VANON_ERR_UNSUPPORTED: the encoder can't take it, or its size or format changed; VANON_ERR_IO:
 * the disk is full or the like; VANON_ERR_MEMORY.
 */
int vanon_writer_frame(vanon_writer *writer, vanon_frame **frame);

/* Takes a packet of the input and writes it, or drops it where its stream is dropped. VANON_ERR_IO,
 * VANON_ERR_MEMORY. */
int vanon_writer_packet(vanon_writer *writer, struct AVPacket **packet);

/* Flushes the encoder and ends the file, which keeps its temporary name. VANON_ERR_IO,
 * VANON_ERR_INPUT: there was no frame. */
int vanon_writer_complete(vanon_writer *writer);

/* That name; NULL: there is no such file (a pipe, checksums). */
const char *vanon_writer_file(const vanon_writer *writer);

/* Completes the file, if it is not, and puts it in place. VANON_ERR_IO, VANON_ERR_EXISTS,
 * VANON_ERR_INPUT: there was no frame. */
int vanon_writer_finish(vanon_writer *writer);

/* What became of streams and tags; belongs to the writer. Complete after finish. */
const struct vanon_media_notes *vanon_writer_notes(const vanon_writer *writer);

/* Name of the encoder in use ("libx264", "md5"); "" before the first frame. */
const char *vanon_writer_encoder(const vanon_writer *writer);

/* With codec = md5: the digest of all rendered samples and times, 32 hex digits, after finish; else
 * "". */
const char *vanon_writer_md5(const vanon_writer *writer);

/*
 * Where the output goes when none is named: beside the input, "clip.anonymized.mp4" for "clip.mp4",
 * the input's own extension where libav* can write it, else
 * ".mp4". Returns a string that the caller frees; NULL: no memory.
 */
char *vanon_writer_default_path(const char *input);

/* The same with the ending of the container that `format` names ("": none), and, where `folder` is
 * not NULL, in that folder under the input's own name. */
char *vanon_writer_path_in(const char *folder, const char *input, const char *format);

#endif
