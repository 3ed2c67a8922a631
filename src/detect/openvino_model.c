/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/openvino_model.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "pixels/letterbox.h"

#define MOST_STREAMS 8 /* each keeps its own activations: 16 MB for the shipped model */

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
    case VANON_DEVICE_NUMBER: /* NVIDIA's, which isn't there (detector.c) */
    case VANON_DEVICE_CUDA:
        return VANON_OK;
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
    else if (precision == VANON_PRECISION_INT8 && !model->file.quantised)
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

static ov_status_e get_shape(const ov_output_const_port_t *port, struct vanon_model_shape *shape)
{
    ov_partial_shape_t sides = {0};
    ov_status_e code = ov_port_get_partial_shape(port, &sides);
    int64_t rank = code ? 0 : fixed(sides.rank);

    if (rank <= (int64_t)VANON_COUNT(shape->side))
        shape->sides = (size_t)rank;
    for (size_t i = 0; i < shape->sides; i++)
        shape->side[i] = fixed(sides.dims[i]);
    ov_partial_shape_free(&sides);
    return code;
}

static ov_status_e get_ends(const ov_model_t *model, struct vanon_model_ends *ends)
{
    ov_output_const_port_t *port = NULL;
    ov_status_e code = ov_model_inputs_size(model, &ends->inputs);

    if (!code)
        code = ov_model_outputs_size(model, &ends->outputs);
    if (!code && ends->inputs > 0)
        code = ov_model_const_input_by_index(model, 0, &port);
    if (!code && port)
        code = get_shape(port, &ends->input);
    ov_output_const_port_free(port);
    for (size_t i = 0; !code && i < ends->outputs && i < VANON_COUNT(ends->output); i++) {
        port = NULL;
        code = ov_model_const_output_by_index(model, i, &port);
        if (!code)
            code = get_shape(port, &ends->output[i]);
        ov_output_const_port_free(port);
    }
    return code;
}

static int check_model(struct vanon_openvino_model *model)
{
    struct vanon_model_ends ends = {0};
    ov_status_e code = get_ends(model->model, &ends);
    int status;

    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_MODEL, model->file.path, code);
    status = vanon_model_recognise(&model->kind, &ends, &model->file, model->log);
    if (status)
        return status;
    if (model->kind.batch)
        model->batch = model->kind.batch;
    else if (model->kind.most_batch && model->batch > model->kind.most_batch)
        model->batch = model->kind.most_batch;
    return VANON_OK;
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
    ov_status_e code =
        ov_core_read_model(model->core, model->file.path, model->file.weights, &model->model);

    snprintf(what, sizeof what, "model %s: damaged, or no model at all", model->file.path);
    if (code)
        return vanon_openvino_fail(model->log, VANON_ERR_MODEL, what, code);
    status = check_model(model);
    return status ? status : add_steps(model);
}

/* For a further size of input. Another file by the same name would not be what is reported. */
static int read_again(struct vanon_openvino_model *model)
{
    int status = vanon_model_file_check(&model->file, model->log);

    return status ? status : read_model(model);
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
    /* Each batch is a network of its own, of 0.2 s and 60 MB, and on the CPU, whose streams look at
     * one frame each, none is faster than that of 1 (measured: 1, 2, 4 and 8). */
    if (params->elastic)
        model->batch = 1;
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
        status = vanon_model_choose_imgsz(&model->imgsz, &model->kind, &model->file, options,
                                          params->log);
    if (!status) {
        vanon_model_warn_of_nms(&model->kind, &model->file, options, params->log);
        return VANON_OK;
    }
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

static ov_status_e reshape(const struct vanon_openvino_model *model,
                           const struct vanon_openvino_network *network)
{
    const int64_t sides[4] = {(int64_t)network->batch, network->height, network->width, 3};
    ov_partial_shape_t shape = {0};
    ov_status_e code = ov_partial_shape_create_static(4, sides, &shape);

    if (!code)
        code = ov_model_reshape_single_input(model->model, shape);
    ov_partial_shape_free(&shape);
    return code;
}

/* Each stream keeps its own activations, 250 MB for 1920x1088: there is a bound,
 * that of a request. Two threads are
 * faster with a frame each than with one together (1280x960: 7.4 s and 9.0 s for 200 frames). */
static size_t streams_for(const struct vanon_openvino_model *model,
                          const struct vanon_openvino_network *network)
{
    double pixels = (double)network->width * network->height * (double)network->batch;
    size_t fit = (size_t)fmin(VANON_DETECTOR_PIXELS / pixels, 1e3);

    return fit < 1 ? 1 : fit < model->streams ? fit : model->streams;
}

static ov_status_e compile(const struct vanon_openvino_model *model, size_t most_streams,
                           ov_compiled_model_t **compiled)
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

    snprintf(streams, sizeof streams, "%zu", most_streams);
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
        fits = shape.rank == 3 && shape.dims[0] == (int64_t)network->batch && shape.dims[1] > 0 &&
               shape.dims[2] > 0 &&
               vanon_yolo_fits(&model->kind.layout, vanon_skeleton_coco17.joints,
                               (size_t)shape.dims[1], (size_t)shape.dims[2]);
        network->rows = fits ? (size_t)shape.dims[1] : 0;
        network->columns = fits ? (size_t)shape.dims[2] : 0;
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

    snprintf(what, sizeof what, "model %s: input of %zux%dx%dx3", model->file.path, network->batch,
             network->height, network->width);
    status = model->model ? VANON_OK : read_again(model);
    if (status)
        return status;
    code = reshape(model, network);
    if (!code)
        code = compile(model, streams_for(model, network), &network->compiled);
    status = code ? vanon_openvino_fail(model->log, VANON_ERR_MODEL, what, code)
                  : check_network(model, network);
    /* What was compiled has all it needs; of the shipped model it is 8 MB. */
    ov_model_free(model->model);
    model->model = NULL;
    if (status) {
        ov_compiled_model_free(network->compiled);
        network->compiled = NULL;
    }
    return status;
}
