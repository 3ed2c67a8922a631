/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows of one row against a cascade: the inner loop of haar.h; pure. Each window's numbers are
 * computed in the same order whatever the set of instructions, so results are the same bit for bit.
 */
#ifndef VANON_DETECT_HAAR_WINDOWS_H
#define VANON_DETECT_HAAR_WINDOWS_H

#include <stdint.h>

#include "detect/haar_cascade.h"

/* Elements behind the integral pictures' end that may be read, whatever they hold. */
#define VANON_HAAR_TAIL 16

/* A node with all that it takes: what the file says, and where its feature's corners lie from the
 * window's in the integral pictures. Both ways are looked up by which it is, not chosen by a
 * branch: the processor could not foresee it. */
struct vanon_haar_placed {
    uint32_t corner[VANON_HAAR_RECTS][4];
    float weight[VANON_HAAR_RECTS]; /* the third may be 0: there is no such rectangle */
    float threshold;
    int next[2];   /* below the threshold, and else: a node of the tree; not above 0: */
    float leaf[2]; /* what the tree says */
};

/* A cascade in integral pictures: sums, squares `plane` elements behind, tilted sums behind those.
 */
struct vanon_haar_view {
    const vanon_haar_cascade *cascade;
    const struct vanon_haar_placed *node; /* cascade->nodes */
    ptrdiff_t plane;
    uint32_t inner[4]; /* corners of the part of a window that its contrast is of */
    double inner_area;
};

/* How far a window got. */
enum vanon_haar_state {
    VANON_HAAR_FLAT,    /* without contrast: not looked at */
    VANON_HAAR_NOTHING, /* not beyond the first stage */
    VANON_HAAR_SOME,
    VANON_HAAR_ALL,
};

struct vanon_haar_kernels {
    /*
     * Fills state[x] for windows at x = 0, step, 2 * step, ... below `columns`, the first at
     * `window` in the sums. As OpenCV has it the window after one that is VANON_HAAR_NOTHING
     * doesn't count: its state may be anything.
     */
    void (*look)(const struct vanon_haar_view *view, const uint32_t *window, int columns, int step,
                 uint8_t *state);
};

extern const struct vanon_haar_kernels vanon_haar_kernels_c;
extern const struct vanon_haar_kernels vanon_haar_kernels_avx2;

/* The best for these flags of base/cpu.h. */
const struct vanon_haar_kernels *vanon_haar_kernels(unsigned cpu_flags);

#endif
