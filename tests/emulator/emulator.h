/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GPU on the CPU, for tests: CUDA's runtime, and the plugin's kernels as they are written, thread
 * by thread. Whoever links it instead of CUDA runs on it. It is as unforgiving as a GPU may be, and
 * ends the program, with a line that begins with "emulator:", where one would only be wrong:
 *
 * - What is queued on a stream runs when somebody waits for it, not before; what ends in a callback
 *   some milliseconds later, on a thread of its own. Copies read and write the host's memory then
 *   (pageable memory as CUDA's reference says it). Who doesn't wait finds what was there before.
 * - Memory that nobody wrote is full of 0xa5. The device's memory can't be touched by the host, nor
 *   what was given back by anybody; what is beyond its end is seen by a page, with
 *   AddressSanitizer, and where kernels are watched, by the byte.
 * - A block's threads run one after the other, each until a barrier or an operation of its warp, in
 *   one order or the other. A barrier that some have left, or not all wait at, is an error; so is a
 *   warp's operation without all of it. Asynchronous copies land in shared memory when their thread
 *   waits for them; until then there is rubbish.
 * - Where kernels are watched (watch.h), each access is checked: two threads without a barrier
 *   between them, two blocks, memory that nobody wrote, that is nobody's, or the host's, or that is
 *   not aligned.
 *
 * There is one device, of 256 MiB. Streams do not wait for each other, but for events; there is
 * neither cuDNN nor the driver's interface. Kernels run one after the other.
 * Thread-safety: as CUDA's, but for one recording at a time on a stream.
 */
#ifndef VANON_TESTS_EMULATOR_H
#define VANON_TESTS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory of the device and pinned memory of the host, since the program began. */
struct emulator_memory {
    size_t requests, live; /* allocations made; not yet given back */
};

struct emulator_memory emulator_memory(void);

/* Allocations from number `first` on to `last`, counted from now, from 1, are refused; 0: none. */
void emulator_refuse(size_t first, size_t last);

/* Blocks, and the threads of each, run from the last to the first. What depends on it is no result.
 * Not while something is queued. */
void emulator_run_backwards(bool backwards);

#ifdef __cplusplus
}
#endif

#endif
