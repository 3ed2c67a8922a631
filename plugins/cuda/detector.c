/* SPDX-License-Identifier: Apache-2.0 */
#include "detector.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "detect/left_out.h"
#include "detect/model_kind.h"
#include "device.h"
#include "onnx.h"

#define AUTO_SLOTS 3 /* one is filled, one computed, one read */
#define AUTO_BATCH 4 /* a GPU is not busy with fewer */

/* The network for one size of input and one number of frames; lives while a slot or the detector
 * holds it. */
struct network {
    vanon_ref ref;
    vanon_plan *plan;
    vanon_network *network;
};

/* Candidates of a frame that was done in an earlier piece of its batch. */
struct kept {
    float *record;
    size_t count, capacity; /* records; floats */
};

struct slot {
    struct cuda_detector *detector;
    size_t index;
    bool in_flight; /* submitted, not collected */
    struct network *network;
    vanon_context *context;   /* of it */
    atomic_size_t pieces_due; /* of the batch, whose end is not yet told */
    size_t first;             /* frame of the batch that is frame 0 of the last piece */

    vanon_letterbox *letterbox;
    struct kept *kept; /* for each frame of a batch */
    const float **order;
    float *tensor;
    size_t order_capacity, tensor_capacity;
    struct vanon_yolo_scratch scratch;
};

struct cuda_detector {
    vanon_detector base;
    const vanon_log *log;
    void (*done)(void *opaque, size_t slot);
    void *opaque;
    struct vanon_yolo_params yolo; /* of one class */
    struct vanon_left_out left_out;
    struct vanon_model_file file;
    struct vanon_model_kind kind;
    vanon_onnx *onnx;
    vanon_device *device;
    int number;
    char device_name[96];
    bool half;
    int imgsz;
    struct slot *slot;

    /* Guards all below, and what it takes to make a network. */
    pthread_mutex_t lock;
    bool has_lock;
    struct network *network; /* for the last size */
    size_t piece;            /* frames that are done at once: the batch, or less of it */
    int width, height;
};

/* Networks */

static void free_network(vanon_ref *ref)
{
    struct network *network = (struct network *)ref;

    vanon_network_destroy(&network->network);
    vanon_plan_destroy(&network->plan);
    free(network);
}

static void put_network(struct network **network)
{
    vanon_ref_put((vanon_ref **)network);
}

static int make_network(struct cuda_detector *detector, int width, int height, struct network **out)
{
    struct network *network = calloc(1, sizeof *network);
    struct vanon_network_params params = {.model_sha256 = detector->file.sha256,
                                          .half = detector->half,
                                          .confidence = detector->yolo.confidence,
                                          .iou_threshold = detector->yolo.iou_threshold,
                                          .max_det = detector->yolo.max_det,
                                          .person = (int)detector->kind.layout.person};
    int status;

    if (!network)
        return VANON_ERR_MEMORY;
    vanon_ref_init(&network->ref, free_network);
    status = vanon_plan_create(&network->plan, detector->onnx, (int)detector->piece, height, width,
                               detector->log);
    params.plan = network->plan;
    if (!status)
        status = vanon_network_create(&network->network, detector->device, &params);
    if (status)
        put_network(&network);
    *out = network;
    return status;
}

static bool is_for(const struct cuda_detector *detector, const struct network *network, int width,
                   int height)
{
    return network && network->plan->width == width && network->plan->height == height &&
           network->plan->batch == (int)detector->piece;
}

static void unbind(struct slot *slot)
{
    vanon_context_destroy(&slot->context);
    put_network(&slot->network);
}

/* Called by the device when a piece is done. The caller hears of the last one. */
static void piece_done(void *opaque)
{
    struct slot *slot = opaque;

    if (atomic_fetch_sub(&slot->pieces_due, 1) == 1)
        slot->detector->done(slot->detector->opaque, slot->index);
}

/* Gives the slot a context for this size, of the network that all slots share. Needs the lock. */
static int bind(struct cuda_detector *detector, struct slot *slot, int width, int height)
{
    int status = VANON_OK;

    if (!is_for(detector, detector->network, width, height)) {
        put_network(&detector->network);
        status = make_network(detector, width, height, &detector->network);
    }
    if (status || slot->network == detector->network)
        return status;
    unbind(slot);
    status = vanon_context_create(&slot->context, detector->network->network, piece_done, slot);
    if (!status)
        slot->network = (struct network *)vanon_ref_get(&detector->network->ref);
    return status;
}

/* As `bind`, with smaller pieces until they fit. */
static int acquire(struct cuda_detector *detector, struct slot *slot, int width, int height)
{
    int status;

    pthread_mutex_lock(&detector->lock);
    detector->width = width;
    detector->height = height;
    while ((status = bind(detector, slot, width, height)) == VANON_ERR_MEMORY &&
           detector->piece > 1) {
        unbind(slot);
        put_network(&detector->network);
        detector->piece /= 2;
        vanon_warn(detector->log,
                   "device cuda:%d: not enough memory; batches are done %zu at a time",
                   detector->number, detector->piece);
    }
    if (status == VANON_ERR_MEMORY)
        vanon_fail(detector->log, status,
                   "device cuda:%d: not enough memory for one frame of %dx%d", detector->number,
                   width, height);
    pthread_mutex_unlock(&detector->lock);
    return status;
}

/* Frames in */

static int fit_letterbox(struct cuda_detector *detector, struct slot *slot,
                         const vanon_frame *frame)
{
    int width = slot->network->plan->width, height = slot->network->plan->height, status;

    if (slot->letterbox && vanon_letterbox_fits(slot->letterbox, frame, width, height))
        return VANON_OK;
    vanon_letterbox_destroy(&slot->letterbox);
    status = vanon_letterbox_create(&slot->letterbox, frame, width, height);
    if (status && status != VANON_ERR_MEMORY)
        vanon_fail(detector->log, status,
                   "frame %llu: its format or memory can't be given to the network: %s",
                   (unsigned long long)frame->number, vanon_status_text(status));
    return status;
}

/* Gives the context a piece of the batch and starts it. */
static int start_piece(struct slot *slot, const vanon_frame *const *frames, size_t count)
{
    const vanon_plan *plan = slot->network->plan;
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++) {
        if (!vanon_letterbox_fits(slot->letterbox, frames[i], plan->width, plan->height))
            return VANON_ERR_ARGUMENT;
        if (vanon_device_takes(frames[i]))
            status = vanon_context_put_frame(slot->context, i, frames[i]);
        else
            vanon_letterbox_run(slot->letterbox, frames[i], vanon_context_rgb(slot->context, i));
    }
    return status ? status : vanon_context_run(slot->context, count);
}

/* Takes the candidates of a piece out of the context, which goes on to the next one. */
static int keep_piece(struct slot *slot, size_t count)
{
    size_t floats = vanon_record_floats(slot->network->plan);
    int status = vanon_context_wait(slot->context);

    for (size_t i = 0; i < count && !status; i++) {
        struct kept *kept = &slot->kept[slot->first + i];
        const float *records;

        status = vanon_context_result(slot->context, i, &records, &kept->count);
        if (!status &&
            vanon_grow(&kept->record, &kept->capacity, kept->count * floats, sizeof *kept->record))
            status = VANON_ERR_MEMORY;
        if (!status && kept->count)
            memcpy(kept->record, records, kept->count * floats * sizeof *records);
    }
    return status;
}

/* All pieces but the last one are done when this returns. */
static int start(struct slot *slot, const vanon_frame *const *frames, size_t count)
{
    size_t piece = (size_t)slot->network->plan->batch;
    int status = VANON_OK;

    atomic_store(&slot->pieces_due, (count + piece - 1) / piece);
    for (slot->first = 0; !status; slot->first += piece) {
        size_t left = count - slot->first;

        status = start_piece(slot, frames + slot->first, left < piece ? left : piece);
        if (status || left <= piece)
            break;
        status = keep_piece(slot, piece);
    }
    return status;
}

static int submit(vanon_detector *base, size_t index, const vanon_frame *const *frames,
                  size_t count)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;
    struct slot *slot = &detector->slot[index];
    int width, height, status;

    if (slot->in_flight)
        return VANON_ERR_STATE;
    vanon_model_input_size(&detector->kind, detector->imgsz, frames[0], &width, &height);
    status = acquire(detector, slot, width, height);
    if (!status)
        status = fit_letterbox(detector, slot, frames[0]);
    if (status)
        return status;
    /* From a successful start on the slot may be collected at any moment. */
    slot->in_flight = true;
    status = start(slot, frames, count);
    if (status)
        slot->in_flight = false;
    return status;
}

/* Objects out */

static int compare(const void *a, const void *b)
{
    float left = (*(const float *const *)a)[VANON_RECORD_ANCHOR];
    float right = (*(const float *const *)b)[VANON_RECORD_ANCHOR];

    return left < right ? -1 : left > right;
}

/* What a record's number `row` of [rows][anchors] is, with one class. */
static float number(const float *record, size_t row)
{
    static const unsigned char first[] = {VANON_RECORD_X, VANON_RECORD_Y, VANON_RECORD_WIDTH,
                                          VANON_RECORD_HEIGHT, VANON_RECORD_SCORE};

    return record[row < sizeof first ? first[row] : VANON_RECORD_JOINTS + row - sizeof first];
}

/* The records in the order of their anchors are a tensor of fewer anchors: what decodes the CPU's
 * output decodes them, with the same checks, and ties are broken alike. */
static int decode(struct cuda_detector *detector, struct slot *slot, const float *records,
                  size_t count, vanon_object_list *objects)
{
    size_t floats = vanon_record_floats(slot->network->plan), rows = floats - 1;

    vanon_object_list_clear(objects);
    if (vanon_grow(&slot->order, &slot->order_capacity, count, sizeof *slot->order) ||
        vanon_grow(&slot->tensor, &slot->tensor_capacity, rows * count, sizeof *slot->tensor))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        slot->order[i] = records + i * floats;
    if (count)
        qsort(slot->order, count, sizeof *slot->order, compare);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < count; i++)
            slot->tensor[row * count + i] = number(slot->order[i], row);
    return vanon_yolo_decode(&detector->yolo, slot->tensor, rows, count, slot->letterbox,
                             &slot->scratch, objects);
}

static int collect_frame(struct cuda_detector *detector, struct slot *slot, size_t frame,
                         vanon_object_list *objects)
{
    const float *records = slot->kept[frame].record;
    size_t count = slot->kept[frame].count;
    int status = VANON_OK;

    if (frame >= slot->first)
        status = vanon_context_result(slot->context, frame - slot->first, &records, &count);
    if (!status)
        status = decode(detector, slot, records, count, objects);
    if (status == VANON_ERR_INFERENCE)
        vanon_fail(detector->log, status,
                   "model %s: its output on %s has numbers that are not finite, or are no scores",
                   detector->file.path, detector->device_name);
    return status ? status : vanon_left_out_note(&detector->left_out, &slot->scratch.left_out);
}

static int collect(vanon_detector *base, size_t index, vanon_object_list *const *objects,
                   size_t count)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;
    struct slot *slot = &detector->slot[index];
    int status;

    if (!slot->in_flight)
        return VANON_ERR_STATE;
    status = vanon_context_wait(slot->context);
    for (size_t i = 0; i < count && !status; i++)
        status = collect_frame(detector, slot, i, objects[i]);
    slot->in_flight = false;
    return status;
}

static void get_info(vanon_detector *base, struct vanon_detector_info *info)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;

    char pieces[48] = "";

    info->left_out = atomic_load(&detector->left_out.looks);
    pthread_mutex_lock(&detector->lock);
    if (detector->piece < base->batch)
        snprintf(pieces, sizeof pieces, ", %zu at a time", detector->piece);
    snprintf(info->device, sizeof info->device, "cuda:%d%.20s", detector->number, pieces);
    info->width = detector->width;
    info->height = detector->height;
    pthread_mutex_unlock(&detector->lock);
    snprintf(info->precision, sizeof info->precision, "%s", detector->half ? "f16" : "f32");
    snprintf(info->model, sizeof info->model, "%s", detector->file.path);
    snprintf(info->model_sha256, sizeof info->model_sha256, "%s", detector->file.sha256);
}

/* The object */

static void free_slot(struct slot *slot, size_t batch)
{
    unbind(slot);
    vanon_letterbox_destroy(&slot->letterbox);
    for (size_t i = 0; slot->kept && i < batch; i++)
        free(slot->kept[i].record);
    free(slot->kept);
    free(slot->order);
    free(slot->tensor);
    vanon_yolo_scratch_free(&slot->scratch);
}

static void destroy(vanon_detector *base)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;

    for (size_t i = 0; detector->slot && i < base->slots; i++)
        free_slot(&detector->slot[i], base->batch);
    free(detector->slot);
    put_network(&detector->network);
    vanon_device_close(&detector->device);
    vanon_onnx_destroy(&detector->onnx);
    vanon_model_file_free(&detector->file);
    if (detector->has_lock)
        pthread_mutex_destroy(&detector->lock);
    free(detector);
}

static int choose_precision(struct cuda_detector *detector, const vanon_options *options)
{
    enum vanon_precision precision = options->precision;

    if (precision == VANON_PRECISION_AUTO)
        precision =
            options->half_precision == VANON_HALF_OFF ? VANON_PRECISION_F32 : VANON_PRECISION_F16;
    detector->half = precision == VANON_PRECISION_F16;
    if (detector->half || (precision == VANON_PRECISION_F32 && vanon_device_has_f32()))
        return VANON_OK;
    return vanon_fail(detector->log, VANON_ERR_UNSUPPORTED,
                      "precision %s: the GPU plugin computes in f16%s",
                      vanon_precision_name(precision), vanon_device_has_f32() ? " or f32" : "");
}

static int open_device(struct cuda_detector *detector, const vanon_options *options)
{
    const struct vanon_device *device = &options->device;
    bool numbered = device->kind == VANON_DEVICE_NUMBER || device->kind == VANON_DEVICE_CUDA;
    struct vanon_device_info info;
    int status;

    detector->number = numbered ? device->number : 0;
    status = vanon_device_open(&detector->device, detector->number, detector->log);
    if (!status)
        status = vanon_device_get_info(detector->device, &info);
    if (!status)
        snprintf(detector->device_name, sizeof detector->device_name, "%s", info.name);
    return status;
}

/* A plan for inputs as large as they can become: of the fixed size, or imgsz on both sides. */
static int plan_largest(const struct cuda_detector *detector, vanon_plan **plan)
{
    const int64_t *side = detector->onnx->side;

    return vanon_plan_create(plan, detector->onnx, (int)detector->piece,
                             (int)(side[2] ? side[2] : detector->imgsz),
                             (int)(side[3] ? side[3] : detector->imgsz), detector->log);
}

static int recognise(struct cuda_detector *detector, const vanon_plan *plan)
{
    const int64_t *side = detector->onnx->side;
    struct vanon_model_ends ends = {.inputs = 1, .outputs = 1, .input = {.sides = 4}};

    memcpy(ends.input.side, side, 4 * sizeof *side);
    ends.input.side[1] = 3;
    ends.output[0] = (struct vanon_model_shape){
        .sides = 3, .side = {side[0], plan->head.rows, side[2] ? plan->head.anchors : 0}};
    return vanon_model_recognise(&detector->kind, &ends, &detector->file, detector->log);
}

/* Lowers what is done at once until it fits into the memory that is free now; what really fits
 * shows later. */
static int fit_memory(struct cuda_detector *detector, vanon_plan **plan)
{
    struct vanon_device_info info;
    int status = vanon_device_get_info(detector->device, &info);

    while (!status && vanon_device_need(*plan, detector->base.slots) > info.free_memory) {
        if (detector->piece == 1)
            return vanon_fail(detector->log, VANON_ERR_MEMORY,
                              "device cuda:%d: %zu MB of its memory are free, and one frame at a "
                              "time needs %zu",
                              detector->number, info.free_memory >> 20,
                              vanon_device_need(*plan, detector->base.slots) >> 20);
        detector->piece /= 2;
        vanon_plan_destroy(plan);
        status = plan_largest(detector, plan);
    }
    return status;
}

static int open_model(struct cuda_detector *detector, const vanon_options *options)
{
    vanon_plan *plan = NULL;
    int status = vanon_model_file_find(&detector->file, options->pose_model, detector->log);

    if (!status && detector->file.weights)
        return vanon_fail(detector->log, VANON_ERR_MODEL,
                          "model %s: the GPU plugin reads ONNX files only", detector->file.path);
    if (!status)
        status = vanon_onnx_load(&detector->onnx, detector->file.path, detector->log);
    if (status)
        return status;
    detector->kind.width = (int)detector->onnx->side[3];
    detector->kind.height = (int)detector->onnx->side[2];
    status = vanon_model_choose_imgsz(&detector->imgsz, &detector->kind, &detector->file, options,
                                      detector->log);
    if (!status)
        status = plan_largest(detector, &plan);
    if (!status)
        status = recognise(detector, plan);
    if (!status)
        status = fit_memory(detector, &plan);
    vanon_plan_destroy(&plan);
    return status;
}

static int make_slots(struct cuda_detector *detector)
{
    detector->slot = calloc(detector->base.slots, sizeof *detector->slot);
    if (!detector->slot)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < detector->base.slots; i++) {
        struct slot *slot = &detector->slot[i];

        slot->detector = detector;
        slot->index = i;
        slot->kept = calloc(detector->base.batch, sizeof *slot->kept);
        if (!slot->kept)
            return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}

static size_t choose_batch(const struct vanon_detector_params *params)
{
    size_t least = params->options->batch_size == VANON_AUTO ? AUTO_BATCH : 1;
    size_t batch = params->batch > least ? params->batch : least;

    return batch < VANON_PLAN_MOST_BATCH ? batch : VANON_PLAN_MOST_BATCH;
}

static int create(vanon_detector **out, const struct vanon_detector_params *params)
{
    const vanon_options *options = params->options;
    struct cuda_detector *detector = calloc(1, sizeof *detector);
    int status;

    if (!detector)
        return VANON_ERR_MEMORY;
    detector->base = (vanon_detector){.ops = &vanon_detector_cuda,
                                      .slots = params->slots ? params->slots : AUTO_SLOTS,
                                      .batch = choose_batch(params)};
    detector->log = params->log;
    detector->done = params->done;
    detector->opaque = params->opaque;
    detector->piece = detector->base.batch;
    vanon_left_out_init(&detector->left_out, options, params->log);
    detector->yolo =
        (struct vanon_yolo_params){.confidence = (float)vanon_detector_least_score(params),
                                   .iou_threshold = (float)options->iou_threshold,
                                   .max_det = (size_t)options->max_det,
                                   .skeleton = params->skeleton,
                                   .layout = {.classes = 1}};
    status = choose_precision(detector, options);
    if (!status)
        status = open_device(detector, options);
    if (!status)
        status = open_model(detector, options);
    if (!status)
        status = make_slots(detector);
    if (!status && pthread_mutex_init(&detector->lock, NULL))
        status = VANON_ERR_MEMORY;
    detector->has_lock = !status;
    if (status)
        destroy(&detector->base);
    else
        *out = &detector->base;
    return status;
}

const struct vanon_detector_ops vanon_detector_cuda = {
    .name = "cuda",
    .create = create,
    .destroy = destroy,
    .submit = submit,
    .collect = collect,
    .get_info = get_info,
};
