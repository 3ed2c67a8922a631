/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a pipe or device in a way that can be interrupted. */
#ifndef VANON_BASE_WAIT_H
#define VANON_BASE_WAIT_H

#include <stdbool.h>

/* Waits until `file` has one of `events` (as poll takes them), or has an end or an error, which
 * reading or writing then tells. `interrupted` is asked ten times a second. 0, ECANCELED, or
 * another errno. */
int vanon_wait_for(int file, short events, bool (*interrupted)(const void *opaque),
                   const void *opaque);

#endif
