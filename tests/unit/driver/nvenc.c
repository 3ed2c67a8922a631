/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for NVIDIA's encoder, libnvidia-encode.so.1, as libav* uses it. It encodes nothing: a
 * picture becomes a start code, and what it has at three places: luma at its first and last sample,
 * the first chroma sample of its last line. They are read where NVENC would: luma at the address
 * that was registered, chroma behind all of its lines. Pictures given in the host's memory become a
 * start code alone. Structs and the order of functions are those of NVENC's API (SDK 11 and 12), as
 * far as they are needed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PACKET      8
#define FAILED      10 /* NV_ENC_ERR_OUT_OF_MEMORY */
#define END         8  /* NV_ENC_PIC_FLAG_EOS */
#define PICTURE_IDR 3

/* By their place in NV_ENCODE_API_FUNCTION_LIST. */
enum function {
    GET_GUID_COUNT = 1,
    GET_GUIDS = 4,
    GET_CAPS = 7,
    INITIALIZE = 11,
    CREATE_INPUT = 12,
    DESTROY_INPUT = 13,
    CREATE_OUTPUT = 14,
    DESTROY_OUTPUT = 15,
    ENCODE = 16,
    LOCK_OUTPUT = 17,
    UNLOCK_OUTPUT = 18,
    LOCK_INPUT = 19,
    UNLOCK_INPUT = 20,
    MAP = 25,
    UNMAP = 26,
    DESTROY = 27,
    OPEN_SESSION = 29,
    REGISTER = 30,
    UNREGISTER = 31,
    SET_STREAMS = 38,
    GET_PRESET = 39,
    FUNCTIONS = 41
};

struct functions {
    uint32_t version, reserved;
    void *function[FUNCTIONS];
};

struct guid {
    uint32_t a;
    uint16_t b, c;
    uint8_t d[8];
};

/* NV_ENC_CAPS */
enum { FIELD_ENCODING = 2, ENCODING_OF_10_BITS = 39 };

struct caps {
    uint32_t version, what;
};

struct registration {
    uint32_t version, type, width, height, pitch, index;
    void *memory, *registered;
};

struct mapping {
    uint32_t version, index;
    void *unused, *registered, *mapped;
    uint32_t format;
};

struct picture {
    uint32_t version, width, height, pitch, flags, number;
    uint64_t time, duration;
    void *input, *output;
};

struct input_buffer {
    uint32_t version, width, height, heap, format, reserved;
    void *buffer;
};

struct output_buffer {
    uint32_t version, size, heap, reserved;
    void *buffer, *memory;
};

struct locked_output {
    uint32_t version, flags;
    void *output;
    uint32_t *slices;
    uint32_t number, status, slice_count, bytes;
    uint64_t time, duration;
    void *memory;
    uint32_t type, structure;
};

struct locked_input {
    uint32_t version, flags;
    void *buffer, *memory;
    uint32_t pitch;
};

/* What an output buffer is. */
struct packet {
    uint8_t bytes[PACKET];
    uint32_t count;
    uint64_t time;
};

/* Resources that are registered; and pictures that were encoded from the GPU's memory. */
int nvenc_stub_registered, nvenc_stub_pictures;
int nvenc_stub_registered = 0, nvenc_stub_pictures = 0;

static uint8_t host_picture[1 << 22];

static int get_guid_count(void *encoder, uint32_t *count)
{
    (void)encoder;
    *count = 1;
    return 0;
}

static int get_guids(void *encoder, struct guid *guids, uint32_t size, uint32_t *count)
{
    static const struct guid h264 = {
        0x6bc82762, 0x4e63, 0x4ca4, {0xaa, 0x85, 0x1e, 0x50, 0xf3, 0x21, 0xf6, 0xbf}};

    (void)encoder;
    (void)size;
    *guids = h264;
    *count = 1;
    return 0;
}

/* Of everything enough; of some nothing, where the environment says so, as with newer GPUs. */
static int get_caps(void *encoder, struct guid codec, const struct caps *caps, int *value)
{
    (void)encoder;
    (void)codec;
    *value = (caps->what == FIELD_ENCODING && getenv("NVENC_STUB_NO_FIELDS")) ||
                     (caps->what == ENCODING_OF_10_BITS && getenv("NVENC_STUB_NO_10_BITS"))
                 ? 0
                 : 1 << 20;
    return 0;
}

static int create_input(void *encoder, struct input_buffer *buffer)
{
    (void)encoder;
    buffer->buffer = host_picture;
    return 0;
}

static int create_output(void *encoder, struct output_buffer *buffer)
{
    (void)encoder;
    buffer->buffer = calloc(1, sizeof(struct packet));
    return buffer->buffer ? 0 : FAILED;
}

static int destroy_output(void *encoder, void *buffer)
{
    (void)encoder;
    free(buffer);
    return 0;
}

static int encode(void *encoder, const struct picture *picture)
{
    static const uint8_t start[] = {0, 0, 0, 1, 0x65};
    const struct registration *from = picture->input;
    struct packet *packet = picture->output;

    (void)encoder;
    if (picture->flags & END)
        return 0;
    memcpy(packet->bytes, start, sizeof start);
    packet->count = sizeof start;
    packet->time = picture->time;
    if (picture->input != host_picture) {
        const uint8_t *luma = from->memory;
        const uint8_t *chroma = luma + (size_t)from->pitch * from->height;

        packet->bytes[packet->count++] = luma[0];
        packet->bytes[packet->count++] =
            luma[(size_t)from->pitch * (from->height - 1) + from->width - 1];
        packet->bytes[packet->count++] = chroma[(size_t)from->pitch * (from->height / 2 - 1)];
        nvenc_stub_pictures++;
    }
    return 0;
}

static int lock_output(void *encoder, struct locked_output *locked)
{
    struct packet *packet = locked->output;

    (void)encoder;
    locked->bytes = packet->count;
    locked->memory = packet->bytes;
    locked->time = packet->time;
    locked->type = PICTURE_IDR;
    return 0;
}

static int lock_input(void *encoder, struct locked_input *locked)
{
    (void)encoder;
    locked->memory = host_picture;
    locked->pitch = 512;
    return 0;
}

static int map(void *encoder, struct mapping *mapping)
{
    (void)encoder;
    mapping->mapped = mapping->registered;
    return 0;
}

static int open_session(void *params, void **encoder)
{
    (void)params;
    *encoder = host_picture;
    return 0;
}

static int register_memory(void *encoder, struct registration *registration)
{
    struct registration *copy = malloc(sizeof *copy);

    (void)encoder;
    if (!copy)
        return FAILED;
    *copy = *registration;
    registration->registered = copy;
    nvenc_stub_registered++;
    return 0;
}

static int unregister_memory(void *encoder, void *registered)
{
    (void)encoder;
    free(registered);
    nvenc_stub_registered--;
    return 0;
}

static int nothing(void)
{
    return 0;
}

static int not_called(void)
{
    abort();
}

int NvEncodeAPIGetMaxSupportedVersion(uint32_t *version);
int NvEncodeAPICreateInstance(struct functions *functions);

int NvEncodeAPIGetMaxSupportedVersion(uint32_t *version)
{
    *version = UINT32_MAX;
    return 0;
}

/* ISO C has no conversion from a function to an object. */
#define SET(place_, function_)                                             \
    do {                                                                   \
        __typeof__(&(function_)) pointer_ = (function_);                   \
        memcpy(&functions->function[(place_)], &pointer_, sizeof(void *)); \
    } while (0)

int NvEncodeAPICreateInstance(struct functions *functions)
{
    for (int i = 0; i < FUNCTIONS; i++)
        SET(i, not_called);
    SET(GET_GUID_COUNT, get_guid_count);
    SET(GET_GUIDS, get_guids);
    SET(GET_CAPS, get_caps);
    SET(INITIALIZE, nothing);
    SET(CREATE_INPUT, create_input);
    SET(DESTROY_INPUT, nothing);
    SET(CREATE_OUTPUT, create_output);
    SET(DESTROY_OUTPUT, destroy_output);
    SET(ENCODE, encode);
    SET(LOCK_OUTPUT, lock_output);
    SET(UNLOCK_OUTPUT, nothing);
    SET(LOCK_INPUT, lock_input);
    SET(UNLOCK_INPUT, nothing);
    SET(MAP, map);
    SET(UNMAP, nothing);
    SET(DESTROY, nothing);
    SET(OPEN_SESSION, open_session);
    SET(REGISTER, register_memory);
    SET(UNREGISTER, unregister_memory);
    SET(SET_STREAMS, nothing);
    SET(GET_PRESET, nothing);
    return 0;
}
