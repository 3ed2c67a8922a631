/* SPDX-License-Identifier: Apache-2.0 */
/* For 64-bit ARM, where NEON is always there. */
#include "pixels/letterbox_rows.h"

#include <arm_neon.h>

#define LANES   8 /* words in a vector: a quarter of a block */
#define WINDOWS 4 /* in a round, one for each quarter of the block */

static inline int16x8_t between(int16x8_t before, int16x8_t after, int16x8_t weight)
{
    return vaddq_s16(before, vqrdmulhq_s16(vsubq_s16(after, before), weight));
}

static inline int16x8_t scale_words(uint8x16_t bytes, uint16x8_t top, int16x8_t shift)
{
    uint16x8_t words = vminq_u16(vreinterpretq_u16_u8(bytes), top);

    return vreinterpretq_s16_u16(vshlq_u16(words, shift));
}

static inline void across_rounds(int16_t *restrict out, const uint8_t *restrict line,
                                 const struct vanon_row_plan *plan, int rounds)
{
    const uint16x8_t top = vdupq_n_u16(plan->scale.top);
    const int16x8_t shift = vdupq_n_s16((int16_t)(plan->scale.up - plan->scale.down));
    const int32_t *window = plan->window;
    const uint8_t *shuffle = plan->shuffle;

    for (size_t i = 0; i < plan->count; i += VANON_ROW_BLOCK) {
        for (int quarter = 0; quarter < WINDOWS; quarter++) {
            uint8x16_t before = vdupq_n_u8(0), after = before;
            size_t at = i + LANES * (size_t)quarter;

            for (int round = 0; round < rounds; round++) {
                uint8x16_t bytes = vld1q_u8(line + window[WINDOWS * round + quarter]);
                const uint8_t *pick = shuffle + 128 * round + VANON_ROW_WINDOW * quarter;

                before = vqtbx1q_u8(before, bytes, vld1q_u8(pick));
                after = vqtbx1q_u8(after, bytes, vld1q_u8(pick + 64));
            }
            vst1q_s16(out + at,
                      between(scale_words(before, top, shift), scale_words(after, top, shift),
                              vld1q_s16(plan->weight + at)));
        }
        window += WINDOWS * rounds;
        shuffle += 128 * rounds;
    }
}

#include "pixels/letterbox_rows_across.h"

/* Levels of a channel, not cut yet but to 16 bits. */
static inline int16x8_t level(const int16x8_t value[3], const struct vanon_fixed_rgb *to,
                              int channel)
{
    const int32x4_t shift = vdupq_n_s32(-to->shift);
    int32x4_t low = vdupq_n_s32(to->offset[channel]), high = low;

    for (int c = 0; c < 3; c++) {
        low = vmlal_n_s16(low, vget_low_s16(value[c]), to->factor[channel][c]);
        high = vmlal_high_n_s16(high, value[c], to->factor[channel][c]);
    }
    return vqmovn_high_s32(vqmovn_s32(vshlq_s32(low, shift)), vshlq_s32(high, shift));
}

static inline void levels(int16x8_t out[3], const struct vanon_row_pair component[3],
                          const struct vanon_fixed_rgb *to, size_t i)
{
    int16x8_t value[3];

    for (int c = 0; c < 3; c++)
        value[c] = between(vld1q_s16(component[c].above + i), vld1q_s16(component[c].below + i),
                           vdupq_n_s16(component[c].weight));
    for (int channel = 0; channel < 3; channel++)
        out[channel] = level(value, to, channel);
}

static inline void store_pixels(uint32_t *pixels, const int16x8_t rgb[3])
{
    uint8x8x4_t bytes = {
        {vqmovun_s16(rgb[0]), vqmovun_s16(rgb[1]), vqmovun_s16(rgb[2]), vdup_n_u8(0)}};

    vst4_u8((uint8_t *)pixels, bytes);
}

static inline void store_toned(uint32_t *pixels, const int16x8_t rgb[3],
                               const struct vanon_fixed_rgb *to)
{
    const int16x8_t top = vdupq_n_s16(to->top), zero = vdupq_n_s16(0);
    int16_t index[3][LANES];

    for (int c = 0; c < 3; c++)
        vst1q_s16(index[c], vmaxq_s16(vminq_s16(rgb[c], top), zero));
    for (int i = 0; i < LANES; i++)
        pixels[i] = to->tone[index[0][i]] | (uint32_t)to->tone[index[1][i]] << 8 |
                    (uint32_t)to->tone[index[2][i]] << 16;
}

static void to_rgb(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to, size_t count)
{
    const struct vanon_fixed_rgb matrix = *to; /* a copy that no pixel written can change */

    for (size_t i = 0; i < count; i += LANES) {
        int16x8_t rgb[3];

        levels(rgb, component, &matrix, i);
        if (matrix.tone)
            store_toned(pixels + i, rgb, &matrix);
        else
            store_pixels(pixels + i, rgb);
    }
}

static void store(uint8_t *restrict rgb, const uint32_t *restrict pixels, size_t count)
{
    size_t i = 0;

    for (; i + 16 <= count; i += 16) {
        uint8x16x4_t four = vld4q_u8((const uint8_t *)(pixels + i));
        uint8x16x3_t three = {{four.val[0], four.val[1], four.val[2]}};

        vst3q_u8(rgb + 3 * i, three);
    }
    vanon_letterbox_kernels_c.store(rgb + 3 * i, pixels + i, count - i);
}

const struct vanon_letterbox_kernels vanon_letterbox_kernels_neon = {across, to_rgb, store};
