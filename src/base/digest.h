/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, computed by nettle. */
#ifndef VANON_BASE_DIGEST_H
#define VANON_BASE_DIGEST_H

#include <stddef.h>

#include <vanon/status.h>

#define VANON_SHA256_TEXT 65 /* 64 lower-case hex digits and the end */

/* The digest of a whole file. VANON_ERR_IO: it can't be read; the message names it. */
int vanon_sha256_file(const char *path, char text[VANON_SHA256_TEXT], const vanon_log *log);

/* The digest of several files as if they were one: what `cat FILES | sha256sum` says. */
int vanon_sha256_files(const char *const *paths, size_t count, char text[VANON_SHA256_TEXT],
                       const vanon_log *log);

/*
 * The digest of a run's input where that is a regular file, which can be read a second time; ""
 * where it is not (a pipe, a device, a URL). VANON_ERR_IO as above.
 */
int vanon_sha256_input(const char *input, char text[VANON_SHA256_TEXT], const vanon_log *log);

#endif
