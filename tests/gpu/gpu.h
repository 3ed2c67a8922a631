/* SPDX-License-Identifier: Apache-2.0 */
/* What the GPU's tests share. They need a GPU, or tests/emulator, and neither libav* nor OpenVINO
 * nor cmocka. */
#ifndef VANON_TESTS_GPU_GPU_H
#define VANON_TESTS_GPU_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cuda_runtime_api.h>

/* Ends the program with what is wrong and where. */
#define REQUIRE(condition_, ...)                                             \
    do {                                                                     \
        if (!(condition_)) {                                                 \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition_); \
            fprintf(stderr, __VA_ARGS__);                                    \
            fputc('\n', stderr);                                             \
            exit(1);                                                         \
        }                                                                    \
    } while (0)

#define FINE(call_)                                                         \
    do {                                                                    \
        int error_ = (call_);                                               \
        REQUIRE(!error_, "%s: %d %s", #call_, error_,                       \
                error_ > 0 ? cudaGetErrorString((cudaError_t)error_) : ""); \
    } while (0)

/* Numbers that look random; the same in each run. */
uint32_t gpu_random(void);
float gpu_random_float(float least, float most);

/* float16 as the device has it. */
uint16_t gpu_half(float value);
float gpu_float(uint16_t half);

/* Memory on the device with `bytes` of `from` (NULL: bytes of 0xff, so that what is not written
 * shows). */
void *gpu_put(const void *from, size_t bytes);
void gpu_get(void *to, const void *from, size_t bytes);

/* A digest of all that gpu_get brought since the last call; the same numbers come again. */
uint64_t gpu_restart(void);

/* Without a GPU, on tests/emulator, pictures are smaller. */
#ifdef GPU_EMULATED
#define GPU_SIDE(pixels_) (((pixels_) / 8 + 31) / 32 * 32)
#else
#define GPU_SIDE(pixels_) (pixels_)
#endif

/* Each runs one group of tests. */
void test_letterbox(void);
void test_layers(void);
void test_convolutions(void);
void test_engines(void);
void test_decode(void);
void test_surfaces(void);
/* Numbers that the stored results of OpenVINO in f32 confirm. */
void test_detections(const char *model, const char *folder);
/* What is taken comes back, runs take nothing, and too little is said to be too little. */
void test_memory(const char *model);

#endif
