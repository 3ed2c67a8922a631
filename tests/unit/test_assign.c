/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "track/assign.h"

#define MOST 6

/* The most that can be gained, by trying everything. */
static double best(const double *gain, size_t rows, size_t columns, size_t row, unsigned taken)
{
    double most;

    if (row == rows)
        return 0;
    most = best(gain, rows, columns, row + 1, taken);
    for (size_t j = 0; j < columns; j++) {
        double sum = gain[row * columns + j];

        if (taken & 1u << j || sum <= 0)
            continue;
        sum += best(gain, rows, columns, row + 1, taken | 1u << j);
        if (sum > most)
            most = sum;
    }
    return most;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void random_numbers_against_every_pairing(void **state)
{
    struct vanon_assign memory = {0};
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t rows = 1 + next(&seed) % MOST, columns = 1 + next(&seed) % MOST;
        size_t column_of[MOST];
        double gain[MOST * MOST], sum = 0;
        unsigned taken = 0;
        /* some rounds have many equal numbers */
        uint32_t values = round % 2 ? 4 : 1000;

        for (size_t i = 0; i < rows * columns; i++)
            gain[i] = (double)(next(&seed) % values) / values - (round % 3 ? 0.3 : 0);
        assert_int_equal(vanon_assign(&memory, gain, rows, columns, column_of), VANON_OK);
        for (size_t i = 0; i < rows; i++) {
            if (column_of[i] == VANON_UNASSIGNED)
                continue;
            assert_true(column_of[i] < columns);
            assert_false(taken & 1u << column_of[i]);
            taken |= 1u << column_of[i];
            assert_true(gain[i * columns + column_of[i]] > 0);
            sum += gain[i * columns + column_of[i]];
        }
        assert_float_equal(sum, best(gain, rows, columns, 0, 0), 1e-9);
    }
    vanon_assign_free(&memory);
}

static void assert_pairs(const double *gain, size_t rows, size_t columns, const size_t *expected)
{
    struct vanon_assign memory = {0};
    size_t column_of[MOST];

    assert_int_equal(vanon_assign(&memory, gain, rows, columns, column_of), VANON_OK);
    for (size_t i = 0; i < rows; i++)
        assert_int_equal(column_of[i], expected[i]);
    vanon_assign_free(&memory);
    assert_null(memory.row);
}

#define NONE VANON_UNASSIGNED

static void the_sum_counts(void **state)
{
    (void)state;
    /* The largest number is not taken where that leaves the rest too little, ... */
    assert_pairs((const double[]){0.9, 0.8, 0.8, 0.1}, 2, 2, (const size_t[]){1, 0});
    /* ... and one good pair is better than two poor ones. */
    assert_pairs((const double[]){0.3, 0.9, 0, 0.3}, 2, 2, (const size_t[]){1, NONE});
}

static void what_gains_nothing_is_no_pair(void **state)
{
    (void)state;
    assert_pairs((const double[]){0, 0, 0, 0.1}, 2, 2, (const size_t[]){NONE, 1});
    assert_pairs((const double[]){-1, -2}, 1, 2, (const size_t[]){NONE});
    assert_pairs((const double[]){0.2, 0.4, 0.3}, 3, 1, (const size_t[]){NONE, 0, NONE});
    assert_pairs((const double[]){0.2, 0.4, 0.3}, 1, 3, (const size_t[]){1});
    assert_pairs(NULL, 3, 0, (const size_t[]){NONE, NONE, NONE});
    assert_pairs(NULL, 0, 3, NULL);
}

static void equal_gains_go_by_order(void **state)
{
    (void)state;
    assert_pairs((const double[]){0.5, 0.5}, 1, 2, (const size_t[]){0});
    assert_pairs((const double[]){0.5, 0.5, 0.5, 0.5}, 2, 2, (const size_t[]){0, 1});
}

static void memory_is_kept(void **state)
{
    static const double gain[20 * 30];
    struct vanon_assign memory = {0};
    size_t column_of[20];
    const double *row;

    (void)state;
    assert_int_equal(vanon_assign(&memory, gain, 20, 30, column_of), VANON_OK);
    row = memory.row;
    for (size_t i = 1; i <= 20; i++) {
        assert_int_equal(vanon_assign(&memory, gain, i, 30, column_of), VANON_OK);
        assert_ptr_equal(memory.row, row);
        assert_int_equal(column_of[0], NONE);
    }
    vanon_assign_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_against_every_pairing),
        cmocka_unit_test(the_sum_counts),
        cmocka_unit_test(what_gains_nothing_is_no_pair),
        cmocka_unit_test(equal_gains_go_by_order),
        cmocka_unit_test(memory_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
