/* SPDX-License-Identifier: Apache-2.0 */
/* ldmatrix .x4 and mma .m16n8k16 of halves into float32, with the fragments that the PTX ISA draws
 * for them. */
#include "tensor_core.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define ROWS    16
#define COLUMNS 8
#define DEPTH   16

void emulated_load_matrices(void *const argument[EMULATED_WARP])
{
    for (size_t lane = 0; lane < EMULATED_WARP; lane++) {
        const struct emulated_load *load = argument[lane];

        for (size_t i = 0; i < 4; i++) {
            const struct emulated_load *row = argument[8 * i + lane / 4];

            if ((uintptr_t)row->at % 16)
                emulated_fail("a matrix's row at %p", row->at);
            memcpy(&load->fragment[i], (const char *)row->at + lane % 4 * 4, 4);
        }
    }
}

static float number[1 << 16]; /* of each half */

static void make_numbers(void)
{
    for (int half = 0; half < 1 << 16; half++) {
        int exponent = half >> 10 & 31, fraction = half & 1023;
        float value = exponent == 31 ? (fraction ? NAN : INFINITY)
                      : exponent     ? ldexpf((float)(fraction + 1024), exponent - 25)
                                     : ldexpf((float)fraction, -24);

        number[half] = half & 0x8000 ? -value : value;
    }
}

/* Two neighbours of a row of a matrix. */
static void put(float *row, uint32_t pair)
{
    row[0] = number[pair & 0xffff];
    row[1] = number[pair >> 16];
}

/* A lane has, of a: two halves of row lane / 4 and of the eighth after it, in the left and in the
 * right half; of b, whose columns lie one after the other: of column lane / 4, in both halves. */
static void gather(void *const argument[EMULATED_WARP], float a[ROWS][DEPTH],
                   float b[COLUMNS][DEPTH])
{
    for (size_t lane = 0; lane < EMULATED_WARP; lane++) {
        const struct emulated_product *own = argument[lane];
        size_t row = lane / 4, at = lane % 4 * 2;

        put(&a[row][at], own->a[0]);
        put(&a[row + 8][at], own->a[1]);
        put(&a[row][at + 8], own->a[2]);
        put(&a[row + 8][at + 8], own->a[3]);
        put(&b[row][at], own->b[0]);
        put(&b[row][at + 8], own->b[1]);
    }
}

void emulated_multiply_add(void *const argument[EMULATED_WARP])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    float a[ROWS][DEPTH], b[COLUMNS][DEPTH], product[ROWS][COLUMNS];

    pthread_once(&once, make_numbers);
    gather(argument, a, b);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLUMNS; j++) {
            float part[4] = {0};

            for (size_t k = 0; k < DEPTH; k++)
                part[k % 4] += a[i][k] * b[j][k];
            product[i][j] = part[0] + part[1] + part[2] + part[3];
        }
    for (size_t lane = 0; lane < EMULATED_WARP; lane++) {
        float *sum = ((const struct emulated_product *)argument[lane])->sum;

        for (size_t i = 0; i < 4; i++)
            sum[i] += product[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
    }
}
