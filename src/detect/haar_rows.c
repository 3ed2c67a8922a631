/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_rows.h"

#include <stddef.h>

void vanon_haar_row_sums(uint32_t *restrict sums, const uint32_t *restrict sums_above,
                         uint32_t *restrict squares, const uint32_t *restrict squares_above,
                         const uint8_t *restrict pixels, int width)
{
    uint32_t sum = 0, square = 0;

    sums[0] = squares[0] = 0;
    for (int x = 0; x < width; x++) {
        uint32_t pixel = pixels[x];

        sum += pixel;
        square += pixel * pixel;
        sums[x + 1] = sums_above[x + 1] + sum;
        squares[x + 1] = squares_above[x + 1] + square;
    }
}

void vanon_haar_row_tilted(uint32_t *restrict tilted, const uint32_t *restrict above,
                           const uint32_t *restrict two_above, const uint8_t *restrict pixels,
                           const uint8_t *restrict pixels_above, int width)
{
    if (!pixels_above) {
        tilted[0] = 0;
        for (int x = 0; x < width; x++)
            tilted[x + 1] = pixels[x];
        return;
    }
    /* Two cones one row up overlap in a third two rows up; the tip and the pixel above it are in
     * neither. Beyond the picture's sides cones are as high as they reach into it. */
    tilted[0] = above[1];
    for (int x = 1; x < width; x++)
        tilted[x] =
            above[x - 1] + above[x + 1] - two_above[x] + pixels[x - 1] + pixels_above[x - 1];
    tilted[width] = above[width - 1] + pixels[width - 1] + pixels_above[width - 1];
}
