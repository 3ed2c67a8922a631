/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/publish.h"
#include "media/writer.h"

#define MP4_FAMILY "mov,mp4,3gp,3g2,ipod,psp,f4v,ismv"
#define MATROSKA   "matroska,webm"
#define PIPED                                                                                   \
    MP4_FAMILY "," MATROSKA ",mpegts,nut,ogg,ogv,gif,flv,yuv4mpegpipe,image2pipe,mpeg,vob,dvd," \
               "h264,hevc,rawvideo,mjpeg,mpeg1video,mpeg2video,m4v"
#define USUAL_NAMES "matroska, mpegts, nut, mp4"
#define USUAL       ".mp4, .mov, .mkv, .webm, .avi, .ts, .nut, .gif, .png, .jpg"

/* Codecs of containers that libav* has no list for. */
struct list {
    const char *containers;
    enum AVCodecID codec[24]; /* ends with NONE */
};

static const struct list lists[] = {
    {"mpegts",
     {AV_CODEC_ID_H264,
      AV_CODEC_ID_HEVC,
      AV_CODEC_ID_MPEG1VIDEO,
      AV_CODEC_ID_MPEG2VIDEO,
      AV_CODEC_ID_MPEG4,
      AV_CODEC_ID_MP1,
      AV_CODEC_ID_MP2,
      AV_CODEC_ID_MP3,
      AV_CODEC_ID_AAC,
      AV_CODEC_ID_AAC_LATM,
      AV_CODEC_ID_AC3,
      AV_CODEC_ID_EAC3,
      AV_CODEC_ID_DTS,
      AV_CODEC_ID_TRUEHD,
      AV_CODEC_ID_OPUS,
      AV_CODEC_ID_S302M,
      AV_CODEC_ID_DVB_SUBTITLE,
      AV_CODEC_ID_DVB_TELETEXT,
      AV_CODEC_ID_HDMV_PGS_SUBTITLE,
      AV_CODEC_ID_SMPTE_KLV}},
    {"mpeg,vob,svcd,dvd",
     {AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3,
      AV_CODEC_ID_AC3, AV_CODEC_ID_DTS, AV_CODEC_ID_PCM_DVD, AV_CODEC_ID_DVD_SUBTITLE}},
    {"ogg,ogv",
     {AV_CODEC_ID_THEORA, AV_CODEC_ID_VP8, AV_CODEC_ID_VORBIS, AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC,
      AV_CODEC_ID_SPEEX}},
    {"yuv4mpegpipe", {AV_CODEC_ID_WRAPPED_AVFRAME}},
};

/* What libav*'s muxers refuse, though their tables of tags have it. */
static const struct list refused[] = {
    {"mov", {AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1}},
    {"flv", {AV_CODEC_ID_MPEG4}},
};

/* Found by writing and reading back; libav* writes others as well, but they come back as something
 * else. */
static const struct {
    const char *container, *formats;
} raw_formats[] = {
    {"avi", "gray,yuv420p,yuv422p,yuv411p,yuv410p,nv12,nv21,yuyv422,uyvy422,bgr24,rgba,bgra"},
    {"matroska", "gray,yuv420p,yuv422p,yuv411p,yuv410p,nv12,nv21,yuyv422,uyvy422,rgba"},
    {"mov", "yuyv422,uyvy422,rgb24,bgr24,rgba,bgra,argb,abgr"},
    {"nut", "gray,gray10le,gray12le,gray16le,ya8,yuv420p,yuv422p,yuv444p,yuv440p,yuv411p,yuv410p,"
            "yuva420p,yuva422p,yuva444p,nv12,nv21,yuyv422,uyvy422,yuv420p10le,yuv422p10le,"
            "yuv444p10le,yuv420p12le,yuv422p12le,yuv444p12le,yuv420p16le,yuv422p16le,yuv444p16le,"
            "yuva420p10le,yuva422p10le,yuva444p10le,yuva422p12le,yuva444p12le,yuva420p16le,"
            "yuva422p16le,yuva444p16le,rgb24,bgr24,rgba,bgra,argb,abgr,rgb0,bgr0,0rgb,0bgr,rgb48le,"
            "rgba64le,gbrp,gbrap,gbrp10le,gbrp12le,gbrp16le,gbrap10le,gbrap12le,gbrap16le"},
    {"yuv4mpegpipe", "gray,yuv411p,yuv420p,yuv422p,yuv444p"},
};

/* Sound files say PNG, for their cover art. */
static bool holds_video(const AVOutputFormat *container)
{
    return container->video_codec != AV_CODEC_ID_NONE &&
           (container->video_codec != AV_CODEC_ID_PNG ||
            container->audio_codec == AV_CODEC_ID_NONE);
}

static int check(const AVOutputFormat *found, const char *path, const vanon_log *log)
{
    if (!holds_video(found))
        return vanon_fail(log, VANON_ERR_OPTION, "output %s: %s holds no video; usual are " USUAL,
                          path, found->name);
    if (found->flags & AVFMT_NOFILE && !vanon_container_is_picture(found))
        return vanon_fail(log, VANON_ERR_OPTION,
                          "output %s: %s is more than one file; usual are " USUAL, path,
                          found->name);
    return VANON_OK;
}

int vanon_container_find(const AVOutputFormat **out, const char *path, const vanon_log *log)
{
    const AVOutputFormat *found = av_guess_format(NULL, path, NULL);
    int status;

    *out = NULL;
    if (!found)
        return vanon_fail(log, VANON_ERR_OPTION,
                          "output %s: its ending names no container; usual are " USUAL, path);
    status = check(found, path, log);
    if (!status)
        *out = found;
    return status;
}

/* True where nothing is written that has to be put right later. */
static bool can_be_piped(const AVOutputFormat *container)
{
    return av_match_name(container->name, PIPED);
}

static int find_named(const AVOutputFormat **out, const char *name, const char *path,
                      const vanon_log *log)
{
    const AVOutputFormat *found = av_guess_format(name, NULL, NULL);
    int status;

    if (!found)
        return vanon_fail(log, VANON_ERR_OPTION,
                          "format %s: no such container; usual are " USUAL_NAMES, name);
    status = check(found, path, log);
    if (!status && vanon_options_is_pipe(path) && !can_be_piped(found))
        status = vanon_fail(log, VANON_ERR_OPTION,
                            "output -: %s has to go back in its file, which a pipe can't; usual "
                            "are " USUAL_NAMES,
                            name);
    if (!status)
        *out = found;
    return status;
}

int vanon_container_choose(const AVOutputFormat **out, const char *path, const char *name,
                           const vanon_log *log)
{
    *out = NULL;
    if (*name)
        return find_named(out, name, path, log);
    if (vanon_options_is_pipe(path))
        return vanon_fail(log, VANON_ERR_OPTION,
                          "output -: --format has to name a container; usual are " USUAL_NAMES);
    return vanon_container_find(out, path, log);
}

const AVOutputFormat *vanon_container_of_still(const AVOutputFormat *container)
{
    return strcmp(container->name, "webp") ? container : av_guess_format("image2", NULL, NULL);
}

const AVOutputFormat *vanon_container_of_moving(const AVOutputFormat *container, const char *path,
                                                const AVInputFormat *input)
{
    if (vanon_container_is_picture(container) && !strcmp(input->name, "apng") &&
        av_match_ext(path, "png"))
        return av_guess_format("apng", NULL, NULL);
    return container;
}

bool vanon_container_is_picture(const AVOutputFormat *container)
{
    return !strcmp(container->name, "image2");
}

const AVOutputFormat *vanon_container_muxer(const AVOutputFormat *container)
{
    return vanon_container_is_picture(container) ? av_guess_format("image2pipe", NULL, NULL)
                                                 : container;
}

static bool is_listed(const struct list *list, enum AVCodecID codec)
{
    for (const enum AVCodecID *id = list->codec; *id != AV_CODEC_ID_NONE; id++)
        if (*id == codec)
            return true;
    return false;
}

bool vanon_container_holds(const AVOutputFormat *container, enum AVCodecID codec)
{
    int told;

    if (codec == AV_CODEC_ID_NONE)
        return false;
    for (size_t i = 0; i < VANON_COUNT(refused); i++)
        if (!strcmp(container->name, refused[i].containers) && is_listed(&refused[i], codec))
            return false;
    for (size_t i = 0; i < VANON_COUNT(lists); i++)
        if (av_match_name(container->name, lists[i].containers))
            return is_listed(&lists[i], codec);
    told = avformat_query_codec(container, codec, FF_COMPLIANCE_NORMAL);
    return told > 0;
}

bool vanon_container_takes_rate(const AVOutputFormat *container, int rate)
{
    const int only = 48000;

    return rate == only || strcmp(container->name, "mxf") != 0;
}

bool vanon_container_is_mp4(const AVOutputFormat *container)
{
    return av_match_name(container->name, MP4_FAMILY);
}

bool vanon_container_is_fixed_rate(const AVOutputFormat *container)
{
    return av_match_name(container->name, "avi,yuv4mpegpipe,mxf,ogg,ogv");
}

bool vanon_container_reorders(const AVOutputFormat *container)
{
    return av_match_name(container->name, MP4_FAMILY "," MATROSKA ",mpegts");
}

void vanon_container_set_plays(AVFormatContext *output, int plays)
{
    const char *name = output->oformat->name;

    if (plays < 0)
        plays = 0;
    if (!strcmp(name, "gif")) /* counts repetitions; -1 is none */
        av_opt_set_int(output->priv_data, "loop", plays == 1 ? -1 : plays ? plays - 1 : 0, 0);
    else if (!strcmp(name, "apng"))
        av_opt_set_int(output->priv_data, "plays", plays, 0);
    else if (!strcmp(name, "webp"))
        av_opt_set_int(output->priv_data, "loop", plays, 0);
}

void vanon_container_set_last(AVFormatContext *output, AVRational seconds)
{
    const char *name = output->oformat->name;
    const AVRational centisecond = {1, 100};

    if (!strcmp(name, "gif"))
        av_opt_set_int(output->priv_data, "final_delay",
                       av_clip(av_rescale_q(1, seconds, centisecond), 0, UINT16_MAX), 0);
    else if (!strcmp(name, "apng"))
        av_opt_set_q(
            output->priv_data, "final_delay",
            (AVRational){av_clip(av_rescale_q(1, seconds, centisecond), 0, UINT16_MAX), 100}, 0);
}

bool vanon_container_has_chapters(const AVOutputFormat *container)
{
    return av_match_name(container->name, MP4_FAMILY "," MATROSKA ",nut,ogg,asf");
}

bool vanon_container_keeps_hdr(const AVOutputFormat *container)
{
    return av_match_name(container->name, MP4_FAMILY "," MATROSKA);
}

const char *vanon_container_raw_formats(const AVOutputFormat *container)
{
    for (size_t i = 0; i < VANON_COUNT(raw_formats); i++)
        if (!strcmp(container->name, raw_formats[i].container))
            return raw_formats[i].formats;
    return NULL;
}

/* Length of the part of `name` before its ending. */
static size_t stem_length(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');

    return dot && dot != base ? (size_t)(dot - name) : strlen(name);
}

/* The ending of a container that is named, with its point; "": none is usual, or none is named. */
static void ending_of_format(char *ending, size_t size, const char *format)
{
    const AVOutputFormat *found = *format ? av_guess_format(format, NULL, NULL) : NULL;
    const char *list = found && found->extensions ? found->extensions : "";

    snprintf(ending, size, "%s%.*s", *list ? "." : "", (int)strcspn(list, ","), list);
}

char *vanon_writer_default_path(const char *input)
{
    return vanon_writer_path_in(NULL, input, "");
}

char *vanon_writer_path_in(const char *folder, const char *input, const char *format)
{
    const char *middle = folder ? "" : ".anonymized", *name = vanon_plain_name(input), *ending;
    const AVOutputFormat *container;
    char own_ending[32], *path;
    size_t stem;

    if (folder || strstr(input, "://")) /* beside a URL nothing can be written: in this folder */
        name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    stem = stem_length(name);
    ending_of_format(own_ending, sizeof own_ending, format);
    ending = *own_ending ? own_ending : name + stem;
    if (!*own_ending && (!*ending || vanon_container_find(&container, name, NULL)))
        ending = ".mp4";
    if (asprintf(&path, "%s%s%.*s%s%s", folder ? folder : "", folder ? "/" : "", (int)stem, name,
                 middle, ending) < 0)
        return NULL;
    return path;
}
