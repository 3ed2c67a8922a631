/* SPDX-License-Identifier: Apache-2.0 */
#include "job/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"

/* A copy of an open file, which stays open. */
static FILE *open_again(int number)
{
    int copy = fcntl(number, F_DUPFD_CLOEXEC, 0);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "w");

    if (!file && copy >= 0)
        close(copy);
    return file;
}

static int create_sidecar_file(vanon_job *job)
{
    int open = job->outer ? job->into : STDOUT_FILENO;
    bool named = !job->outer && !vanon_options_is_pipe(job->output_path);
    int status = VANON_OK;

    if (named)
        status = vanon_publish_create(&job->publish, job->output_path, job->options->overwrite,
                                      &job->log);
    if (status)
        return status;
    job->file = named ? fopen(vanon_publish_path(job->publish), "w") : open_again(open);
    if (!job->file)
        return vanon_fail(&job->log, VANON_ERR_IO, "output %s: %s", job->output_path,
                          strerror(errno));
    return VANON_OK;
}

int vanon_job_output_create(vanon_job *job)
{
    if (job->params.mode == VANON_JOB_DETECT)
        return create_sidecar_file(job);
    return vanon_writer_create(&job->writer, job->output_path, job->reader, job->options,
                               &job->log);
}

/* The header needs the first frame: only that tells the aspect ratio and rotation for sure. */
static int begin_sidecar(vanon_job *job, const vanon_frame *frame)
{
    const char *input = job->options->input, *slash = strrchr(input, '/');
    char sha256[VANON_SHA256_TEXT];
    struct vanon_engine_stats stats;
    struct vanon_sidecar_header header = {
        .source = slash                          ? slash + 1
                  : vanon_options_is_pipe(input) ? ""
                                                 : input,
        .sha256 = sha256,
        .model = stats.model_sha256,
        .width = frame->width,
        .height = frame->height,
        .time_base = frame->time_base,
        .sar = frame->sar,
        .rotation = frame->rotation,
        .mirrored = frame->mirrored,
    };
    int status = vanon_sha256_input(input, sha256, &job->log);

    vanon_engine_get_stats(job->engine, &stats);
    if (!status)
        status = vanon_sidecar_writer_create(&job->sidecar, job->file, job->output_path, &header,
                                             job->options, &job->log);
    return status;
}

/* A frame that was not examined says so, by the region that hides it whole, wanted or not. */
static int write_line(vanon_job *job, const vanon_output *output)
{
    int status = job->sidecar ? VANON_OK : begin_sidecar(job, output->frame);

    if (!status)
        status = vanon_sidecar_write(
            job->sidecar, output->frame, output->objects,
            job->options->with_regions || output->hidden_whole ? output->regions : NULL);
    return status;
}

int vanon_job_output_frame(vanon_job *job, vanon_output *output)
{
    int status;

    if (job->params.mode == VANON_JOB_DETECT)
        status = write_line(job, output);
    else
        status = vanon_writer_frame(job->writer, &output->frame);
    vanon_frame_unref(&output->frame);
    return status;
}

int vanon_job_output_packet(vanon_job *job, struct AVPacket **packet)
{
    int status = VANON_OK;

    if (job->params.mode == VANON_JOB_ANONYMIZE)
        status = vanon_writer_packet(job->writer, packet);
    vanon_packet_free(packet);
    return status;
}

static int finish_sidecar(vanon_job *job)
{
    FILE *file = job->file;
    int status;

    if (!job->sidecar)
        return vanon_fail(&job->log, VANON_ERR_INPUT, "%s: has no frame", job->options->input);
    status = vanon_sidecar_finish(job->sidecar);
    job->file = NULL;
    if (fclose(file) && !status)
        status =
            vanon_fail(&job->log, VANON_ERR_IO, "output %s: %s", job->output_path, strerror(errno));
    if (!status && job->publish)
        status = vanon_publish_commit(&job->publish);
    return status;
}

int vanon_job_output_complete(vanon_job *job)
{
    return job->writer ? vanon_writer_complete(job->writer) : VANON_OK;
}

int vanon_job_output_finish(vanon_job *job)
{
    return job->params.mode == VANON_JOB_DETECT ? finish_sidecar(job)
                                                : vanon_writer_finish(job->writer);
}

void vanon_job_output_destroy(vanon_job *job)
{
    vanon_writer_destroy(&job->writer);
    vanon_sidecar_writer_destroy(&job->sidecar);
    if (job->file)
        fclose(job->file);
    job->file = NULL;
    vanon_publish_destroy(&job->publish);
}
