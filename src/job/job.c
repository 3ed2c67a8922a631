/* SPDX-License-Identifier: Apache-2.0 */
#include "job/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "detect/detector.h"

#define POLL_MS 100 /* how long a cancel from a signal handler, which can wake nobody, may wait */

static void keep_and_pass_on(void *opaque, enum vanon_log_level level, const char *message)
{
    vanon_job *job = opaque;
    const vanon_log *to = job->params.log;

    if (level == VANON_LOG_ERROR) {
        pthread_mutex_lock(&job->error_lock);
        snprintf(job->error, sizeof job->error, "%s", message);
        pthread_mutex_unlock(&job->error_lock);
    }
    if (to && to->write && level <= to->level)
        to->write(to->opaque, level, message);
}

/* "clip.mp4" to "clip" and `ending`. */
static char *name_beside(const char *folder, const char *input, const char *ending)
{
    const char *slash, *name, *dot;
    char *path;

    input = vanon_plain_name(input);
    slash = strrchr(input, '/');
    name = slash ? slash + 1 : input;
    dot = strrchr(name, '.');
    if (folder || strstr(input, "://"))
        input = name;
    if (asprintf(&path, "%s%s%.*s%s", folder ? folder : "", folder ? "/" : "",
                 dot && dot > name ? (int)(dot - input) : (int)strlen(input), input, ending) < 0)
        return NULL;
    return path;
}

char *vanon_job_default_output(const vanon_options *options, enum vanon_job_mode mode,
                               const char *folder)
{
    char ending[32];

    snprintf(ending, sizeof ending, ".frame%d.png", options->frame);
    if (mode == VANON_JOB_DETECT)
        return name_beside(folder, options->input, ".people.jsonl");
    if (mode == VANON_JOB_EXPLAIN)
        return name_beside(folder, options->input, ending);
    if (!strcmp(options->codec, "md5"))
        return strdup("");
    return vanon_writer_path_in(folder, options->input, vanon_options_output_format(options));
}

static bool only_sums_up(const vanon_job *job)
{
    return job->params.mode == VANON_JOB_ANONYMIZE && !strcmp(job->options->codec, "md5");
}

static int choose_output(vanon_job *job)
{
    const vanon_options *options = job->options;
    bool named = *options->output && !only_sums_up(job);

    if (!*options->input)
        return vanon_fail(&job->log, VANON_ERR_OPTION, "input: no file is named");
    if (job->params.mode == VANON_JOB_VERIFY && !*options->output)
        return vanon_fail(&job->log, VANON_ERR_OPTION,
                          "output: which file is to be verified? none is named");
    if (*options->output && !named && !vanon_options_is_pipe(options->output))
        vanon_warn(&job->log, "output: codec md5 writes no file; %s is left as it is",
                   options->output);
    if (named && job->params.mode != VANON_JOB_VERIFY && strstr(options->output, "://"))
        return vanon_fail(&job->log, VANON_ERR_IO,
                          "output %s: is no file; results go to files and to standard output (-)",
                          options->output);
    if (named)
        job->output_path = strdup(vanon_plain_name(options->output));
    else
        job->output_path = vanon_job_default_output(options, job->params.mode, NULL);
    if (job->output_path && *job->output_path && !named && vanon_options_is_pipe(options->input))
        return vanon_fail(&job->log, VANON_ERR_OPTION,
                          "output: standard input lies beside no file; an output has to be named");
    return job->output_path ? VANON_OK : VANON_ERR_MEMORY;
}

/* The input is never written over, and no file is written twice. */
static int check_paths(const vanon_job *job)
{
    if (vanon_same_file(job->output_path, job->options->input))
        return vanon_fail(&job->log, VANON_ERR_EXISTS, "output %s: is the input itself",
                          job->output_path);
    if (vanon_same_file(job->options->report, job->output_path))
        return vanon_fail(&job->log, VANON_ERR_OPTION, "report and output are the same file, %s",
                          job->options->report);
    return VANON_OK;
}

int vanon_job_create_engine(vanon_job *job, const vanon_options *options)
{
    bool detects = job->params.mode == VANON_JOB_DETECT;
    struct vanon_engine_params params = {.options = options,
                                         .log = &job->log,
                                         .detect_only = detects,
                                         .without_pictures = detects,
                                         .time_zero =
                                             vanon_reader_get_info(job->reader)->beginning};

    return vanon_engine_create(&job->engine, &params);
}

/* Makes the reader decode on a GPU, where the option hwdec asks for it. */
static int choose_decoder(vanon_job *job)
{
    const vanon_options *options = job->options;
    bool encodes = job->params.mode == VANON_JOB_ANONYMIZE && vanon_writer_takes_cuda(options);
    int number;

    if (options->hwdec == VANON_HWDEC_NO)
        return VANON_OK;
    if (!vanon_detector_gpu(options, &number, job->no_gpu, sizeof job->no_gpu))
        return options->hwdec == VANON_HWDEC_AUTO
                   ? VANON_OK
                   : vanon_fail(&job->log, VANON_ERR_UNSUPPORTED, "hwdec cuda: %s", job->no_gpu);
    if (options->hwdec == VANON_HWDEC_CUDA || encodes)
        return vanon_reader_decode_on_gpu(job->reader, number);
    snprintf(job->no_gpu, sizeof job->no_gpu, "the output is not encoded there");
    return VANON_OK;
}

static int create_streams(vanon_job *job)
{
    int status = vanon_reader_create(&job->reader, job->options, &job->log);

    if (!status)
        status = choose_decoder(job);
    return status ? status : vanon_job_output_create(job);
}

int vanon_job_create(vanon_job **out, const struct vanon_job_params *params)
{
    return vanon_job_create_within(out, params, NULL, -1);
}

int vanon_job_create_within(vanon_job **out, const struct vanon_job_params *params,
                            const vanon_job *outer, int file)
{
    vanon_job *job;
    int status;

    *out = NULL;
    job = calloc(1, sizeof *job);
    if (!job)
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&job->error_lock, NULL)) {
        free(job);
        return VANON_ERR_MEMORY;
    }
    job->created = vanon_clock();
    job->write.name = "write";
    job->outer = outer;
    job->into = file;
    job->params = *params;
    job->log = (vanon_log){.write = keep_and_pass_on,
                           .opaque = job,
                           .level = params->log ? params->log->level : VANON_LOG_ERROR};
    status = vanon_options_copy(&job->options, params->options);
    if (!status)
        status = vanon_options_check(job->options);
    if (!status)
        status = choose_output(job);
    if (!status)
        status = check_paths(job);
    if (!status)
        status = vanon_job_only_looks(job) ? vanon_job_look_create(job) : create_streams(job);
    if (!status && *job->options->report)
        status = vanon_publish_create(&job->report_publish, job->options->report,
                                      job->options->overwrite, &job->log);
    if (!status && job->reader)
        status = vanon_job_create_engine(job, job->options);
    if (status)
        vanon_job_destroy(&job);
    *out = job;
    return status;
}

void vanon_job_destroy(vanon_job **pointer)
{
    vanon_job *job = *pointer;

    if (!job)
        return;
    *pointer = NULL;
    vanon_job_look_destroy(job);
    vanon_frame_unref(&job->first);
    vanon_job_output_destroy(job);      /* its encoder knows memory of the engine's frames */
    vanon_engine_destroy(&job->engine); /* its frames may belong to the reader's decoder */
    vanon_publish_destroy(&job->report_publish);
    vanon_reader_destroy(&job->reader);
    vanon_use_end(&job->use);
    vanon_options_destroy(&job->options);
    pthread_mutex_destroy(&job->error_lock);
    free(job->output_path);
    free(job->report);
    free(job->checksum);
    free(job);
}

/* Reads one frame, or passes one packet on. */
static int read_next(vanon_job *job, vanon_frame **frame)
{
    struct AVPacket *packet = NULL;
    int64_t since = vanon_clock(), cpu = vanon_thread_clock();
    int status = vanon_hook_ask(&job->hook, "read", atomic_load(&job->frames_read));

    if (!status)
        status = vanon_reader_read(job->reader, frame, &packet);
    atomic_fetch_add(&job->frames_read, *frame != NULL);
    atomic_fetch_add(&job->read_wall, (unsigned long long)(vanon_clock() - since));
    atomic_fetch_add(&job->read_cpu, (unsigned long long)(vanon_thread_clock() - cpu));
    if (!status && packet)
        status = vanon_job_output_packet(job, &packet);
    return status;
}

/* Reads one frame or packet and passes it on. */
static int read_one(vanon_job *job)
{
    vanon_frame *frame = job->first;
    int status = VANON_OK;

    job->first = NULL;
    if (!frame)
        status = read_next(job, &frame);
    if (!status && frame)
        status = vanon_engine_submit(job->engine, &frame, -1);
    vanon_frame_unref(&frame);
    return status;
}

static void *read_all(void *argument)
{
    vanon_job *job = argument;
    int status;

    do
        status = read_one(job);
    while (!status);
    if (status == VANON_ERR_EOF)
        vanon_engine_drain(job->engine);
    else
        vanon_engine_abort(job->engine, status);
    return NULL;
}

struct vanon_stage_stats vanon_job_reading(const vanon_job *job)
{
    return (struct vanon_stage_stats){
        .name = "read",
        .frames = atomic_load(&job->frames_read),
        .seconds = (double)atomic_load(&job->read_wall) * 1e-9,
        .cpu_seconds = (double)atomic_load(&job->read_cpu) * 1e-9,
    };
}

const char *vanon_job_slowest(const vanon_job *job, const struct vanon_engine_stats *stats,
                              double seconds, double *load)
{
    *load = 0;
    return seconds > 0 ? vanon_use_slowest(stats, vanon_job_reading(job).seconds / seconds,
                                           job->write.seconds / seconds, load)
                       : "read";
}

static void sample(vanon_job *job)
{
    if (vanon_use_sample(&job->use, job->options, false) && job->engine)
        vanon_engine_get_stats(job->engine, &job->latest);
}

void vanon_job_tell_progress(vanon_job *job, uint64_t total)
{
    uint64_t count = job->write.frames, span = count < RATE_SAMPLES ? count : RATE_SAMPLES;
    int64_t now = vanon_clock();
    int64_t since = count < RATE_SAMPLES ? job->started : job->sample[count % RATE_SAMPLES];
    struct vanon_progress progress = {
        .frames = count,
        .total = total,
        .seconds = (double)(now - job->started) * 1e-9,
        .frames_a_second = now > since ? (double)span * 1e9 / (double)(now - since) : 0,
    };

    job->sample[count % RATE_SAMPLES] = now;
    sample(job);
    progress.stats = job->latest.slowest ? &job->latest : NULL;
    progress.cpu_use = job->use.cpu_use;
    progress.gpu_use = job->use.gpu_samples ? job->use.gpu.use : -1;
    progress.gpu_decoder = job->use.gpu.decoder;
    progress.gpu_encoder = job->use.gpu.encoder;
    progress.gpu_memory = job->use.gpu.memory;
    progress.slowest = vanon_job_slowest(job, &job->latest, progress.seconds, &progress.load);
    if (job->params.progress)
        job->params.progress(job->params.opaque, &progress);
}

static int write_one(vanon_job *job, vanon_output *output)
{
    int64_t since = vanon_clock(), cpu = vanon_thread_clock();
    int status = vanon_hook_ask(&job->hook, "write", job->write.frames);
    struct vanon_moment moment =
        vanon_moment_of(output->frame, vanon_reader_get_info(job->reader)->beginning);

    vanon_used_note(&job->used, job->options, output->frame, &moment, output->objects);
    if (status)
        vanon_frame_unref(&output->frame);
    else
        status = vanon_job_output_frame(job, output);
    job->write.frames += !status;
    job->write.seconds += (double)(vanon_clock() - since) * 1e-9;
    job->write.cpu_seconds += (double)(vanon_thread_clock() - cpu) * 1e-9;
    return status;
}

static bool is_cancelled(const vanon_job *job)
{
    return atomic_load(&job->cancelled) || (job->outer && atomic_load(&job->outer->cancelled));
}

/* Receives and writes until the end or an error. */
static int write_all(vanon_job *job)
{
    vanon_output output;
    int status;

    for (;;) {
        if (is_cancelled(job))
            return VANON_ERR_CANCELLED;
        status = vanon_engine_receive(job->engine, &output, POLL_MS);
        if (status == VANON_ERR_AGAIN)
            continue;
        if (status)
            return status == VANON_ERR_EOF ? VANON_OK : status;

        status = write_one(job, &output);
        if (status)
            return status;
        vanon_job_tell_progress(job, (uint64_t)vanon_reader_get_info(job->reader)->total_frames);
    }
}

/* What only the whole run can show, before the output is put in place. */
static int judge(vanon_job *job)
{
    const struct vanon_engine_stats *stats = &job->stats;
    const char *frames = stats->frames_out == 1 ? "frame" : "frames";

    if (stats->frames_hidden_whole)
        vanon_warn(&job->log, "%s: %llu damaged %s hidden whole", job->options->input,
                   (unsigned long long)stats->frames_hidden_whole,
                   stats->frames_hidden_whole == 1 ? "frame is" : "frames are");
    vanon_used_tell(&job->used, job->options, &job->log);
    if (stats->objects)
        return VANON_OK;
    if (job->options->expect_people)
        return vanon_fail(&job->log, VANON_ERR_NOBODY, "%s: nobody was found in %llu %s",
                          job->options->input, (unsigned long long)stats->frames_out, frames);
    vanon_warn(&job->log, "%s: nobody was found in %llu %s", job->options->input,
               (unsigned long long)stats->frames_out, frames);
    return VANON_OK;
}

/* Reads the first frame, where that is to tell whether the input is decoded twice, and does the
 * first pass. */
static int prepare(vanon_job *job)
{
    int status = VANON_OK;

    if (!vanon_job_may_need_twice(job))
        return VANON_OK;
    while (!status && !job->first)
        status = read_next(job, &job->first);
    return status ? status : vanon_job_pass_first(job);
}

/* The run's only result, in the manner of md5sum. */
static int tell_checksum(vanon_job *job)
{
    if (asprintf(&job->checksum, "%s  %s\n", vanon_writer_md5(job->writer), job->options->input) <
        0)
        job->checksum = NULL;
    return job->checksum ? VANON_OK : VANON_ERR_MEMORY;
}

/* From the reader to the output. */
static int run_streams(vanon_job *job)
{
    pthread_t thread;
    int status = prepare(job);

    if (!status)
        status = vanon_thread_start(&thread, "vanon-reader", read_all, job);
    if (status) {
        vanon_job_output_destroy(job);
        return status;
    }
    status = write_all(job);
    if (status) { /* wake the reader wherever it waits */
        vanon_engine_abort(job->engine, status);
        vanon_reader_interrupt(job->reader);
    }
    vanon_use_sample(&job->use, job->options, true); /* while the threads are there */
    pthread_join(thread, NULL);
    vanon_engine_get_stats(job->engine, &job->stats);
    vanon_job_add_first_pass(job);
    if (!status)
        status = judge(job);
    if (!status && job->options->strict && job->writer)
        status = vanon_job_verify_output(job);
    if (!status)
        status = vanon_job_output_finish(job);
    if (!status && only_sums_up(job))
        status = tell_checksum(job);
    if (status)
        vanon_job_output_destroy(job);
    return status;
}

int vanon_job_run(vanon_job *job)
{
    double cpu = vanon_cpu_seconds();
    int status;

    if (job->ran)
        return VANON_ERR_STATE;
    job->ran = true;
    job->started = vanon_clock();
    vanon_use_start(&job->use);
    status = vanon_job_only_looks(job) ? vanon_job_look_run(job) : run_streams(job);
    job->status = status;
    job->wall_seconds = (double)(vanon_clock() - job->started) * 1e-9;
    job->cpu_seconds = vanon_cpu_seconds() - cpu;
    if (job->report_publish) {
        int reported = vanon_job_write_report(job);

        status = status ? status : reported;
    }
    return status;
}

void vanon_job_set_hook(vanon_job *job, const struct vanon_hook *hook)
{
    job->hook = *hook;
    vanon_engine_set_hook(job->engine, hook);
}

void vanon_job_cancel(vanon_job *job)
{
    atomic_store(&job->cancelled, true);
    if (job->reader)
        vanon_reader_interrupt(job->reader);
}

const char *vanon_job_output(const vanon_job *job)
{
    return job->output_path;
}

void vanon_quiet_libraries(void)
{
    vanon_media_quiet();
}
