/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the detector needs of a GPU: a plan's weights put onto it once, and contexts, each of which
 * takes one batch of frames at a time from their samples to the candidates. device_cuda.* does it
 * with CUDA and cuDNN, device_reference.c with the slow reference executor, for tests; which one is
 * used is decided at link time. C17 and C++; neither libav* nor OpenVINO.
 *
 * The life of a batch, by the detector, for one context:
 *
 *     for each frame i: vanon_context_put_frame, or vanon_context_rgb and write
 *     vanon_context_run -> `done` comes once, from any thread
 *     vanon_context_wait, then vanon_context_result for each frame
 *
 * Thread-safety: calls on one context don't overlap; different contexts of one network, and
 * different networks of one device, may be used by different threads at once, creation included.
 * Devices outlive their networks, networks their contexts.
 *
 * Codes: VANON_ERR_MEMORY: the device or the host has not enough memory; nothing is changed, it can
 * be tried again with less. VANON_ERR_INFERENCE: the device failed. Each is logged once where it is
 * found, but for VANON_ERR_MEMORY, of which the detector makes a message if it ends the run.
 */
#ifndef VANON_CUDA_DEVICE_H
#define VANON_CUDA_DEVICE_H

#include <vanon/frame.h>

#include "pixels/letterbox.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vanon_gpu_device vanon_device;
typedef struct vanon_network vanon_network;
typedef struct vanon_context vanon_context;

struct vanon_device_info {
    char name[96];              /* "NVIDIA H200" */
    char libraries[96];         /* "CUDA 13.0, driver 580.65, cuDNN 9.19.0" */
    size_t memory, free_memory; /* bytes; of all programs */
};

/*
 * How many devices there are that can run networks. VANON_ERR_UNSUPPORTED: there is something
 * missing; `why`, of `size` bytes, says what in one line ("no driver of NVIDIA's"). Logs nothing.
 */
int vanon_device_count(int *count, char *why, size_t size);

/* Where device `number` is on the machine's PCI bus ("0000:3B:00.0"), by which the driver's other
 * libraries know it, too: numbers are CUDA's own, and follow its environment. "": nothing says. */
void vanon_device_place(int number, char *place, size_t size);

/* Device `number`, from 0. The log must outlive the device. VANON_ERR_UNSUPPORTED: there is none,
 * or something missing; VANON_ERR_INFERENCE; VANON_ERR_MEMORY. */
int vanon_device_open(vanon_device **out, int number, const vanon_log *log);
void vanon_device_close(vanon_device **device);
int vanon_device_get_info(vanon_device *device, struct vanon_device_info *info);

/* Whether the device can do the plan's model at any size, known before anything is made for it.
 * VANON_ERR_MODEL: an operation that it can't do, or a weight that the precision does not hold. */
int vanon_device_check(const vanon_device *device, const vanon_plan *plan, bool half);

/* Bytes of device memory that so many contexts of a network of this plan take, at least: arenas,
 * inputs, results. Pure. */
size_t vanon_device_need(const vanon_plan *plan, bool half, size_t contexts);

/* A model's weights on the device, in the precision of the networks that share them. */
typedef struct vanon_weights vanon_weights;

/* Of any plan of the model: they are the same for every batch and size. VANON_ERR_MODEL: one that
 * the precision does not hold; VANON_ERR_UNSUPPORTED: a precision that the device can't do;
 * VANON_ERR_MEMORY; VANON_ERR_INFERENCE. */
int vanon_weights_create(vanon_weights **out, vanon_device *device, const vanon_plan *plan,
                         bool half);
void vanon_weights_destroy(vanon_weights **weights);

struct vanon_network_params {
    const vanon_plan *plan;       /* must outlive the network */
    const vanon_weights *weights; /* of a plan of the same model, in `half`; likewise */
    const char *model_sha256; /* names stored engine choices together with device, library versions
                                 and the plan's sizes; "": nothing is stored */
    bool half;                /* float16 with float32 sums; else float32 throughout, no TF32, by
                                 the same order of operations whatever the batch */
    float confidence;         /* candidates of a score at most this are left out */
    float iou_threshold;      /* for a device that does NMS itself */
    size_t max_det;           /* likewise */
    int person;               /* the class whose score counts, below plan->head.classes */
};

/* VANON_ERR_MODEL: an operation that the device can't do; VANON_ERR_ARGUMENT: weights of another
 * model; VANON_ERR_MEMORY; VANON_ERR_INFERENCE. */
int vanon_network_create(vanon_network **out, vanon_device *device,
                         const struct vanon_network_params *params);
void vanon_network_destroy(vanon_network **network);

/* All buffers for a batch of plan->batch, and where it helps a recorded graph. VANON_ERR_MEMORY,
 * VANON_ERR_INFERENCE. `done` as in detect/detector.h: it must only note and wake, and makes no
 * call here. */
int vanon_context_create(vanon_context **out, vanon_network *network, void (*done)(void *opaque),
                         void *opaque);
void vanon_context_destroy(vanon_context **context); /* waits for what is in flight */

/* True where the device makes the network's input of such frames itself, by the definition of
 * pixels/letterbox.h, to the same bytes of RGB; in a GPU's memory, those of this device. Pure. */
bool vanon_device_takes(const vanon_frame *frame);

/* Frame `index` of the batch, after those before it: its samples are copied when the call returns.
 * Only frames that vanon_device_takes, all of a batch of one kind, that the letterbox fits but for
 * their memory, which is one for the plan's size. VANON_ERR_INFERENCE; VANON_ERR_MEMORY. */
int vanon_context_put_frame(vanon_context *context, size_t index, const vanon_frame *frame,
                            vanon_letterbox *letterbox);

/* For all others: where the caller writes frame `index` itself before the run, as
 * vanon_letterbox_run does: height * width * 3 bytes of the plan's size. Host memory that the
 * device reads. */
uint8_t *vanon_context_rgb(vanon_context *context, size_t index);

/* Starts the work on frames 0 to count - 1, count at most plan->batch, each of which was put or
 * written since the last run. After VANON_OK `done` comes once, perhaps before the call returns;
 * after an error never. VANON_ERR_INFERENCE; VANON_ERR_MEMORY. */
int vanon_context_run(vanon_context *context, size_t count);

/* Waits for the run's end, and until `done` has returned. VANON_ERR_INFERENCE: it failed; the
 * context can't be used any more. */
int vanon_context_wait(vanon_context *context);

/* A record, floats: what there is of an anchor, in pixels of the network's input (plan.h, head). */
enum {
    VANON_RECORD_ANCHOR, /* a whole number; float holds it exactly: there are fewer than 2^24 */
    VANON_RECORD_SCORE,
    VANON_RECORD_X, /* centre */
    VANON_RECORD_Y,
    VANON_RECORD_WIDTH,
    VANON_RECORD_HEIGHT,
    VANON_RECORD_JOINTS, /* x, y, visibility of each */
};

static inline size_t vanon_record_floats(const vanon_plan *plan)
{
    return VANON_RECORD_JOINTS + 3 * (size_t)plan->head.joints;
}

/*
 * The candidates of frame `index` after a wait: `*count` records, one after the other, in any
 * order, in host memory until the next run. They are all anchors but those with 0 <= score <=
 * confidence (so a score that is not a number is among them, and the detector sees it), however
 * many that are: none is ever left out for want of room. A device that does NMS itself, by the rule
 * of detect/nms.h over all these, may leave out what that leaves out; the detector does it again,
 * to no effect. VANON_ERR_INFERENCE; VANON_ERR_MEMORY.
 */
int vanon_context_result(vanon_context *context, size_t index, const float **records,
                         size_t *count);

#ifdef __cplusplus
}
#endif

#endif
