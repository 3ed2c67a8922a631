/* SPDX-License-Identifier: Apache-2.0 */
/* What a library that is loaded at run time has. */
#ifndef VANON_BASE_SYMBOL_H
#define VANON_BASE_SYMBOL_H

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* Finds the function `name` of a library from dlopen and stores it in `*function`, a pointer to
 * such functions; NULL, and false, where the library has none. POSIX makes a function's address
 * fit into a void *; ISO C has no cast for it. */
static inline bool vanon_find_function(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);

    memcpy(function, &address, sizeof address);
    return address;
}

#endif
