/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch of frames of one kind on its way to the device, and the letterbox for it there.
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_CUDA_LETTERBOX_CUDA_H
#define VANON_CUDA_LETTERBOX_CUDA_H

#include <vanon/frame.h>

#include "kernels.h"

typedef struct vanon_gpu_frames vanon_gpu_frames;

/* For frames like `like` into a network's input of width x height. A cudaError_t. */
int vanon_gpu_frames_create(vanon_gpu_frames **out, const vanon_frame *like, int width, int height,
                            int batch);
void vanon_gpu_frames_destroy(vanon_gpu_frames **frames);

/* True for frames of the kind that it was made for. */
bool vanon_gpu_frames_fit(const vanon_gpu_frames *frames, const vanon_frame *frame);

/* Copies frame `index` of the batch, which is not needed any more after the call, and queues its
 * way to the device. A cudaError_t. */
int vanon_gpu_frames_put(vanon_gpu_frames *frames, cudaStream_t stream, size_t index,
                         const vanon_frame *frame);

/* Queues the letterbox of the whole batch; see vanon_gpu_fill_input. A cudaError_t. */
int vanon_gpu_frames_fill(const vanon_gpu_frames *frames, cudaStream_t stream, void *input);

/* Memory that several things lie in, laid out in two passes: the first, without a base, measures.
 */
struct vanon_gpu_layout {
    char *base;
    size_t used;
};
void *vanon_gpu_take(struct vanon_gpu_layout *layout, size_t bytes); /* aligned to 256 bytes */

#endif
