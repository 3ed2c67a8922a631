/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in, files out: one input, read, hidden and written, with its sound, subtitles and chapters.
 *
 * The options name input and output ("input", "output") and all else. The output appears under its
 * name only when it is complete; whatever ends the job earlier leaves nothing there.
 *
 * Thread-safety: a job belongs to one thread, but for vanon_job_cancel.
 */
#ifndef VANON_JOB_H
#define VANON_JOB_H

#include <vanon/engine.h>
#include <vanon/options.h>
#include <vanon/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vanon_job vanon_job;

struct vanon_progress {
    uint64_t frames;        /* written so far */
    uint64_t total;         /* as the container says or the duration suggests; 0: not known */
    double seconds;         /* since the start */
    double frames_a_second; /* over the last seconds */

    /* Looked at twice a second. */
    double cpu_use; /* processors that this process kept busy */
    double gpu_use; /* of a GPU, 0..1; < 0: none is known, and neither is what follows */
    double gpu_decoder, gpu_encoder; /* of its video units, likewise; < 0: it does not say */
    uint64_t gpu_memory;             /* bytes, of all processes */
    const char *slowest; /* the stage with the least time to spare so far ("read", "network") */
    double load;         /* its: the part of the time in which it was at work, to 1 */
    const struct vanon_engine_stats *stats; /* NULL: not yet */
};

enum vanon_job_mode {
    VANON_JOB_ANONYMIZE, /* video to video */
    VANON_JOB_DETECT,    /* video to a sidecar file of objects (JSON Lines); no pictures in it */
    VANON_JOB_EXPLAIN,   /* the option "frame" of a video to a picture (PNG) and words that say why
                            each region is there; the picture hides nothing */
    VANON_JOB_VERIFY,    /* the options "input" and "output" name a video and what was made of it:
                            looks for what still shows; writes nothing but the option "sheet" */
};

struct vanon_job_params {
    const vanon_options *options; /* copied */
    const vanon_log *log;         /* must outlive the job; NULL = silent */
    enum vanon_job_mode mode;
    /* Called now and then from a thread of the job, never from two at once, the last time at the
     * end; NULL: not wanted. */
    void (*progress)(void *opaque, const struct vanon_progress *progress);
    void *opaque;
};

/*
 * Checks options, input and output, without a look at the picture. VANON_ERR_OPTION, VANON_ERR_IO,
 * VANON_ERR_EXISTS, VANON_ERR_INPUT, VANON_ERR_UNSUPPORTED, VANON_ERR_MODEL, VANON_ERR_INFERENCE,
 * VANON_ERR_MEMORY.
 */
VANON_API int vanon_job_create(vanon_job **out, const struct vanon_job_params *params);
VANON_API void vanon_job_destroy(vanon_job **job);

/*
 * Does the work, once, and returns when the output is in place or nothing is left of it. Any code;
 * VANON_ERR_STALLED: the network hangs; its memory and threads are left to it when the job is
 * destroyed, and the program had better end with _exit;
 * VANON_ERR_SHOWS where VANON_JOB_VERIFY, or the option strict, finds something that still shows;
 * VANON_ERR_CANCELLED after vanon_job_cancel, VANON_ERR_NOBODY where expect_people is set and
 * nobody was found, VANON_ERR_STATE on a second call.
 */
VANON_API int vanon_job_run(vanon_job *job);

/* Makes vanon_job_run end soon with VANON_ERR_CANCELLED. From any thread, and from a signal
 * handler. */
VANON_API void vanon_job_cancel(vanon_job *job);

/*
 * What happened, as one JSON object (its keys are in docs/report.md). The string belongs to the job
 * and holds until its end or the next call; NULL where there is no memory.
 */
VANON_API const char *vanon_job_report(vanon_job *job);

/* What VANON_JOB_EXPLAIN or VANON_JOB_VERIFY (or the option strict) found, in lines of text; with
 * the codec md5 the checksum and the input, as md5sum writes them; else, and before the run, "".
 * Belongs to the job. */
VANON_API const char *vanon_job_summary(const vanon_job *job);

/* The path that the job writes: the option "output", or the name made from the input's; "" where it
 * writes none. Belongs to the job. */
VANON_API const char *vanon_job_output(const vanon_job *job);

/*
 * The path that a job writes when the option "output" is empty: beside the option "input"
 * ("clip.anonymized.mp4" for "clip.mp4", "clip.people.jsonl" of VANON_JOB_DETECT,
 * "clip.frame120.png" of VANON_JOB_EXPLAIN), or, where `folder` is not NULL, in that folder under
 * the input's own name ("clip.mp4"). The ending is the input's where such a file can be written,
 * else ".mp4"; "": the job writes no file. To be freed with free(); NULL: no memory. Thread-safe.
 */
VANON_API char *vanon_job_default_output(const vanon_options *options, enum vanon_job_mode mode,
                                         const char *folder);

/*
 * Makes the libraries that read and write media (libav*) send nothing to stderr, in the whole
 * process; what matters of it comes through the log. For a program that is all ours: a library must
 * not decide that for its user.
 */
VANON_API void vanon_quiet_libraries(void);

#ifdef __cplusplus
}
#endif

#endif
