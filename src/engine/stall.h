/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a network that will never answer from one that is slow. It has stalled when for so many
 * seconds nothing moved, and at no look, one a second, any other thread of this process worked or
 * waited for a processor or a disk. So a machine that is slow, busy or short of memory never
 * counts; nor does time in which this process was stopped, for then nobody looks.
 *
 * Thread-safety: the engine's lock guards a struct vanon_stall.
 */
#ifndef VANON_ENGINE_STALL_H
#define VANON_ENGINE_STALL_H

#include <stdbool.h>
#include <stdint.h>

#define VANON_STALL_LOOK_MS 1000

struct vanon_stall {
    uint64_t moves; /* at the last look */
    int64_t looked; /* when that was, nanoseconds of vanon_clock; 0: never */
    int64_t quiet;  /* nanoseconds up to then */
};

/* To be called at least each VANON_STALL_LOOK_MS while an answer is due. `moves` changes with
 * whatever moves. True: nothing did in `seconds`. */
bool vanon_stall_look(struct vanon_stall *stall, uint64_t moves, int seconds, int64_t now);

#endif
