/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a format's samples to RGB of 8 bits, as the network's training pictures have it. Part of the
 * letterbox.
 *
 *     matrix (H.273)      taken as
 *     0                   identity: G, B, R in the places of Y, U, V
 *     1                   BT.709
 *     4                   FCC
 *     5, 6                BT.601
 *     7                   SMPTE 240M
 *     9, 10               BT.2020 (10, constant luminance, by the same matrix)
 *     2, any other        BT.709 where the coded picture is higher than 576 lines, else BT.601
 *
 * YUV and grey have the range that the frame's colour says; RGB always has the full one.
 *
 * PQ (transfer 16) and HLG (18) go through a tone curve, each channel alone, primaries as they are:
 * light in units of the reference white (203 cd/m2; HLG shown at 1000 cd/m2 peak), linear up to
 * 0.75, from there bent towards 1 without reaching it, then the sRGB curve. Every other transfer
 * stays.
 */
#ifndef VANON_PIXELS_LETTERBOX_COLOUR_H
#define VANON_PIXELS_LETTERBOX_COLOUR_H

#include <vanon/frame.h>

#include "pixels/format.h"

#define VANON_TONES 4096

/* Level of an output channel = sum of factor x sample + offset (which has the half for rounding),
 * cut to 0..top; an index into `tone` where there is a tone curve. */
struct vanon_to_rgb {
    float factor[3][3]; /* R, G, B from components 0, 1, 2; grey has the first only */
    float offset[3];
    float top; /* 255, or VANON_TONES - 1 */
    bool toned;
    uint8_t tone[VANON_TONES];
};

/* The same for samples of 15 bits (letterbox_rows.h), in integers: level = sum of factor x sample +
 * offset >> shift, cut to 0..top. No sum of samples 0..32767 leaves 32 bits on its way. */
struct vanon_fixed_rgb {
    int16_t factor[3][3];
    int32_t offset[3];
    int16_t top; /* 255 where there is no tone curve */
    uint8_t shift;
    const uint8_t *tone; /* of the vanon_to_rgb it was made from; NULL: no tone curve */
};

/* For frames like `like`, whose format and height count. */
void vanon_to_rgb_init(struct vanon_to_rgb *to_rgb, const vanon_frame *like);

/* `to_rgb` in integers; it stays where it is for as long as the result is used. */
void vanon_to_rgb_fix(struct vanon_fixed_rgb *fixed, const struct vanon_to_rgb *to_rgb,
                      const struct vanon_pixel_layout *layout);

#endif
