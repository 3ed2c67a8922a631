/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox_rows.h"

#include <string.h>

#include "base/cpu.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words and packed pixels");

static inline int16_t between(int16_t before, int16_t after, int16_t weight)
{
    return (int16_t)(before + (((after - before) * weight + (1 << 14)) >> 15));
}

static inline int16_t scale_word(const struct vanon_row_scale *scale, unsigned word)
{
    return (int16_t)((word < scale->top ? word : scale->top) << scale->up >> scale->down);
}

static inline unsigned word_at(const uint8_t *at)
{
    uint16_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static void across(int16_t *restrict out, const uint8_t *restrict line,
                   const struct vanon_row_plan *plan)
{
    const struct vanon_row_scale scale = plan->scale;
    int step = plan->step;

    if (plan->sample_bytes == 1) {
        for (size_t i = 0; i < plan->count; i++) {
            const uint8_t *at = line + plan->index[i];

            out[i] = between((int16_t)(at[0] << 7), (int16_t)(at[step] << 7), plan->weight[i]);
        }
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const uint8_t *at = line + plan->index[i];

        out[i] = between(scale_word(&scale, word_at(at)), scale_word(&scale, word_at(at + step)),
                         plan->weight[i]);
    }
}

static inline uint32_t level(const struct vanon_fixed_rgb *to, int channel, const int32_t value[3])
{
    int32_t sum = to->factor[channel][0] * value[0] + to->factor[channel][1] * value[1] +
                  to->factor[channel][2] * value[2] + to->offset[channel];

    sum >>= to->shift;
    sum = sum > 0 ? sum : 0;
    return (uint32_t)(sum < to->top ? sum : to->top);
}

static void to_rgb(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to, size_t count)
{
    const uint8_t *tone = to->tone;

    for (size_t i = 0; i < count; i++) {
        int32_t value[3];
        uint32_t rgb[3];

        for (int c = 0; c < 3; c++)
            value[c] = between(component[c].above[i], component[c].below[i], component[c].weight);
        for (int c = 0; c < 3; c++) {
            rgb[c] = level(to, c, value);
            if (tone)
                rgb[c] = tone[rgb[c]];
        }
        pixels[i] = rgb[0] | rgb[1] << 8 | rgb[2] << 16;
    }
}

static void store(uint8_t *restrict rgb, const uint32_t *restrict pixels, size_t count)
{
    /* The next pixel overwrites the fourth byte of the one before. */
    for (size_t i = 0; i + 1 < count; i++)
        memcpy(rgb + 3 * i, &pixels[i], 4);
    if (count)
        memcpy(rgb + 3 * (count - 1), &pixels[count - 1], 3);
}

const struct vanon_letterbox_kernels vanon_letterbox_kernels_c = {across, to_rgb, store};

const struct vanon_letterbox_kernels *vanon_letterbox_kernels(unsigned cpu_flags)
{
#ifdef __x86_64__
    if (cpu_flags & VANON_CPU_AVX512)
        return &vanon_letterbox_kernels_avx512;
    if (cpu_flags & VANON_CPU_AVX2)
        return &vanon_letterbox_kernels_avx2;
#elif defined __aarch64__
    if (cpu_flags & VANON_CPU_NEON)
        return &vanon_letterbox_kernels_neon;
#endif
    (void)cpu_flags;
    return &vanon_letterbox_kernels_c;
}
