/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"

#define ONE  256   /* a weight of all */
#define HALF 32768 /* of ONE x ONE, to round */

void vanon_resize_free(struct vanon_resize *resize)
{
    free(resize->index);
    free(resize->weight);
    free(resize->row[0]);
    free(resize->row[1]);
    *resize = (struct vanon_resize){0};
}

static int reserve(struct vanon_resize *resize, size_t columns)
{
    if (columns <= resize->columns)
        return VANON_OK;
    vanon_resize_free(resize);
    resize->index = vanon_aligned_alloc(columns * sizeof *resize->index);
    resize->weight = vanon_aligned_alloc(columns * sizeof *resize->weight);
    for (int i = 0; i < 2; i++)
        resize->row[i] = vanon_aligned_alloc(columns * sizeof *resize->row[i]);
    if (!resize->index || !resize->weight || !resize->row[0] || !resize->row[1]) {
        vanon_resize_free(resize);
        return VANON_ERR_MEMORY;
    }
    resize->columns = columns;
    return VANON_OK;
}

/* Where the i-th of `count` results lies among `samples`: at `*index`, `*weight` 256ths of the way
 * to the next. */
static void find_place(int i, int count, int samples, int32_t *index, uint16_t *weight)
{
    double scale = 1.0 / ((double)count / samples);
    double place = scale * (i + 0.5) - 0.5, before = floor(place);

    if (before < 0) {
        *index = 0;
        *weight = 0;
    } else if (before >= samples - 1) {
        *index = samples - 1;
        *weight = 0;
    } else {
        *index = (int32_t)before;
        *weight = (uint16_t)rint((place - before) * ONE);
    }
}

static void squeeze_row(const struct vanon_resize *resize, uint16_t *restrict row,
                        const uint8_t *restrict from, int last, int width)
{
    const int32_t *restrict index = resize->index;
    const uint16_t *restrict weight = resize->weight;

    for (int x = 0; x < width; x++) {
        int first = index[x], second = first < last ? first + 1 : last;

        row[x] = (uint16_t)(from[first] * (ONE - weight[x]) + from[second] * weight[x]);
    }
}

static void blend_rows(uint8_t *restrict to, const uint16_t *restrict above,
                       const uint16_t *restrict below, uint32_t weight, int width)
{
    for (int x = 0; x < width; x++)
        to[x] = (uint8_t)((above[x] * (ONE - weight) + below[x] * weight + HALF) >> 16);
}

static void copy(const struct vanon_gray_picture *from, uint8_t *to, ptrdiff_t stride)
{
    for (int y = 0; y < from->height; y++)
        memcpy(to + y * stride, from->pixels + y * from->stride, (size_t)from->width);
}

int vanon_resize_run(struct vanon_resize *resize, const struct vanon_gray_picture *from,
                     uint8_t *to, int width, int height, ptrdiff_t stride)
{
    int line[2] = {-1, -1}; /* of `from`, that are in the rows */

    if (width == from->width && height == from->height) {
        copy(from, to, stride);
        return VANON_OK;
    }
    if (reserve(resize, (size_t)width))
        return VANON_ERR_MEMORY;
    for (int x = 0; x < width; x++)
        find_place(x, width, from->width, &resize->index[x], &resize->weight[x]);
    for (int y = 0; y < height; y++) {
        uint16_t weight;
        int32_t above;

        find_place(y, height, from->height, &above, &weight);
        for (int i = 0; i < 2; i++) {
            /* Neighbouring lines take turns, so that one that stays is not made again. */
            int wanted = above + i < from->height ? above + i : above, slot = wanted & 1;

            if (line[slot] != wanted)
                squeeze_row(resize, resize->row[slot], from->pixels + wanted * from->stride,
                            from->width - 1, width);
            line[slot] = wanted;
        }
        blend_rows(to + y * stride, resize->row[above & 1],
                   resize->row[above + 1 < from->height ? (above + 1) & 1 : above & 1], weight,
                   width);
    }
    return VANON_OK;
}
