/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's inside, shared by engine.c (the interface) and schedule.c (the work).
 *
 * A ring of slots, one for each frame inside, numbered by the order of submission. Four cursors run
 * round it one behind the other, and a frame's state says which of them has passed:
 *
 *     receive <= render <= pull <= push <= decided <= submit
 *
 * Which frames the network looks at, and how, the look planner says (look.h): frames are decided
 * when all their looks are done. Workers take what can be done, nearest to the network first so
 * that it never waits: collect a finished request, fill a free one with looks that are wanted,
 * track (one worker at a time, in order), render. There is one lock; all work is done without it,
 * on slots whose state says that nobody else may touch them.
 */
#ifndef VANON_ENGINE_INTERNAL_H
#define VANON_ENGINE_INTERNAL_H

#include <vanon/engine.h>

#include "base/thread.h"
#include "detect/detector.h"
#include "engine/aspect.h"
#include "engine/growth.h"
#include "engine/hook.h"
#include "engine/look.h"
#include "engine/measure.h"
#include "engine/plan.h"
#include "engine/script.h"
#include "engine/stall.h"
#include "pixels/frame.h"
#include "pixels/surfaces.h"
#include "render/hold.h"
#include "render/renderer.h"
#include "track/tracker.h"

enum slot_state {
    SLOT_EMPTY,
    SLOT_LOOKED_AT, /* belongs to the look planner, or is decided and waits for the tracker */
    SLOT_TRACKED,   /* belongs to the tracker */
    SLOT_PLANNED,   /* regions are there; waits to be rendered */
    SLOT_RENDERING, /* belongs to a worker */
    SLOT_READY,     /* waits to be received */
};

struct slot {
    enum slot_state state;
    vanon_frame *frame;
    vanon_frame *host; /* the same in the host's memory, for looks, up to the tracker; or NULL.
                          Guarded by the lock */
    vanon_object_list objects;
    vanon_region_list regions;
    struct vanon_stretch stretch; /* to the tracker's space */
    struct vanon_held held;       /* what is shown of them */
    bool unexamined;              /* damaged, or its examination failed: hidden whole */
};

struct request {
    bool busy;      /* holds looks */
    bool submitted; /* the call of submit is over */
    bool answered;  /* the detector said so; may come before `submitted` */
    bool done;      /* likewise, and nobody collects it yet */
    struct vanon_looks_job job[VANON_MAX_BATCH];
    size_t count;
    int64_t since; /* time of submission */
    int hooked;    /* what the hook of the network said */
};

struct vanon_engine {
    vanon_options *options;
    const vanon_log *log;
    bool detect_only, without_pictures;
    vanon_frame_pool *described; /* frames without their samples */
    vanon_frame_pool *downloads; /* frames of a device, in the host's memory */
    vanon_surfaces *surfaces;    /* of the device whose frames came; NULL: none did. Set once, under
                                    the lock, before any of them is inside */
    double time_zero;            /* see vanon_engine_params */
    struct vanon_plan plan;
    vanon_detector *detector;
    vanon_renderer *renderer;
    size_t latency; /* frames of look-ahead; of the first frame's kind once that is there */
    size_t span;    /* frames that must be there for the look planner to decide */

    pthread_t *thread;
    size_t threads; /* that were started */

    /* All below is guarded by `lock`, but for the contents of a slot whose state says that it
     * belongs to someone, and the tracker, hold, script and `memory`, which belong to whoever set
     * `tracking`. */
    pthread_mutex_t lock;
    pthread_cond_t work;  /* something may be done by a worker */
    pthread_cond_t room;  /* a slot is empty */
    pthread_cond_t ready; /* the next frame is ready, or the engine is idle */
    size_t idle;          /* workers that wait for work */
    int status;           /* what ended the engine; VANON_OK: it runs */
    bool stopping;        /* the threads are to end */
    bool started;         /* a frame was submitted since creation or flush */
    bool drained;         /* no frame follows */
    bool flushing;        /* no work may start */
    bool tracking;        /* a worker is in the serial stage */
    bool tracker_drained;
    vanon_tracker *tracker;
    struct vanon_aspect aspect; /* of what the tracker gets; as the tracker, the serial stage's */
    vanon_hold *hold;
    vanon_script *script; /* in place of detector and tracker; NULL: they work */
    struct vanon_regions_memory memory;
    vanon_looks *look;

    struct slot *slot;
    size_t capacity,
        limit; /* slots there are; slots that may be used for frames of the present kind */
    uint64_t next_submit, next_push, next_pull, next_render, next_receive;
    struct request *request;
    size_t requests, requests_busy;
    struct vanon_growth growth; /* of the batch */
    size_t most;                /* of the batch that kinds of frames and looks so far allowed */
    size_t active;              /* workers that are inside some work */
    uint64_t moves;             /* rises with whatever moves */
    struct vanon_stall stall;   /* of the network */
    bool stalled;               /* a request will never be done */

    vanon_object_list out_objects; /* of the frame that was received last */
    vanon_region_list out_regions;
    struct vanon_engine_stats stats; /* the counts; what is timed is in `measure` */
    struct vanon_measure measure;
    struct vanon_hook hook; /* constant once frames are submitted */
};

static inline struct slot *vanon_engine_slot(vanon_engine *engine, uint64_t number)
{
    return &engine->slot[number % engine->capacity];
}

/* Counts what is where. Needs the lock; to be called after whatever moves frames on. */
void vanon_engine_note_fill(vanon_engine *engine);

/* Wakes a worker if one sleeps. Needs the lock. */
void vanon_engine_wake_worker(vanon_engine *engine);

/* A worker's life; `engine` is the argument. */
void *vanon_engine_worker(void *engine);

/* The detector's word that a request is finished. */
void vanon_engine_request_done(void *engine, size_t request);

/* Waits for `cond` as vanon_cond_wait, and ends the engine where the network has stalled. Needs the
 * lock. */
int vanon_engine_wait(vanon_engine *engine, pthread_cond_t *cond, int64_t deadline);

/* True while a request is with the network. Needs the lock. */
bool vanon_engine_is_owed(const vanon_engine *engine);

/* As many frames are inside as may be. Needs the lock. */
bool vanon_engine_is_full(const vanon_engine *engine);

/*
 * surfaces.c: makes a frame in a device's memory ready to be used. `*host`: a copy in the host's
 * memory that goes in instead, as it could not be rendered where it is; NULL: the frame itself
 * does. VANON_ERR_UNSUPPORTED: no plugin, or another device than before; VANON_ERR_ARGUMENT;
 * else as surfaces.h has them.
 */
int vanon_engine_admit(vanon_engine *engine, const vanon_frame *frame, vanon_frame **host);

/* As vanon_glance_take, wherever the frame is. */
int vanon_engine_glance(vanon_engine *engine, const vanon_frame *frame,
                        struct vanon_glance *glance);

/* The job's frame for a detector that can't read it where it is, made once for all looks at it;
 * NULL: the detector can. */
int vanon_engine_fetch(vanon_engine *engine, const struct vanon_looks_job *job, vanon_frame **host);

/* Ends the engine with `status` if it still runs, and wakes everybody. Needs the lock. */
void vanon_engine_fail_locked(vanon_engine *engine, int status);

#endif
