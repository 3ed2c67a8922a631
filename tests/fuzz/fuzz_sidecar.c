/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are a sidecar; what is read of it can be asked for, and is written back. */
#include "fuzz.h"

#include "base/memory.h"
#include "sidecar/sidecar.h"

static void ask(const vanon_sidecar *sidecar)
{
    vanon_object_list objects = {0};
    vanon_region_list regions = {0};
    const struct vanon_sidecar_header *header = vanon_sidecar_get_header(sidecar);
    vanon_frame frame = {.width = header->width,
                         .height = header->height,
                         .rotation = header->rotation,
                         .mirrored = header->mirrored,
                         .sar = header->sar,
                         .time_base = header->time_base};

    assert_true(header->width > 0 && header->height > 0 && header->time_base.den > 0);
    for (uint64_t i = 0; i < vanon_sidecar_frames(sidecar); i++) {
        assert_int_equal(vanon_sidecar_objects(sidecar, i, &objects), VANON_OK);
        assert_int_equal(vanon_sidecar_regions(sidecar, i, &regions), VANON_OK);
        assert_int_equal(vanon_sidecar_added(sidecar, i, &regions), VANON_OK);
        frame.number = i;
        frame.pts = vanon_sidecar_pts(sidecar, i);
        assert_int_equal(vanon_sidecar_check_frame(sidecar, &frame, &fuzz_log), VANON_OK);
    }
    for (size_t i = 0; i < regions.count; i++)
        assert_true(regions.region[i].first_point + regions.region[i].points <= regions.points);
    vanon_object_list_free(&objects);
    vanon_region_list_free(&regions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vanon_sidecar *sidecar;

    if (!vanon_sidecar_load(&sidecar, fuzz_file(data, size), &fuzz_log))
        ask(sidecar);
    vanon_sidecar_destroy(&sidecar);
    return 0;
}
