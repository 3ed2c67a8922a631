/* SPDX-License-Identifier: Apache-2.0 */
/* Our own convolutions against plain loops, and cuDNN's engines against those. */
#include <math.h>
#include <string.h>

#include <vanon/status.h>

#include "../../plugins/cuda/engines.h"
#include "../../plugins/cuda/kernels.h"
#include "gpu.h"

/* Kernels of 1 and 3, strides, channels that fill no tile, slices, edges. */
static const struct vanon_conv_shape shapes[] = {
    {2, 24, 40, 8, 8, 12, 20, 16, 16, 3, 3, 2, 1, true, false, 0, false},
    {1, 20, 20, 32, 96, 20, 20, 32, 64, 3, 3, 1, 1, true, true, 96, false},
    {3, 13, 17, 56, 56, 13, 17, 56, 64, 1, 1, 1, 0, false, false, 0, false},
    {2, 10, 10, 128, 384, 10, 10, 72, 80, 3, 3, 1, 1, true, false, 0, false},
    {1, 7, 9, 24, 24, 4, 5, 136, 144, 3, 3, 2, 1, false, true, 136, false},
};

#define SPARE 16 /* bytes: no memory is empty */

#define SHAPES (sizeof shapes / sizeof *shapes)

struct numbers {
    size_t count;
    uint16_t *half;
    void *device;
};

static struct numbers make(size_t count, float most)
{
    struct numbers numbers = {.count = count, .half = calloc(1, count * 2 + SPARE)};

    for (size_t i = 0; i < count; i++)
        numbers.half[i] = gpu_half(gpu_random_float(-most, most));
    numbers.device = gpu_put(numbers.half, count * 2 + SPARE);
    return numbers;
}

/* On the device in single precision. */
static void *put_single(const struct numbers *numbers)
{
    float *value = malloc((numbers->count + 1) * sizeof *value);
    void *device;

    for (size_t i = 0; i < numbers->count; i++)
        value[i] = gpu_float(numbers->half[i]);
    device = gpu_put(value, (numbers->count + 1) * sizeof *value);
    free(value);
    return device;
}

static void release(struct numbers *numbers)
{
    free(numbers->half);
    cudaFree(numbers->device);
}

static double convolved(const struct vanon_conv_shape *s, const uint16_t *in,
                        const uint16_t *weights, int image, int y, int x, int channel)
{
    const uint16_t *filter =
        weights + (size_t)channel * (size_t)(s->kernel_height * s->kernel_width * s->in_channels);
    double sum = 0;

    for (int r = 0; r < s->kernel_height; r++)
        for (int c = 0; c < s->kernel_width; c++) {
            int v = y * s->stride - s->pad + r, u = x * s->stride - s->pad + c;

            if (v < 0 || v >= s->in_height || u < 0 || u >= s->in_width)
                continue;
            for (int k = 0; k < s->in_channels; k++)
                sum += (double)gpu_float(in[(size_t)((image * s->in_height + v) * s->in_width + u) *
                                                (size_t)s->in_step +
                                            (size_t)k]) *
                       (double)gpu_float(filter[(r * s->kernel_width + c) * s->in_channels + k]);
        }
    return sum;
}

/* What the shape's numbers should be: [pixels][out_channels]. */
static double *expect(const struct vanon_conv_shape *s, const uint16_t *in, const uint16_t *weights,
                      const float *bias, const uint16_t *residual)
{
    size_t pixels = (size_t)(s->batch * s->out_height * s->out_width);
    double *value = malloc(pixels * (size_t)s->out_channels * sizeof *value);

    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (int k = 0; k < s->out_channels; k++) {
            int line = (int)pixel / s->out_width;
            double sum =
                (double)bias[k] + convolved(s, in, weights, line / s->out_height,
                                            line % s->out_height, (int)pixel % s->out_width, k);

            if (s->silu)
                sum = sum / (1 + exp(-sum));
            if (s->residual)
                sum += (double)gpu_float(residual[pixel * (size_t)s->residual_step + (size_t)k]);
            value[pixel * (size_t)s->out_channels + (size_t)k] = sum;
        }
    return value;
}

/* Also that what lies beside the slice is as it was. */
static void check(const struct vanon_conv_shape *s, const double *expected, const uint16_t *out,
                  const uint16_t *before, int variant)
{
    size_t pixels = (size_t)(s->batch * s->out_height * s->out_width);

    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (size_t k = 0; k < (size_t)s->out_step; k++) {
            uint16_t is = out[pixel * (size_t)s->out_step + k];
            double should =
                k < (size_t)s->out_channels ? expected[pixel * (size_t)s->out_channels + k] : 0;

            if (k >= (size_t)s->out_channels)
                REQUIRE(is == before[pixel * (size_t)s->out_step + k], "beside the slice");
            else
                REQUIRE(fabs((double)gpu_float(is) - should) <= 0.003 * (1 + fabs(should)),
                        "variant %d, pixel %zu, channel %zu: %g, not %g", variant, pixel, k,
                        (double)gpu_float(is), should);
        }
}

/* The same numbers in single precision: far closer to what they should be. */
static void test_single(const struct vanon_conv_shape *half_shape, const struct numbers *in,
                        const struct numbers *weights, const struct numbers *residual,
                        const float *bias, const double *expected)
{
    struct vanon_conv_shape s = *half_shape;
    size_t pixels = (size_t)(s.batch * s.out_height * s.out_width);
    size_t count = pixels * (size_t)s.out_step;
    float *out = malloc(count * sizeof *out), *before = malloc(count * sizeof *before);
    void *memory[] = {put_single(in), put_single(weights), put_single(residual)};
    struct vanon_conv_data data = {
        .input = memory[0], .weights = memory[1], .residual = memory[2], .bias = bias};

    s.single = true;
    for (size_t i = 0; i < count; i++)
        before[i] = gpu_random_float(-1, 1);
    data.output = gpu_put(before, count * sizeof *before);
    FINE(vanon_gpu_conv_single(0, &s, &data));
    gpu_get(out, data.output, count * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        size_t k = i % (size_t)s.out_step, pixel = i / (size_t)s.out_step;
        double should = k < (size_t)s.out_channels ? expected[pixel * (size_t)s.out_channels + k]
                                                   : (double)before[i]; /* beside the slice */

        REQUIRE(fabs((double)out[i] - should) <= 1e-5 * (1 + fabs(should)),
                "single, pixel %zu, channel %zu: %g, not %g", pixel, k, (double)out[i], should);
    }
    for (int i = 0; i < 3; i++)
        cudaFree(memory[i]);
    cudaFree(data.output);
    free(before);
    free(out);
}

static void test_shape(const struct vanon_conv_shape *s)
{
    size_t pixels = (size_t)(s->batch * s->out_height * s->out_width);
    int depth = s->kernel_height * s->kernel_width * s->in_channels;
    struct numbers in =
        make((size_t)(s->batch * s->in_height * s->in_width) * (size_t)s->in_step, 1);
    struct numbers weights = make((size_t)s->out_channels * (size_t)depth, 2 / sqrtf((float)depth));
    struct numbers residual = make(pixels * (size_t)s->residual_step, 1);
    struct numbers out = make(pixels * (size_t)s->out_step, 1);
    uint16_t *result = malloc(out.count * 2);
    float *bias = malloc((size_t)s->out_channels * sizeof *bias);
    struct vanon_conv_data data = {.input = in.device,
                                   .weights = weights.device,
                                   .residual = s->residual ? residual.device : NULL,
                                   .output = out.device};
    double *expected;

    for (int i = 0; i < s->out_channels; i++)
        bias[i] = gpu_random_float(-1, 1);
    data.bias = gpu_put(bias, (size_t)s->out_channels * sizeof *bias);
    expected = expect(s, in.half, weights.half, bias, residual.half);
    for (int variant = 0; variant < VANON_GPU_CONVS; variant++) {
        FINE(cudaMemcpy(out.device, out.half, out.count * 2, cudaMemcpyHostToDevice));
        FINE(vanon_gpu_conv(0, variant, s, &data));
        gpu_get(result, out.device, out.count * 2);
        check(s, expected, result, out.half, variant);
    }
    test_single(s, &in, &weights, &residual, data.bias, expected);
    cudaFree((void *)data.bias);
    free(expected);
    free(bias);
    free(result);
    release(&in);
    release(&weights);
    release(&residual);
    release(&out);
}

void test_convolutions(void)
{
    for (size_t i = 0; i < SHAPES; i++)
        test_shape(&shapes[i]);
    puts("convolutions: all of our own as they should be, in half and in single precision");
}

void test_engines(void)
{
    struct vanon_engine engine[SHAPES] = {0};
    struct vanon_cudnn cudnn;
    struct vanon_engine_tools tools = {.cudnn = &cudnn, .log = &vanon_log_to_stderr};
    char why[160] = "";
    size_t taken = 0;

    for (size_t i = 0; i < SHAPES; i++)
        engine[i].shape = shapes[i];
    if (vanon_cudnn_open(&cudnn, why, sizeof why))
        tools.cudnn = NULL;
    /* Whatever computes something else loses. */
    FINE(vanon_engines_choose(engine, SHAPES, &tools));
    for (size_t i = 0; i < SHAPES; i++) {
        REQUIRE(engine[i].chosen, "shape %zu", i);
        taken += engine[i].own < 0;
    }
    printf("engines: cuDNN the faster in %zu of %zu shapes%s%s\n", taken, SHAPES,
           why[0] ? ": " : "", why);
    vanon_engines_free(engine, SHAPES);
    vanon_cudnn_close(&cudnn);
}
