/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/trace.h"

#include <math.h>
#include <stdlib.h>

#define FINE       0.6 /* sigmas of the two blurs, in pixels */
#define COARSE     1.5
#define REACH      5 /* pixels: three coarse sigmas */
#define TAPS       (2 * REACH + 1)
#define MOST_SIDE  (2 * (VANON_TRACE_MOST + REACH) + 1)
#define LEAST      2.0 /* squared levels: less is noise */
#define SHOWN      0.5
#define SAME       0.6  /* of the detail */
#define DIFFERENCE 10.0 /* levels, */
#define OF_NOISE   8.0  /* or times the median difference */
#define SPARSE     4    /* pixels from one that counts for the median to the next */
#define INSIDE     0.5  /* of the disc */

/* A square of a picture around a place, with the room that the blurs need. */
struct patch {
    int x0, y0, side; /* of the picture; it may lie outside */
    float value[MOST_SIDE][MOST_SIDE];
};

static int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

/* Weights of a blur, which add up to 1. */
static void make_taps(double sigma, float taps[TAPS])
{
    double sum = 0;

    for (int i = 0; i < TAPS; i++)
        sum += exp(-(i - REACH) * (i - REACH) / (2 * sigma * sigma));
    for (int i = 0; i < TAPS; i++)
        taps[i] = (float)(exp(-(i - REACH) * (i - REACH) / (2 * sigma * sigma)) / sum);
}

/* The picture's pixels; beyond its border the nearest ones. */
static void load(struct patch *patch, const struct vanon_gray_picture *picture)
{
    for (int y = 0; y < patch->side; y++) {
        const uint8_t *line =
            picture->pixels + clamp(patch->y0 + y, picture->height - 1) * picture->stride;

        for (int x = 0; x < patch->side; x++)
            patch->value[y][x] = line[clamp(patch->x0 + x, picture->width - 1)];
    }
}

/* Adds `sign` times the blurred patch to `sum`, but for its margin. */
static void add_blurred(const struct patch *patch, const float taps[TAPS], float sign,
                        struct patch *sum)
{
    float rows[MOST_SIDE][MOST_SIDE];

    for (int y = 0; y < patch->side; y++)
        for (int x = REACH; x < patch->side - REACH; x++) {
            float value = 0;

            for (int i = 0; i < TAPS; i++)
                value += taps[i] * patch->value[y][x + i - REACH];
            rows[y][x] = value;
        }
    for (int y = REACH; y < patch->side - REACH; y++)
        for (int x = REACH; x < patch->side - REACH; x++) {
            float value = 0;

            for (int i = 0; i < TAPS; i++)
                value += taps[i] * rows[y + i - REACH][x];
            sum->value[y][x] += sign * value;
        }
}

/* The detail around the place. */
static void take_detail(struct patch *detail, const struct vanon_gray_picture *picture)
{
    struct patch patch = {.x0 = detail->x0, .y0 = detail->y0, .side = detail->side};
    float taps[TAPS];

    for (int y = 0; y < detail->side; y++)
        for (int x = 0; x < detail->side; x++)
            detail->value[y][x] = 0;
    load(&patch, picture);
    make_taps(FINE, taps);
    add_blurred(&patch, taps, 1, detail);
    make_taps(COARSE, taps);
    add_blurred(&patch, taps, -1, detail);
}

/* The sums over the disc. */
struct sums {
    double aa, ab, bb;
    double same;     /* the part of aa at pixels that are as they were */
    int inside, all; /* pixels */
};

static struct sums sum_up(const struct patch *a, const struct patch *b,
                          const struct vanon_gray_picture *picture,
                          const struct vanon_gray_picture *other, double allowed, double x,
                          double y, double radius)
{
    struct sums sums = {0};

    for (int row = REACH; row < a->side - REACH; row++)
        for (int column = REACH; column < a->side - REACH; column++) {
            int px = a->x0 + column, py = a->y0 + row;
            double one = a->value[row][column], two = b->value[row][column];

            if (hypot(px + 0.5 - x, py + 0.5 - y) > radius)
                continue;
            sums.all++;
            if (px < 0 || py < 0 || px >= picture->width || py >= picture->height)
                continue;
            sums.inside++;
            sums.aa += one * one;
            sums.ab += one * two;
            sums.bb += two * two;
            if (abs(picture->pixels[py * picture->stride + px] -
                    other->pixels[py * other->stride + px]) <= allowed)
                sums.same += one * one;
        }
    return sums;
}

double vanon_trace_noise(const struct vanon_gray_picture *original,
                         const struct vanon_gray_picture *other)
{
    size_t count[256] = {0}, all = 0, below = 0;
    int level = 0;

    for (int y = 0; y < original->height; y += SPARSE)
        for (int x = 0; x < original->width; x += SPARSE, all++)
            count[abs(original->pixels[y * original->stride + x] -
                      other->pixels[y * other->stride + x])]++;
    while (level < 255 && 2 * (below + count[level]) < all)
        below += count[level++];
    return level;
}

bool vanon_trace_at(const struct vanon_gray_picture *original,
                    const struct vanon_gray_picture *other, double noise, double x, double y,
                    double radius, struct vanon_trace *trace)
{
    static const struct vanon_trace nothing = {0};
    struct patch a, b;
    struct sums sums;
    int reach;

    *trace = nothing;
    if (!isfinite(x) || !isfinite(y) || fabs(x) > 1e5 || fabs(y) > 1e5)
        return false;
    radius = fmin(radius, VANON_TRACE_MOST - 1);
    reach = (int)ceil(radius) + REACH;
    a.side = b.side = 2 * reach + 1;
    a.x0 = b.x0 = (int)floor(x) - reach;
    a.y0 = b.y0 = (int)floor(y) - reach;
    take_detail(&a, original);
    take_detail(&b, other);
    sums = sum_up(&a, &b, original, other, fmax(DIFFERENCE, OF_NOISE * noise), x, y, radius);
    if (!sums.inside || sums.inside < INSIDE * sums.all || sums.aa < LEAST * sums.inside)
        return false;
    trace->detail = sums.aa / sums.inside;
    trace->gain = sums.ab / sums.aa;
    trace->same = sums.same / sums.aa;
    trace->explained = (2 * fabs(sums.ab) - sums.bb) / sums.aa;
    return true;
}

bool vanon_trace_shows(const struct vanon_trace *trace)
{
    return fabs(trace->gain) > SHOWN && trace->explained > SHOWN &&
           (trace->gain < 0 || trace->same > SAME);
}
