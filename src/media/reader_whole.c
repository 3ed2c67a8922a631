/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a file is all there. libav* reads a file that was cut off up to its end and says no more
 * than "end"; what the file's own index and headers promise shows the difference. */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "media/reader_private.h"

#define EBML_UNKNOWN     INT64_MAX
#define EBML_HEADER_MOST 1024 /* more is not usual, and a pipe could not go back that far */

/* True where the format's index names the bytes of every packet. */
static bool has_full_index(const AVFormatContext *format)
{
    return !strcmp(format->iformat->name, "avi") || !strncmp(format->iformat->name, "mov,", 4);
}

static int check_index(vanon_reader *reader, AVStream *stream, int64_t size)
{
    int count = avformat_index_get_entries_count(stream), missing = 0;

    for (int i = 0; i < count; i++) {
        const AVIndexEntry *entry = avformat_index_get_entry(stream, i);

        if (entry->pos + entry->size > size)
            missing++;
    }
    if (!missing)
        return VANON_OK;
    return vanon_reader_complain(
        reader, VANON_ERR_INPUT, "ends too early: it has %d of %d %s of stream %d", count - missing,
        count, stream == reader->stream ? "frames" : "packets", stream->index);
}

/* An EBML number: its length stands in the leading zeros of its first byte. 0: none is there. */
static int64_t read_ebml_number(AVIOContext *io, bool is_id)
{
    int first = avio_r8(io), length = 1;
    int64_t value;
    bool all_ones;

    if (!first)
        return 0;
    while (!(first & 0x80 >> (length - 1)))
        length++;
    value = is_id ? first : first & (0x7f >> (length - 1));
    all_ones = (first & (0x7f >> (length - 1))) == 0x7f >> (length - 1);
    for (int i = 1; i < length; i++) {
        int byte = avio_r8(io);

        all_ones = all_ones && byte == 0xff;
        value = value << 8 | byte;
    }
    return all_ones && !is_id ? EBML_UNKNOWN : value;
}

/* Where the header says that a Matroska or RIFF (AVI, WebP) file ends; 0: it says nothing. */
static int64_t promised_size(AVIOContext *io)
{
    static const int64_t ebml_header = 0x1a45dfa3, segment = 0x18538067;
    int64_t length;
    uint32_t tag;

    tag = avio_rb32(io);
    if (tag == MKBETAG('R', 'I', 'F', 'F')) {
        uint32_t bytes = avio_rl32(io);

        return bytes == UINT32_MAX ? 0 : (int64_t)bytes + 8;
    }
    if (tag != ebml_header)
        return 0;
    length = read_ebml_number(io, false);
    if (length == EBML_UNKNOWN || length > EBML_HEADER_MOST)
        return 0;
    avio_skip(io, length);
    if (read_ebml_number(io, true) != segment)
        return 0;
    length = read_ebml_number(io, false);
    return length == EBML_UNKNOWN ? 0 : avio_tell(io) + length;
}

/* A GIF ends with a semicolon, and perhaps some filling. */
static bool gif_ends(AVIOContext *io, int64_t size)
{
    int last = 0;

    for (int64_t place = size - 1; place > 0 && (!last || last == '\n'); place--) {
        avio_seek(io, place, SEEK_SET);
        last = avio_r8(io);
    }
    return last == ';';
}

int vanon_reader_note_promise(vanon_reader *reader)
{
    reader->promised_size = promised_size(reader->io);
    if (avio_seek(reader->io, 0, SEEK_SET) < 0)
        return vanon_fail(reader->log, VANON_ERR_IO, "input %s: can't be read from its beginning",
                          reader->name);
    return VANON_OK;
}

/* How much there is; of a pipe only its end tells. 0: not known. */
static int64_t size_of(AVIOContext *io)
{
    if (io && io->seekable & AVIO_SEEKABLE_NORMAL)
        return avio_size(io);
    return io && io->eof_reached ? avio_tell(io) : 0;
}

static bool is_cut_gif(vanon_reader *reader, int64_t size)
{
    AVIOContext *io = reader->io;
    int64_t place = avio_tell(io);
    bool cut;

    if (strcmp(reader->format->iformat->name, "gif") != 0 || !(io->seekable & AVIO_SEEKABLE_NORMAL))
        return false;
    cut = !gif_ends(io, size);
    avio_seek(io, place, SEEK_SET);
    return cut;
}

int vanon_reader_check_whole(vanon_reader *reader)
{
    int64_t size = size_of(reader->io);
    int status = VANON_OK;

    if (size <= 0)
        return VANON_OK;
    if (has_full_index(reader->format))
        for (unsigned i = 0; i < reader->format->nb_streams && !status; i++)
            status = check_index(reader, reader->format->streams[i], size);
    if (status)
        return status;
    if (reader->promised_size > size)
        return vanon_reader_complain(reader, VANON_ERR_INPUT,
                                     "ends too early: it has %" PRId64 " of %" PRId64 " bytes",
                                     size, reader->promised_size);
    if (is_cut_gif(reader, size))
        return vanon_reader_complain(reader, VANON_ERR_INPUT,
                                     "ends too early: a GIF's end mark is missing");
    return VANON_OK;
}
