/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for NVIDIA's decoder, libnvcuvid.so.1, as libav*'s hardware decoders use it. It decodes
 * nothing: the n-th picture that it is given is one of brightness 20 + n, with neutral colour. Few
 * pictures may be mapped at once, as with the real one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SURFACES    32
#define MOST_MAPPED 2
#define PITCH       256

/* What CUVIDDECODECREATEINFO and CUVIDPICPARAMS begin with. */
struct create_info {
    unsigned long width, height;
};
struct picture_info {
    int width_in_blocks, height_in_blocks;
    int surface;
};

struct decoder {
    size_t width, height;
    int pictures, mapped;
    int brightness[SURFACES];
};

int cuvidCreateDecoder(void **out, const struct create_info *info);
int cuvidDestroyDecoder(void *decoder);
int cuvidDecodePicture(void *decoder, const struct picture_info *info);
int cuvidMapVideoFrame64(void *decoder, int surface, unsigned long long *address, unsigned *pitch,
                         void *how);
int cuvidUnmapVideoFrame64(void *decoder, unsigned long long address);

int cuvidCreateDecoder(void **out, const struct create_info *info)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);

    if (!decoder)
        return 2;
    decoder->width = info->width;
    decoder->height = info->height;
    *out = decoder;
    return 0;
}

int cuvidDestroyDecoder(void *decoder)
{
    free(decoder);
    return 0;
}

int cuvidDecodePicture(void *opaque, const struct picture_info *info)
{
    struct decoder *decoder = opaque;

    if (info->surface < 0 || info->surface >= SURFACES)
        return 1;
    decoder->brightness[info->surface] = 20 + decoder->pictures++;
    return 0;
}

int cuvidMapVideoFrame64(void *opaque, int surface, unsigned long long *address, unsigned *pitch,
                         void *how)
{
    struct decoder *decoder = opaque;
    size_t line = (decoder->width + PITCH - 1) / PITCH * PITCH;
    size_t luma = line * decoder->height;
    unsigned char *memory = malloc(luma + luma / 2);

    (void)how;
    if (!memory || decoder->mapped == MOST_MAPPED) {
        free(memory);
        return 1;
    }
    decoder->mapped++;
    memset(memory, decoder->brightness[surface], luma);
    memset(memory + luma, 128, luma / 2);
    *address = (uintptr_t)memory;
    *pitch = (unsigned)line;
    return 0;
}

int cuvidUnmapVideoFrame64(void *opaque, unsigned long long address)
{
    struct decoder *decoder = opaque;

    decoder->mapped--;
    free((void *)(uintptr_t)address);
    return 0;
}

/* Not called. */
#define MISSING(name_) \
    int name_(void);   \
    int name_(void)    \
    {                  \
        abort();       \
    }

MISSING(cuvidCreateVideoParser)
MISSING(cuvidCreateVideoSource)
MISSING(cuvidCreateVideoSourceW)
MISSING(cuvidCtxLock)
MISSING(cuvidCtxLockCreate)
MISSING(cuvidCtxLockDestroy)
MISSING(cuvidCtxUnlock)
MISSING(cuvidDestroyVideoParser)
MISSING(cuvidDestroyVideoSource)
MISSING(cuvidGetDecodeStatus)
MISSING(cuvidGetSourceAudioFormat)
MISSING(cuvidGetSourceVideoFormat)
MISSING(cuvidGetVideoSourceState)
MISSING(cuvidParseVideoData)
MISSING(cuvidReconfigureDecoder)
MISSING(cuvidSetVideoSourceState)
