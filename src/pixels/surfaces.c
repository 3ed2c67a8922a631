/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/surfaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pixels/format.h"

#define PLACES 16 /* bytes: places in the data of paints are multiples of it */

void vanon_surfaces_destroy(vanon_surfaces **surfaces)
{
    if (*surfaces)
        (*surfaces)->ops->destroy(*surfaces);
    *surfaces = NULL;
}

int vanon_surfaces_check(const vanon_surfaces *surfaces, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const vanon_cuda_planes *at = frame->handle;
    int status = vanon_frame_check(frame);

    if (status || frame->memory != VANON_MEMORY_CUDA || at->device != surfaces->number)
        return VANON_ERR_ARGUMENT;
    for (int i = 0; i < layout->planes; i++)
        if (!at->plane[i] || at->stride[i] > INT32_MAX || at->stride[i] < 0 ||
            (size_t)at->stride[i] < vanon_plane_bytes(layout, i, frame->width) ||
            (at->plane[i] | (uint64_t)at->stride[i]) % layout->sample_bytes)
            return VANON_ERR_ARGUMENT;
    return VANON_OK;
}

int vanon_surfaces_settle(vanon_surfaces *surfaces, const vanon_frame *frame)
{
    return surfaces->ops->settle(surfaces, frame);
}

int vanon_surfaces_glance(vanon_surfaces *surfaces, const vanon_frame *frame,
                          struct vanon_glance *glance)
{
    return surfaces->ops->glance(surfaces, frame, glance);
}

int vanon_surfaces_cells(vanon_surfaces *surfaces, const vanon_frame *frame,
                         struct vanon_camera_cells *cells)
{
    int status = surfaces->ops->cells(surfaces, frame, cells->fine);

    if (!status)
        vanon_cells_sum_up(cells);
    return status;
}

int vanon_surfaces_means(vanon_surfaces *surfaces, const vanon_frame *frame,
                         const struct vanon_surface_grid *grid, uint16_t *mean)
{
    return surfaces->ops->means(surfaces, frame, grid, mean);
}

int vanon_surfaces_paint(vanon_surfaces *surfaces, const vanon_frame *source,
                         const struct vanon_paints *paints, vanon_frame **out)
{
    *out = NULL;
    return surfaces->ops->paint(surfaces, source, paints, out);
}

int vanon_surfaces_download(vanon_surfaces *surfaces, vanon_frame_pool *pool,
                            const vanon_frame *frame, vanon_frame **out)
{
    int status = vanon_frame_pool_get(pool, frame, out);

    if (!status)
        status = surfaces->ops->download(surfaces, frame, *out);
    if (status)
        vanon_frame_unref(out);
    return status;
}

int vanon_surfaces_upload(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame **out)
{
    *out = NULL;
    return surfaces->ops->upload(surfaces, frame, out);
}

int vanon_paints_put(struct vanon_paints *paints, const void *from, size_t bytes, size_t *place)
{
    size_t at = (paints->bytes + PLACES - 1) / PLACES * PLACES;

    if (vanon_grow(&paints->data, &paints->byte_capacity, at + bytes, 1))
        return VANON_ERR_MEMORY;
    if (from)
        memcpy(paints->data + at, from, bytes);
    paints->bytes = at + bytes;
    *place = at;
    return VANON_OK;
}

int vanon_paints_add(struct vanon_paints *paints, struct vanon_paint **paint)
{
    if (vanon_grow(&paints->paint, &paints->capacity, paints->count + 1, sizeof *paints->paint))
        return VANON_ERR_MEMORY;
    *paint = &paints->paint[paints->count++];
    **paint = (struct vanon_paint){0};
    return VANON_OK;
}

void vanon_paints_clear(struct vanon_paints *paints)
{
    paints->count = paints->bytes = 0;
}

void vanon_paints_free(struct vanon_paints *paints)
{
    free(paints->paint);
    free(paints->data);
    *paints = (struct vanon_paints){0};
}
