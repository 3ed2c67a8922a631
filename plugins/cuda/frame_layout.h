/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How frames of one kind lie in a batch on the device, and what the GPU's letterbox needs to know
 * of them. Pure; no CUDA.
 */
#ifndef VANON_CUDA_FRAME_LAYOUT_H
#define VANON_CUDA_FRAME_LAYOUT_H

#include <vanon/frame.h>

#include "letterbox_math.h"
#include "pixels/letterbox.h"

/* In bytes. Lines are multiples of 16, frames of 256. */
struct vanon_gpu_frame_layout {
    size_t bytes;                                              /* from a frame to the next */
    size_t offset[VANON_MAX_PLANES], stride[VANON_MAX_PLANES]; /* of planes in a frame */
};

void vanon_gpu_lay_frame(struct vanon_gpu_frame_layout *layout, const vanon_frame *like);

/* Copies the samples, without what the frame keeps between its lines. */
void vanon_gpu_stage_frame(const struct vanon_gpu_frame_layout *layout, uint8_t *to,
                           const vanon_frame *frame);

/* The plan of the letterbox that shows `view`, made for frames like `like`, with the host's tables.
 */
void vanon_gpu_describe_letterbox(struct vanon_gpu_letterbox *plan,
                                  const struct vanon_letterbox_view *view,
                                  const struct vanon_gpu_frame_layout *layout,
                                  const vanon_frame *like, int width, int height);

#endif
