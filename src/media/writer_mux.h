/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets into a file that appears under its name only when it is complete, or to standard output
 * ("-") as they come.
 *
 * Order of calls: create; set up the streams of vanon_mux_format; start; finish; destroy. Packets
 * may come at any time after the streams are there: those before the start are kept.
 * Thread-safety: vanon_mux_write from any thread, also during a start; the others from one.
 */
#ifndef VANON_MEDIA_WRITER_MUX_H
#define VANON_MEDIA_WRITER_MUX_H

#include <libavformat/avformat.h>

#include "options/options.h"

typedef struct vanon_mux vanon_mux;

/* Checks that `path` can be written, and makes the temporary file. See publish.h; VANON_ERR_MEMORY.
 */
int vanon_mux_create(vanon_mux **out, const char *path, const AVOutputFormat *container,
                     const vanon_options *options, const vanon_log *log);

/* Without a successful finish nothing is left. */
void vanon_mux_destroy(vanon_mux **mux);

AVFormatContext *vanon_mux_format(const vanon_mux *mux);

/* Writes the header, then the packets that were kept. The muxer may change the streams' time bases.
 * `input_start`: seconds. VANON_ERR_UNSUPPORTED: the container refuses a stream; VANON_ERR_IO,
 * VANON_ERR_MEMORY. */
int vanon_mux_start(vanon_mux *mux, double input_start);

/*
 * Takes a packet (the pointer is nulled), its times in packet->time_base, its stream in
 * packet->stream_index. Times that are missing are filled in, and decoding times that run backwards
 * are mended. VANON_ERR_IO, VANON_ERR_MEMORY; what made an earlier call fail.
 */
int vanon_mux_write(vanon_mux *mux, AVPacket **packet);

/* Ends the file, which keeps its temporary name. VANON_ERR_IO, VANON_ERR_MEMORY; what made an
 * earlier call fail. */
int vanon_mux_complete(vanon_mux *mux);

/* That name; NULL: a pipe has none. */
const char *vanon_mux_file(const vanon_mux *mux);

/* Ends the file, if it has not ended, and puts it in place. VANON_ERR_IO, VANON_ERR_EXISTS,
 * VANON_ERR_MEMORY; what made an earlier call fail. */
int vanon_mux_finish(vanon_mux *mux);

#endif
