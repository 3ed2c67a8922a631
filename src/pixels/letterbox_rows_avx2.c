/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX2; called only where the processor has it. */
#include "pixels/letterbox_rows.h"

#include <immintrin.h>
#include <stdbool.h>

#define LANES 16 /* words in a vector: half a block */

static inline __m256i load(const void *at)
{
    return _mm256_loadu_si256(at);
}

static inline __m256i between(__m256i before, __m256i after, __m256i weight)
{
    return _mm256_add_epi16(before, _mm256_mulhrs_epi16(_mm256_sub_epi16(after, before), weight));
}

/* Half a block: from the windows `window[0]` and `window[1]` of each round. */
static inline void shuffle_half(__m256i *before, __m256i *after, const uint8_t *line,
                                const int32_t *window, const uint8_t *shuffle, int rounds)
{
    *before = *after = _mm256_setzero_si256();
    for (int round = 0; round < rounds; round++) {
        __m256i bytes = _mm256_loadu2_m128i((const void *)(line + window[4 * round + 1]),
                                            (const void *)(line + window[4 * round]));

        *before = _mm256_or_si256(*before, _mm256_shuffle_epi8(bytes, load(shuffle)));
        *after = _mm256_or_si256(*after, _mm256_shuffle_epi8(bytes, load(shuffle + 64)));
        shuffle += 128;
    }
}

static inline void across_rounds(int16_t *restrict out, const uint8_t *restrict line,
                                 const struct vanon_row_plan *plan, int rounds)
{
    const __m256i top = _mm256_set1_epi16((int16_t)plan->scale.top);
    const __m128i up = _mm_cvtsi32_si128(plan->scale.up);
    const __m128i down = _mm_cvtsi32_si128(plan->scale.down);
    const int32_t *window = plan->window;
    const uint8_t *shuffle = plan->shuffle;
    bool whole = plan->scale.top == UINT16_MAX && plan->scale.down == 1;

    for (size_t i = 0; i < plan->count; i += VANON_ROW_BLOCK) {
        for (int half = 0; half < 2; half++) {
            __m256i before, after, value;

            shuffle_half(&before, &after, line, window + 2 * half, shuffle + 32 * half, rounds);
            if (whole) {
                before = _mm256_srli_epi16(before, 1);
                after = _mm256_srli_epi16(after, 1);
            } else {
                before =
                    _mm256_srl_epi16(_mm256_sll_epi16(_mm256_min_epu16(before, top), up), down);
                after = _mm256_srl_epi16(_mm256_sll_epi16(_mm256_min_epu16(after, top), up), down);
            }
            value = between(before, after, load(plan->weight + i + LANES * (size_t)half));
            _mm256_storeu_si256((void *)(out + i + LANES * (size_t)half), value);
        }
        window += 4 * rounds;
        shuffle += 128 * rounds;
    }
}

static void across(int16_t *restrict out, const uint8_t *restrict line,
                   const struct vanon_row_plan *plan)
{
    switch (plan->rounds) {
    case 0:
        vanon_letterbox_kernels_c.across(out, line, plan);
        break;
    case 1:
        across_rounds(out, line, plan, 1);
        break;
    case 2:
        across_rounds(out, line, plan, 2);
        break;
    default:
        across_rounds(out, line, plan, plan->rounds);
        break;
    }
}

/* The matrix as pairs of words for vpmaddwd. */
struct matrix {
    __m256i first[3], last[3], offset[3]; /* components 0 and 1; 2 and nothing */
    __m128i shift;
};

static inline void load_matrix(struct matrix *matrix, const struct vanon_fixed_rgb *to)
{
    for (int c = 0; c < 3; c++) {
        uint32_t low = (uint16_t)to->factor[c][0], high = (uint16_t)to->factor[c][1];

        matrix->first[c] = _mm256_set1_epi32((int32_t)(low | high << 16));
        matrix->last[c] = _mm256_set1_epi32((uint16_t)to->factor[c][2]);
        matrix->offset[c] = _mm256_set1_epi32(to->offset[c]);
    }
    matrix->shift = _mm_cvtsi32_si128(to->shift);
}

static inline __m256i sum(const struct matrix *matrix, int c, __m256i first, __m256i last)
{
    __m256i all = _mm256_add_epi32(_mm256_madd_epi16(first, matrix->first[c]),
                                   _mm256_madd_epi16(last, matrix->last[c]));

    return _mm256_sra_epi32(_mm256_add_epi32(all, matrix->offset[c]), matrix->shift);
}

/* Levels of three channels, 16 words each, not cut yet. */
static inline void levels(__m256i level[3], const struct vanon_row_pair component[3],
                          const struct matrix *matrix, const __m256i weight[3], size_t i)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i value[3], low[2], high[2];

    for (int c = 0; c < 3; c++)
        value[c] = between(load(component[c].above + i), load(component[c].below + i), weight[c]);
    low[0] = _mm256_unpacklo_epi16(value[0], value[1]);
    high[0] = _mm256_unpackhi_epi16(value[0], value[1]);
    low[1] = _mm256_unpacklo_epi16(value[2], zero);
    high[1] = _mm256_unpackhi_epi16(value[2], zero);
    for (int c = 0; c < 3; c++)
        level[c] =
            _mm256_packs_epi32(sum(matrix, c, low[0], low[1]), sum(matrix, c, high[0], high[1]));
}

static inline void store_pixels(uint32_t *pixels, const __m256i level[3])
{
    __m256i red_blue = _mm256_packus_epi16(level[0], level[2]);
    __m256i green = _mm256_packus_epi16(level[1], _mm256_setzero_si256());
    __m256i red_green = _mm256_unpacklo_epi8(red_blue, green);
    __m256i blue = _mm256_unpackhi_epi8(red_blue, green);
    __m256i low = _mm256_unpacklo_epi16(red_green, blue);
    __m256i high = _mm256_unpackhi_epi16(red_green, blue);

    _mm256_storeu_si256((void *)pixels, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((void *)(pixels + 8), _mm256_permute2x128_si256(low, high, 0x31));
}

static inline void store_toned(uint32_t *pixels, const __m256i level[3],
                               const struct vanon_fixed_rgb *to)
{
    const __m256i top = _mm256_set1_epi16(to->top), zero = _mm256_setzero_si256();
    uint16_t index[3][LANES];

    for (int c = 0; c < 3; c++)
        _mm256_storeu_si256((void *)index[c],
                            _mm256_max_epi16(_mm256_min_epi16(level[c], top), zero));
    for (int i = 0; i < LANES; i++)
        pixels[i] = to->tone[index[0][i]] | (uint32_t)to->tone[index[1][i]] << 8 |
                    (uint32_t)to->tone[index[2][i]] << 16;
}

static void to_rgb(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to, size_t count)
{
    struct matrix matrix;
    __m256i weight[3];

    load_matrix(&matrix, to);
    for (int c = 0; c < 3; c++)
        weight[c] = _mm256_set1_epi16(component[c].weight);
    for (size_t i = 0; i < count; i += LANES) {
        __m256i level[3];

        levels(level, component, &matrix, weight, i);
        if (to->tone)
            store_toned(pixels + i, level, to);
        else
            store_pixels(pixels + i, level);
    }
}

/* Four bytes beyond the eight pixels' 24 are written, too. */
static inline void store_eight(uint8_t *rgb, const uint32_t *pixels)
{
    const __m256i pick = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0,
                                          1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    __m256i bytes = _mm256_shuffle_epi8(load(pixels), pick);

    _mm_storeu_si128((void *)rgb, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((void *)(rgb + 12), _mm256_extracti128_si256(bytes, 1));
}

static void store(uint8_t *restrict rgb, const uint32_t *restrict pixels, size_t count)
{
    size_t i = 0;

    for (; i + 10 <= count; i += 8)
        store_eight(rgb + 3 * i, pixels + i);
    vanon_letterbox_kernels_c.store(rgb + 3 * i, pixels + i, count - i);
}

const struct vanon_letterbox_kernels vanon_letterbox_kernels_avx2 = {across, to_rgb, store};
