/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a GPU is doing, as NVIDIA's management library measures it; loaded at run time.
 * Thread-safety: a reader belongs to one thread at a time.
 */
#ifndef VANON_CUDA_NVML_H
#define VANON_CUDA_NVML_H

#include <stdint.h>

typedef struct vanon_nvml vanon_nvml;

struct vanon_nvml_reading {
    int gpu;        /* percent of the library's last sample period (1/6 s to 1 s) in which a
                       kernel ran; -1: not known, as below */
    int encoder;    /* percent */
    int decoder;    /* percent */
    int64_t memory; /* bytes in use on the device, of all programs */
    int milliwatts;
};

/* For the device with this PCI address ("0000:3b:00.0", cudaDeviceGetPCIBusId).
 * VANON_ERR_UNSUPPORTED: the library is not there, or does not know the device. Does not log. */
int vanon_nvml_open(vanon_nvml **out, const char *pci_address);
void vanon_nvml_close(vanon_nvml **nvml);
void vanon_nvml_read(vanon_nvml *nvml, struct vanon_nvml_reading *reading);

/* The driver's version, "580.65.06"; "" where it is not known. */
void vanon_nvml_driver(vanon_nvml *nvml, char *text, unsigned size);

#endif
