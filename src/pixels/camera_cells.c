/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera_cells.h"

#include <string.h>

#include "pixels/format.h"

#define LINES 4 /* that are read of a row of cells */

/* Where the i-th of `count` pieces of `size` samples begins. */
static int begin_of(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

static void add_line(uint16_t *restrict sums, const uint8_t *restrict line,
                     const struct vanon_component *component, unsigned sample_bytes, int width)
{
    const uint8_t *from = line + component->offset;

    if (sample_bytes == 1 && component->step == 1) {
        for (int x = 0; x < width; x++)
            sums[x] = (uint16_t)(sums[x] + from[x]);
    } else if (sample_bytes == 1) {
        for (int x = 0; x < width; x++)
            sums[x] = (uint16_t)(sums[x] + from[(ptrdiff_t)x * component->step]);
    } else {
        for (int x = 0; x < width; x++) {
            uint16_t word;

            memcpy(&word, from + (ptrdiff_t)x * component->step, sizeof word);
            sums[x] += (uint16_t)((word >> component->shift) >> (component->depth - 8));
        }
    }
}

/* One row of cells, from the sums of `lines` lines. A cell of a narrow picture repeats a column. */
static void make_row(uint8_t *row, const uint16_t *sums, int lines, const int *begin)
{
    for (int i = 0; i < VANON_CELL_COLUMNS; i++) {
        int from = begin[i], to = begin[i + 1];
        uint32_t sum = 0, count;

        if (to == from)
            to++;
        for (int x = from; x < to; x++)
            sum += sums[x];
        count = (uint32_t)((to - from) * lines);
        row[i] = (uint8_t)((sum + count / 2) / count);
    }
}

static void halve(struct vanon_cells *cells)
{
    for (int y = 0; y < VANON_CELL_ROWS / 2; y++)
        for (int x = 0; x < VANON_CELL_COLUMNS / 2; x++) {
            const uint8_t *a = &cells->fine[2 * y][2 * x], *b = &cells->fine[2 * y + 1][2 * x];

            cells->coarse[y][x] = (uint8_t)((a[0] + a[1] + b[0] + b[1] + 2) / 4);
        }
}

void vanon_cells_take(struct vanon_cells *cells, const vanon_frame *frame, uint16_t *sums)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *component = &layout->component[0];
    int begin[VANON_CELL_COLUMNS + 1];
    uint32_t total = 0;

    for (int i = 0; i <= VANON_CELL_COLUMNS; i++)
        begin[i] = begin_of(i, VANON_CELL_COLUMNS, frame->width);
    for (int row = 0; row < VANON_CELL_ROWS; row++) {
        int from = begin_of(row, VANON_CELL_ROWS, frame->height);
        int to = begin_of(row + 1, VANON_CELL_ROWS, frame->height);
        int lines = to - from < LINES ? to - from : LINES;

        lines = lines ? lines : 1;
        memset(sums, 0, (size_t)frame->width * sizeof *sums);
        for (int i = 0; i < lines; i++) {
            int y = from + begin_of(i, lines, to - from);

            add_line(sums, frame->plane[component->plane] + y * frame->stride[component->plane],
                     component, layout->sample_bytes, frame->width);
        }
        make_row(cells->fine[row], sums, lines, begin);
        for (int x = 0; x < VANON_CELL_COLUMNS; x++)
            total += cells->fine[row][x];
    }
    cells->mean = (int)(total / (VANON_CELL_ROWS * VANON_CELL_COLUMNS));
    halve(cells);
}
