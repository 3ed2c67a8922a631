/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The letterbox's inner loops for vectors of one width. Whoever includes it, once, has said before:
 *
 *     vector          the type
 *     OF(name)        the intrinsic function of that name, as in OF(add_epi16)
 *     ALL(name)       the same of those that end in the width, as in ALL(or)
 *     LANES           words in a vector
 *     load_windows    a vector of windows of 16 bytes, that begin where `window` says
 *     put_pixels      stores pixels that lie across two vectors in parts of 4, part by part
 */
#include "pixels/letterbox_rows.h"

#include <stdbool.h>

#define PARTS   (VANON_ROW_BLOCK / LANES) /* vectors to a block */
#define WINDOWS (4 / PARTS)               /* to a vector */

static inline vector load(const void *at)
{
    return ALL(loadu)(at);
}

static inline vector between(vector before, vector after, vector weight)
{
    return OF(add_epi16)(before, OF(mulhrs_epi16)(OF(sub_epi16)(after, before), weight));
}

/* One vector, from its windows of each round. */
static inline void shuffle_part(vector *before, vector *after, const uint8_t *line,
                                const int32_t *window, const uint8_t *shuffle, int rounds)
{
    *before = *after = ALL(setzero)();
    for (int round = 0; round < rounds; round++) {
        vector bytes = load_windows(line, window + 4 * round);

        *before = ALL(or)(*before, OF(shuffle_epi8)(bytes, load(shuffle)));
        *after = ALL(or)(*after, OF(shuffle_epi8)(bytes, load(shuffle + 64)));
        shuffle += 128;
    }
}

static inline void across_rounds(int16_t *restrict out, const uint8_t *restrict line,
                                 const struct vanon_row_plan *plan, int rounds)
{
    const vector top = OF(set1_epi16)((int16_t)plan->scale.top);
    const __m128i up = _mm_cvtsi32_si128(plan->scale.up);
    const __m128i down = _mm_cvtsi32_si128(plan->scale.down);
    const int32_t *window = plan->window;
    const uint8_t *shuffle = plan->shuffle;
    bool whole = plan->scale.top == UINT16_MAX && plan->scale.down == 1;

    for (size_t i = 0; i < plan->count; i += VANON_ROW_BLOCK) {
        for (size_t part = 0; part < PARTS; part++) {
            vector before, after, value;

            shuffle_part(&before, &after, line, window + WINDOWS * part, shuffle + 2 * LANES * part,
                         rounds);
            if (whole) {
                before = OF(srli_epi16)(before, 1);
                after = OF(srli_epi16)(after, 1);
            } else {
                before = OF(srl_epi16)(OF(sll_epi16)(OF(min_epu16)(before, top), up), down);
                after = OF(srl_epi16)(OF(sll_epi16)(OF(min_epu16)(after, top), up), down);
            }
            value = between(before, after, load(plan->weight + i + LANES * part));
            ALL(storeu)((void *)(out + i + LANES * part), value);
        }
        window += 4 * rounds;
        shuffle += 128 * rounds;
    }
}

#include "pixels/letterbox_rows_across.h"

/* The matrix as pairs of words for vpmaddwd. */
struct matrix {
    vector first[3], last[3], offset[3]; /* components 0 and 1; 2 and nothing */
    __m128i shift;
};

static inline void load_matrix(struct matrix *matrix, const struct vanon_fixed_rgb *to)
{
    for (int c = 0; c < 3; c++) {
        uint32_t low = (uint16_t)to->factor[c][0], high = (uint16_t)to->factor[c][1];

        matrix->first[c] = OF(set1_epi32)((int32_t)(low | high << 16));
        matrix->last[c] = OF(set1_epi32)((uint16_t)to->factor[c][2]);
        matrix->offset[c] = OF(set1_epi32)(to->offset[c]);
    }
    matrix->shift = _mm_cvtsi32_si128(to->shift);
}

static inline vector sum(const struct matrix *matrix, int c, vector first, vector last)
{
    vector all = OF(add_epi32)(OF(madd_epi16)(first, matrix->first[c]),
                               OF(madd_epi16)(last, matrix->last[c]));

    return OF(sra_epi32)(OF(add_epi32)(all, matrix->offset[c]), matrix->shift);
}

/* Levels of three channels, LANES words each, not cut yet. */
static inline void levels(vector level[3], const struct vanon_row_pair component[3],
                          const struct matrix *matrix, const vector weight[3], size_t i)
{
    const vector zero = ALL(setzero)();
    vector value[3], low[2], high[2];

    for (int c = 0; c < 3; c++)
        value[c] = between(load(component[c].above + i), load(component[c].below + i), weight[c]);
    low[0] = OF(unpacklo_epi16)(value[0], value[1]);
    high[0] = OF(unpackhi_epi16)(value[0], value[1]);
    low[1] = OF(unpacklo_epi16)(value[2], zero);
    high[1] = OF(unpackhi_epi16)(value[2], zero);
    for (int c = 0; c < 3; c++)
        level[c] =
            OF(packs_epi32)(sum(matrix, c, low[0], low[1]), sum(matrix, c, high[0], high[1]));
}

static inline void store_pixels(uint32_t *pixels, const vector level[3])
{
    vector red_blue = OF(packus_epi16)(level[0], level[2]);
    vector green = OF(packus_epi16)(level[1], ALL(setzero)());
    vector red_green = OF(unpacklo_epi8)(red_blue, green);
    vector blue = OF(unpackhi_epi8)(red_blue, green);

    put_pixels(pixels, OF(unpacklo_epi16)(red_green, blue), OF(unpackhi_epi16)(red_green, blue));
}

static inline void store_toned(uint32_t *pixels, const vector level[3],
                               const struct vanon_fixed_rgb *to)
{
    const vector top = OF(set1_epi16)(to->top), zero = ALL(setzero)();
    uint16_t index[3][LANES];

    for (int c = 0; c < 3; c++)
        ALL(storeu)((void *)index[c], OF(max_epi16)(OF(min_epi16)(level[c], top), zero));
    for (int i = 0; i < LANES; i++)
        pixels[i] = to->tone[index[0][i]] | (uint32_t)to->tone[index[1][i]] << 8 |
                    (uint32_t)to->tone[index[2][i]] << 16;
}

static void to_rgb(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to, size_t count)
{
    struct matrix matrix;
    vector weight[3];

    load_matrix(&matrix, to);
    for (int c = 0; c < 3; c++)
        weight[c] = OF(set1_epi16)(component[c].weight);
    for (size_t i = 0; i < count; i += LANES) {
        vector level[3];

        levels(level, component, &matrix, weight, i);
        if (to->tone)
            store_toned(pixels + i, level, to);
        else
            store_pixels(pixels + i, level);
    }
}
