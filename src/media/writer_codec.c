/* SPDX-License-Identifier: Apache-2.0 */
/* Which encoder, and which pixel format: the choices of writer_encoder.h that need no encoder. */
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/writer_container.h"
#include "media/writer_convert.h"
#include "media/writer_encoder.h"

#define OFFERED_MAX 128

/* The encoder that a codec's name means, where libav* has several or calls it something else. */
static const struct {
    const char *name, *encoder;
} usual_encoders[] = {
    {"h264", "libx264"},     {"avc", "libx264"},    {"hevc", "libx265"},  {"h265", "libx265"},
    {"vp8", "libvpx"},       {"vp9", "libvpx-vp9"}, {"av1", "libsvtav1"}, {"prores", "prores_ks"},
    {"theora", "libtheora"}, {"webp", "libwebp"},   {"jpeg", "mjpeg"},    {"raw", "rawvideo"},
};

/* x264 and x265 look at the word only when they open. */
static const char *const x26_presets[] = {"ultrafast", "superfast", "veryfast", "faster",
                                          "fast",      "medium",    "slow",     "slower",
                                          "veryslow",  "placebo"};

static const AVCodec *encoder_by_name(const char *name)
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
        return encoder_by_name("h264");
    return encoder_by_name(avcodec_get_name(id));
}

static bool is_x26(const AVCodec *codec)
{
    return av_match_name(codec->name, "libx264,libx264rgb,libx265");
}

static int check_preset(const AVCodec *codec, const char *preset, const vanon_log *log)
{
    if (!*preset)
        return VANON_OK;
    if (!codec->priv_class ||
        !av_opt_find((void *)&codec->priv_class, "preset", NULL, 0, AV_OPT_SEARCH_FAKE_OBJ))
        return vanon_fail(log, VANON_ERR_OPTION, "preset %s: encoder %s has no presets", preset,
                          codec->name);
    if (!is_x26(codec))
        return VANON_OK;
    for (size_t i = 0; i < VANON_COUNT(x26_presets); i++)
        if (!strcmp(preset, x26_presets[i]))
            return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION,
                      "preset %s: %s has ultrafast, superfast, veryfast, faster, fast, medium, "
                      "slow, slower, veryslow, placebo",
                      preset, codec->name);
}

static int check_crf(const AVCodec *codec, double crf, const vanon_log *log)
{
    if (crf < 0 || (codec->priv_class && av_opt_find((void *)&codec->priv_class, "crf", NULL, 0,
                                                     AV_OPT_SEARCH_FAKE_OBJ)))
        return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION, "crf %g: encoder %s has no such setting", crf,
                      codec->name);
}

static int check_pixel_format(const vanon_options *options, const vanon_log *log)
{
    const char *name = options->pixel_format;

    if (!strcmp(name, "auto") || av_get_pix_fmt(name) != AV_PIX_FMT_NONE)
        return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION,
                      "pixel_format %s: no such format; `ffmpeg -pix_fmts` lists them", name);
}

/* Another container for a codec that the wanted one can't hold. */
static const char *container_for(enum AVCodecID id)
{
    return id == AV_CODEC_ID_RAWVIDEO ? ".nut" : ".mkv";
}

int vanon_encoder_find(const AVCodec **out, const AVOutputFormat *container,
                       const vanon_options *options, const char *path, const vanon_log *log)
{
    const char *name = options->codec;
    bool automatic = !strcmp(name, "auto");
    const AVCodec *codec = automatic ? encoder_for(container, path) : encoder_by_name(name);
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
    status = check_preset(codec, options->preset, log);
    if (!status)
        status = check_crf(codec, options->crf, log);
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
        if (!is_old_name(*all) && fits_size(params->codec, *all, width, height))
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
                                enum AVPixelFormat *format, bool *full_range)
{
    const char *wanted = params->options->pixel_format;
    bool automatic = !strcmp(wanted, "auto"), exact = true, limited;
    enum AVPixelFormat offered[OFFERED_MAX], from;

    from = automatic ? vanon_av_pixel_format_of(like->format) : av_get_pix_fmt(wanted);
    choose_rgb_encoder(params, from);
    limited = offer(offered, params, like->width, like->height);
    *full_range = params->codec->id == AV_CODEC_ID_MJPEG;
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
