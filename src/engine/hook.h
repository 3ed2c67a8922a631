/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests alone: what stands in the way of a stage. No option sets it.
 */
#ifndef VANON_ENGINE_HOOK_H
#define VANON_ENGINE_HOOK_H

#include <vanon/engine.h>

/*
 * `before` is called without any lock before a stage works on a frame, in the thread that does it:
 * the stages of vanon_engine_stats, and of a job "read" and "write" as well. It may wait. A status
 * that is not VANON_OK is what the stage then fails with. Frames are counted from 0.
 */
struct vanon_hook {
    int (*before)(void *opaque, const char *stage, uint64_t frame);
    void *opaque;
};

/* Copied. Before the first frame is submitted. */
void vanon_engine_set_hook(vanon_engine *engine, const struct vanon_hook *hook);

/* What the hook says; VANON_OK where there is none. */
static inline int vanon_hook_ask(const struct vanon_hook *hook, const char *stage, uint64_t frame)
{
    return hook->before ? hook->before(hook->opaque, stage, frame) : VANON_OK;
}

#endif
