/* SPDX-License-Identifier: Apache-2.0 */
/* The one device, and that there is no cuDNN. */
#include <stdio.h>

#include <vanon/status.h>

#include "../../plugins/cuda/cudnn_library.h"
#include "machine.h"

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    return device ? cudaErrorInvalidDevice : cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device)
{
    if (attribute != cudaDevAttrComputeCapabilityMajor || device)
        return cudaErrorInvalidValue;
    *value = 9;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    if (device)
        return cudaErrorInvalidDevice;
    *properties = (struct cudaDeviceProp){.name = "an emulator", .major = 9};
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *place, int size, int device)
{
    snprintf(place, (size_t)size, "0000:0B:00.0");
    return device ? cudaErrorInvalidDevice : cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

/* Errors are told where they come about only. */
cudaError_t cudaGetLastError(void)
{
    return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t error)
{
    return error ? "an error of the emulator's" : "no error";
}

int vanon_cudnn_open(struct vanon_cudnn *cudnn, char *why, size_t size)
{
    *cudnn = (struct vanon_cudnn){0};
    snprintf(why, size, "the emulator has no cuDNN");
    return VANON_ERR_UNSUPPORTED;
}

void vanon_cudnn_close(struct vanon_cudnn *cudnn)
{
    *cudnn = (struct vanon_cudnn){0};
}
