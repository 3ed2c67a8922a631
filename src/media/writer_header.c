/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_header.h"

#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>

#include "base/memory.h"

#define XIPH_HEADERS 3 /* identification, comment, setup */
#define XIPH_NAME    7 /* bytes of a header's kind and the codec's name */
#define XIPH_COMMENT \
    16 /* bytes of a comment header without a comment, Vorbis's last bit included */

/* Lines of a text that begin so, with capitals or without, are kept. */
static const char *const script_info[] = {"scripttype:", "playresx:",    "playresy:",
                                          "layoutresx:", "layoutresy:",  "playdepth:",
                                          "wrapstyle:",  "collisions:",  "scaledborderandshadow:",
                                          "timer:",      "ycbcr matrix:"};
static const char *const content[] = {"format:", "style:", "dialogue:"};

struct section {
    const char *name;
    const char *const *line;
    size_t lines;
};

static const struct section sections[] = {
    {"[script info]", script_info, VANON_COUNT(script_info)},
    {"[v4 styles", content, VANON_COUNT(content)},
    {"[v4+ styles", content, VANON_COUNT(content)},
    {"[v4++ styles", content, VANON_COUNT(content)},
    {"[events]", content, VANON_COUNT(content)},
};

static bool begins(const char *line, size_t size, const char *with)
{
    size_t length = strlen(with);

    return size >= length && !av_strncasecmp(line, with, length);
}

static bool keeps_line(const struct section *section, const char *line, size_t size)
{
    if (size && (*line == '\n' || *line == '\r'))
        return true;
    for (size_t i = 0; section && i < section->lines; i++)
        if (begins(line, size, section->line[i]))
            return true;
    return false;
}

/* The section that a line begins; NULL: one that is not kept. */
static const struct section *find_section(const char *line, size_t size)
{
    for (size_t i = 0; i < VANON_COUNT(sections); i++)
        if (begins(line, size, sections[i].name))
            return &sections[i];
    return NULL;
}

/* In place: what is kept moves to the front. */
static void strip_script(AVCodecParameters *codec, bool *stripped)
{
    const char *text = (const char *)codec->extradata;
    size_t size = (size_t)codec->extradata_size, kept = 0, at = 0;
    const struct section *section = &sections[0];

    if (begins(text, size, "\xef\xbb\xbf")) /* Unicode's mark */
        kept = at = 3;
    while (at < size) {
        const char *line = text + at, *end = memchr(line, '\n', size - at);
        size_t length = end ? (size_t)(end - line) + 1 : size - at;
        bool heads = *line == '[';

        if (heads)
            section = find_section(line, length);
        if (heads ? section != NULL : keeps_line(section, line, length)) {
            memmove(codec->extradata + kept, line, length);
            kept += length;
        }
        at += length;
    }
    *stripped = kept < size;
    codec->extradata_size = (int)kept;
    memset(codec->extradata + kept, 0, AV_INPUT_BUFFER_PADDING_SIZE);
}

struct header {
    const uint8_t *data;
    size_t size;
};

/* Two bytes of length before each header. */
static bool split_counted(struct header header[XIPH_HEADERS], const uint8_t *data, size_t size)
{
    for (int i = 0; i < XIPH_HEADERS; i++) {
        if (size < 2 || size - 2 < AV_RB16(data))
            return false;
        header[i] = (struct header){data + 2, AV_RB16(data)};
        data += 2 + header[i].size;
        size -= 2 + header[i].size;
    }
    return true;
}

/* As in Matroska: how many more there are, their lengths but for the last's, the headers. */
static bool split_laced(struct header header[XIPH_HEADERS], const uint8_t *data, size_t size)
{
    size_t at = 1;

    if (!size || data[0] != XIPH_HEADERS - 1)
        return false;
    for (int i = 0; i < XIPH_HEADERS - 1; i++) {
        header[i].size = 0;
        do {
            if (at == size)
                return false;
            header[i].size += data[at];
        } while (data[at++] == 255);
    }
    for (int i = 0; i < XIPH_HEADERS; i++) {
        if (i == XIPH_HEADERS - 1)
            header[i].size = size - at;
        if (header[i].size > size - at)
            return false;
        header[i].data = data + at;
        at += header[i].size;
    }
    return true;
}

static bool split(struct header header[XIPH_HEADERS], const AVCodecParameters *codec,
                  const char *name)
{
    size_t size = (size_t)codec->extradata_size;

    return (split_laced(header, codec->extradata, size) ||
            split_counted(header, codec->extradata, size)) &&
           header[1].size >= XIPH_NAME && !memcmp(header[1].data, name, XIPH_NAME);
}

static size_t put_length(uint8_t *to, size_t length)
{
    size_t count = 0;

    for (; length >= 255; length -= 255)
        to[count++] = 255;
    to[count++] = (uint8_t)length;
    return count;
}

/* `name` is how a comment header of that codec begins, `size` how long an empty one is. */
static int strip_comments(AVCodecParameters *codec, const char *name, size_t size, bool *stripped)
{
    struct header header[XIPH_HEADERS];
    uint8_t empty[XIPH_COMMENT] = {0}, *data;
    size_t at = 1;

    if (!split(header, codec, name))
        return VANON_ERR_UNSUPPORTED;
    memcpy(empty, name, XIPH_NAME);
    empty[XIPH_COMMENT - 1] = 1;
    *stripped = header[1].size != size || memcmp(header[1].data, empty, size) != 0;
    header[1] = (struct header){empty, size};
    data = av_mallocz(1 + header[0].size / 255 + 1 + size / 255 + 1 + header[0].size + size +
                      header[2].size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!data)
        return VANON_ERR_MEMORY;
    data[0] = XIPH_HEADERS - 1;
    for (int i = 0; i < XIPH_HEADERS - 1; i++)
        at += put_length(data + at, header[i].size);
    for (int i = 0; i < XIPH_HEADERS; at += header[i++].size)
        memcpy(data + at, header[i].data, header[i].size);
    av_free(codec->extradata);
    codec->extradata = data;
    codec->extradata_size = (int)at;
    return VANON_OK;
}

int vanon_header_strip(AVCodecParameters *codec, bool *stripped)
{
    *stripped = false;
    if (!codec->extradata || codec->extradata_size <= 0)
        return VANON_OK;
    switch (codec->codec_id) {
    case AV_CODEC_ID_ASS:
    case AV_CODEC_ID_SSA:
        strip_script(codec, stripped);
        return VANON_OK;
    case AV_CODEC_ID_VORBIS:
        return strip_comments(codec, "\3vorbis", XIPH_COMMENT, stripped);
    case AV_CODEC_ID_THEORA:
        return strip_comments(codec, "\x81theora", XIPH_COMMENT - 1, stripped);
    default:
        return VANON_OK;
    }
}
