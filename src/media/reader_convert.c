/* SPDX-License-Identifier: Apache-2.0 */
/* Palettes, single bits, pixels of less than 8 bits a colour and big-endian words, written as a
 * format of our table. No colour changes, so that none of it needs a colour matrix. */
#include <stdio.h>
#include <string.h>

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "media/reader_private.h"

/* RGB of 3 to 6 bits a component, several in a byte or word. */
static bool is_coarse_rgb(const AVPixFmtDescriptor *layout)
{
    uint64_t other = AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BAYER;

    return layout->flags & AV_PIX_FMT_FLAG_RGB && !(layout->flags & other) &&
           layout->comp[0].depth < 8;
}

enum AVPixelFormat vanon_converter_target(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(format);
    enum AVPixelFormat target = AV_PIX_FMT_NONE;

    if (vanon_av_pixel_format(format) != VANON_PIXEL_NONE)
        return format;
    if (format == AV_PIX_FMT_PAL8)
        target = AV_PIX_FMT_RGBA;
    else if (format == AV_PIX_FMT_MONOBLACK || format == AV_PIX_FMT_MONOWHITE)
        target = AV_PIX_FMT_GRAY8;
    else if (layout && is_coarse_rgb(layout))
        target = AV_PIX_FMT_RGB24;
    else if (layout && layout->flags & AV_PIX_FMT_FLAG_BE)
        target = av_pix_fmt_swap_endianness(format);
    return vanon_av_pixel_format(target) == VANON_PIXEL_NONE ? AV_PIX_FMT_NONE : target;
}

static int prepare(struct vanon_converter *converter, const AVFrame *from)
{
    if (converter->scaler && converter->from == (enum AVPixelFormat)from->format &&
        converter->width == from->width && converter->height == from->height)
        return VANON_OK;
    sws_freeContext(converter->scaler);
    converter->from = from->format;
    converter->to = vanon_converter_target(from->format);
    converter->width = from->width;
    converter->height = from->height;
    converter->scaler =
        sws_getContext(from->width, from->height, converter->from, from->width, from->height,
                       converter->to, SWS_POINT | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (!converter->scaler)
        return VANON_ERR_MEMORY;
    snprintf(converter->text, sizeof converter->text, "%s to %s",
             av_get_pix_fmt_name(converter->from), av_get_pix_fmt_name(converter->to));
    return VANON_OK;
}

int vanon_converter_run(struct vanon_converter *converter, const AVFrame *from, AVFrame *to)
{
    int status = prepare(converter, from);

    if (status)
        return status;
    to->format = converter->to;
    to->width = from->width;
    to->height = from->height;
    if (av_frame_copy_props(to, from) || av_frame_get_buffer(to, 0))
        return VANON_ERR_MEMORY;
    sws_scale(converter->scaler, (const uint8_t *const *)from->data, from->linesize, 0,
              from->height, to->data, to->linesize);
    return VANON_OK;
}

void vanon_converter_free(struct vanon_converter *converter)
{
    sws_freeContext(converter->scaler);
    *converter = (struct vanon_converter){0};
}
