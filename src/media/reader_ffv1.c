/* SPDX-License-Identifier: Apache-2.0 */
/* FFV1's checksums. libav*'s decoder computes them as well, and then only prints a line. */
#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>

#include "media/reader_private.h"

/* At the end of each slice: its size, and where the file has checksums a status byte and a CRC that
 * makes the CRC of the whole slice 0. */
#define TRAILER_BYTES (3 + 1 + 4)

/* Slices that fill the packet exactly, when each has a checksum. */
static bool has_checksums(const AVPacket *packet)
{
    int left = packet->size;

    while (left > TRAILER_BYTES) {
        int slice = (int)AV_RB24(packet->data + left - TRAILER_BYTES) + TRAILER_BYTES;

        if (slice > left)
            return false;
        left -= slice;
    }
    return !left && packet->size;
}

bool vanon_ffv1_is_damaged(const AVPacket *packet, bool *checked)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE);
    bool has = has_checksums(packet);

    /* A stream has them all through, or not at all. */
    if (!has)
        return *checked;
    *checked = true;
    for (int left = packet->size; left > 0;) {
        int slice = (int)AV_RB24(packet->data + left - TRAILER_BYTES) + TRAILER_BYTES;

        left -= slice;
        if (av_crc(table, 0, packet->data + left, (size_t)slice))
            return true;
    }
    return false;
}
