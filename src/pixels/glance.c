/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/glance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pixels/format.h"

#define ACROSS 4 /* samples of a cell along each axis */

/* The middle of the i-th of `count` equal pieces of `size` samples. */
static int middle_of(int i, int count, int size)
{
    return (int)(((int64_t)2 * i + 1) * size / (2 * count));
}

static unsigned sample_at(const struct vanon_component *component, unsigned sample_bytes,
                          const uint8_t *line, int x)
{
    const uint8_t *at = line + component->offset + (ptrdiff_t)x * component->step;
    uint16_t word;

    if (sample_bytes == 1)
        return *at;
    memcpy(&word, at, sizeof word);
    return (unsigned)(word >> component->shift) >> (component->depth - 8);
}

void vanon_glance_take(struct vanon_glance *glance, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *component = &layout->component[0];
    int column[VANON_GLANCE_COLUMNS * ACROSS];

    for (int i = 0; i < VANON_GLANCE_COLUMNS * ACROSS; i++)
        column[i] = middle_of(i, VANON_GLANCE_COLUMNS * ACROSS, frame->width);
    for (int row = 0; row < VANON_GLANCE_ROWS; row++) {
        unsigned sum[VANON_GLANCE_COLUMNS] = {0};

        for (int i = 0; i < ACROSS; i++) {
            int y = middle_of(row * ACROSS + i, VANON_GLANCE_ROWS * ACROSS, frame->height);
            const uint8_t *line =
                frame->plane[component->plane] + y * frame->stride[component->plane];

            for (int x = 0; x < VANON_GLANCE_COLUMNS * ACROSS; x++)
                sum[x / ACROSS] += sample_at(component, layout->sample_bytes, line, column[x]);
        }
        for (int x = 0; x < VANON_GLANCE_COLUMNS; x++)
            glance->cell[row][x] = (uint8_t)((sum[x] + ACROSS * ACROSS / 2) / (ACROSS * ACROSS));
    }
}

double vanon_glance_difference(const struct vanon_glance *a, const struct vanon_glance *b)
{
    int sum = 0;

    for (int y = 0; y < VANON_GLANCE_ROWS; y++)
        for (int x = 0; x < VANON_GLANCE_COLUMNS; x++)
            sum += abs(a->cell[y][x] - b->cell[y][x]);
    return (double)sum / (VANON_GLANCE_ROWS * VANON_GLANCE_COLUMNS);
}

/* The cell that holds a coordinate; outside of the picture the nearest, a number in any case. */
static int cell_of(double at, int size, int cells)
{
    return (int)fmin(fmax(at * cells / size, 0), cells - 1);
}

double vanon_glance_unevenness(const struct vanon_glance *first, const struct vanon_glance *middle,
                               const struct vanon_glance *last, double place, const vanon_box *box,
                               int width, int height)
{
    int x0 = cell_of(box->x0, width, VANON_GLANCE_COLUMNS - 1);
    int x1 = cell_of(box->x1, width, VANON_GLANCE_COLUMNS - 1);
    int y0 = cell_of(box->y0, height, VANON_GLANCE_ROWS - 1);
    int y1 = cell_of(box->y1, height, VANON_GLANCE_ROWS - 1);
    double most = 0;

    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double sum = 0;

            for (int i = 0; i < 4; i++) {
                int row = y + i / 2, column = x + i % 2;
                double from = first->cell[row][column], to = last->cell[row][column];

                sum += fabs(middle->cell[row][column] - (from + place * (to - from)));
            }
            most = sum / 4 > most ? sum / 4 : most; /* fmax breaks GCC 12.2 on ARM */
        }
    return most;
}
