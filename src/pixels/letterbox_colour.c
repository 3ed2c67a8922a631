/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox_colour.h"

#include <math.h>

#define HD_LINES 576 /* unspecified colour: more lines than this are taken as BT.709 */

enum h273_matrix {
    MATRIX_IDENTITY = 0,
    MATRIX_BT709 = 1,
    MATRIX_FCC = 4,
    MATRIX_BT470BG = 5,
    MATRIX_BT601 = 6,
    MATRIX_SMPTE240M = 7,
    MATRIX_BT2020 = 9,
    MATRIX_BT2020_CONSTANT = 10,
};

enum h273_transfer { TRANSFER_PQ = 16, TRANSFER_HLG = 18 };

/* The shares of red and blue in luma. */
struct luma_weights {
    double red, blue;
};

static struct luma_weights luma_weights(int matrix, int height)
{
    switch (matrix) {
    case MATRIX_BT709:
        return (struct luma_weights){0.2126, 0.0722};
    case MATRIX_FCC:
        return (struct luma_weights){0.30, 0.11};
    case MATRIX_BT470BG:
    case MATRIX_BT601:
        return (struct luma_weights){0.299, 0.114};
    case MATRIX_SMPTE240M:
        return (struct luma_weights){0.212, 0.087};
    case MATRIX_BT2020:
    case MATRIX_BT2020_CONSTANT:
        return (struct luma_weights){0.2627, 0.0593};
    default:
        return luma_weights(height > HD_LINES ? MATRIX_BT709 : MATRIX_BT601, height);
    }
}

/* R, G, B of 0..1 from Y of 0..1 and U, V of -0.5..0.5. */
static void yuv_factors(struct luma_weights luma, double factor[3][3])
{
    double green = 1 - luma.red - luma.blue;
    double from_v = 2 * (1 - luma.red), from_u = 2 * (1 - luma.blue);

    for (int channel = 0; channel < 3; channel++)
        factor[channel][0] = 1;
    factor[0][2] = from_v;
    factor[1][1] = -from_u * luma.blue / green;
    factor[1][2] = -from_v * luma.red / green;
    factor[2][1] = from_u;
}

/* Fills R, G, B of 0..1 from the components scaled as `scale_component` has them. */
static void model_factors(const struct vanon_pixel_layout *layout, const vanon_frame *like,
                          double factor[3][3])
{
    switch (layout->model) {
    case VANON_MODEL_GRAY:
        factor[0][0] = factor[1][0] = factor[2][0] = 1;
        break;
    case VANON_MODEL_RGB:
        factor[0][0] = factor[1][1] = factor[2][2] = 1;
        break;
    case VANON_MODEL_YUV:
        if (like->colour.matrix == MATRIX_IDENTITY)
            factor[0][2] = factor[1][0] = factor[2][1] = 1;
        else
            yuv_factors(luma_weights(like->colour.matrix, like->height), factor);
        break;
    }
}

/* The sample that stands for 0, and the distance from there to the one that stands for 1. */
static void scale_component(const struct vanon_pixel_layout *layout, const vanon_frame *like,
                            int component, double *zero, double *span)
{
    const struct vanon_component *part = &layout->component[component];
    double unit = 1 << part->shift, step = unit * (1 << (part->depth - 8));
    bool limited = layout->model != VANON_MODEL_RGB && !like->colour.full_range;
    bool centred =
        vanon_component_is_chroma(layout, component) && like->colour.matrix != MATRIX_IDENTITY;

    if (limited) {
        *zero = (centred ? 128 : 16) * step;
        *span = (centred ? 224 : 219) * step;
    } else {
        *zero = centred ? 128 * step : 0;
        *span = ((1 << part->depth) - 1) * unit;
    }
}

/* BT.2100: light on the display in units of the reference white. */
static double pq_light(double signal)
{
    const double m1 = 2610.0 / 16384, m2 = 2523.0 / 32, c1 = 107.0 / 128, c2 = 2413.0 / 128,
                 c3 = 2392.0 / 128;
    double power = pow(signal, 1 / m2);

    return 10000.0 / 203 * pow(fmax(power - c1, 0) / (c2 - c3 * power), 1 / m1);
}

static double hlg_light(double signal)
{
    const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * log(4 * a);
    double scene = signal <= 0.5 ? signal * signal / 3 : (exp((signal - c) / a) + b) / 12;

    return 1000.0 / 203 * pow(scene, 1.2);
}

static double roll_off(double light)
{
    const double knee = 0.75;

    return light <= knee ? light : 1 - (1 - knee) * exp(-(light - knee) / (1 - knee));
}

static double srgb_signal(double light)
{
    return light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

static void fill_tones(struct vanon_to_rgb *to_rgb, double (*light)(double signal))
{
    for (int i = 0; i < VANON_TONES; i++) {
        double shown = roll_off(light((double)i / (VANON_TONES - 1)));
        to_rgb->tone[i] = (uint8_t)(255 * srgb_signal(shown) + 0.5);
    }
}

void vanon_to_rgb_init(struct vanon_to_rgb *to_rgb, const vanon_frame *like)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    int components = layout->model == VANON_MODEL_GRAY ? 1 : 3;
    double factor[3][3] = {{0}};

    *to_rgb = (struct vanon_to_rgb){.top = 255};
    if (like->colour.transfer == TRANSFER_PQ || like->colour.transfer == TRANSFER_HLG) {
        to_rgb->toned = true;
        to_rgb->top = VANON_TONES - 1;
        fill_tones(to_rgb, like->colour.transfer == TRANSFER_PQ ? pq_light : hlg_light);
    }
    model_factors(layout, like, factor);
    for (int channel = 0; channel < 3; channel++) {
        double offset = 0.5;

        for (int component = 0; component < components; component++) {
            double zero, span, scaled;
            scale_component(layout, like, component, &zero, &span);
            scaled = to_rgb->top * factor[channel][component] / span;
            to_rgb->factor[channel][component] = (float)scaled;
            offset -= scaled * zero;
        }
        to_rgb->offset[channel] = (float)offset;
    }
}

/* A factor for samples of 15 bits, and what the half of a word's lowest bit adds: words of 16 bits
 * have lost it, and are taken as the odd one of the two they can have been, so that white stays
 * white. */
static double fix_factor(const struct vanon_pixel_layout *layout, double factor, double *lost)
{
    const struct vanon_component *part = &layout->component[0];
    int bits = part->depth + part->shift;

    *lost = bits == 16 && part->shift == 0 ? factor : 0;
    return ldexp(factor, bits - 15);
}

void vanon_to_rgb_fix(struct vanon_fixed_rgb *fixed, const struct vanon_to_rgb *to_rgb,
                      const struct vanon_pixel_layout *layout)
{
    const double middle = 1 << 14, most = (1 << 15) - 1;
    double factor[3][3], offset[3], largest = 0, sum = 0;

    for (int channel = 0; channel < 3; channel++) {
        double reach = 0, lost;

        offset[channel] = to_rgb->offset[channel];
        for (int i = 0; i < 3; i++) {
            factor[channel][i] = fix_factor(layout, to_rgb->factor[channel][i], &lost);
            offset[channel] += lost;
            largest = fmax(largest, fabs(factor[channel][i]));
            reach += fabs(factor[channel][i]) * (most + 1);
        }
        sum = fmax(sum, reach + fabs(offset[channel]) + 1);
    }
    *fixed = (struct vanon_fixed_rgb){.top = (int16_t)to_rgb->top,
                                      .tone = to_rgb->toned ? to_rgb->tone : NULL};
    while (ldexp(largest, fixed->shift + 1) < most && ldexp(sum, fixed->shift + 1) < INT32_MAX)
        fixed->shift++;
    for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < 3; i++) {
            double exact = ldexp(factor[channel][i], fixed->shift);

            fixed->factor[channel][i] = (int16_t)lrint(exact);
            /* What rounding the factor changes is made good in the middle of the range. */
            offset[channel] += ldexp((exact - rint(exact)) * middle, -fixed->shift);
        }
        fixed->offset[channel] = (int32_t)lrint(ldexp(offset[channel], fixed->shift));
    }
}
