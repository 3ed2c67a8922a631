/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that remembers which engine was the fastest for which convolution. One file for each
 * device, library version, driver and model, in $XDG_CACHE_HOME/vanon/cuda (mode 0700), text, a
 * line a shape. It can only make a start faster: a line that does not fit, or has numbers that no
 * choice can have, is not used.
 */
#ifndef VANON_CUDA_ENGINE_STORE_H
#define VANON_CUDA_ENGINE_STORE_H

#include "engines.h"

/* The file's path: `name` is made of letters, digits, '.', '-' and '_', all else becomes '_'. NULL:
 * there is no home, or no memory. The caller frees it. */
char *vanon_engine_store_path(const char *name);

/* Takes over `own`, `index`, `number` and the times of each engine that the file knows, and sets
 * its `chosen`. Without such a file nothing happens. */
void vanon_engine_store_read(const char *path, struct vanon_engine *engines, size_t count);

/* Writes the file anew: what it held of other shapes, then these. A failure is a line for the log,
 * nothing more. */
void vanon_engine_store_write(const char *path, const struct vanon_engine *engines, size_t count,
                              const vanon_log *log);

#endif
