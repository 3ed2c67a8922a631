/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integral pictures, row by row; pure. Row 0 and, but for tilted ones, column 0 are zero: they have
 * a row and a column more than the picture. All sums are modulo 2^32, which differences undo.
 * Written so that the compiler can turn them into vector code.
 */
#ifndef VANON_DETECT_HAAR_ROWS_H
#define VANON_DETECT_HAAR_ROWS_H

#include <stdint.h>

/* `sums` and `squares` become the rows below `sums_above` and `squares_above`: width + 1 each. */
void vanon_haar_row_sums(uint32_t *restrict sums, const uint32_t *restrict sums_above,
                         uint32_t *restrict squares, const uint32_t *restrict squares_above,
                         const uint8_t *restrict pixels, int width);

/*
 * Row y + 1 of the tilted sums, width + 1 of them: each is the sum of a cone of pixels that widens
 * upwards by one on either side with each row, its tip at pixel (x - 1, y). From rows y and y - 1,
 * and rows y and y - 1 of the picture; where there is no row y - 1, NULL.
 */
void vanon_haar_row_tilted(uint32_t *restrict tilted, const uint32_t *restrict above,
                           const uint32_t *restrict two_above, const uint8_t *restrict pixels,
                           const uint8_t *restrict pixels_above, int width);

#endif
