/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How busy an NVIDIA GPU is, as its driver's own library (NVML, libnvidia-ml.so.1) says. That is
 * loaded when it is first wanted; a machine without it has no GPU to report, and nothing is said.
 *
 * Thread-safety: an object belongs to one thread.
 */
#ifndef VANON_BASE_NVML_H
#define VANON_BASE_NVML_H

#include <stdbool.h>
#include <stdint.h>

typedef struct vanon_nvml vanon_nvml;

/* Opens the GPU at this place of the PCI bus ("0000:3B:00.0"): NVML counts GPUs in another order
 * than CUDA, and all of them. "": the only one that there is. NULL: there is no library, no such
 * GPU, or no memory. */
vanon_nvml *vanon_nvml_open(const char *place);
void vanon_nvml_close(vanon_nvml **nvml);

/* Its product name; belongs to the object. */
const char *vanon_nvml_name(const vanon_nvml *nvml);

/* What a GPU does for all processes. */
struct vanon_nvml_reading {
    double use; /* the part of the last sampling period in which it computed, 0..1 */
    double decoder,
        encoder;     /* likewise of its video units, NVDEC and NVENC; < 0: it does not say */
    uint64_t memory; /* bytes in use */
    uint64_t memory_total;
};

/* False: it says nothing of its use or memory. */
bool vanon_nvml_read(vanon_nvml *nvml, struct vanon_nvml_reading *reading);

#endif
