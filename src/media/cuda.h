/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in the memory of a GPU of NVIDIA's, as libav* has them (AV_PIX_FMT_CUDA): made by its
 * decoders, taken by its encoders. Always in the GPU's primary context, where the plugin works,
 * too. libav* finds the driver at run time; without one vanon_cuda_open fails and nothing else is
 * called. For src/media only. Thread-safety: devices and pools of frames may be shared, a call's
 * frames not.
 */
#ifndef VANON_MEDIA_CUDA_H
#define VANON_MEDIA_CUDA_H

#include <libavutil/hwcontext.h>

#include "media/av.h"

/* Opens GPU `number`. Where the process has used it before, threads that wait for it sleep from now
 * on, whatever they did. VANON_ERR_UNSUPPORTED: there is none, or no driver; VANON_ERR_MEMORY. Logs
 * nothing. */
int vanon_cuda_open(AVBufferRef **device, int number);

/* The number of the GPU that has the frame. */
int vanon_cuda_number(const AVFrame *av);

/* Makes `*frames` (NULL: none yet) a pool of the device's frames of this format and size.
 * VANON_ERR_UNSUPPORTED: not such frames; VANON_ERR_MEMORY. Logs nothing. */
int vanon_cuda_pool(AVBufferRef **frames, AVBufferRef *device, enum AVPixelFormat samples,
                    int width, int height);

/* Copies a frame of a GPU into `to` (blank), a frame of the pool, with all else that `from` says:
 * as much of it as the pool's frames have. The samples are there when what was queued on the
 * device's legacy default stream is done, on which NVDEC writes its own as well: what it lends may
 * go back to it before.
 * VANON_ERR_INFERENCE: the GPU failed; VANON_ERR_MEMORY. Logs nothing. */
int vanon_cuda_copy(const AVFrame *from, AVBufferRef *frames, AVFrame *to);

/* Puts a frame of the host's memory, from `pool`, in the place of one of VANON_MEMORY_CUDA.
 * `frames` is a pool of such frames, `scratch` are blank and stay so. As vanon_cuda_copy. */
int vanon_cuda_download(AVBufferRef *frames, vanon_frame_pool *pool, AVFrame *const scratch[2],
                        vanon_frame **frame);

/* Makes a borrowed frame (vanon_av_borrow) one of the pool's kind, as encoders want it.
 * VANON_ERR_UNSUPPORTED: its planes do not follow each other; VANON_ERR_MEMORY. */
int vanon_cuda_adopt(AVFrame *av, AVBufferRef *frames);

/* True for encoders that take frames of a GPU. */
bool vanon_cuda_encodes(const AVCodec *codec);

#endif
