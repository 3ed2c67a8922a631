/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenVINO is here, and what it finds to compute on. Plain functions. */
#ifndef VANON_DETECT_OPENVINO_INFO_H
#define VANON_DETECT_OPENVINO_INFO_H

#include <stddef.h>

#include <vanon/status.h>

struct vanon_openvino_device {
    char name[32];          /* OpenVINO's: "CPU", "GPU.0" */
    char full_name[128];    /* of the hardware */
    char capabilities[192]; /* as OpenVINO lists them: "FP32 BF16 INT8" */
};

/* "2026.4.1-22500-..."; "" where it does not tell. */
void vanon_openvino_version(char *version, size_t size);

/* Lists the devices; the caller frees the list. VANON_ERR_INFERENCE, VANON_ERR_MEMORY. */
int vanon_openvino_devices(struct vanon_openvino_device **out, size_t *count, const vanon_log *log);

#endif
