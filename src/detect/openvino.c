/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "detect/left_out.h"
#include "detect/merge.h"
#include "detect/openvino_model.h"
#include "detect/yolo.h"

#define LIVE_NETWORKS 4 /* compiled for different sizes and kept */

struct network {
    struct vanon_openvino_network compiled; /* compiled.compiled NULL: free */
    size_t in_flight;                       /* slots that work with it now */
    uint64_t used;                          /* when it was taken last */
    bool ran;
};

/* What a slot needs to work with a network; kept while the network lives, so that sizes may change
 * from frame to frame. */
struct binding {
    ov_infer_request_t *request; /* NULL: there is none yet */
    ov_tensor_t *input_tensor, *output_tensor;
    uint8_t *input; /* batch x height x width x 3 */
    float *output;  /* batch x rows x columns */
    vanon_letterbox *letterbox;
};

struct slot {
    struct openvino_detector *detector;
    size_t index;
    bool in_flight; /* submitted, not collected */

    /* One for each place of a network. That of the network at work belongs to the slot's caller,
     * the others are guarded by the detector's lock. */
    struct binding *binding;
    struct network *network; /* at work; NULL: not in flight */
    ov_callback_t callback;

    vanon_box *part; /* of each view, in display space */
    struct vanon_yolo_scratch scratch;
};

struct openvino_detector {
    vanon_detector base;
    const vanon_log *log;
    void (*done)(void *opaque, size_t slot);
    void *opaque;
    struct vanon_yolo_params yolo;
    struct vanon_left_out left_out;
    struct vanon_openvino_model model;
    struct slot *slot;

    pthread_mutex_t compiling; /* held by whoever compiles; taken before the lock */

    /* Guards all below, and the bindings of networks that a slot is not at work with. */
    pthread_mutex_t lock;
    bool has_locks;
    struct network *network;
    size_t networks; /* room for so many */
    uint64_t clock;  /* rises with every use of a network */
    int width, height;
    double compile_seconds, compile_cpu_seconds;
};

static void OPENVINO_C_API_CALLBACK inference_done(void *argument)
{
    const struct slot *slot = argument;

    slot->detector->done(slot->detector->opaque, slot->index);
}

static void unbind(struct binding *binding)
{
    ov_infer_request_free(binding->request);
    ov_tensor_free(binding->input_tensor);
    ov_tensor_free(binding->output_tensor);
    free(binding->input);
    free(binding->output);
    vanon_letterbox_destroy(&binding->letterbox);
    *binding = (struct binding){0};
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

/* Makes the binding's tensors, over buffers that are there. */
static ov_status_e wrap_buffers(struct binding *binding, const struct vanon_openvino_network *size)
{
    const int64_t input[4] = {(int64_t)size->batch, size->height, size->width, 3};
    const int64_t output[3] = {(int64_t)size->batch, (int64_t)size->rows, (int64_t)size->columns};
    ov_status_e code = wrap(U8, 4, input, binding->input, &binding->input_tensor);

    if (!code)
        code = wrap(F32, 3, output, binding->output, &binding->output_tensor);
    if (!code)
        code = ov_infer_request_set_input_tensor(binding->request, binding->input_tensor);
    if (!code)
        code = ov_infer_request_set_output_tensor(binding->request, binding->output_tensor);
    return code;
}

/* Gives the slot a request and buffers of its own, which the request reads and writes in place. */
static int bind(struct slot *slot, struct binding *binding, const struct network *network)
{
    const struct vanon_openvino_network *size = &network->compiled;
    size_t bytes = size->batch * (size_t)size->height * (size_t)size->width * 3;
    ov_status_e code;

    binding->input = vanon_aligned_alloc(bytes);
    binding->output = vanon_aligned_alloc(size->batch * size->rows * size->columns * sizeof(float));
    if (!binding->input || !binding->output) {
        unbind(binding);
        return VANON_ERR_MEMORY;
    }
    /* A batch that is not full leaves the rest as it is, and nobody reads what comes of it. */
    memset(binding->input, VANON_LETTERBOX_GREY, bytes);
    code = ov_compiled_model_create_infer_request(size->compiled, &binding->request);
    if (!code)
        code = wrap_buffers(binding, size);
    if (!code)
        code = ov_infer_request_set_callback(binding->request, &slot->callback);
    if (code) {
        unbind(binding);
        return vanon_openvino_fail(slot->detector->log, VANON_ERR_INFERENCE, "request", code);
    }
    return VANON_OK;
}

static struct binding *binding_of(const struct slot *slot, const struct network *network)
{
    return &slot->binding[network - slot->detector->network];
}

/* Frees the network that was idle longest, with the requests that slots keep of it. False:
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
        unbind(binding_of(&detector->slot[i], oldest));
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

/* Compiles a network. Needs no lock, and returns with it. */
static int compile(struct openvino_detector *detector, struct vanon_openvino_network *network)
{
    int64_t wall = vanon_clock(), cpu = vanon_thread_clock();
    char name[VANON_THREAD_NAME];
    int status;

    vanon_thread_rename("vanon-network", name); /* what the threads made here are called */
    status = vanon_openvino_compile(&detector->model, network);
    vanon_thread_rename(name, NULL);
    pthread_mutex_lock(&detector->lock);
    detector->compile_seconds += (double)(vanon_clock() - wall) * 1e-9;
    detector->compile_cpu_seconds += (double)(vanon_thread_clock() - cpu) * 1e-9;
    return status;
}

/* The network for this size and batch; NULL: it must be compiled. Needs the lock. */
static struct network *find_network(const struct openvino_detector *detector,
                                    const struct vanon_openvino_network *wanted)
{
    for (size_t i = 0; i < detector->networks; i++) {
        struct network *network = &detector->network[i];

        if (network->compiled.compiled && network->compiled.width == wanted->width &&
            network->compiled.height == wanted->height && network->compiled.batch == wanted->batch)
            return network;
    }
    return NULL;
}

/* Compiles the network for this size, unless another thread just did. Needs the lock, and lets go
 * of it meanwhile: other slots go on with the networks that are there. */
static int add_network(struct openvino_detector *detector,
                       const struct vanon_openvino_network *wanted, struct network **out)
{
    struct vanon_openvino_network compiled = *wanted;
    struct network *network;
    int status = VANON_OK;

    pthread_mutex_unlock(&detector->lock);
    pthread_mutex_lock(&detector->compiling);
    pthread_mutex_lock(&detector->lock);
    network = find_network(detector, wanted);
    if (!network) {
        evict_down_to(detector, LIVE_NETWORKS - 1);
        pthread_mutex_unlock(&detector->lock);
        status = compile(detector, &compiled);
        /* There is room: no more networks are at work than there are other slots, and nobody else
         * adds one. */
        for (network = detector->network; network->compiled.compiled;)
            network++;
        if (!status)
            network->compiled = compiled;
    }
    pthread_mutex_unlock(&detector->compiling);
    *out = network;
    return status;
}

/* Makes the slot ready for such a network and marks it as at work. */
static int acquire(struct openvino_detector *detector, struct slot *slot,
                   const struct vanon_openvino_network *wanted)
{
    struct network *network;
    int status = VANON_OK;

    pthread_mutex_lock(&detector->lock);
    network = find_network(detector, wanted);
    if (!network)
        status = add_network(detector, wanted, &network);
    if (!status && !binding_of(slot, network)->request)
        status = bind(slot, binding_of(slot, network), network);
    if (!status) {
        slot->network = network;
        network->in_flight++;
        network->used = ++detector->clock;
        if ((int64_t)wanted->width * wanted->height > (int64_t)detector->width * detector->height) {
            detector->width = wanted->width;
            detector->height = wanted->height;
        }
    }
    pthread_mutex_unlock(&detector->lock);
    return status;
}

static void release(struct openvino_detector *detector, struct slot *slot)
{
    pthread_mutex_lock(&detector->lock);
    if (!slot->network->ran) { /* compiling and the first run leave much behind */
        malloc_trim(0);
        vanon_memory_forget_code("libopenvino");
    }
    slot->network->ran = true;
    slot->network->in_flight--;
    slot->network = NULL;
    evict_down_to(detector, LIVE_NETWORKS);
    pthread_mutex_unlock(&detector->lock);
}

/* A letterbox for frames like this one, made anew where the last one was for others. */
static int plan_letterbox(const struct openvino_detector *detector, struct binding *binding,
                          const vanon_frame *frame, int width, int height)
{
    int status;

    if (binding->letterbox && vanon_letterbox_fits(binding->letterbox, frame, width, height))
        return VANON_OK;
    vanon_letterbox_destroy(&binding->letterbox);
    status = vanon_letterbox_create(&binding->letterbox, frame, width, height);
    if (status && status != VANON_ERR_MEMORY)
        return vanon_fail(detector->log, status,
                          "frame %llu: its format or memory can't be given to the network: %s",
                          (unsigned long long)frame->number, vanon_status_text(status));
    return status;
}

static int prepare(struct openvino_detector *detector, struct slot *slot,
                   const struct vanon_view *views, size_t count)
{
    const struct vanon_openvino_network *size = &slot->network->compiled;
    struct binding *binding = binding_of(slot, slot->network);
    size_t bytes = (size_t)size->width * (size_t)size->height * 3;

    for (size_t i = 0; i < count; i++) {
        vanon_frame picture = vanon_part_frame(views[i].frame, &views[i].part);
        int status =
            i ? VANON_OK : plan_letterbox(detector, binding, &picture, size->width, size->height);

        if (status)
            return status;
        if (!vanon_letterbox_fits(binding->letterbox, &picture, size->width, size->height))
            return VANON_ERR_ARGUMENT;
        vanon_letterbox_run(binding->letterbox, &picture, binding->input + i * bytes);
        slot->part[i] = vanon_part_display(views[i].frame, &views[i].part);
    }
    return VANON_OK;
}

/* What a view like this one takes, but for the batch. */
static struct vanon_openvino_network input_of(const struct openvino_detector *detector,
                                              const struct vanon_view *view)
{
    struct vanon_openvino_network input = {0};

    vanon_model_view_size(&detector->model.kind, detector->model.imgsz, view, &input.width,
                          &input.height);
    return input;
}

static size_t most(const vanon_detector *base, const struct vanon_view *view)
{
    const struct openvino_detector *detector = (const struct openvino_detector *)base;
    struct vanon_openvino_network input;
    size_t fit;

    if (base->batch == 1 || detector->model.kind.batch)
        return base->batch;
    if (view->imgsz)
        return 1;
    input = input_of(detector, view);
    fit = VANON_DETECTOR_PIXELS / ((size_t)input.width * (size_t)input.height);
    return fit >= base->batch ? base->batch : fit ? fit : 1;
}

static int look(vanon_detector *base, size_t index, const struct vanon_view *views, size_t count)
{
    struct openvino_detector *detector = (struct openvino_detector *)base;
    struct slot *slot = &detector->slot[index];
    struct vanon_openvino_network wanted = input_of(detector, &views[0]);
    ov_status_e code;
    int status;

    wanted.batch = vanon_detector_most(base, &views[0]);
    if (slot->in_flight)
        return VANON_ERR_STATE;
    if (count > wanted.batch)
        return VANON_ERR_ARGUMENT;
    status = acquire(detector, slot, &wanted);
    if (status)
        return status;
    status = prepare(detector, slot, views, count);
    if (!status) {
        /* From a successful start on the slot may be collected at any moment. */
        slot->in_flight = true;
        code = ov_infer_request_start_async(binding_of(slot, slot->network)->request);
        if (!code)
            return VANON_OK;
        slot->in_flight = false;
        status = vanon_openvino_fail(detector->log, VANON_ERR_INFERENCE, "inference", code);
    }
    release(detector, slot);
    return status;
}

static int decode(struct openvino_detector *detector, struct slot *slot, size_t picture,
                  vanon_object_list *objects)
{
    size_t rows = slot->network->compiled.rows, columns = slot->network->compiled.columns;
    const struct binding *binding = binding_of(slot, slot->network);
    const float *tensor = binding->output + picture * rows * columns;
    int status;

    vanon_object_list_clear(objects);
    status = vanon_yolo_decode(&detector->yolo, tensor, rows, columns, binding->letterbox,
                               &slot->scratch, objects);
    vanon_detect_shift(objects, &slot->part[picture]);
    if (status == VANON_ERR_INFERENCE)
        return vanon_fail(
            detector->log, status,
            "model %s: its output has numbers that are not finite, or that are no scores, "
            "boxes or classes",
            detector->model.file.path);
    return status ? status : vanon_left_out_note(&detector->left_out, &slot->scratch.left_out);
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
    code = ov_infer_request_wait(binding_of(slot, slot->network)->request);
    if (code)
        status = vanon_openvino_fail(detector->log, VANON_ERR_INFERENCE, "inference", code);
    for (size_t i = 0; i < count && !status; i++)
        status = decode(detector, slot, i, objects[i]);
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
    info->left_out = atomic_load(&detector->left_out.looks);
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
            ov_infer_request_wait(binding_of(slot, slot->network)->request);
            slot->network->in_flight--;
        }
        vanon_yolo_scratch_free(&slot->scratch);
    }
    evict_down_to(detector, 0);
    for (size_t i = 0; detector->slot && i < base->slots; i++) {
        free(detector->slot[i].binding);
        free(detector->slot[i].part);
    }
    free(detector->slot);
    free(detector->network);
    vanon_openvino_close(&detector->model);
    if (detector->has_locks) {
        pthread_mutex_destroy(&detector->lock);
        pthread_mutex_destroy(&detector->compiling);
    }
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
        struct slot *slot = &detector->slot[i];

        slot->detector = detector;
        slot->index = i;
        slot->callback = (ov_callback_t){.callback_func = inference_done, .args = slot};
        slot->binding = calloc(detector->networks, sizeof *slot->binding);
        slot->part = calloc(detector->base.batch, sizeof *slot->part);
        if (!slot->binding || !slot->part)
            return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}

static int make_locks(struct openvino_detector *detector)
{
    if (pthread_mutex_init(&detector->lock, NULL))
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&detector->compiling, NULL)) {
        pthread_mutex_destroy(&detector->lock);
        return VANON_ERR_MEMORY;
    }
    detector->has_locks = true;
    return VANON_OK;
}

static int create(vanon_detector **out, const struct vanon_detector_params *params)
{
    const vanon_options *options = params->options;
    struct openvino_detector *detector = calloc(1, sizeof *detector);
    int status;

    if (!detector)
        return VANON_ERR_MEMORY;
    detector->base.ops = &vanon_detector_openvino;
    detector->log = params->log;
    detector->done = params->done;
    detector->opaque = params->opaque;
    vanon_left_out_init(&detector->left_out, options, params->log);
    detector->yolo =
        (struct vanon_yolo_params){.confidence = (float)vanon_detector_least_score(params),
                                   .iou_threshold = (float)options->iou_threshold,
                                   .max_det = (size_t)options->max_det,
                                   .skeleton = params->skeleton};
    status = vanon_openvino_open(&detector->model, params);
    if (!status) {
        detector->yolo.layout = detector->model.kind.layout;
        /* One request a stream is what OpenVINO calls optimal (its property
         * OPTIMAL_NUMBER_OF_INFER_REQUESTS is the number of streams that it was given); one more
         * lets a picture be prepared while the others are looked at. */
        detector->base.slots = params->slots ? params->slots : detector->model.streams + 1;
        detector->base.batch = detector->model.batch;
        detector->base.views = !detector->model.kind.width;
        status = make_slots(detector);
    }
    if (!status)
        status = make_locks(detector);
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
    .look = look,
    .most = most,
    .collect = collect,
    .get_info = get_info,
};
