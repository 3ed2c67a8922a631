/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenVINO computes of a model in float32, number by number; after unit.h. */
#ifndef VANON_TESTS_OPENVINO_RUN_H
#define VANON_TESTS_OPENVINO_RUN_H

#include <openvino/c/openvino.h>

/* The output of a model's file for a float input of [batch][3][height][width], `count` numbers. */
static float *openvino_run(const char *path, float *input, int batch, int height, int width,
                           size_t count)
{
    const int64_t sides[4] = {batch, 3, height, width};
    const ov_property_t f32 = {ov_property_key_hint_inference_precision, "f32"};
    float *output = malloc(count * sizeof *output);
    ov_core_t *core = NULL;
    ov_model_t *model = NULL;
    ov_partial_shape_t open = {0};
    ov_shape_t shape = {0}, found = {0};
    ov_compiled_model_t *compiled = NULL;
    ov_infer_request_t *request = NULL;
    ov_tensor_t *in = NULL, *out = NULL;
    void *data;

    assert_non_null(output);
    assert_int_equal(ov_core_create(&core), 0);
    assert_int_equal(ov_core_read_model(core, path, NULL, &model), 0);
    assert_int_equal(ov_partial_shape_create_static(4, sides, &open), 0);
    assert_int_equal(ov_model_reshape_single_input(model, open), 0);
    assert_int_equal(ov_core_compile_model_props(core, model, "CPU", 1, &f32, &compiled), 0);
    assert_int_equal(ov_compiled_model_create_infer_request(compiled, &request), 0);
    assert_int_equal(ov_shape_create(4, sides, &shape), 0);
    assert_int_equal(ov_tensor_create_from_host_ptr(F32, shape, input, &in), 0);
    assert_int_equal(ov_infer_request_set_input_tensor(request, in), 0);
    assert_int_equal(ov_infer_request_infer(request), 0);
    assert_int_equal(ov_infer_request_get_output_tensor(request, &out), 0);
    assert_int_equal(ov_tensor_get_shape(out, &found), 0);
    assert_int_equal(found.rank, 3);
    assert_int_equal(found.dims[0] * found.dims[1] * found.dims[2], count);
    assert_int_equal(ov_tensor_data(out, &data), 0);
    memcpy(output, data, count * sizeof *output);
    ov_shape_free(&found);
    ov_tensor_free(out);
    ov_tensor_free(in);
    ov_shape_free(&shape);
    ov_infer_request_free(request);
    ov_compiled_model_free(compiled);
    ov_partial_shape_free(&open);
    ov_model_free(model);
    ov_core_free(core);
    return output;
}

#endif
