/* SPDX-License-Identifier: Apache-2.0 */
/* The modes that look at a video and write none. */
#include "job/internal.h"

#include <jansson.h>

#include "job/explain.h"

bool vanon_job_only_looks(const vanon_job *job)
{
    return job->params.mode == VANON_JOB_EXPLAIN;
}

int vanon_job_look_create(vanon_job *job)
{
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

    return vanon_explain_run(job->explain, &watch);
}

void vanon_job_look_destroy(vanon_job *job)
{
    vanon_explain_destroy(&job->explain);
}

void vanon_job_look_report(const vanon_job *job, json_t *report)
{
    if (job->explain)
        json_object_set_new(report, "explain", vanon_explain_json(job->explain));
}

const char *vanon_job_summary(const vanon_job *job)
{
    return job->explain ? vanon_explain_text(job->explain) : "";
}
