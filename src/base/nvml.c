/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nvml.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/symbol.h"

/* The part of NVML's interface that is used; its functions return 0 for success. */
typedef struct nvml_device *device;

struct utilisation {
    unsigned gpu, memory; /* percent */
};

struct memory {
    unsigned long long total, free, used; /* bytes */
};

struct vanon_nvml {
    void *library;
    int (*shutdown)(void);
    int (*get_utilisation)(device device, struct utilisation *utilisation);
    int (*get_memory)(device device, struct memory *memory);
    /* Of the video units: percent, and the sampling period in microseconds. NULL where the library
     * has none. */
    int (*get_decoder)(device device, unsigned *percent, unsigned *period);
    int (*get_encoder)(device device, unsigned *percent, unsigned *period);
    device device;
    char name[96];
};

/* The library has been started. */
static bool find_device(vanon_nvml *nvml, const char *place)
{
    int (*get_count)(unsigned *);
    int (*get_by_index)(unsigned, device *);
    int (*get_by_place)(const char *, device *);
    unsigned count;

    if (*place)
        return vanon_find_function(nvml->library, "nvmlDeviceGetHandleByPciBusId_v2",
                                   &get_by_place) &&
               !get_by_place(place, &nvml->device);
    return vanon_find_function(nvml->library, "nvmlDeviceGetCount_v2", &get_count) &&
           vanon_find_function(nvml->library, "nvmlDeviceGetHandleByIndex_v2", &get_by_index) &&
           !get_count(&count) && count == 1 && !get_by_index(0, &nvml->device);
}

static bool start(vanon_nvml *nvml, const char *place)
{
    int (*init)(void);
    int (*get_name)(device, char *, unsigned);

    if (!vanon_find_function(nvml->library, "nvmlInit_v2", &init) ||
        !vanon_find_function(nvml->library, "nvmlDeviceGetName", &get_name) ||
        !vanon_find_function(nvml->library, "nvmlDeviceGetUtilizationRates",
                             &nvml->get_utilisation) ||
        !vanon_find_function(nvml->library, "nvmlDeviceGetMemoryInfo", &nvml->get_memory) ||
        !vanon_find_function(nvml->library, "nvmlShutdown", &nvml->shutdown))
        return false;
    vanon_find_function(nvml->library, "nvmlDeviceGetDecoderUtilization", &nvml->get_decoder);
    vanon_find_function(nvml->library, "nvmlDeviceGetEncoderUtilization", &nvml->get_encoder);
    if (init()) {
        nvml->shutdown = NULL;
        return false;
    }
    return find_device(nvml, place) && !get_name(nvml->device, nvml->name, sizeof nvml->name);
}

vanon_nvml *vanon_nvml_open(const char *place)
{
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    vanon_nvml *nvml = library ? calloc(1, sizeof *nvml) : NULL;

    if (!nvml) {
        if (library)
            dlclose(library);
        return NULL;
    }
    nvml->library = library;
    if (!start(nvml, place))
        vanon_nvml_close(&nvml);
    return nvml;
}

void vanon_nvml_close(vanon_nvml **pointer)
{
    vanon_nvml *nvml = *pointer;

    if (!nvml)
        return;
    if (nvml->shutdown)
        nvml->shutdown();
    dlclose(nvml->library);
    free(nvml);
    *pointer = NULL;
}

const char *vanon_nvml_name(const vanon_nvml *nvml)
{
    return nvml->name;
}

/* The load of a video unit; not every GPU has one. */
static double load_of(device of, int (*get)(device of, unsigned *, unsigned *))
{
    unsigned percent, period;

    return get && !get(of, &percent, &period) ? percent / 100.0 : -1;
}

bool vanon_nvml_read(vanon_nvml *nvml, struct vanon_nvml_reading *reading)
{
    struct utilisation utilisation;
    struct memory bytes;

    if (nvml->get_utilisation(nvml->device, &utilisation) || nvml->get_memory(nvml->device, &bytes))
        return false;
    reading->use = utilisation.gpu / 100.0;
    reading->decoder = load_of(nvml->device, nvml->get_decoder);
    reading->encoder = load_of(nvml->device, nvml->get_encoder);
    reading->memory = bytes.used;
    reading->memory_total = bytes.total;
    return true;
}
