/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

int vanon_picture_make(struct vanon_picture *picture, int width, int height, struct vanon_rgb fill)
{
    vanon_picture_free(picture);
    if (!vanon_picture_size_valid(width, height))
        return VANON_ERR_ARGUMENT;
    picture->rgb = malloc((size_t)width * (size_t)height * 3);
    if (!picture->rgb)
        return VANON_ERR_MEMORY;
    picture->width = width;
    picture->height = height;
    picture->scale = 1;
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        memcpy(picture->rgb + 3 * i, (const uint8_t[]){fill.r, fill.g, fill.b}, 3);
    return VANON_OK;
}

void vanon_picture_free(struct vanon_picture *picture)
{
    free(picture->rgb);
    *picture = (struct vanon_picture){0};
}

/* Cuts the letterbox's padding off. */
static void cut(struct vanon_picture *picture, const vanon_letterbox *letterbox,
                const vanon_frame *frame)
{
    double width, height;
    vanon_point first = vanon_letterbox_to_display(letterbox, 0, 0);
    vanon_point last =
        vanon_letterbox_to_display(letterbox, (float)picture->width, (float)picture->height);
    double sx = picture->width / ((double)last.x - first.x);
    double sy = picture->height / ((double)last.y - first.y);
    int left = (int)lround(-first.x * sx), top = (int)lround(-first.y * sy), wide, high;

    vanon_frame_display_size(frame, &width, &height);
    wide = (int)lround(width * sx);
    high = (int)lround(height * sy);
    for (int y = 0; y < high; y++)
        memmove(picture->rgb + (size_t)y * (size_t)wide * 3,
                picture->rgb + ((size_t)(y + top) * (size_t)picture->width + (size_t)left) * 3,
                (size_t)wide * 3);
    picture->width = wide;
    picture->height = high;
    picture->scale = sx;
}

int vanon_picture_take(struct vanon_picture *picture, const vanon_frame *frame, int least)
{
    vanon_letterbox *letterbox = NULL;
    double width, height;
    int side, status;

    vanon_frame_display_size(frame, &width, &height);
    side = (int)ceil(fmax(fmax(width, height), least) / VANON_LETTERBOX_STRIDE) *
           VANON_LETTERBOX_STRIDE;
    vanon_letterbox_size(frame, side, &picture->width, &picture->height);
    status = vanon_letterbox_create(&letterbox, frame, picture->width, picture->height);
    if (!status)
        status =
            vanon_picture_make(picture, picture->width, picture->height, (struct vanon_rgb){0});
    if (!status) {
        vanon_letterbox_run(letterbox, frame, picture->rgb);
        cut(picture, letterbox, frame);
    }
    vanon_letterbox_destroy(&letterbox);
    return status;
}

static uint8_t *pixel_at(const struct vanon_picture *picture, int x, int y)
{
    return picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
}

static void put(struct vanon_picture *picture, int x, int y, struct vanon_rgb colour)
{
    if (x >= 0 && y >= 0 && x < picture->width && y < picture->height)
        memcpy(pixel_at(picture, x, y), (const uint8_t[]){colour.r, colour.g, colour.b}, 3);
}

void vanon_picture_paste(struct vanon_picture *picture, int left, int top, int size,
                         const struct vanon_picture *from, double x, double y, double side)
{
    for (int row = 0; row < size; row++)
        for (int column = 0; column < size; column++) {
            double fx = floor(x - side / 2 + (column + 0.5) * side / size);
            double fy = floor(y - side / 2 + (row + 0.5) * side / size);
            const uint8_t *rgb;

            if (!(fx >= 0 && fy >= 0 && fx < from->width && fy < from->height))
                continue;
            rgb = pixel_at(from, (int)fx, (int)fy);
            put(picture, left + column, top + row, (struct vanon_rgb){rgb[0], rgb[1], rgb[2]});
        }
}

/* The pixels of a line's bounding box, clipped. */
struct window {
    int x0, y0, x1, y1;
};

static struct window find_window(const struct vanon_picture *picture, double x0, double y0,
                                 double x1, double y1, double around)
{
    return (struct window){(int)fmax(0, floor(fmin(x0, x1) - around)),
                           (int)fmax(0, floor(fmin(y0, y1) - around)),
                           (int)fmin(picture->width, ceil(fmax(x0, x1) + around)),
                           (int)fmin(picture->height, ceil(fmax(y0, y1) + around))};
}

void vanon_draw_line(struct vanon_picture *picture, double x0, double y0, double x1, double y1,
                     double width, struct vanon_rgb colour)
{
    double dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy, half = fmax(width, 1) / 2;
    struct window window;

    if (!isfinite(x0) || !isfinite(y0) || !isfinite(x1) || !isfinite(y1))
        return;
    window = find_window(picture, x0, y0, x1, y1, half);
    for (int y = window.y0; y < window.y1; y++)
        for (int x = window.x0; x < window.x1; x++) {
            double px = x + 0.5 - x0, py = y + 0.5 - y0;
            double along = length > 0 ? fmin(1, fmax(0, (px * dx + py * dy) / length)) : 0;

            if (hypot(px - along * dx, py - along * dy) <= half)
                put(picture, x, y, colour);
        }
}

void vanon_draw_arc(struct vanon_picture *picture, double cx, double cy, double rx, double ry,
                    double angle, double from, double until, double width, struct vanon_rgb colour)
{
    double c = cos(angle), s = sin(angle), x0 = 0, y0 = 0;
    int steps = (int)fmin(360, fmax(8, (until - from) * fmax(rx, ry) / 3));

    for (int i = 0; i <= steps; i++) {
        double turn = from + (until - from) * i / steps, u = rx * cos(turn), v = ry * sin(turn);
        double x = cx + u * c - v * s, y = cy + u * s + v * c;

        if (i)
            vanon_draw_line(picture, x0, y0, x, y, width, colour);
        x0 = x;
        y0 = y;
    }
}

static void draw_polygon(struct vanon_picture *picture, const vanon_point *points, size_t count,
                         double width, struct vanon_rgb colour)
{
    double scale = picture->scale;

    for (size_t i = 0; i < count; i++) {
        const vanon_point *a = &points[i], *b = &points[(i + 1) % count];

        vanon_draw_line(picture, a->x * scale, a->y * scale, b->x * scale, b->y * scale, width,
                        colour);
    }
}

static void draw_box(struct vanon_picture *picture, const vanon_region *region, double width,
                     struct vanon_rgb colour)
{
    static const float sx[] = {-1, 1, 1, -1}, sy[] = {-1, -1, 1, 1};
    float c = cosf(region->angle), s = sinf(region->angle);
    vanon_point corner[4];

    for (int i = 0; i < 4; i++) {
        float u = sx[i] * region->rx, v = sy[i] * region->ry;

        corner[i] = (vanon_point){region->cx + u * c - v * s, region->cy + u * s + v * c};
    }
    draw_polygon(picture, corner, 4, width, colour);
}

static void draw_capsule(struct vanon_picture *picture, const vanon_region *region, double width,
                         struct vanon_rgb colour)
{
    double scale = picture->scale, r = region->rx * scale;
    double x0 = region->cx * scale, y0 = region->cy * scale;
    double x1 = region->ex * scale, y1 = region->ey * scale;
    double way = atan2(y1 - y0, x1 - x0), nx = -sin(way) * r, ny = cos(way) * r;

    vanon_draw_line(picture, x0 + nx, y0 + ny, x1 + nx, y1 + ny, width, colour);
    vanon_draw_line(picture, x0 - nx, y0 - ny, x1 - nx, y1 - ny, width, colour);
    vanon_draw_arc(picture, x0, y0, r, r, way, M_PI / 2, 3 * M_PI / 2, width, colour);
    vanon_draw_arc(picture, x1, y1, r, r, way, -M_PI / 2, M_PI / 2, width, colour);
}

void vanon_draw_region(struct vanon_picture *picture, const vanon_region *region,
                       const vanon_point *points, double width, struct vanon_rgb colour)
{
    double scale = picture->scale;

    switch (region->shape) {
    case VANON_SHAPE_BOX:
        draw_box(picture, region, width, colour);
        break;
    case VANON_SHAPE_CAPSULE:
        draw_capsule(picture, region, width, colour);
        break;
    case VANON_SHAPE_POLYGON:
        draw_polygon(picture, points + region->first_point, region->points, width, colour);
        break;
    default:
        vanon_draw_arc(picture, region->cx * scale, region->cy * scale, region->rx * scale,
                       region->ry * scale, region->angle, 0, 2 * M_PI, width, colour);
    }
}

/* Each digit is 3 wide and 5 high; a row's highest bit is its left end. */
static const uint8_t digits[10][5] = {
    {7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 3, 1, 7}, {5, 5, 7, 1, 1},
    {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 2, 2, 2}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7},
};

static void fill(struct vanon_picture *picture, int x, int y, int width, int height,
                 struct vanon_rgb colour)
{
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++)
            put(picture, x + column, y + row, colour);
}

void vanon_draw_number(struct vanon_picture *picture, double x, double y, int size, int64_t number,
                       struct vanon_rgb colour)
{
    char text[24];
    int left, top = (int)y, length;

    if (!isfinite(x) || !isfinite(y) || number < 0 || fabs(x) > 1e6 || fabs(y) > 1e6)
        return;
    length = snprintf(text, sizeof text, "%lld", (long long)number);
    left = (int)x;
    fill(picture, left - size, top - size, (4 * length + 1) * size, 7 * size,
         (struct vanon_rgb){20, 20, 20});
    for (int i = 0; i < length; i++)
        for (int row = 0; row < 5; row++)
            for (int column = 0; column < 3; column++)
                if (digits[text[i] - '0'][row] & 4 >> column)
                    fill(picture, left + (4 * i + column) * size, top + row * size, size, size,
                         colour);
}
