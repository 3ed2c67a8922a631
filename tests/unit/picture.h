/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures for tests: a file decoded by libav* into a frame of RGB24 or YUV420P (BT.601, limited
 * range). */
#ifndef VANON_TESTS_PICTURE_H
#define VANON_TESTS_PICTURE_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include <vanon/frame.h>

/* From Debian's opencv-doc. */
#define PICTURE_MESSI "/usr/share/doc/opencv-doc/examples/data/messi5.jpg"

/* The first picture of the file as it is coded; the test fails where there is none. */
static AVFrame *picture_decode(const char *path)
{
    AVFormatContext *file = NULL;
    AVCodecContext *decoder;
    AVPacket *packet = av_packet_alloc();
    AVFrame *picture = av_frame_alloc();
    const AVCodec *codec;

    if (avformat_open_input(&file, path, NULL, NULL))
        fail_msg("%s can't be opened", path);
    codec = avcodec_find_decoder(file->streams[0]->codecpar->codec_id);
    decoder = avcodec_alloc_context3(codec);
    assert_true(avcodec_parameters_to_context(decoder, file->streams[0]->codecpar) >= 0);
    assert_int_equal(avcodec_open2(decoder, codec, NULL), 0);
    assert_int_equal(av_read_frame(file, packet), 0);
    assert_int_equal(avcodec_send_packet(decoder, packet), 0);
    assert_int_equal(avcodec_send_packet(decoder, NULL), 0);
    assert_int_equal(avcodec_receive_frame(decoder, picture), 0);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    avformat_close_input(&file);
    return picture;
}

/* The file as a frame of `format`; RGB is what Ultralytics sees. */
static vanon_frame *picture_load(const char *path, enum vanon_pixel_format format)
{
    enum AVPixelFormat wanted = format == VANON_PIXEL_RGB24 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P;
    AVFrame *picture = picture_decode(path);
    struct SwsContext *scaler =
        sws_getContext(picture->width, picture->height, (enum AVPixelFormat)picture->format,
                       picture->width, picture->height, wanted,
                       SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    vanon_frame *frame;
    int stride[4] = {0};

    assert_non_null(scaler);
    assert_int_equal(vanon_frame_alloc(&frame, format, picture->width, picture->height), 0);
    for (int i = 0; i < 4; i++)
        stride[i] = (int)frame->stride[i];
    assert_int_equal(sws_scale(scaler, (const uint8_t *const *)picture->data, picture->linesize, 0,
                               picture->height, frame->plane, stride),
                     picture->height);
    frame->colour.matrix = 6;
    sws_freeContext(scaler);
    av_frame_free(&picture);
    return frame;
}

#endif
