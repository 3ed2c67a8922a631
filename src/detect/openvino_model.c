/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/openvino_model.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "pixels/letterbox.h"

#define AUTO_IMGSZ   640
#define MOST_BATCH   64 /* of a static model; as much as the option batch_size allows */
#define MOST_STREAMS 8  /* each keeps its own activations: 16 MB for the shipped model */

/* OpenVINO keeps the words of the last error of the whole process, and never clears them: they are
 * only worth reading for a failure that has some, and may be another thread's then. What it hands
 * out is a copy. */
int vanon_openvino_fail(const vanon_log *log, int status, const char *what, ov_status_e code)
{
    const char *words = code == INVALID_C_PARAM ? NULL : ov_get_last_err_msg();
    char line[768];

    snprintf(line, sizeof line, "%s", words && *words ? words : ov_get_error_info(code));
    ov_free(words);
    for (char *c = line; *c; c++)
        if (*c == '\n')
            *c = c[1] ? ' ' : '\0';
    return vanon_fail(log, status, "%s: OpenVINO: %s", what, line);
}

/* A device that needs a plugin and hardware of its own. */
static int find_device(struct vanon_openvino_model *model, const char *name)
{
    ov_available_devices_t devices = {0};
    char there[256] = "";
    bool found = false;
    ov_status_e code = ov_core_get_available_devices(model->core, &devices);

    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_INFERENCE, "list of devices", code);
    for (size_t i = 0; i < devices.size; i++) {
        size_t length = strlen(there);

        /* Several of a kind are called GPU.0, GPU.1. */
        found = found || !strncmp(devices.devices[i], name, strlen(name));
        snprintf(there + length, sizeof there - length, "%s%s", length ? ", " : "",
                 devices.devices[i]);
    }
    ov_available_devices_free(&devices);
    model->device = name;
    if (!found)
        return vanon_fail(model->log, VANON_ERR_UNSUPPORTED,
                          "device %s: OpenVINO finds none here; there is: %s", name, there);
    return VANON_OK;
}

static int choose_device(struct vanon_openvino_model *model, const struct vanon_device *device)
{
    model->device = "CPU";
    switch (device->kind) {
    case VANON_DEVICE_AUTO:
    case VANON_DEVICE_CPU:
        return VANON_OK;
    case VANON_DEVICE_NUMBER:
        vanon_warn(model->log, "device %d: this build has no CUDA plugin; the CPU is used",
                   device->number);
        return VANON_OK;
    case VANON_DEVICE_CUDA:
        return vanon_fail(model->log, VANON_ERR_UNSUPPORTED,
                          "device cuda:%d: this build has no CUDA plugin", device->number);
    case VANON_DEVICE_GPU:
        return find_device(model, "GPU");
    case VANON_DEVICE_NPU:
        return find_device(model, "NPU");
    }
    return VANON_ERR_INTERNAL;
}

static bool is_cpu(const struct vanon_openvino_model *model)
{
    return !strcmp(model->device, "CPU");
}

/* Measured: with matrix units (AMX) bfloat16 takes a third of float32's time; with AVX-512's
 * bfloat16 instructions alone, which OpenVINO reports just the same, it takes half as long again.
 */
static bool has_fast_bf16(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & 1u << 22);
#else
    return true;
#endif
}

static enum vanon_precision automatic_precision(const struct vanon_openvino_model *model,
                                                const vanon_options *options,
                                                const char *capabilities)
{
    if (options->half_precision == VANON_HALF_OFF)
        return VANON_PRECISION_F32;
    if (!is_cpu(model))
        return strstr(capabilities, "FP16") ? VANON_PRECISION_F16 : VANON_PRECISION_F32;
    return strstr(capabilities, "BF16") && has_fast_bf16() ? VANON_PRECISION_BF16
                                                           : VANON_PRECISION_F32;
}

static int choose_precision(struct vanon_openvino_model *model, const vanon_options *options)
{
    enum vanon_precision precision = options->precision;
    char *capabilities = NULL;
    bool able;
    int status = VANON_OK;
    ov_status_e code = ov_core_get_property(model->core, model->device,
                                            ov_property_key_device_capabilities, &capabilities);

    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_INFERENCE, model->device, code);
    if (precision == VANON_PRECISION_AUTO)
        precision = automatic_precision(model, options, capabilities);
    able = precision == VANON_PRECISION_BF16  ? !!strstr(capabilities, "BF16")
           : precision == VANON_PRECISION_F16 ? !!strstr(capabilities, "FP16")
                                              : true;
    if (!able)
        status =
            vanon_fail(model->log, VANON_ERR_UNSUPPORTED, "precision %s: the %s can't; it has: %s",
                       vanon_precision_name(precision), model->device, capabilities);
    else if (precision == VANON_PRECISION_INT8 && !vanon_model_file_quantised(&model->file))
        status =
            vanon_fail(model->log, VANON_ERR_OPTION,
                       "precision int8: the model %s is not a quantised one", model->file.path);
    ov_free(capabilities);
    snprintf(model->precision, sizeof model->precision, "%s", vanon_precision_name(precision));
    /* A quantised model says itself what is int8; the hint is for the rest of it. */
    model->hint = precision == VANON_PRECISION_BF16  ? "bf16"
                  : precision == VANON_PRECISION_F16 ? "f16"
                                                     : "f32";
    return status;
}

static int64_t fixed(ov_dimension_t dimension)
{
    return dimension.min == dimension.max ? dimension.min : 0;
}

static bool is_side(int64_t side)
{
    return side > 0 && side % VANON_LETTERBOX_STRIDE == 0 && side <= 32768;
}

/* [batch, 3, height, width], both sides open or both fixed. */
static bool take_input(struct vanon_openvino_model *model, const ov_partial_shape_t *shape)
{
    int64_t batch, height, width;

    if (fixed(shape->rank) != 4 || fixed(shape->dims[1]) != 3)
        return false;
    batch = fixed(shape->dims[0]);
    height = fixed(shape->dims[2]);
    width = fixed(shape->dims[3]);
    if (batch > MOST_BATCH)
        return false;
    if (batch > 0)
        model->batch = (size_t)batch;
    if (!height && !width)
        return true;
    model->height = (int)height;
    model->width = (int)width;
    return is_side(height) && is_side(width);
}

/* [batch, 56, anchors]. */
static bool is_pose_output(const ov_partial_shape_t *shape)
{
    return fixed(shape->rank) == 3 && fixed(shape->dims[1]) == VANON_POSE_ROWS;
}

/* "1x3x?x?" for a message. */
static const char *describe(const ov_partial_shape_t *shape, char *text, size_t size)
{
    size_t length = 0;

    snprintf(text, size, "of any number of sides");
    for (int64_t i = 0; i < fixed(shape->rank) && length < size; i++) {
        int64_t side = fixed(shape->dims[i]);
        const char *times = i ? "x" : "";

        length += (size_t)(side > 0 ? snprintf(text + length, size - length, "%s%lld", times,
                                               (long long)side)
                                    : snprintf(text + length, size - length, "%s?", times));
    }
    return text;
}

static int check_shapes(struct vanon_openvino_model *model, const ov_partial_shape_t *input,
                        const ov_partial_shape_t *output)
{
    char text[128];

    if (!take_input(model, input))
        return vanon_fail(model->log, VANON_ERR_MODEL,
                          "model %s: not a pose model: its input is %s and must be 1x3xHxW "
                          "(a batch of up to 64), with sides that are open or multiples of 32",
                          model->file.path, describe(input, text, sizeof text));
    if (!is_pose_output(output))
        return vanon_fail(model->log, VANON_ERR_MODEL,
                          "model %s: not a pose model: its output is %s and must have 56 rows "
                          "(box, one score, 17 joints), as YOLOv8-pose has when exported without "
                          "nms",
                          model->file.path, describe(output, text, sizeof text));
    return VANON_OK;
}

static int check_model(struct vanon_openvino_model *model)
{
    ov_output_const_port_t *input = NULL, *output = NULL;
    ov_partial_shape_t input_shape = {0}, output_shape = {0};
    size_t inputs = 0, outputs = 0;
    int status;
    ov_status_e code = ov_model_inputs_size(model->model, &inputs);

    if (!code)
        code = ov_model_outputs_size(model->model, &outputs);
    if (!code && (inputs != 1 || outputs != 1))
        return vanon_fail(model->log, VANON_ERR_MODEL,
                          "model %s: not a pose model: it has %zu inputs and %zu outputs and must "
                          "have one of each",
                          model->file.path, inputs, outputs);
    if (!code)
        code = ov_model_const_input(model->model, &input);
    if (!code)
        code = ov_model_const_output(model->model, &output);
    if (!code)
        code = ov_port_get_partial_shape(input, &input_shape);
    if (!code)
        code = ov_port_get_partial_shape(output, &output_shape);
    status = code ? vanon_openvino_fail(model->log, VANON_ERR_MODEL, model->file.path, code)
                  : check_shapes(model, &input_shape, &output_shape);
    ov_partial_shape_free(&input_shape);
    ov_partial_shape_free(&output_shape);
    ov_output_const_port_free(input);
    ov_output_const_port_free(output);
    return status;
}

/* The input becomes what the letterbox writes: bytes, [batch][height][width][RGB]. */
static ov_status_e add_input_steps(const ov_preprocess_prepostprocessor_t *steps)
{
    ov_preprocess_input_info_t *input = NULL;
    ov_preprocess_input_tensor_info_t *tensor = NULL;
    ov_preprocess_preprocess_steps_t *step = NULL;
    ov_preprocess_input_model_info_t *model = NULL;
    ov_layout_t *ours = NULL, *theirs = NULL;
    ov_status_e code = ov_preprocess_prepostprocessor_get_input_info(steps, &input);

    if (!code)
        code = ov_preprocess_input_info_get_tensor_info(input, &tensor);
    if (!code)
        code = ov_preprocess_input_tensor_info_set_element_type(tensor, U8);
    if (!code)
        code = ov_layout_create("NHWC", &ours);
    if (!code)
        code = ov_preprocess_input_tensor_info_set_layout(tensor, ours);
    if (!code)
        code = ov_preprocess_input_info_get_preprocess_steps(input, &step);
    if (!code)
        code = ov_preprocess_preprocess_steps_convert_element_type(step, F32);
    if (!code)
        code = ov_preprocess_preprocess_steps_scale(step, 255);
    if (!code)
        code = ov_preprocess_input_info_get_model_info(input, &model);
    if (!code)
        code = ov_layout_create("NCHW", &theirs);
    if (!code)
        code = ov_preprocess_input_model_info_set_layout(model, theirs);
    ov_layout_free(theirs);
    ov_preprocess_input_model_info_free(model);
    ov_preprocess_preprocess_steps_free(step);
    ov_layout_free(ours);
    ov_preprocess_input_tensor_info_free(tensor);
    ov_preprocess_input_info_free(input);
    return code;
}

/* The output becomes float32, whatever a model of half precision gives. */
static ov_status_e add_output_steps(const ov_preprocess_prepostprocessor_t *steps)
{
    ov_preprocess_output_info_t *output = NULL;
    ov_preprocess_output_tensor_info_t *tensor = NULL;
    ov_status_e code = ov_preprocess_prepostprocessor_get_output_info(steps, &output);

    if (!code)
        code = ov_preprocess_output_info_get_tensor_info(output, &tensor);
    if (!code)
        code = ov_preprocess_output_set_element_type(tensor, F32);
    ov_preprocess_output_tensor_info_free(tensor);
    ov_preprocess_output_info_free(output);
    return code;
}

static int add_steps(struct vanon_openvino_model *model)
{
    ov_preprocess_prepostprocessor_t *steps = NULL;
    ov_model_t *built = NULL;
    ov_status_e code = ov_preprocess_prepostprocessor_create(model->model, &steps);

    if (!code)
        code = add_input_steps(steps);
    if (!code)
        code = add_output_steps(steps);
    if (!code)
        code = ov_preprocess_prepostprocessor_build(steps, &built);
    ov_preprocess_prepostprocessor_free(steps);
    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_MODEL, model->file.path, code);
    ov_model_free(model->model);
    model->model = built;
    return VANON_OK;
}

static int read_model(struct vanon_openvino_model *model)
{
    char what[512];
    int status;
    ov_status_e code = ov_core_read_model(model->core, model->file.path, NULL, &model->model);

    snprintf(what, sizeof what, "model %s: damaged, or no model at all", model->file.path);
    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_MODEL, what, code);
    status = check_model(model);
    return status ? status : add_steps(model);
}

/* A static model decides the size itself; it can only be asked for that one. */
static int choose_size(struct vanon_openvino_model *model, const vanon_options *options)
{
    int longer = model->width > model->height ? model->width : model->height;
    int wanted = options->imgsz == VANON_AUTO ? AUTO_IMGSZ : options->imgsz;

    model->imgsz =
        (wanted + VANON_LETTERBOX_STRIDE - 1) / VANON_LETTERBOX_STRIDE * VANON_LETTERBOX_STRIDE;
    if (!longer || options->imgsz == VANON_AUTO || model->imgsz == longer)
        return VANON_OK;
    return vanon_fail(model->log, VANON_ERR_OPTION,
                      "imgsz %d: the model %s has a fixed input of %dx%d; leave imgsz at auto, or "
                      "export the model with dynamic=True",
                      options->imgsz, model->file.path, model->width, model->height);
}

int vanon_openvino_open(struct vanon_openvino_model *model,
                        const struct vanon_detector_params *params)
{
    const vanon_options *options = params->options;
    size_t threads;
    int status;
    ov_status_e code;

    *model = (struct vanon_openvino_model){.log = params->log,
                                           .batch = params->batch ? params->batch : 1};
    model->threads = params->threads > 0 ? params->threads : vanon_processors();
    threads = (size_t)model->threads;
    model->streams = params->slots ? params->slots : MOST_STREAMS;
    if (model->streams > threads)
        model->streams = threads;
    status = vanon_model_file_find(&model->file, options->pose_model, params->log);
    if (status)
        goto fail;
    code = ov_core_create(&model->core);
    if (code) {
        status = vanon_openvino_fail(params->log, VANON_ERR_INFERENCE, "start", code);
        goto fail;
    }
    status = choose_device(model, &options->device);
    if (!status)
        status = choose_precision(model, options);
    if (!status)
        status = read_model(model);
    if (!status)
        status = choose_size(model, options);
    if (!status)
        return VANON_OK;
fail:
    vanon_openvino_close(model);
    return status;
}

void vanon_openvino_close(struct vanon_openvino_model *model)
{
    ov_model_free(model->model);
    ov_core_free(model->core);
    vanon_model_file_free(&model->file);
    *model = (struct vanon_openvino_model){0};
}

void vanon_openvino_size(const struct vanon_openvino_model *model, const vanon_frame *frame,
                         int *width, int *height)
{
    *width = model->width;
    *height = model->height;
    if (!model->width)
        vanon_letterbox_size(frame, model->imgsz, width, height);
}

static ov_status_e reshape(const struct vanon_openvino_model *model, int width, int height)
{
    const int64_t sides[4] = {(int64_t)model->batch, height, width, 3};
    ov_partial_shape_t shape = {0};
    ov_status_e code = ov_partial_shape_create_static(4, sides, &shape);

    if (!code)
        code = ov_model_reshape_single_input(model->model, shape);
    ov_partial_shape_free(&shape);
    return code;
}

static ov_status_e compile(const struct vanon_openvino_model *model, ov_compiled_model_t **compiled)
{
    char streams[16], threads[16];
    const ov_property_t properties[] = {
        {ov_property_key_hint_performance_mode, "THROUGHPUT"},
        {ov_property_key_hint_inference_precision, model->hint},
        {ov_property_key_num_streams, streams},
        /* From here on of the CPU alone. Pinned threads would fight with the decoder's. */
        {ov_property_key_inference_num_threads, threads},
        {ov_property_key_hint_enable_cpu_pinning, "NO"},
    };

    snprintf(streams, sizeof streams, "%zu", model->streams);
    snprintf(threads, sizeof threads, "%d", model->threads);
    return ov_core_compile_model_props(model->core, model->model, model->device,
                                       is_cpu(model) ? VANON_COUNT(properties) : 3, properties,
                                       compiled);
}

/* What was compiled must be what will be reported, and what the decoder will read. */
static int check_network(const struct vanon_openvino_model *model,
                         struct vanon_openvino_network *network)
{
    ov_output_const_port_t *output = NULL;
    ov_shape_t shape = {0};
    char *hint = NULL;
    bool fits = false, same = false;
    ov_status_e code = ov_compiled_model_output(network->compiled, &output);

    if (!code)
        code = ov_const_port_get_shape(output, &shape);
    if (!code)
        code = ov_compiled_model_get_property(network->compiled,
                                              ov_property_key_hint_inference_precision, &hint);
    if (!code) {
        same = !strcmp(hint, model->hint);
        fits = shape.rank == 3 && shape.dims[0] == (int64_t)model->batch &&
               shape.dims[1] == VANON_POSE_ROWS && shape.dims[2] > 0;
        network->anchors = fits ? (size_t)shape.dims[2] : 0;
    }
    ov_free(hint);
    ov_shape_free(&shape);
    ov_output_const_port_free(output);
    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_INFERENCE, model->file.path, code);
    if (!same)
        return vanon_fail(model->log, VANON_ERR_INFERENCE,
                          "precision %s: OpenVINO does not compute in it here", model->hint);
    if (!fits)
        return vanon_fail(model->log, VANON_ERR_MODEL,
                          "model %s: its output does not fit an input of %dx%d", model->file.path,
                          network->width, network->height);
    return VANON_OK;
}

int vanon_openvino_compile(struct vanon_openvino_model *model,
                           struct vanon_openvino_network *network)
{
    char what[512];
    int status;
    ov_status_e code = OK;

    snprintf(what, sizeof what, "model %s: input of %zux%dx%dx3", model->file.path, model->batch,
             network->height, network->width);
    code = reshape(model, network->width, network->height);
    if (!code)
        code = compile(model, &network->compiled);
    status = code ? vanon_openvino_fail(model->log, VANON_ERR_MODEL, what, code)
                  : check_network(model, network);
    if (status) {
        ov_compiled_model_free(network->compiled);
        network->compiled = NULL;
    }
    return status;
}
