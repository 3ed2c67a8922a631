/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wait.h"

#include <errno.h>
#include <poll.h>

#define PATIENCE_MS 100 /* between two looks at the interruption */

int vanon_wait_for(int file, short events, bool (*interrupted)(const void *opaque),
                   const void *opaque)
{
    struct pollfd wanted = {.fd = file, .events = events};

    for (;;) {
        int ready;

        if (interrupted(opaque))
            return ECANCELED;
        ready = poll(&wanted, 1, PATIENCE_MS);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
}
