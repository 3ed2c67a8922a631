/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What finds people in frames. A detector is a function table behind one small object; the engine
 * knows no more of it.
 *
 * Data flow: a detector has `slots`; each takes one batch of 1..batch frames at a time. The caller
 * picks a free slot, calls submit (which prepares the input in the caller's thread and starts the
 * work), is told by `done` when it is finished, calls collect for that slot, and only then has the
 * slot free again. `done` comes exactly once for every submit that returned VANON_OK, from any
 * thread, perhaps before submit returns; it must only note the slot and wake somebody. Whether the
 * work succeeded is what collect returns: after an error the slot is free all the same.
 *
 * Thread-safety: submit and collect of different slots may run at once; calls on one slot must not
 * overlap.
 */
#ifndef VANON_DETECT_DETECTOR_H
#define VANON_DETECT_DETECTOR_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "pixels/part.h"

struct vanon_detector_params {
    const vanon_options *options; /* must outlive the detector */
    const vanon_log *log;         /* likewise */
    void (*done)(void *opaque, size_t slot);
    void *opaque;
    size_t slots; /* wanted; 0 = as many as the detector finds best */
    size_t batch; /* wanted; 0 = 1 */
    bool elastic; /* `batch` is the most, and what is best is to be found out: a detector to which a
                     request that is not full costs as much as one that is takes 1 instead */
    int threads;  /* for the work itself; 0 = all processors */
    double least_score; /* people below it are left out, 0..1; 0 = options->confidence */
    const vanon_skeleton *skeleton; /* of the people found; vanon_detector_create gives it */
    char *why; /* where the words of what keeps a detector from being made go instead of the log,
                  `why_size` bytes; NULL: to the log. Only a plugin's detector knows it */
    size_t why_size;
};

/* The score above which people are wanted. */
static inline double vanon_detector_least_score(const struct vanon_detector_params *params)
{
    return params->least_score > 0 ? params->least_score : params->options->confidence;
}

/* For the report. */
struct vanon_detector_info {
    char device[32];
    char precision[8];
    char model[256];
    char model_sha256[65];
    int width, height; /* of the network's largest input so far; 0: none */
    uint64_t left_out; /* looks that found more than max_det people */
    double compile_seconds, compile_cpu_seconds; /* spent inside submit on preparing models */
};

typedef struct vanon_detector vanon_detector;

/* What to look at, and how closely. */
struct vanon_view {
    const vanon_frame *frame;
    struct vanon_part_rect part; /* of the frame; zeroed: all of it */
    int imgsz; /* longer side of the network's input for it, a multiple of 32; 0: as the options and
                  the model want it */
    bool square; /* the network's input is imgsz x imgsz, however the part is shaped */
};

struct vanon_detector_ops {
    const char *name;
    /* Fills `detector->slots` and `->batch`, which may be other than wanted: a model of a fixed
     * batch has that one. The words of a failure go to the log. */
    int (*create)(vanon_detector **out, const struct vanon_detector_params *params);
    void (*destroy)(vanon_detector *detector); /* waits for what is in flight */
    /* NULL: it has `look` only, which takes whole frames as well. */
    int (*submit)(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                  size_t count);
    /* As submit, of parts and at other sizes. NULL: it can't. */
    int (*look)(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                size_t count);
    /* See vanon_detector_most, without the frames' memory. NULL: always `batch`. */
    size_t (*most)(const vanon_detector *detector, const struct vanon_view *view);
    /* Replaces the lists' contents: one list for each frame of the batch, objects in display space:
     * people ordered by falling score, then what Haar cascades found. */
    int (*collect)(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                   size_t count);
    void (*get_info)(vanon_detector *detector, struct vanon_detector_info *info);
    /* Whether it can read the frame, which is in a device's memory, there. NULL: no such frame. */
    bool (*takes)(const vanon_detector *detector, const vanon_frame *frame);
};

struct vanon_detector { /* first member of each detector's own struct */
    const struct vanon_detector_ops *ops;
    size_t slots, batch;
    size_t frame_bytes; /* the most that a request's frames take together: vanon_detector_most; set
                           by vanon_detector_create */
    bool views;         /* can look at parts and at any size */
    bool elastic;       /* a request with fewer frames costs less */
};

/* Makes the detector that options->detector names, with Haar cascades added where
 * options->eye_detector asks for them. VANON_ERR_OPTION, VANON_ERR_MODEL,
 * VANON_ERR_INFERENCE, VANON_ERR_IO, VANON_ERR_INPUT (a sidecar), VANON_ERR_MEMORY. */
int vanon_detector_create(vanon_detector **out, const struct vanon_detector_params *params);
void vanon_detector_destroy(vanon_detector **detector);

/* Whether options->device leads to a GPU of NVIDIA's, and to which; else `why`, of `size` bytes,
 * says why not. Logs nothing. */
bool vanon_detector_gpu(const vanon_options *options, int *number, char *why, size_t size);

/* Whether it takes frames from where this one is: the host's memory always, a device's (of
 * VANON_MEMORY_CUDA) if it runs there. */
bool vanon_detector_takes(const vanon_detector *detector, const vanon_frame *frame);

/* For detectors that read no samples. */
bool vanon_detector_takes_all(const vanon_detector *detector, const vanon_frame *frame);

/* What the network's inputs of one request have together at most: 16 of 640x384, 4 of 1280x736, 1
 * of 1920x1088. On a CPU larger batches are no faster, and activations take 60 to 130 bytes a
 * pixel. */
#define VANON_DETECTOR_PIXELS 4000000

/*
 * How many views like this one go into one request: `batch`, or fewer, 1 at least. Their frames
 * take a quarter of max_frame_memory at most, their inputs have VANON_DETECTOR_PIXELS at most, but
 * for a model of a fixed batch. OpenVINO's networks, to which a request that is not full costs as
 * much as one that is, get views of an imgsz of their own one by one: few of them come at a time.
 * Depends on options, model and kind of view alone.
 */
size_t vanon_detector_most(const vanon_detector *detector, const struct vanon_view *view);

/* The frames of a batch are of one kind (vanon_frame_same_kind) and are not needed any more when
 * the call returns. VANON_ERR_UNSUPPORTED: a frame it can't take; VANON_ERR_INPUT: a sidecar
 * without that frame, or of another video; VANON_ERR_ARGUMENT: a slot or count that is not there
 * (vanon_detector_most), frames of two kinds; VANON_ERR_STATE: the slot is not free;
 * VANON_ERR_INFERENCE; VANON_ERR_MODEL: a size that the model can't take; VANON_ERR_MEMORY. Then
 * `done` never comes. */
int vanon_detector_submit(vanon_detector *detector, size_t slot, const vanon_frame *const *frames,
                          size_t count);

/* As above, of views that agree in kind of frame, size of part, imgsz and `square`. Objects are
 * found in the whole frame's display space all the same. Besides, VANON_ERR_UNSUPPORTED: a view
 * other than the whole frame at imgsz 0, of a detector without `views`. */
int vanon_detector_look(vanon_detector *detector, size_t slot, const struct vanon_view *views,
                        size_t count);

/* VANON_ERR_INFERENCE; VANON_ERR_ARGUMENT; VANON_ERR_STATE: nothing was submitted;
 * VANON_ERR_UNSUPPORTED: more than max_det people, and nobody gave that; VANON_ERR_MEMORY. */
int vanon_detector_collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                           size_t count);
void vanon_detector_get_info(vanon_detector *detector, struct vanon_detector_info *info);

extern const struct vanon_detector_ops vanon_detector_openvino;
extern const struct vanon_detector_ops vanon_detector_null;   /* finds nobody */
extern const struct vanon_detector_ops vanon_detector_replay; /* reads a sidecar */

#endif
