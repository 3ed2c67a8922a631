/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stall.h"

#include "base/usage.h"

#define LOOK    ((int64_t)VANON_STALL_LOOK_MS * 1000000)
#define STOPPED (3 * LOOK) /* between two looks: this process did not run all the time */

bool vanon_stall_look(struct vanon_stall *stall, uint64_t moves, int seconds, int64_t now)
{
    int64_t since = now - stall->looked;

    if (stall->looked && moves == stall->moves && since < LOOK)
        return false;
    if (!stall->looked || moves != stall->moves || !vanon_usage_others_sleep())
        stall->quiet = 0;
    else if (since < STOPPED)
        stall->quiet += since;
    stall->moves = moves;
    stall->looked = now;
    return stall->quiet >= (int64_t)seconds * 1000000000;
}
