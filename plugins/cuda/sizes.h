/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The networks of the detector, each for one size of input, and what each of its slots needs to
 * work with one.
 *
 * At most VANON_LIVE_SIZES networks live, but for those at work; the one that was idle longest
 * goes first. Weights are on the device once.
 *
 * A network is for `piece` frames: the batch, or less of it. Where the device's memory is short, or
 * more than the budget would be taken, networks that are idle go and further ones are for half as
 * many frames; at one frame contexts of idle slots go, too; only where all that is not enough it is
 * an error. The budget is a rule for the first of these steps, and never an error by itself.
 *
 * Thread-safety: safe, for different slots. Networks are made without keeping others waiting that
 * need none made.
 */
#ifndef VANON_CUDA_SIZES_H
#define VANON_CUDA_SIZES_H

#include "device.h"
#include "onnx.h"
#include "pixels/letterbox.h"

#define VANON_LIVE_SIZES 4

typedef struct vanon_sizes vanon_sizes;

struct vanon_sizes_params {
    vanon_device *device; /* must outlive it, as do all below */
    const vanon_onnx *onnx;
    const vanon_log *log;
    int number;                          /* of the device, for messages */
    struct vanon_network_params network; /* but for plan and weights */
    size_t slots, batch;
    size_t budget;              /* bytes of the device's memory for all networks and contexts */
    void (*done)(void *opaque); /* of every context, with the slot's own `opaque` */
};

/* What a slot works with; the pointers are its own while it does. */
struct vanon_seat {
    const vanon_plan *plan; /* for `batch` frames at most */
    vanon_context *context;
    vanon_letterbox *letterbox; /* of the last frames; whoever has the seat may make another */
};

/* VANON_ERR_MEMORY. */
int vanon_sizes_create(vanon_sizes **out, const struct vanon_sizes_params *params);

/* No slot is at work. */
void vanon_sizes_destroy(vanon_sizes **sizes);

/* Gives slot `slot`, which has none, the seat for inputs of this size. VANON_ERR_MEMORY, logged;
 * VANON_ERR_MODEL, VANON_ERR_ARGUMENT: a size that the model can't take; VANON_ERR_INFERENCE. */
int vanon_sizes_acquire(vanon_sizes *sizes, size_t slot, void *opaque, int width, int height,
                        struct vanon_seat **out);

/* What was given to the slot is not needed any more; nothing of it is in flight. */
void vanon_sizes_release(vanon_sizes *sizes, size_t slot);

/* As release, where memory was too short to run what the slot has: that goes, and room is made as
 * above for another try. False: there is none to make, which is logged. */
bool vanon_sizes_give_up(vanon_sizes *sizes, size_t slot);

struct vanon_sizes_use {
    size_t piece;                                /* frames that are done at once */
    int width, height;                           /* of the largest input so far; 0: none */
    double compile_seconds, compile_cpu_seconds; /* spent on making networks and contexts */
};

void vanon_sizes_get_use(vanon_sizes *sizes, struct vanon_sizes_use *use);

#endif
