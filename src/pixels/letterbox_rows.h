/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of the letterbox, each over one row; pure. Written so that the compiler turns
 * them into vector code where there is any; hand-written vector code replaces them one by one. */
#ifndef VANON_PIXELS_LETTERBOX_ROWS_H
#define VANON_PIXELS_LETTERBOX_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "pixels/letterbox_colour.h"

/* Between two lines of samples: `weight` 0 is `above`, 1 is `below`. */
void vanon_row_blend8(float *restrict row, const uint8_t *above, const uint8_t *below, float weight,
                      size_t count);
void vanon_row_blend16(float *restrict row, const uint16_t *above, const uint16_t *below,
                       float weight, size_t count);

/* out[i] lies between row[index[i]] and the sample `step` further, `weight[i]` of the way. */
void vanon_row_gather(float *restrict out, const float *restrict row, const int32_t *restrict index,
                      const float *restrict weight, size_t step, size_t count);

/* Three components to packed pixels: R in the lowest byte, then G, B, 0. */
void vanon_row_to_rgb(uint32_t *restrict pixels, const float *first, const float *second,
                      const float *third, const struct vanon_to_rgb *to_rgb, size_t count);

/* Packed pixels to three bytes each; the first byte of each is `step` bytes from the last one's. */
void vanon_row_store(uint8_t *restrict rgb, ptrdiff_t step, const uint32_t *restrict pixels,
                     size_t count);

#endif
