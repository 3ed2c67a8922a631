/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in, frames out: the whole of detect, track, regions and render over worker threads,
 * without any file. For a program that has frames of its own; for files see job.h.
 *
 *     status = vanon_engine_create(&engine, &params);
 *     while (!status && (frame = next_frame())) {
 *         while ((status = vanon_engine_submit(engine, &frame, 0)) == VANON_ERR_AGAIN)
 *             if (!vanon_engine_receive(engine, &output, -1))     // full: take one out first
 *                 use(&output);                                   // and unref output.frame
 *         vanon_frame_unref(&frame);                              // still ours after an error only
 *     }
 *     if (!status)
 *         status = vanon_engine_drain(engine);
 *     while (!status && !(status = vanon_engine_receive(engine, &output, -1)))
 *         use(&output);
 *     vanon_engine_destroy(&engine);                              // all went well: VANON_ERR_EOF
 *
 * Data flow: frames come out in the order in which they went in, one for each. At most `capacity`
 * frames are inside; then submit says VANON_ERR_AGAIN. An engine never drops a frame and never
 * hands one out that was not examined: where something fails, it stops, and every call from then on
 * returns that error (or, with on_error = hide, the frame comes out hidden whole and counted).
 *
 * Frames may be in the memory of one of NVIDIA's GPUs (VANON_MEMORY_CUDA), where the plugin for it
 * is there: they stay in it, and what comes out is ready. But with exact_styles they come out in
 * the host's.
 *
 * Frames of different size, format, rotation or aspect may follow each other; each change costs a
 * preparation of the model.
 *
 * Thread-safety: safe. Usual is one thread that submits and one that receives; several submitters
 * must agree on the order among themselves. Results do not depend on the number of threads, on
 * batch or queue sizes.
 */
#ifndef VANON_ENGINE_H
#define VANON_ENGINE_H

#include <vanon/frame.h>
#include <vanon/object.h>
#include <vanon/options.h>
#include <vanon/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vanon_engine vanon_engine;

struct vanon_engine_params {
    const vanon_options *options; /* copied; NULL = defaults */
    const vanon_log *log;         /* must outlive the engine; NULL = silent */
    bool detect_only; /* frames come out as they went in, with objects and regions: for analysis,
                         never for publishing */
    bool without_pictures; /* with detect_only: a frame is let go once it was looked at, so that the
                              look-ahead takes no memory. What comes out has all but its samples
                              (and its memory is VANON_MEMORY_HARDWARE) */
    double time_zero; /* where the times of options (region, hide_span, ...) count from: the video's
                         beginning, in seconds on the clock of the frames' time stamps */
};

/* What comes out. `frame` belongs to the receiver; the lists belong to the engine and hold until
 * the next receive, flush or destroy. */
typedef struct vanon_output {
    vanon_frame *frame; /* hidden where anything is to hide; else the very frame that went in */
    const vanon_object_list *objects;
    const vanon_region_list *regions;
    bool hidden_whole; /* damaged, or its examination failed, and on_error is hide */
} vanon_output;

/* What a stage did so far, summed over threads. */
struct vanon_stage_stats {
    const char *name;
    uint64_t frames;
    double seconds;     /* wall time inside */
    double cpu_seconds; /* processor time; of the network 0: its threads are not ours */
};

#define VANON_MAX_STAGES  8
#define VANON_MAX_QUEUES  8
#define VANON_FILL_POINTS 64

/* How many frames were at one place between two stages. */
struct vanon_queue_stats {
    const char *name;
    size_t now, most;
    double mean;          /* over the run */
    double frame_seconds; /* time that frames spent there, summed over frames */
    size_t points;        /* of the course: means over vanon_engine_stats.fill_interval each */
    float course[VANON_FILL_POINTS];
};

struct vanon_engine_stats {
    uint64_t frames_in, frames_out;
    uint64_t frames_seen;         /* that the network looked at */
    uint64_t looks_left_out;      /* of the network's, that found more people than max_det */
    uint64_t frames_hidden_whole; /* see vanon_output */
    uint64_t frames_changed;      /* with at least one region */
    uint64_t objects, regions;    /* sums over all frames */
    uint64_t frames_on_device;    /* that stay in a GPU's memory from end to end */
    uint64_t frames_downloaded;   /* of these, that were copied to the host's for the detector */
    double seconds;               /* from the first frame to the last event */
    size_t stages;
    struct vanon_stage_stats stage[VANON_MAX_STAGES];
    double worker_cpu_seconds; /* of the engine's threads: the stages', and the scheduling */
    size_t queues;
    struct vanon_queue_stats queue[VANON_MAX_QUEUES];
    double fill_interval; /* seconds */
    double compile_seconds,
        compile_cpu_seconds; /* of models, for each size of input once; is in no stage */
    int64_t first_seen;  /* when the first frame was examined: nanoseconds of CLOCK_MONOTONIC; 0:
                            none was yet */
    const char *slowest; /* the stage that had the least time to spare; NULL: no frame yet */
    double load;         /* of that stage: the part of the time in which it was at work, to 1 */
    char detector[32];   /* "openvino", "null", "replay", "apply" */
    char device[32];     /* what it runs on: "CPU" */
    char precision[8];   /* what it runs in: "f32", "bf16" */
    char model[256];     /* path of the model; empty: none */
    char model_sha256[65];
    int network_width, network_height; /* of the largest network input so far; 0: none */
    size_t workers, requests, batch, capacity;
};

/*
 * Makes an engine: reads and checks the model, starts the threads. VANON_ERR_OPTION,
 * VANON_ERR_MODEL, VANON_ERR_INFERENCE, VANON_ERR_IO, VANON_ERR_MEMORY.
 */
VANON_API int vanon_engine_create(vanon_engine **out, const struct vanon_engine_params *params);

/* Ends the threads and frees all, also in the middle of work; where the network has stalled
 * (VANON_ERR_STALLED: see the option stall_seconds) all but what that may still use. NULL-safe,
 * nulls the pointer. Not while another thread is inside a call. */
VANON_API void vanon_engine_destroy(vanon_engine **engine);

/*
 * Gives a frame; ownership goes with it on VANON_OK only (the pointer is nulled). Waits for room up
 * to `timeout_ms` (0: not at all, -1: without end). VANON_ERR_AGAIN: no room in that time;
 * VANON_ERR_STATE: after a drain; VANON_ERR_UNSUPPORTED: a format or memory that can't be handled;
 * VANON_ERR_INFERENCE, VANON_ERR_MEMORY: the GPU that has the frame failed, or has no room;
 * VANON_ERR_ARGUMENT: a frame that breaks frame.h; else what ended the engine.
 */
VANON_API int vanon_engine_submit(vanon_engine *engine, vanon_frame **frame, int timeout_ms);

/*
 * Takes the next frame. Waits up to `timeout_ms` as above. VANON_ERR_AGAIN: none is ready (without
 * a drain, look-ahead may keep some back); VANON_ERR_EOF: drained and empty; else what ended the
 * engine. `output->frame` is NULL unless VANON_OK.
 */
VANON_API int vanon_engine_receive(vanon_engine *engine, vanon_output *output, int timeout_ms);

/* Says that no frame follows: those inside come out without waiting for later ones. Returns what
 * ended the engine, if so. */
VANON_API int vanon_engine_drain(vanon_engine *engine);

/* Throws away all frames inside and forgets all tracks, as for a seek; frames may be submitted
 * again, also after a drain. Returns what ended the engine, if so. */
VANON_API int vanon_engine_flush(vanon_engine *engine);

/* Ends the engine with `status` (a negative code): every call inside or later returns it at once.
 * Safe from any thread. */
VANON_API void vanon_engine_abort(vanon_engine *engine, int status);

/* How many frames may be inside before the first comes out: a caller with fewer frames of its own
 * than this can't run. */
VANON_API size_t vanon_engine_latency(const vanon_engine *engine);

/* Fills in what was measured so far. Safe from any thread. */
VANON_API void vanon_engine_get_stats(vanon_engine *engine, struct vanon_engine_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
