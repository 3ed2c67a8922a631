/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX-512 (F, BW, DQ, VL, VBMI); called only where the processor has it. */
#include <immintrin.h>
#include <stdint.h>

typedef __m512i vector;
#define OF(name)  _mm512_##name
#define ALL(name) _mm512_##name##_si512
#define LANES     32

static inline vector load_windows(const uint8_t *line, const int32_t window[4])
{
    __m512i bytes = _mm512_castsi128_si512(_mm_loadu_si128((const void *)(line + window[0])));

    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[1])), 1);
    bytes = _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[2])), 2);
    return _mm512_inserti32x4(bytes, _mm_loadu_si128((const void *)(line + window[3])), 3);
}

static inline void put_pixels(uint32_t *pixels, vector low, vector high)
{
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);

    _mm512_storeu_si512(pixels, _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(pixels + 16, _mm512_permutex2var_epi64(low, second, high));
}

#include "pixels/letterbox_rows_tmpl.h"

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
