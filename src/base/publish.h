/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that appears under its name only when it is complete: written without a name, which
 * nothing is left of when the program ends, however it does; then synced, named, and the folder
 * synced. Where the file system can't make such a file, or /proc is not there, it has a hidden
 * temporary name in the same folder. Owned by one thread.
 */
#ifndef VANON_BASE_PUBLISH_H
#define VANON_BASE_PUBLISH_H

#include <stdbool.h>

#include <vanon/status.h>

typedef struct vanon_publish vanon_publish;

/* The name of a local file without a leading "file:", which is no part of it. */
const char *vanon_plain_name(const char *name);

/*
 * True where both names are of one file: by whatever links or spelling, or as names that would
 * become one file. A leading "file:" is no part of a name; "" is no file; "-" is standard output in
 * `output` and standard input in `other`.
 */
bool vanon_same_file(const char *output, const char *other);

/*
 * Whether a file may be put there at all; a leading "file:" is no part of `path`, here and below.
 * VANON_ERR_EXISTS: `path` exists and `overwrite` is false, or it is a folder, no regular file, or
 * a link that leads nowhere; VANON_ERR_IO: it can't be looked at.
 */
int vanon_publish_check(const char *path, bool overwrite, const vanon_log *log);

/*
 * Makes the temporary file. VANON_ERR_EXISTS: `path` exists and `overwrite` is false, or it is a
 * folder or no regular file; VANON_ERR_IO: the folder can't be written; VANON_ERR_MEMORY. The
 * messages name `path`. Nothing is left on failure.
 */
int vanon_publish_create(vanon_publish **out, const char *path, bool overwrite,
                         const vanon_log *log);

/* The temporary file's path, to open and write; of this process alone. */
const char *vanon_publish_path(const vanon_publish *publish);

/*
 * Puts the file in place, atomically, and frees the object in any case. The writer has closed it.
 * VANON_ERR_EXISTS: without `overwrite`, another program has made `path` meanwhile (it is left
 * alone); VANON_ERR_IO. On failure nothing is left under either name.
 */
int vanon_publish_commit(vanon_publish **publish);

/* Removes the temporary file and frees the object. NULL-safe, nulls. */
void vanon_publish_destroy(vanon_publish **publish);

#endif
