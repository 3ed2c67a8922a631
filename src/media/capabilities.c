/* SPDX-License-Identifier: Apache-2.0 */
#include "media/capabilities.h"

#include <stdio.h>

#include <libswscale/swscale.h>

#include "media/writer_container.h"
#include "media/writer_encoder.h"

static const struct {
    const char *name;
    unsigned (*version)(void);
} libraries[] = {
    {"libavformat", avformat_version},
    {"libavcodec", avcodec_version},
    {"libavutil", avutil_version},
    {"libswscale", swscale_version},
};

static const char *const encoders[] = {
    "h264",       "hevc",  "vp8", "vp9", "av1",  "prores", "ffv1", "rawvideo", "mpeg4",
    "mpeg2video", "mjpeg", "png", "gif", "webp", "bmp",    "tiff", "theora",
};

static const char *const decoders[] = {
    "h264",       "hevc", "vp8",    "vp9",  "av1",   "prores", "dnxhd", "ffv1", "rawvideo", "mpeg4",
    "mpeg2video", "vc1",  "theora", "h263", "mjpeg", "png",    "gif",   "webp", "bmp",      "tiff",
};

static const char *const endings[] = {
    ".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts",  ".nut",  ".mxf",  ".ogv",
    ".mpg", ".y4m", ".gif", ".png",  ".jpg", ".bmp", ".tiff", ".webp",
};

static void take_library(size_t index, struct vanon_media_capability *out)
{
    unsigned version = libraries[index].version();

    out->name = libraries[index].name;
    snprintf(out->by, sizeof out->by, "%u.%u.%u", AV_VERSION_MAJOR(version),
             AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
}

static void take_codec(const char *name, const AVCodec *codec, const char *what,
                       struct vanon_media_capability *out)
{
    unsigned major = AV_VERSION_MAJOR(avcodec_version());

    out->name = name;
    if (codec)
        snprintf(out->by, sizeof out->by, "%s", codec->name);
    else
        snprintf(out->note, sizeof out->note,
                 "this FFmpeg has no such %s; Debian's has: install libavcodec%u", what, major);
}

static const AVCodec *find_decoder(const char *name)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(name);

    return descriptor ? avcodec_find_decoder(descriptor->id) : NULL;
}

static void take_container(const char *ending, struct vanon_media_capability *out)
{
    const AVOutputFormat *container = NULL;
    const AVCodec *encoder = NULL;
    vanon_options *options = NULL;
    char path[16];

    out->name = ending;
    snprintf(path, sizeof path, "x%s", ending);
    if (vanon_container_find(&container, path, NULL)) {
        snprintf(out->note, sizeof out->note, "this FFmpeg can't write it");
        return;
    }
    snprintf(out->by, sizeof out->by, "%s", container->name);
    if (!vanon_options_create(&options, NULL) &&
        !vanon_encoder_find(&encoder, container, options, path, NULL))
        snprintf(out->note, sizeof out->note, "%s", encoder->name);
    vanon_options_destroy(&options);
}

bool vanon_media_capability(enum vanon_media_kind kind, size_t index,
                            struct vanon_media_capability *out)
{
    const size_t counts[] = {VANON_COUNT(libraries), VANON_COUNT(encoders), VANON_COUNT(decoders),
                             VANON_COUNT(endings)};

    *out = (struct vanon_media_capability){0};
    if (index >= counts[kind])
        return false;
    switch (kind) {
    case VANON_MEDIA_LIBRARY:
        take_library(index, out);
        break;
    case VANON_MEDIA_ENCODER:
        take_codec(encoders[index], vanon_encoder_by_name(encoders[index]), "encoder", out);
        break;
    case VANON_MEDIA_DECODER:
        take_codec(decoders[index], find_decoder(decoders[index]), "decoder", out);
        break;
    case VANON_MEDIA_CONTAINER:
        take_container(endings[index], out);
        break;
    }
    return true;
}
