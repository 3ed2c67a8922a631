/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "mask/mask.h"

#define PI       3.14159265358979
#define SUBPIXEL 16  /* subsamples of a pixel in either direction */
#define OUTLINE  128 /* points on each side, or quarter, of a shape's outline */

static const vanon_matrix identity = {.xx = 1, .yy = 1};

static const struct {
    const char *name;
    vanon_matrix to_coded;
} maps[] = {
    {"upright", {.xx = 1, .yy = 1}},
    {"wide samples", {.xx = 0.5, .yy = 1}},
    {"narrow samples", {.xx = 64.0 / 45, .yy = 1}},
    {"turned by 90", {.xy = 1, .yx = -1, .y0 = 48}},
    {"turned by 180, wide samples", {.xx = -0.75, .x0 = 48, .yy = -1, .y0 = 48}},
    {"mirrored", {.xx = -1, .x0 = 48, .yy = 1}},
    {"turned by 30, enlarged", {.xx = 1.04, .xy = -0.6, .x0 = 10, .yx = 0.6, .yy = 1.04, .y0 = -9}},
};

static const vanon_point bow[] = {{12, 12}, {34, 30.5f}, {34, 12}, {12, 30.5f}};
static const vanon_point star[] = {
    {24, 8.25f}, {33.4f, 36.9f}, {8.8f, 19.2f}, {39.2f, 19.2f}, {14.6f, 36.9f}};

static const struct {
    const char *name;
    vanon_region region;
    const vanon_point *points;
} shapes[] = {
    {"circle", {.shape = VANON_SHAPE_ELLIPSE, .cx = 23, .cy = 21.3f, .rx = 9, .ry = 9}, NULL},
    {"ellipse",
     {.shape = VANON_SHAPE_ELLIPSE, .cx = 22.2f, .cy = 23.7f, .rx = 14, .ry = 5.5f, .angle = 0.5f},
     NULL},
    {"needle",
     {.shape = VANON_SHAPE_ELLIPSE, .cx = 24, .cy = 24, .rx = 20, .ry = 0.05f, .angle = -0.3f},
     NULL},
    {"speck", {.shape = VANON_SHAPE_ELLIPSE, .cx = 20.7f, .cy = 18.1f, .rx = 0.2f, .ry = 3}, NULL},
    {"box", {.shape = VANON_SHAPE_BOX, .cx = 24, .cy = 20, .rx = 10, .ry = 6}, NULL},
    {"turned box",
     {.shape = VANON_SHAPE_BOX, .cx = 24, .cy = 22.5f, .rx = 12, .ry = 4, .angle = 0.7f},
     NULL},
    {"capsule",
     {.shape = VANON_SHAPE_CAPSULE, .cx = 12, .cy = 30, .ex = 35, .ey = 17, .rx = 4.5f},
     NULL},
    {"point",
     {.shape = VANON_SHAPE_CAPSULE, .cx = 21, .cy = 20, .ex = 21, .ey = 20, .rx = 2},
     NULL},
    {"bow", {.shape = VANON_SHAPE_POLYGON, .points = VANON_COUNT(bow)}, bow},
    {"star", {.shape = VANON_SHAPE_POLYGON, .points = VANON_COUNT(star)}, star},
};

/* The coverage of a pixel of the picture; 0 outside the mask's box. */
static int at(const vanon_mask *mask, int x, int y)
{
    if (x < mask->x || y < mask->y || x >= mask->x + mask->width || y >= mask->y + mask->height)
        return 0;
    return mask->coverage[(y - mask->y) * mask->stride + x - mask->x];
}

static void draw(vanon_mask *mask, const vanon_region *region, int width, int height)
{
    assert_int_equal(vanon_mask_draw(mask, region, NULL, &identity, width, height), VANON_OK);
}

/* A reference of its own: shapes as their definitions in object.h say, brute force. */

static void turned(const vanon_region *region, double x, double y, double *along, double *across)
{
    double c = cos(region->angle), s = sin(region->angle);

    x -= region->cx;
    y -= region->cy;
    *along = x * c + y * s;
    *across = y * c - x * s;
}

static double from_line(double x, double y, double ax, double ay, double bx, double by)
{
    double dx = bx - ax, dy = by - ay;
    double t = ((x - ax) * dx + (y - ay) * dy) / fmax(dx * dx + dy * dy, 1e-9);

    t = fmin(fmax(t, 0), 1);
    return hypot(x - ax - t * dx, y - ay - t * dy);
}

static bool in_shape(const vanon_region *region, const vanon_point *points, double x, double y)
{
    double along, across;
    bool inside = false;

    turned(region, x, y, &along, &across);
    switch (region->shape) {
    case VANON_SHAPE_ELLIPSE:
        return pow(along / region->rx, 2) + pow(across / region->ry, 2) <= 1;
    case VANON_SHAPE_BOX:
        return fabs(along) <= region->rx && fabs(across) <= region->ry;
    case VANON_SHAPE_CAPSULE:
        return from_line(x, y, region->cx, region->cy, region->ex, region->ey) <= region->rx;
    default:
        for (size_t i = 0; i < region->points; i++) {
            vanon_point a = points[i], b = points[(i + 1) % region->points];
            if ((a.y > y) != (b.y > y) && x < a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y))
                inside = !inside;
        }
        return inside;
    }
}

/* The i-th of 4 * OUTLINE points on an ellipse or box. */
static void outline(const vanon_region *region, int i, double *x, double *y)
{
    double turn = 2 * PI * i / (4 * OUTLINE), along = cos(turn), across = sin(turn);
    double c = cos(region->angle), s = sin(region->angle);

    if (region->shape == VANON_SHAPE_BOX) {
        double t = 2.0 * (i % OUTLINE) / (OUTLINE - 1) - 1;
        along = i < OUTLINE ? -1 : i < 2 * OUTLINE ? 1 : t;
        across = i < 2 * OUTLINE ? t : i < 3 * OUTLINE ? -1 : 1;
    }
    along *= region->rx;
    across *= region->ry;
    *x = region->cx + along * c - across * s;
    *y = region->cy + along * s + across * c;
}

static double from_shape(const vanon_region *region, const vanon_point *points, double x, double y)
{
    double best = INFINITY, ox, oy;

    if (in_shape(region, points, x, y))
        return 0;
    if (region->shape == VANON_SHAPE_CAPSULE)
        return from_line(x, y, region->cx, region->cy, region->ex, region->ey) - region->rx;
    if (region->shape == VANON_SHAPE_POLYGON) {
        for (size_t i = 0; i < region->points; i++) {
            vanon_point a = points[i], b = points[(i + 1) % region->points];
            best = fmin(best, from_line(x, y, a.x, a.y, b.x, b.y));
        }
        return best;
    }
    for (int i = 0; i < 4 * OUTLINE; i++) {
        outline(region, i, &ox, &oy);
        best = fmin(best, hypot(x - ox, y - oy));
    }
    return best;
}

/* What a step that was blurred by a cut Gaussian of sigma 1.4 has left at a distance from it. */
static double blurred_step(double away)
{
    double end = erfc(3 / 1.4 / sqrt(2)) / 2;

    return away >= 3 ? 0 : 255 * (erfc(away / 1.4 / sqrt(2)) / 2 - end) / (1 - 2 * end);
}

static bool touches(const vanon_region *region, const vanon_point *points,
                    const vanon_matrix *to_display, int x, int y)
{
    for (int i = 0; i < SUBPIXEL * SUBPIXEL; i++) {
        double dx, dy;

        vanon_matrix_apply(to_display, x + (i % SUBPIXEL + 0.5) / SUBPIXEL,
                           y + (i / SUBPIXEL + 0.5) / SUBPIXEL, &dx, &dy);
        if (in_shape(region, points, dx, dy))
            return true;
    }
    return false;
}

/* Every pixel is what the reference says: 255 where the shape touches it, else the feather at its
 * distance, less half a pixel's diagonal. */
static void check_pixel(const vanon_mask *mask, const vanon_region *region,
                        const vanon_point *points, const vanon_matrix *to_display, int x, int y,
                        const char *what)
{
    double diagonal = fmax(hypot(to_display->xx + to_display->xy, to_display->yx + to_display->yy),
                           hypot(to_display->xx - to_display->xy, to_display->yx - to_display->yy));
    double dx, dy, away, want;

    if (touches(region, points, to_display, x, y)) {
        if (at(mask, x, y) != 255)
            fail_msg("%s: %d,%d has %d and is touched", what, x, y, at(mask, x, y));
        return;
    }
    vanon_matrix_apply(to_display, x + 0.5, y + 0.5, &dx, &dy);
    away = from_shape(region, points, dx, dy) - diagonal / 2;
    if (fabs(away) < 0.05)
        return; /* the reference is no better */
    want = away < 0 ? 255 : blurred_step(away);
    if (fabs(at(mask, x, y) - want) > 6)
        fail_msg("%s: %d,%d has %d, not %.1f at %.2f", what, x, y, at(mask, x, y), want, away);
}

static void every_shape_under_every_map(void **state)
{
    vanon_mask mask = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(maps); i++)
        for (size_t j = 0; j < VANON_COUNT(shapes); j++) {
            vanon_matrix to_display = vanon_matrix_invert(&maps[i].to_coded);
            char what[64];

            snprintf(what, sizeof what, "%s, %s", shapes[j].name, maps[i].name);
            assert_int_equal(vanon_mask_draw(&mask, &shapes[j].region, shapes[j].points,
                                             &maps[i].to_coded, 47, 45),
                             VANON_OK);
            assert_true(mask.width > 0);
            for (int y = 0; y < 45; y++)
                for (int x = 0; x < 47; x++)
                    check_pixel(&mask, &shapes[j].region, shapes[j].points, &to_display, x, y,
                                what);
        }
    vanon_mask_free(&mask);
}

static void the_feather_only_falls(void **state)
{
    vanon_mask mask = {0};
    const int middle = 24;

    (void)state;
    for (size_t j = 0; j < VANON_COUNT(shapes); j++) {
        vanon_region region = shapes[j].region;
        int levels = 0;

        if (region.shape == VANON_SHAPE_POLYGON || region.shape == VANON_SHAPE_CAPSULE)
            continue;
        region.cx = region.cy = middle + 0.5f;
        draw(&mask, &region, 49, 49);
        for (int y = 0; y < 49; y++)
            for (int x = middle; x < 48; x++) {
                /* A convex shape with its middle on this line's: further out is never more. */
                if (y == middle)
                    assert_true(at(&mask, x + 1, y) <= at(&mask, x, y));
                levels += at(&mask, x, y) > 0 && at(&mask, x, y) < 255;
                assert_int_equal(at(&mask, x, y), at(&mask, 48 - x, 48 - y));
            }
        assert_true(levels > 10);
    }
    vanon_mask_free(&mask);
}

static void a_point_hides_its_pixel(void **state)
{
    static const vanon_region points[] = {
        {.shape = VANON_SHAPE_ELLIPSE, .cx = 4.5f, .cy = 2.5f},
        {.shape = VANON_SHAPE_BOX, .cx = 4.5f, .cy = 2.5f},
        {.shape = VANON_SHAPE_CAPSULE, .cx = 4.5f, .cy = 2.5f, .ex = 4.5f, .ey = 2.5f},
    };
    static const uint8_t want[] = {0, 10, 45, 109, 255, 109, 45, 10, 0};
    vanon_mask mask = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(points); i++) {
        draw(&mask, &points[i], 9, 5);
        for (int x = 0; x < 9; x++)
            assert_int_equal(at(&mask, x, 2), want[x]);
        assert_int_equal(at(&mask, 5, 3), 78); /* 1.41 - 0.71 away */
    }
    /* On a pixel's corner all four are touched. */
    draw(&mask, &(vanon_region){.shape = VANON_SHAPE_ELLIPSE, .cx = 4, .cy = 2}, 9, 5);
    for (int i = 0; i < 4; i++)
        assert_int_equal(at(&mask, 3 + i % 2, 1 + i / 2), 255);
    vanon_mask_free(&mask);
}

static void boxes_know_the_picture(void **state)
{
    vanon_region region = {.shape = VANON_SHAPE_ELLIPSE, .rx = 10, .ry = 10};
    vanon_mask mask = {0};

    (void)state;
    draw(&mask, &region, 100, 50); /* reaches 10 + 3 + 0.71 pixels */
    assert_int_equal(mask.x, 0);
    assert_int_equal(mask.y, 0);
    assert_int_equal(mask.width, 14);
    assert_int_equal(mask.height, 14);
    assert_int_equal(mask.whole.x, -14);
    assert_int_equal(mask.whole.y, -14);
    assert_int_equal(mask.whole.width, 28);
    assert_int_equal(mask.whole.height, 28);

    region.cx = 99;
    region.cy = 25;
    draw(&mask, &region, 100, 50);
    assert_int_equal(mask.x, 85);
    assert_int_equal(mask.width, 15);
    assert_int_equal(mask.y, 11);
    assert_int_equal(mask.height, 28);
    assert_int_equal(at(&mask, 99, 25), 255);

    region.cx = -14;
    draw(&mask, &region, 100, 50);
    assert_int_equal(mask.width, 0);
    assert_int_equal(mask.height, 0);
    vanon_mask_free(&mask);
    assert_null(mask.coverage);
    assert_int_equal(mask.capacity, 0);
}

static void pictures_of_one_pixel(void **state)
{
    vanon_region region = {.shape = VANON_SHAPE_BOX, .cx = 0.5f, .cy = 0.5f};
    vanon_mask mask = {0};

    (void)state;
    draw(&mask, &region, 1, 1);
    assert_int_equal(mask.width, 1);
    assert_int_equal(mask.height, 1);
    assert_int_equal(mask.coverage[0], 255);
    region.cx = 5;
    draw(&mask, &region, 1, 1);
    assert_int_equal(mask.width, 0);
    vanon_mask_free(&mask);
}

static void assert_covers(const vanon_mask *mask, int width, int height, int coverage)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (at(mask, x, y) != coverage)
                fail_msg("%d,%d has %d, not %d", x, y, at(mask, x, y), coverage);
}

static void large_numbers(void **state)
{
    static const vanon_point far_apart[] = {{-1e30f, -1e30f}, {1e30f, -1e30f}, {0, 3e38f}};
    static const vanon_region over[] = {
        {.shape = VANON_SHAPE_ELLIPSE, .cx = 5, .cy = 5, .rx = 3e38f, .ry = 3e38f},
        {.shape = VANON_SHAPE_ELLIPSE, .cx = 5, .cy = 5, .rx = 1e9f, .ry = 20, .angle = 1e9f},
        {.shape = VANON_SHAPE_BOX, .cx = -1e20f, .cy = 5, .rx = 3e38f, .ry = 9, .angle = 0},
        {.shape = VANON_SHAPE_CAPSULE, .cx = -3e38f, .cy = 5, .ex = 3e38f, .ey = 5, .rx = 9},
        {.shape = VANON_SHAPE_POLYGON, .points = 3},
    };
    static const vanon_region far[] = {
        {.shape = VANON_SHAPE_ELLIPSE, .cx = 3e38f, .cy = -3e38f, .rx = 1e10f, .ry = 1e10f},
        {.shape = VANON_SHAPE_BOX, .cx = 1e12f, .cy = 5, .rx = 9, .ry = 9},
        {.shape = VANON_SHAPE_CAPSULE, .cx = -3e38f, .cy = 50, .ex = 3e38f, .ey = 50, .rx = 9},
    };
    vanon_mask mask = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(over); i++) {
        assert_int_equal(vanon_mask_draw(&mask, &over[i], far_apart, &identity, 13, 11), VANON_OK);
        assert_covers(&mask, 13, 11, 255);
    }
    for (size_t i = 0; i < VANON_COUNT(far); i++) {
        draw(&mask, &far[i], 13, 11);
        assert_covers(&mask, 13, 11, 0);
    }
    vanon_mask_free(&mask);
}

static void what_is_no_shape_hides_all(void **state)
{
    static const vanon_point broken[] = {{1, 1}, {3, 1}, {2, NAN}};
    const vanon_region regions[] = {
        {.shape = VANON_SHAPE_ELLIPSE, .cx = NAN, .rx = 1, .ry = 1},
        {.shape = VANON_SHAPE_ELLIPSE, .cy = INFINITY, .rx = 1, .ry = 1},
        {.shape = VANON_SHAPE_ELLIPSE, .rx = -1, .ry = 1},
        {.shape = VANON_SHAPE_ELLIPSE, .rx = 1, .ry = INFINITY},
        {.shape = VANON_SHAPE_BOX, .rx = 1, .ry = -0.5f},
        {.shape = VANON_SHAPE_BOX, .rx = 1, .ry = 1, .angle = NAN},
        {.shape = VANON_SHAPE_CAPSULE, .ex = NAN, .rx = 1},
        {.shape = VANON_SHAPE_CAPSULE, .ey = -INFINITY, .rx = 1},
        {.shape = VANON_SHAPE_CAPSULE, .rx = -2},
        {.shape = VANON_SHAPE_POLYGON, .points = 3},
        {.shape = VANON_SHAPE_POLYGON, .points = 2},
        {.shape = VANON_SHAPES, .rx = 1, .ry = 1},
    };
    const vanon_region sound = {.shape = VANON_SHAPE_BOX, .rx = 1, .ry = 1};
    const vanon_matrix no_maps[] = {{.xx = 0, .yy = 1}, {.xx = NAN, .yy = 1}, {1, 0, NAN, 0, 1, 0}};
    vanon_mask mask = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(regions); i++) {
        assert_int_equal(vanon_mask_draw(&mask, &regions[i], broken, &identity, 30, 20), VANON_OK);
        assert_covers(&mask, 30, 20, 255);
        assert_int_equal(mask.whole.width, 30);
        assert_int_equal(mask.whole.height, 20);
    }
    draw(&mask, &sound, 30, 20);
    assert_int_equal(at(&mask, 29, 19), 0);
    for (size_t i = 0; i < VANON_COUNT(no_maps); i++) {
        assert_int_equal(vanon_mask_draw(&mask, &sound, NULL, &no_maps[i], 30, 20), VANON_OK);
        assert_covers(&mask, 30, 20, 255);
    }
    vanon_mask_free(&mask);
}

static void a_polygon_starts_at_its_first_point(void **state)
{
    static const vanon_point points[] = {{90, 90}, {2, 2}, {8, 2}, {8, 8}, {2, 8}};
    const vanon_region region = {.shape = VANON_SHAPE_POLYGON, .first_point = 1, .points = 4};
    vanon_mask mask = {0};

    (void)state;
    assert_int_equal(vanon_mask_draw(&mask, &region, points, &identity, 40, 40), VANON_OK);
    assert_int_equal(at(&mask, 2, 2), 255);
    assert_int_equal(at(&mask, 5, 5), 255);
    assert_int_equal(at(&mask, 12, 5), 0);
    vanon_mask_free(&mask);
}

static void memory_is_reused(void **state)
{
    vanon_region region = {.shape = VANON_SHAPE_BOX, .cx = 50, .cy = 50, .rx = 30, .ry = 30};
    vanon_mask mask = {0};
    const uint8_t *memory;

    (void)state;
    draw(&mask, &region, 100, 100);
    memory = mask.coverage;
    for (int i = 0; i < 29; i++) {
        region.rx -= 1;
        draw(&mask, &region, 100, 100);
        assert_ptr_equal(mask.coverage, memory);
        assert_int_equal(at(&mask, 50, 50), 255);
        assert_int_equal(at(&mask, 88, 50), 0);
    }
    vanon_mask_free(&mask);
    assert_int_equal(vanon_mask_fill(&mask, 3, 7), VANON_OK);
    assert_covers(&mask, 3, 7, 255);
    assert_int_equal(at(&mask, 3, 0), 0);
    vanon_mask_free(&mask);
    vanon_mask_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_under_every_map),
        cmocka_unit_test(the_feather_only_falls),
        cmocka_unit_test(a_point_hides_its_pixel),
        cmocka_unit_test(boxes_know_the_picture),
        cmocka_unit_test(pictures_of_one_pixel),
        cmocka_unit_test(large_numbers),
        cmocka_unit_test(what_is_no_shape_hides_all),
        cmocka_unit_test(a_polygon_starts_at_its_first_point),
        cmocka_unit_test(memory_is_reused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
