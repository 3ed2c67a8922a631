/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "pixels/trace.h"

#define SIDE 96

struct image {
    uint8_t pixels[SIDE][SIDE];
};

static struct vanon_gray_picture view(const struct image *image)
{
    return (struct vanon_gray_picture){&image->pixels[0][0], SIDE, SIDE, SIDE};
}

/* A texture without a period, the same each time. */
static struct image texture(int amplitude)
{
    struct image image;
    uint32_t seed = 12345;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            seed = seed * 1664525 + 1013904223;
            image.pixels[y][x] = (uint8_t)(128 + (int)(seed >> 16) % amplitude - amplitude / 2);
        }
    return image;
}

static struct vanon_trace judge(const struct image *original, const struct image *other, double x,
                                double y, double radius)
{
    struct vanon_gray_picture a = view(original), b = view(other);
    struct vanon_trace trace;

    assert_true(vanon_trace_at(&a, &b, vanon_trace_noise(&a, &b), x, y, radius, &trace));
    return trace;
}

static void test_untouched(void **state)
{
    struct image original = texture(80), coded = original;
    struct vanon_trace trace = judge(&original, &original, 48, 48, 10);

    (void)state;
    assert_true(fabs(trace.gain - 1) < 1e-6 && fabs(trace.explained - 1) < 1e-6);
    assert_true(trace.same == 1 && trace.detail > 20);
    assert_true(vanon_trace_shows(&trace));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            coded.pixels[y][x] = (uint8_t)(original.pixels[y][x] / 6 * 6 + 3); /* coarse coding */
    trace = judge(&original, &coded, 48, 48, 10);
    assert_true(vanon_trace_shows(&trace));
}

static void test_hidden(void **state)
{
    struct image original = texture(80), solid = original, mosaic = original, negative = original;
    struct vanon_trace trace;

    (void)state;
    for (int y = 30; y < 66; y++)
        for (int x = 30; x < 66; x++) {
            solid.pixels[y][x] = 16;
            mosaic.pixels[y][x] = original.pixels[y / 12 * 12][x / 12 * 12];
            negative.pixels[y][x] = (uint8_t)(255 - original.pixels[y][x]);
        }
    trace = judge(&original, &solid, 48, 48, 10);
    assert_true(fabs(trace.gain) < 0.01 && !vanon_trace_shows(&trace));
    trace = judge(&original, &mosaic, 48, 48, 10);
    assert_false(vanon_trace_shows(&trace));
    trace = judge(&original, &negative, 48, 48, 10);
    assert_true(trace.gain < -0.9 && vanon_trace_shows(&trace));
    trace = judge(&original, &solid, 19, 48, 10); /* beside what is hidden */
    assert_true(vanon_trace_shows(&trace));
    trace = judge(&original, &solid, 30, 48, 10);
    assert_false(vanon_trace_shows(&trace));
}

/* A mosaic whose cells meet along a contour has its detail, and none of its samples. */
static void test_contour(void **state)
{
    struct image original, mosaic;
    struct vanon_trace trace;

    (void)state;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            original.pixels[y][x] = (uint8_t)(x < 48 ? 40 + x % 3 * 2 : 150 + y % 3 * 2);
            if (x >= 46 && x < 50) /* softer than any cell's border */
                original.pixels[y][x] = (uint8_t[]){56, 58, 139, 140}[x - 46];
            mosaic.pixels[y][x] = x < 48 ? 45 : 152;
            if (x < 30 || x >= 66 || y < 30 || y >= 66)
                mosaic.pixels[y][x] = original.pixels[y][x];
        }
    trace = judge(&original, &mosaic, 48, 48, 10);
    assert_true(trace.gain > 0.5 && trace.explained > 0.5); /* by these two it would show */
    assert_true(trace.same < 0.6);
    assert_false(vanon_trace_shows(&trace));
}

static void test_untold(void **state)
{
    struct image flat, textured = texture(80);
    struct vanon_gray_picture a = view(&flat), b = view(&textured);
    struct vanon_trace trace;

    (void)state;
    memset(&flat, 100, sizeof flat);
    assert_false(vanon_trace_at(&a, &b, 0, 48, 48, 10, &trace));
    assert_true(vanon_trace_at(&b, &b, 0, 5, 48, 10, &trace));
    assert_false(vanon_trace_at(&b, &b, 0, -3, 48, 10, &trace));
    assert_false(vanon_trace_at(&b, &b, 0, NAN, 48, 10, &trace));
    assert_false(vanon_trace_at(&b, &b, 0, 48, INFINITY, 10, &trace));
    assert_true(vanon_trace_at(&b, &b, 0, 48, 48, 1e9, &trace));
}

static void test_noise(void **state)
{
    struct image one, other;
    struct vanon_gray_picture a = view(&one), b = view(&other);

    (void)state;
    memset(&one, 100, sizeof one);
    memset(&other, 103, sizeof other);
    assert_true(vanon_trace_noise(&a, &a) == 0);
    assert_true(vanon_trace_noise(&a, &b) == 3);
    memset(&other, 200, sizeof other / 3);
    assert_true(vanon_trace_noise(&a, &b) == 3);
    memset(&other, 200, sizeof other * 2 / 3);
    assert_true(vanon_trace_noise(&a, &b) == 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_untouched), cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_contour),   cmocka_unit_test(test_untold),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
