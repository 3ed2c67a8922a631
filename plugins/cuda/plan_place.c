/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that share memory make a class, in which each has its first channel. A view of a value is
 * in the value's class. A concatenation begins a class of its own, into which the classes of its
 * inputs move, if all that they bring fits: then their producers write right there. What doesn't
 * fit is copied.
 */
#include "base/memory.h"
#include "planner.h"

static int channels_of(const struct vanon_planner *planner, int value)
{
    return (int)planner->graph->value[value].array.side[1];
}

static int add_range(struct vanon_planner *planner, int class, int start, int end)
{
    if (vanon_grow(&planner->range, &planner->range_capacity, planner->ranges + 1,
                   sizeof *planner->range))
        return VANON_ERR_MEMORY;
    planner->range[planner->ranges++] = (struct vanon_range){class, start, end};
    return VANON_OK;
}

/* A value that an operation writes: a class of its own. */
static int place_new(struct vanon_planner *planner, int value)
{
    int class = planner->classes++;

    planner->place[value] = (struct vanon_place){class, 0};
    return add_range(planner, class, 0, vanon_plan_padded(channels_of(planner, value)));
}

static int place_view(struct vanon_planner *planner, const struct vanon_step *step)
{
    const struct vanon_place *in = &planner->place[step->in];

    if (step->first % VANON_PLAN_CHANNELS)
        return place_new(planner, step->out);
    planner->place[step->out] = (struct vanon_place){in->class, in->at + step->first};
    return VANON_OK;
}

/* A concatenation while it takes in its inputs: where it begins is channel 0 of its class. */
struct concat {
    struct vanon_planner *planner;
    const struct vanon_node *node;
    int class;
};

/* True where input `index` at its slot would move its class by `shift`. */
static bool moves_by(const struct concat *concat, size_t index, int slot, int class, int shift)
{
    const struct vanon_place *place = &concat->planner->place[concat->node->input[index]];

    return place->class == class && place->at + shift == slot;
}

/* True where what is written from `start` to `end`, when `class` has moved, meets only what is
 * free, or is what the concatenation's slots there are for. */
static bool range_fits(const struct concat *concat, int class, int shift, int start, int end)
{
    const struct vanon_planner *planner = concat->planner;
    int slot = 0;

    for (size_t i = 0; i < planner->ranges; i++) {
        const struct vanon_range *range = &planner->range[i];

        if (range->class == concat->class && start < range->end && range->start < end)
            return false;
    }
    for (size_t i = 0; i < concat->node->inputs; i++) {
        int next = slot + channels_of(planner, concat->node->input[i]);

        if (start < next && slot < end && !moves_by(concat, i, slot, class, shift))
            return false;
        slot = next;
    }
    return true;
}

/* Moves a class into the concatenation's. */
static void join(const struct concat *concat, int class, int shift)
{
    struct vanon_planner *planner = concat->planner;

    for (size_t i = 0; i < planner->graph->values; i++)
        if (planner->place[i].class == class) {
            planner->place[i].class = concat->class;
            planner->place[i].at += shift;
        }
    for (size_t i = 0; i < planner->ranges; i++)
        if (planner->range[i].class == class) {
            planner->range[i].class = concat->class;
            planner->range[i].start += shift;
            planner->range[i].end += shift;
        }
}

/* Brings input `index` to its slot: it is there, its class moves there, or it will be copied. The
 * network's input stays alone, so that whoever writes it finds 8 channels. */
static int take_in(const struct concat *concat, size_t index, int slot)
{
    struct vanon_planner *planner = concat->planner;
    int value = concat->node->input[index], channels = channels_of(planner, value);
    struct vanon_place place = planner->place[value];
    int shift = slot - place.at;
    bool whole = slot % VANON_PLAN_CHANNELS == 0 &&
                 (channels % VANON_PLAN_CHANNELS == 0 || index + 1 == concat->node->inputs);
    bool fits = whole && shift % VANON_PLAN_CHANNELS == 0 && place.class != concat->class &&
                place.class != planner->place[planner->graph->input].class;

    if (place.class == concat->class && !shift)
        return VANON_OK;
    for (size_t i = 0; i < planner->ranges && fits; i++)
        if (planner->range[i].class == place.class)
            fits = range_fits(concat, place.class, shift, planner->range[i].start + shift,
                              planner->range[i].end + shift);
    if (!fits)
        return add_range(planner, concat->class, slot, slot + channels);
    join(concat, place.class, shift);
    return VANON_OK;
}

static int place_concat(struct vanon_planner *planner, const struct vanon_step *step)
{
    struct concat concat = {planner, &planner->graph->node[step->node], planner->classes++};
    int slot = 0, status = VANON_OK;

    planner->place[step->out] = (struct vanon_place){concat.class, 0};
    for (size_t i = 0; i < concat.node->inputs && !status; i++) {
        status = take_in(&concat, i, slot);
        slot += channels_of(planner, concat.node->input[i]);
    }
    return status;
}

int vanon_planner_place(struct vanon_planner *planner)
{
    int status = place_new(planner, planner->graph->input);

    for (size_t i = 0; i < planner->steps && !status; i++) {
        const struct vanon_step *step = &planner->step[i];

        if (step->kind == VANON_STEP_VIEW)
            status = place_view(planner, step);
        else if (step->kind == VANON_STEP_CONCAT)
            status = place_concat(planner, step);
        else
            status = place_new(planner, step->out);
    }
    return status;
}
