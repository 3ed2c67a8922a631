/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the letterbox, each over one row; pure. All in integers, so that every set of
 * instructions gives the same bits.
 *
 * Samples are first brought to 15 bits: a byte, or a word of 16 bits with its picture in the high
 * ones, loses the lowest bit of 16; others are cut to their depth and shifted up. Between two
 * values of 15 bits, `w` 32768ths of the way is
 *
 *     a + ((b - a) * w + 16384 >> 15)
 *
 * which x86 (vpmulhrsw) and ARM (sqrdmulh) have as one instruction.
 */
#ifndef VANON_PIXELS_LETTERBOX_ROWS_H
#define VANON_PIXELS_LETTERBOX_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "pixels/letterbox_colour.h"

#define VANON_ROW_BLOCK  32 /* rows have room for, and plans are made of, a multiple of this */
#define VANON_ROW_WINDOW 16 /* bytes of the line that one shuffle sees */

static inline size_t vanon_row_room(size_t count)
{
    return (count + VANON_ROW_BLOCK - 1) / VANON_ROW_BLOCK * VANON_ROW_BLOCK;
}

/* From a word, or a byte shifted up to be one, to 15 bits: min(word, top) << up >> down. */
struct vanon_row_scale {
    uint16_t top;
    uint8_t up, down;
};

/*
 * Where along a line the samples are taken from. The last three members are the same for code that
 * shuffles bytes: a block of results is made in `rounds`, each taking VANON_ROW_BLOCK / rounds of
 * them from four windows of the line. In a round the k-th window serves results of the block's k-th
 * quarter. For each round there are four windows and two shuffles of four times 16 bytes, for the
 * sample before and the one after; each sets words, the high byte of a byte's, and leaves those of
 * other rounds 0.
 */
struct vanon_row_plan {
    size_t count;   /* of results */
    int32_t *index; /* for each, in bytes from the line's first sample: the sample before */
    int16_t *weight;
    int step; /* bytes from there to the one after; 0 where there is but one sample */
    int sample_bytes;
    struct vanon_row_scale scale;
    int rounds;      /* 0: the line is shorter than a window, `index` only */
    int32_t *window; /* in bytes from the line's first sample */
    uint8_t *shuffle;
};

/* Two rows, and how far the result is on the way from one to the other. */
struct vanon_row_pair {
    const int16_t *above, *below;
    int16_t weight;
};

/* No result depends on what a row or plan holds beyond its count; they only must have room. */
struct vanon_letterbox_kernels {
    /* out[i] lies between two samples of the line, as planned. Room: vanon_row_room(count). */
    void (*across)(int16_t *restrict out, const uint8_t *restrict line,
                   const struct vanon_row_plan *plan);

    /* Three components to packed pixels: R in the lowest byte, then G, B, 0. Room: likewise, of
     * pixels and rows. */
    void (*to_rgb)(uint32_t *restrict pixels, const struct vanon_row_pair component[3],
                   const struct vanon_fixed_rgb *to_rgb, size_t count);

    /* Packed pixels to three bytes each, side by side; nothing else is written. */
    void (*store)(uint8_t *restrict rgb, const uint32_t *restrict pixels, size_t count);
};

extern const struct vanon_letterbox_kernels vanon_letterbox_kernels_c;
extern const struct vanon_letterbox_kernels vanon_letterbox_kernels_avx2;
extern const struct vanon_letterbox_kernels vanon_letterbox_kernels_avx512;
extern const struct vanon_letterbox_kernels vanon_letterbox_kernels_neon;

/* The best for these flags of base/cpu.h. */
const struct vanon_letterbox_kernels *vanon_letterbox_kernels(unsigned cpu_flags);

#endif
