/* SPDX-License-Identifier: Apache-2.0 */
#include "gpu.h"

#include <math.h>
#include <string.h>

#define SEED  0x12345678
#define START 0xcbf29ce484222325ull /* FNV-1a's */

static uint32_t state = SEED;
static uint64_t digest = START;

uint64_t gpu_restart(void)
{
    uint64_t of = digest;

    state = SEED;
    digest = START;
    return of;
}

uint32_t gpu_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

float gpu_random_float(float least, float most)
{
    return least + (most - least) * ((float)(gpu_random() >> 8) / 16777216.0f);
}

/* Rounds to nearest, halves to even; values below the normal range become multiples of 2^-24. */
uint16_t gpu_half(float value)
{
    float size = fabsf(value);
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    int exponent;

    if (isnan(value))
        return 0x7e00;
    if (size >= 65520)
        return sign | 0x7c00;
    if (size < 0x1p-14f)
        return sign | (uint16_t)rintf(size * 0x1p24f);
    frexpf(size, &exponent); /* size = m * 2^exponent, m in 0.5..1 */
    return (uint16_t)(sign | (uint16_t)(((exponent + 13) << 10) +
                                        (int)rintf(ldexpf(size, 11 - exponent))));
}

float gpu_float(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    float value = exponent == 31 ? (fraction ? NAN : INFINITY)
                  : exponent     ? ldexpf((float)(fraction + 1024), exponent - 25)
                                 : ldexpf((float)fraction, -24);

    return half & 0x8000 ? -value : value;
}

void *gpu_put(const void *from, size_t bytes)
{
    void *at;

    FINE(cudaMalloc(&at, bytes));
    FINE(cudaMemset(at, 0xff, bytes));
    if (from)
        FINE(cudaMemcpy(at, from, bytes, cudaMemcpyHostToDevice));
    return at;
}

void gpu_get(void *to, const void *from, size_t bytes)
{
    FINE(cudaDeviceSynchronize());
    FINE(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost));
    for (size_t i = 0; i < bytes; i++)
        digest = (digest ^ ((const unsigned char *)to)[i]) * 0x100000001b3ull;
}
