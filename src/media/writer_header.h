/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people write into the headers of codecs: titles, names, comments, paths, as in a container's
 * tags. Plain functions.
 */
#ifndef VANON_MEDIA_WRITER_HEADER_H
#define VANON_MEDIA_WRITER_HEADER_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#include <vanon/status.h>

/*
 * Takes out of a stream's header (its extradata, which is replaced) what no decoder needs. ASS and
 * SSA: of [Script Info] all but what places the text, of styles and events all but themselves, and
 * every other section, embedded fonts and pictures too. Vorbis and Theora: the comment header's
 * content. Others have nothing of the kind. `*stripped`: there was something.
 *
 * VANON_ERR_UNSUPPORTED: the header is not as that codec's are, and stays as it is;
 * VANON_ERR_MEMORY.
 */
int vanon_header_strip(AVCodecParameters *codec, bool *stripped);

#endif
