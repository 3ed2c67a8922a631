/* SPDX-License-Identifier: Apache-2.0 */
/* A network of a model on the GPU, for tests. */
#ifndef VANON_TESTS_GPU_NETWORK_H
#define VANON_TESTS_GPU_NETWORK_H

#include "../../plugins/cuda/device.h"

struct gpu_network {
    vanon_weights *weights;
    vanon_network *network;
};

/* Of scores above 0.25, an overlap of 0.45, and at most so many people. `store` names what is
 * stored of engines; "": nothing. A status; after an error there is nothing to be freed. */
int gpu_network_make(struct gpu_network *out, vanon_device *device, const vanon_plan *plan,
                     bool half, const char *store, size_t max_det);
void gpu_network_free(struct gpu_network *network);

#endif
