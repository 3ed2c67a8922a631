/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/growth.h"

#define WINDOW     32 /* requests that are measured together; after the first, which may prepare */
#define WORTHWHILE 1.03 /* less is within what measurements differ by */

void vanon_growth_init(struct vanon_growth *growth, size_t most, bool grows)
{
    *growth = (struct vanon_growth){
        .batch = grows ? 1 : most, .most = most, .settled = !grows || most == 1};
}

static void restart(struct vanon_growth *growth)
{
    growth->since = 0;
    growth->frames = 0;
}

static void try(struct vanon_growth *growth, size_t batch)
{
    growth->batch = batch < growth->most ? batch : growth->most;
    restart(growth);
}

/* A window is over. */
static void judge(struct vanon_growth *growth, double rate)
{
    if (rate < growth->rate * WORTHWHILE) {
        growth->settled = true;
        try(growth, growth->best);
        return;
    }
    growth->rate = rate;
    growth->best = growth->batch;
    growth->settled = growth->batch == growth->most;
    try(growth, 2 * growth->batch);
}

void vanon_growth_done(struct vanon_growth *growth, size_t frames, int64_t now)
{
    if (growth->settled)
        return;
    if (!growth->since) {
        growth->since = now;
        return;
    }
    growth->frames += frames;
    if (growth->frames >= WINDOW * growth->batch && now > growth->since)
        judge(growth, (double)growth->frames * 1e9 / (double)(now - growth->since));
}

void vanon_growth_starved(struct vanon_growth *growth)
{
    if (!growth->settled)
        restart(growth);
}
