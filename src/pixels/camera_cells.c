/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera_cells.h"

#include <string.h>

#include "base/memory.h"
#include "pixels/format.h"

#define LINES 2 /* that are read of a row of cells */
#define EVEN  UINT64_C(0x00ff00ff00ff00ff)
#define ONES  UINT64_C(0x0001000100010001)

/* Where the i-th of `count` pieces of `size` samples begins. */
static int begin_of(int i, int count, int size)
{
    return (int)((int64_t)i * size / count);
}

/* The first component of a line with 8 bits a sample: in place, or made in `made`. */
static const uint8_t *read_line(uint8_t *restrict made, const uint8_t *restrict line,
                                const struct vanon_component *component, unsigned sample_bytes,
                                int width)
{
    const uint8_t *from = line + component->offset;

    if (sample_bytes == 1 && component->step == 1)
        return from;
    if (sample_bytes == 1) {
        for (int x = 0; x < width; x++)
            made[x] = from[(ptrdiff_t)x * component->step];
    } else {
        for (int x = 0; x < width; x++) {
            uint16_t word;

            memcpy(&word, from + (ptrdiff_t)x * component->step, sizeof word);
            made[x] = (uint8_t)((word >> component->shift) >> (component->depth - 8));
        }
    }
    return made;
}

/* Four sums of two, of 16 bits each, and then their sum. */
static uint32_t sum_of_eight(const uint8_t *sample)
{
    uint64_t eight;

    memcpy(&eight, sample, sizeof eight);
    eight = (eight & EVEN) + (eight >> 8 & EVEN);
    return (uint32_t)(eight * ONES >> 48);
}

static uint32_t sum_of(const uint8_t *sample, int count)
{
    uint32_t sum = 0;
    int i = 0;

    for (; i + 8 <= count; i += 8)
        sum += sum_of_eight(sample + i);
    for (; i < count; i++)
        sum += sample[i];
    return sum;
}

/* Where the columns of cells begin and how many samples they have: one at least, so that in a
 * narrow picture they repeat. */
struct columns {
    int begin[VANON_CELL_COLUMNS];
    int count[VANON_CELL_COLUMNS];
    uint32_t share[LINES][VANON_CELL_COLUMNS]; /* of a sample among so many lines, in 2^-20 */
};

static void place_columns(struct columns *columns, int width)
{
    for (int i = 0; i < VANON_CELL_COLUMNS; i++) {
        int from = begin_of(i, VANON_CELL_COLUMNS, width);
        int to = begin_of(i + 1, VANON_CELL_COLUMNS, width);

        columns->begin[i] = from;
        columns->count[i] = to > from ? to - from : 1;
        for (int lines = 1; lines <= LINES; lines++)
            columns->share[lines - 1][i] = (1U << 20) / (uint32_t)(columns->count[i] * lines);
    }
}

/* Of sums of `lines` lines, means; by multiplication, rounded down at 20 bits: never above 255. */
static void make_row(uint8_t *row, const uint32_t *sums, const struct columns *columns, int lines)
{
    for (int i = 0; i < VANON_CELL_COLUMNS; i++)
        row[i] = (uint8_t)((sums[i] * columns->share[lines - 1][i] + (1U << 19)) >> 20);
}

static void halve(struct vanon_camera_cells *cells)
{
    for (int y = 0; y < VANON_CELL_ROWS / 2; y++)
        for (int x = 0; x < VANON_CELL_COLUMNS / 2; x++) {
            const uint8_t *a = &cells->fine[2 * y][2 * x], *b = &cells->fine[2 * y + 1][2 * x];

            cells->coarse[y][x] = (uint8_t)((a[0] + a[1] + b[0] + b[1] + 2) / 4);
        }
}

void vanon_cells_sum_up(struct vanon_camera_cells *cells)
{
    uint32_t total = 0;

    for (int y = 0; y < VANON_CELL_ROWS; y++)
        for (int x = 0; x < VANON_CELL_COLUMNS; x++)
            total += cells->fine[y][x];
    cells->mean = (int)(total / (VANON_CELL_ROWS * VANON_CELL_COLUMNS));
    halve(cells);
}

void vanon_cells_take(struct vanon_camera_cells *cells, const vanon_frame *frame, uint8_t *line)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    const struct vanon_component *component = &layout->component[0];
    struct columns columns;

    place_columns(&columns, frame->width);
    for (int row = 0; row < VANON_CELL_ROWS; row++) {
        int from = begin_of(row, VANON_CELL_ROWS, frame->height);
        int to = begin_of(row + 1, VANON_CELL_ROWS, frame->height);
        int lines = to - from < LINES ? to - from : LINES;
        uint32_t sums[VANON_CELL_COLUMNS] = {0};

        lines = lines ? lines : 1;
        for (int i = 0; i < lines; i++) {
            int y = from + begin_of(i, lines, to - from);
            const uint8_t *plane = frame->plane[component->plane];
            const uint8_t *samples = plane + y * frame->stride[component->plane];
            const uint8_t *from_line =
                read_line(line, samples, component, layout->sample_bytes, frame->width);

            if (y + to - from < frame->height) /* the same line of the next row of cells */
                vanon_prefetch(samples + (to - from) * frame->stride[component->plane],
                               vanon_plane_bytes(layout, component->plane, frame->width));

            for (int x = 0; x < VANON_CELL_COLUMNS; x++)
                sums[x] += sum_of(from_line + columns.begin[x], columns.count[x]);
        }
        make_row(cells->fine[row], sums, &columns, lines);
    }
    vanon_cells_sum_up(cells);
}
