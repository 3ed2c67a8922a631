/* SPDX-License-Identifier: Apache-2.0 */
/* test_gpu [MODEL FOLDER]: every test that needs a GPU; of the network only where it is given. Ends
 * with 0 where all is well, with 77 where there is no GPU. */
#include "gpu.h"

int main(int argc, char **argv)
{
    int count = 0;

    if (cudaGetDeviceCount(&count) || !count) {
        fputs("no GPU: nothing was tested\n", stderr);
        return 77;
    }
    test_letterbox();
    test_layers();
    test_convolutions();
    test_decode();
    test_paint();
    if (argc > 2)
        test_detections(argv[1], argv[2]);
    if (argc > 2)
        test_memory(argv[1]);
    puts("all is well");
    return 0;
}
