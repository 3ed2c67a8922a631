/* SPDX-License-Identifier: Apache-2.0 */
/* Colour profiles: kept with a picture, where its file can hold one. libav*'s encoders of PNG and
 * JPEG write them; for TIFF and WebP it is done here. Thread-safe. */
#ifndef VANON_MEDIA_WRITER_ICC_H
#define VANON_MEDIA_WRITER_ICC_H

#include <libavcodec/avcodec.h>

#include <stdbool.h>

#include <vanon/status.h>

/* True where a profile (at least 20 bytes tell) is for pictures of this kind: grey's for grey, all
 * others for RGB and what is made of it. */
bool vanon_icc_fits(const uint8_t *profile, size_t size, enum AVPixelFormat format);

/* True where a picture of this codec will hold its profile. */
bool vanon_icc_is_kept(enum AVCodecID codec);

/* Puts a profile into an encoded TIFF or WebP; pictures of other codecs stay as they are.
 * VANON_ERR_MEMORY; VANON_ERR_INTERNAL: it is no such picture. */
int vanon_icc_embed(AVPacket *packet, enum AVCodecID codec, const uint8_t *profile, size_t size);

#endif
