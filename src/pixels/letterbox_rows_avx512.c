/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX-512 (F, BW, DQ, VL, VBMI); called only where the processor has it. */
#include "pixels/letterbox_rows.h"

#include <immintrin.h>
#include <stdbool.h>

static inline __m512i load(const void *at)
{
    return _mm512_loadu_si512(at);
}

static inline __m512i between(__m512i before, __m512i after, __m512i weight)
{
    return _mm512_add_epi16(before, _mm512_mulhrs_epi16(_mm512_sub_epi16(after, before), weight));
}

static inline __m512i load_windows(const uint8_t *line, const int32_t window[4])
{
    __m512i bytes = _mm512_castsi128_si512(_mm_loadu_si128((const void *)(line + window[0])));

    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[1])), 1);
    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[2])), 2);
    return _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[3])), 3);
}

static inline void across_rounds(int16_t *restrict out, const uint8_t *restrict line,
                                 const struct vanon_row_plan *plan, int rounds)
{
    const __m512i top = _mm512_set1_epi16((int16_t)plan->scale.top);
    const __m128i up = _mm_cvtsi32_si128(plan->scale.up);
    const __m128i down = _mm_cvtsi32_si128(plan->scale.down);
    const int32_t *window = plan->window;
    const uint8_t *shuffle = plan->shuffle;

    for (size_t i = 0; i < plan->count; i += VANON_ROW_BLOCK) {
        __m512i before = _mm512_setzero_si512(), after = before;

        for (int round = 0; round < rounds; round++) {
            __m512i bytes = load_windows(line, window);

            before = _mm512_or_si512(before, _mm512_shuffle_epi8(bytes, load(shuffle)));
            after = _mm512_or_si512(after, _mm512_shuffle_epi8(bytes, load(shuffle + 64)));
            window += 4;
            shuffle += 128;
        }
        before = _mm512_srl_epi16(_mm512_sll_epi16(_mm512_min_epu16(before, top), up), down);
        after = _mm512_srl_epi16(_mm512_sll_epi16(_mm512_min_epu16(after, top), up), down);
        _mm512_storeu_si512(out + i, between(before, after, load(plan->weight + i)));
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
    __m512i first[3], last[3], offset[3]; /* components 0 and 1; 2 and nothing */
    __m128i shift;
};

static inline void load_matrix(struct matrix *matrix, const struct vanon_fixed_rgb *to)
{
    for (int c = 0; c < 3; c++) {
        uint32_t low = (uint16_t)to->factor[c][0], high = (uint16_t)to->factor[c][1];

        matrix->first[c] = _mm512_set1_epi32((int32_t)(low | high << 16));
        matrix->last[c] = _mm512_set1_epi32((uint16_t)to->factor[c][2]);
        matrix->offset[c] = _mm512_set1_epi32(to->offset[c]);
    }
    matrix->shift = _mm_cvtsi32_si128(to->shift);
}

static inline __m512i sum(const struct matrix *matrix, int c, __m512i first, __m512i last)
{
    __m512i all = _mm512_add_epi32(_mm512_madd_epi16(first, matrix->first[c]),
                                   _mm512_madd_epi16(last, matrix->last[c]));

    return _mm512_sra_epi32(_mm512_add_epi32(all, matrix->offset[c]), matrix->shift);
}

/* Levels of three channels, 32 words each, not cut yet. */
static inline void levels(__m512i level[3], const struct vanon_row_pair component[3],
                          const struct matrix *matrix, const __m512i weight[3], size_t i)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i value[3], low[2], high[2];

    for (int c = 0; c < 3; c++)
        value[c] = between(load(component[c].above + i), load(component[c].below + i), weight[c]);
    low[0] = _mm512_unpacklo_epi16(value[0], value[1]);
    high[0] = _mm512_unpackhi_epi16(value[0], value[1]);
    low[1] = _mm512_unpacklo_epi16(value[2], zero);
    high[1] = _mm512_unpackhi_epi16(value[2], zero);
    for (int c = 0; c < 3; c++)
        level[c] =
            _mm512_packs_epi32(sum(matrix, c, low[0], low[1]), sum(matrix, c, high[0], high[1]));
}

static inline void store_pixels(uint32_t *pixels, const __m512i level[3])
{
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    __m512i red_blue = _mm512_packus_epi16(level[0], level[2]);
    __m512i green = _mm512_packus_epi16(level[1], _mm512_setzero_si512());
    __m512i red_green = _mm512_unpacklo_epi8(red_blue, green);
    __m512i blue = _mm512_unpackhi_epi8(red_blue, green);
    __m512i low = _mm512_unpacklo_epi16(red_green, blue);
    __m512i high = _mm512_unpackhi_epi16(red_green, blue);

    _mm512_storeu_si512(pixels, _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(pixels + 16, _mm512_permutex2var_epi64(low, second, high));
}

static inline void store_toned(uint32_t *pixels, const __m512i level[3],
                               const struct vanon_fixed_rgb *to)
{
    const __m512i top = _mm512_set1_epi16(to->top), zero = _mm512_setzero_si512();
    uint16_t index[3][VANON_ROW_BLOCK];

    for (int c = 0; c < 3; c++)
        _mm512_storeu_si512(index[c], _mm512_max_epi16(_mm512_min_epi16(level[c], top), zero));
    for (int i = 0; i < VANON_ROW_BLOCK; i++)
        pixels[i] = to->tone[index[0][i]] | (uint32_t)to->tone[index[1][i]] << 8 |
                    (uint32_t)to->tone[index[2][i]] << 16;
}

static void to_rgb(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to, size_t count)
{
    struct matrix matrix;
    __m512i weight[3];

    load_matrix(&matrix, to);
    for (int c = 0; c < 3; c++)
        weight[c] = _mm512_set1_epi16(component[c].weight);
    for (size_t i = 0; i < count; i += VANON_ROW_BLOCK) {
        __m512i level[3];

        levels(level, component, &matrix, weight, i);
        if (to->tone)
            store_toned(pixels + i, level, to);
        else
            store_pixels(pixels + i, level);
    }
}

static void store(uint8_t *restrict rgb, const uint32_t *restrict pixels, size_t count)
{
    uint8_t place[64] = {0};
    __m512i pick;

    for (unsigned i = 0; i < 48; i++)
        place[i] = (uint8_t)(i / 3 * 4 + i % 3);
    pick = load(place);
    for (size_t i = 0; i < count; i += 16) {
        unsigned pixel_count = count - i < 16 ? (unsigned)(count - i) : 16;
        __m512i four = _mm512_maskz_loadu_epi32((__mmask16)((1u << pixel_count) - 1), pixels + i);

        _mm512_mask_storeu_epi8(rgb + 3 * i, (1ULL << 3 * pixel_count) - 1,
                                _mm512_permutexvar_epi8(pick, four));
    }
}

const struct vanon_letterbox_kernels vanon_letterbox_kernels_avx512 = {across, to_rgb, store};
