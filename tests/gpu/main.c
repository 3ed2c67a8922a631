/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     test_gpu                            every test that needs a GPU, but for the network's
 *     test_gpu MODEL FOLDER               of the network, too, with the folder of stored results
 *     test_gpu MODEL FOLDER sanitizer     without the memory's end: a sanitizer needs some
 *     test_gpu only NAME...               these tests: letterbox, layers, ...
 *
 * Ends with 0 where all is well, with 77 where there is no GPU.
 */
#include <string.h>

#include "gpu.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"letterbox", test_letterbox}, {"layers", test_layers}, {"convolutions", test_convolutions},
    {"engines", test_engines},     {"decode", test_decode}, {"surfaces", test_surfaces},
};

static bool is_wanted(const char *name, int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "only") != 0)
        return true;
    for (int i = 2; i < argc; i++)
        if (!strcmp(argv[i], name))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    int count = 0;

    if (cudaGetDeviceCount(&count) || !count) {
        fputs("no GPU: nothing was tested\n", stderr);
        return 77;
    }
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (is_wanted(tests[i].name, argc, argv))
            tests[i].run();
    if (argc > 2 && strcmp(argv[1], "only") != 0) {
        test_detections(argv[1], argv[2]);
        if (argc == 3)
            test_memory(argv[1]);
    }
    puts("all is well");
    return 0;
}
