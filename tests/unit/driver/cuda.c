/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for NVIDIA's driver, libcuda.so.1, as libav* uses it for frames: one GPU whose memory
 * is the host's. libav* wants all of these functions to be there and calls few of them. Types are
 * those of CUDA's driver API.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long device_address;

enum { HOST = 1, DEVICE = 2 }; /* CUmemorytype */

/* CUDA_MEMCPY2D */
struct copy {
    size_t from_x, from_y;
    int from_memory;
    const void *from_host;
    device_address from_device;
    void *from_array;
    size_t from_pitch;
    size_t to_x, to_y;
    int to_memory;
    void *to_host;
    device_address to_device;
    void *to_array;
    size_t to_pitch;
    size_t width, height;
};

/* Blocks of the device's memory that are taken. */
int cuda_stub_blocks;
int cuda_stub_blocks = 0;

/* What copies return without doing anything; 0: they are done. */
int cuda_stub_copies_fail;
int cuda_stub_copies_fail = 0;

/* Of the primary context: what it is to do where somebody waits, and whether it is there. */
unsigned cuda_stub_flags;
int cuda_stub_active;
unsigned cuda_stub_flags = 0;
int cuda_stub_active = 0;

static int context;

#define DECLARE(name_, ...) int name_(__VA_ARGS__)

DECLARE(cuDeviceGet, int *device, int number);
DECLARE(cuDeviceGetCount, int *count);
DECLARE(cuDeviceGetAttribute, int *value, int attribute, int device);
DECLARE(cuDevicePrimaryCtxGetState, int device, unsigned *flags, int *active);
DECLARE(cuDevicePrimaryCtxRetain, void **out, int device);
DECLARE(cuDevicePrimaryCtxSetFlags_v2, int device, unsigned flags);
DECLARE(cuDeviceGetName, char *name, int size, int device);
DECLARE(cuDeviceComputeCapability, int *major, int *minor, int device);
DECLARE(cuCtxCreate_v2, void **out, unsigned flags, int device);
DECLARE(cuCtxPopCurrent_v2, void **out);
DECLARE(cuMemAlloc_v2, device_address *address, size_t bytes);
DECLARE(cuMemFree_v2, device_address address);
DECLARE(cuMemcpy2D_v2, const struct copy *copy);
DECLARE(cuMemcpy2DAsync_v2, const struct copy *copy, void *stream);
DECLARE(cuGetErrorName, int error, const char **text);
DECLARE(cuGetErrorString, int error, const char **text);

int cuDeviceGetCount(int *count)
{
    *count = 1;
    return 0;
}

int cuDeviceGet(int *device, int number)
{
    *device = number;
    return number ? 101 : 0; /* CUDA_ERROR_INVALID_DEVICE */
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    (void)attribute; /* the alignment of textures */
    (void)device;
    *value = 512;
    return 0;
}

int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active)
{
    (void)device;
    *flags = cuda_stub_flags;
    *active = cuda_stub_active;
    return 0;
}

int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags)
{
    (void)device;
    cuda_stub_flags = flags;
    return 0;
}

int cuDevicePrimaryCtxRetain(void **out, int device)
{
    (void)device;
    *out = &context;
    return 0;
}

int cuDeviceGetName(char *name, int size, int device)
{
    (void)device;
    strncpy(name, "a stub", (size_t)size);
    return 0;
}

int cuDeviceComputeCapability(int *major, int *minor, int device)
{
    (void)device;
    *major = 9;
    *minor = 0;
    return 0;
}

int cuCtxCreate_v2(void **out, unsigned flags, int device)
{
    (void)flags;
    (void)device;
    *out = &context;
    return 0;
}

int cuCtxPopCurrent_v2(void **out)
{
    *out = &context;
    return 0;
}

int cuMemAlloc_v2(device_address *address, size_t bytes)
{
    void *memory = malloc(bytes);

    *address = (uintptr_t)memory;
    if (memory)
        __atomic_add_fetch(&cuda_stub_blocks, 1, __ATOMIC_RELAXED);
    return memory ? 0 : 2; /* CUDA_ERROR_OUT_OF_MEMORY */
}

int cuMemFree_v2(device_address address)
{
    __atomic_sub_fetch(&cuda_stub_blocks, 1, __ATOMIC_RELAXED);
    free((void *)(uintptr_t)address);
    return 0;
}

int cuMemcpy2D_v2(const struct copy *copy)
{
    const char *from =
        copy->from_memory == HOST ? copy->from_host : (const void *)(uintptr_t)copy->from_device;
    char *to = copy->to_memory == HOST ? copy->to_host : (void *)(uintptr_t)copy->to_device;

    if (cuda_stub_copies_fail)
        return cuda_stub_copies_fail;
    from += copy->from_y * copy->from_pitch + copy->from_x;
    to += copy->to_y * copy->to_pitch + copy->to_x;
    for (size_t y = 0; y < copy->height; y++)
        memcpy(to + y * copy->to_pitch, from + y * copy->from_pitch, copy->width);
    return 0;
}

int cuMemcpy2DAsync_v2(const struct copy *copy, void *stream)
{
    (void)stream;
    return cuMemcpy2D_v2(copy);
}

int cuGetErrorName(int error, const char **text)
{
    (void)error;
    *text = "an error";
    return 0;
}

int cuGetErrorString(int error, const char **text)
{
    return cuGetErrorName(error, text);
}

/* Succeed and do nothing, whatever they are given. */
#define NOTHING(name_) \
    int name_(void);   \
    int name_(void)    \
    {                  \
        return 0;      \
    }

NOTHING(cuInit)
NOTHING(cuCtxDestroy_v2)
NOTHING(cuCtxPushCurrent_v2)
NOTHING(cuDevicePrimaryCtxRelease)
NOTHING(cuDevicePrimaryCtxSetFlags)
NOTHING(cuStreamSynchronize)

/* Not called. */
#define MISSING(name_) \
    int name_(void);   \
    int name_(void)    \
    {                  \
        abort();       \
    }

MISSING(cuArray3DCreate_v2)
MISSING(cuArrayDestroy)
MISSING(cuCtxGetDevice)
MISSING(cuCtxSetLimit)
MISSING(cuDestroyExternalMemory)
MISSING(cuDestroyExternalSemaphore)
MISSING(cuDeviceGetUuid)
MISSING(cuDevicePrimaryCtxReset)
MISSING(cuEGLStreamConsumerDisconnect)
MISSING(cuEGLStreamProducerConnect)
MISSING(cuEGLStreamProducerDisconnect)
MISSING(cuEGLStreamProducerPresentFrame)
MISSING(cuEGLStreamProducerReturnFrame)
MISSING(cuEventCreate)
MISSING(cuEventDestroy_v2)
MISSING(cuEventQuery)
MISSING(cuEventRecord)
MISSING(cuEventSynchronize)
MISSING(cuExternalMemoryGetMappedBuffer)
MISSING(cuExternalMemoryGetMappedMipmappedArray)
MISSING(cuGLGetDevices_v2)
MISSING(cuGraphicsGLRegisterImage)
MISSING(cuGraphicsMapResources)
MISSING(cuGraphicsResourceGetMappedPointer_v2)
MISSING(cuGraphicsSubResourceGetMappedArray)
MISSING(cuGraphicsUnmapResources)
MISSING(cuGraphicsUnregisterResource)
MISSING(cuImportExternalMemory)
MISSING(cuImportExternalSemaphore)
MISSING(cuLaunchKernel)
MISSING(cuLinkAddData)
MISSING(cuLinkComplete)
MISSING(cuLinkCreate)
MISSING(cuLinkDestroy)
MISSING(cuMemAllocManaged)
MISSING(cuMemAllocPitch_v2)
MISSING(cuMemcpy)
MISSING(cuMemcpyAsync)
MISSING(cuMemcpyDtoDAsync_v2)
MISSING(cuMemcpyDtoD_v2)
MISSING(cuMemcpyDtoHAsync_v2)
MISSING(cuMemcpyDtoH_v2)
MISSING(cuMemcpyHtoDAsync_v2)
MISSING(cuMemcpyHtoD_v2)
MISSING(cuMemsetD8Async)
MISSING(cuMipmappedArrayDestroy)
MISSING(cuMipmappedArrayGetLevel)
MISSING(cuModuleGetFunction)
MISSING(cuModuleGetGlobal)
MISSING(cuModuleLoadData)
MISSING(cuModuleUnload)
MISSING(cuSignalExternalSemaphoresAsync)
MISSING(cuStreamAddCallback)
MISSING(cuStreamCreate)
MISSING(cuStreamDestroy_v2)
MISSING(cuStreamQuery)
MISSING(cuTexObjectCreate)
MISSING(cuTexObjectDestroy)
MISSING(cuWaitExternalSemaphoresAsync)
