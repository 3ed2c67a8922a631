/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who belongs to whom: the pairing of rows with columns, each used at most once, that gains the
 * most. The Hungarian method, after Kuhn (1955), with a shortest path for each row as Jonker and
 * Volgenant (1987) have it: O(rows^2 * columns) at worst.
 */
#ifndef VANON_TRACK_ASSIGN_H
#define VANON_TRACK_ASSIGN_H

#include <stddef.h>
#include <stdint.h>

#define VANON_UNASSIGNED SIZE_MAX

/* Memory that is kept from call to call. All zero: none yet. */
struct vanon_assign {
    double *row, *column, *distance; /* what each is worth; how far each column is */
    size_t *row_of, *previous;       /* of each column: its row; the column before on the way */
    unsigned char *done;             /* of each column: its distance is final */
    size_t row_capacity, column_capacity, distance_capacity;
    size_t row_of_capacity, previous_capacity, done_capacity;
};

/*
 * `gain` has `rows` lines of `columns` finite numbers; where it is 0 or less, the two don't go
 * together. Sets column_of[row], VANON_UNASSIGNED for none. The same numbers give the same pairs,
 * also where several pairings gain as much. VANON_ERR_MEMORY.
 */
int vanon_assign(struct vanon_assign *memory, const double *gain, size_t rows, size_t columns,
                 size_t *column_of);

void vanon_assign_free(struct vanon_assign *memory);

#endif
