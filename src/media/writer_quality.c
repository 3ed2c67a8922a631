/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_quality.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "base/log.h"
#include "base/memory.h"

#define X26_PRESETS   "ultrafast,superfast,veryfast,faster,fast,medium,slow,slower,veryslow,placebo"
#define SPEEDS        "0,1,2,3,4,5,6,7,8"
#define NVENC_PRESETS "p1,p2,p3,p4,p5,p6,p7"

/* What crf sets. */
enum scale {
    SCALE_CRF,   /* the encoder's option of that name */
    SCALE_CQ,    /* NVENC's option for the same */
    SCALE_QSCALE /* the quantiser, a property of all of the older MPEG codecs */
};

struct quality {
    const char *encoders; /* by comma */
    const char *preset;   /* the option that takes the preset; NULL: it has none */
    const char *presets;  /* that it knows, by comma; NULL: it has none */
    const char *usual;    /* preset */
    enum scale scale;
    double crf, least, most; /* usual, and both allowed */
    const char *lossless;    /* what crf 0 sets in place of crf; NULL: nothing else */
    int64_t bit_rate;        /* the most that constant quality may take; 0: no limit */
    const char *settings;    /* further ones */
};

/* The usual values aim at pictures that can't be told from their source, in a time that is near the
 * source's own length. x264 and x265 look at presets only when they open. */
static const struct quality qualities[] = {
    {"libx264,libx264rgb", "preset", X26_PRESETS, "veryfast", SCALE_CRF, 20, 0, 51, "qp=0", 0, ""},
    /* is lossless by its own parameters, see writer_encoder.c */
    {"libx265", "preset", X26_PRESETS, "veryfast", SCALE_CRF, 22, 0, 51, NULL, 0, ""},
    {"libvpx-vp9", "cpu-used", SPEEDS, "5", SCALE_CRF, 28, 0, 63, "lossless=1", 0, "row-mt=1"},
    /* has no frames but shown ones where there is alpha */
    {"libvpx", "cpu-used", SPEEDS, "5", SCALE_CRF, 8, 4, 63, NULL, 50000000, "auto-alt-ref=0"},
    {"libaom-av1", "cpu-used", SPEEDS, "6", SCALE_CRF, 24, 0, 63, "aom-params=lossless=1", 0,
     "row-mt=1"},
    /* never above what cq asks for: without a rate of its own, 2 Mbit/s would be the limit */
    {"h264_nvenc,hevc_nvenc,av1_nvenc", "preset", NVENC_PRESETS, "p4", SCALE_CQ, 21, 0, 51,
     "tune=lossless", 0, "rc=vbr"},
    {"mjpeg,mpeg1video,mpeg2video,mpeg4,h263,h263p,flv,msmpeg4v2,msmpeg4,wmv1,wmv2", NULL, NULL,
     NULL, SCALE_QSCALE, 2, 1, 31, NULL, 0, ""},
};

static const struct quality *find(const AVCodec *codec)
{
    for (size_t i = 0; i < VANON_COUNT(qualities); i++)
        if (av_match_name(codec->name, qualities[i].encoders))
            return &qualities[i];
    return NULL;
}

static bool has_option(const AVCodec *codec, const char *name)
{
    return codec->priv_class &&
           av_opt_find((void *)&codec->priv_class, name, NULL, 0, AV_OPT_SEARCH_FAKE_OBJ);
}

static int check_preset(const AVCodec *codec, const struct quality *quality, const char *preset,
                        const vanon_log *log)
{
    if (!*preset)
        return VANON_OK;
    if (quality ? !quality->preset : !has_option(codec, "preset"))
        return vanon_fail(log, VANON_ERR_OPTION, "preset %s: encoder %s has no presets", preset,
                          codec->name);
    if (quality && !av_match_name(preset, quality->presets))
        return vanon_fail(log, VANON_ERR_OPTION, "preset %s: %s has %s", preset, codec->name,
                          quality->presets);
    return VANON_OK;
}

static int check_crf(const AVCodec *codec, const struct quality *quality, double crf,
                     const vanon_log *log)
{
    if (crf < 0)
        return VANON_OK;
    if (!quality && !has_option(codec, "crf"))
        return vanon_fail(log, VANON_ERR_OPTION, "crf %g: encoder %s has no such setting", crf,
                          codec->name);
    if (quality && (crf < quality->least || crf > quality->most))
        return vanon_fail(log, VANON_ERR_OPTION, "crf %g: encoder %s takes %g to %g", crf,
                          codec->name, quality->least, quality->most);
    return VANON_OK;
}

int vanon_quality_check(const AVCodec *codec, const vanon_options *options, const vanon_log *log)
{
    const struct quality *quality = find(codec);
    int status = check_preset(codec, quality, options->preset, log);

    return status ? status : check_crf(codec, quality, options->crf, log);
}

static int set(AVCodecContext *context, const char *key, const char *value, const vanon_log *log)
{
    if (av_opt_set(context, key, value, AV_OPT_SEARCH_CHILDREN) >= 0)
        return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION, "%s %s: encoder %s does not take it", key, value,
                      context->codec->name);
}

static int set_number(AVCodecContext *context, const char *key, double value, const vanon_log *log)
{
    char text[32];

    snprintf(text, sizeof text, "%g", value);
    return set(context, key, text, log);
}

/* "key=value"; "" sets nothing. */
static int set_pair(AVCodecContext *context, const char *pair, const vanon_log *log)
{
    char key[32];
    const char *value = strchr(pair, '=');

    if (!value)
        return VANON_OK;
    av_strlcpy(key, pair, FFMIN(sizeof key, (size_t)(value - pair) + 1));
    return set(context, key, value + 1, log);
}

static void set_quantiser(AVCodecContext *context, double value)
{
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = (int)(value * FF_QP2LAMBDA + 0.5);
}

/* NVENC works on the GPU that has the frames; on the first that can, where they are the host's and
 * nobody names one. */
static int choose_gpu(AVCodecContext *context, const vanon_options *options, const vanon_log *log)
{
    if (context->hw_frames_ctx || options->device.kind != VANON_DEVICE_CUDA)
        return VANON_OK;
    return set_number(context, "gpu", options->device.number, log);
}

static int set_known(AVCodecContext *context, const struct quality *quality,
                     const vanon_options *options, const vanon_log *log)
{
    double crf = options->crf < 0 ? quality->crf : options->crf;
    int status = VANON_OK;

    if (quality->scale == SCALE_QSCALE) {
        set_quantiser(context, crf);
        return VANON_OK;
    }
    context->bit_rate = quality->bit_rate;
    status =
        set(context, quality->preset, *options->preset ? options->preset : quality->usual, log);
    if (!status)
        status = set_pair(context, quality->settings, log);
    if (!status && quality->scale == SCALE_CQ)
        status = choose_gpu(context, options, log);
    if (!status && crf == 0 && quality->lossless)
        return set_pair(context, quality->lossless, log);
    return status ? status
                  : set_number(context, quality->scale == SCALE_CQ ? "cq" : "crf", crf, log);
}

/* Encoders with presets and quality of their own kind, or none. */
static int set_other(AVCodecContext *context, const AVFrame *picture, const vanon_options *options,
                     const vanon_log *log)
{
    bool rgb = av_pix_fmt_desc_get(picture->format)->flags & AV_PIX_FMT_FLAG_RGB;
    int status = VANON_OK;

    if (*options->preset)
        status = set(context, "preset", options->preset, log);
    if (!status && options->crf >= 0)
        status = set_number(context, "crf", options->crf, log);
    if (context->codec_id == AV_CODEC_ID_THEORA)
        set_quantiser(context, 8); /* of 10, the best */
    if (context->codec_id == AV_CODEC_ID_FFV1)
        context->level = 3; /* left alone, the number of threads decides */
    if (!status && context->codec_id == AV_CODEC_ID_WEBP) /* lossy WebP is YUV */
        status = rgb ? set(context, "lossless", "1", log) : set(context, "quality", "90", log);
    return status;
}

int vanon_quality_set(AVCodecContext *context, const AVFrame *picture, const vanon_options *options,
                      const vanon_log *log)
{
    const struct quality *quality = find(context->codec);

    return quality ? set_known(context, quality, options, log)
                   : set_other(context, picture, options, log);
}
