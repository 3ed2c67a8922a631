/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many frames go into one request, where nobody said: twice as many as long as that makes the
 * network at least 3 % faster. Measured by the clock, and so of no influence on a pixel.
 *
 * Thread-safety: none; the engine's lock guards it. Pure but for what it is told.
 */
#ifndef VANON_ENGINE_GROWTH_H
#define VANON_ENGINE_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vanon_growth {
    size_t batch; /* to use now */
    size_t most;
    bool settled;
    size_t best; /* batch */
    double rate; /* frames a second with it; 0: not measured yet */

    /* of the present window */
    int64_t since; /* nanoseconds; 0: not begun */
    size_t frames;
};

/* From 1 up to `most`; or, not growing, `most` from the beginning. */
void vanon_growth_init(struct vanon_growth *growth, size_t most, bool grows);

/* A request with `frames` frames is done at `now`. */
void vanon_growth_done(struct vanon_growth *growth, size_t frames, int64_t now);

/* The network has to wait for frames: what is measured now would not be its speed. */
void vanon_growth_starved(struct vanon_growth *growth);

#endif
