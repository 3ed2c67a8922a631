/* SPDX-License-Identifier: Apache-2.0 */
#include "track/motion.h"

#include <math.h>

/* Standard deviations, in shares of the box's size. A detector's box of a person who stands still
 * trembles by 2 to 3 %; walking is some 0.8 heights a second, and takes half a second to begin. */
#define MEASURED     0.03
#define FIRST_SPEED  1.0 /* a second */
#define ACCELERATION 3.0 /* a second, a second */

double vanon_box_size(const vanon_box *box)
{
    double width = (double)box->x1 - box->x0, height = (double)box->y1 - box->y0;

    return fmax(1, fmax(width, height));
}

vanon_point vanon_box_centre(const vanon_box *box)
{
    return (vanon_point){(box->x0 + box->x1) / 2, (box->y0 + box->y1) / 2};
}

static struct vanon_motion_axis start(double value, double size)
{
    return (struct vanon_motion_axis){
        .value = value,
        .value_variance = MEASURED * size * MEASURED * size,
        .speed_variance = FIRST_SPEED * size * FIRST_SPEED * size,
    };
}

void vanon_motion_start(struct vanon_motion *motion, const vanon_box *box)
{
    double size = vanon_box_size(box);
    vanon_point centre = vanon_box_centre(box);

    motion->x = start(centre.x, size);
    motion->y = start(centre.y, size);
    motion->width = start((double)box->x1 - box->x0, size);
    motion->height = start((double)box->y1 - box->y0, size);
}

/* A random acceleration that is constant over the step. */
static void predict(struct vanon_motion_axis *axis, double t, double acceleration)
{
    double noise = acceleration * acceleration;

    axis->value += t * axis->speed;
    axis->value_variance +=
        t * (2 * axis->covariance + t * axis->speed_variance) + noise * t * t * t * t / 4;
    axis->covariance += t * axis->speed_variance + noise * t * t * t / 2;
    axis->speed_variance += noise * t * t;
}

void vanon_motion_predict(struct vanon_motion *motion, double seconds)
{
    vanon_box box = vanon_motion_box(motion);
    double acceleration = ACCELERATION * vanon_box_size(&box);

    predict(&motion->x, seconds, acceleration);
    predict(&motion->y, seconds, acceleration);
    predict(&motion->width, seconds, acceleration);
    predict(&motion->height, seconds, acceleration);
}

static void update(struct vanon_motion_axis *axis, double measured, double deviation)
{
    double total = axis->value_variance + deviation * deviation;
    double gain = axis->value_variance / total, speed_gain = axis->covariance / total;
    double error = measured - axis->value;

    axis->value += gain * error;
    axis->speed += speed_gain * error;
    axis->speed_variance -= speed_gain * axis->covariance;
    axis->covariance *= 1 - gain;
    axis->value_variance *= 1 - gain;
}

void vanon_motion_update(struct vanon_motion *motion, const vanon_box *box)
{
    double deviation = MEASURED * vanon_box_size(box);
    vanon_point centre = vanon_box_centre(box);

    update(&motion->x, centre.x, deviation);
    update(&motion->y, centre.y, deviation);
    update(&motion->width, (double)box->x1 - box->x0, deviation);
    update(&motion->height, (double)box->y1 - box->y0, deviation);
}

static void scale(struct vanon_motion_axis *axis, double by)
{
    axis->value_variance *= by * by;
    axis->covariance *= by * by;
    axis->speed_variance *= by * by;
}

void vanon_motion_move(struct vanon_motion *motion, const vanon_matrix *by)
{
    struct vanon_motion_axis *x = &motion->x, *y = &motion->y;
    double scaled = sqrt(by->xx * by->xx + by->yx * by->yx), x_speed = x->speed;

    vanon_matrix_apply(by, x->value, y->value, &x->value, &y->value);
    x->speed = by->xx * x_speed + by->xy * y->speed;
    y->speed = by->yx * x_speed + by->yy * y->speed;
    motion->width.value *= scaled;
    motion->width.speed *= scaled;
    motion->height.value *= scaled;
    motion->height.speed *= scaled;
    scale(x, scaled); /* both know as much: turned, they know it still */
    scale(y, scaled);
    scale(&motion->width, scaled);
    scale(&motion->height, scaled);
}

vanon_box vanon_motion_box(const struct vanon_motion *motion)
{
    double width = fmax(0, motion->width.value) / 2, height = fmax(0, motion->height.value) / 2;

    return (vanon_box){(float)(motion->x.value - width), (float)(motion->y.value - height),
                       (float)(motion->x.value + width), (float)(motion->y.value + height)};
}

double vanon_motion_spread(const struct vanon_motion *motion)
{
    return sqrt(fmax(motion->x.value_variance, motion->y.value_variance));
}
