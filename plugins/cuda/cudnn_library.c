/* SPDX-License-Identifier: Apache-2.0 */
#include "cudnn_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <vanon/status.h>

#include "base/symbol.h"

#define GRAPH "libcudnn_graph.so.9"

static int missing(struct vanon_cudnn *cudnn, const char *what, char *why, size_t size)
{
    const char *error = dlerror();

    snprintf(why, size, "no cuDNN 9: %s", error ? error : what);
    vanon_cudnn_close(cudnn);
    return VANON_ERR_UNSUPPORTED;
}

/* The part of cuDNN that does the work. libcudnn.so.9 loads it when a function is called first, and
 * ends the process where it is not there: beside itself, or where libraries are looked for. */
static bool has_graph(void *library)
{
    char path[4096];
    Dl_info info;
    const char *end;
    void *graph = dlopen(GRAPH, RTLD_LAZY | RTLD_LOCAL), *inside;

    if (!graph && (inside = dlsym(library, "cudnnGetVersion")) && dladdr(inside, &info) &&
        (end = strrchr(info.dli_fname, '/'))) {
        snprintf(path, sizeof path, "%.*s%s", (int)(end + 1 - info.dli_fname), info.dli_fname,
                 GRAPH);
        graph = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    }
    if (graph)
        dlclose(graph);
    return graph;
}

int vanon_cudnn_open(struct vanon_cudnn *cudnn, char *why, size_t size)
{
    *cudnn = (struct vanon_cudnn){.library = dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL)};
    if (!cudnn->library)
        return missing(cudnn, "libcudnn.so.9 is not there", why, size);
#define LOAD(name_)                                                  \
    if (!vanon_find_function(cudnn->library, #name_, &cudnn->name_)) \
        return missing(cudnn, #name_, why, size);
    VANON_CUDNN_FUNCTIONS(LOAD)
#undef LOAD
    if (!has_graph(cudnn->library))
        return missing(cudnn, GRAPH, why, size);
    if (cudnn->cudnnGetVersion() / 10000 != 9)
        return missing(cudnn, "another major version", why, size);
    return VANON_OK;
}

void vanon_cudnn_close(struct vanon_cudnn *cudnn)
{
    if (cudnn->library)
        dlclose(cudnn->library);
    *cudnn = (struct vanon_cudnn){0};
}
