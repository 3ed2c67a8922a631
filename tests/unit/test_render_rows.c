/* SPDX-License-Identifier: Apache-2.0 */
/* The renderer's kernels: each is what its header says, with every set of instructions, and writes
 * what it is to write only. */
#include "levels.h"

#include "base/memory.h"
#include "render/rows.h"

#define MOST 100 /* samples of a row */

/* A row of each kind, full of noise or extremes, and a copy of what is written to. */
struct rows {
    uint8_t bytes[2 * MOST + 1], coverage[MOST], byte_target[MOST + 1], byte_before[MOST + 1];
    uint16_t words[5 * MOST], byte_values[MOST], word_target[MOST + 1], word_before[MOST + 1];
    uint32_t sums[MOST + 1], sums_before[MOST + 1];
    uint64_t wide[MOST + 1], wide_before[MOST + 1];
};

static void fill(struct rows *rows, uint32_t seed, bool extremes)
{
    fill_bytes((uint8_t *)rows, sizeof *rows, seed, extremes);
    for (int i = 0; i < MOST; i++)
        rows->byte_values[i] &= 255;
    memcpy(rows->byte_before, rows->byte_target, sizeof rows->byte_before);
    memcpy(rows->word_before, rows->word_target, sizeof rows->word_before);
    memcpy(rows->sums_before, rows->sums, sizeof rows->sums);
    memcpy(rows->wide_before, rows->wide, sizeof rows->wide);
}

static unsigned blended(unsigned at, unsigned value, unsigned coverage)
{
    return (at * (255 - coverage) + value * coverage + 127) / 255;
}

/* What lies behind the row is as it was. */
static void assert_untouched(const struct rows *rows, size_t count)
{
    assert_int_equal(rows->byte_target[count], rows->byte_before[count]);
    assert_int_equal(rows->word_target[count], rows->word_before[count]);
    assert_int_equal(rows->sums[count], rows->sums_before[count]);
    assert_true(rows->wide[count] == rows->wide_before[count]);
}

typedef void check(const struct vanon_render_rows *kernel, struct rows *rows, size_t count);

static void flat(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    unsigned byte = rows->bytes[0], word = rows->words[0];

    kernel->blend_flat8(rows->byte_target, rows->coverage, byte, count);
    kernel->blend_flat16(rows->word_target, rows->coverage, word, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows->byte_target[i],
                         blended(rows->byte_before[i], byte, rows->coverage[i]));
        assert_int_equal(rows->word_target[i],
                         blended(rows->word_before[i], word, rows->coverage[i]));
    }
}

static void values(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    kernel->blend8(rows->byte_target, rows->coverage, rows->byte_values, count);
    kernel->blend16(rows->word_target, rows->coverage, rows->words, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows->byte_target[i],
                         blended(rows->byte_before[i], rows->byte_values[i], rows->coverage[i]));
        assert_int_equal(rows->word_target[i],
                         blended(rows->word_before[i], rows->words[i], rows->coverage[i]));
    }
}

static void sums(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    uint32_t bytes = 0, words = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += rows->bytes[i];
        words += rows->words[i];
    }
    assert_int_equal(kernel->sum8(rows->bytes, count), bytes);
    assert_int_equal(kernel->sum16(rows->words, count), words);
}

static void pairs(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    kernel->most_of_pairs(rows->byte_target, rows->bytes + 1, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t most = rows->byte_before[i];

        for (size_t k = 1; k <= 2; k++)
            most = most > rows->bytes[2 * i + k] ? most : rows->bytes[2 * i + k];
        assert_int_equal(rows->byte_target[i], most);
    }
}

static void mixes(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    static const uint16_t weights[][VANON_ROW_TAPS] = {
        {1000, 7000, 16768, 7000, 1000}, {0, 32768, 0, 0, 0}, {0, 0, 0, 1, 32767}};
    static const int drops[] = {15, 23};

    for (size_t k = 0; k < 2 * VANON_COUNT(weights); k++) {
        const uint16_t *weight = weights[k / 2];
        int drop = drops[k % 2];

        kernel->mix(rows->word_target, rows->words, MOST, weight, drop, count);
        for (size_t i = 0; i < count; i++) {
            uint64_t sum = 1u << drop >> 1;

            for (size_t tap = 0; tap < VANON_ROW_TAPS; tap++)
                sum += (uint64_t)rows->words[tap * MOST + i] * weight[tap];
            assert_int_equal(rows->word_target[i], sum >> drop);
        }
    }
}

static void additions(const struct vanon_render_rows *kernel, struct rows *rows, size_t count)
{
    kernel->add(rows->sums, rows->words, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(rows->sums[i], rows->sums_before[i] + rows->words[i]);
    kernel->subtract(rows->sums, rows->words, count);
    assert_memory_equal(rows->sums, rows->sums_before, sizeof rows->sums);
    kernel->add_tap(rows->sums, rows->words, 65535, count);
    kernel->add_wide_tap(rows->wide, rows->sums_before, 65535, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows->sums[i], rows->sums_before[i] + rows->words[i] * 65535u);
        assert_true(rows->wide[i] == rows->wide_before[i] + rows->sums_before[i] * UINT64_C(65535));
    }
}

static void run(check *row_check)
{
    struct rows rows;

    for (size_t level = 0; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        for (size_t count = 0; count < MOST; count++) {
            fill(&rows, (uint32_t)count, count % 3 == 0);
            row_check(vanon_render_rows(level_masks[level]), &rows, count);
            assert_untouched(&rows, count);
        }
    }
}

static void test_flat(void **state)
{
    (void)state;
    run(flat);
}

static void test_values(void **state)
{
    (void)state;
    run(values);
}

static void test_sums(void **state)
{
    (void)state;
    run(sums);
}

static void test_pairs(void **state)
{
    (void)state;
    run(pairs);
}

static void test_mixes(void **state)
{
    (void)state;
    run(mixes);
}

static void test_additions(void **state)
{
    (void)state;
    run(additions);
}

/* Every pair of bytes and every coverage: the division in 16 bits is exact. */
static void every_blend_of_bytes(void **state)
{
    uint8_t at[256], coverage[256];

    (void)state;
    for (size_t level = 0; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        for (unsigned value = 0; value < 256; value++)
            for (unsigned c = 0; c < 256; c++) {
                for (unsigned i = 0; i < 256; i++)
                    at[i] = (uint8_t)i;
                memset(coverage, (int)c, sizeof coverage);
                vanon_render_rows(level_masks[level])->blend_flat8(at, coverage, value, 256);
                for (unsigned i = 0; i < 256; i++)
                    if (at[i] != blended(i, value, c))
                        fail_msg("%u over %u at %u: %d", value, i, c, at[i]);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_mixes),
        cmocka_unit_test(test_additions),
        cmocka_unit_test(every_blend_of_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
