/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nvml.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

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
    device device;
    char name[96];
};

/* POSIX makes a function's address fit into a void *; ISO C has no cast for it. */
static bool find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);

    memcpy(function, &address, sizeof address);
    return address;
}

static bool start(vanon_nvml *nvml, unsigned index)
{
    int (*init)(void);
    int (*get_device)(unsigned, device *);
    int (*get_name)(device, char *, unsigned);

    if (!find(nvml->library, "nvmlInit_v2", &init) ||
        !find(nvml->library, "nvmlDeviceGetHandleByIndex_v2", &get_device) ||
        !find(nvml->library, "nvmlDeviceGetName", &get_name) ||
        !find(nvml->library, "nvmlDeviceGetUtilizationRates", &nvml->get_utilisation) ||
        !find(nvml->library, "nvmlDeviceGetMemoryInfo", &nvml->get_memory) ||
        !find(nvml->library, "nvmlShutdown", &nvml->shutdown))
        return false;
    if (init()) {
        nvml->shutdown = NULL;
        return false;
    }
    return !get_device(index, &nvml->device) &&
           !get_name(nvml->device, nvml->name, sizeof nvml->name);
}

vanon_nvml *vanon_nvml_open(unsigned index)
{
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    vanon_nvml *nvml = library ? calloc(1, sizeof *nvml) : NULL;

    if (!nvml) {
        if (library)
            dlclose(library);
        return NULL;
    }
    nvml->library = library;
    if (!start(nvml, index))
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

bool vanon_nvml_read(vanon_nvml *nvml, unsigned *percent, uint64_t *memory)
{
    struct utilisation utilisation;
    struct memory bytes;

    if (nvml->get_utilisation(nvml->device, &utilisation) || nvml->get_memory(nvml->device, &bytes))
        return false;
    *percent = utilisation.gpu;
    *memory = bytes.used;
    return true;
}
