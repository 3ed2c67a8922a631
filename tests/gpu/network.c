/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <vanon/status.h>

#include "detections.h"

int gpu_network_make(struct gpu_network *out, vanon_device *device, const vanon_plan *plan,
                     bool half, const char *store, size_t max_det)
{
    int status = vanon_weights_create(&out->weights, device, plan, half);

    out->network = NULL;
    if (!status)
        status =
            vanon_network_create(&out->network, device,
                                 &(struct vanon_network_params){.plan = plan,
                                                                .weights = out->weights,
                                                                .model_sha256 = store,
                                                                .half = half,
                                                                .confidence = DETECTIONS_CONFIDENCE,
                                                                .iou_threshold = DETECTIONS_IOU,
                                                                .max_det = max_det});
    if (status)
        gpu_network_free(out);
    return status;
}

void gpu_network_free(struct gpu_network *network)
{
    vanon_network_destroy(&network->network);
    vanon_weights_destroy(&network->weights);
}
