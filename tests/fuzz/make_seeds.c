/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small networks as seeds for fuzz_onnx. usage: make_seeds FOLDER */
#include "fuzz.h"

#include "../unit/plan_fixture.h"

static void write_model(const char *folder, const char *name, struct build *build,
                        const char *output)
{
    size_t size;
    uint8_t *bytes = build_pack(build, output, &size);
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(bytes);
    build_destroy(build);
}

int main(int count, char **arguments)
{
    static const struct small plain = {.joints = 1, .classes = 1};
    static const struct small all = {
        .joints = 2, .classes = 2, .attention = true, .ragged = true, .shared = true};
    struct build *build = build_create(64, 96);

    assert_int_equal(count, 2);
    write_model(arguments[1], "plain", build, small_network(build, &plain));
    build = build_create(64, 96);
    write_model(arguments[1], "all", build, small_network(build, &all));
    build = build_create(64, 96);
    write_model(arguments[1], "nms", build,
                nms_tail(build, &plain, &(struct nms_tail){.corners = true}));
    return 0;
}
