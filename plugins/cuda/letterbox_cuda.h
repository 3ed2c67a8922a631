/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch of frames of one kind on its way to the device, and the letterbox for it there. Frames of
 * another kind may follow with the next batch: what was recorded of the fill stays as it is, and
 * memory is taken only for larger frames than there were.
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_CUDA_LETTERBOX_CUDA_H
#define VANON_CUDA_LETTERBOX_CUDA_H

#include <vanon/frame.h>

#include "kernels.h"
#include "pixels/letterbox.h"

typedef struct vanon_gpu_frames vanon_gpu_frames;

/* For a network's input of width x height. A cudaError_t. */
int vanon_gpu_frames_create(vanon_gpu_frames **out, int width, int height, int batch);
void vanon_gpu_frames_destroy(vanon_gpu_frames **frames);

/* Copies frame `index` of the batch, which is not needed any more after the call, and queues its
 * way to the device. The letterbox fits the frame and the input's size. Frame 0 comes first, when
 * nothing of the last batch is in flight. A cudaError_t. */
int vanon_gpu_frames_put(vanon_gpu_frames *frames, cudaStream_t stream, size_t index,
                         const vanon_frame *frame, const vanon_letterbox *letterbox);

/* Queues the letterbox of the whole batch; see vanon_gpu_fill_input. A cudaError_t. */
int vanon_gpu_frames_fill(const vanon_gpu_frames *frames, cudaStream_t stream, bool single,
                          void *input);

/* Memory that several things lie in, laid out in two passes: the first, without a base, measures.
 */
struct vanon_gpu_layout {
    char *base;
    size_t used;
};
void *vanon_gpu_take(struct vanon_gpu_layout *layout, size_t bytes); /* aligned to 256 bytes */

#endif
