/* SPDX-License-Identifier: Apache-2.0 */
#include "track/assign.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"

/* The search's view: costs are what is not gained, and further columns that gain nothing, so that
 * there is one for every row. Places of the arrays count from 1; column 0 stands for the row that
 * looks for its own. */
struct search {
    const double *gain;
    size_t rows, columns, places;
    struct vanon_assign *memory;
};

static double cost(const struct search *search, size_t row, size_t column)
{
    double gain;

    if (column > search->columns)
        return 0;
    gain = search->gain[(row - 1) * search->columns + column - 1];
    return gain > 0 ? -gain : 0;
}

/* Makes the way from `column` one step longer; the nearest column that is not final yet. */
static size_t step(const struct search *search, size_t column, double *nearest)
{
    struct vanon_assign *m = search->memory;
    size_t row = m->row_of[column], best = 0;

    *nearest = INFINITY;
    for (size_t i = 1; i <= search->places; i++) {
        double reduced;

        if (m->done[i])
            continue;
        reduced = cost(search, row, i) - m->row[row] - m->column[i];
        if (reduced < m->distance[i]) {
            m->distance[i] = reduced;
            m->previous[i] = column;
        }
        if (m->distance[i] < *nearest) {
            *nearest = m->distance[i];
            best = i;
        }
    }
    return best;
}

/* Finds a column for the row, moving others where that costs the least. */
static void place_row(const struct search *search, size_t row)
{
    struct vanon_assign *m = search->memory;
    size_t column = 0;

    for (size_t i = 0; i <= search->places; i++) {
        m->distance[i] = INFINITY;
        m->done[i] = false;
    }
    m->row_of[0] = row;
    do {
        double nearest;
        size_t next;

        m->done[column] = true;
        next = step(search, column, &nearest);
        for (size_t i = 0; i <= search->places; i++)
            if (m->done[i]) {
                m->row[m->row_of[i]] += nearest;
                m->column[i] -= nearest;
            } else {
                m->distance[i] -= nearest;
            }
        column = next;
    } while (m->row_of[column]);
    while (column) {
        size_t before = m->previous[column];

        m->row_of[column] = m->row_of[before];
        column = before;
    }
}

static int make_room(struct vanon_assign *m, size_t rows, size_t places)
{
    size_t needed = places + 1;

    if (vanon_grow(&m->row, &m->row_capacity, rows + 1, sizeof *m->row) ||
        vanon_grow(&m->column, &m->column_capacity, needed, sizeof *m->column) ||
        vanon_grow(&m->distance, &m->distance_capacity, needed, sizeof *m->distance) ||
        vanon_grow(&m->row_of, &m->row_of_capacity, needed, sizeof *m->row_of) ||
        vanon_grow(&m->previous, &m->previous_capacity, needed, sizeof *m->previous) ||
        vanon_grow(&m->done, &m->done_capacity, needed, sizeof *m->done))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i <= rows; i++)
        m->row[i] = 0;
    for (size_t i = 0; i <= places; i++) {
        m->column[i] = 0;
        m->row_of[i] = 0;
    }
    return VANON_OK;
}

int vanon_assign(struct vanon_assign *memory, const double *gain, size_t rows, size_t columns,
                 size_t *column_of)
{
    struct search search = {gain, rows, columns, rows > columns ? rows : columns, memory};

    for (size_t i = 0; i < rows; i++)
        column_of[i] = VANON_UNASSIGNED;
    if (!rows || !columns)
        return VANON_OK;
    if (make_room(memory, rows, search.places))
        return VANON_ERR_MEMORY;
    for (size_t i = 1; i <= rows; i++)
        place_row(&search, i);
    for (size_t i = 1; i <= columns; i++)
        if (memory->row_of[i] && cost(&search, memory->row_of[i], i) < 0)
            column_of[memory->row_of[i] - 1] = i - 1;
    return VANON_OK;
}

void vanon_assign_free(struct vanon_assign *memory)
{
    free(memory->row);
    free(memory->column);
    free(memory->distance);
    free(memory->row_of);
    free(memory->previous);
    free(memory->done);
    *memory = (struct vanon_assign){0};
}
