/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run uses of the machine: processors, threads, a GPU. Sampled now and then by the thread of
 * vanon_job_run; nothing is estimated.
 */
#ifndef VANON_JOB_USE_H
#define VANON_JOB_USE_H

#include <vanon/engine.h>

#include "base/nvml.h"
#include "base/usage.h"
#include "options/options.h"

struct vanon_use {
    int64_t at;          /* of vanon_clock: the last sample */
    double cpu, cpu_use; /* processor seconds until then; busy processors just before */
    struct vanon_usage threads;

    vanon_nvml *nvml;
    bool sought; /* NVML was looked for */
    unsigned gpu_samples;
    struct vanon_nvml_reading gpu; /* the last one */
    double gpu_sum, gpu_decoder_sum, gpu_encoder_sum;
    uint64_t gpu_memory; /* the highest seen, bytes */
};

/* The first sample, at the run's start. */
void vanon_use_start(struct vanon_use *use);

/* Takes a sample if the last is half a second old or `now` is set. True: it did. */
bool vanon_use_sample(struct vanon_use *use, const vanon_options *options, bool now);
void vanon_use_end(struct vanon_use *use);

/* The stage with the least time to spare, of the engine's and of reading and writing, and its load
 * (0..1). */
const char *vanon_use_slowest(const struct vanon_engine_stats *stats, double read_load,
                              double write_load, double *load);

/* Processor time of the engine's threads outside of all stages. */
double vanon_use_scheduling(const struct vanon_engine_stats *stats);

#endif
