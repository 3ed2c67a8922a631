/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What styles do with rows of samples that lie side by side; pure, in integers. Written once, in
 * rows_tmpl.h, such that the compiler makes vector code of it for each set of instructions. Rows
 * are as short as shapes are narrow, so that AVX-512 was slower than AVX2 and is left out.
 */
#ifndef VANON_RENDER_ROWS_H
#define VANON_RENDER_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define VANON_ROW_TAPS 5 /* of mix */

struct vanon_render_rows {
    /* at = (at * (255 - coverage) + value * coverage) / 255, rounded to nearest; one value. */
    void (*blend_flat8)(uint8_t *restrict at, const uint8_t *restrict coverage, unsigned value,
                        size_t count);
    void (*blend_flat16)(uint16_t *restrict at, const uint8_t *restrict coverage, unsigned value,
                         size_t count);

    /* The same, a value each; those for bytes are bytes. */
    void (*blend8)(uint8_t *restrict at, const uint8_t *restrict coverage,
                   const uint16_t *restrict value, size_t count);
    void (*blend16)(uint16_t *restrict at, const uint8_t *restrict coverage,
                    const uint16_t *restrict value, size_t count);

    /* Sums; `count` of at most 65537 samples. */
    uint32_t (*sum8)(const uint8_t *at, size_t count);
    uint32_t (*sum16)(const uint16_t *at, size_t count);

    /* to[i] = the largest of to[i], from[2 * i] and from[2 * i + 1]. */
    void (*most_of_pairs)(uint8_t *restrict to, const uint8_t *restrict from, size_t count);

    /* to = five rows `next` apart, weighted, rounded and shifted down by `drop` bits; the weights'
     * sum is at most 32768, and the result fits. */
    void (*mix)(uint16_t *restrict to, const uint16_t *restrict from, size_t next,
                const uint16_t weight[VANON_ROW_TAPS], int drop, size_t count);

    void (*add)(uint32_t *restrict to, const uint16_t *restrict from, size_t count);
    void (*subtract)(uint32_t *restrict to, const uint16_t *restrict from, size_t count);

    /* to += from * tap */
    void (*add_tap)(uint32_t *restrict to, const uint16_t *restrict from, uint32_t tap,
                    size_t count);
    void (*add_wide_tap)(uint64_t *restrict to, const uint32_t *restrict from, uint32_t tap,
                         size_t count);
};

extern const struct vanon_render_rows vanon_render_rows_c;
extern const struct vanon_render_rows vanon_render_rows_avx2;

/* The best for these flags of base/cpu.h. */
const struct vanon_render_rows *vanon_render_rows(unsigned cpu_flags);

#endif
