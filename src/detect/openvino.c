/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "detect/openvino_model.h"
#include "detect/yolo.h"

#define LIVE_NETWORKS 4 /* compiled for different sizes and kept */

struct network {
    struct vanon_openvino_network compiled; /* compiled.compiled NULL: free */
    size_t in_flight;                       /* slots that work with it now */
    uint64_t used;                          /* when it was taken last */
    bool ran;
};

struct slot {
    struct openvino_detector *detector;
    size_t index;
    bool in_flight; /* submitted, not collected */

    /* What the slot works with; all of one network, NULL without one. Of a slot that is in flight
     * it belongs to the slot's caller, else it is guarded by the detector's lock. */
    struct network *network;
    ov_infer_request_t *request;
    ov_tensor_t *input_tensor, *output_tensor;
    uint8_t *input; /* batch x height x width x 3 */
    float *output;  /* batch x rows x columns */
    ov_callback_t callback;

    vanon_letterbox *letterbox;
    struct vanon_yolo_scratch scratch;
};

struct openvino_detector {
    vanon_detector base;
    const vanon_log *log;
    void (*done)(void *opaque, size_t slot);
    void *opaque;
    struct vanon_yolo_params yolo;
    struct vanon_openvino_model model;
    struct slot *slot;

    /* Guards all below, the model's compiling, and the networks of slots that are not in flight. */
    pthread_mutex_t lock;
    bool has_lock;
    struct network *network;
    size_t networks; /* room for so many */
    uint64_t clock;  /* rises with every use of a network */
    int width, height;
    double compile_seconds, compile_cpu_seconds;
    bool told_more; /* that max_det leaves people out */
};

static void OPENVINO_C_API_CALLBACK inference_done(void *argument)
{
    const struct slot *slot = argument;

    slot->detector->done(slot->detector->opaque, slot->index);
}

static void unbind(struct slot *slot)
{
    ov_infer_request_free(slot->request);
    ov_tensor_free(slot->input_tensor);
    ov_tensor_free(slot->output_tensor);
    free(slot->input);
    free(slot->output);
    slot->request = NULL;
    slot->input_tensor = slot->output_tensor = NULL;
    slot->input = NULL;
    slot->output = NULL;
    slot->network = NULL;
}

static ov_status_e wrap(ov_element_type_e type, size_t rank, const int64_t *sides, void *samples,
                        ov_tensor_t **tensor)
{
    ov_shape_t shape = {0};
    ov_status_e code = ov_shape_create((int64_t)rank, sides, &shape);

    if (!code)
        code = ov_tensor_create_from_host_ptr(type, shape, samples, tensor);
    ov_shape_free(&shape);
    return code;
}

/* Gives the slot a request and buffers of its own, which the request reads and writes in place. */
static int bind(struct slot *slot, struct network *network)
{
    const struct vanon_openvino_network *size = &network->compiled;
    const int64_t batch = (int64_t)slot->detector->base.batch;
    const int64_t input[4] = {batch, size->height, size->width, 3};
    const int64_t output[3] = {batch, (int64_t)size->rows, (int64_t)size->columns};
    size_t bytes = (size_t)(input[0] * input[1] * input[2] * input[3]);
    ov_status_e code;

    slot->input = vanon_aligned_alloc(bytes);
    slot->output =
        vanon_aligned_alloc((size_t)(output[0] * output[1] * output[2]) * sizeof *slot->output);
    if (!slot->input || !slot->output) {
        unbind(slot);
        return VANON_ERR_MEMORY;
    }
    /* A batch that is not full leaves the rest as it is, and nobody reads what comes of it. */
    memset(slot->input, VANON_LETTERBOX_GREY, bytes);
    slot->callback = (ov_callback_t){.callback_func = inference_done, .args = slot};
    code = ov_compiled_model_create_infer_request(size->compiled, &slot->request);
    if (!code)
        code = wrap(U8, 4, input, slot->input, &slot->input_tensor);
    if (!code)
        code = wrap(F32, 3, output, slot->output, &slot->output_tensor);
    if (!code)
        code = ov_infer_request_set_input_tensor(slot->request, slot->input_tensor);
    if (!code)
        code = ov_infer_request_set_output_tensor(slot->request, slot->output_tensor);
    if (!code)
        code = ov_infer_request_set_callback(slot->request, &slot->callback);
    if (code) {
        unbind(slot);
        return vanon_openvino_fail(slot->detector->log, VANON_ERR_INFERENCE, "request", code);
    }
    slot->network = network;
    return VANON_OK;
}

/* Frees the network that was idle longest, with the requests that idle slots keep of it. False:
 * all are at work. */
static bool evict(struct openvino_detector *detector)
{
    struct network *oldest = NULL;

    for (size_t i = 0; i < detector->networks; i++) {
        struct network *network = &detector->network[i];

        if (network->compiled.compiled && !network->in_flight &&
            (!oldest || network->used < oldest->used))
            oldest = network;
    }
    if (!oldest)
        return false;
    for (size_t i = 0; detector->slot && i < detector->base.slots; i++)
        if (detector->slot[i].network == oldest)
            unbind(&detector->slot[i]);
    ov_compiled_model_free(oldest->compiled.compiled);
    *oldest = (struct network){0};
    return true;
}

/* Leaves at most `most` networks, but for those at work: waiting for them could wait for a slot
 * that only the waiting thread would collect. */
static void evict_down_to(struct openvino_detector *detector, size_t most)
{
    size_t live = 0;

    for (size_t i = 0; i < detector->networks; i++)
        live += detector->network[i].compiled.compiled != NULL;
    while (live > most && evict(detector))
        live--;
}

static int compile(struct openvino_detector *detector, struct network *network)
{
    int64_t wall = vanon_clock(), cpu = vanon_thread_clock();
    char name[VANON_THREAD_NAME];
    int status;

    vanon_thread_rename("vanon-network", name); /* what the threads made here are called */
    status = vanon_openvino_compile(&detector->model, &network->compiled);
    vanon_thread_rename(name, NULL);
    detector->compile_seconds += (double)(vanon_clock() - wall) * 1e-9;
    detector->compile_cpu_seconds += (double)(vanon_thread_clock() - cpu) * 1e-9;
    return status;
}

/* The network for this size, compiled where it isn't yet. Needs the lock, so that it is compiled
 * once. */
static int find_network(struct openvino_detector *detector, int width, int height,
                        struct network **out)
{
    struct network *network = NULL;
    int status;

    for (size_t i = 0; i < detector->networks; i++) {
        network = &detector->network[i];
        if (network->compiled.compiled && network->compiled.width == width &&
            network->compiled.height == height) {
            *out = network;
            return VANON_OK;
        }
    }
    evict_down_to(detector, LIVE_NETWORKS - 1);
    /* There is room: no more networks are at work than there are other slots. */
    for (network = detector->network; network->compiled.compiled;)
        network++;
    network->compiled.width = width;
    network->compiled.height = height;
    status = compile(detector, network);
    if (!status)
        *out = network;
    return status;
}

/* Makes the slot ready for inputs of this size and marks its network as at work. */
static int acquire(struct openvino_detector *detector, struct slot *slot, int width, int height)
{
    struct network *network = NULL;
    int status;

    pthread_mutex_lock(&detector->lock);
    status = find_network(detector, width, height, &network);
    if (!status && slot->network != network) {
        unbind(slot);
        status = bind(slot, network);
    }
    if (!status) {
        network->in_flight++;
        network->used = ++detector->clock;
        detector->width = width;
        detector->height = height;
    }
    pthread_mutex_unlock(&detector->lock);
    return status;
}

static void release(struct openvino_detector *detector, struct slot *slot)
{
    pthread_mutex_lock(&detector->lock);
    if (!slot->network->ran)
        malloc_trim(0); /* compiling and the first run leave much behind */
    slot->network->ran = true;
    slot->network->in_flight--;
    evict_down_to(detector, LIVE_NETWORKS);
    pthread_mutex_unlock(&detector->lock);
}

static int prepare(struct openvino_detector *detector, struct slot *slot,
                   const vanon_frame *const *frames, size_t count)
{
    const struct vanon_openvino_network *size = &slot->network->compiled;
    size_t bytes = (size_t)size->width * (size_t)size->height * 3;
    int status;

    if (!slot->letterbox ||
        !vanon_letterbox_fits(slot->letterbox, frames[0], size->width, size->height)) {
        vanon_letterbox_destroy(&slot->letterbox);
        status = vanon_letterbox_create(&slot->letterbox, frames[0], size->width, size->height);
        if (status == VANON_ERR_MEMORY)
            return status;
        if (status)
            return vanon_fail(detector->log, status,
                              "frame %llu: its format or memory can't be given to the network: %s",
                              (unsigned long long)frames[0]->number, vanon_status_text(status));
    }
    for (size_t i = 0; i < count; i++) {
        if (!vanon_letterbox_fits(slot->letterbox, frames[i], size->width, size->height))
            return VANON_ERR_ARGUMENT;
        vanon_letterbox_run(slot->letterbox, frames[i], slot->input + i * bytes);
    }
    return VANON_OK;
}

static int submit(vanon_detector *base, size_t index, const vanon_frame *const *frames,
                  size_t count)
{
    struct openvino_detector *detector = (struct openvino_detector *)base;
    struct slot *slot = &detector->slot[index];
    int width, height, status;
    ov_status_e code;

    if (slot->in_flight)
        return VANON_ERR_STATE;
    vanon_openvino_size(&detector->model, frames[0], &width, &height);
    status = acquire(detector, slot, width, height);
    if (status)
        return status;
    status = prepare(detector, slot, frames, count);
    if (!status) {
        /* From a successful start on the slot may be collected at any moment. */
        slot->in_flight = true;
        code = ov_infer_request_start_async(slot->request);
        if (!code)
            return VANON_OK;
        slot->in_flight = false;
        status = vanon_openvino_fail(detector->log, VANON_ERR_INFERENCE, "inference", code);
    }
    release(detector, slot);
    return status;
}

static int decode(const struct openvino_detector *detector, struct slot *slot, size_t picture,
                  vanon_object_list *objects)
{
    size_t rows = slot->network->compiled.rows, columns = slot->network->compiled.columns;
    const float *tensor = slot->output + picture * rows * columns;
    int status;

    vanon_object_list_clear(objects);
    status = vanon_yolo_decode(&detector->yolo, tensor, rows, columns, slot->letterbox,
                               &slot->scratch, objects);
    if (status == VANON_ERR_INFERENCE)
        return vanon_fail(
            detector->log, status,
            "model %s: its output has numbers that are not finite, or that are no scores, "
            "boxes or classes",
            detector->model.file.path);
    return status;
}

/* Once a run: whoever is left out is shown. */
static void tell_more(struct openvino_detector *detector, const struct slot *slot)
{
    bool first;

    if (!slot->scratch.more)
        return;
    pthread_mutex_lock(&detector->lock);
    first = !detector->told_more;
    detector->told_more = true;
    pthread_mutex_unlock(&detector->lock);
    if (first)
        vanon_warn(detector->log,
                   "max_det %zu: a frame has more people than that; those of the lowest scores are "
                   "left out, and not hidden",
                   detector->yolo.max_det);
}

static int collect(vanon_detector *base, size_t index, vanon_object_list *const *objects,
                   size_t count)
{
    struct openvino_detector *detector = (struct openvino_detector *)base;
    struct slot *slot = &detector->slot[index];
    int status = VANON_OK;
    ov_status_e code;

    if (!slot->in_flight)
        return VANON_ERR_STATE;
    code = ov_infer_request_wait(slot->request);
    if (code)
        status = vanon_openvino_fail(detector->log, VANON_ERR_INFERENCE, "inference", code);
    for (size_t i = 0; i < count && !status; i++)
        status = decode(detector, slot, i, objects[i]);
    tell_more(detector, slot);
    slot->in_flight = false;
    release(detector, slot);
    return status;
}

static void get_info(vanon_detector *base, struct vanon_detector_info *info)
{
    struct openvino_detector *detector = (struct openvino_detector *)base;
    const struct vanon_openvino_model *model = &detector->model;

    snprintf(info->device, sizeof info->device, "%s", model->device);
    snprintf(info->precision, sizeof info->precision, "%s", model->precision);
    snprintf(info->model, sizeof info->model, "%s", model->file.path);
    snprintf(info->model_sha256, sizeof info->model_sha256, "%s", model->file.sha256);
    pthread_mutex_lock(&detector->lock);
    info->width = detector->width;
    info->height = detector->height;
    info->compile_seconds = detector->compile_seconds;
    info->compile_cpu_seconds = detector->compile_cpu_seconds;
    pthread_mutex_unlock(&detector->lock);
}

static void destroy(vanon_detector *base)
{
    struct openvino_detector *detector = (struct openvino_detector *)base;

    for (size_t i = 0; detector->slot && i < base->slots; i++) {
        struct slot *slot = &detector->slot[i];

        if (slot->in_flight) {
            ov_infer_request_wait(slot->request);
            slot->network->in_flight--;
        }
        vanon_letterbox_destroy(&slot->letterbox);
        vanon_yolo_scratch_free(&slot->scratch);
    }
    evict_down_to(detector, 0);
    free(detector->slot);
    free(detector->network);
    vanon_openvino_close(&detector->model);
    if (detector->has_lock)
        pthread_mutex_destroy(&detector->lock);
    free(detector);
}

static int make_slots(struct openvino_detector *detector)
{
    size_t slots = detector->base.slots;

    detector->networks = slots > LIVE_NETWORKS ? slots : LIVE_NETWORKS;
    detector->network = calloc(detector->networks, sizeof *detector->network);
    detector->slot = calloc(slots, sizeof *detector->slot);
    if (!detector->network || !detector->slot)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < slots; i++) {
        detector->slot[i].detector = detector;
        detector->slot[i].index = i;
    }
    return VANON_OK;
}

static int create(vanon_detector **out, const struct vanon_detector_params *params)
{
    const vanon_options *options = params->options;
    double least_score = params->least_score > 0 ? params->least_score : options->confidence;
    struct openvino_detector *detector = calloc(1, sizeof *detector);
    int status;

    if (!detector)
        return VANON_ERR_MEMORY;
    detector->base.ops = &vanon_detector_openvino;
    detector->log = params->log;
    detector->done = params->done;
    detector->opaque = params->opaque;
    detector->yolo = (struct vanon_yolo_params){.confidence = (float)least_score,
                                                .iou_threshold = (float)options->iou_threshold,
                                                .max_det = (size_t)options->max_det,
                                                .skeleton = &vanon_skeleton_coco17};
    status = vanon_openvino_open(&detector->model, params);
    if (!status) {
        detector->yolo.layout = detector->model.kind.layout;
        /* One request a stream is what OpenVINO calls optimal; a second one lets a picture be
         * prepared while another is looked at. */
        detector->base.slots = params->slots                 ? params->slots
                               : detector->model.streams > 2 ? detector->model.streams
                                                             : 2;
        detector->base.batch = detector->model.batch;
        status = make_slots(detector);
    }
    if (!status && pthread_mutex_init(&detector->lock, NULL))
        status = VANON_ERR_MEMORY;
    detector->has_lock = !status;
    if (status)
        destroy(&detector->base);
    else
        *out = &detector->base;
    return status;
}

const struct vanon_detector_ops vanon_detector_openvino = {
    .name = "openvino",
    .create = create,
    .destroy = destroy,
    .submit = submit,
    .collect = collect,
    .get_info = get_info,
};
