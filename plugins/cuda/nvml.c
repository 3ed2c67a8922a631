/* SPDX-License-Identifier: Apache-2.0 */
#include "nvml.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

/* From NVML's documented interface (its header comes with drivers, not with the toolkit
 * everywhere): results are 0 for success, a device is an opaque pointer. */
struct utilization {
    unsigned gpu, memory;
};

struct memory {
    unsigned long long total, free, used;
};

struct vanon_nvml {
    void *library, *device;
    int (*shutdown)(void);
    int (*utilization)(void *device, struct utilization *rates);
    int (*memory)(void *device, struct memory *memory);
    int (*encoder)(void *device, unsigned *percent, unsigned *microseconds);
    int (*decoder)(void *device, unsigned *percent, unsigned *microseconds);
    int (*power)(void *device, unsigned *milliwatts);
    int (*driver)(char *version, unsigned length);
};

static void load(const vanon_nvml *nvml, const char *name, void *function)
{
    void *symbol = dlsym(nvml->library, name);

    memcpy(function, &symbol, sizeof symbol);
}

int vanon_nvml_open(vanon_nvml **out, const char *pci_address)
{
    vanon_nvml *nvml = calloc(1, sizeof *nvml);
    int (*init)(void), (*find)(const char *address, void **device);

    *out = NULL;
    if (!nvml)
        return VANON_ERR_MEMORY;
    nvml->library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!nvml->library) {
        free(nvml);
        return VANON_ERR_UNSUPPORTED;
    }
    load(nvml, "nvmlInit_v2", &init);
    load(nvml, "nvmlDeviceGetHandleByPciBusId_v2", &find);
    load(nvml, "nvmlShutdown", &nvml->shutdown);
    load(nvml, "nvmlDeviceGetUtilizationRates", &nvml->utilization);
    load(nvml, "nvmlDeviceGetMemoryInfo", &nvml->memory);
    load(nvml, "nvmlDeviceGetEncoderUtilization", &nvml->encoder);
    load(nvml, "nvmlDeviceGetDecoderUtilization", &nvml->decoder);
    load(nvml, "nvmlDeviceGetPowerUsage", &nvml->power);
    load(nvml, "nvmlSystemGetDriverVersion", &nvml->driver);
    if (!init || !find || !nvml->shutdown || init()) {
        nvml->shutdown = NULL;
        vanon_nvml_close(&nvml);
        return VANON_ERR_UNSUPPORTED;
    }
    if (find(pci_address, &nvml->device)) {
        vanon_nvml_close(&nvml);
        return VANON_ERR_UNSUPPORTED;
    }
    *out = nvml;
    return VANON_OK;
}

void vanon_nvml_close(vanon_nvml **pointer)
{
    vanon_nvml *nvml = pointer ? *pointer : NULL;

    if (!nvml)
        return;
    *pointer = NULL;
    if (nvml->shutdown)
        nvml->shutdown();
    dlclose(nvml->library);
    free(nvml);
}

void vanon_nvml_read(vanon_nvml *nvml, struct vanon_nvml_reading *reading)
{
    struct utilization rates;
    struct memory memory;
    unsigned value, period;

    *reading = (struct vanon_nvml_reading){-1, -1, -1, -1, -1};
    if (nvml->utilization && !nvml->utilization(nvml->device, &rates))
        reading->gpu = (int)rates.gpu;
    if (nvml->memory && !nvml->memory(nvml->device, &memory))
        reading->memory = (int64_t)memory.used;
    if (nvml->encoder && !nvml->encoder(nvml->device, &value, &period))
        reading->encoder = (int)value;
    if (nvml->decoder && !nvml->decoder(nvml->device, &value, &period))
        reading->decoder = (int)value;
    if (nvml->power && !nvml->power(nvml->device, &value))
        reading->milliwatts = (int)value;
}

void vanon_nvml_driver(vanon_nvml *nvml, char *text, unsigned size)
{
    if (!nvml->driver || nvml->driver(text, size))
        text[0] = 0;
}
