/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>

#include <vanon/status.h>

#include "pixels/format.h"

struct vanon_sink {
    struct AVMD5 *md5;
};

int vanon_sink_create(vanon_sink **out)
{
    vanon_sink *sink = calloc(1, sizeof *sink);

    *out = NULL;
    if (!sink)
        return VANON_ERR_MEMORY;
    sink->md5 = av_md5_alloc();
    if (!sink->md5) {
        free(sink);
        return VANON_ERR_MEMORY;
    }
    av_md5_init(sink->md5);
    *out = sink;
    return VANON_OK;
}

void vanon_sink_destroy(vanon_sink **sink)
{
    if (!*sink)
        return;
    av_free((*sink)->md5);
    free(*sink);
    *sink = NULL;
}

static void add_number(vanon_sink *sink, int64_t number)
{
    uint8_t bytes[8];

    AV_WL64(bytes, (uint64_t)number);
    av_md5_update(sink->md5, bytes, sizeof bytes);
}

void vanon_sink_frame(vanon_sink *sink, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    add_number(sink, frame->width);
    add_number(sink, frame->height);
    /* The name, not the number: that may change with the next version. */
    av_md5_update(sink->md5, (const uint8_t *)layout->name, strlen(layout->name));
    add_number(sink, frame->pts);
    for (int plane = 0; plane < layout->planes; plane++) {
        size_t bytes = vanon_plane_bytes(layout, plane, frame->width);
        int lines = vanon_plane_lines(layout, plane, frame->height);

        for (int y = 0; y < lines; y++)
            av_md5_update(sink->md5, frame->plane[plane] + y * frame->stride[plane], bytes);
    }
}

void vanon_sink_finish(vanon_sink *sink, char text[VANON_MD5_TEXT])
{
    uint8_t digest[16];

    av_md5_final(sink->md5, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}
