/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of rows.h and their table, vanon_render_rows_LEVEL. Included by a file for each set
 * of instructions, which defines VANON_LEVEL and is compiled for them; so everything is static. */
#include "render/rows.h"

/* x / 255 for x < 65535, in 16 bits. */
static inline uint16_t by_255(uint16_t x)
{
    return (uint16_t)((uint16_t)(x + 1 + (x >> 8)) >> 8);
}

static inline uint8_t mix_byte(uint8_t at, uint8_t value, uint8_t coverage)
{
    return (uint8_t)by_255(
        (uint16_t)((uint16_t)(at * (255 - coverage)) + (uint16_t)(value * coverage) + 127));
}

static inline uint16_t mix_word(uint16_t at, uint16_t value, uint8_t coverage)
{
    return (uint16_t)(((uint32_t)at * (255u - coverage) + (uint32_t)value * coverage + 127) / 255);
}

static void blend_flat8(uint8_t *restrict at, const uint8_t *restrict coverage, unsigned value,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = mix_byte(at[i], (uint8_t)value, coverage[i]);
}

static void blend_flat16(uint16_t *restrict at, const uint8_t *restrict coverage, unsigned value,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = mix_word(at[i], (uint16_t)value, coverage[i]);
}

static void blend8(uint8_t *restrict at, const uint8_t *restrict coverage,
                   const uint16_t *restrict value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = mix_byte(at[i], (uint8_t)value[i], coverage[i]);
}

static void blend16(uint16_t *restrict at, const uint8_t *restrict coverage,
                    const uint16_t *restrict value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = mix_word(at[i], value[i], coverage[i]);
}

static uint32_t sum8(const uint8_t *at, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += at[i];
    return sum;
}

static uint32_t sum16(const uint16_t *at, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += at[i];
    return sum;
}

static void most_of_pairs(uint8_t *restrict to, const uint8_t *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t most = from[2 * i] > from[2 * i + 1] ? from[2 * i] : from[2 * i + 1];

        to[i] = to[i] > most ? to[i] : most;
    }
}

static void mix(uint16_t *restrict to, const uint16_t *restrict from, size_t next,
                const uint16_t weight[VANON_ROW_TAPS], int drop, size_t count)
{
    uint32_t half = 1u << drop >> 1;

    for (size_t i = 0; i < count; i++) {
        uint32_t sum = (uint32_t)from[i] * weight[0] + (uint32_t)from[i + next] * weight[1] +
                       (uint32_t)from[i + 2 * next] * weight[2] +
                       (uint32_t)from[i + 3 * next] * weight[3] +
                       (uint32_t)from[i + 4 * next] * weight[4];

        to[i] = (uint16_t)((sum + half) >> drop);
    }
}

static void add(uint32_t *restrict to, const uint16_t *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

static void subtract(uint32_t *restrict to, const uint16_t *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] -= from[i];
}

static void add_tap(uint32_t *restrict to, const uint16_t *restrict from, uint32_t tap,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i] * tap;
}

static void add_wide_tap(uint64_t *restrict to, const uint32_t *restrict from, uint32_t tap,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += (uint64_t)from[i] * tap;
}

#define TABLE(level_)       TABLE_NAMED(level_)
#define TABLE_NAMED(level_) vanon_render_rows_##level_

const struct vanon_render_rows TABLE(VANON_LEVEL) = {
    .blend_flat8 = blend_flat8,
    .blend_flat16 = blend_flat16,
    .blend8 = blend8,
    .blend16 = blend16,
    .sum8 = sum8,
    .sum16 = sum16,
    .most_of_pairs = most_of_pairs,
    .mix = mix,
    .add = add,
    .subtract = subtract,
    .add_tap = add_tap,
    .add_wide_tap = add_wide_tap,
};
