/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_icc.h"

#include <string.h>

#include <libavutil/intreadwrite.h>
#include <libavutil/pixdesc.h>

#define TIFF_ENTRY 12
#define TIFF_ICC   34675
#define UNDEFINED  7 /* TIFF's type of bytes that mean something to others */

#define CHUNK_HEAD    8
#define RIFF_HEAD     12
#define EXTENDED_SIZE 10 /* of a VP8X chunk's content */

bool vanon_icc_fits(const uint8_t *profile, size_t size, enum AVPixelFormat format)
{
    bool gray = av_pix_fmt_desc_get(format)->nb_components <= 2 && format != AV_PIX_FMT_PAL8;

    return size >= 20 && !memcmp(profile + 16, gray ? "GRAY" : "RGB ", 4);
}

bool vanon_icc_is_kept(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_APNG || codec == AV_CODEC_ID_MJPEG ||
           codec == AV_CODEC_ID_TIFF || codec == AV_CODEC_ID_WEBP;
}

/* Makes room for `more` bytes behind the packet's, cleared. */
static int grow(AVPacket *packet, size_t more)
{
    int before = packet->size;

    if (more > INT32_MAX / 2 || av_grow_packet(packet, (int)more) < 0)
        return VANON_ERR_MEMORY;
    memset(packet->data + before, 0, more);
    return VANON_OK;
}

/* libav*'s TIFF is little-endian and has one directory, whose entries are in the order of their
 * tags. A new one with one entry more goes behind all, and the profile behind it. */
static int embed_in_tiff(AVPacket *packet, const uint8_t *profile, size_t size)
{
    size_t before = (size_t)packet->size, old = before >= 8 ? AV_RL32(packet->data + 4) : before;
    size_t at = before + before % 2, count, place = 0, entries;
    uint8_t *to;
    int status;

    if (before < 8 || memcmp(packet->data, "II\52\0", 4) || old + 2 > before)
        return VANON_ERR_INTERNAL;
    count = AV_RL16(packet->data + old);
    if (old + 2 + count * TIFF_ENTRY > before)
        return VANON_ERR_INTERNAL;
    entries = 2 + (count + 1) * TIFF_ENTRY + 4;
    status = grow(packet, at - before + entries + size + size % 2);
    if (status)
        return status;
    while (place < count && AV_RL16(packet->data + old + 2 + place * TIFF_ENTRY) < TIFF_ICC)
        place++;
    to = packet->data + at;
    AV_WL16(to, count + 1);
    memcpy(to + 2, packet->data + old + 2, place * TIFF_ENTRY);
    to += 2 + place * TIFF_ENTRY;
    AV_WL16(to, TIFF_ICC);
    AV_WL16(to + 2, UNDEFINED);
    AV_WL32(to + 4, size);
    AV_WL32(to + 8, at + entries);
    memcpy(to + TIFF_ENTRY, packet->data + old + 2 + place * TIFF_ENTRY,
           (count - place) * TIFF_ENTRY);
    memcpy(packet->data + at + entries, profile, size);
    AV_WL32(packet->data + 4, at);
    return VANON_OK;
}

/* Size and alpha of a simple WebP's picture, as its own header has them. */
static bool read_webp(const uint8_t *chunk, size_t size, unsigned *width, unsigned *height,
                      bool *alpha)
{
    const uint8_t *data = chunk + CHUNK_HEAD;

    *alpha = false;
    if (size >= CHUNK_HEAD + 10 && !memcmp(chunk, "VP8 ", 4)) {
        *width = AV_RL16(data + 6) & 0x3fff;
        *height = AV_RL16(data + 8) & 0x3fff;
        return true;
    }
    if (size < CHUNK_HEAD + 5 || memcmp(chunk, "VP8L", 4))
        return false;
    *width = (AV_RL32(data + 1) & 0x3fff) + 1;
    *height = (AV_RL32(data + 1) >> 14 & 0x3fff) + 1;
    *alpha = AV_RL32(data + 1) >> 28 & 1;
    return true;
}

/* The profile's chunk comes right behind a VP8X, which a WebP without alpha or the like has not. */
static int embed_in_webp(AVPacket *packet, const uint8_t *profile, size_t size)
{
    const uint8_t has_profile = 1 << 5, has_alpha = 1 << 4;
    size_t before = (size_t)packet->size, at = RIFF_HEAD, head = 0;
    size_t chunk = CHUNK_HEAD + size + size % 2;
    unsigned width = 1, height = 1;
    bool extended, alpha = false;
    uint8_t *to;
    int status;

    extended = before >= RIFF_HEAD + CHUNK_HEAD + EXTENDED_SIZE &&
               !memcmp(packet->data + RIFF_HEAD, "VP8X", 4);
    if (!extended && (before < RIFF_HEAD || !read_webp(packet->data + RIFF_HEAD, before - RIFF_HEAD,
                                                       &width, &height, &alpha)))
        return VANON_ERR_INTERNAL;
    if (extended)
        at += CHUNK_HEAD + EXTENDED_SIZE;
    else
        head = CHUNK_HEAD + EXTENDED_SIZE;
    status = grow(packet, head + chunk);
    if (status)
        return status;
    to = packet->data + at;
    memmove(to + head + chunk, to, before - at);
    memset(to, 0, head + chunk);
    if (!extended) {
        memcpy(to, "VP8X", 4);
        AV_WL32(to + 4, EXTENDED_SIZE);
        to[CHUNK_HEAD] = alpha ? has_alpha : 0;
        AV_WL24(to + CHUNK_HEAD + 4, width - 1);
        AV_WL24(to + CHUNK_HEAD + 7, height - 1);
        to += head;
    }
    packet->data[RIFF_HEAD + CHUNK_HEAD] |= has_profile;
    memcpy(to, "ICCP", 4);
    AV_WL32(to + 4, size);
    memcpy(to + CHUNK_HEAD, profile, size);
    AV_WL32(packet->data + 4, (uint32_t)packet->size - 8);
    return VANON_OK;
}

int vanon_icc_embed(AVPacket *packet, enum AVCodecID codec, const uint8_t *profile, size_t size)
{
    switch (codec) {
    case AV_CODEC_ID_TIFF:
        return embed_in_tiff(packet, profile, size);
    case AV_CODEC_ID_WEBP:
        return embed_in_webp(packet, profile, size);
    default:
        return VANON_OK;
    }
}
