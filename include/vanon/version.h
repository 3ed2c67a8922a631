/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the interface, and what marks a function as part of it. */
#ifndef VANON_VERSION_H
#define VANON_VERSION_H

#define VANON_VERSION_MAJOR 0
#define VANON_VERSION_MINOR 1
#define VANON_VERSION_PATCH 0

#if defined(__GNUC__)
#define VANON_API               __attribute__((visibility("default")))
#define VANON_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define VANON_API
#define VANON_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that runs, "MAJOR.MINOR.PATCH"; a static string. Thread-safe. */
VANON_API const char *vanon_version(void);

#ifdef __cplusplus
}
#endif

#endif
