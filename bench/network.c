/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_network MODEL.onnx WIDTH HEIGHT bf16|f32: milliseconds that OpenVINO needs for one picture
 * when it has nothing else to do, in its throughput mode with as many requests as it asks for, the
 * input ready and the model compiled. A part of the floor that bench.py sets runs against.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openvino/c/openvino.h>

#define MOST_REQUESTS 256
#define WARM_UP       20
#define PICTURES      60
#define ROUNDS        3 /* the fastest counts */

static void check(ov_status_e code, const char *what)
{
    if (code == OK)
        return;
    fprintf(stderr, "bench_network: %s: %s\n", what, ov_get_error_info(code));
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static ov_compiled_model_t *compile(const char *path, int64_t width, int64_t height,
                                    const char *precision)
{
    const ov_dimension_t sides[] = {{1, 1}, {3, 3}, {height, height}, {width, width}};
    ov_partial_shape_t shape = {0};
    ov_core_t *core = NULL;
    ov_model_t *model = NULL;
    ov_compiled_model_t *compiled = NULL;

    check(ov_core_create(&core), "no OpenVINO");
    check(ov_core_read_model(core, path, NULL, &model), path);
    check(ov_partial_shape_create(4, sides, &shape), "shape");
    check(ov_model_reshape_single_input(model, shape), "reshape");
    check(ov_core_compile_model(core, model, "CPU", 4, &compiled,
                                ov_property_key_hint_performance_mode, "THROUGHPUT",
                                ov_property_key_hint_inference_precision, precision),
          "compile");
    ov_partial_shape_free(&shape);
    ov_model_free(model);
    ov_core_free(core);
    return compiled;
}

static size_t make_requests(const ov_compiled_model_t *compiled,
                            ov_infer_request_t *requests[MOST_REQUESTS])
{
    char *value = NULL;
    size_t count;

    check(ov_compiled_model_get_property(compiled, ov_property_key_optimal_number_of_infer_requests,
                                         &value),
          "number of requests");
    count = strtoul(value, NULL, 10);
    ov_free(value);
    count = count < 1 ? 1 : count > MOST_REQUESTS ? MOST_REQUESTS : count;
    for (size_t i = 0; i < count; i++)
        check(ov_compiled_model_create_infer_request(compiled, &requests[i]), "request");
    return count;
}

/* Seconds for so many pictures; each request starts again as soon as it is done. */
static double infer(ov_infer_request_t *const requests[], size_t count, size_t pictures)
{
    double start = now();

    for (size_t i = 0; i < pictures; i++) {
        if (i >= count)
            check(ov_infer_request_wait(requests[i % count]), "inference");
        check(ov_infer_request_start_async(requests[i % count]), "inference");
    }
    for (size_t i = 0; i < count && i < pictures; i++)
        check(ov_infer_request_wait(requests[i]), "inference");
    return now() - start;
}

int main(int argc, char **argv)
{
    ov_infer_request_t *requests[MOST_REQUESTS];
    ov_compiled_model_t *compiled;
    double best = 1e9;
    size_t count;

    if (argc != 5) {
        fprintf(stderr, "usage: bench_network MODEL.onnx WIDTH HEIGHT bf16|f32\n");
        return 2;
    }
    compiled = compile(argv[1], strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), argv[4]);
    count = make_requests(compiled, requests);
    infer(requests, count, WARM_UP);
    for (int i = 0; i < ROUNDS; i++) {
        double seconds = infer(requests, count, PICTURES);

        best = seconds < best ? seconds : best;
    }
    printf("%.4f\n", best / PICTURES * 1e3);
    for (size_t i = 0; i < count; i++)
        ov_infer_request_free(requests[i]);
    ov_compiled_model_free(compiled);
    return 0;
}
