/* SPDX-License-Identifier: Apache-2.0 */
/* What libav* can read and write here. Constant as far as libav* is; thread-safe. */
#ifndef VANON_MEDIA_CAPABILITIES_H
#define VANON_MEDIA_CAPABILITIES_H

#include <stdbool.h>
#include <stddef.h>

enum vanon_media_kind {
    VANON_MEDIA_LIBRARY,   /* libav*'s own */
    VANON_MEDIA_ENCODER,   /* of the words that the option codec is usually given */
    VANON_MEDIA_DECODER,   /* of the codecs that inputs usually have */
    VANON_MEDIA_CONTAINER, /* by the ending of the output's name */
};

struct vanon_media_capability {
    const char *name; /* "libavcodec"; "h264"; ".mp4" */
    char by[48];      /* its version; the encoder or decoder; the container; "": not here */
    char note[96];    /* of a container: the encoder that suits it; of what is not here: why */
};

/* Fills `out` with the i-th of a kind. False past the end. */
bool vanon_media_capability(enum vanon_media_kind kind, size_t index,
                            struct vanon_media_capability *out);

#endif
