/* SPDX-License-Identifier: Apache-2.0 */
#include "media/png.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libavcodec/avcodec.h>

#include "base/log.h"
#include "base/publish.h"

static AVCodecContext *open_encoder(int width, int height)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    AVCodecContext *context = codec ? avcodec_alloc_context3(codec) : NULL;

    if (!context)
        return NULL;
    context->width = width;
    context->height = height;
    context->pix_fmt = AV_PIX_FMT_RGB24;
    context->time_base = (AVRational){1, 25};
    if (avcodec_open2(context, codec, NULL) < 0)
        avcodec_free_context(&context);
    return context;
}

/* Encodes the pixels; the packet is the file. */
static int encode(const uint8_t *rgb, int width, int height, AVPacket *packet, const vanon_log *log)
{
    AVCodecContext *context = open_encoder(width, height);
    AVFrame *frame = av_frame_alloc();
    int failed = !context || !frame;

    if (!failed) {
        frame->format = AV_PIX_FMT_RGB24;
        frame->width = width;
        frame->height = height;
        failed = av_frame_get_buffer(frame, 0) < 0;
    }
    for (int y = 0; y < height && !failed; y++)
        memcpy(frame->data[0] + (ptrdiff_t)y * frame->linesize[0],
               rgb + (size_t)y * (size_t)width * 3, (size_t)width * 3);
    failed = failed || avcodec_send_frame(context, frame) < 0 ||
             avcodec_receive_packet(context, packet) < 0;
    av_frame_free(&frame);
    avcodec_free_context(&context);
    return failed ? vanon_fail(log, VANON_ERR_UNSUPPORTED,
                               "a picture of %dx%d can't be made into a PNG", width, height)
                  : VANON_OK;
}

static int write_file(const char *path, const AVPacket *packet, bool overwrite,
                      const vanon_log *log)
{
    vanon_publish *publish = NULL;
    int status = vanon_publish_create(&publish, path, overwrite, log), failed;
    FILE *file;

    if (status)
        return status;
    file = fopen(vanon_publish_path(publish), "wb");
    failed = !file || fwrite(packet->data, 1, (size_t)packet->size, file) != (size_t)packet->size;
    if (file)
        failed |= fclose(file) != 0;
    if (!failed)
        return vanon_publish_commit(&publish);
    status = vanon_fail(log, VANON_ERR_IO, "output %s: %s", path, strerror(errno));
    vanon_publish_destroy(&publish);
    return status;
}

int vanon_png_check(const char *path, bool overwrite, const vanon_log *log)
{
    size_t length = strlen(path);

    if (length < 4 || strcasecmp(path + length - 4, ".png") != 0)
        return vanon_fail(log, VANON_ERR_OPTION,
                          "output %s: the picture is a PNG, and its name has to end in .png", path);
    return vanon_publish_check(path, overwrite, log);
}

int vanon_png_write(const char *path, const uint8_t *rgb, int width, int height, bool overwrite,
                    const vanon_log *log)
{
    AVPacket *packet = av_packet_alloc();
    int status = packet ? encode(rgb, width, height, packet, log) : VANON_ERR_MEMORY;

    if (!status)
        status = write_file(path, packet, overwrite, log);
    av_packet_free(&packet);
    return status;
}
