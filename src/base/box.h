/* SPDX-License-Identifier: Apache-2.0 */
/* Measures of boxes that several stages need. Pure functions. */
#ifndef VANON_BASE_BOX_H
#define VANON_BASE_BOX_H

#include <math.h>

#include <vanon/object.h>

/* Not above 0 where the box is empty. */
static inline double vanon_box_longer_side(const vanon_box *box)
{
    return fmax(box->x1 - box->x0, box->y1 - box->y0);
}

/* The part of the box's area that lies in the other one, 0 to 1; 0 where it has none. */
static inline double vanon_box_share_inside(const vanon_box *box, const vanon_box *other)
{
    double width = fmin(box->x1, other->x1) - fmax(box->x0, other->x0);
    double height = fmin(box->y1, other->y1) - fmax(box->y0, other->y0);
    double area = (box->x1 - box->x0) * (box->y1 - box->y0);

    return width > 0 && height > 0 && area > 0 ? width * height / area : 0;
}

#endif
