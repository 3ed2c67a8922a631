/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/gray.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox_colour.h"

#define MOST_SIDE 32767 /* a senseless aspect ratio is not followed further */

/* Shares of R, G and B, of 32768: the rounding is OpenCV's. */
static const uint32_t rgb_share[3] = {9798, 19235, 3735};

struct vanon_gray {
    vanon_frame like; /* the kind that `level` is for; format VANON_PIXEL_NONE: none yet */
    uint8_t *level;   /* for each value of a sample */
    uint8_t *turned;  /* upright, with the samples' own aspect ratio */
    size_t turned_capacity;
    uint8_t *scaled; /* at the display's size, where that is another */
    size_t scaled_capacity;
    struct vanon_resize resize;
    struct vanon_gray_picture picture;
    double scale_x, scale_y;
};

/* Where a component's samples are, as seen by someone who walks over the upright picture. */
struct scan {
    const uint8_t *first;
    ptrdiff_t right, down; /* bytes */
    int shift;
    uint32_t mask;
};

int vanon_gray_create(vanon_gray **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_gray_destroy(vanon_gray **pointer)
{
    vanon_gray *gray = *pointer;

    if (!gray)
        return;
    vanon_resize_free(&gray->resize);
    free(gray->level);
    free(gray->turned);
    free(gray->scaled);
    free(gray);
    *pointer = NULL;
}

const struct vanon_gray_picture *vanon_gray_picture(const vanon_gray *gray)
{
    return &gray->picture;
}

void vanon_gray_scale(const vanon_gray *gray, double *x, double *y)
{
    *x = gray->scale_x;
    *y = gray->scale_y;
}

/* The grey format whose samples have so many bits, in the low ones. */
static enum vanon_pixel_format gray_format(int depth)
{
    switch (depth) {
    case 8:
        return VANON_PIXEL_GRAY8;
    case 10:
        return VANON_PIXEL_GRAY10;
    case 12:
        return VANON_PIXEL_GRAY12;
    default:
        return VANON_PIXEL_GRAY16;
    }
}

/* A component by itself is grey of the same depth and range. */
static int make_levels(vanon_gray *gray, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    size_t levels = (size_t)1 << layout->component[0].depth;
    vanon_frame alone = *frame;
    struct vanon_to_rgb to_rgb;

    if (gray->like.format && vanon_frame_same_kind(&gray->like, frame))
        return VANON_OK;
    gray->like.format = VANON_PIXEL_NONE;
    free(gray->level);
    gray->level = malloc(levels);
    if (!gray->level)
        return VANON_ERR_MEMORY;
    alone.format = gray_format(layout->component[0].depth);
    alone.colour.full_range |= layout->model == VANON_MODEL_RGB;
    vanon_to_rgb_init(&to_rgb, &alone);
    for (size_t i = 0; i < levels; i++) {
        float value = to_rgb.factor[0][0] * (float)i + to_rgb.offset[0];
        int index = (int)fminf(fmaxf(value, 0), to_rgb.top);

        gray->level[i] = to_rgb.toned ? to_rgb.tone[index] : (uint8_t)index;
    }
    gray->like = *frame;
    return VANON_OK;
}

/* With square samples the way from display to coded goes by whole samples. */
static struct scan scan_of(const vanon_frame *square, int component)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(square->format);
    const struct vanon_component *part = &layout->component[component];
    ptrdiff_t step = part->step, stride = square->stride[part->plane];
    vanon_matrix way = vanon_frame_display_to_coded(square);
    double x, y;

    vanon_matrix_apply(&way, 0.5, 0.5, &x, &y);
    return (struct scan){.first = square->plane[part->plane] + part->offset +
                                  (ptrdiff_t)floor(x) * step + (ptrdiff_t)floor(y) * stride,
                         .right = (ptrdiff_t)way.xx * step + (ptrdiff_t)way.yx * stride,
                         .down = (ptrdiff_t)way.xy * step + (ptrdiff_t)way.yy * stride,
                         .shift = part->shift,
                         .mask = (1u << part->depth) - 1};
}

static void take_bytes(uint8_t *restrict to, const uint8_t *from, ptrdiff_t step,
                       const uint8_t *level, int count)
{
    for (int x = 0; x < count; x++)
        to[x] = level[from[x * step]];
}

static void take_words(uint8_t *restrict to, const uint8_t *from, const struct scan *scan,
                       const uint8_t *level, int count)
{
    for (int x = 0; x < count; x++) {
        uint16_t word;

        memcpy(&word, from + x * scan->right, sizeof word);
        to[x] = level[(uint32_t)(word >> scan->shift) & scan->mask];
    }
}

/* Line `y` of the upright picture, of one component, as levels. */
static void take_line(uint8_t *to, const struct scan *scan, const uint8_t *level, bool words, int y,
                      int width)
{
    const uint8_t *from = scan->first + y * scan->down;

    if (words)
        take_words(to, from, scan, level, width);
    else
        take_bytes(to, from, scan->right, level, width);
}

static void mix_line(uint8_t *restrict to, const uint8_t *restrict red,
                     const uint8_t *restrict green, const uint8_t *restrict blue, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = (uint8_t)((red[x] * rgb_share[0] + green[x] * rgb_share[1] +
                           blue[x] * rgb_share[2] + (1 << 14)) >>
                          15);
}

/* `turned` has room for the picture and, behind it, three lines. */
static void turn(const vanon_gray *gray, const vanon_frame *square, int width, int height)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(square->format);
    bool words = layout->sample_bytes == 2;
    int components = layout->model == VANON_MODEL_RGB ? 3 : 1;
    uint8_t *line[3];
    struct scan scan[3];

    for (int i = 0; i < components; i++) {
        scan[i] = scan_of(square, i);
        line[i] = gray->turned + (size_t)width * (size_t)(height + i);
    }
    for (int y = 0; y < height; y++) {
        uint8_t *to = gray->turned + (size_t)width * (size_t)y;

        if (components == 1) {
            take_line(to, &scan[0], gray->level, words, y, width);
            continue;
        }
        for (int i = 0; i < 3; i++)
            take_line(line[i], &scan[i], gray->level, words, y, width);
        mix_line(to, line[0], line[1], line[2], width);
    }
}

static int round_side(double side)
{
    return (int)fmin(fmax(rint(side), 1), MOST_SIDE);
}

static int scale(vanon_gray *gray, const struct vanon_gray_picture *turned, double display_width,
                 double display_height)
{
    int width = round_side(display_width), height = round_side(display_height);

    gray->scale_x = display_width / width;
    gray->scale_y = display_height / height;
    if (width == turned->width && height == turned->height) {
        gray->picture = *turned;
        return VANON_OK;
    }
    if (vanon_grow(&gray->scaled, &gray->scaled_capacity, (size_t)width * (size_t)height, 1) ||
        vanon_resize_run(&gray->resize, turned, gray->scaled, width, height, width))
        return VANON_ERR_MEMORY;
    gray->picture = (struct vanon_gray_picture){gray->scaled, width, height, width};
    return VANON_OK;
}

int vanon_gray_take(vanon_gray *gray, const vanon_frame *frame)
{
    double display_width, display_height;
    vanon_frame square = *frame;
    struct vanon_gray_picture turned;
    bool aside = frame->rotation % 180 != 0;

    gray->picture = (struct vanon_gray_picture){0};
    if (!vanon_pixel_layout(frame->format) ||
        !vanon_picture_size_valid(frame->width, frame->height))
        return VANON_ERR_ARGUMENT;
    if (frame->memory != VANON_MEMORY_HOST)
        return VANON_ERR_UNSUPPORTED;
    square.sar = (vanon_rational){1, 1};
    turned.width = aside ? frame->height : frame->width;
    turned.height = aside ? frame->width : frame->height;
    turned.stride = turned.width;
    if (vanon_grow(&gray->turned, &gray->turned_capacity,
                   (size_t)turned.width * (size_t)(turned.height + 3), 1) ||
        make_levels(gray, frame))
        return VANON_ERR_MEMORY;
    turn(gray, &square, turned.width, turned.height);
    turned.pixels = gray->turned;
    vanon_frame_display_size(frame, &display_width, &display_height);
    return scale(gray, &turned, display_width, display_height);
}
