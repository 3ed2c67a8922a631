/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's one symbol. */
#include "detect/plugin.h"

#include <stdio.h>

#include "detector.h"
#include "device.h"
#include "surfaces.h"

static int describe(int number, struct vanon_plugin_device *out, const vanon_log *log)
{
    struct vanon_device_info info;
    vanon_device *device = NULL;
    int status = vanon_device_open(&device, number, log);

    if (!status)
        status = vanon_device_get_info(device, &info);
    if (!status) {
        snprintf(out->name, sizeof out->name, "%s", info.name);
        snprintf(out->libraries, sizeof out->libraries, "%s", info.libraries);
        out->memory = info.memory;
    }
    vanon_device_close(&device);
    return status;
}

static const struct vanon_plugin plugin = {.abi = VANON_PLUGIN_ABI,
                                           .tree = VANON_PLUGIN_TREE,
                                           .count = vanon_device_count,
                                           .describe = describe,
                                           .place = vanon_device_place,
                                           .detector = &vanon_detector_cuda,
                                           .surfaces = &vanon_surfaces_gpu};

VANON_API const struct vanon_plugin *vanon_plugin_entry(uint32_t abi);

const struct vanon_plugin *vanon_plugin_entry(uint32_t abi)
{
    return abi == VANON_PLUGIN_ABI ? &plugin : NULL;
}
