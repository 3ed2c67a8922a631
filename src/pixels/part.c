/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/part.h"

#include <math.h>

#include "base/box.h"
#include "pixels/format.h"
#include "pixels/frame.h"

/* One side: `from` and `to` are where the box lies, `most` is the picture's own. */
static void fit(double from, double to, int step, int most, int *start, int *length)
{
    int wanted = (int)ceil(fmin(fmax(to - from, 1), most) / step) * step;
    double middle = (from + to) / 2;

    *length = wanted < most ? wanted : most;
    *start = (int)fmin(fmax(middle - *length / 2.0, 0), most - *length);
    *start -= *start % VANON_PART_ALIGNMENT;
}

struct vanon_part_rect vanon_part_around(const vanon_frame *frame, const vanon_box *box, int step)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    struct vanon_part_rect rect = {0};
    double ax, ay, bx, by;

    vanon_matrix_apply(&to_coded, box->x0, box->y0, &ax, &ay);
    vanon_matrix_apply(&to_coded, box->x1, box->y1, &bx, &by);
    if (!isfinite(ax + ay + bx + by))
        return rect;
    fit(fmin(ax, bx), fmax(ax, bx), step, frame->width, &rect.x, &rect.width);
    fit(fmin(ay, by), fmax(ay, by), step, frame->height, &rect.y, &rect.height);
    return rect;
}

struct vanon_part_rect vanon_part_square(const vanon_frame *frame, const vanon_box *box,
                                         double times, int step)
{
    float x = (box->x0 + box->x1) / 2, y = (box->y0 + box->y1) / 2;
    float reach = (float)times * (float)vanon_box_longer_side(box) / 2;
    const vanon_box around = {x - reach, y - reach, x + reach, y + reach};

    return vanon_part_around(frame, &around, step);
}

static bool is_whole(const struct vanon_part_rect *rect)
{
    return !rect->width;
}

vanon_frame vanon_part_frame(const vanon_frame *frame, const struct vanon_part_rect *rect)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    vanon_frame part = *frame;

    if (is_whole(rect) || !layout)
        return part;
    part.width = rect->width;
    part.height = rect->height;
    for (int i = 0; i < layout->components; i++) {
        const struct vanon_component *component = &layout->component[i];
        bool chroma = vanon_component_is_chroma(layout, i);
        int x = chroma ? rect->x >> layout->log2_chroma_w : rect->x;
        int y = chroma ? rect->y >> layout->log2_chroma_h : rect->y;
        int plane = component->plane;

        part.plane[plane] =
            frame->plane[plane] + y * frame->stride[plane] + (ptrdiff_t)x * component->step;
    }
    return part;
}

vanon_frame vanon_part_of_cuda(const vanon_frame *frame, const struct vanon_part_rect *rect,
                               vanon_cuda_planes *planes)
{
    vanon_frame whole = *frame, part;
    const vanon_cuda_planes *own = frame->handle;

    /* Addresses of the device are numbers here as good as any others: nothing is read. */
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        whole.plane[i] = (uint8_t *)(uintptr_t)own->plane[i];
        whole.stride[i] = (ptrdiff_t)own->stride[i];
    }
    part = vanon_part_frame(&whole, rect);
    *planes = *own;
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        planes->plane[i] = (uintptr_t)part.plane[i];
        part.plane[i] = NULL;
    }
    part.handle = planes;
    return part;
}

vanon_box vanon_part_display(const vanon_frame *frame, const struct vanon_part_rect *rect)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    vanon_matrix to_display = vanon_matrix_invert(&to_coded);
    double ax, ay, bx, by;

    if (is_whole(rect)) {
        vanon_frame_display_size(frame, &bx, &by);
        return (vanon_box){0, 0, (float)bx, (float)by};
    }
    vanon_matrix_apply(&to_display, rect->x, rect->y, &ax, &ay);
    vanon_matrix_apply(&to_display, rect->x + rect->width, rect->y + rect->height, &bx, &by);
    return (vanon_box){(float)fmin(ax, bx), (float)fmin(ay, by), (float)fmax(ax, bx),
                       (float)fmax(ay, by)};
}
