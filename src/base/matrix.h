/* SPDX-License-Identifier: Apache-2.0 */
/* An affine map of the plane: x' = xx x + xy y + x0, y' = yx x + yy y + y0. */
#ifndef VANON_BASE_MATRIX_H
#define VANON_BASE_MATRIX_H

#include <stdbool.h>

#include <vanon/object.h>

typedef struct vanon_matrix {
    double xx, xy, x0;
    double yx, yy, y0;
} vanon_matrix;

#define VANON_MATRIX_IDENTITY ((vanon_matrix){.xx = 1, .yy = 1})

/* Exactly. */
static inline bool vanon_matrix_is_identity(const vanon_matrix *m)
{
    return m->xx == 1 && m->xy == 0 && m->x0 == 0 && m->yx == 0 && m->yy == 1 && m->y0 == 0;
}

static inline void vanon_matrix_apply(const vanon_matrix *m, double x, double y, double *mx,
                                      double *my)
{
    *mx = m->xx * x + m->xy * y + m->x0;
    *my = m->yx * x + m->yy * y + m->y0;
}

/* The map that undoes `m`, whose determinant must not be 0. */
static inline vanon_matrix vanon_matrix_invert(const vanon_matrix *m)
{
    double d = m->xx * m->yy - m->xy * m->yx;
    vanon_matrix r = {.xx = m->yy / d, .xy = -m->xy / d, .yx = -m->yx / d, .yy = m->xx / d};

    r.x0 = -(r.xx * m->x0 + r.xy * m->y0);
    r.y0 = -(r.yx * m->x0 + r.yy * m->y0);
    return r;
}

/* The map that does `first`, then `second`. */
static inline vanon_matrix vanon_matrix_then(const vanon_matrix *first, const vanon_matrix *second)
{
    vanon_matrix r = {
        .xx = second->xx * first->xx + second->xy * first->yx,
        .xy = second->xx * first->xy + second->xy * first->yy,
        .yx = second->yx * first->xx + second->yy * first->yx,
        .yy = second->yx * first->xy + second->yy * first->yy,
    };

    vanon_matrix_apply(second, first->x0, first->y0, &r.x0, &r.y0);
    return r;
}

#endif
