/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are the file in which the GPU plugin stores its choice of engines; what is read of it
 * is written and read back. */
#include "fuzz.h"

#include "engine_store.h"

#define ENGINES 2

static void prepare(struct vanon_engine engines[ENGINES])
{
    for (int i = 0; i < ENGINES; i++)
        engines[i] = (struct vanon_engine){.shape = {.batch = 1 + i,
                                                     .in_width = 8,
                                                     .in_height = 8,
                                                     .in_channels = 8,
                                                     .in_step = 8,
                                                     .out_width = 8,
                                                     .out_height = 8,
                                                     .out_channels = 8,
                                                     .out_step = 8,
                                                     .kernel_width = 1,
                                                     .kernel_height = 1,
                                                     .stride = 1}};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vanon_engine engines[ENGINES], again[ENGINES];
    char path[] = "/tmp/vanon-fuzz-engines-XXXXXX";
    int file = mkstemp(path);

    assert_true(file >= 0 && write(file, data, size) == (ssize_t)size && !close(file));
    prepare(engines);
    prepare(again);
    vanon_engine_store_read(path, engines, ENGINES);
    vanon_engine_store_write(path, engines, ENGINES, &fuzz_log);
    vanon_engine_store_read(path, again, ENGINES);
    for (int i = 0; i < ENGINES; i++)
        assert_true(engines[i].own >= 0 ? again[i].own == engines[i].own
                                        : again[i].index == engines[i].index);
    unlink(path);
    return 0;
}
