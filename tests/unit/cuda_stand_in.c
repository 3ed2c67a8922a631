/* SPDX-License-Identifier: Apache-2.0 */
#include "cuda_stand_in.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/cuda/kernels.h"

#define ARGUMENTS 1024 /* bytes of a kernel's */

/* Memory */

static atomic_size_t requests, given_back, refused_first, refused_last;

struct stand_in_memory stand_in_memory(void)
{
    size_t made = atomic_load(&requests);

    return (struct stand_in_memory){made, made - atomic_load(&given_back)};
}

void stand_in_refuse(size_t first, size_t last)
{
    size_t made = atomic_load(&requests);

    atomic_store(&refused_first, first ? made + first : 0);
    atomic_store(&refused_last, first ? made + last : 0);
}

static cudaError_t take(void **out, size_t bytes)
{
    size_t number = atomic_fetch_add(&requests, 1) + 1;

    *out = NULL;
    if (number < atomic_load(&refused_first) || number > atomic_load(&refused_last))
        *out = aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (*out)
        memset(*out, 0xa5, bytes); /* what nobody writes shows */
    else
        atomic_fetch_add(&given_back, 1);
    return *out ? cudaSuccess : cudaErrorMemoryAllocation;
}

static cudaError_t give(void *memory)
{
    if (memory)
        atomic_fetch_add(&given_back, 1);
    free(memory);
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
    return take(out, bytes);
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned flags)
{
    (void)flags;
    return take(out, bytes);
}

cudaError_t cudaFree(void *memory)
{
    return give(memory);
}

cudaError_t cudaFreeHost(void *memory)
{
    return give(memory);
}

cudaError_t cudaMemGetInfo(size_t *unused, size_t *total)
{
    *unused = *total = (size_t)8 << 30;
    return cudaSuccess;
}

/* Streams and graphs: what is queued is done at once, or written down. */

struct step {
    void (*run)(const void *arguments);
    _Alignas(16) unsigned char arguments[ARGUMENTS];
};

struct CUgraph_st {
    struct step *step;
    size_t steps;
};

struct CUstream_st {
    cudaGraph_t recorded; /* NULL: nothing is recorded */
};

static int queue(cudaStream_t stream, void (*run)(const void *), const void *arguments, size_t size)
{
    cudaGraph_t graph = stream ? stream->recorded : NULL;
    struct step *step;

    if (size > ARGUMENTS)
        return cudaErrorInvalidValue;
    if (!graph) {
        run(arguments);
        return cudaSuccess;
    }
    step = realloc(graph->step, (graph->steps + 1) * sizeof *step);
    if (!step)
        return cudaErrorMemoryAllocation;
    graph->step = step;
    step += graph->steps++;
    step->run = run;
    memcpy(step->arguments, arguments, size);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    (void)flags;
    *out = calloc(1, sizeof **out);
    return *out ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    free(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    return stream->recorded ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    (void)mode;
    stream->recorded = calloc(1, sizeof *stream->recorded);
    return stream->recorded ? cudaSuccess : cudaErrorMemoryAllocation;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = stream->recorded;
    stream->recorded = NULL;
    return cudaSuccess;
}

/* An instance is the graph itself: it must not be destroyed as a graph. */
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags)
{
    cudaGraph_t own = calloc(1, sizeof *own);

    (void)flags;
    if (!own)
        return cudaErrorMemoryAllocation;
    *own = *graph;
    graph->step = NULL;
    graph->steps = 0;
    *out = (cudaGraphExec_t)own;
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    free(graph->step);
    free(graph);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    return cudaGraphDestroy((cudaGraph_t)exec);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    cudaGraph_t graph = (cudaGraph_t)exec;

    (void)stream;
    for (size_t i = 0; i < graph->steps; i++)
        graph->step[i].run(graph->step[i].arguments);
    return cudaSuccess;
}

cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void *opaque,
                                  unsigned flags)
{
    (void)flags;
    callback(stream, cudaSuccess, opaque);
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
    (void)kind;
    memcpy(to, from, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    return stream && stream->recorded ? cudaErrorStreamCaptureUnsupported
                                      : cudaMemcpy(to, from, bytes, kind);
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_step, const void *from, size_t from_step,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
    cudaError_t error = cudaSuccess;

    for (size_t i = 0; i < height && !error; i++)
        error = cudaMemcpyAsync((char *)to + i * to_step, (const char *)from + i * from_step, width,
                                kind, stream);
    return error;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    (void)stream;
    memset(to, value, bytes);
    return cudaSuccess;
}

/* The device */

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
    (void)attribute;
    (void)device;
    *value = 9;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *text, int size, int device)
{
    (void)device;
    if (size > 0)
        *text = '\0';
    return cudaErrorNotSupported;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    (void)device;
    *properties = (struct cudaDeviceProp){.name = "a stand-in", .major = 9};
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    return cudaDriverGetVersion(version);
}

cudaError_t cudaGetLastError(void)
{
    return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t error)
{
    return error ? "an error of the stand-in's" : "no error";
}

/* Timing belongs to choosing engines, which networks of float32 don't. */
cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    *event = NULL;
    return cudaErrorNotSupported;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    (void)event;
    return cudaErrorNotSupported;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    (void)event;
    (void)stream;
    return cudaErrorNotSupported;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    (void)event;
    return cudaErrorNotSupported;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t begin, cudaEvent_t end)
{
    (void)begin;
    (void)end;
    *milliseconds = 0;
    return cudaErrorNotSupported;
}

/* Kernels of half precision */

int vanon_gpu_conv(cudaStream_t stream, int variant, const struct vanon_conv_shape *shape,
                   const struct vanon_conv_data *data)
{
    (void)stream;
    (void)variant;
    (void)shape;
    (void)data;
    return cudaErrorNotSupported;
}

int vanon_gpu_halve(cudaStream_t stream, const float *from, void *to, size_t count)
{
    (void)stream;
    (void)from;
    (void)to;
    (void)count;
    return cudaErrorNotSupported;
}

int vanon_gpu_scatter(cudaStream_t stream, void *to, size_t count, float scale, unsigned seed,
                      int is_half)
{
    (void)stream;
    (void)to;
    (void)count;
    (void)scale;
    (void)seed;
    (void)is_half;
    return cudaErrorNotSupported;
}

int vanon_gpu_compare(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                      struct vanon_gpu_slice b, float most, unsigned *differing)
{
    (void)stream;
    (void)size;
    (void)a;
    (void)b;
    (void)most;
    (void)differing;
    return cudaErrorNotSupported;
}

/* Kernels of single precision */

static float *at(const struct vanon_gpu_slice *slice, size_t pixel)
{
    return (float *)slice->at + pixel * (size_t)slice->step;
}

struct fill {
    const struct vanon_gpu_source *source;
    int count, width, height;
    float *to;
};

static void fill(const void *arguments)
{
    const struct fill *f = arguments;
    float *to = f->to;

    for (int image = 0; image < f->count; image++)
        for (int y = 0; y < f->height; y++)
            for (int x = 0; x < f->width; x++, to += VANON_GPU_INPUT_CHANNELS) {
                int rgb[3];

                vanon_gpu_letterbox_pixel(
                    &f->source->letterbox,
                    f->source->samples + (size_t)image * f->source->frame_bytes, x, y, 114, rgb);
                memset(to, 0, VANON_GPU_INPUT_CHANNELS * sizeof *to);
                for (int i = 0; i < 3; i++)
                    to[i] = (float)rgb[i] / 255;
            }
}

int vanon_gpu_fill_input(cudaStream_t stream, const struct vanon_gpu_source *source, int count,
                         int width, int height, bool single, void *input)
{
    struct fill f = {source, count, width, height, input};

    return single ? queue(stream, fill, &f, sizeof f) : cudaErrorNotSupported;
}

struct fill_from_rgb {
    const uint8_t *rgb;
    size_t pixels;
    float *to;
};

static void fill_from_rgb(const void *arguments)
{
    const struct fill_from_rgb *f = arguments;

    memset(f->to, 0, f->pixels * VANON_GPU_INPUT_CHANNELS * sizeof *f->to);
    for (size_t i = 0; i < 3 * f->pixels; i++)
        f->to[i / 3 * VANON_GPU_INPUT_CHANNELS + i % 3] = (float)f->rgb[i] / 255;
}

int vanon_gpu_fill_from_rgb(cudaStream_t stream, const void *rgb, size_t pixels, bool single,
                            void *input)
{
    struct fill_from_rgb f = {rgb, pixels, input};

    return single ? queue(stream, fill_from_rgb, &f, sizeof f) : cudaErrorNotSupported;
}

struct convolution {
    struct vanon_conv_shape shape;
    struct vanon_conv_data data;
    bool depthwise;
};

/* Sums side by side, of every eighth channel each, are fast; all or one channel. */
static float dot(const float *a, const float *b, int channels)
{
    float part[8] = {0}, sum = 0;

    if (channels == 1)
        return *a * *b;
    for (int k = 0; k < channels; k += 8)
        for (int i = 0; i < 8; i++)
            part[i] += a[k + i] * b[k + i];
    for (int i = 0; i < 8; i++)
        sum += part[i];
    return sum;
}

/* The sum at one output pixel. */
static float convolved(const struct convolution *c, int image, int y, int x, int channel)
{
    const struct vanon_conv_shape *s = &c->shape;
    int channels = c->depthwise ? 1 : s->in_channels, taps = s->kernel_height * s->kernel_width;
    const float *weight = (const float *)c->data.weights + (ptrdiff_t)channel * taps * channels;
    float sum = c->data.bias[channel];

    for (int tap = 0; tap < taps; tap++, weight += channels) {
        int v = y * s->stride - s->pad + tap / s->kernel_width;
        int u = x * s->stride - s->pad + tap % s->kernel_width;
        const float *in = (const float *)c->data.input +
                          (ptrdiff_t)((image * s->in_height + v) * s->in_width + u) * s->in_step +
                          (c->depthwise ? channel : 0);

        if (v < 0 || v >= s->in_height || u < 0 || u >= s->in_width)
            continue;
        sum += dot(in, weight, channels);
    }
    return s->silu ? sum / (1 + expf(-sum)) : sum;
}

static void convolve(const void *arguments)
{
    const struct convolution *c = arguments;
    const struct vanon_conv_shape *s = &c->shape;
    size_t pixels = (size_t)(s->batch * s->out_height * s->out_width);

    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (int channel = 0; channel < s->out_channels; channel++) {
            int line = (int)pixel / s->out_width;
            float value = convolved(c, line / s->out_height, line % s->out_height,
                                    (int)pixel % s->out_width, channel);

            if (s->residual)
                value += ((const float *)
                              c->data.residual)[pixel * (size_t)s->residual_step + (size_t)channel];
            ((float *)c->data.output)[pixel * (size_t)s->out_step + (size_t)channel] = value;
        }
}

static int queue_convolution(cudaStream_t stream, const struct vanon_conv_shape *shape,
                             const struct vanon_conv_data *data, bool depthwise)
{
    struct convolution c = {*shape, *data, depthwise};

    return shape->single ? queue(stream, convolve, &c, sizeof c) : cudaErrorNotSupported;
}

int vanon_gpu_conv_single(cudaStream_t stream, const struct vanon_conv_shape *shape,
                          const struct vanon_conv_data *data)
{
    return queue_convolution(stream, shape, data, false);
}

int vanon_gpu_depthwise(cudaStream_t stream, const struct vanon_conv_shape *shape,
                        const struct vanon_conv_data *data)
{
    return queue_convolution(stream, shape, data, true);
}

struct layer {
    struct vanon_gpu_size size;
    struct vanon_gpu_slice from, to;
    int number, repeat; /* window, factor or fill */
    struct vanon_gpu_attention attention;
};

static float largest(const struct layer *l, int image, int y, int x, int channel, int reach)
{
    float most = -INFINITY;

    for (int v = y - reach; v <= y + reach; v++)
        for (int u = x - reach; u <= x + reach; u++)
            if (v >= 0 && v < l->size.height && u >= 0 && u < l->size.width)
                most =
                    fmaxf(most, at(&l->from, (size_t)((image * l->size.height + v) * l->size.width +
                                                      u))[channel]);
    return most;
}

static void pool(const void *arguments)
{
    const struct layer *l = arguments;
    int pixels = l->size.batch * l->size.height * l->size.width;

    for (int i = 0; i < pixels; i++)
        for (int k = 0; k < l->repeat; k++)
            for (int c = 0; c < l->size.channels; c++) {
                int line = i / l->size.width;

                at(&l->to, (size_t)i)[k * l->size.channels + c] =
                    largest(l, line / l->size.height, line % l->size.height, i % l->size.width, c,
                            (k + 1) * (l->number / 2));
            }
}

int vanon_gpu_pool(cudaStream_t stream, struct vanon_gpu_size size, int window, int repeat,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    struct layer l = {.size = size, .from = from, .to = to, .number = window, .repeat = repeat};

    return size.single ? queue(stream, pool, &l, sizeof l) : cudaErrorNotSupported;
}

static void upsample(const void *arguments)
{
    const struct layer *l = arguments;
    int factor = l->number, width = l->size.width * factor, height = l->size.height * factor;

    for (int i = 0; i < l->size.batch * height * width; i++) {
        int x = i % width, y = i / width % height, image = i / width / height;
        int from = (image * l->size.height + y / factor) * l->size.width + x / factor;

        memcpy(at(&l->to, (size_t)i), at(&l->from, (size_t)from),
               (size_t)l->size.channels * sizeof(float));
    }
}

int vanon_gpu_upsample(cudaStream_t stream, struct vanon_gpu_size size, int factor,
                       struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    struct layer l = {.size = size, .from = from, .to = to, .number = factor};

    return size.single ? queue(stream, upsample, &l, sizeof l) : cudaErrorNotSupported;
}

static void copy(const void *arguments)
{
    const struct layer *l = arguments;
    size_t pixels = (size_t)(l->size.batch * l->size.height * l->size.width);

    for (size_t i = 0; i < pixels; i++) {
        memcpy(at(&l->to, i), at(&l->from, i), (size_t)l->size.channels * sizeof(float));
        memset(at(&l->to, i) + l->size.channels, 0, (size_t)l->number * sizeof(float));
    }
}

int vanon_gpu_copy(cudaStream_t stream, struct vanon_gpu_size size, int fill_with,
                   struct vanon_gpu_slice from, struct vanon_gpu_slice to)
{
    struct layer l = {.size = size, .from = from, .to = to, .number = fill_with};

    return size.single ? queue(stream, copy, &l, sizeof l) : cudaErrorNotSupported;
}

/* The tests' networks have none; its own test is the GPU's. */
int vanon_gpu_attend(cudaStream_t stream, struct vanon_gpu_size size,
                     const struct vanon_gpu_attention *attention, struct vanon_gpu_slice from,
                     struct vanon_gpu_slice to)
{
    (void)stream;
    (void)size;
    (void)attention;
    (void)from;
    (void)to;
    return cudaErrorNotSupported;
}

/* Decode */

struct decode {
    struct vanon_gpu_head head;
    struct vanon_gpu_limits limits;
    struct vanon_gpu_decode_memory memory;
    struct vanon_gpu_found *found;
    float *records;
    int batch;
};

static const struct vanon_gpu_level *level_of(const struct vanon_gpu_head *head, int anchor)
{
    int i = 0;

    while (i + 1 < head->levels && anchor >= head->level[i + 1].first_anchor)
        i++;
    return &head->level[i];
}

static size_t pixel_of(const struct vanon_gpu_level *level, int image, int anchor)
{
    return (size_t)(image * level->width * level->height + anchor - level->first_anchor);
}

static void find(const struct decode *d, int image, int anchor, struct vanon_gpu_found *tally)
{
    const struct vanon_gpu_level *level = level_of(&d->head, anchor);
    size_t pixel = pixel_of(level, image, anchor),
           slot = (size_t)(image * d->head.anchors + anchor);
    int cell = anchor - level->first_anchor;
    float score = vanon_gpu_sigmoid(at(&level->score, pixel)[d->head.person]), distance[4];
    uint32_t bits;

    if (vanon_gpu_is_low(score, d->limits.confidence))
        return;
    for (int i = 0; i < 4; i++)
        distance[i] =
            vanon_gpu_expectation(at(&level->box, pixel) + i * d->head.bins, d->head.bins);
    d->memory.candidates[slot].box =
        vanon_gpu_cell_box(cell % level->width, cell / level->width, distance, level->stride);
    d->memory.candidates[slot].score = score;
    memcpy(&bits, &score, sizeof bits);
    d->memory.keys[(size_t)image * vanon_gpu_keys(d->head.anchors) + tally->candidates++] =
        vanon_gpu_order(bits, (uint32_t)anchor);
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void deliver(const struct decode *d, int image, int anchor, float *record)
{
    const struct vanon_gpu_level *level = level_of(&d->head, anchor);
    const struct vanon_gpu_candidate *candidate =
        &d->memory.candidates[image * d->head.anchors + anchor];
    const float *joint = at(&level->joints, pixel_of(level, image, anchor));
    int cell = anchor - level->first_anchor;
    const float first[] = {(float)anchor,    candidate->score,     candidate->box.x,
                           candidate->box.y, candidate->box.width, candidate->box.height};

    memcpy(record, first, sizeof first);
    record += VANON_GPU_FIRST_JOINT;
    for (int i = 0; i < d->head.joints; i++, record += 3, joint += 3) {
        record[0] = vanon_gpu_cell_joint(cell % level->width, joint[0], level->stride);
        record[1] = vanon_gpu_cell_joint(cell / level->width, joint[1], level->stride);
        record[2] = vanon_gpu_sigmoid(joint[2]);
    }
}

static void decode_image(const struct decode *d, int image)
{
    struct vanon_gpu_found tally = {0};
    const struct vanon_gpu_candidate *all = d->memory.candidates + image * d->head.anchors;
    uint64_t *keys = d->memory.keys + (size_t)image * vanon_gpu_keys(d->head.anchors);
    uint32_t *kept = d->memory.kept + (size_t)image * d->limits.max_det;
    size_t floats = VANON_GPU_FIRST_JOINT + 3 * (size_t)d->head.joints;

    for (int anchor = 0; anchor < d->head.anchors; anchor++)
        find(d, image, anchor, &tally);
    qsort(keys, tally.candidates, sizeof *keys, by_key);
    for (uint32_t i = 0; i < tally.candidates && tally.count < d->limits.max_det; i++) {
        uint32_t anchor = (uint32_t)keys[i], j = 0;

        while (j < tally.count &&
               vanon_gpu_iou(&all[anchor].box, &all[kept[j]].box) <= d->limits.iou_threshold)
            j++;
        if (j == tally.count)
            kept[tally.count++] = anchor;
    }
    for (uint32_t i = 0; i < tally.count; i++)
        deliver(d, image, (int)kept[i],
                d->records + ((size_t)image * d->limits.max_det + i) * floats);
    d->found[image] = tally;
}

static void decode(const void *arguments)
{
    const struct decode *d = arguments;

    for (int image = 0; image < d->batch; image++)
        decode_image(d, image);
}

int vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                     const struct vanon_gpu_limits *limits,
                     const struct vanon_gpu_decode_memory *memory, struct vanon_gpu_found *found,
                     float *records)
{
    struct decode d = {*head, *limits, *memory, found, records, batch};

    return head->single ? queue(stream, decode, &d, sizeof d) : cudaErrorNotSupported;
}
