/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are a model, of which only what it says of itself is read. */
#include "fuzz.h"

#include "detect/model_metadata.h"

static void check(const struct vanon_model_metadata *metadata)
{
    assert_true(memchr(metadata->task, 0, sizeof metadata->task) != NULL);
    assert_true(metadata->person >= -1 && metadata->person < (int)metadata->classes + 1);
    assert_true(metadata->joints >= 0 && metadata->stride >= 0 && metadata->batch >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vanon_model_metadata metadata;
    uint8_t *copy = malloc(size ? size : 1); /* of just this length: what is read behind it shows */

    assert_non_null(copy);
    memcpy(copy, data, size);
    vanon_model_metadata_from_onnx(&metadata, copy, size);
    check(&metadata);
    vanon_model_metadata_from_xml(&metadata, copy, size);
    check(&metadata);
    free(copy);
    return 0;
}
