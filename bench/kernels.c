/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_kernels [FILE]: times every kernel family, plain C against each set of instructions that
 * this machine has. Prints a table; writes it as JSON into FILE, too.
 *
 * A figure is the fastest of many runs: what the code needs, not what else the machine was doing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "bench.h"

#define SECONDS  0.25 /* for a figure */
#define MIN_RUNS 3

static const struct bench *const families[] = {bench_letterbox, bench_render, bench_detect};

#ifdef __aarch64__
static const unsigned masks[] = {0, VANON_CPU_NEON};
#else
static const unsigned masks[] = {0, VANON_CPU_AVX2, VANON_CPU_AVX2 | VANON_CPU_AVX512};
#endif

void bench_noise(uint8_t *bytes, size_t count)
{
    uint32_t seed = 1;

    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

void bench_require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench_kernels: no %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Seconds of the fastest run; 0: it can't be run here. */
static double fastest(const struct bench *bench)
{
    void *work = bench->create(bench->parameters);
    double end = now() + SECONDS, best = SECONDS * 1000;

    if (!work)
        return 0;
    for (int runs = 0; runs < MIN_RUNS || now() < end; runs++) {
        double start = now(), taken;

        bench->run(work);
        taken = now() - start;
        best = taken < best ? taken : best;
    }
    bench->destroy(work);
    return best;
}

static json_t *measure(const struct bench *bench)
{
    json_t *levels = json_object();

    printf("%-40s", bench->name);
    for (size_t i = 0; i < VANON_COUNT(masks); i++) {
        double seconds;

        vanon_cpu_set_mask(VANON_CPU_ALL);
        if ((vanon_cpu_flags() & masks[i]) != masks[i]) {
            printf(" %10s", "-");
            continue;
        }
        vanon_cpu_set_mask(masks[i]);
        seconds = fastest(bench);
        if (seconds == 0) {
            printf(" %10s", "-");
            continue;
        }
        printf(" %10.3f", seconds * 1e3);
        fflush(stdout);
        json_object_set_new(levels, vanon_cpu_name(masks[i]), json_real(seconds * 1e3));
    }
    printf("\n");
    return json_pack("{s:s, s:f, s:o}", "name", bench->name, "pixels", bench->pixels,
                     "milliseconds", levels);
}

int main(int argc, char **argv)
{
    json_t *all = json_array();
    int status = 0;

    printf("%-40s", "milliseconds a run");
    for (size_t i = 0; i < VANON_COUNT(masks); i++)
        printf(" %10s", vanon_cpu_name(masks[i]));
    printf("\n");
    for (size_t i = 0; i < VANON_COUNT(families); i++)
        for (const struct bench *bench = families[i]; bench->name; bench++)
            json_array_append_new(all, measure(bench));
    if (argc > 1 && json_dump_file(all, argv[1], JSON_INDENT(1))) {
        fprintf(stderr, "bench_kernels: %s can't be written\n", argv[1]);
        status = 1;
    }
    json_decref(all);
    return status;
}
