/* SPDX-License-Identifier: Apache-2.0 */
#include "job/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "engine/plan.h"

/* What the first pass writes: a file without a name, which goes when the program does. */
struct place {
    int file;
    char name[PATH_MAX]; /* for messages */
    char path[32];
};

static int make_place(const vanon_job *job, struct place *place)
{
    const char *root = getenv("TMPDIR");

    if (!root || !*root ||
        snprintf(place->name, sizeof place->name, "%s/vanon-XXXXXX", root) >=
            (int)sizeof place->name)
        snprintf(place->name, sizeof place->name, "/tmp/vanon-XXXXXX");
    place->file = mkostemp(place->name, O_CLOEXEC);
    if (place->file < 0 || unlink(place->name))
        return vanon_fail(&job->log, VANON_ERR_IO, "temporary file %s: %s", place->name,
                          strerror(errno));
    snprintf(place->path, sizeof place->path, "/proc/self/fd/%d", place->file);
    return VANON_OK;
}

bool vanon_job_reads_again(const vanon_options *options)
{
    struct stat file;

    return !vanon_options_is_pipe(options->input) &&
           !stat(vanon_plain_name(options->input), &file) && S_ISREG(file.st_mode);
}

bool vanon_job_may_need_twice(const vanon_job *job)
{
    const vanon_options *options = job->options;

    return job->params.mode == VANON_JOB_ANONYMIZE && options->look_ahead_frames > 0 &&
           options->detector != VANON_DETECTOR_APPLY && options->detector != VANON_DETECTOR_NULL &&
           vanon_job_reads_again(options);
}

static bool fits(const vanon_job *job)
{
    size_t wanted = (size_t)job->options->look_ahead_frames;

    return vanon_plan_latency(job->options, wanted, job->first) == wanted;
}

/* The job's options with two of them set. */
static int change(const vanon_job *job, const char *const (*pairs)[2], size_t count,
                  vanon_options **out)
{
    int status = vanon_options_copy(out, job->options);

    return status ? status : vanon_options_set_all(*out, pairs, count);
}

/* Finds and follows people, into a sidecar. What there is to warn of, the second pass says. */
static int find_people(vanon_job *job, const struct place *place)
{
    const char *const pairs[][2] = {{"output", place->name},
                                    {"report", ""},
                                    {"strict", "false"},
                                    {"with_regions", "false"},
                                    {"expect_people", "false"}};
    const vanon_log errors = {job->log.write, job->log.opaque, VANON_LOG_ERROR};
    struct vanon_job_params params = {.mode = VANON_JOB_DETECT,
                                      .log = &errors,
                                      .progress = job->params.progress,
                                      .opaque = job->params.opaque};
    vanon_options *options = NULL;
    vanon_job *first = NULL;
    int status = change(job, pairs, VANON_COUNT(pairs), &options);

    params.options = options;
    if (!status)
        status = vanon_job_create_within(&first, &params, job, place->file);
    if (!status)
        status = vanon_job_run(first);
    if (!status)
        job->first_pass = first->stats;
    vanon_job_destroy(&first);
    vanon_options_destroy(&options);
    return status;
}

static int apply(vanon_job *job, const struct place *place)
{
    const char *const pairs[][2] = {{"detector", "apply"}, {"sidecar", place->path}};
    vanon_options *options = NULL;
    int status = change(job, pairs, VANON_COUNT(pairs), &options);

    if (!status)
        status = vanon_job_create_engine(job, options);
    if (!status)
        vanon_engine_set_hook(job->engine, &job->hook);
    vanon_options_destroy(&options);
    return status;
}

int vanon_job_pass_first(vanon_job *job)
{
    struct place place;
    int status;

    if (fits(job))
        return VANON_OK;
    vanon_info(&job->log, "%d frames of %dx%d don't fit into max_frame_memory %d MiB: two passes",
               job->options->look_ahead_frames, job->first->width, job->first->height,
               job->options->max_frame_memory);
    vanon_engine_destroy(&job->engine);
    status = make_place(job, &place);
    if (status)
        return status;
    job->twice = true;
    status = find_people(job, &place);
    if (!status)
        status = apply(job, &place);
    close(place.file);
    return status;
}

void vanon_job_add_first_pass(vanon_job *job)
{
    const struct vanon_engine_stats *first = &job->first_pass;
    struct vanon_engine_stats *stats = &job->stats, second = *stats;

    if (!job->twice)
        return;
    *stats = *first;
    stats->frames_out = second.frames_out;
    stats->frames_on_device = second.frames_on_device;
    stats->frames_downloaded = second.frames_downloaded;
    stats->frames_changed = second.frames_changed; /* hidden whole are those of the first */
    stats->objects = second.objects;
    stats->regions = second.regions;
    for (size_t i = 0; i < stats->stages; i++) {
        stats->stage[i].seconds += second.stage[i].seconds;
        stats->stage[i].cpu_seconds += second.stage[i].cpu_seconds;
        if (second.stage[i].frames > stats->stage[i].frames)
            stats->stage[i].frames = second.stage[i].frames;
    }
}
