/* SPDX-License-Identifier: Apache-2.0 */
#include "job/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "base/thread.h"

static json_t *text(const char *string)
{
    json_t *value = json_string(string ? string : "");

    return value ? value : json_string("(not UTF-8)");
}

static json_t *count(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *frames_object(const vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;
    uint64_t lost, damaged;

    vanon_reader_counts(job->reader, &lost, &damaged);
    return json_pack("{so so so so so so so}", "in", count(stats->frames_in), "out",
                     count(job->write.frames), "seen", count(stats->frames_seen), "changed",
                     count(stats->frames_changed), "hidden_whole",
                     count(stats->frames_hidden_whole), "damaged", count(damaged),
                     "packets_without_frame", count(lost));
}

static json_t *stage_object(const struct vanon_stage_stats *stage)
{
    return json_pack("{ss so sf sf}", "name", stage->name, "frames", count(stage->frames),
                     "seconds", stage->seconds, "cpu_seconds", stage->cpu_seconds);
}

static json_t *stages_array(const vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;
    struct vanon_stage_stats read = vanon_job_reading(job);
    json_t *array = json_array();

    json_array_append_new(array, stage_object(&read));
    for (size_t i = 0; i < stats->stages; i++)
        json_array_append_new(array, stage_object(&stats->stage[i]));
    json_array_append_new(array, stage_object(&job->write));
    return array;
}

static json_t *queue_object(const struct vanon_queue_stats *queue)
{
    json_t *course = json_array();

    for (size_t i = 0; i < queue->points; i++)
        json_array_append_new(course, json_real((double)queue->course[i]));
    return json_pack("{ss sf so sf so}", "before", queue->name, "mean", queue->mean, "most",
                     count(queue->most), "frame_seconds", queue->frame_seconds, "course", course);
}

static json_t *queues_array(const struct vanon_engine_stats *stats)
{
    json_t *array = json_array();

    for (size_t i = 0; i < stats->queues; i++)
        json_array_append_new(array, queue_object(&stats->queue[i]));
    return array;
}

static json_t *threads_array(const struct vanon_usage *usage)
{
    json_t *array = json_array();

    for (size_t i = 0; i < usage->groups; i++)
        json_array_append_new(array, json_pack("{ss so sf}", "name", usage->group[i].name,
                                               "threads", count(usage->group[i].threads),
                                               "cpu_seconds", usage->group[i].seconds));
    return array;
}

/* What the GPU says of itself; a video unit that says nothing is left out. */
static json_t *gpu_object(const struct vanon_use *use)
{
    json_t *gpu = json_pack("{ss sf so so}", "name", vanon_nvml_name(use->nvml), "use",
                            use->gpu_sum / use->gpu_samples, "memory_bytes", count(use->gpu_memory),
                            "memory_total_bytes", count(use->gpu.memory_total));

    if (use->gpu.decoder >= 0)
        json_object_set_new(gpu, "decoder", json_real(use->gpu_decoder_sum / use->gpu_samples));
    if (use->gpu.encoder >= 0)
        json_object_set_new(gpu, "encoder", json_real(use->gpu_encoder_sum / use->gpu_samples));
    return gpu;
}

/* Who used the machine, and who was waited for. */
static void add_use(const vanon_job *job, json_t *report)
{
    const struct vanon_engine_stats *stats = &job->stats;
    double load;
    const char *slowest = vanon_job_slowest(job, stats, job->wall_seconds, &load);

    json_object_set_new(report, "processors", json_integer(vanon_processors()));
    json_object_set_new(report, "stages", stages_array(job));
    json_object_set_new(report, "slowest", json_pack("{ss sf}", "stage", slowest, "load", load));
    json_object_set_new(report, "scheduling_cpu_seconds", json_real(vanon_use_scheduling(stats)));
    json_object_set_new(report, "queues", queues_array(stats));
    json_object_set_new(report, "queue_interval", json_real(stats->fill_interval));
    json_object_set_new(report, "threads", threads_array(&job->use.threads));
    if (job->use.gpu_samples)
        json_object_set_new(report, "gpu", gpu_object(&job->use));
    if (stats->first_seen)
        json_object_set_new(report, "first_seen_seconds",
                            json_real((double)(stats->first_seen - job->created) * 1e-9));
    json_object_set_new(report, "compile_seconds", json_real(stats->compile_seconds));
}

static json_t *detector_object(const vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;

    return json_pack("{ss ss ss s[ii] so so ss}", "name", stats->detector, "device", stats->device,
                     "precision", stats->precision, "network", stats->network_width,
                     stats->network_height, "left_out", count(stats->looks_left_out), "model",
                     text(stats->model), "model_sha256", stats->model_sha256);
}

/* Where frames were decoded, and how many stayed in a GPU's memory. */
static json_t *decoder_object(const vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;
    const char *place, *why_not;

    vanon_reader_place(job->reader, &place, &why_not);
    return json_pack("{ss so so so}", "device", *place ? place : "cpu", "not_on_gpu",
                     text(*why_not ? why_not : job->no_gpu), "frames_on_gpu",
                     count(stats->frames_on_device), "frames_downloaded",
                     count(stats->frames_downloaded));
}

static json_t *engine_object(const vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;
    char pipeline[32];

    vanon_options_get(job->options, "pipeline", pipeline, sizeof pipeline);
    return json_pack("{ss so so so so}", "pipeline", pipeline, "workers", count(stats->workers),
                     "requests", count(stats->requests), "batch", count(stats->batch), "capacity",
                     count(stats->capacity));
}

static json_t *streams_array(const struct vanon_media_notes *notes)
{
    json_t *array = json_array();

    for (size_t i = 0; i < notes->streams; i++) {
        const struct vanon_stream_note *note = &notes->stream[i];

        json_array_append_new(array,
                              json_pack("{si ss so ss ss}", "index", note->index, "type",
                                        vanon_stream_type_name(note->type), "codec",
                                        text(note->codec), "fate", note->fate, "why", note->why));
    }
    return array;
}

static json_t *tags_array(const struct vanon_media_notes *notes)
{
    json_t *array = json_array();

    for (size_t i = 0; i < notes->tags; i++) {
        const struct vanon_tag_note *note = &notes->tag[i];

        json_array_append_new(array, json_pack("{si so sb}", "stream", note->stream, "key",
                                               text(note->key), "kept", note->kept));
    }
    return array;
}

static void add_media(const vanon_job *job, json_t *report)
{
    const struct vanon_media_notes *notes;

    if (!job->writer)
        return;
    notes = vanon_writer_notes(job->writer);
    json_object_set_new(report, "encoder", text(vanon_writer_encoder(job->writer)));
    json_object_set_new(report, "conversion", text(notes->conversion));
    if (*vanon_writer_md5(job->writer))
        json_object_set_new(report, "md5", text(vanon_writer_md5(job->writer)));
    json_object_set_new(report, "streams", streams_array(notes));
    json_object_set_new(report, "tags", tags_array(notes));
}

static void add_run(const vanon_job *job, json_t *report)
{
    const struct vanon_reader_info *info = vanon_reader_get_info(job->reader);
    double wall = job->wall_seconds;

    json_object_set_new(report, "container", text(info->format));
    json_object_set_new(report, "codec", text(info->codec));
    json_object_set_new(report, "size", json_pack("[ii]", info->width, info->height));
    json_object_set_new(report, "passes", json_integer(job->twice ? 2 : 1));
    json_object_set_new(report, "frames", frames_object(job));
    json_object_set_new(report, "objects", count(job->stats.objects));
    json_object_set_new(report, "regions", count(job->stats.regions));
    json_object_set_new(report, "wall_seconds", json_real(wall));
    json_object_set_new(report, "cpu_seconds", json_real(job->cpu_seconds));
    json_object_set_new(report, "fps", json_real(wall > 0 ? (double)job->write.frames / wall : 0));
    add_use(job, report);
    json_object_set_new(report, "decoder", decoder_object(job));
    json_object_set_new(report, "detector", detector_object(job));
    json_object_set_new(report, "engine", engine_object(job));
    add_media(job, report);
}

static json_t *make_report(vanon_job *job)
{
    json_t *report = json_object();

    json_object_set_new(report, "vanon", text(vanon_version()));
    json_object_set_new(report, "status", text(vanon_status_text(job->status)));
    if (job->status) {
        pthread_mutex_lock(&job->error_lock);
        json_object_set_new(report, "error", text(job->error));
        pthread_mutex_unlock(&job->error_lock);
    }
    json_object_set_new(report, "input", text(job->options->input));
    json_object_set_new(report, "output", text(job->output_path));
    vanon_job_look_report(job, report);
    if (job->reader)
        add_run(job, report);
    return report;
}

const char *vanon_job_report(vanon_job *job)
{
    json_t *report = make_report(job);

    free(job->report);
    job->report = report ? json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(report);
    return job->report;
}

int vanon_job_write_report(vanon_job *job)
{
    const char *report = vanon_job_report(job);
    FILE *file = fopen(vanon_publish_path(job->report_publish), "w");
    int failed = !file || !report || fprintf(file, "%s\n", report) < 0;

    if (file)
        failed |= fclose(file) != 0;
    if (!failed)
        return vanon_publish_commit(&job->report_publish);
    return vanon_fail(&job->log, report ? VANON_ERR_IO : VANON_ERR_MEMORY, "report %s: %s",
                      job->options->report, strerror(errno));
}
