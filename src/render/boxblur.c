/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <vanon/status.h>

#include "render/blur.h"

/* What exact_box works on: the columns under the kernel around the line being made. */
struct columns {
    uint32_t *sum;   /* of each column of the source's samples */
    uint16_t *value; /* a line of the source, then of the result */
    int count;
};

static int prepare(struct columns *columns, const struct vanon_style_work *work,
                   const struct vanon_blur *blur)
{
    size_t count = (size_t)(work->at.width + 2 * blur->radius_x);

    columns->sum =
        vanon_style_reserve(work, count * (sizeof *columns->sum + sizeof *columns->value));
    if (!columns->sum)
        return VANON_ERR_MEMORY;
    columns->value = (uint16_t *)(columns->sum + count);
    columns->count = (int)count;
    memset(columns->sum, 0, count * sizeof *columns->sum);
    return VANON_OK;
}

static void add_line(struct columns *columns, const struct vanon_plane *plane, int x, int y)
{
    vanon_blur_line(plane, x, y, columns->count, columns->value);
    plane->rows->add(columns->sum, columns->value, (size_t)columns->count);
}

static void subtract_line(struct columns *columns, const struct vanon_plane *plane, int x, int y)
{
    vanon_blur_line(plane, x, y, columns->count, columns->value);
    plane->rows->subtract(columns->sum, columns->value, (size_t)columns->count);
}

/* Means of the columns, rounded to nearest; there are no halves, as the kernel's sides are odd. */
static void blur_along(const struct columns *columns, int count, const struct vanon_blur *blur)
{
    uint64_t area = (uint64_t)(2 * blur->radius_x + 1) * (uint64_t)(2 * blur->radius_y + 1);
    uint64_t sum = area / 2;

    for (int i = 0; i < 2 * blur->radius_x; i++)
        sum += columns->sum[i];
    for (int i = 0; i < count; i++) {
        sum += columns->sum[i + 2 * blur->radius_x];
        columns->value[i] = (uint16_t)(sum / area);
        sum -= columns->sum[i];
    }
}

/* As cv2.blur. */
static int exact_box(const struct vanon_style_work *work)
{
    struct vanon_blur blur = vanon_blur_exact(work);
    struct vanon_rect at = work->at;
    int x = at.x - blur.radius_x;
    struct columns columns;

    if (prepare(&columns, work, &blur))
        return VANON_ERR_MEMORY;
    for (int y = -blur.radius_y; y < blur.radius_y; y++)
        add_line(&columns, &work->plane, x, at.y + y);
    for (int y = at.y; y < at.y + at.height; y++) {
        add_line(&columns, &work->plane, x, y + blur.radius_y);
        blur_along(&columns, at.width, &blur);
        vanon_plane_blend_line(&work->plane, work->coverage, at.x, y, at.width, columns.value);
        subtract_line(&columns, &work->plane, x, y - blur.radius_y);
    }
    return VANON_OK;
}

int vanon_style_boxblur(const struct vanon_style_work *work)
{
    return work->options->exact_styles
               ? exact_box(work)
               : vanon_blur_cells(work, vanon_blur_size(work), vanon_blur_box);
}
