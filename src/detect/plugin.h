/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins: shared objects that bring a detector for hardware of their own, and what is done there
 * to frames in its memory, found and loaded at run time, so that the same program runs without
 * them. The only one is for NVIDIA's GPUs, "cuda".
 *
 * A plugin is a file vanon_NAME.so with one symbol, vanon_plugin_entry. It is built from the same
 * source tree as the library: what both share are the structs of this and the headers below, not a
 * frozen interface. So a plugin counts only if ABI number, version and the sizes of those structs
 * are the library's own.
 *
 * Thread-safety: all calls from any thread. A plugin stays loaded until the process ends.
 */
#ifndef VANON_DETECT_PLUGIN_H
#define VANON_DETECT_PLUGIN_H

#include "detect/detector.h"
#include "pixels/surfaces.h"

#define VANON_PLUGIN_ABI   3 /* of struct vanon_plugin itself, and of what its functions mean */
#define VANON_PLUGIN_ENTRY "vanon_plugin_entry"

/* What tells one tree from another: the version, and the sizes of the structs that are shared. */
struct vanon_plugin_tree {
    size_t major, minor, patch;
    size_t options, frame, object, object_list, log, params, info, detector, surfaces, paint;
};

#define VANON_PLUGIN_TREE                                                                     \
    {                                                                                         \
        VANON_VERSION_MAJOR, VANON_VERSION_MINOR, VANON_VERSION_PATCH, sizeof(vanon_options), \
            sizeof(vanon_frame), sizeof(vanon_object), sizeof(vanon_object_list),             \
            sizeof(vanon_log), sizeof(struct vanon_detector_params),                          \
            sizeof(struct vanon_detector_info), sizeof(vanon_detector),                       \
            sizeof(struct vanon_surfaces_ops), sizeof(struct vanon_paint)                     \
    }

/* For `vanon info`. */
struct vanon_plugin_device {
    char name[96];      /* "NVIDIA H200" */
    char libraries[96]; /* "CUDA 13.0, driver 580.65, cuDNN 9.19.0" */
    size_t memory;      /* bytes */
};

struct vanon_plugin {
    uint32_t abi; /* VANON_PLUGIN_ABI */
    struct vanon_plugin_tree tree;

    /* How many devices can be used. VANON_ERR_UNSUPPORTED: something is missing; `why`, of `size`
     * bytes, says what. Logs nothing. */
    int (*count)(int *count, char *why, size_t size);
    /* Of device `number`. VANON_ERR_UNSUPPORTED, VANON_ERR_INFERENCE, VANON_ERR_MEMORY. */
    int (*describe)(int number, struct vanon_plugin_device *device, const vanon_log *log);
    /* Where device `number` is on the machine's PCI bus ("0000:3B:00.0"): base/nvml.h knows GPUs
     * by that. "": nothing says. */
    void (*place)(int number, char *place, size_t size);
    /* Its create takes the device that options->device numbers; without a number, device 0. */
    const struct vanon_detector_ops *detector;
    const struct vanon_surfaces_ops *surfaces;
};

/* NULL: the plugin can't be used with this ABI. */
typedef const struct vanon_plugin *vanon_plugin_entry_function(uint32_t abi);

/*
 * Loads vanon_NAME.so: from the folder $VANON_PLUGINS, and nowhere else, where that is set; else
 * from the first of these in which it is, seen from the file that this code is in: the folder
 * "vanon" beside it (installed), its own, "plugins/NAME" in it (a build folder).
 * VANON_ERR_UNSUPPORTED: there is none, or it can't be used here; `why`, of `size` bytes, says what
 * is missing. Logs nothing.
 */
int vanon_plugin_load(const struct vanon_plugin **out, const char *name, char *why, size_t size);

#endif
