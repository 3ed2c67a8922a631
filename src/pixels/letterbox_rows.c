/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox_rows.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words and packed pixels");

#define DEFINE_BLEND(name_, sample_)                                                          \
    void name_(float *restrict row, const sample_ *above, const sample_ *below, float weight, \
               size_t count)                                                                  \
    {                                                                                         \
        for (size_t i = 0; i < count; i++)                                                    \
            row[i] = (float)above[i] + (float)(below[i] - above[i]) * weight;                 \
    }

DEFINE_BLEND(vanon_row_blend8, uint8_t)
DEFINE_BLEND(vanon_row_blend16, uint16_t)

void vanon_row_gather(float *restrict out, const float *restrict row, const int32_t *restrict index,
                      const float *restrict weight, size_t step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float *at = row + index[i];
        out[i] = at[0] + (at[step] - at[0]) * weight[i];
    }
}

static inline uint32_t level(const float factor[3], float offset, float top, float first,
                             float second, float third)
{
    float value = factor[0] * first + factor[1] * second + factor[2] * third + offset;

    value = value > 0 ? value : 0;
    value = value < top ? value : top;
    return (uint32_t)(int32_t)value;
}

void vanon_row_to_rgb(uint32_t *restrict pixels, const float *first, const float *second,
                      const float *third, const struct vanon_to_rgb *to_rgb, size_t count)
{
    const struct vanon_to_rgb *to = to_rgb;
    const uint8_t *tone = to_rgb->tone;
    const float top = to_rgb->top;

#define LEVEL(channel_) \
    level(to->factor[channel_], to->offset[channel_], top, first[i], second[i], third[i])
    if (!to_rgb->toned) {
        for (size_t i = 0; i < count; i++)
            pixels[i] = LEVEL(0) | LEVEL(1) << 8 | LEVEL(2) << 16;
        return;
    }
    for (size_t i = 0; i < count; i++)
        pixels[i] = tone[LEVEL(0)] | (uint32_t)tone[LEVEL(1)] << 8 | (uint32_t)tone[LEVEL(2)] << 16;
#undef LEVEL
}

void vanon_row_store(uint8_t *restrict rgb, ptrdiff_t step, const uint32_t *restrict pixels,
                     size_t count)
{
    /* Side by side, the next pixel overwrites the fourth byte of the one before. */
    size_t whole = step == 3 && count ? count - 1 : 0;

    for (size_t i = 0; i < whole; i++)
        memcpy(rgb + 3 * i, &pixels[i], 4);
    for (size_t i = whole; i < count; i++)
        memcpy(rgb + (ptrdiff_t)i * step, &pixels[i], 3);
}
