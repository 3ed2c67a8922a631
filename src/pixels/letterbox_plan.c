/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"

#define QUARTERS 4
#define QUARTER  (VANON_ROW_BLOCK / QUARTERS) /* results in one of a block's quarters */
#define NOTHING  0x80                         /* a shuffle makes 0 of it */

/* The sample at or before the i-th result, and how far it is from there to the next, of 32768. */
static void find_place(size_t i, const struct vanon_course *course,
                       const struct vanon_sampling *sampling, int32_t *index, int16_t *weight)
{
    double size = 1 << sampling->log2;
    double first = sampling->cosited ? 0.5 : size / 2; /* place of sample 0 */
    double place = (course->slope * ((double)i + 0.5) + course->start - first) / size;
    double inside = fmin(fmax(place, 0), sampling->samples - 1);

    *index = (int32_t)inside;
    *weight = (int16_t)fmin(rint(ldexp(inside - floor(inside), 15)), INT16_MAX);
}

static struct vanon_row_scale scale_of(const struct vanon_component *component, int sample_bytes)
{
    int bits = component->depth + component->shift;

    if (sample_bytes == 1 || bits == 16)
        return (struct vanon_row_scale){.top = UINT16_MAX, .down = 1};
    return (struct vanon_row_scale){.top = (uint16_t)((1 << bits) - 1), .up = (uint8_t)(15 - bits)};
}

/* Windows */

/* The results that a window serves. */
struct group {
    size_t first, count;
};

static struct group group_of(size_t block, int rounds, int round, int quarter)
{
    size_t count = (size_t)(QUARTER / rounds);

    return (struct group){
        block * VANON_ROW_BLOCK + (size_t)quarter * QUARTER + (size_t)round * count, count};
}

/* The plan's arrays are filled up to whole blocks. Returns whether a window can hold the group. */
static bool place_window(const struct vanon_row_plan *plan, const struct group *group,
                         int32_t bytes, int32_t *window)
{
    int32_t first = INT32_MAX, last = 0;

    for (size_t i = group->first; i < group->first + group->count; i++) {
        first = plan->index[i] < first ? plan->index[i] : first;
        last = plan->index[i] > last ? plan->index[i] : last;
    }
    *window = first < bytes - VANON_ROW_WINDOW ? first : bytes - VANON_ROW_WINDOW;
    return last + plan->step + plan->sample_bytes - *window <= VANON_ROW_WINDOW;
}

static bool rounds_suffice(const struct vanon_row_plan *plan, size_t blocks, int rounds,
                           int32_t bytes)
{
    for (size_t block = 0; block < blocks; block++) {
        for (int k = 0; k < rounds * QUARTERS; k++) {
            struct group group = group_of(block, rounds, k / QUARTERS, k % QUARTERS);
            int32_t window;

            if (!place_window(plan, &group, bytes, &window))
                return false;
        }
    }
    return true;
}

/* The bytes of the sample at `at` become a word of the shuffled vector; a byte its high one. */
static void fill_shuffle(uint8_t *shuffle, int32_t at, int sample_bytes)
{
    shuffle[0] = sample_bytes == 1 ? NOTHING : (uint8_t)at;
    shuffle[1] = (uint8_t)(at + sample_bytes - 1);
}

static void fill_windows(const struct vanon_row_plan *plan, size_t blocks, int32_t bytes,
                         int32_t *window, uint8_t *shuffle)
{
    for (size_t block = 0; block < blocks; block++) {
        for (int k = 0; k < plan->rounds * QUARTERS; k++) {
            int round = k / QUARTERS, quarter = k % QUARTERS;
            struct group group = group_of(block, plan->rounds, round, quarter);
            uint8_t *before = shuffle + 2 * VANON_ROW_BLOCK * 2 * (size_t)round +
                              VANON_ROW_WINDOW * (size_t)quarter;
            uint8_t *after = before + 2 * VANON_ROW_BLOCK;

            place_window(plan, &group, bytes, &window[k]);
            for (size_t i = 0; i < group.count; i++) {
                size_t at = 2 * (i + (size_t)round * group.count);
                int32_t from = plan->index[group.first + i] - window[k];

                fill_shuffle(before + at, from, plan->sample_bytes);
                fill_shuffle(after + at, from + plan->step, plan->sample_bytes);
            }
        }
        window += plan->rounds * QUARTERS;
        shuffle += 4 * VANON_ROW_BLOCK * plan->rounds;
    }
}

static int make_windows(struct vanon_row_plan *plan, size_t room, size_t bytes)
{
    size_t blocks = room / VANON_ROW_BLOCK, windows, shuffles;
    int32_t *window;
    uint8_t *shuffle;
    int rounds = 1;

    if (bytes < VANON_ROW_WINDOW)
        return VANON_OK;
    /* A window has room for two samples of any format, however far apart results are. */
    while (rounds < QUARTER && !rounds_suffice(plan, blocks, rounds, (int32_t)bytes))
        rounds *= 2;
    plan->rounds = rounds;
    windows = blocks * QUARTERS * (size_t)rounds;
    shuffles = blocks * 4 * VANON_ROW_BLOCK * (size_t)rounds;
    plan->window = window = vanon_aligned_alloc(windows * sizeof *window);
    plan->shuffle = shuffle = vanon_aligned_alloc(shuffles);
    if (!window || !shuffle)
        return VANON_ERR_MEMORY;
    memset(shuffle, NOTHING, shuffles);
    fill_windows(plan, blocks, (int32_t)bytes, window, shuffle);
    return VANON_OK;
}

/* Plans */

int vanon_row_plan_make(struct vanon_row_plan *plan, size_t count,
                        const struct vanon_course *course, const struct vanon_sampling *sampling,
                        const struct vanon_component *component, int sample_bytes, size_t bytes)
{
    size_t room = vanon_row_room(count);
    int32_t *index = vanon_aligned_alloc(room * sizeof *index);
    int16_t *weight = vanon_aligned_alloc(room * sizeof *weight);

    *plan = (struct vanon_row_plan){.count = count,
                                    .index = index,
                                    .weight = weight,
                                    .step = sampling->samples > 1 ? component->step : 0,
                                    .sample_bytes = sample_bytes,
                                    .scale = scale_of(component, sample_bytes)};
    if (!index || !weight)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < room; i++) {
        find_place(i < count ? i : count - 1, course, sampling, &index[i], &weight[i]);
        if (index[i] > 0 && index[i] == sampling->samples - 1) {
            /* There is nothing behind it: all the way to it from the one before. */
            index[i]--;
            weight[i] = INT16_MAX;
        }
        index[i] *= component->step;
    }
    return make_windows(plan, room, bytes);
}

void vanon_row_plan_free(struct vanon_row_plan *plan)
{
    free(plan->index);
    free(plan->weight);
    free(plan->window);
    free(plan->shuffle);
    *plan = (struct vanon_row_plan){0};
}

int vanon_line_plan_make(struct vanon_line_plan *plan, size_t count,
                         const struct vanon_course *course, const struct vanon_sampling *sampling)
{
    plan->index = vanon_aligned_alloc(count * sizeof *plan->index);
    plan->weight = vanon_aligned_alloc(count * sizeof *plan->weight);
    if (!plan->index || !plan->weight)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        find_place(i, course, sampling, &plan->index[i], &plan->weight[i]);
    return VANON_OK;
}

void vanon_line_plan_free(struct vanon_line_plan *plan)
{
    free(plan->index);
    free(plan->weight);
    *plan = (struct vanon_line_plan){0};
}
