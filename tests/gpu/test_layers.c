/* SPDX-License-Identifier: Apache-2.0 */
/* Pools, upsampling, copies, depthwise convolutions and attention against plain loops. */
#include <math.h>
#include <string.h>

#include "../../plugins/cuda/kernels.h"
#include "gpu.h"

/* Whether the device computes in single precision; all tests are done with both. */
static bool single;

/* A stack of pictures on both sides: [pixels][step]. */
struct stack {
    int batch, height, width, step;
    float *host;
    void *device; /* halves, or floats */
};

static size_t numbers(const struct stack *stack)
{
    return (size_t)stack->batch * (size_t)stack->height * (size_t)stack->width *
           (size_t)stack->step;
}

static struct stack make_stack(int batch, int height, int width, int step)
{
    struct stack stack = {batch, height, width, step, NULL, NULL};
    size_t count = numbers(&stack);
    uint16_t *half = malloc(count * 2);

    stack.host = malloc(count * sizeof *stack.host);
    for (size_t i = 0; i < count; i++) {
        half[i] = gpu_half(gpu_random_float(-2, 2));
        stack.host[i] = gpu_float(half[i]);
    }
    stack.device =
        single ? gpu_put(stack.host, count * sizeof *stack.host) : gpu_put(half, count * 2);
    free(half);
    return stack;
}

static void free_stack(struct stack *stack)
{
    free(stack->host);
    cudaFree(stack->device);
}

static struct vanon_gpu_slice slice(const struct stack *stack, int channel)
{
    return (struct vanon_gpu_slice){(char *)stack->device + channel * (single ? 4 : 2),
                                    stack->step};
}

static struct vanon_gpu_size size_of(int batch, int height, int width, int channels)
{
    return (struct vanon_gpu_size){batch, height, width, channels, single};
}

static float at(const struct stack *stack, int image, int y, int x, int channel)
{
    size_t pixel =
        ((size_t)image * (size_t)stack->height + (size_t)y) * (size_t)stack->width + (size_t)x;

    return stack->host[pixel * (size_t)stack->step + (size_t)channel];
}

static void fetch(struct stack *stack)
{
    size_t count = numbers(stack);
    uint16_t *half = malloc(count * 2);

    if (single) {
        gpu_get(stack->host, stack->device, count * sizeof *stack->host);
    } else {
        gpu_get(half, stack->device, count * 2);
        for (size_t i = 0; i < count; i++)
            stack->host[i] = gpu_float(half[i]);
    }
    free(half);
}

/* How far a computed number may be from what it should be. */
static double tolerance(double should)
{
    return (single ? 1e-5 : 0.002) * (1 + fabs(should));
}

static float pooled(const struct stack *in, int image, int y, int x, int channel, int reach)
{
    float most = -INFINITY;

    for (int v = y - reach; v <= y + reach; v++)
        for (int u = x - reach; u <= x + reach; u++)
            if (v >= 0 && v < in->height && u >= 0 && u < in->width)
                most = fmaxf(most, at(in, image, v, u, channel));
    return most;
}

static void test_pools(void)
{
    struct stack in = make_stack(2, 21, 37, 40), before = make_stack(2, 21, 37, 64);
    struct stack out = before;
    struct vanon_gpu_size size = size_of(2, 21, 37, 16);

    out.host = malloc(numbers(&out) * sizeof *out.host);
    memcpy(out.host, before.host, numbers(&out) * sizeof *out.host);
    FINE(vanon_gpu_pool(0, size, 5, 3, slice(&in, 8), slice(&out, 8)));
    fetch(&out);
    for (int image = 0; image < 2; image++)
        for (int y = 0; y < 21; y++)
            for (int x = 0; x < 37; x++)
                for (int c = 0; c < 64; c++) {
                    int k = (c - 8) / 16; /* which result */
                    float should = c < 8 || k > 2
                                       ? at(&before, image, y, x, c)
                                       : pooled(&in, image, y, x, 8 + (c - 8) % 16, 2 * (k + 1));

                    REQUIRE(at(&out, image, y, x, c) == should, "%d %d %d %d", image, y, x, c);
                }
    FINE(vanon_gpu_pool(0, size, 13, 1, slice(&in, 0), slice(&out, 0)));
    fetch(&out);
    REQUIRE(at(&out, 1, 20, 36, 15) == pooled(&in, 1, 20, 36, 15, 6), "window of 13");
    REQUIRE(vanon_gpu_pool(0, size, 4, 1, slice(&in, 0), slice(&out, 0)) != 0, "even window");
    free(before.host);
    free_stack(&in);
    free_stack(&out);
}

static void test_transfers(void)
{
    struct stack in = make_stack(3, 5, 7, 24), out = make_stack(3, 10, 14, 32);
    struct stack copied = make_stack(3, 5, 7, 32);

    FINE(vanon_gpu_upsample(0, size_of(3, 5, 7, 16), 2, slice(&in, 8), slice(&out, 16)));
    FINE(vanon_gpu_copy(0, size_of(3, 5, 7, 11), 2, slice(&in, 3), slice(&copied, 5)));
    fetch(&out);
    fetch(&copied);
    for (int image = 0; image < 3; image++)
        for (int y = 0; y < 10; y++)
            for (int x = 0; x < 14; x++)
                for (int c = 0; c < 16; c++) {
                    REQUIRE(at(&out, image, y, x, 16 + c) == at(&in, image, y / 2, x / 2, 8 + c),
                            "upsampled %d %d %d %d", image, y, x, c);
                    if (y < 5 && x < 7 && c < 13)
                        REQUIRE(at(&copied, image, y, x, 5 + c) ==
                                    (c < 11 ? at(&in, image, y, x, 3 + c) : 0),
                                "copied %d %d %d %d", image, y, x, c);
                }
    free_stack(&in);
    free_stack(&out);
    free_stack(&copied);
}

static void test_depthwise(void)
{
    struct stack in = make_stack(2, 9, 11, 24), out = make_stack(2, 9, 11, 16);
    struct stack weights = make_stack(1, 16, 3, 3), residual = make_stack(2, 9, 11, 16);
    float bias[16];
    struct vanon_conv_shape shape = {.batch = 2,
                                     .in_height = 9,
                                     .in_width = 11,
                                     .in_channels = 16,
                                     .in_step = 24,
                                     .out_height = 9,
                                     .out_width = 11,
                                     .out_channels = 16,
                                     .out_step = 16,
                                     .kernel_height = 3,
                                     .kernel_width = 3,
                                     .stride = 1,
                                     .pad = 1,
                                     .silu = true,
                                     .residual = true,
                                     .residual_step = 16,
                                     .single = single};
    struct vanon_conv_data data = {.input = slice(&in, 8).at,
                                   .weights = weights.device,
                                   .residual = residual.device,
                                   .output = out.device};

    for (int i = 0; i < 16; i++)
        bias[i] = gpu_random_float(-1, 1);
    data.bias = gpu_put(bias, sizeof bias);
    FINE(vanon_gpu_depthwise(0, &shape, &data));
    fetch(&out);
    for (int image = 0; image < 2; image++)
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 11; x++)
                for (int c = 0; c < 16; c++) {
                    float sum = bias[c], is = at(&out, image, y, x, c);

                    for (int r = 0; r < 9; r++) {
                        int v = y + r / 3 - 1, u = x + r % 3 - 1;

                        if (v >= 0 && v < 9 && u >= 0 && u < 11)
                            sum += at(&in, image, v, u, 8 + c) * at(&weights, 0, c, r / 3, r % 3);
                    }
                    sum = sum / (1 + expf(-sum)) + at(&residual, image, y, x, c);
                    REQUIRE(fabs((double)(is - sum)) <= tolerance((double)sum), "%g, not %g",
                            (double)is, (double)sum);
                }
    cudaFree((void *)data.bias);
    free_stack(&in);
    free_stack(&out);
    free_stack(&weights);
    free_stack(&residual);
}

/* One number of the result, as plan.h says it; in double precision. */
static double attended(const struct stack *in, const struct vanon_gpu_attention *a, int image,
                       int pixel, int head, int channel)
{
    int pixels = in->height * in->width, first = head * (2 * a->key + a->value);
    double sum = 0, value = 0;

    for (int j = 0; j < pixels; j++) {
        double product = 0, share;

        for (int i = 0; i < a->key; i++)
            product += (double)at(in, image, pixel / in->width, pixel % in->width, first + i) *
                       (double)at(in, image, j / in->width, j % in->width, first + a->key + i);
        share = exp(product * (double)a->scale);
        sum += share;
        value += share *
                 (double)at(in, image, j / in->width, j % in->width, first + 2 * a->key + channel);
    }
    return value / sum;
}

static void test_attention(void)
{
    struct vanon_gpu_attention a = {.heads = 2, .key = 8, .value = 16, .scale = 0.35f};
    struct stack in = make_stack(2, 5, 6, 64), out = make_stack(2, 5, 6, 40);

    FINE(vanon_gpu_attend(0, size_of(2, 5, 6, 64), &a, slice(&in, 0), slice(&out, 8)));
    fetch(&out);
    for (int image = 0; image < 2; image++)
        for (int pixel = 0; pixel < 30; pixel++)
            for (int c = 0; c < 32; c++) {
                double should = attended(&in, &a, image, pixel, c / 16, c % 16);
                double is = (double)at(&out, image, pixel / 6, pixel % 6, 8 + c);

                REQUIRE(fabs(is - should) <= tolerance(should), "%g, not %g", is, should);
            }
    free_stack(&in);
    free_stack(&out);
}

void test_layers(void)
{
    for (int precision = 0; precision < 2; precision++) {
        single = precision;
        test_pools();
        test_transfers();
        test_depthwise();
        test_attention();
    }
    puts("layers: pools, upsampling, copies, depthwise convolution, attention as they should be");
}
