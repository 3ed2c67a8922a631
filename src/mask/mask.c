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
#define PI          3.14159265358979323846
#define BANDS       8    /* around a shape; what they hold beyond it is a hundredth of a circle */
#define SLACK       1e-6 /* display pixels: more than what rounding can add up to */

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

/* A circle is a point with a radius, as a capsule of no length is: its distance needs no search. */
static void shape_circle(struct shape *shape, const vanon_region *region)
{
    shape->kind = VANON_SHAPE_CAPSULE;
    shape->round = fmax(region->rx, LEAST);
    shape->along = 1;
    shape->width = shape->height = shape->round;
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
        if (region->rx == region->ry)
            shape_circle(shape, region);
        else
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

/*
 * Most pixels need no distance: a line of them runs into the shape's reach and out of it, and in
 * between lies a part that the shape certainly touches. Both ends are found once for a line.
 */
struct run {
    double from, to; /* pixels of the line, the first and the last; none where from > to */
};

static inline void cut(struct run *run, double from, double to)
{
    run->from = larger(from, run->from);
    run->to = smaller(to, run->to);
}

/* 1 / step; along a line that does not move across a slab, steps so short that it never leaves. */
static inline double inverse(double step)
{
    return copysign(1 / larger(fabs(step), SLACK * SLACK), step);
}

/* Where `start` + i * step is within -limit .. limit. */
static inline void cut_slab(struct run *run, double start, double inverse_step, double limit)
{
    double first = (-limit - start) * inverse_step, second = (limit - start) * inverse_step;

    cut(run, smaller(first, second), larger(first, second));
}

/* A band that holds all that a shape reaches, one of several around it. */
struct band {
    double x, y;         /* unit vector across it, in the shape's own space */
    double limit;        /* half its width */
    double middle;       /* along the vector, of a shape that is not symmetric */
    double inverse_step; /* of the way that a pixel makes across it */
};

static void lay_polygon(struct band *band, const struct shape *shape)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < shape->points; i++) {
        double at = (shape->at[i].x - shape->cx) * band->x + (shape->at[i].y - shape->cy) * band->y;

        low = smaller(low, at);
        high = larger(high, at);
    }
    band->middle = (low + high) / 2;
    band->limit = (high - low) / 2;
}

/* The shape's own half width across the band, then what it reaches beyond itself. */
static void lay_bands(struct band bands[BANDS], const struct shape *shape, const vanon_matrix *map,
                      double reach)
{
    for (int i = 0; i < BANDS; i++) {
        struct band *band = &bands[i];

        *band = (struct band){.x = cos(i * PI / BANDS), .y = sin(i * PI / BANDS)};
        if (shape->kind == VANON_SHAPE_POLYGON)
            lay_polygon(band, shape);
        else if (shape->kind == VANON_SHAPE_ELLIPSE)
            band->limit = hypot(shape->rx * band->x, shape->ry * band->y);
        else
            band->limit = fabs(shape->rx * band->x) + fabs(shape->ry * band->y) + shape->round;
        band->limit += reach + SLACK;
        band->inverse_step = inverse(map->xx * band->x + map->yx * band->y);
    }
}

/* A line of pixels in the shape's own space: the i-th at (x + i * dx, y + i * dy). */
struct line {
    double x, y, dx, dy;
};

static struct run reached(const struct band bands[BANDS], const struct line *line, int count)
{
    struct run run = {0, count - 1};

    for (int i = 0; i < BANDS; i++)
        cut_slab(&run, line->x * bands[i].x + line->y * bands[i].y - bands[i].middle,
                 bands[i].inverse_step, bands[i].limit);
    return run;
}

/* Inside an ellipse of these radii, its middle at (x, 0). */
static struct run in_ellipse(struct run run, const struct line *line, double at, double rx,
                             double ry)
{
    double x = (line->x - at) / rx, y = line->y / ry, dx = line->dx / rx, dy = line->dy / ry;
    double a = dx * dx + dy * dy, b = x * dx + y * dy, root = b * b - a * (x * x + y * y - 1);

    if (root > 0)
        cut(&run, (-b - sqrt(root)) / a, (-b + sqrt(root)) / a);
    else
        run.to = -1;
    return run;
}

static struct run in_box(struct run run, const struct line *line, double rx, double ry)
{
    cut_slab(&run, line->x, inverse(line->dx), rx);
    cut_slab(&run, line->y, inverse(line->dy), ry);
    return run;
}

/* Of two runs inside one convex shape: all between them is inside, too. */
static struct run join(struct run a, struct run b)
{
    if (!(a.from <= a.to))
        return b;
    if (!(b.from <= b.to))
        return a;
    return (struct run){smaller(a.from, b.from), larger(a.to, b.to)};
}

/* Of boxes two of the three parts that `round` and `touch` widen them to, of capsules all. */
static struct run in_widened_box(struct run run, const struct shape *shape, const struct line *line,
                                 double touch)
{
    double round = shape->round + touch;
    struct run inside = join(in_box(run, line, shape->rx, shape->ry + round),
                             in_box(run, line, shape->rx + round, shape->ry));

    if (shape->kind == VANON_SHAPE_CAPSULE) {
        inside = join(inside, in_ellipse(run, line, -shape->rx, round, round));
        inside = join(inside, in_ellipse(run, line, shape->rx, round, round));
    }
    return inside;
}

/* Between two crossings of its outline, if these are all. */
static struct run in_polygon(struct run run, const struct shape *shape, const struct line *line)
{
    double x = line->x + shape->cx, y = line->y + shape->cy, from = INFINITY, to = -INFINITY;
    int crossings = 0;

    for (size_t i = 0, j = shape->points - 1; i < shape->points; j = i++) {
        double ax = shape->at[i].x - x, ay = shape->at[i].y - y;
        double bx = shape->at[j].x - x, by = shape->at[j].y - y;
        double a = ay * line->dx - ax * line->dy, b = by * line->dx - bx * line->dy, at;

        if ((a > 0) == (b > 0))
            continue;
        at = ((ax + (bx - ax) * (a / (a - b))) * line->dx +
              (ay + (by - ay) * (a / (a - b))) * line->dy) /
             (line->dx * line->dx + line->dy * line->dy);
        from = smaller(from, at);
        to = larger(to, at);
        crossings++;
    }
    if (crossings == 2)
        cut(&run, from, to);
    else
        run.to = -1;
    return run;
}

/* Pixels of which the shape certainly touches each. */
static struct run touched(struct run run, const struct shape *shape, const struct line *line,
                          double touch)
{
    switch (shape->kind) {
    case VANON_SHAPE_ELLIPSE:
        /* With radii longer by that it lies within what is no further away than that. */
        return in_ellipse(run, line, 0, shape->rx + touch, shape->ry + touch);
    case VANON_SHAPE_POLYGON:
        return in_polygon(run, shape, line);
    default:
        return in_widened_box(run, shape, line, touch);
    }
}

/* Rounds the run, which begins at 0 or later, to whole pixels inside it. */
static void to_pixels(struct run run, int *from, int *end)
{
    *from = *end = 0;
    if (!(run.from <= run.to))
        return;
    *from = (int)run.from;
    *from += *from < run.from;
    *end = (int)run.to + 1;
    if (*end < *from)
        *end = *from;
}

/* Coverage of pixels by their distance; `touch` as below. */
static inline void measure(uint8_t *coverage, int from, int end, const struct shape *shape,
                           const struct line *line, double touch, distance *distance_from)
{
    double reach = touch + VANON_FEATHER;

    for (int i = from; i < end; i++) {
        double away =
            distance_from(shape, line->x + i * line->dx, line->y + i * line->dy, reach) - touch;

        coverage[i] = away >= VANON_FEATHER ? 0
                      : away > 0            ? feather[(int)(away * FEATHER_STEPS)]
                                            : HIDDEN;
    }
}

/* `map` takes coded space to the shape's own; `touch` is the half diagonal of a coded pixel there:
 * a pixel whose centre is no further away may touch the shape. */
static inline void draw(const vanon_mask *mask, const struct shape *shape, const vanon_matrix *map,
                        double touch, distance *distance_from)
{
    struct band bands[BANDS];
    struct line line = {.dx = map->xx, .dy = map->yx};

    lay_bands(bands, shape, map, touch + VANON_FEATHER);
    if (mask->height)
        memset(mask->coverage, 0, (size_t)mask->height * (size_t)mask->stride);
    for (int row = 0; row < mask->height; row++) {
        uint8_t *coverage = mask->coverage + row * mask->stride;
        int from, end, first, last;
        struct run run;

        vanon_matrix_apply(map, mask->x + 0.5, mask->y + row + 0.5, &line.x, &line.y);
        run = reached(bands, &line, mask->width);
        to_pixels(run, &from, &end);
        if (from == end)
            continue;
        to_pixels(touched(run, shape, &line, touch - SLACK), &first, &last);
        if (first == last)
            first = last = end;
        measure(coverage, from, first, shape, &line, touch, distance_from);
        memset(coverage + first, HIDDEN, (size_t)(last - first));
        measure(coverage, last, end, shape, &line, touch, distance_from);
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

/* The half diagonal of a coded pixel in display space; not finite where the map is none. */
static double half_diagonal(const vanon_matrix *to_display)
{
    double touch = fmax(hypot(to_display->xx + to_display->xy, to_display->yx + to_display->yy),
                        hypot(to_display->xx - to_display->xy, to_display->yx - to_display->yy)) /
                   2;

    return isfinite(to_display->x0) && isfinite(to_display->y0) ? touch : NAN;
}

/* The box of a shape that reaches `reach` beyond itself. */
static struct vanon_rect box_of(const struct shape *shape, double reach,
                                const vanon_matrix *to_coded)
{
    double cx, cy, half_x = shape->width + reach, half_y = shape->height + reach;
    double half_width = fabs(to_coded->xx) * half_x + fabs(to_coded->xy) * half_y;
    double half_height = fabs(to_coded->yx) * half_x + fabs(to_coded->yy) * half_y;
    struct vanon_rect box;

    vanon_matrix_apply(to_coded, shape->cx, shape->cy, &cx, &cy);
    box.x = limited(floor(cx - half_width));
    box.y = limited(floor(cy - half_height));
    box.width = limited(ceil(cx + half_width)) - box.x;
    box.height = limited(ceil(cy + half_height)) - box.y;
    return box;
}

bool vanon_mask_box(struct vanon_rect *whole, const vanon_region *region, const vanon_point *points,
                    const vanon_matrix *to_coded)
{
    vanon_matrix to_display = vanon_matrix_invert(to_coded);
    double touch = half_diagonal(&to_display);
    struct shape shape;

    if (!isfinite(touch) || !make_shape(&shape, region, points))
        return false;
    *whole = box_of(&shape, touch + VANON_FEATHER, to_coded);
    return true;
}

/* Sets the box of a shape that reaches `reach` beyond itself. */
static int place(vanon_mask *mask, const struct shape *shape, double reach,
                 const vanon_matrix *to_coded, int width, int height)
{
    const struct vanon_rect *whole = &mask->whole;

    mask->whole = box_of(shape, reach, to_coded);
    clip(whole->x, whole->x + whole->width, width, &mask->x, &mask->width);
    clip(whole->y, whole->y + whole->height, height, &mask->y, &mask->height);
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
    double touch = half_diagonal(&to_display);
    struct shape shape;

    if (!isfinite(touch) || !make_shape(&shape, region, points))
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
