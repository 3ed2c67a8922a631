/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/info.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <expat.h>
#include <jansson.h>
#include <nettle/version.h>
#include <yaml.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "detect/haar_cascade.h"
#include "detect/model_file.h"
#include "detect/openvino_info.h"
#include "detect/plugin.h"
#include "media/capabilities.h"
#include "options/options.h"
#include "pixels/format.h"

struct vanon_info {
    vanon_info_row *row;
    size_t count, capacity;
    char *json;
    int status; /* VANON_ERR_MEMORY: a row is lacking */
};

static char *print(struct vanon_info *info, const char *format, ...) VANON_PRINTF(2, 3);

static char *print(struct vanon_info *info, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        text = NULL;
        info->status = VANON_ERR_MEMORY;
    }
    va_end(args);
    return text;
}

/* Adds a row and hands it out, to be filled further; NULL: no memory. */
static vanon_info_row *add(struct vanon_info *info, const char *section, const char *name,
                           const char *value, const char *note)
{
    vanon_info_row *row;

    if (vanon_grow(&info->row, &info->capacity, info->count + 1, sizeof *info->row)) {
        info->status = VANON_ERR_MEMORY;
        return NULL;
    }
    row = &info->row[info->count++];
    *row = (vanon_info_row){.section = section, .number = -1, .there = true};
    row->name = print(info, "%s", name);
    row->value = print(info, "%s", value);
    row->note = print(info, "%s", note);
    return row;
}

static void add_number(struct vanon_info *info, const char *section, const char *name,
                       int64_t number)
{
    char value[24];
    vanon_info_row *row;

    snprintf(value, sizeof value, "%lld", (long long)number);
    row = add(info, section, name, value, "");
    if (row)
        row->number = number;
}

static void add_missing(struct vanon_info *info, const char *section, const char *name,
                        const char *note)
{
    vanon_info_row *row = add(info, section, name, "", note);

    if (row)
        row->there = false;
}

/* Keeps the last error as the reason why something is missing. */
static void keep_message(void *opaque, enum vanon_log_level level, const char *message)
{
    (void)level;
    snprintf(opaque, 1024, "%s", message);
}

/* The sections */

static void add_build(struct vanon_info *info)
{
    add(info, "build", "version", vanon_version(), "");
#if defined(__clang__)
    add(info, "build", "compiler", __VERSION__, "");
#elif defined(__GNUC__)
    add(info, "build", "compiler", "GCC " __VERSION__, "");
#endif
#if defined(__x86_64__)
    add(info, "build", "architecture", "x86-64", "");
#elif defined(__aarch64__)
    add(info, "build", "architecture", "AArch64", "");
#endif
}

static void add_libraries(struct vanon_info *info)
{
    struct vanon_media_capability library;
    char version[96];

    for (size_t i = 0; vanon_media_capability(VANON_MEDIA_LIBRARY, i, &library); i++)
        add(info, "libraries", library.name, library.by, "");
    vanon_openvino_version(version, sizeof version);
    add(info, "libraries", "openvino", version, "");
    add(info, "libraries", "libyaml", yaml_get_version_string(), "");
    add(info, "libraries", "jansson", jansson_version_str(), "");
    add(info, "libraries", "expat", XML_ExpatVersion() + strcspn(XML_ExpatVersion(), "0123456789"),
        "");
    snprintf(version, sizeof version, "%d.%d", nettle_version_major(), nettle_version_minor());
    add(info, "libraries", "nettle", version, "");
}

static void add_machine(struct vanon_info *info)
{
    int64_t pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);

    add_number(info, "machine", "processors", vanon_processors());
    add_number(info, "machine", "memory_mib", pages / 1024 * bytes / 1024);
}

/* NVIDIA's GPUs; why there are none is told among the plugins. */
static void add_cuda_devices(struct vanon_info *info)
{
    const struct vanon_plugin *plugin;
    struct vanon_plugin_device device;
    char why[1024], name[24], value[128];
    int count = 0;

    if (vanon_plugin_load(&plugin, "cuda", why, sizeof why) ||
        plugin->count(&count, why, sizeof why))
        return;
    for (int i = 0; i < count; i++) {
        vanon_log log = {.write = keep_message, .opaque = why, .level = VANON_LOG_ERROR};

        snprintf(name, sizeof name, "cuda:%d", i);
        if (plugin->describe(i, &device, &log)) {
            add_missing(info, "devices", name, why);
            continue;
        }
        snprintf(value, sizeof value, "%s, %zu MiB", device.name, device.memory >> 20);
        add(info, "devices", name, value, device.libraries);
    }
}

static void add_devices(struct vanon_info *info)
{
    static const struct {
        const char *name, *advice;
    } wanted[] = {
        {"GPU", "OpenVINO finds none; an Intel GPU needs its driver (Debian: intel-opencl-icd) and "
                "OpenVINO's GPU plugin"},
        {"NPU", "OpenVINO finds none; it needs Intel's NPU driver and OpenVINO's NPU plugin"},
    };
    struct vanon_openvino_device *devices = NULL;
    char message[1024] = "";
    vanon_log log = {.write = keep_message, .opaque = message, .level = VANON_LOG_ERROR};
    size_t count;

    if (vanon_openvino_devices(&devices, &count, &log))
        add_missing(info, "devices", "CPU", message);
    for (size_t i = 0; i < count; i++)
        add(info, "devices", devices[i].name, devices[i].full_name, devices[i].capabilities);
    for (size_t i = 0; i < VANON_COUNT(wanted); i++) {
        bool found = false;

        for (size_t j = 0; j < count; j++)
            found = found || !strncmp(devices[j].name, wanted[i].name, strlen(wanted[i].name));
        if (!found)
            add_missing(info, "devices", wanted[i].name, wanted[i].advice);
    }
    free(devices);
    add_cuda_devices(info);
}

static void add_plugins(struct vanon_info *info)
{
    const struct vanon_plugin *plugin;
    char why[512], value[32];
    int count;

    if (vanon_plugin_load(&plugin, "cuda", why, sizeof why) ||
        plugin->count(&count, why, sizeof why)) {
        add_missing(info, "plugins", "cuda", why);
        return;
    }
    snprintf(value, sizeof value, "ABI %u", plugin->abi);
    add(info, "plugins", "cuda", value, count == 1 ? "1 GPU" : "several GPUs");
}

static void add_model(struct vanon_info *info, const vanon_options *options)
{
    char message[1024] = "", note[1200];
    vanon_log log = {.write = keep_message, .opaque = message, .level = VANON_LOG_ERROR};
    struct vanon_model_file file;

    if (vanon_model_file_find(&file, options->pose_model, &log)) {
        snprintf(note, sizeof note, "%s; put the file there, or name another with pose_model",
                 message);
        add_missing(info, "model", "pose_model", note);
        return;
    }
    add(info, "model", "pose_model", file.path, file.quantised ? "quantised" : "");
    add(info, "model", "sha256", file.sha256,
        file.shipped ? "the shipped model, unaltered" : "not the shipped model");
    vanon_model_file_free(&file);
}

static void add_cascade(struct vanon_info *info, const char *key, const char *name)
{
    char message[1024] = "", note[1200];
    vanon_log log = {.write = keep_message, .opaque = message, .level = VANON_LOG_ERROR};
    vanon_haar_cascade *cascade = NULL;

    if (vanon_haar_cascade_load(&cascade, name, &log)) {
        snprintf(note, sizeof note, "%s; Debian's opencv-data has the usual ones", message);
        add_missing(info, "cascades", key, note);
        return;
    }
    snprintf(note, sizeof note, "%zu stages", cascade->stages);
    add(info, "cascades", key, name, note);
    vanon_haar_cascade_destroy(&cascade);
}

static void add_media(struct vanon_info *info, const char *section, enum vanon_media_kind kind)
{
    struct vanon_media_capability found;

    for (size_t i = 0; vanon_media_capability(kind, i, &found); i++)
        if (*found.by)
            add(info, section, found.name, found.by, found.note);
        else
            add_missing(info, section, found.name, found.note);
}

static void add_pixel_formats(struct vanon_info *info)
{
    const struct vanon_pixel_layout *layout;

    for (int i = VANON_PIXEL_NONE + 1; (layout = vanon_pixel_layout((enum vanon_pixel_format)i));
         i++)
        add(info, "pixel_formats", layout->name, "", "");
}

/* The object */

int vanon_info_create(vanon_info **out, const vanon_options *options)
{
    vanon_info *info = calloc(1, sizeof *info);
    vanon_options *copy = NULL;
    int status = info ? VANON_OK : VANON_ERR_MEMORY;

    if (!status)
        status = options ? vanon_options_copy(&copy, options) : vanon_options_create(&copy, NULL);
    if (!status) {
        add_build(info);
        add_libraries(info);
        add_machine(info);
        add_devices(info);
        add_plugins(info);
        add_model(info, copy);
        add_cascade(info, "eye_cascade", copy->eye_cascade);
        add_cascade(info, "face_cascade", copy->face_cascade);
        add_media(info, "encoders", VANON_MEDIA_ENCODER);
        add_media(info, "decoders", VANON_MEDIA_DECODER);
        add_media(info, "containers", VANON_MEDIA_CONTAINER);
        add_pixel_formats(info);
        status = info->status;
    }
    vanon_options_destroy(&copy);
    if (status)
        vanon_info_destroy(&info);
    *out = info;
    return status;
}

void vanon_info_destroy(vanon_info **pointer)
{
    vanon_info *info = *pointer;

    if (!info)
        return;
    for (size_t i = 0; i < info->count; i++) {
        free((char *)info->row[i].name);
        free((char *)info->row[i].value);
        free((char *)info->row[i].note);
    }
    free(info->row);
    free(info->json);
    free(info);
    *pointer = NULL;
}

const vanon_info_row *vanon_info_at(const vanon_info *info, size_t index)
{
    return index < info->count ? &info->row[index] : NULL;
}

static json_t *text(const char *string)
{
    json_t *value = json_string(string);

    return value ? value : json_string("(not UTF-8)");
}

static json_t *row_object(const vanon_info_row *row)
{
    return json_pack("{so so so sb}", "name", text(row->name), "value",
                     row->number < 0 ? text(row->value) : json_integer(row->number), "note",
                     text(row->note), "there", row->there);
}

const char *vanon_info_json(vanon_info *info)
{
    json_t *all = json_object(), *section = NULL;

    for (size_t i = 0; i < info->count; i++) {
        if (!i || strcmp(info->row[i].section, info->row[i - 1].section) != 0) {
            section = json_array();
            json_object_set_new(all, info->row[i].section, section);
        }
        json_array_append_new(section, row_object(&info->row[i]));
    }
    free(info->json);
    info->json = all ? json_dumps(all, JSON_INDENT(2)) : NULL;
    json_decref(all);
    return info->json;
}
