/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of the host's memory as one of a GPU whose memory that is. */
#ifndef VANON_TESTS_CUDA_FRAME_H
#define VANON_TESTS_CUDA_FRAME_H

#include <vanon/frame.h>

/* Points into `frame`, and has no owner. */
static vanon_frame cuda_frame(const vanon_frame *frame, int device, vanon_cuda_planes *planes)
{
    vanon_frame own = *frame;

    *planes = (vanon_cuda_planes){.device = device};
    own.memory = VANON_MEMORY_CUDA;
    own.handle = planes;
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        planes->plane[i] = (uintptr_t)own.plane[i];
        planes->stride[i] = own.stride[i];
        own.plane[i] = NULL;
    }
    return own;
}

#endif
