/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The job's inside: job.c (life cycle, the two threads), output.c (where frames go), report.c (what
 * happened), look.c (what looks at a video and writes none: explain.h, verify.h).
 *
 * The reader thread reads, submits frames to the engine and hands packets to the output; the thread
 * of vanon_job_run receives frames and writes them. They meet in the engine alone: whatever fails
 * ends the engine with that error, and both see it there.
 */
#ifndef VANON_JOB_INTERNAL_H
#define VANON_JOB_INTERNAL_H

#include <stdatomic.h>
#include <stdio.h>

#include <vanon/job.h>

#include "base/publish.h"
#include "base/thread.h"
#include "engine/hook.h"
#include "job/unused.h"
#include "job/use.h"
#include "media/reader.h"
#include "media/writer.h"
#include "options/options.h"
#include "sidecar/sidecar.h"

#define RATE_SAMPLES 64 /* of the frames a second in vanon_progress: over so many frames */

struct vanon_job {
    struct vanon_job_params params;
    vanon_options *options;
    vanon_log log; /* what reader, engine and output get: passes on, and keeps the last error */
    pthread_mutex_t error_lock;
    char error[1024]; /* guarded by error_lock */
    char *output_path;

    struct vanon_explain *explain; /* VANON_JOB_EXPLAIN, which has none of the following */
    struct vanon_verify *verify;   /* VANON_JOB_VERIFY, likewise; or with the option strict */

    vanon_reader *reader;
    vanon_engine *engine;
    vanon_writer *writer; /* VANON_JOB_ANONYMIZE */

    vanon_publish *publish; /* VANON_JOB_DETECT */
    const vanon_job *outer; /* whose first pass this is, see vanon_job_create_within; or NULL */
    int into;               /* that one's file for the sidecar */
    FILE *file;
    vanon_sidecar_writer *sidecar;

    vanon_frame *first; /* read, but not submitted yet */
    char no_gpu[512];   /* why it is not decoded on a GPU, where that was asked for; else "" */
    bool twice;         /* the input is decoded twice: passes.c */
    struct vanon_engine_stats first_pass;

    atomic_bool cancelled;
    bool ran;
    int status; /* of the run */
    int64_t created, started;
    double wall_seconds, cpu_seconds;
    /* The reader's thread adds, the run's reads: frames, nanoseconds. */
    atomic_ullong frames_read, read_wall, read_cpu;
    struct vanon_stage_stats write;
    struct vanon_use use;
    struct vanon_used used;           /* of what options name */
    struct vanon_engine_stats latest; /* with the last sample of `use` */
    struct vanon_hook hook;
    int64_t sample[RATE_SAMPLES];    /* when the last frames were written */
    struct vanon_engine_stats stats; /* at the end */
    vanon_publish *report_publish;   /* NULL: no report file is wanted */
    char *report;
    char *checksum; /* a line, with codec = md5 at the end */
};

/* vanon_job_create for the first pass of `outer`, which is cancelled with it. The sidecar goes into
 * `file`, which is open, and stays the caller's; the output's name is for messages alone. */
int vanon_job_create_within(vanon_job **out, const struct vanon_job_params *params,
                            const vanon_job *outer, int file);

/* For tests, see hook.h. Before vanon_job_run. */
void vanon_job_set_hook(vanon_job *job, const struct vanon_hook *hook);

/*
 * passes.c: where the look-ahead that the options want does not fit into max_frame_memory, a file
 * is decoded twice: first people are found and followed, without keeping any picture, and a sidecar
 * is made; then that is applied. Pipes and live inputs can't be read again: theirs is shorter.
 */

/* True for an input that can be read twice: a regular file. */
bool vanon_job_reads_again(const vanon_options *options);

/* True where it may come to that; the first frame tells. */
bool vanon_job_may_need_twice(const vanon_job *job);

/* Does the first pass where job->first says that it takes one, and makes the engine anew for the
 * second. Status codes are those of vanon_job_run. */
int vanon_job_pass_first(vanon_job *job);

/* Adds what the first pass did to job->stats. */
void vanon_job_add_first_pass(vanon_job *job);

/* Makes the job's engine, for the options given. */
int vanon_job_create_engine(vanon_job *job, const vanon_options *options);

/* Makes what the mode writes to. Nothing appears under the output's name before job_output_finish.
 */
int vanon_job_output_create(vanon_job *job);

/* Writes a received frame; takes it in any case. */
int vanon_job_output_frame(vanon_job *job, vanon_output *output);

/* Takes a packet of another stream; from the reader's thread. */
int vanon_job_output_packet(vanon_job *job, struct AVPacket **packet);

/* Completes the output, which does not have its name yet. */
int vanon_job_output_complete(vanon_job *job);

/* Completes the output, if it is not, and puts it in place. */
int vanon_job_output_finish(vanon_job *job);

/* Ends what is left; without a finish nothing remains. */
void vanon_job_output_destroy(vanon_job *job);

/* job.c: counts the frames that are done and tells of them; `total` as in vanon_progress. */
void vanon_job_tell_progress(vanon_job *job, uint64_t total);

/* look.c: true for the modes that only look at a video, and then what stands in for reader, engine
 * and output. Status codes are those of explain.h and verify.h. */
bool vanon_job_only_looks(const vanon_job *job);
int vanon_job_look_create(vanon_job *job);
int vanon_job_look_run(vanon_job *job);
void vanon_job_look_destroy(vanon_job *job);

/* Verifies the output under its temporary name, where the option strict is set. As
 * vanon_verify_create and vanon_verify_run. */
int vanon_job_verify_output(vanon_job *job);

/* Adds what was found. */
struct json_t;
void vanon_job_look_report(const vanon_job *job, struct json_t *report);

/* What reading took so far. */
struct vanon_stage_stats vanon_job_reading(const vanon_job *job);

/* The stage with the least time to spare in so many seconds, and its load. */
const char *vanon_job_slowest(const vanon_job *job, const struct vanon_engine_stats *stats,
                              double seconds, double *load);

/* Writes the report to the file that was made for it, where one is wanted. */
int vanon_job_write_report(vanon_job *job);

#endif
