/* SPDX-License-Identifier: Apache-2.0 */
/* What looks at a video and writes none. */
#include "job/internal.h"

#include <jansson.h>

#include "job/explain.h"
#include "job/verify.h"

bool vanon_job_only_looks(const vanon_job *job)
{
    return job->params.mode == VANON_JOB_EXPLAIN || job->params.mode == VANON_JOB_VERIFY;
}

int vanon_job_look_create(vanon_job *job)
{
    if (job->params.mode == VANON_JOB_VERIFY)
        return vanon_verify_create(&job->verify, job->options, job->output_path, &job->log);
    return vanon_explain_create(&job->explain, job->options, job->output_path, &job->log);
}

static bool step(void *opaque, uint64_t frames, uint64_t total)
{
    vanon_job *job = opaque;

    job->write.frames = frames;
    vanon_job_tell_progress(job, total);
    return !atomic_load(&job->cancelled);
}

int vanon_job_look_run(vanon_job *job)
{
    struct vanon_watch watch = {step, job};

    return job->verify ? vanon_verify_run(job->verify, &watch)
                       : vanon_explain_run(job->explain, &watch);
}

int vanon_job_verify_output(vanon_job *job)
{
    uint64_t written = job->write.frames;
    int status = vanon_job_output_complete(job);

    vanon_engine_destroy(&job->engine); /* its memory and threads are for the searches */
    if (!status)
        status = vanon_verify_create(&job->verify, job->options, vanon_writer_file(job->writer),
                                     &job->log);
    if (!status)
        status = vanon_job_look_run(job);
    job->write.frames = written;
    return status;
}

void vanon_job_look_destroy(vanon_job *job)
{
    vanon_explain_destroy(&job->explain);
    vanon_verify_destroy(&job->verify);
}

void vanon_job_look_report(const vanon_job *job, json_t *report)
{
    if (job->explain)
        json_object_set_new(report, "explain", vanon_explain_json(job->explain));
    if (job->verify)
        json_object_set_new(report, "verify", vanon_verify_json(job->verify));
}

const char *vanon_job_summary(const vanon_job *job)
{
    if (job->verify)
        return vanon_verify_text(job->verify);
    if (job->checksum)
        return job->checksum;
    return job->explain ? vanon_explain_text(job->explain) : "";
}
