/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for NVIDIA's library: a GPU that is always as busy. Where the environment says so, it
 * is not the first: another is counted before it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
int nvmlDeviceGetHandleByPciBusId_v2(const char *place, void **device);
int nvmlDeviceGetName(void *device, char *name, unsigned size);
int nvmlDeviceGetUtilizationRates(void *device, unsigned *percent);
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *bytes);
int nvmlDeviceGetDecoderUtilization(void *device, unsigned *percent, unsigned *period);
int nvmlDeviceGetEncoderUtilization(void *device, unsigned *percent, unsigned *period);

int nvml_stub_running;
int nvml_stub_running = 0;

int nvmlInit_v2(void)
{
    nvml_stub_running++;
    return 0;
}

int nvmlShutdown(void)
{
    nvml_stub_running--;
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = getenv("NVML_STUB_SECOND") ? 2 : 1;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    unsigned last = getenv("NVML_STUB_SECOND") ? 1 : 0;

    *device = index == last ? &nvml_stub_running : NULL;
    return index > last ? 2 : 0;
}

/* Where the reference device of the tests' plugin says that it is. */
int nvmlDeviceGetHandleByPciBusId_v2(const char *place, void **device)
{
    *device = &nvml_stub_running;
    return strcmp(place, "0000:0B:00.0") ? 6 : 0; /* NVML_ERROR_NOT_FOUND */
}

int nvmlDeviceGetName(void *device, char *name, unsigned size)
{
    snprintf(name, size, "%s", device == &nvml_stub_running ? "Stub 1000" : "?");
    return 0;
}

int nvmlDeviceGetUtilizationRates(void *device, unsigned *percent)
{
    percent[0] = device == &nvml_stub_running ? 37 : 0;
    percent[1] = 5;
    return 0;
}

int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *bytes)
{
    bytes[0] = 8ull << 30;
    bytes[1] = 5ull << 30;
    bytes[2] = device == &nvml_stub_running ? 3ull << 30 : 0;
    return 0;
}

int nvmlDeviceGetDecoderUtilization(void *device, unsigned *percent, unsigned *period)
{
    *percent = device == &nvml_stub_running ? 21 : 0;
    *period = 167000;
    return 0;
}

/* Such a GPU has no encoder, where the environment says so: NVML_ERROR_NOT_SUPPORTED. */
int nvmlDeviceGetEncoderUtilization(void *device, unsigned *percent, unsigned *period)
{
    *percent = device == &nvml_stub_running ? 9 : 0;
    *period = 167000;
    return getenv("NVML_STUB_NO_ENCODER") ? 3 : 0;
}
