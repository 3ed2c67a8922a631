/* SPDX-License-Identifier: Apache-2.0 */
/* The codec "md5": a digest of all frames' samples, sizes, formats and times in place of a file.
 * One thread at a time. */
#ifndef VANON_MEDIA_WRITER_SINK_H
#define VANON_MEDIA_WRITER_SINK_H

#include <vanon/frame.h>

typedef struct vanon_sink vanon_sink;

#define VANON_MD5_TEXT 33 /* 32 lower-case hex digits and the end */

/* VANON_ERR_MEMORY. */
int vanon_sink_create(vanon_sink **out);
void vanon_sink_destroy(vanon_sink **sink);

/* Padding behind a line, and where the lines lie, make no difference. */
void vanon_sink_frame(vanon_sink *sink, const vanon_frame *frame);

/* Once, after the last frame. */
void vanon_sink_finish(vanon_sink *sink, char text[VANON_MD5_TEXT]);

#endif
