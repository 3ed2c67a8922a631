/* SPDX-License-Identifier: Apache-2.0 */
#include "onnx.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define LARGEST_FILE ((long)1 << 30) /* bytes; YOLOv8x has 280 MB */
#define FIRST_OPSET  11              /* before, Resize, Split and Slice are other operators */
#define LAST_OPSET   23

static int refuse(const vanon_onnx *onnx, const vanon_log *log, const char *rule)
{
    return vanon_fail(log, VANON_ERR_MODEL, "model %s: %s", onnx->name, rule);
}

static bool is_constant(const Onnx__GraphProto *graph, const char *name)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (!strcmp(graph->initializer[i]->name, name))
            return true;
    return false;
}

static const Onnx__TensorShapeProto *shape_of(const Onnx__ValueInfoProto *value)
{
    if (!value->type || value->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        !value->type->tensor_type)
        return NULL;
    return value->type->tensor_type->shape;
}

/* Names are compared one by one. */
#define MOST_CONSTANTS 10000

/* The one input that is not a constant. Old exporters list the constants, too. */
static int find_ends(vanon_onnx *onnx, const vanon_log *log)
{
    const Onnx__GraphProto *graph = onnx->graph;
    const Onnx__TensorShapeProto *shape;
    const Onnx__ValueInfoProto *input = NULL;

    if (graph->n_initializer > MOST_CONSTANTS)
        return refuse(onnx, log, "it has more than 10000 constants");
    for (size_t i = 0; i < graph->n_input; i++) {
        if (is_constant(graph, graph->input[i]->name))
            continue;
        if (input)
            return refuse(onnx, log, "it has more than one input");
        input = graph->input[i];
    }
    if (!input || graph->n_output != 1)
        return refuse(onnx, log, "it must have one input and one output");
    shape = shape_of(input);
    if (!shape || shape->n_dim != 4)
        return refuse(onnx, log, "its input must have four sides: batch, 3, height, width");
    for (size_t i = 0; i < 4; i++)
        if (shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
            onnx->side[i] = shape->dim[i]->dim_value;
    if (onnx->side[1] && onnx->side[1] != 3)
        return refuse(onnx, log, "its input must have 3 channels");
    onnx->input = input->name;
    onnx->output = graph->output[0]->name;
    return VANON_OK;
}

/* Protobuf-c leaves out what isn't given, names included. */
static bool has_names(const Onnx__GraphProto *graph)
{
    for (size_t i = 0; i < graph->n_initializer; i++)
        if (!graph->initializer[i]->name)
            return false;
    for (size_t i = 0; i < graph->n_input; i++)
        if (!graph->input[i]->name)
            return false;
    for (size_t i = 0; i < graph->n_output; i++)
        if (!graph->output[i]->name)
            return false;
    for (size_t i = 0; i < graph->n_node; i++) {
        if (!graph->node[i]->op_type)
            return false;
        for (size_t j = 0; j < graph->node[i]->n_attribute; j++)
            if (!graph->node[i]->attribute[j]->name)
                return false;
    }
    return true;
}

static int check(vanon_onnx *onnx, const vanon_log *log)
{
    const Onnx__ModelProto *model = onnx->model;
    char rule[96];

    onnx->graph = model->graph;
    if (!model->graph)
        return refuse(onnx, log, "it has no graph");
    if (!has_names(model->graph))
        return refuse(onnx, log, "a node, attribute or tensor without a name");
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];

        if ((!set->domain || !*set->domain) && set->has_version && set->version >= 0 &&
            set->version < 1000)
            onnx->opset = (int)set->version;
    }
    if (onnx->opset < FIRST_OPSET || onnx->opset > LAST_OPSET) {
        snprintf(rule, sizeof rule, "its operators are of opset %d; %d to %d are supported",
                 onnx->opset, FIRST_OPSET, LAST_OPSET);
        return refuse(onnx, log, rule);
    }
    return find_ends(onnx, log);
}

int vanon_onnx_parse(vanon_onnx **out, const void *bytes, size_t size, const char *name,
                     const vanon_log *log)
{
    vanon_onnx *onnx = calloc(1, sizeof *onnx);
    int status = VANON_OK;

    *out = NULL;
    if (!onnx || !(onnx->name = strdup(name))) {
        vanon_onnx_destroy(&onnx);
        return VANON_ERR_MEMORY;
    }
    onnx->model = onnx__model_proto__unpack(NULL, size, bytes);
    status = onnx->model ? check(onnx, log) : refuse(onnx, log, "damaged, or no ONNX at all");
    if (status)
        vanon_onnx_destroy(&onnx);
    *out = onnx;
    return status;
}

/* The whole file; NULL: it can't be read, or is too large. */
static void *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    void *bytes = NULL;
    long length = -1;

    if (!file)
        return NULL;
    if (!fseek(file, 0, SEEK_END))
        length = ftell(file);
    rewind(file);
    if (length >= 0 && length <= LARGEST_FILE)
        bytes = malloc((size_t)length + 1);
    if (bytes && fread(bytes, 1, (size_t)length, file) != (size_t)length) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    *size = bytes ? (size_t)length : 0;
    return bytes;
}

int vanon_onnx_load(vanon_onnx **out, const char *path, const vanon_log *log)
{
    size_t size;
    void *bytes = read_file(path, &size);
    int status;

    *out = NULL;
    if (!bytes)
        return vanon_fail(log, VANON_ERR_MODEL, "model %s: it can't be read", path);
    status = vanon_onnx_parse(out, bytes, size, path, log);
    free(bytes);
    return status;
}

void vanon_onnx_destroy(vanon_onnx **pointer)
{
    vanon_onnx *onnx = *pointer;

    if (!onnx)
        return;
    if (onnx->model)
        onnx__model_proto__free_unpacked(onnx->model, NULL);
    free(onnx->name);
    free(onnx);
    *pointer = NULL;
}

/* Tensors */

static float from_half(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    float value;

    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else if (exponent)
        value = ldexpf((float)(fraction + 1024), exponent - 25);
    else
        value = ldexpf((float)fraction, -24);
    return half >> 15 ? -value : value;
}

/* How a data type lies in raw_data, and into which of the typed lists it goes instead. */
enum list { FLOATS, DOUBLES, INT32S, INT64S };

static const struct kind {
    int data_type;
    size_t size;
    enum list list;
    enum vanon_array_type type;
} kinds[] = {
    {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, 4, FLOATS, VANON_ARRAY_FLOAT},
    {ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, 8, DOUBLES, VANON_ARRAY_FLOAT},
    {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16, 2, INT32S, VANON_ARRAY_FLOAT},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT64, 8, INT64S, VANON_ARRAY_INT},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT32, 4, INT32S, VANON_ARRAY_INT},
    {ONNX__TENSOR_PROTO__DATA_TYPE__BOOL, 1, INT32S, VANON_ARRAY_INT},
};

static void take_raw(vanon_array *array, const struct kind *kind, const uint8_t *raw)
{
    for (size_t i = 0; i < array->count; i++, raw += kind->size) {
        double number;
        uint16_t half;
        int32_t word;

        switch (kind->data_type) {
        case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
            memcpy(&number, raw, sizeof number);
            vanon_array_floats(array)[i] = (float)number;
            break;
        case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
            memcpy(&half, raw, sizeof half);
            vanon_array_floats(array)[i] = from_half(half);
            break;
        case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
            memcpy(&word, raw, sizeof word);
            vanon_array_ints(array)[i] = word;
            break;
        case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
            vanon_array_ints(array)[i] = *raw != 0;
            break;
        default: /* float and int64 are as they are here */
            memcpy((uint8_t *)array->data + i * kind->size, raw, kind->size);
        }
    }
}

static size_t list_length(const Onnx__TensorProto *tensor, enum list list)
{
    switch (list) {
    case FLOATS:
        return tensor->n_float_data;
    case DOUBLES:
        return tensor->n_double_data;
    case INT32S:
        return tensor->n_int32_data;
    case INT64S:
        return tensor->n_int64_data;
    }
    return 0;
}

static void take_list(vanon_array *array, const struct kind *kind, const Onnx__TensorProto *tensor)
{
    for (size_t i = 0; i < array->count; i++) {
        if (kind->list == FLOATS)
            vanon_array_floats(array)[i] = tensor->float_data[i];
        else if (kind->list == DOUBLES)
            vanon_array_floats(array)[i] = (float)tensor->double_data[i];
        else if (kind->list == INT64S)
            vanon_array_ints(array)[i] = tensor->int64_data[i];
        else if (kind->type == VANON_ARRAY_FLOAT)
            vanon_array_floats(array)[i] = from_half((uint16_t)tensor->int32_data[i]);
        else
            vanon_array_ints(array)[i] = tensor->int32_data[i];
    }
}

const char *vanon_onnx_tensor(vanon_array *array, const Onnx__TensorProto *tensor)
{
    const struct kind *kind = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (tensor->has_data_type && tensor->data_type == kinds[i].data_type)
            kind = &kinds[i];
    if (!kind)
        return "its data type must be float, float16, double, int64, int32 or bool";
    if (tensor->n_external_data ||
        (tensor->has_data_location &&
         tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL))
        return "its data lie in another file";
    if (!vanon_array_shape(array, kind->type, tensor->n_dims, tensor->dims))
        return "it has too many sides, or too many elements";
    if (tensor->has_raw_data ? tensor->raw_data.len != array->count * kind->size
                             : list_length(tensor, kind->list) != array->count)
        return "it has more or fewer numbers than its sides say";
    if (vanon_array_alloc(array))
        return "there is no memory for it";
    if (tensor->has_raw_data)
        take_raw(array, kind, tensor->raw_data.data);
    else
        take_list(array, kind, tensor);
    return NULL;
}

/* Attributes */

const Onnx__AttributeProto *vanon_onnx_attribute(const Onnx__NodeProto *node, const char *name,
                                                 Onnx__AttributeProto__AttributeType type)
{
    for (size_t i = 0; i < node->n_attribute; i++)
        if (!strcmp(node->attribute[i]->name, name) && node->attribute[i]->type == type)
            return node->attribute[i];
    return NULL;
}

int64_t vanon_onnx_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *attribute =
        vanon_onnx_attribute(node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

    return attribute ? attribute->i : otherwise;
}

bool vanon_onnx_is(const Onnx__NodeProto *node, const char *name, const char *text)
{
    const Onnx__AttributeProto *attribute =
        vanon_onnx_attribute(node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);

    return !attribute ||
           (attribute->s.len == strlen(text) && !memcmp(attribute->s.data, text, attribute->s.len));
}
