/* SPDX-License-Identifier: Apache-2.0 */
/* What libav* leaves out of pictures: how a PNG, WebP or TIFF is to be turned, that a WebP moves
 * and a TIFF has pages, how often a GIF or PNG plays. Files are taken for what they may be:
 * anything. */
#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "media/reader_private.h"

/* Some bytes of a file; nothing beyond them is read. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

static const struct bytes nothing = {NULL, 0};

#define HEAD_BYTES       (64 * 1024) /* of a file: what comes before its pictures, but for odd ones */
#define MOST_DIRECTORIES 64          /* of a TIFF: they may go round in a circle */

static struct bytes part(struct bytes whole, size_t from, size_t size)
{
    if (from > whole.size || size > whole.size - from)
        return nothing;
    return (struct bytes){whole.data + from, size};
}

static bool starts_with(struct bytes bytes, const char *text, size_t size)
{
    return bytes.size >= size && !memcmp(bytes.data, text, size);
}

/* The content of the chunk of that name; nothing: there is none. PNG's size stands before the name
 * and is followed by a checksum behind the content, RIFF's after it, and content is of even
 * size. */
static struct bytes find_chunk(struct bytes file, const char name[4], bool png)
{
    size_t at = png ? 8 : 12;

    while (at <= file.size && file.size - at >= 8) {
        const uint8_t *head = file.data + at;
        size_t size = png ? AV_RB32(head) : AV_RL32(head + 4);

        if (!memcmp(png ? head + 4 : head, name, 4))
            return part(file, at + 8, size);
        at += 8 + size + (png ? 4 : size & 1);
    }
    return nothing;
}

/* A TIFF, or EXIF, which is one. */
struct tiff {
    struct bytes file;
    bool big; /* endian */
};

static bool open_tiff(struct tiff *tiff, struct bytes file)
{
    tiff->file = file;
    tiff->big = starts_with(file, "MM\0\52", 4);
    return file.size >= 8 && (tiff->big || starts_with(file, "II\52\0", 4));
}

static unsigned word_of(const struct tiff *tiff, const uint8_t *at)
{
    return tiff->big ? AV_RB16(at) : AV_RL16(at);
}

static uint32_t long_of(const struct tiff *tiff, const uint8_t *at)
{
    return tiff->big ? AV_RB32(at) : AV_RL32(at);
}

/* The first value of a directory's entry of that tag; `otherwise` where there is none of one or two
 * bytes' words. */
static uint32_t tiff_value(const struct tiff *tiff, size_t directory, unsigned tag,
                           uint32_t otherwise)
{
    const unsigned of_words = 3, of_longs = 4;
    const uint8_t *head = part(tiff->file, directory, 2).data;

    for (unsigned i = 0; head && i < word_of(tiff, head); i++) {
        const uint8_t *entry = part(tiff->file, directory + 2 + 12 * (size_t)i, 12).data;

        if (!entry)
            break;
        if (word_of(tiff, entry) != tag)
            continue;
        if (word_of(tiff, entry + 2) == of_words)
            return word_of(tiff, entry + 8);
        if (word_of(tiff, entry + 2) == of_longs)
            return long_of(tiff, entry + 8);
    }
    return otherwise;
}

/* Where the directory behind that one is; 0: there is none. */
static size_t next_directory(const struct tiff *tiff, size_t directory)
{
    const uint8_t *head = part(tiff->file, directory, 2).data, *next = NULL;

    if (head)
        next = part(tiff->file, directory + 2 + 12 * (size_t)word_of(tiff, head), 4).data;
    return next ? long_of(tiff, next) : 0;
}

static int orientation_of_tiff(struct bytes file)
{
    const unsigned orientation = 0x112;
    struct tiff tiff;

    return open_tiff(&tiff, file)
               ? (int)tiff_value(&tiff, long_of(&tiff, file.data + 4), orientation, 0)
               : 0;
}

static int orientation_of(struct bytes file, enum AVCodecID codec)
{
    struct bytes exif = nothing;

    switch (codec) {
    case AV_CODEC_ID_TIFF:
        return orientation_of_tiff(file);
    case AV_CODEC_ID_PNG:
        return orientation_of_tiff(find_chunk(file, "eXIf", true));
    case AV_CODEC_ID_WEBP:
        exif = find_chunk(file, "EXIF", false);
        if (starts_with(exif, "Exif\0\0", 6)) /* as JPEG has it; some programs write it here too */
            exif = part(exif, 6, exif.size - 6);
        return orientation_of_tiff(exif);
    default:
        return 0;
    }
}

bool vanon_still_orientation(const AVPacket *packet, enum AVCodecID codec, int *rotation,
                             bool *mirrored)
{
    static const struct {
        int rotation;
        bool mirrored;
    } of[9] = {{0, false},  {0, false},  {0, true},  {180, false}, {180, true},
               {270, true}, {90, false}, {90, true}, {270, false}};
    int orientation = orientation_of((struct bytes){packet->data, (size_t)packet->size}, codec);

    if (orientation < 1 || orientation > 8)
        return false;
    *rotation = of[orientation].rotation;
    *mirrored = of[orientation].mirrored;
    return true;
}

bool vanon_still_is_animated(const AVPacket *packet, enum AVCodecID codec)
{
    const uint8_t animation = 2;
    struct bytes file = {packet->data, (size_t)packet->size}, extended;

    if (codec != AV_CODEC_ID_WEBP)
        return false;
    extended = find_chunk(file, "VP8X", false);
    return extended.size && extended.data[0] & animation;
}

bool vanon_still_has_pages(const AVPacket *packet, enum AVCodecID codec)
{
    const unsigned subfile = 0xfe, reduced = 1, transparency = 4;
    struct tiff tiff;
    size_t directory;

    if (codec != AV_CODEC_ID_TIFF ||
        !open_tiff(&tiff, (struct bytes){packet->data, (size_t)packet->size}))
        return false;
    directory = next_directory(&tiff, long_of(&tiff, packet->data + 4));
    for (int i = 0; directory && i < MOST_DIRECTORIES; i++) {
        if (!(tiff_value(&tiff, directory, subfile, 0) & (reduced | transparency)))
            return true;
        directory = next_directory(&tiff, directory);
    }
    return false;
}

/* A GIF's repetitions stand in an extension before its first picture: none is told, or how many, or
 * 0 for no end. */
static int plays_of_gif(struct bytes file)
{
    size_t at = 13; /* behind the header */

    if (file.size > at && file.data[10] & 0x80)
        at += (size_t)3 << ((file.data[10] & 7) + 1);
    while (at + 2 < file.size && file.data[at] == 0x21) {
        struct bytes block = part(file, at + 2, 17);
        unsigned repeated = block.data ? AV_RL16(block.data + 14) : 0;

        if (starts_with(block, "\13NETSCAPE2.0\3\1", 14))
            return repeated ? (int)repeated + 1 : 0;
        for (at += 2; at < file.size && file.data[at]; at += file.data[at] + 1)
            ;
        at++;
    }
    return 1;
}

static int plays_of_png(struct bytes file)
{
    struct bytes animation = find_chunk(file, "acTL", true);
    uint32_t plays = animation.size >= 8 ? AV_RB32(animation.data + 4) : 1;

    return plays > INT32_MAX ? 0 : (int)plays;
}

int vanon_still_plays(AVFormatContext *format)
{
    bool gif = !strcmp(format->iformat->name, "gif"), png = !strcmp(format->iformat->name, "apng");
    AVIOContext *io = format->pb;
    int64_t place;
    uint8_t *head;
    int size, plays = -1;

    if ((!gif && !png) || !io || !(io->seekable & AVIO_SEEKABLE_NORMAL))
        return -1;
    head = malloc(HEAD_BYTES);
    if (!head)
        return -1;
    place = avio_tell(io);
    avio_seek(io, 0, SEEK_SET);
    size = avio_read(io, head, HEAD_BYTES);
    avio_seek(io, place, SEEK_SET);
    if (size > 0)
        plays = gif ? plays_of_gif((struct bytes){head, (size_t)size})
                    : plays_of_png((struct bytes){head, (size_t)size});
    free(head);
    return plays;
}
