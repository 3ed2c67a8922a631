/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sound track in another codec, or as silence: packets of the input in, packets of the output
 * into the muxer. Every sample keeps its time: what is missing in between becomes silence, and the
 * encoder's delay is told to the container. One thread at a time.
 */
#ifndef VANON_MEDIA_WRITER_SOUND_H
#define VANON_MEDIA_WRITER_SOUND_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "media/writer_mux.h"

typedef struct vanon_sound vanon_sound;

struct vanon_sound_params {
    const AVStream *source; /* needed only while it is created */
    AVStream *target;       /* gets its parameters; belongs to `mux` */
    enum AVCodecID codec;
    bool mute;
    vanon_mux *mux;   /* must outlive it */
    const char *path; /* of the output, for messages */
    const vanon_log *log;
};

/*
 * The codec in which silence is written to a container, so that it lasts as long as the sound did;
 * AV_CODEC_ID_NONE: there is none.
 */
enum AVCodecID vanon_sound_silence(const AVOutputFormat *container);

/* VANON_ERR_UNSUPPORTED: no decoder for the source, or the encoder can't take its rate or channels;
 * VANON_ERR_MEMORY. */
int vanon_sound_create(vanon_sound **out, const struct vanon_sound_params *params);
void vanon_sound_destroy(vanon_sound **sound);

/* Takes a packet, which stays the caller's; NULL: none follows. What can't be decoded becomes
 * silence, with a warning. VANON_ERR_UNSUPPORTED: the encoder failed; VANON_ERR_MEMORY; as
 * vanon_mux_write. */
int vanon_sound_write(vanon_sound *sound, const AVPacket *packet);

#endif
