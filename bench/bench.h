/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark of a kernel family is: see kernels.c, which runs them. */
#ifndef VANON_BENCH_BENCH_H
#define VANON_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

struct bench {
    const char *name;
    const void *parameters;                  /* for create */
    void *(*create)(const void *parameters); /* picks kernels by vanon_cpu_flags(); NULL: something
                                                that it needs is not installed */
    void (*run)(void *work);                 /* what is timed */
    void (*destroy)(void *work);
    double pixels; /* that one run handles */
};

/* Ends with one whose name is NULL. */
extern const struct bench bench_letterbox[], bench_render[], bench_detect[];

/* Noise, the same on every machine. */
void bench_noise(uint8_t *bytes, size_t count);

/* Ends the program with a message if the condition is false. */
void bench_require(int condition, const char *what);

#endif
