/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output for libav*: what was written stays written. One thread at a time. */
#ifndef VANON_MEDIA_WRITER_PIPE_H
#define VANON_MEDIA_WRITER_PIPE_H

#include <stdbool.h>

#include <libavformat/avformat.h>

#include <vanon/status.h>

/*
 * Makes it the place that `format` writes to (format->pb). A reader that does not read is waited
 * for until format->interrupt_callback says stop: then writing fails with AVERROR_EXIT.
 * VANON_ERR_IO: it is a terminal, or not open for writing; VANON_ERR_MEMORY.
 */
int vanon_pipe_open(AVFormatContext *format, const vanon_log *log);

/* Writes what is left with `flush`; standard output stays open. What failed, as libav* says it; 0.
 */
int vanon_pipe_close(AVFormatContext *format, bool flush);

#endif
