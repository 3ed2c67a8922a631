/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX2; called only where the processor has it. */
#include <immintrin.h>
#include <stdint.h>

typedef __m256i vector;
#define OF(name)  _mm256_##name
#define ALL(name) _mm256_##name##_si256
#define LANES     16

static inline vector load_windows(const uint8_t *line, const int32_t window[2])
{
    return _mm256_loadu2_m128i((const void *)(line + window[1]), (const void *)(line + window[0]));
}

static inline void put_pixels(uint32_t *pixels, vector low, vector high)
{
    _mm256_storeu_si256((void *)pixels, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((void *)(pixels + 8), _mm256_permute2x128_si256(low, high, 0x31));
}

#include "pixels/letterbox_rows_tmpl.h"

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
