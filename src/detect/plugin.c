/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/symbol.h"

/* Where a plugin may be, in this order; "%s" is its name. */
static const char *const places[] = {"vanon/vanon_%s.so", "vanon_%s.so", "plugins/%s/vanon_%s.so"};

#define PATH_BYTES 4096

/* The folder of the file that this code is in: the library's, or a test's. */
static bool find_own_folder(char folder[PATH_BYTES])
{
    Dl_info info;
    char *slash;

    if (!dladdr((const void *)places, &info) || !info.dli_fname)
        return false;
    snprintf(folder, PATH_BYTES, "%s", info.dli_fname);
    slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    else
        snprintf(folder, PATH_BYTES, ".");
    return true;
}

static bool is_there(char path[PATH_BYTES], const char *folder, const char *place, const char *name)
{
    char file[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(file, sizeof file, place, name, name);
#pragma GCC diagnostic pop
    return snprintf(path, PATH_BYTES, "%s/%s", folder, file) < PATH_BYTES && !access(path, F_OK);
}

static int find_file(char path[PATH_BYTES], const char *name, char *why, size_t size)
{
    const char *given = getenv("VANON_PLUGINS");
    char own[PATH_BYTES];

    if (given && *given) {
        if (is_there(path, given, "vanon_%s.so", name))
            return VANON_OK;
        snprintf(why, size, "there is no vanon_%s.so in $VANON_PLUGINS (%s)", name, given);
        return VANON_ERR_UNSUPPORTED;
    }
    for (size_t i = 0; find_own_folder(own) && i < sizeof places / sizeof *places; i++)
        if (is_there(path, own, places[i], name))
            return VANON_OK;
    snprintf(
        why, size,
        "this build has no plugin for it (vanon_%s.so): it is built where NVIDIA's CUDA toolkit "
        "is installed",
        name);
    return VANON_ERR_UNSUPPORTED;
}

static bool is_own(const struct vanon_plugin *plugin)
{
    static const struct vanon_plugin_tree own = VANON_PLUGIN_TREE;

    return plugin && plugin->abi == VANON_PLUGIN_ABI && !memcmp(&plugin->tree, &own, sizeof own);
}

int vanon_plugin_load(const struct vanon_plugin **out, const char *name, char *why, size_t size)
{
    char path[PATH_BYTES];
    vanon_plugin_entry_function *entry = NULL;
    const struct vanon_plugin *plugin = NULL;
    void *library;
    int status = find_file(path, name, why, size);

    *out = NULL;
    if (status)
        return status;
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(why, size, "the plugin can't be loaded: %s", dlerror());
        return VANON_ERR_UNSUPPORTED;
    }
    if (vanon_find_function(library, VANON_PLUGIN_ENTRY, &entry))
        plugin = entry(VANON_PLUGIN_ABI);
    if (!is_own(plugin)) {
        snprintf(why, size, "the plugin %s was built for another version of vanon; build it again",
                 path);
        return VANON_ERR_UNSUPPORTED;
    }
    *out = plugin;
    return VANON_OK;
}
