/* SPDX-License-Identifier: Apache-2.0 */
#include "device_cuda.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define LEAST_MAJOR 8 /* compute capability: what the kernels are compiled for */

int vanon_cuda_status(const vanon_log *log, int error, const char *what)
{
    if (!error)
        return VANON_OK;
    cudaGetLastError(); /* an error that is reported is not found again by the next call */
    if (error == cudaErrorMemoryAllocation ||
        error == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ||
        error == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED)
        return VANON_ERR_MEMORY;
    if (error >= CUDNN_STATUS_NOT_INITIALIZED) /* all of CUDA's are below */
        return vanon_fail(log, VANON_ERR_INFERENCE, "the GPU failed: %s: error %d of cuDNN's", what,
                          error);
    return vanon_fail(log, VANON_ERR_INFERENCE, "the GPU failed: %s: %s", what,
                      cudaGetErrorString((cudaError_t)error));
}

/* Why there is no device. Versions are 1000 * major + 10 * minor; the driver's is 0 where there is
 * none. */
static void explain(cudaError_t error, char *why, size_t size)
{
    int driver = 0, runtime = 0;

    if (error == cudaErrorNoDevice)
        snprintf(why, size, "no NVIDIA GPU");
    else if (error != cudaErrorInsufficientDriver || cudaDriverGetVersion(&driver) ||
             cudaRuntimeGetVersion(&runtime))
        snprintf(why, size, "the GPU's driver: %s", cudaGetErrorString(error));
    else if (!driver)
        snprintf(why, size, "no driver of NVIDIA's, or no GPU");
    else
        snprintf(why, size, "the GPU's driver is for CUDA %d.%d; %d.%d is the least", driver / 1000,
                 driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    cudaGetLastError();
}

void vanon_device_place(int number, char *place, size_t size)
{
    if (cudaDeviceGetPCIBusId(place, (int)size, number)) {
        cudaGetLastError();
        *place = '\0';
    }
}

int vanon_device_count(int *count, char *why, size_t size)
{
    cudaError_t error = cudaGetDeviceCount(count);
    int fit = 0;

    if (error) {
        *count = 0;
        explain(error, why, size);
        return VANON_ERR_UNSUPPORTED;
    }
    for (int i = 0; i < *count; i++) {
        int major = 0;

        if (!cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, i) &&
            major >= LEAST_MAJOR)
            fit++;
    }
    if (fit)
        return VANON_OK;
    *count = 0;
    snprintf(why, size, "no GPU of compute capability %d.0 or higher (Ampere)", LEAST_MAJOR);
    return VANON_ERR_UNSUPPORTED;
}

int vanon_device_open(vanon_device **out, int number, const vanon_log *log)
{
    struct cudaDeviceProp properties;
    vanon_device *device;
    cudaError_t error;
    char why[160];
    int count;

    *out = NULL;
    if (vanon_device_count(&count, why, sizeof why))
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "cuda: %s", why);
    if (number < 0 || number >= count)
        return vanon_fail(log, VANON_ERR_UNSUPPORTED, "cuda:%d: there are %d GPUs, from 0", number,
                          count);
    if ((error = cudaSetDevice(number)) || (error = cudaGetDeviceProperties(&properties, number)))
        return vanon_cuda_status(log, error, "opening it");
    if (properties.major < LEAST_MAJOR)
        return vanon_fail(log, VANON_ERR_UNSUPPORTED,
                          "cuda:%d: %s has compute capability %d.%d; 8.0 is the least", number,
                          properties.name, properties.major, properties.minor);
    device = calloc(1, sizeof *device);
    if (!device)
        return VANON_ERR_MEMORY;
    device->number = number;
    device->log = log;
    snprintf(device->name, sizeof device->name, "%.95s", properties.name);
    if (vanon_cudnn_open(&device->cudnn, device->cudnn_missing, sizeof device->cudnn_missing))
        vanon_warn(log, "%s; the plugin's own kernels do it alone", device->cudnn_missing);
    *out = device;
    return VANON_OK;
}

void vanon_device_close(vanon_device **pointer)
{
    vanon_device *device = pointer ? *pointer : NULL;

    if (!device)
        return;
    *pointer = NULL;
    vanon_cudnn_close(&device->cudnn);
    free(device);
}

int vanon_device_get_info(vanon_device *device, struct vanon_device_info *info)
{
    size_t cudnn = device->cudnn.library ? device->cudnn.cudnnGetVersion() : 0;
    int driver = 0, runtime = 0;
    cudaError_t error;

    *info = (struct vanon_device_info){0};
    snprintf(info->name, sizeof info->name, "%s", device->name);
    if ((error = cudaSetDevice(device->number)) ||
        (error = cudaMemGetInfo(&info->free_memory, &info->memory)) ||
        (error = cudaDriverGetVersion(&driver)) || (error = cudaRuntimeGetVersion(&runtime)))
        return vanon_cuda_status(device->log, error, "asking for its properties");
    snprintf(info->libraries, sizeof info->libraries, "CUDA %d.%d (driver's %d.%d), ",
             runtime / 1000, runtime % 1000 / 10, driver / 1000, driver % 1000 / 10);
    size_t used = strlen(info->libraries);

    if (cudnn)
        snprintf(info->libraries + used, sizeof info->libraries - used, "cuDNN %zu.%zu.%zu",
                 cudnn / 10000, cudnn % 10000 / 100, cudnn % 100);
    else
        snprintf(info->libraries + used, sizeof info->libraries - used, "no cuDNN");
    return VANON_OK;
}
