/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a GPU finds people: raw frames in the host's memory to lists of people there, upload,
 * letterbox, network, decode and NMS included.
 *
 *     bench_cuda [--frames FILE] [--width W] [--height H] [--imgsz N] [--batch N[,N...]]
 *                [--contexts N] [--seconds S] [--json FILE] [--own] [--single] [--verbose]
 *                MODEL.onnx...
 *
 * --own leaves cuDNN out, --single computes in float32. FILE holds NV12 frames of W x H, one after
 * the other; without it they are made up. Every context is fed by a thread of its own, as the
 * engine does it. GPU use and memory are NVML's, sampled while the frames run. One line a batch
 * size; the same in JSON.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vanon/status.h>

#include "base/digest.h"
#include "base/nvml.h"
#include "base/thread.h"
#include "device_cuda.h"
#include "onnx.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

#define FRAMES   8 /* different ones, used by turns */
#define CONTEXTS 16
#define BATCHES  8
#define TURNS    (1 << 16) /* whose latencies are kept, of each context */

struct settings {
    const char *frames, *json;
    int width, height, imgsz, batch[BATCHES], batches, contexts, own, single, verbose;
    double seconds;
};

struct bench {
    const struct settings *settings;
    vanon_frame *frame[FRAMES];
    vanon_device *device;
    vanon_nvml *nvml;
    FILE *json;
    int lines;
    vanon_log log;
};

/* What the threads share. */
struct race {
    const struct bench *bench;
    vanon_network *network;
    int batch;
    atomic_int failed;
    atomic_bool stop, counting;
};

struct runner {
    struct race *race;
    pthread_t thread;
    vanon_context *context;
    vanon_letterbox *letterbox;
    size_t frames, people, turns;
    float *latency; /* milliseconds of each turn */
};

struct figures {
    double fps, gpu, gpu_least, people, build_seconds, median, worst;
    uint64_t memory; /* the highest seen */
};

static void write_line(void *opaque, enum vanon_log_level level, const char *message)
{
    (void)opaque;
    (void)level;
    fprintf(stderr, "%s\n", message);
}

static void done(void *opaque)
{
    (void)opaque; /* each thread waits for its own context */
}

/* One batch; returns a status. */
static int turn(struct runner *runner, size_t number)
{
    const struct bench *bench = runner->race->bench;
    size_t batch = (size_t)runner->race->batch, count;
    int64_t begin = vanon_clock();
    const float *records;
    int status = VANON_OK;

    for (size_t i = 0; i < batch && !status; i++)
        status = vanon_context_put_frame(
            runner->context, i, bench->frame[(number * batch + i) % FRAMES], runner->letterbox);
    if (!status)
        status = vanon_context_run(runner->context, batch);
    if (!status)
        status = vanon_context_wait(runner->context);
    for (size_t i = 0; i < batch && !status; i++) {
        status = vanon_context_result(runner->context, i, &records, &count);
        if (!status && atomic_load(&runner->race->counting))
            runner->people += count;
    }
    if (!status && atomic_load(&runner->race->counting)) {
        runner->frames += batch;
        if (runner->turns < TURNS)
            runner->latency[runner->turns++] = (float)(vanon_clock() - begin) / 1e6f;
    }
    return status;
}

static void *run(void *argument)
{
    struct runner *runner = argument;

    for (size_t i = 0; !atomic_load(&runner->race->stop); i++) {
        int status = turn(runner, i);

        if (status) {
            atomic_store(&runner->race->failed, status);
            break;
        }
    }
    return NULL;
}

/* Lets it run for a while, watching; the first second only warms up. */
static void watch(struct race *race, double seconds, struct figures *figures)
{
    int64_t begin, now, end;
    double gpu = 0;
    int readings = 0;

    figures->gpu_least = 100;
    usleep(1000000);
    atomic_store(&race->counting, true);
    begin = now = vanon_clock();
    end = begin + (int64_t)(seconds * 1e9);
    while (now < end && !atomic_load(&race->failed)) {
        struct vanon_nvml_reading reading;
        double percent;

        usleep(100000);
        now = vanon_clock();
        if (!race->bench->nvml || !vanon_nvml_read(race->bench->nvml, &reading))
            continue;
        percent = reading.use * 100;
        gpu += percent;
        readings++;
        figures->gpu_least = percent < figures->gpu_least ? percent : figures->gpu_least;
        figures->memory = reading.memory > figures->memory ? reading.memory : figures->memory;
    }
    atomic_store(&race->counting, false);
    figures->gpu = readings ? gpu / readings : -1;
    figures->fps = (double)(now - begin) / 1e9; /* seconds so far */
    atomic_store(&race->stop, true);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void sum_up(struct runner *runners, int count, struct figures *figures)
{
    size_t frames = 0, people = 0, turns = 0;
    float *all;

    for (int i = 0; i < count; i++)
        turns += runners[i].turns;
    all = malloc((turns + 1) * sizeof *all);
    turns = 0;
    for (int i = 0; i < count; i++) {
        frames += runners[i].frames;
        people += runners[i].people;
        if (all)
            memcpy(all + turns, runners[i].latency, runners[i].turns * sizeof *all);
        turns += runners[i].turns;
    }
    if (all && turns) {
        qsort(all, turns, sizeof *all, by_size);
        figures->median = (double)all[turns / 2];
        figures->worst = (double)all[turns - 1 - turns / 100];
    }
    free(all);
    figures->fps = (double)frames / figures->fps;
    figures->people = frames ? (double)people / (double)frames : 0;
}

/* All contexts at once. */
static int race_all(struct race *race, struct figures *figures)
{
    const struct settings *settings = race->bench->settings;
    struct runner runner[CONTEXTS] = {0};
    int status = VANON_OK, started = 0;

    for (int i = 0; i < settings->contexts && !status; i++) {
        runner[i].race = race;
        runner[i].latency = malloc(TURNS * sizeof *runner[i].latency);
        status = runner[i].latency
                     ? vanon_context_create(&runner[i].context, race->network, done, NULL)
                     : VANON_ERR_MEMORY;
        if (!status)
            status = vanon_letterbox_create(&runner[i].letterbox, race->bench->frame[0],
                                            settings->imgsz, settings->imgsz);
        for (int j = 0; j < 2 && !status; j++) /* recorded before any clock runs */
            status = turn(&runner[i], 0);
    }
    while (started < settings->contexts && !status)
        if (!(status = vanon_thread_start(&runner[started].thread, "feed", run, &runner[started])))
            started++;
    if (!status)
        watch(race, settings->seconds, figures);
    atomic_store(&race->stop, true);
    for (int i = 0; i < started; i++)
        pthread_join(runner[i].thread, NULL);
    if (!status)
        status = atomic_load(&race->failed);
    if (!status)
        sum_up(runner, started, figures);
    for (int i = 0; i < settings->contexts; i++) {
        vanon_context_destroy(&runner[i].context);
        vanon_letterbox_destroy(&runner[i].letterbox);
        free(runner[i].latency);
    }
    return status;
}

static void report(struct bench *bench, const char *model, const vanon_plan *plan,
                   const vanon_network *network, const struct figures *f)
{
    size_t cudnn = 0;

    for (size_t i = 0; i < network->engines; i++)
        cudnn += network->engine[i].own < 0;
    printf("%-28s %3d %9.1f %8.2f %8.2f %5.0f %% %5.0f %% %8.0f %6.2f %4zu/%-4zu %6.1f\n", model,
           plan->batch, f->fps, f->median, f->worst, f->gpu, f->gpu_least,
           (double)f->memory / 1048576, f->people, cudnn, network->engines, f->build_seconds);
    fflush(stdout);
    if (!bench->json)
        return;
    fprintf(bench->json,
            "%s{\"model\":\"%s\",\"width\":%d,\"height\":%d,\"batch\":%d,\"contexts\":%d,"
            "\"fps\":%.1f,\"latency_ms_median\":%.3f,\"latency_ms_99\":%.3f,\"gpu_percent\":%.1f,"
            "\"gpu_percent_least\":%.0f,\"memory_bytes\":%llu,"
            "\"people_a_frame\":%.3f,\"cudnn_engines\":%zu,\"engines\":%zu,"
            "\"build_seconds\":%.2f}",
            bench->lines++ ? ",\n" : "", model, plan->width, plan->height, plan->batch,
            bench->settings->contexts, f->fps, f->median, f->worst, f->gpu, f->gpu_least,
            (unsigned long long)f->memory, f->people, cudnn, network->engines, f->build_seconds);
}

static int bench_batch(struct bench *bench, const vanon_onnx *onnx, const char *name,
                       const char *sha256, int batch)
{
    struct race race = {.bench = bench, .batch = batch};
    struct figures figures = {0};
    int64_t begin = vanon_clock();
    bool half = !bench->settings->single;
    vanon_weights *weights = NULL;
    vanon_plan *plan = NULL;
    int status = vanon_plan_create(&plan, onnx, batch, bench->settings->imgsz,
                                   bench->settings->imgsz, &bench->log);

    if (!status)
        status = vanon_weights_create(&weights, bench->device, plan, half);
    if (!status)
        status = vanon_network_create(&race.network, bench->device,
                                      &(struct vanon_network_params){.plan = plan,
                                                                     .weights = weights,
                                                                     .model_sha256 = sha256,
                                                                     .half = half,
                                                                     .confidence = 0.25f,
                                                                     .iou_threshold = 0.45f,
                                                                     .max_det = 300});
    figures.build_seconds = (double)(vanon_clock() - begin) / 1e9;
    if (!status)
        status = race_all(&race, &figures);
    if (!status)
        report(bench, name, plan, race.network, &figures);
    vanon_network_destroy(&race.network);
    vanon_weights_destroy(&weights);
    vanon_plan_destroy(&plan);
    return status;
}

static int bench_model(struct bench *bench, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char sha256[VANON_SHA256_TEXT];
    vanon_onnx *onnx = NULL;
    int status = vanon_sha256_file(path, sha256, &bench->log);

    if (!status)
        status = vanon_onnx_load(&onnx, path, &bench->log);
    for (int i = 0; i < bench->settings->batches && !status; i++)
        status = bench_batch(bench, onnx, name, sha256, bench->settings->batch[i]);
    vanon_onnx_destroy(&onnx);
    return status;
}

/* Preparation */

/* Moving stripes, where there is no file. */
static void make_up(vanon_frame *frame, int number)
{
    for (int y = 0; y < frame->height * 3 / 2; y++) {
        uint8_t *line = y < frame->height
                            ? frame->plane[0] + y * frame->stride[0]
                            : frame->plane[1] + (y - frame->height) * frame->stride[1];

        for (int x = 0; x < frame->width; x++)
            line[x] = (uint8_t)(x * 3 + y * 5 + number * 17);
    }
}

static int read_frames(struct bench *bench)
{
    const struct settings *settings = bench->settings;
    FILE *file = settings->frames ? fopen(settings->frames, "rb") : NULL;
    int status = settings->frames && !file ? VANON_ERR_IO : VANON_OK;

    for (int i = 0; i < FRAMES && !status; i++) {
        status = vanon_frame_alloc(&bench->frame[i], VANON_PIXEL_NV12, settings->width,
                                   settings->height);
        if (!status)
            make_up(bench->frame[i], i);
        for (int y = 0; y < settings->height * 3 / 2 && file && !status; y++) {
            vanon_frame *frame = bench->frame[i];
            uint8_t *line = y < settings->height
                                ? frame->plane[0] + y * frame->stride[0]
                                : frame->plane[1] + (y - settings->height) * frame->stride[1];

            if (fread(line, 1, (size_t)settings->width, file) != (size_t)settings->width)
                status = VANON_ERR_IO;
        }
    }
    if (file)
        fclose(file);
    if (status)
        fprintf(stderr, "%s: no %d frames of %dx%d\n", settings->frames, FRAMES, settings->width,
                settings->height);
    return status;
}

static int open_device(struct bench *bench)
{
    struct vanon_device_info info;
    char place[32];
    int status = vanon_device_open(&bench->device, 0, &bench->log);

    if (!status && bench->settings->own)
        vanon_cudnn_close(&bench->device->cudnn);
    if (!status)
        status = vanon_device_get_info(bench->device, &info);
    if (status)
        return status;
    vanon_device_place(0, place, sizeof place);
    bench->nvml = vanon_nvml_open(place);
    printf("%s, %.0f MiB, %s; %d contexts, %dx%d NV12 -> %dx%d, %s\n", info.name,
           (double)info.memory / 1048576, info.libraries, bench->settings->contexts,
           bench->settings->width, bench->settings->height, bench->settings->imgsz,
           bench->settings->imgsz, bench->settings->single ? "f32" : "f16");
    printf("%-28s %3s %9s %8s %8s %7s %7s %8s %6s %9s %6s\n", "model", "b", "frames/s", "ms",
           "ms 99%", "GPU", "least", "MiB", "people", "cuDNN/all", "start s");
    if (bench->json)
        fprintf(bench->json, "{\"device\":\"%s\",\"libraries\":\"%s\",\"runs\":[\n", info.name,
                info.libraries);
    return VANON_OK;
}

static int parse_batches(struct settings *settings, char *text)
{
    settings->batches = 0;
    for (char *word = strtok(text, ","); word && settings->batches < BATCHES;
         word = strtok(NULL, ","))
        settings->batch[settings->batches++] = atoi(word);
    return settings->batches > 0;
}

static int parse(struct settings *settings, int argc, char **argv)
{
    static const struct option options[] = {
        {"frames", required_argument, NULL, 'f'},  {"width", required_argument, NULL, 'w'},
        {"height", required_argument, NULL, 'h'},  {"imgsz", required_argument, NULL, 'i'},
        {"batch", required_argument, NULL, 'b'},   {"contexts", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 's'}, {"json", required_argument, NULL, 'j'},
        {"own", no_argument, NULL, 'o'},           {"single", no_argument, NULL, 'S'},
        {"verbose", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            settings->frames = optarg;
            break;
        case 'w':
            settings->width = atoi(optarg);
            break;
        case 'h':
            settings->height = atoi(optarg);
            break;
        case 'i':
            settings->imgsz = atoi(optarg);
            break;
        case 'b':
            if (!parse_batches(settings, optarg))
                return 0;
            break;
        case 'c':
            settings->contexts = atoi(optarg);
            break;
        case 's':
            settings->seconds = atof(optarg);
            break;
        case 'j':
            settings->json = optarg;
            break;
        case 'o':
            settings->own = 1;
            break;
        case 'S':
            settings->single = 1;
            break;
        case 'v':
            settings->verbose = 1;
            break;
        default:
            return 0;
        }
    }
    return optind < argc && settings->contexts > 0 && settings->contexts <= CONTEXTS;
}

int main(int argc, char **argv)
{
    struct settings settings = {.width = 1280,
                                .height = 720,
                                .imgsz = 640,
                                .batch = {1, 4, 8, 16},
                                .batches = 4,
                                .contexts = 4,
                                .seconds = 5};
    struct bench bench = {.settings = &settings};
    int status;

    if (!parse(&settings, argc, argv)) {
        fputs("bench_cuda [--frames FILE] [--width W] [--height H] [--imgsz N] [--batch N,...] "
              "[--contexts N] [--seconds S] [--json FILE] [--own] [--single] [--verbose] "
              "MODEL.onnx...\n",
              stderr);
        return 2;
    }
    bench.log = (vanon_log){.write = write_line,
                            .level = settings.verbose ? VANON_LOG_DEBUG : VANON_LOG_WARNING};
    bench.json = settings.json ? fopen(settings.json, "w") : NULL;
    status = read_frames(&bench);
    if (!status)
        status = open_device(&bench);
    for (int i = optind; i < argc && !status; i++)
        status = bench_model(&bench, argv[i]);
    if (bench.json) {
        fputs("\n]}\n", bench.json);
        fclose(bench.json);
    }
    for (int i = 0; i < FRAMES; i++)
        vanon_frame_unref(&bench.frame[i]);
    vanon_nvml_close(&bench.nvml);
    vanon_device_close(&bench.device);
    return status ? 1 : 0;
}
