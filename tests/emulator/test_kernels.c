/* SPDX-License-Identifier: Apache-2.0 */
/* The GPU's tests of kernels (tests/gpu), with each access to memory watched. Threads and blocks
 * run in one order, then in the other: the results are the same bits. */
#include <stdlib.h>
#include <string.h>

#include "../gpu/gpu.h"
#include "emulator.h"

static const struct {
    const char *name;
    void (*run)(void);
    bool once; /* nothing of it comes back */
} tests[] = {
    {.name = "letterbox", .run = test_letterbox},
    {.name = "layers", .run = test_layers},
    {.name = "convolutions", .run = test_convolutions},
    {.name = "engines", .run = test_engines, .once = true},
    {.name = "decode", .run = test_decode},
    {.name = "surfaces", .run = test_surfaces},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        uint64_t digest[2] = {0};

        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        for (int backwards = 0; backwards < (tests[i].once ? 1 : 2); backwards++) {
            emulator_run_backwards(backwards);
            gpu_restart();
            tests[i].run();
            digest[backwards] = gpu_restart();
        }
        REQUIRE(tests[i].once || digest[0] == digest[1], "%s: not the same backwards",
                tests[i].name);
    }
    REQUIRE(!emulator_memory().live, "%zu pieces of memory are left", emulator_memory().live);
    return 0;
}
