/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "planner.h"

static void touch(const vanon_plan *plan, int tensor, int op)
{
    struct vanon_plan_buffer *buffer = &plan->buffer[plan->tensor[tensor].buffer];

    if (op < buffer->first)
        buffer->first = op;
    if (op > buffer->last)
        buffer->last = op;
}

static void find_lifetimes(vanon_plan *plan)
{
    int end = (int)plan->ops;

    for (size_t i = 0; i < plan->buffers; i++) {
        plan->buffer[i].first = end;
        plan->buffer[i].last = -1;
    }
    touch(plan, plan->input, -1);
    for (int i = 0; i < end; i++) {
        touch(plan, plan->op[i].input, i);
        touch(plan, plan->op[i].output, i);
        if (plan->op[i].kind == VANON_PLAN_CONV && plan->op[i].as.conv.residual >= 0)
            touch(plan, plan->op[i].as.conv.residual, i);
    }
    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++) {
        touch(plan, plan->head.level[i].box, end);
        touch(plan, plan->head.level[i].scores, end);
        if (plan->head.level[i].joints >= 0)
            touch(plan, plan->head.level[i].joints, end);
    }
}

/* The larger ones first; in the plan's order where they are alike, so that plans repeat. */
static int compare(const void *a, const void *b)
{
    const struct vanon_plan_buffer *left = *(struct vanon_plan_buffer *const *)a;
    const struct vanon_plan_buffer *right = *(struct vanon_plan_buffer *const *)b;

    if (left->elements != right->elements)
        return left->elements < right->elements ? 1 : -1;
    return left < right ? -1 : left > right;
}

static bool meet(const struct vanon_plan_buffer *a, const struct vanon_plan_buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which a buffer meets none of the `count` that have theirs. */
static size_t find_offset(struct vanon_plan_buffer *const *placed, size_t count,
                          const struct vanon_plan_buffer *buffer)
{
    size_t offset = 0;

    for (size_t i = 0; i < count; i++) {
        size_t end = placed[i]->offset + placed[i]->elements;

        if (!meet(placed[i], buffer) || end <= offset ||
            placed[i]->offset >= offset + buffer->elements)
            continue;
        offset = (end + VANON_PLAN_GRAIN - 1) / VANON_PLAN_GRAIN * VANON_PLAN_GRAIN;
        i = (size_t)-1; /* from the beginning: it may meet an earlier one now */
    }
    return offset;
}

int vanon_planner_lay_out(struct vanon_planner *planner)
{
    vanon_plan *plan = planner->plan;
    struct vanon_plan_buffer **order = calloc(plan->buffers, sizeof *order);

    if (!order)
        return VANON_ERR_MEMORY;
    find_lifetimes(plan);
    for (size_t i = 0; i < plan->buffers; i++) {
        struct vanon_plan_buffer *buffer = order[i] = &plan->buffer[i];

        buffer->elements = (size_t)plan->batch * (size_t)buffer->height * (size_t)buffer->width *
                           (size_t)buffer->channels;
    }
    qsort(order, plan->buffers, sizeof *order, compare);
    for (size_t i = 0; i < plan->buffers; i++) {
        order[i]->offset = find_offset(order, i, order[i]);
        if (order[i]->offset + order[i]->elements > plan->arena)
            plan->arena = order[i]->offset + order[i]->elements;
    }
    free(order);
    return VANON_OK;
}
