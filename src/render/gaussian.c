/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include <vanon/status.h>

#include "render/blur.h"

/* OpenCV's sigma for a kernel of 2 * radius + 1 taps. */
static double sigma_of(int radius)
{
    return 0.3 * (radius - 1) + 0.8;
}

static double tap_at(int i, int radius)
{
    double sigma = sigma_of(radius);

    return exp(-(double)(i - radius) * (i - radius) / (2 * sigma * sigma));
}

static double total_of(int radius)
{
    double total = 0;

    for (int i = 0; i <= 2 * radius; i++)
        total += tap_at(i, radius);
    return total;
}

static void gaussian_sums(uint32_t *sums, int radius)
{
    double total = total_of(radius), sum = 0;

    sums[0] = 0;
    for (int i = 0; i < 2 * radius; i++) {
        sum += tap_at(i, radius);
        sums[i + 1] = (uint32_t)(sum / total * VANON_BLUR_WHOLE + 0.5);
    }
    sums[2 * radius + 1] = VANON_BLUR_WHOLE;
}

/* OpenCV's kernel in fixed point: each tap takes over what rounding the one before has left, and
 * the middle one what is missing. */
static void exact_taps(uint32_t *taps, int radius, int bits)
{
    double total = total_of(radius), left = 0;
    uint32_t sum = 0;

    for (int i = 0; i < radius; i++) {
        double exact = tap_at(i, radius) / total * (1 << bits) + left;

        taps[i] = taps[2 * radius - i] = (uint32_t)rint(exact);
        left = exact - taps[i];
        sum += 2 * taps[i];
    }
    taps[radius] = (1u << bits) - sum;
}

/* What exact_gaussian works on. */
struct exact {
    uint64_t *sum;           /* a line of the result */
    uint32_t *across, *down; /* taps */
    uint32_t *line;          /* all lines that are needed, blurred along x */
    uint16_t *value;         /* a line of the source, then of the result */
};

static int prepare(struct exact *exact, const struct vanon_style_work *work,
                   const struct vanon_blur *blur)
{
    size_t width = (size_t)work->at.width, lines = (size_t)(work->at.height + 2 * blur->radius_y);
    size_t across = 2 * (size_t)blur->radius_x + 1, down = 2 * (size_t)blur->radius_y + 1;

    exact->sum = vanon_style_reserve(
        work, width * sizeof *exact->sum + (across + down + lines * width) * sizeof *exact->line +
                  (width + across) * sizeof *exact->value);
    if (!exact->sum)
        return VANON_ERR_MEMORY;
    exact->across = (uint32_t *)(exact->sum + width);
    exact->down = exact->across + across;
    exact->line = exact->down + down;
    exact->value = (uint16_t *)(exact->line + lines * width);
    return VANON_OK;
}

static void blur_along(uint32_t *to, const uint16_t *from, int count, const uint32_t *taps,
                       int radius, const struct vanon_render_rows *rows)
{
    memset(to, 0, (size_t)count * sizeof *to);
    for (int tap = 0; tap <= 2 * radius; tap++)
        rows->add_tap(to, from + tap, taps[tap], (size_t)count);
}

static void blur_down(const struct exact *exact, const uint32_t *from, int count, int radius,
                      int bits, const struct vanon_render_rows *rows)
{
    for (int i = 0; i < count; i++)
        exact->sum[i] = (uint64_t)1 << bits >> 1;
    for (int tap = 0; tap <= 2 * radius; tap++, from += count)
        rows->add_wide_tap(exact->sum, from, exact->down[tap], (size_t)count);
    for (int i = 0; i < count; i++)
        exact->value[i] = (uint16_t)(exact->sum[i] >> bits);
}

/* As cv2.GaussianBlur, bit by bit: 8 bits of fraction for bytes, 16 for words. */
static int exact_gaussian(const struct vanon_style_work *work)
{
    struct vanon_blur blur = vanon_blur_exact(work);
    int bits = work->plane.bytes == 1 ? 8 : 16;
    struct vanon_rect at = work->at;
    struct exact exact;

    if (prepare(&exact, work, &blur))
        return VANON_ERR_MEMORY;
    exact_taps(exact.across, blur.radius_x, bits);
    exact_taps(exact.down, blur.radius_y, bits);
    for (int y = 0; y < at.height + 2 * blur.radius_y; y++) {
        vanon_blur_line(&work->plane, at.x - blur.radius_x, at.y - blur.radius_y + y,
                        at.width + 2 * blur.radius_x, exact.value);
        blur_along(exact.line + (ptrdiff_t)y * at.width, exact.value, at.width, exact.across,
                   blur.radius_x, work->plane.rows);
    }
    for (int y = 0; y < at.height; y++) {
        blur_down(&exact, exact.line + (ptrdiff_t)y * at.width, at.width, blur.radius_y, 2 * bits,
                  work->plane.rows);
        vanon_plane_blend_line(&work->plane, work->coverage, at.x, at.y + y, at.width, exact.value);
    }
    return VANON_OK;
}

int vanon_style_gaussian(const struct vanon_style_work *work)
{
    return work->options->exact_styles
               ? exact_gaussian(work)
               : vanon_blur_cells(work, vanon_blur_size(work), gaussian_sums);
}
