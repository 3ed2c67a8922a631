/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/openvino_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/openvino_model.h"

void vanon_openvino_version(char *version, size_t size)
{
    ov_version_t found = {0};

    *version = '\0';
    if (!ov_get_openvino_version(&found) && found.buildNumber)
        snprintf(version, size, "%s", found.buildNumber);
    ov_version_free(&found);
}

/* "" where the device does not tell. */
static void get_property(const ov_core_t *core, const char *device, const char *key, char *text,
                         size_t size)
{
    char *value = NULL;

    *text = '\0';
    if (!ov_core_get_property(core, device, key, &value) && value)
        snprintf(text, size, "%s", value);
    ov_free(value);
}

static void describe(const ov_core_t *core, struct vanon_openvino_device *device, const char *name)
{
    snprintf(device->name, sizeof device->name, "%s", name);
    get_property(core, name, ov_property_key_device_full_name, device->full_name,
                 sizeof device->full_name);
    get_property(core, name, ov_property_key_device_capabilities, device->capabilities,
                 sizeof device->capabilities);
}

int vanon_openvino_devices(struct vanon_openvino_device **out, size_t *count, const vanon_log *log)
{
    ov_available_devices_t devices = {0};
    ov_core_t *core = NULL;
    ov_status_e code = ov_core_create(&core);
    int status = VANON_OK;

    *out = NULL;
    *count = 0;
    if (!code)
        code = ov_core_get_available_devices(core, &devices);
    if (code)
        status = vanon_openvino_fail(log, VANON_ERR_INFERENCE, "list of devices", code);
    else if (!(*out = calloc(devices.size + 1, sizeof **out)))
        status = VANON_ERR_MEMORY;
    for (size_t i = 0; !status && i < devices.size; i++)
        describe(core, &(*out)[(*count)++], devices.devices[i]);
    ov_available_devices_free(&devices);
    ov_core_free(core);
    return status;
}
