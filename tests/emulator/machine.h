/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the emulator share; emulator.h says what it is. C and C++. */
#ifndef VANON_TESTS_MACHINE_H
#define VANON_TESTS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__SANITIZE_ADDRESS__)
#define EMULATED_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EMULATED_ASAN 1
#endif
#endif
#ifndef EMULATED_ASAN
#define EMULATED_ASAN 0
#endif

#define EMULATED_POISON 0xa5 /* what nobody wrote */

/* Says what a GPU would not forgive, and ends the program. */
void emulated_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* memory.c */

/* A piece of the device's memory, or of pinned memory. */
struct emulated_piece {
    char *at;
    size_t bytes;
    bool device;
    char *pages;         /* what it takes of the address space, with what lies around it */
    size_t page_bytes;   /* without the one behind it, which nobody may touch */
    uint64_t (*mark)[2]; /* watch.c's, of each byte; NULL: none yet */
};

/* The piece in which all these bytes lie; NULL: they are pageable memory of the host. It is an
 * error where they are a piece's no more, or only in part. */
struct emulated_piece *emulated_piece_of(const void *at, size_t bytes);

/* Whether the device's memory can be touched at all: only while the device works. */
void emulated_open_memory(bool open);

/* runtime.c: what is queued is called with a copy of its arguments. A cudaError_t. */
int emulated_queue(cudaStream_t stream, void (*run)(const void *arguments), const void *arguments,
                   size_t bytes);

/* grid.c */

struct emulated_grid {
    dim3 grid, block;
    size_t shared; /* bytes that the launch gives */
};

/* A cudaError_t where there can't be such a grid. */
int emulated_check_grid(const struct emulated_grid *grid);

/* Runs run(arguments) for each thread of each block. Only on the device's thread. */
void emulated_run_grid(const struct emulated_grid *grid, void (*run)(const void *arguments),
                       const void *arguments, size_t bytes);

/* Threads that have run since the program began. */
uint64_t emulated_work(void);

/* Of the thread that runs, and its block. */
extern uint3 emulated_thread, emulated_block;
extern dim3 emulated_block_size, emulated_grid_size;

/* __syncthreads, at a line of a file. */
void emulated_barrier(const char *file, int line);

/* All threads of a warp meet: `run` is called once with what each of them gave, when all are here.
 */
#define EMULATED_WARP 32
void emulated_meet(void (*run)(void *const argument[EMULATED_WARP]), void *argument);

/* The block's next variable in shared memory; all threads take them in one order. */
void *emulated_shared(size_t bytes);
void *emulated_shared_rest(void); /* what the launch gave */

/* cp.async and what belongs to it, of the thread that runs. */
void emulated_copy_async(void *to, const void *from, size_t bytes, bool valid);
void emulated_commit_copies(void);
void emulated_wait_for_copies(size_t but_for);

/* What was there before. */
unsigned emulated_atomic_add(unsigned *at, unsigned value);
int emulated_atomic_min(int *at, int value);

/* watch.c: an access that no compiler sees. `plain`: not atomic. */
void emulated_watch(const void *at, size_t bytes, bool write, bool plain);
/* A new variable of shared memory, whose `bytes` nobody wrote yet. */
void emulated_watch_shared(const void *at, size_t bytes);
/* The host or a copy wrote them. */
void emulated_watch_written(struct emulated_piece *piece, const void *at, size_t bytes);
enum emulated_time { EMULATED_LAUNCH, EMULATED_BLOCK, EMULATED_BARRIER, EMULATED_END };
void emulated_watch_time(enum emulated_time time);
/* What the thread may touch besides: its number in the block, its stack. */
void emulated_watch_thread(unsigned number, const void *stack, size_t bytes);
void emulated_watch_arguments(const void *arguments, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
