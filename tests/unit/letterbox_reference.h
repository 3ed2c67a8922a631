/* SPDX-License-Identifier: Apache-2.0 */
/* The letterbox once more: slow, in double precision, a pixel at a time, straight from what
 * pixels/letterbox.h and pixels/letterbox_colour.h say, samples read by libav*. */
#ifndef VANON_TESTS_LETTERBOX_REFERENCE_H
#define VANON_TESTS_LETTERBOX_REFERENCE_H

#include "unit.h"

#include <math.h>

#include <libavutil/pixdesc.h>

#include "pixels/format.h"
#include "pixels/frame.h"

struct picture { /* all samples as numbers, a plane a component */
    int components;
    int width[4], height[4];
    double *sample[4];
};

static void read_picture(struct picture *picture, const vanon_frame *frame)
{
    enum AVPixelFormat format = av_get_pix_fmt(vanon_pixel_format_name(frame->format));
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
    const uint8_t *data[4] = {frame->plane[0], frame->plane[1], frame->plane[2], frame->plane[3]};
    int strides[4];

    for (int i = 0; i < 4; i++)
        strides[i] = (int)frame->stride[i];
    picture->components = descriptor->nb_components;
    for (int c = 0; c < picture->components; c++) {
        bool chroma = (c == 1 || c == 2) && !(descriptor->flags & AV_PIX_FMT_FLAG_RGB);
        int w = chroma ? -(-frame->width >> descriptor->log2_chroma_w) : frame->width;
        int h = chroma ? -(-frame->height >> descriptor->log2_chroma_h) : frame->height;
        uint16_t *line = calloc((size_t)w, sizeof *line);

        picture->width[c] = w;
        picture->height[c] = h;
        picture->sample[c] = calloc((size_t)w * (size_t)h, sizeof *picture->sample[c]);
        assert_true(line && picture->sample[c]);
        for (int y = 0; y < h; y++) {
            av_read_image_line2(line, data, strides, descriptor, 0, y, c, w, 0, 2);
            for (int x = 0; x < w; x++)
                picture->sample[c][y * w + x] = line[x];
        }
        free(line);
    }
}

static void free_picture(struct picture *picture)
{
    for (int c = 0; c < picture->components; c++)
        free(picture->sample[c]);
}

static double bilinear(const struct picture *picture, int c, double x, double y)
{
    int w = picture->width[c], h = picture->height[c], x1, y1;
    const double *s = picture->sample[c];
    double fx, fy;

    x = fmin(fmax(x, 0), w - 1);
    y = fmin(fmax(y, 0), h - 1);
    fx = x - floor(x);
    fy = y - floor(y);
    x1 = x + 1 < w ? (int)x + 1 : (int)x;
    y1 = y + 1 < h ? (int)y + 1 : (int)y;
    return (1 - fy) * ((1 - fx) * s[(int)y * w + (int)x] + fx * s[(int)y * w + x1]) +
           fy * ((1 - fx) * s[y1 * w + (int)x] + fx * s[y1 * w + x1]);
}

/* A component at a place of the coded picture, luma pixels from its outer corner. */
static double sample_at(const vanon_frame *frame, const struct picture *picture, int c, double x,
                        double y)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    enum vanon_chroma_location location = frame->colour.chroma_location;
    double sx = 1, sy = 1, first_x = 0.5, first_y = 0.5;

    if (vanon_component_is_chroma(layout, c)) {
        if (location == VANON_CHROMA_UNSPECIFIED)
            location = frame->colour.full_range ? VANON_CHROMA_CENTER : VANON_CHROMA_LEFT;
        sx = 1 << layout->log2_chroma_w;
        sy = 1 << layout->log2_chroma_h;
        if (location == VANON_CHROMA_CENTER)
            first_x = sx / 2;
        if (location != VANON_CHROMA_TOPLEFT)
            first_y = sy / 2;
    }
    return bilinear(picture, c, (x - first_x) / sx, (y - first_y) / sy);
}

static double pq(double e)
{
    double p = pow(e, 1 / 78.84375);

    return 10000 * pow(fmax(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125);
}

static double hlg(double e)
{
    double scene = e <= 0.5 ? e * e / 3 : (exp((e - 0.55991073) / 0.17883277) + 0.28466892) / 12;

    return 1000 * pow(scene, 1.2);
}

static double shown(const vanon_frame *frame, double value)
{
    double light;

    value = fmin(fmax(value, 0), 1);
    if (frame->colour.transfer != 16 && frame->colour.transfer != 18)
        return value;
    light = (frame->colour.transfer == 16 ? pq(value) : hlg(value)) / 203;
    if (light > 0.75)
        light = 1 - 0.25 * exp(-(light - 0.75) / 0.25);
    return light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Of red and blue, by H.273's numbers. */
static const double luma_share[10][2] = {
    [1] = {0.2126, 0.0722}, [4] = {0.30, 0.11},   [5] = {0.299, 0.114},
    [6] = {0.299, 0.114},   [7] = {0.212, 0.087}, [9] = {0.2627, 0.0593},
};

static void reference_colour(const vanon_frame *frame, const double sample[3], double rgb[3])
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    double most = (1 << layout->component[0].depth) - 1,
           unit = 1 << (layout->component[0].depth - 8);
    double value[3], red, green, blue;
    int matrix = frame->colour.matrix;
    bool full = frame->colour.full_range || layout->model == VANON_MODEL_RGB;

    for (int c = 0; c < 3; c++) {
        if (layout->model == VANON_MODEL_YUV && c > 0 && matrix != 0)
            value[c] = (sample[c] - 128 * unit) / (full ? most : 224 * unit);
        else
            value[c] = full ? sample[c] / most : (sample[c] - 16 * unit) / (219 * unit);
    }
    if (layout->model == VANON_MODEL_GRAY) {
        rgb[0] = rgb[1] = rgb[2] = value[0];
    } else if (layout->model == VANON_MODEL_RGB) {
        memcpy(rgb, value, sizeof value);
    } else if (matrix == 0) {
        rgb[1] = value[0], rgb[2] = value[1], rgb[0] = value[2];
    } else {
        if (matrix == 2)
            matrix = frame->height > 576 ? 1 : 6;
        red = luma_share[matrix][0];
        blue = luma_share[matrix][1];
        green = 1 - red - blue;
        rgb[0] = value[0] + 2 * (1 - red) * value[2];
        rgb[2] = value[0] + 2 * (1 - blue) * value[1];
        rgb[1] = (value[0] - red * rgb[0] - blue * rgb[2]) / green;
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = floor(255 * shown(frame, rgb[c]) + 0.5);
}

/* Undoes the turn, then the aspect, then the mirror: display to coded. */
static void reference_place(const vanon_frame *frame, double x, double y, double *coded_x,
                            double *coded_y)
{
    double aspect = frame->sar.num > 0 ? (double)frame->sar.num / frame->sar.den : 1;
    double w = frame->width * aspect, h = frame->height;

    switch (frame->rotation) {
    case 0:
        *coded_x = x, *coded_y = y;
        break;
    case 90:
        *coded_x = y, *coded_y = h - x;
        break;
    case 180:
        *coded_x = w - x, *coded_y = h - y;
        break;
    case 270:
        *coded_x = w - y, *coded_y = x;
        break;
    }
    *coded_x /= aspect;
    if (frame->mirrored)
        *coded_x = frame->width - *coded_x;
}

/* Where the picture lies in the network's input, by the smaller of the two scales. */
struct reference_box {
    double display_width, display_height;
    int width, height, left, top;
};

static struct reference_box reference_box(const vanon_frame *frame, int width, int height)
{
    struct reference_box box;
    double aspect = frame->sar.num > 0 ? (double)frame->sar.num / frame->sar.den : 1, scale;
    bool side = frame->rotation == 90 || frame->rotation == 270;

    box.display_width = side ? frame->height : frame->width * aspect;
    box.display_height = side ? frame->width * aspect : frame->height;
    scale = fmin(width / box.display_width, height / box.display_height);
    box.width = (int)fmax(rint(box.display_width * scale), 1);
    box.height = (int)fmax(rint(box.display_height * scale), 1);
    box.left = (int)rint((width - box.width) / 2.0 - 0.1);
    box.top = (int)rint((height - box.height) / 2.0 - 0.1);
    return box;
}

/* What the network's pixel (x, y) is. */
static void reference_pixel(const vanon_frame *frame, const struct picture *picture,
                            const struct reference_box *box, int x, int y, double rgb[3])
{
    double sample[3] = {0}, coded_x = 0, coded_y = 0;

    if (x < box->left || y < box->top || x >= box->left + box->width ||
        y >= box->top + box->height) {
        rgb[0] = rgb[1] = rgb[2] = 114;
        return;
    }
    reference_place(frame, (x - box->left + 0.5) * box->display_width / box->width,
                    (y - box->top + 0.5) * box->display_height / box->height, &coded_x, &coded_y);
    for (int c = 0; c < (picture->components < 3 ? 1 : 3); c++)
        sample[c] = sample_at(frame, picture, c, coded_x, coded_y);
    reference_colour(frame, sample, rgb);
}

#endif
