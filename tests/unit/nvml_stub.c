/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for NVIDIA's library: one GPU, always as busy. */
#include <stdio.h>
#include <stdlib.h>

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device);
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

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    *device = &nvml_stub_running;
    return index ? 2 : 0;
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
