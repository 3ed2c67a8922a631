/* SPDX-License-Identifier: Apache-2.0 */
/* Which encoder, and which pixel format: the choices of writer_encoder.h that need no encoder. */
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/writer_container.h"
#include "media/writer_convert.h"
#include "media/writer_encoder.h"
#include "media/writer_quality.h"

#define OFFERED_MAX 128

/* The encoder that a codec's name means, where libav* has several or calls it something else. */
static const struct {
    const char *name, *encoder;
} usual_encoders[] = {
    {"h264", "libx264"},     {"avc", "libx264"},    {"hevc", "libx265"},   {"h265", "libx265"},
    {"vp8", "libvpx"},       {"vp9", "libvpx-vp9"}, {"av1", "libaom-av1"}, {"prores", "prores_ks"},
    {"theora", "libtheora"}, {"webp", "libwebp"},   {"jpeg", "mjpeg"},     {"raw", "rawvideo"},
};

const AVCodec *vanon_encoder_by_name(const char *name)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(name);
    const AVCodec *codec = NULL;

    for (size_t i = 0; i < VANON_COUNT(usual_encoders); i++)
        if (!strcmp(name, usual_encoders[i].name))
            codec = avcodec_find_encoder_by_name(usual_encoders[i].encoder);
    if (!codec)
        codec = avcodec_find_encoder_by_name(name);
    if (!codec && descriptor)
        codec = avcodec_find_encoder(descriptor->id);
    return codec && codec->type == AVMEDIA_TYPE_VIDEO ? codec : NULL;
}

static const AVCodec *encoder_for(const AVOutputFormat *container, const char *path)
{
    enum AVCodecID id = av_guess_codec(container, NULL, path, NULL, AVMEDIA_TYPE_VIDEO);

    if (vanon_container_holds(container, AV_CODEC_ID_H264))
        return vanon_encoder_by_name("h264");
    return vanon_encoder_by_name(avcodec_get_name(id));
}

static int check_pixel_format(const vanon_options *options, const vanon_log *log)
{
    const char *name = options->pixel_format;

    if (!strcmp(name, "auto") || av_get_pix_fmt(name) != AV_PIX_FMT_NONE)
        return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION,
                      "pixel_format %s: no such format; `ffmpeg -pix_fmts` lists them", name);
}

/* Another container, for a codec that the wanted one can't hold. */
static const char *container_for(enum AVCodecID id)
{
    static const char *const endings[] = {".mp4", ".mkv", ".mov", ".avi"};

    for (size_t i = 0; i < VANON_COUNT(endings) && id != AV_CODEC_ID_RAWVIDEO; i++)
        if (vanon_container_holds(av_guess_format(NULL, endings[i], NULL), id))
            return endings[i];
    return ".nut";
}

int vanon_encoder_find(const AVCodec **out, const AVOutputFormat *container,
                       const vanon_options *options, const char *path, const vanon_log *log)
{
    const char *name = options->codec;
    bool automatic = !strcmp(name, "auto");
    const AVCodec *codec = automatic ? encoder_for(container, path) : vanon_encoder_by_name(name);
    int status;

    *out = NULL;
    if (codec && codec->id == AV_CODEC_ID_RAWVIDEO &&
        container->video_codec == AV_CODEC_ID_WRAPPED_AVFRAME)
        codec = avcodec_find_encoder(container->video_codec); /* another word for the same */
    if (!codec && automatic)
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "output %s: no encoder here writes %s", path,
                          container->name);
    if (!codec)
        return vanon_fail(log, VANON_ERR_OPTION,
                          "codec %s: no such codec or encoder; usual are h264, hevc, vp9, av1, "
                          "prores, ffv1, rawvideo, mjpeg, png, gif, md5",
                          name);
    if (!automatic && !vanon_container_holds(container, codec->id))
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "output %s: %s can't hold codec %s; %s can",
                          path, container->name, avcodec_get_name(codec->id),
                          container_for(codec->id));
    status = vanon_quality_check(codec, options, log);
    if (!status)
        status = check_pixel_format(options, log);
    if (!status)
        *out = codec;
    return status;
}

/* H.264 and HEVC can cut a picture only where a chroma sample ends. */
static bool fits_size(const AVCodec *codec, enum AVPixelFormat format, int width, int height)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(format);

    if (codec->id != AV_CODEC_ID_H264 && codec->id != AV_CODEC_ID_HEVC)
        return true;
    return !(width & ((1 << layout->log2_chroma_w) - 1)) &&
           !(height & ((1 << layout->log2_chroma_h) - 1));
}

/* TIFFs of YUV are read by few, and as full range by some of those. GIF's other formats are
 * palettes that fit no picture. */
static bool is_usual(const AVCodec *codec, enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(format);

    if (codec->id == AV_CODEC_ID_GIF)
        return format == AV_PIX_FMT_GRAY8 || format == AV_PIX_FMT_PAL8;
    return codec->id != AV_CODEC_ID_TIFF || layout->nb_components < 3 ||
           layout->flags & AV_PIX_FMT_FLAG_RGB;
}

/* What the codec's pictures are taken for by those who read them, who can't be told otherwise. */
static enum vanon_yuv yuv_of(enum AVCodecID id)
{
    switch (id) {
    case AV_CODEC_ID_WEBP:
        return VANON_YUV_WEBP;
    case AV_CODEC_ID_MJPEG:
    case AV_CODEC_ID_PNG: /* and the others' grey */
    case AV_CODEC_ID_APNG:
    case AV_CODEC_ID_GIF:
    case AV_CODEC_ID_BMP:
    case AV_CODEC_ID_TIFF:
        return VANON_YUV_JPEG;
    default:
        return VANON_YUV_TOLD;
    }
}

/* libav*'s old names for full range, which the colour tells by itself. */
static bool is_old_name(enum AVPixelFormat format)
{
    return av_strstart(av_get_pix_fmt_name(format), "yuvj", NULL);
}

static bool is_raw(const AVCodec *codec)
{
    return codec->id == AV_CODEC_ID_RAWVIDEO || codec->id == AV_CODEC_ID_WRAPPED_AVFRAME;
}

static void offer_named(enum AVPixelFormat *offered, const char *names)
{
    size_t count = 0;

    while (names && *names && count + 1 < OFFERED_MAX) {
        char name[32];
        size_t length = strcspn(names, ",");

        av_strlcpy(name, names, FFMIN(length + 1, sizeof name));
        offered[count++] = av_get_pix_fmt(name);
        names += length + (names[length] == ',');
    }
    offered[count] = AV_PIX_FMT_NONE;
}

/* What the encoder takes in this size. False: everything. */
static bool offer(enum AVPixelFormat *offered, const struct vanon_encoder_params *params, int width,
                  int height)
{
    const enum AVPixelFormat *all = params->codec->pix_fmts;
    const char *raw = vanon_container_raw_formats(params->container);
    size_t count = 0;

    if (is_raw(params->codec) && raw) {
        offer_named(offered, raw);
        return true;
    }
    if (!all)
        return false;
    for (; *all != AV_PIX_FMT_NONE && count + 1 < OFFERED_MAX; all++)
        if (!is_old_name(*all) && is_usual(params->codec, *all) &&
            fits_size(params->codec, *all, width, height))
            offered[count++] = *all;
    offered[count] = AV_PIX_FMT_NONE;
    return true;
}

static bool contains(const enum AVPixelFormat *offered, enum AVPixelFormat format)
{
    while (*offered != AV_PIX_FMT_NONE && *offered != format)
        offered++;
    return *offered == format;
}

/* libx264 knows RGB under another name. */
static void choose_rgb_encoder(struct vanon_encoder_params *params, enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(format);
    const AVCodec *rgb = avcodec_find_encoder_by_name("libx264rgb");

    if (!strcmp(params->codec->name, "libx264") && strcmp(params->options->codec, "libx264") &&
        layout->flags & AV_PIX_FMT_FLAG_RGB && !(layout->flags & AV_PIX_FMT_FLAG_ALPHA) &&
        layout->comp[0].depth == 8 && rgb)
        params->codec = rgb;
}

int vanon_encoder_choose_format(struct vanon_encoder_params *params, const vanon_frame *like,
                                enum AVPixelFormat *format, enum vanon_yuv *yuv)
{
    const char *wanted = params->options->pixel_format;
    bool automatic = !strcmp(wanted, "auto"), exact = true, limited;
    enum AVPixelFormat offered[OFFERED_MAX], from;

    from = automatic ? vanon_av_pixel_format_of(like->format) : av_get_pix_fmt(wanted);
    choose_rgb_encoder(params, from);
    limited = offer(offered, params, like->width, like->height);
    *yuv = yuv_of(params->codec->id);
    *format = from;
    if (!automatic && limited && !contains(offered, from))
        return vanon_fail(params->log, VANON_ERR_UNSUPPORTED,
                          "pixel_format %s: encoder %s can't take it for pictures of %dx%d in %s",
                          wanted, params->codec->name, like->width, like->height,
                          params->container->name);
    if (automatic)
        *format = vanon_convert_choose(from, limited ? offered : NULL, &exact);
    if (*format == AV_PIX_FMT_NONE || (is_raw(params->codec) && !exact))
        return vanon_fail(params->log, VANON_ERR_UNSUPPORTED,
                          "output %s: %s in %s can't hold %s of %dx%d as it is%s", params->path,
                          params->codec->name, params->container->name, av_get_pix_fmt_name(from),
                          like->width, like->height,
                          is_raw(params->codec) ? "; .nut holds most raw formats" : "");
    return VANON_OK;
}
