/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies, as CUDA's reference has them ("API synchronization behavior"): from pageable memory they
 * are taken at once and arrive later, to pageable memory they are waited for, all others read and
 * write when the stream comes to them.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

struct copy {
    char *to;
    const char *from;
    size_t to_step, from_step, width, height;
    void *staged; /* what `from` is, to be freed; NULL: it is not */
};

static void check_kind(const struct copy *copy, enum cudaMemcpyKind kind)
{
    bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    size_t to_bytes = (copy->height - 1) * copy->to_step + copy->width;
    size_t from_bytes = (copy->height - 1) * copy->from_step + copy->width;
    const struct emulated_piece *to = emulated_piece_of(copy->to, to_bytes);
    const struct emulated_piece *from = emulated_piece_of(copy->from, from_bytes);

    if ((to && to->device) != to_device || (from && from->device) != from_device)
        emulated_fail("a copy of kind %d from %p to %p", (int)kind, (const void *)copy->from,
                      (void *)copy->to);
    if (copy->width > copy->to_step || copy->width > copy->from_step)
        emulated_fail("a copy of lines longer than the way from one to the next");
}

/* What is given back before a copy comes to it is an error. */
static void do_copy(const void *arguments)
{
    const struct copy *copy = arguments;
    struct emulated_piece *to =
        emulated_piece_of(copy->to, (copy->height - 1) * copy->to_step + copy->width);

    emulated_piece_of(copy->from, (copy->height - 1) * copy->from_step + copy->width);
    for (size_t y = 0; y < copy->height; y++) {
        memcpy(copy->to + y * copy->to_step, copy->from + y * copy->from_step, copy->width);
        if (to)
            emulated_watch_written(to, copy->to + y * copy->to_step, copy->width);
    }
    free(copy->staged);
}

static void stage(struct copy *copy)
{
    char *staged = malloc(copy->width * copy->height);

    if (!staged)
        emulated_fail("no memory");
    for (size_t y = 0; y < copy->height; y++)
        memcpy(staged + y * copy->width, copy->from + y * copy->from_step, copy->width);
    copy->from = copy->staged = staged;
    copy->from_step = copy->width;
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_step, const void *from, size_t from_step,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream)
{
    struct copy copy = {to, from, to_step, from_step, width, height, NULL};
    enum cudaStreamCaptureStatus status;
    int error;

    if (!width || !height)
        return cudaSuccess;
    check_kind(&copy, kind);
    cudaStreamIsCapturing(stream, &status);
    if (status != cudaStreamCaptureStatusNone)
        return cudaErrorStreamCaptureUnsupported;
    if (kind == cudaMemcpyHostToDevice && !emulated_piece_of(from, 1))
        stage(&copy);
    error = emulated_queue(stream, do_copy, &copy, sizeof copy);
    if (!error && kind == cudaMemcpyDeviceToHost && !emulated_piece_of(to, 1))
        error = cudaStreamSynchronize(stream);
    return (cudaError_t)error;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, 1, kind, stream);
}

/* On the legacy stream. It returns when the host's memory is free again, which from pageable memory
 * is before the bytes have arrived; within the device it waits for nothing. */
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind)
{
    bool pinned = emulated_piece_of(kind == cudaMemcpyHostToDevice ? from : to, 1) &&
                  kind != cudaMemcpyDeviceToDevice;
    cudaError_t error = cudaMemcpyAsync(to, from, bytes, kind, cudaStreamLegacy);

    return error || !pinned ? error : cudaStreamSynchronize(cudaStreamLegacy);
}

struct fill {
    char *to;
    size_t bytes;
    int value;
};

static void do_fill(const void *arguments)
{
    const struct fill *fill = arguments;
    struct emulated_piece *piece = emulated_piece_of(fill->to, fill->bytes);

    memset(fill->to, fill->value, fill->bytes);
    emulated_watch_written(piece, fill->to, fill->bytes);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    struct fill fill = {to, bytes, value};

    if (!bytes)
        return cudaSuccess;
    if (!emulated_piece_of(to, bytes))
        emulated_fail("%p is cleared, and isn't the device's", to);
    return (cudaError_t)emulated_queue(stream, do_fill, &fill, sizeof fill);
}

cudaError_t cudaMemset(void *to, int value, size_t bytes)
{
    return cudaMemsetAsync(to, value, bytes, cudaStreamLegacy);
}
