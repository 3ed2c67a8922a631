/* SPDX-License-Identifier: Apache-2.0 */
#include "engines.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"
#include "engine_store.h"
#include "kernels.h"

#define TRIED    6  /* engines of cuDNN that are compiled and timed for a shape, at most */
#define BUILDERS 16 /* threads that compile, at most */
#ifndef LAUNCHES    /* tests without a GPU do with less */
#define LAUNCHES 10 /* in the graph that is timed */
#define ROUNDS   3  /* of which the fastest counts */
#endif
#define TOLERANCE 0.01f /* of numbers about 1: ten times what rounding to half explains */
#define UNWRITTEN 0x63  /* twice: 945.5 in half, far from all results */

/* Compiling: each thread takes the next shape. */

struct builders {
    struct vanon_engine *engines;
    size_t count;
    const struct vanon_engine_tools *tools;
    atomic_size_t next;
};

/* The stored winner, or the first that compile. */
static void build(struct vanon_engine *engine, const struct vanon_engine_tools *tools,
                  const struct vanon_cudnn_target *target)
{
    int built = 0;

    if (engine->chosen && engine->own >= 0)
        return;
    if (vanon_cudnn_conv_create(&engine->conv, tools->cudnn, target, &engine->shape)) {
        engine->chosen = false;
        return;
    }
    if (engine->chosen &&
        vanon_cudnn_conv_engine_number(engine->conv, engine->index) == engine->number &&
        !vanon_cudnn_conv_build(engine->conv, target, engine->index, VANON_ENGINE_WORKSPACE))
        return;
    engine->chosen = false;
    for (int i = 0; i < vanon_cudnn_conv_engines(engine->conv) && built < TRIED; i++)
        built += !vanon_cudnn_conv_build(engine->conv, target, i, VANON_ENGINE_WORKSPACE);
}

static void *run_builder(void *argument)
{
    struct builders *builders = argument;
    struct vanon_cudnn_target target = {0};
    size_t i;

    if (cudaSetDevice(builders->tools->device) ||
        builders->tools->cudnn->cudnnCreate(&target.handle))
        return NULL; /* another thread does it, or our own kernels */
    while ((i = atomic_fetch_add(&builders->next, 1)) < builders->count)
        build(&builders->engines[i], builders->tools, &target);
    builders->tools->cudnn->cudnnDestroy(target.handle);
    return NULL;
}

/* Whether cuDNN, which is there, can be started. NVIDIA's advice: one handle is made before threads
 * make theirs. */
static bool starts(const struct vanon_engine_tools *tools)
{
    cudnnHandle_t handle;

    if (cudaSetDevice(tools->device) || tools->cudnn->cudnnCreate(&handle))
        return false;
    tools->cudnn->cudnnDestroy(handle);
    return true;
}

static void build_all(struct vanon_engine *engines, size_t count,
                      const struct vanon_engine_tools *tools)
{
    struct builders builders = {.engines = engines, .count = count, .tools = tools};
    pthread_t thread[BUILDERS];
    int wanted = vanon_processors(), started = 0;

    while (started < wanted && started < BUILDERS &&
           !vanon_thread_start(&thread[started], "vanon-compile", run_builder, &builders))
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
}

/* Trying: one shape's memory, and what it takes to time something. */

struct bench {
    const struct vanon_engine_tools *tools;
    cudaStream_t stream;
    cudaEvent_t begin, end;
    cudnnHandle_t handle;
    void *input, *weights, *residual, *output, *expected, *workspace;
    float *bias;
    unsigned *differing;
};

struct sizes {
    size_t input, weights, bias, residual, output; /* numbers */
};

static struct sizes sizes_of(const struct vanon_conv_shape *s)
{
    size_t out = (size_t)s->batch * (size_t)s->out_height * (size_t)s->out_width;

    return (struct sizes){
        .input = (size_t)s->batch * (size_t)s->in_height * (size_t)s->in_width * (size_t)s->in_step,
        .weights = (size_t)s->out_channels * (size_t)s->kernel_height * (size_t)s->kernel_width *
                   (size_t)s->in_channels,
        .bias = (size_t)s->out_channels,
        .residual = out * (size_t)s->residual_step,
        .output = out * (size_t)s->out_step,
    };
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void close_bench(struct bench *bench)
{
    void *memory[] = {bench->input,    bench->weights,   bench->residual, bench->output,
                      bench->expected, bench->workspace, bench->bias,     bench->differing};

    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        cudaFree(memory[i]);
    if (bench->handle)
        bench->tools->cudnn->cudnnDestroy(bench->handle);
    if (bench->begin)
        cudaEventDestroy(bench->begin);
    if (bench->end)
        cudaEventDestroy(bench->end);
    if (bench->stream)
        cudaStreamDestroy(bench->stream);
}

static cudaError_t open_bench(struct bench *bench, const struct vanon_engine *engines, size_t count,
                              const struct vanon_engine_tools *tools)
{
    struct sizes most = {0};
    cudaError_t error;

    *bench = (struct bench){.tools = tools};
    for (size_t i = 0; i < count; i++) {
        struct sizes sizes = sizes_of(&engines[i].shape);

        most.input = larger(most.input, sizes.input);
        most.weights = larger(most.weights, sizes.weights);
        most.bias = larger(most.bias, sizes.bias);
        most.residual = larger(most.residual, sizes.residual);
        most.output = larger(most.output, sizes.output);
    }
    if ((error = cudaStreamCreateWithFlags(&bench->stream, cudaStreamNonBlocking)) ||
        (error = cudaEventCreate(&bench->begin)) || (error = cudaEventCreate(&bench->end)) ||
        (error = cudaMalloc(&bench->input, 2 * most.input)) ||
        (error = cudaMalloc(&bench->weights, 2 * most.weights)) ||
        (error = cudaMalloc((void **)&bench->bias, sizeof(float) * most.bias)) ||
        (error = cudaMalloc(&bench->residual, 2 * most.residual + 16)) ||
        (error = cudaMalloc(&bench->output, 2 * most.output)) ||
        (error = cudaMalloc(&bench->expected, 2 * most.output)) ||
        (error = cudaMalloc(&bench->workspace, VANON_ENGINE_WORKSPACE)) ||
        (error = cudaMalloc((void **)&bench->differing, sizeof *bench->differing)))
        return error;
    if ((error = vanon_gpu_scatter(bench->stream, bench->input, most.input, 1, 1, 1)) ||
        (error = vanon_gpu_scatter(bench->stream, bench->residual, most.residual + 8, 1, 2, 1)) ||
        (error = vanon_gpu_scatter(bench->stream, bench->bias, most.bias, 0.5f, 3, 0)))
        return error;
    if (tools->cudnn && tools->cudnn->cudnnCreate(&bench->handle))
        bench->handle = NULL;
    if (bench->handle && tools->cudnn->cudnnSetStream(bench->handle, bench->stream))
        return cudaErrorUnknown;
    return cudaStreamSynchronize(bench->stream);
}

/* One kernel that may win: one of our own, or a bound engine of cuDNN. */
struct contender {
    int own;
    const vanon_cudnn_bound *bound;
};

static bool launch(const struct bench *bench, const struct contender *contender,
                   const struct vanon_conv_shape *shape, const struct vanon_conv_data *data)
{
    if (contender->own >= 0)
        return !vanon_gpu_conv(bench->stream, contender->own, shape, data);
    return !vanon_cudnn_run(contender->bound, bench->handle);
}

/* The fastest of some rounds in microseconds; infinity: it can't be run. Timed as it will be used,
 * inside a graph, or short kernels would be measured by the time it takes to start them. */
static float time_it(const struct bench *bench, const struct contender *contender,
                     const struct vanon_conv_shape *shape, const struct vanon_conv_data *data)
{
    cudaGraphExec_t exec = NULL;
    cudaGraph_t graph = NULL;
    float best = INFINITY, milliseconds;
    bool fine;

    fine = !cudaStreamBeginCapture(bench->stream, cudaStreamCaptureModeThreadLocal);
    for (int i = 0; i < LAUNCHES && fine; i++)
        fine = launch(bench, contender, shape, data);
    fine = !cudaStreamEndCapture(bench->stream, &graph) && fine &&
           !cudaGraphInstantiate(&exec, graph, 0) && !cudaGraphLaunch(exec, bench->stream);
    for (int i = 0; i < ROUNDS && fine; i++) {
        fine = !cudaEventRecord(bench->begin, bench->stream) &&
               !cudaGraphLaunch(exec, bench->stream) &&
               !cudaEventRecord(bench->end, bench->stream) && !cudaEventSynchronize(bench->end) &&
               !cudaEventElapsedTime(&milliseconds, bench->begin, bench->end);
        if (fine)
            best = fminf(best, milliseconds * 1000 / LAUNCHES);
    }
    if (exec)
        cudaGraphExecDestroy(exec);
    if (graph)
        cudaGraphDestroy(graph);
    return fine ? best : INFINITY;
}

/* True where the output is what is expected, and what lies between its pixels, which is other
 * tensors' in a network, was left alone. */
static bool matches(const struct bench *bench, const struct vanon_conv_shape *s)
{
    struct vanon_gpu_size size = {s->batch, s->out_height, s->out_width, s->out_step, false};
    struct vanon_gpu_slice a = {bench->expected, s->out_step}, b = {bench->output, s->out_step};
    unsigned differing = 1;

    return !cudaMemsetAsync(bench->differing, 0, sizeof differing, bench->stream) &&
           !vanon_gpu_compare(bench->stream, size, a, b, TOLERANCE, bench->differing) &&
           !cudaMemcpyAsync(&differing, bench->differing, sizeof differing, cudaMemcpyDeviceToHost,
                            bench->stream) &&
           !cudaStreamSynchronize(bench->stream) && !differing;
}

/* Runs, checks and times; infinity where it is not fit. */
static float judge(const struct bench *bench, const struct contender *contender,
                   const struct vanon_conv_shape *shape, const struct vanon_conv_data *data)
{
    size_t bytes = 2 * sizes_of(shape).output;
    float time = INFINITY;

    if (!cudaMemsetAsync(data->output, UNWRITTEN, bytes, bench->stream) &&
        launch(bench, contender, shape, data) && !cudaStreamSynchronize(bench->stream) &&
        matches(bench, shape))
        time = time_it(bench, contender, shape, data);
    if (isinf(time))
        cudaGetLastError(); /* or the next kernel would seem to fail */
    return time;
}

static void try_own(const struct bench *bench, struct vanon_engine *engine,
                    const struct vanon_conv_data *data)
{
    for (int i = 0; i < VANON_GPU_CONVS; i++) {
        float time = judge(bench, &(struct contender){.own = i}, &engine->shape, data);

        if (time < engine->microseconds) {
            engine->microseconds = engine->own_microseconds = time;
            engine->own = i;
            engine->chosen = true;
        }
    }
}

static void try_cudnn(const struct bench *bench, struct vanon_engine *engine,
                      const struct vanon_conv_data *data)
{
    int best = -1;

    for (int i = 0; i < vanon_cudnn_conv_engines(engine->conv); i++) {
        struct contender contender = {.own = -1};
        vanon_cudnn_bound *bound;
        float time;

        if (!vanon_cudnn_conv_built(engine->conv, i) ||
            vanon_cudnn_bind(&bound, engine->conv, i, data, bench->workspace))
            continue;
        contender.bound = bound;
        time = judge(bench, &contender, &engine->shape, data);
        vanon_debug(bench->tools->log, "cudnn engine %d number %d: %.2f us", i,
                    vanon_cudnn_conv_engine_number(engine->conv, i), (double)time);
        vanon_cudnn_unbind(&bound);
        if (time < engine->microseconds) {
            engine->microseconds = time;
            engine->own = -1;
            engine->chosen = true;
            best = i;
        }
    }
    for (int i = 0; i < vanon_cudnn_conv_engines(engine->conv); i++)
        if (i != best)
            vanon_cudnn_conv_drop(engine->conv, i);
    if (best < 0)
        return;
    engine->index = best;
    engine->number = vanon_cudnn_conv_engine_number(engine->conv, best);
}

static int choose(const struct bench *bench, struct vanon_engine *engine)
{
    const struct vanon_conv_shape *shape = &engine->shape;
    struct sizes sizes = sizes_of(shape);
    struct vanon_conv_data data = {.input = bench->input,
                                   .weights = bench->weights,
                                   .bias = bench->bias,
                                   .residual = shape->residual ? bench->residual : NULL,
                                   .output = bench->expected};
    float depth = (float)(shape->kernel_height * shape->kernel_width * shape->in_channels);

    /* So that sums are about 1, whatever their length. */
    if (vanon_gpu_scatter(bench->stream, bench->weights, sizes.weights, 2 / sqrtf(depth), 4, 1) ||
        cudaMemsetAsync(bench->expected, UNWRITTEN, 2 * sizes.output, bench->stream) ||
        vanon_gpu_conv(bench->stream, 1, shape, &data) || cudaStreamSynchronize(bench->stream))
        return VANON_ERR_INFERENCE;
    data.output = bench->output;
    engine->microseconds = engine->own_microseconds = INFINITY;
    try_own(bench, engine, &data);
    if (engine->conv && bench->handle)
        try_cudnn(bench, engine, &data);
    vanon_debug(bench->tools->log, "%dx%d %d -> %d, %dx%d: %s, %.2f us (own %.2f us)",
                shape->in_width, shape->in_height, shape->in_channels, shape->out_channels,
                shape->kernel_width, shape->kernel_height, engine->own >= 0 ? "own" : "cuDNN",
                (double)engine->microseconds, (double)engine->own_microseconds);
    return engine->chosen ? VANON_OK : VANON_ERR_INFERENCE;
}

static bool all_chosen(const struct vanon_engine *engines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!engines[i].chosen)
            return false;
    return true;
}

int vanon_engines_choose(struct vanon_engine *engines, size_t count,
                         const struct vanon_engine_tools *tools)
{
    struct bench bench;
    int status = VANON_OK;
    bool started = tools->cudnn && starts(tools);
    cudaError_t error;

    if (tools->store)
        vanon_engine_store_read(tools->store, engines, count);
    if (started)
        build_all(engines, count, tools);
    for (size_t i = 0; i < count; i++) /* without cuDNN there is nothing to build */
        if (engines[i].own < 0 && !engines[i].conv)
            engines[i].chosen = false;
    if (all_chosen(engines, count))
        return VANON_OK;
    error = open_bench(&bench, engines, count, tools);
    if (error)
        cudaGetLastError(); /* who tries again with less memory must not find it */
    if (error == cudaErrorMemoryAllocation)
        status = VANON_ERR_MEMORY;
    else if (error)
        status = vanon_fail(tools->log, VANON_ERR_INFERENCE, "the GPU failed: %s",
                            cudaGetErrorString(error));
    for (size_t i = 0; i < count && status == VANON_OK; i++)
        if (!engines[i].chosen && (status = choose(&bench, &engines[i])))
            vanon_fail(tools->log, status, "the GPU computes a convolution wrongly, or fails: %s",
                       cudaGetErrorString(cudaGetLastError()));
    close_bench(&bench);
    /* What was chosen because cuDNN did not start holds for this time only. */
    if (status == VANON_OK && tools->store && (started || !tools->cudnn))
        vanon_engine_store_write(tools->store, engines, count, tools->log);
    return status;
}

void vanon_engines_free(struct vanon_engine *engines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vanon_cudnn_conv_destroy(&engines[i].conv);
}

size_t vanon_engine_workspace(const struct vanon_engine *engine)
{
    return engine->own >= 0 ? 0 : vanon_cudnn_conv_workspace(engine->conv, engine->index);
}
