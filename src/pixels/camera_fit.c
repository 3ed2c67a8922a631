/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera_fit.h"

#include <math.h>

#define MOST    128 /* pairs */
#define TRIES   6
#define ENOUGH  3
#define AT_ONCE 0.2 /* the most that a turn or scale differs from the guess's: more is none */

/* How far a pair is off. */
static void off(const struct vanon_pair *pair, const vanon_matrix *fit, double *x, double *y)
{
    vanon_matrix_apply(fit, pair->from_x, pair->from_y, x, y);
    *x = pair->to_x - *x;
    *y = pair->to_y - *y;
}

static double median(double *values, int count)
{
    for (int i = 1; i < count; i++) {
        double value = values[i];
        int at = i;

        for (; at && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
    return count ? values[count / 2] : 0;
}

static vanon_matrix first_try(const struct vanon_pair *pairs, int count, const vanon_matrix *guess)
{
    double x[MOST] = {0}, y[MOST] = {0};
    vanon_matrix first = *guess;

    for (int i = 0; i < count; i++)
        off(&pairs[i], guess, &x[i], &y[i]);
    first.x0 += median(x, count);
    first.y0 += median(y, count);
    return first;
}

static int agree(struct vanon_pair *pairs, int count, const vanon_matrix *fit, double near)
{
    int agreeing = 0;

    for (int i = 0; i < count; i++) {
        double x, y;

        off(&pairs[i], fit, &x, &y);
        pairs[i].agrees = x * x + y * y <= near * near;
        agreeing += pairs[i].agrees;
    }
    return agreeing;
}

/* Sums over the pairs that agree, of coordinates from their middle. */
struct sums {
    double from_x, from_y, to_x, to_y; /* the middle */
    double square, along, across;      /* of `from` with itself, with `to`, and with it turned */
};

static struct sums sum_up(const struct vanon_pair *pairs, int count, int agreeing)
{
    struct sums sums = {0};

    for (int i = 0; i < count; i++)
        if (pairs[i].agrees) {
            sums.from_x += pairs[i].from_x / agreeing;
            sums.from_y += pairs[i].from_y / agreeing;
            sums.to_x += pairs[i].to_x / agreeing;
            sums.to_y += pairs[i].to_y / agreeing;
        }
    for (int i = 0; i < count; i++)
        if (pairs[i].agrees) {
            double x = pairs[i].from_x - sums.from_x, y = pairs[i].from_y - sums.from_y;
            double u = pairs[i].to_x - sums.to_x, v = pairs[i].to_y - sums.to_y;

            sums.square += x * x + y * y;
            sums.along += x * u + y * v;
            sums.across += x * v - y * u;
        }
    return sums;
}

/* Through the middles of those that agree. */
static vanon_matrix through(const struct sums *sums, double a, double b)
{
    return (vanon_matrix){.xx = a,
                          .xy = -b,
                          .x0 = sums->to_x - a * sums->from_x + b * sums->from_y,
                          .yx = b,
                          .yy = a,
                          .y0 = sums->to_y - b * sums->from_x - a * sums->from_y};
}

static double squared(double a, double b)
{
    return a * a + b * b;
}

/* Through the pairs that agree. `reach`, `least`: see vanon_fit_similarity. */
static vanon_matrix through_all(const struct vanon_pair *pairs, int count, int agreeing,
                                const vanon_matrix *guess, double reach, double least)
{
    struct sums sums = sum_up(pairs, count, agreeing);
    double a = sums.square > 0 ? sums.along / sums.square : 1;
    double b = sums.square > 0 ? sums.across / sums.square : 0;

    if (squared(a - guess->xx, b - guess->yx) > AT_ONCE * AT_ONCE)
        return through(&sums, guess->xx, guess->yx);
    if (squared(a - 1, b) * reach * reach < least * least)
        return through(&sums, 1, 0);
    return through(&sums, a, b);
}

/* The best of the motions that two pairs each tell, far from each other in the list. */
static int try_two(struct vanon_pair *pairs, int count, const vanon_matrix *guess, double near,
                   vanon_matrix *best)
{
    int most = 0;

    for (int i = 0; i < count / 2; i++) {
        struct vanon_pair two[2] = {pairs[i], pairs[i + count / 2]};
        vanon_matrix fit;
        int agreeing;

        two[0].agrees = two[1].agrees = true;
        fit = through_all(two, 2, 2, guess, 0, -1);
        agreeing = agree(pairs, count, &fit, near);
        if (agreeing > most) {
            most = agreeing;
            *best = fit;
        }
    }
    return most;
}

int vanon_fit_similarity(struct vanon_pair *pairs, int count, const vanon_matrix *guess,
                         double near, double reach, double least, vanon_matrix *fit)
{
    vanon_matrix found = first_try(pairs, count, guess), other;
    int agreeing = agree(pairs, count, &found, 2 * near);

    if (2 * agreeing < count && try_two(pairs, count, guess, near, &other) > agreeing)
        found = other;
    agreeing = agree(pairs, count, &found, 2 * near);
    for (int i = 0; i < TRIES && agreeing >= ENOUGH; i++) {
        found = through_all(pairs, count, agreeing, guess, reach, least);
        agreeing = agree(pairs, count, &found, near);
    }
    *fit = agreeing >= ENOUGH ? found : *guess;
    return agreeing;
}
