/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are an ONNX file; what a plan is made of must be as plan.h says. */
#include "fuzz.h"

#include "../unit/plan_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vanon_onnx *onnx = NULL;
    vanon_plan *plan = NULL;
    int status = vanon_onnx_parse(&onnx, data, size, "m.onnx", &fuzz_log);

    if (!status)
        status = vanon_plan_create(&plan, onnx, 2, 64, 96, &fuzz_log);
    if (!status)
        check_plan(plan);
    vanon_plan_destroy(&plan);
    vanon_onnx_destroy(&onnx);
    return 0;
}
