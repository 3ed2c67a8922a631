/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"

#define HIDDEN      255
#define FAR         1e6  /* coded pixels: boxes end here, so that no number overflows */
#define LEAST       0.01 /* display pixels: a thinner ellipse is taken as this thin */
#define REFINEMENTS 12   /* at most; 3 are usual */

/* What a step looks like from outside after a 7x7 Gaussian kernel (sigma 1.4, as 0.3 * ((7 - 1) / 2
 * - 1) + 0.8 gives it), cut at the kernel's end; a step of the table is 1/16 display pixel. */
#define FEATHER_STEPS 16
static const uint8_t feather[3 * FEATHER_STEPS] = {
    128, 123, 118, 113, 109, 104, 100, 95, 91, 86, 82, 78, 74, 70, 66, 62,
    58,  55,  51,  48,  45,  42,  39,  36, 33, 31, 28, 26, 24, 22, 20, 18,
    16,  14,  13,  11,  10,  9,   8,   7,  6,  5,  4,  3,  2,  2,  1,  0,
};

/* A shape about its own middle, turned so that its sides or radii lie along the axes. */
struct shape {
    enum vanon_shape kind;
    double cx, cy;         /* the middle, in display space */
    double along, across;  /* cosine and sine of its turn */
    double rx, ry;         /* radii of an ellipse; half sides of a box; half a capsule's line */
    double round;          /* a capsule's radius */
    double width, height;  /* half extents in display space */
    double rx2, ry2;       /* an ellipse's radii squared */
    const vanon_point *at; /* a polygon's points, in display space */
    size_t points;
};

static void set_turn(struct shape *shape, double angle)
{
    shape->along = cos(angle);
    shape->across = sin(angle);
}

static void shape_ellipse(struct shape *shape, const vanon_region *region)
{
    shape->rx = fmax(region->rx, LEAST);
    shape->ry = fmax(region->ry, LEAST);
    shape->rx2 = shape->rx * shape->rx;
    shape->ry2 = shape->ry * shape->ry;
    set_turn(shape, region->angle);
    shape->width = hypot(shape->rx * shape->along, shape->ry * shape->across);
    shape->height = hypot(shape->rx * shape->across, shape->ry * shape->along);
}

static void shape_box(struct shape *shape, const vanon_region *region)
{
    shape->rx = region->rx;
    shape->ry = region->ry;
    set_turn(shape, region->angle);
    shape->width = fabs(shape->rx * shape->along) + fabs(shape->ry * shape->across);
    shape->height = fabs(shape->rx * shape->across) + fabs(shape->ry * shape->along);
}

static void shape_capsule(struct shape *shape, const vanon_region *region)
{
    double dx = ((double)region->ex - region->cx) / 2, dy = ((double)region->ey - region->cy) / 2;

    shape->cx += dx;
    shape->cy += dy;
    shape->rx = hypot(dx, dy);
    shape->round = region->rx;
    set_turn(shape, atan2(dy, dx));
    shape->width = fabs(dx) + shape->round;
    shape->height = fabs(dy) + shape->round;
}

static bool shape_polygon(struct shape *shape, const vanon_region *region,
                          const vanon_point *points)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

    if (region->points < 3)
        return false;
    shape->at = points + region->first_point;
    shape->points = region->points;
    for (size_t i = 0; i < shape->points; i++) {
        if (!isfinite(shape->at[i].x) || !isfinite(shape->at[i].y))
            return false;
        x0 = fmin(x0, shape->at[i].x);
        x1 = fmax(x1, shape->at[i].x);
        y0 = fmin(y0, shape->at[i].y);
        y1 = fmax(y1, shape->at[i].y);
    }
    shape->cx = (x0 + x1) / 2;
    shape->cy = (y0 + y1) / 2;
    shape->along = 1;
    shape->width = (x1 - x0) / 2;
    shape->height = (y1 - y0) / 2;
    return true;
}

/* False: the region is no shape. */
static bool make_shape(struct shape *shape, const vanon_region *region, const vanon_point *points)
{
    *shape = (struct shape){.kind = region->shape, .cx = region->cx, .cy = region->cy};
    if (!isfinite(region->cx) || !isfinite(region->cy) || !isfinite(region->rx) ||
        !isfinite(region->ry) || !isfinite(region->ex) || !isfinite(region->ey) ||
        !isfinite(region->angle) || region->rx < 0 || region->ry < 0)
        return false;
    switch (region->shape) {
    case VANON_SHAPE_ELLIPSE:
        shape_ellipse(shape, region);
        return true;
    case VANON_SHAPE_BOX:
        shape_box(shape, region);
        return true;
    case VANON_SHAPE_CAPSULE:
        shape_capsule(shape, region);
        return true;
    case VANON_SHAPE_POLYGON:
        return shape_polygon(shape, region, points);
    default:
        return false;
    }
}

/* Unlike fmax and fmin these compile to one instruction; where a number is none, the second is
 * taken. */
static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
    return a < b ? a : b;
}

/*
 * How far a point lies from a shape, 0 inside; never more than it really is, so that a mask is
 * never too small. Past `reach` any number not below it will do.
 */
typedef double distance(const struct shape *shape, double x, double y, double reach);

/*
 * The nearest point q of an ellipse fulfils p - q = t * (q.x / rx^2, q.y / ry^2) for the t at which
 * q lies on it. Newton's steps from the left of this t only ever come nearer to it from there, as
 * the function is convex and falling, and the distance grows with t: each step is a lower bound.
 */
static inline double ellipse_distance(const struct shape *shape, double x, double y, double reach)
{
    double px = shape->rx * fabs(x), py = shape->ry * fabs(y);
    double a = px / shape->rx2, b = py / shape->ry2, t, found = 0;

    if (a * a + b * b <= 1)
        return 0;
    t = larger(0, larger(px - shape->rx2, py - shape->ry2));
    for (int i = 0; i < REFINEMENTS; i++) {
        double over_x = 1 / (t + shape->rx2), over_y = 1 / (t + shape->ry2), outside;

        found = t * sqrt(x * x * over_x * over_x + y * y * over_y * over_y);
        a = px * over_x;
        b = py * over_y;
        outside = a * a + b * b - 1;
        if (found >= reach || outside < 1e-6)
            break;
        t += outside / (2 * (a * a * over_x + b * b * over_y));
    }
    return found;
}

/* Of boxes, and of capsules, which are lines (flat boxes) with a radius. */
static inline double box_distance(const struct shape *shape, double x, double y, double reach)
{
    double dx = larger(fabs(x) - shape->rx, 0), dy = larger(fabs(y) - shape->ry, 0);

    (void)reach;
    return sqrt(dx * dx + dy * dy) - shape->round;
}

static inline double square_distance_to_line(double x, double y, double dx, double dy)
{
    double length = dx * dx + dy * dy;
    double t = length > 0 ? smaller(larger((x * dx + y * dy) / length, 0), 1) : 0;

    x -= t * dx;
    y -= t * dy;
    return x * x + y * y;
}

static inline double polygon_distance(const struct shape *shape, double x, double y, double reach)
{
    double nearest = reach * reach;
    bool inside = false;

    x += shape->cx;
    y += shape->cy;
    for (size_t i = 0, j = shape->points - 1; i < shape->points; j = i++) {
        double ax = shape->at[i].x, ay = shape->at[i].y;
        double dx = shape->at[j].x - ax, dy = shape->at[j].y - ay;

        if ((ay > y) != (ay + dy > y) && x < ax + dx * (y - ay) / dy)
            inside = !inside;
        nearest = smaller(nearest, square_distance_to_line(x - ax, y - ay, dx, dy));
    }
    return inside ? 0 : sqrt(nearest);
}

/* `map` takes coded space to the shape's own; `touch` is the half diagonal of a coded pixel there:
 * a pixel whose centre is no further away may touch the shape. */
static inline void draw(const vanon_mask *mask, const struct shape *shape, const vanon_matrix *map,
                        double touch, distance *from)
{
    double reach = touch + VANON_FEATHER;

    for (int row = 0; row < mask->height; row++) {
        uint8_t *line = mask->coverage + row * mask->stride;
        double x0, y0;

        vanon_matrix_apply(map, mask->x + 0.5, mask->y + row + 0.5, &x0, &y0);
        for (int i = 0; i < mask->width; i++) {
            double away = from(shape, x0 + i * map->xx, y0 + i * map->yx, reach) - touch;

            line[i] = away >= VANON_FEATHER ? 0
                      : away > 0            ? feather[(int)(away * FEATHER_STEPS)]
                                            : HIDDEN;
        }
    }
}

static int limited(double value)
{
    return (int)smaller(larger(value, -FAR), FAR);
}

/* Where `start` .. `end` meets 0 .. `limit`; length 0: nowhere. */
static void clip(int start, int end, int limit, int *from, int *length)
{
    *from = start < 0 ? 0 : start;
    *length = (end > limit ? limit : end) - *from;
    if (*length < 0)
        *length = 0;
}

/* Sets the box of a shape that reaches `reach` beyond itself. */
static int place(vanon_mask *mask, const struct shape *shape, double reach,
                 const vanon_matrix *to_coded, int width, int height)
{
    double cx, cy, half_x = shape->width + reach, half_y = shape->height + reach;
    double half_width = fabs(to_coded->xx) * half_x + fabs(to_coded->xy) * half_y;
    double half_height = fabs(to_coded->yx) * half_x + fabs(to_coded->yy) * half_y;
    int x1, y1;

    vanon_matrix_apply(to_coded, shape->cx, shape->cy, &cx, &cy);
    mask->whole.x = limited(floor(cx - half_width));
    mask->whole.y = limited(floor(cy - half_height));
    x1 = limited(ceil(cx + half_width));
    y1 = limited(ceil(cy + half_height));
    mask->whole.width = x1 - mask->whole.x;
    mask->whole.height = y1 - mask->whole.y;
    clip(mask->whole.x, x1, width, &mask->x, &mask->width);
    clip(mask->whole.y, y1, height, &mask->y, &mask->height);
    if (!mask->width || !mask->height)
        mask->width = mask->height = 0;
    mask->stride = mask->width;
    return vanon_grow(&mask->coverage, &mask->capacity, (size_t)mask->width * (size_t)mask->height,
                      1);
}

int vanon_mask_fill(vanon_mask *mask, int width, int height)
{
    size_t bytes = (size_t)width * (size_t)height;

    if (vanon_grow(&mask->coverage, &mask->capacity, bytes, 1))
        return VANON_ERR_MEMORY;
    mask->whole = (struct vanon_rect){0, 0, width, height};
    mask->x = mask->y = 0;
    mask->width = width;
    mask->height = height;
    mask->stride = width;
    memset(mask->coverage, HIDDEN, bytes);
    return VANON_OK;
}

int vanon_mask_draw(vanon_mask *mask, const vanon_region *region, const vanon_point *points,
                    const vanon_matrix *to_coded, int width, int height)
{
    vanon_matrix to_display = vanon_matrix_invert(to_coded), turn, map;
    double touch = fmax(hypot(to_display.xx + to_display.xy, to_display.yx + to_display.yy),
                        hypot(to_display.xx - to_display.xy, to_display.yx - to_display.yy)) /
                   2;
    struct shape shape;

    if (!isfinite(touch) || !isfinite(to_display.x0) || !isfinite(to_display.y0) ||
        !make_shape(&shape, region, points))
        return vanon_mask_fill(mask, width, height);
    if (place(mask, &shape, touch + VANON_FEATHER, to_coded, width, height))
        return VANON_ERR_MEMORY;
    turn = (vanon_matrix){
        .xx = shape.along, .xy = shape.across, .yx = -shape.across, .yy = shape.along};
    turn.x0 = -(turn.xx * shape.cx + turn.xy * shape.cy);
    turn.y0 = -(turn.yx * shape.cx + turn.yy * shape.cy);
    map = vanon_matrix_then(&to_display, &turn);
    /* A call for each kind, so that its distance is compiled into the loop. */
    switch (shape.kind) {
    case VANON_SHAPE_ELLIPSE:
        draw(mask, &shape, &map, touch, ellipse_distance);
        break;
    case VANON_SHAPE_POLYGON:
        draw(mask, &shape, &map, touch, polygon_distance);
        break;
    default:
        draw(mask, &shape, &map, touch, box_distance);
        break;
    }
    return VANON_OK;
}

void vanon_mask_free(vanon_mask *mask)
{
    free(mask->coverage);
    *mask = (vanon_mask){0};
}
