/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine and this build of the library can do: devices, model, encoders, decoders,
 * containers. For people (the command `vanon info` prints it), and for programs that choose options
 * by it.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_INFO_H
#define VANON_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vanon_info vanon_info;

/* One thing that there is, or that there could be. Strings belong to the object. docs/info.md says
 * what stands in which section. */
typedef struct vanon_info_row {
    const char *section; /* "devices": rows of a section follow each other */
    const char *name;    /* "CPU" */
    const char *value;   /* "": the name says it all */
    int64_t number;      /* the value, where it is a number; else -1 */
    const char *note;    /* more about it; of what is not there: what to do for it; or "" */
    bool there;
} vanon_info_row;

/*
 * Looks. `options` names model and cascades; NULL: the defaults. What can't be found out is a row
 * that is not there, never a failure. It may take some tenths of a second. VANON_ERR_MEMORY.
 */
VANON_API int vanon_info_create(vanon_info **out, const vanon_options *options);
VANON_API void vanon_info_destroy(vanon_info **info);

/* The i-th row, or NULL past the end. */
VANON_API const vanon_info_row *vanon_info_at(const vanon_info *info, size_t index);

/* All of it as one JSON object: a list of rows for each section. The string belongs to the object;
 * NULL where there is no memory. */
VANON_API const char *vanon_info_json(vanon_info *info);

#ifdef __cplusplus
}
#endif

#endif
