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
#include "detect/merge.h"
#include "detect/model_kind.h"
#include "onnx.h"
#include "sizes.h"

#define AUTO_SLOTS 3 /* one is filled, one computed, one read */
#define AUTO_BATCH 4 /* a GPU is not busy with fewer */

/* The networks' share of the memory that is free at the start: a half. */
#define BUDGET_SHARE 2

/* Candidates of a view that was done in an earlier piece of its batch. */
struct kept {
    float *record;
    size_t count, capacity; /* records; floats */
};

struct slot {
    struct cuda_detector *detector;
    size_t index;
    bool in_flight;           /* submitted, not collected */
    struct vanon_seat *seat;  /* what it works with while it is in flight */
    atomic_size_t pieces_due; /* of the batch, whose end is not yet told */
    size_t first;             /* view of the batch that is frame 0 of the last piece */

    vanon_box *part;   /* of each view of a batch, in display space */
    struct kept *kept; /* likewise */
    const float **order;
    float *tensor;
    size_t order_capacity, tensor_capacity;
    struct vanon_yolo_scratch scratch;
};

struct cuda_detector {
    vanon_detector base;
    const vanon_log *caller_log;
    vanon_log log; /* hands on to it */
    char *why;     /* while the detector is made: where errors go instead; else NULL */
    size_t why_size;
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
    size_t piece; /* frames that are done at once at the start */
    vanon_sizes *sizes;
    struct slot *slot;
};

static void listen(void *opaque, enum vanon_log_level level, const char *message)
{
    struct cuda_detector *detector = opaque;
    const vanon_log *log = detector->caller_log;

    if (level == VANON_LOG_ERROR && detector->why)
        snprintf(detector->why, detector->why_size, "%s", message);
    else if (log && log->write && level <= log->level)
        log->write(log->opaque, level, message);
}

/* Called by the device when a piece is done. The caller hears of the last one. */
static void piece_done(void *opaque)
{
    struct slot *slot = opaque;

    if (atomic_fetch_sub(&slot->pieces_due, 1) == 1)
        slot->detector->done(slot->detector->opaque, slot->index);
}

/* Frames in */

/* What a view shows, as a frame of its own, with `planes` where it is in the GPU's memory. */
static vanon_frame picture_of(const struct vanon_view *view, vanon_cuda_planes *planes)
{
    return view->frame->memory == VANON_MEMORY_CUDA
               ? vanon_part_of_cuda(view->frame, &view->part, planes)
               : vanon_part_frame(view->frame, &view->part);
}

/* The same in the host's memory, for which letterboxes are planned; it has no samples. */
static vanon_frame like_of(const vanon_frame *picture)
{
    vanon_frame like = *picture;

    if (like.memory == VANON_MEMORY_CUDA)
        like.memory = VANON_MEMORY_HOST;
    return like;
}

static int fit_letterbox(struct cuda_detector *detector, struct vanon_seat *seat,
                         const vanon_frame *picture)
{
    int width = seat->plan->width, height = seat->plan->height, status;
    vanon_frame like = like_of(picture);

    if (seat->letterbox && vanon_letterbox_fits(seat->letterbox, &like, width, height))
        return VANON_OK;
    vanon_letterbox_destroy(&seat->letterbox);
    status = vanon_letterbox_create(&seat->letterbox, &like, width, height);
    if (status && status != VANON_ERR_MEMORY)
        vanon_fail(&detector->log, status,
                   "frame %llu: its format or memory can't be given to the network: %s",
                   (unsigned long long)picture->number, vanon_status_text(status));
    return status;
}

static int put_view(struct slot *slot, size_t index, const struct vanon_view *view)
{
    const struct vanon_seat *seat = slot->seat;
    vanon_cuda_planes planes;
    vanon_frame picture = picture_of(view, &planes), like = like_of(&picture);

    if (!vanon_letterbox_fits(seat->letterbox, &like, seat->plan->width, seat->plan->height))
        return VANON_ERR_ARGUMENT;
    slot->part[slot->first + index] = vanon_part_display(view->frame, &view->part);
    if (vanon_device_takes(&picture))
        return vanon_context_put_frame(seat->context, index, &picture, seat->letterbox);
    vanon_letterbox_run(seat->letterbox, &picture, vanon_context_rgb(seat->context, index));
    return VANON_OK;
}

/* Gives the context a piece of the batch and starts it. */
static int start_piece(struct slot *slot, const struct vanon_view *views, size_t count)
{
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++)
        status = put_view(slot, i, &views[i]);
    return status ? status : vanon_context_run(slot->seat->context, count);
}

/* Takes the candidates of a piece out of the context, which goes on to the next one. */
static int keep_piece(struct slot *slot, size_t count)
{
    size_t floats = vanon_record_floats(slot->seat->plan);
    int status = vanon_context_wait(slot->seat->context);

    for (size_t i = 0; i < count && !status; i++) {
        struct kept *kept = &slot->kept[slot->first + i];
        const float *records;

        status = vanon_context_result(slot->seat->context, i, &records, &kept->count);
        if (!status &&
            vanon_grow(&kept->record, &kept->capacity, kept->count * floats, sizeof *kept->record))
            status = VANON_ERR_MEMORY;
        if (!status && kept->count)
            memcpy(kept->record, records, kept->count * floats * sizeof *records);
    }
    return status;
}

/* All pieces but the last one are done when this returns. */
static int start(struct slot *slot, const struct vanon_view *views, size_t count)
{
    size_t piece = (size_t)slot->seat->plan->batch;
    int status = VANON_OK;

    atomic_store(&slot->pieces_due, (count + piece - 1) / piece);
    for (slot->first = 0; !status; slot->first += piece) {
        size_t left = count - slot->first;

        status = start_piece(slot, views + slot->first, left < piece ? left : piece);
        if (status || left <= piece)
            break;
        status = keep_piece(slot, piece);
    }
    return status;
}

/* Gives what the slot has the views. */
static int begin(struct cuda_detector *detector, struct slot *slot, const struct vanon_view *views,
                 size_t count)
{
    vanon_cuda_planes planes;
    vanon_frame picture = picture_of(&views[0], &planes);
    int status = fit_letterbox(detector, slot->seat, &picture);

    if (status)
        return status;
    /* From a successful start on the slot may be collected at any moment. */
    slot->in_flight = true;
    status = start(slot, views, count);
    if (status)
        slot->in_flight = false;
    return status;
}

static int look(vanon_detector *base, size_t index, const struct vanon_view *views, size_t count)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;
    struct slot *slot = &detector->slot[index];
    int width, height, status;

    if (slot->in_flight)
        return VANON_ERR_STATE;
    vanon_model_view_size(&detector->kind, detector->imgsz, &views[0], &width, &height);
    do {
        status = vanon_sizes_acquire(detector->sizes, index, slot, width, height, &slot->seat);
        if (status)
            return status;
        status = begin(detector, slot, views, count);
        if (!status)
            return VANON_OK;
    } while (status == VANON_ERR_MEMORY && vanon_sizes_give_up(detector->sizes, index));
    if (status != VANON_ERR_MEMORY)
        vanon_sizes_release(detector->sizes, index);
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
    size_t floats = vanon_record_floats(slot->seat->plan), rows = floats - 1;

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
    return vanon_yolo_decode(&detector->yolo, slot->tensor, rows, count, slot->seat->letterbox,
                             &slot->scratch, objects);
}

static int collect_view(struct cuda_detector *detector, struct slot *slot, size_t view,
                        vanon_object_list *objects)
{
    const float *records = slot->kept[view].record;
    size_t count = slot->kept[view].count;
    int status = VANON_OK;

    if (view >= slot->first)
        status = vanon_context_result(slot->seat->context, view - slot->first, &records, &count);
    if (status)
        return status;
    status = decode(detector, slot, records, count, objects);
    vanon_detect_shift(objects, &slot->part[view]);
    if (status == VANON_ERR_INFERENCE)
        vanon_fail(&detector->log, status,
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
    status = vanon_context_wait(slot->seat->context);
    for (size_t i = 0; i < count && !status; i++)
        status = collect_view(detector, slot, i, objects[i]);
    slot->in_flight = false;
    vanon_sizes_release(detector->sizes, index);
    return status;
}

/* Frames of its own GPU, which are read there. */
static bool takes(const vanon_detector *base, const vanon_frame *frame)
{
    const struct cuda_detector *detector = (const struct cuda_detector *)base;
    const vanon_cuda_planes *planes = frame->handle;

    return frame->memory == VANON_MEMORY_CUDA && planes->device == detector->number &&
           vanon_device_takes(frame);
}

static void get_info(vanon_detector *base, struct vanon_detector_info *info)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;
    struct vanon_sizes_use use;
    char pieces[48] = "";

    info->left_out = atomic_load(&detector->left_out.looks);
    vanon_sizes_get_use(detector->sizes, &use);
    if (use.piece < base->batch)
        snprintf(pieces, sizeof pieces, ", %zu at a time", use.piece);
    snprintf(info->device, sizeof info->device, "cuda:%d%.20s", detector->number, pieces);
    info->width = use.width;
    info->height = use.height;
    info->compile_seconds = use.compile_seconds;
    info->compile_cpu_seconds = use.compile_cpu_seconds;
    snprintf(info->precision, sizeof info->precision, "%s", detector->half ? "f16" : "f32");
    snprintf(info->model, sizeof info->model, "%s", detector->file.path);
    snprintf(info->model_sha256, sizeof info->model_sha256, "%s", detector->file.sha256);
}

/* The object */

static void free_slot(struct slot *slot, size_t batch)
{
    for (size_t i = 0; slot->kept && i < batch; i++)
        free(slot->kept[i].record);
    free(slot->kept);
    free(slot->part);
    free(slot->order);
    free(slot->tensor);
    vanon_yolo_scratch_free(&slot->scratch);
}

static void destroy(vanon_detector *base)
{
    struct cuda_detector *detector = (struct cuda_detector *)base;

    for (size_t i = 0; detector->slot && i < base->slots; i++) {
        struct slot *slot = &detector->slot[i];

        if (slot->in_flight)
            vanon_context_wait(slot->seat->context);
        free_slot(slot, base->batch);
    }
    free(detector->slot);
    vanon_sizes_destroy(&detector->sizes);
    vanon_device_close(&detector->device);
    vanon_onnx_destroy(&detector->onnx);
    vanon_model_file_free(&detector->file);
    free(detector);
}

static int choose_precision(struct cuda_detector *detector, const vanon_options *options)
{
    enum vanon_precision precision = options->precision;

    if (precision == VANON_PRECISION_AUTO)
        precision =
            options->half_precision == VANON_HALF_OFF ? VANON_PRECISION_F32 : VANON_PRECISION_F16;
    detector->half = precision == VANON_PRECISION_F16;
    if (detector->half || precision == VANON_PRECISION_F32)
        return VANON_OK;
    return vanon_fail(&detector->log, VANON_ERR_UNSUPPORTED,
                      "precision %s: the GPU plugin computes in f16 or f32",
                      vanon_precision_name(precision));
}

static int open_device(struct cuda_detector *detector, const vanon_options *options)
{
    const struct vanon_device *device = &options->device;
    bool numbered = device->kind == VANON_DEVICE_NUMBER || device->kind == VANON_DEVICE_CUDA;
    struct vanon_device_info info;
    int status;

    detector->number = numbered ? device->number : 0;
    status = vanon_device_open(&detector->device, detector->number, &detector->log);
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
                             (int)(side[3] ? side[3] : detector->imgsz), &detector->log);
}

static int recognise(struct cuda_detector *detector, const vanon_plan *plan)
{
    const int64_t *side = detector->onnx->side;
    struct vanon_model_ends ends = {.inputs = 1, .outputs = 1, .input = {.sides = 4}};

    memcpy(ends.input.side, side, 4 * sizeof *side);
    ends.input.side[1] = 3;
    ends.output[0] = (struct vanon_model_shape){
        .sides = 3, .side = {side[0], plan->head.rows, side[2] ? plan->head.anchors : 0}};
    return vanon_model_recognise(&detector->kind, &ends, &detector->file, &detector->log);
}

/* What a network and a context for each slot take. */
static size_t bytes_of(const struct cuda_detector *detector, const vanon_plan *plan)
{
    return vanon_device_need(plan, detector->half, detector->base.slots);
}

/* Lowers what is done at once until it fits into the budget, a share of the memory that is free
 * now. One frame may take more than that; what really fits shows later. */
static int fit_memory(struct cuda_detector *detector, vanon_plan **plan, size_t *budget)
{
    struct vanon_device_info info;
    int status = vanon_device_get_info(detector->device, &info);

    *budget = info.free_memory / BUDGET_SHARE;
    while (!status && detector->piece > 1 && bytes_of(detector, *plan) > *budget) {
        detector->piece /= 2;
        vanon_plan_destroy(plan);
        status = plan_largest(detector, plan);
    }
    if (!status && bytes_of(detector, *plan) > info.free_memory)
        return vanon_fail(&detector->log, VANON_ERR_MEMORY,
                          "device cuda:%d: %zu MB of its memory are free, and one frame at a "
                          "time needs %zu",
                          detector->number, info.free_memory >> 20,
                          bytes_of(detector, *plan) >> 20);
    return status;
}

static int make_sizes(struct cuda_detector *detector, size_t budget)
{
    struct vanon_network_params network = {.model_sha256 = detector->file.sha256,
                                           .half = detector->half,
                                           .confidence = detector->yolo.confidence,
                                           .iou_threshold = detector->yolo.iou_threshold,
                                           .max_det = detector->yolo.max_det,
                                           .person = (int)detector->kind.layout.person};

    return vanon_sizes_create(&detector->sizes,
                              &(struct vanon_sizes_params){.device = detector->device,
                                                           .onnx = detector->onnx,
                                                           .log = &detector->log,
                                                           .number = detector->number,
                                                           .network = network,
                                                           .slots = detector->base.slots,
                                                           .batch = detector->piece,
                                                           .budget = budget,
                                                           .done = piece_done});
}

static int open_model(struct cuda_detector *detector, const vanon_options *options)
{
    vanon_plan *plan = NULL;
    size_t budget;
    int status = vanon_model_file_find(&detector->file, options->pose_model, &detector->log);

    if (!status && detector->file.weights)
        return vanon_fail(&detector->log, VANON_ERR_MODEL,
                          "model %s: the GPU plugin reads ONNX files only", detector->file.path);
    if (!status)
        status = vanon_onnx_load(&detector->onnx, detector->file.path, &detector->log);
    if (status)
        return status;
    detector->kind.width = (int)detector->onnx->side[3];
    detector->kind.height = (int)detector->onnx->side[2];
    status = vanon_model_choose_imgsz(&detector->imgsz, &detector->kind, &detector->file, options,
                                      &detector->log);
    if (!status)
        status = plan_largest(detector, &plan);
    if (!status)
        status = recognise(detector, plan);
    if (!status)
        status = vanon_device_check(detector->device, plan, detector->half);
    /* A file's own NMS goes by the file's overlap, as on the CPU. */
    if (!status && plan->head.iou > 0)
        detector->yolo.iou_threshold = plan->head.iou;
    if (!status)
        status = fit_memory(detector, &plan, &budget);
    vanon_plan_destroy(&plan);
    return status ? status : make_sizes(detector, budget);
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
        slot->part = calloc(detector->base.batch, sizeof *slot->part);
        if (!slot->kept || !slot->part)
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
    detector->caller_log = params->log;
    detector->log =
        (vanon_log){listen, detector, params->log ? params->log->level : VANON_LOG_ERROR};
    detector->why = params->why;
    detector->why_size = params->why_size;
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
    detector->base.views = !detector->kind.width;
    detector->why = NULL;
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
    .look = look,
    .collect = collect,
    .get_info = get_info,
    .takes = takes,
};
