/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a plan is made of a graph. Internal to plan*.c.
 *
 * 1. plan_head.c finds the head: it walks back from the output to the last convolutions.
 * 2. plan_steps.c walks back from those to the input and writes the steps in the order in which
 * they can run: nodes that belong together become one step.
 * 3. plan_place.c gives every value its place, so that most views and concatenations are nothing to
 *    do.
 * 4. plan_write.c writes operations, weights, tensors and buffers.
 * 5. plan_memory.c puts the buffers into the arena.
 *
 * What 1 and 2 recognise by less than a whole pattern (the head, attention) is computed by the
 * graph's own nodes and by the plan's meaning from the same numbers, and must be equal.
 */
#ifndef VANON_CUDA_PLANNER_H
#define VANON_CUDA_PLANNER_H

#include "graph.h"
#include "plan.h"

#define VANON_HEAD_TENSORS 3 /* box, scores, joints */

enum vanon_step_kind {
    VANON_STEP_CONV,
    VANON_STEP_MAXPOOL,
    VANON_STEP_UPSAMPLE,
    VANON_STEP_ATTENTION,
    VANON_STEP_VIEW,   /* `out` is channels of `in`, from `first` on */
    VANON_STEP_CONCAT, /* `out` is the inputs of the node side by side */
    VANON_STEP_VALUES, /* `out` is the v of each head of what an attention reads, side by side */
};

struct vanon_step {
    enum vanon_step_kind kind;
    size_t node;
    int in, out, residual; /* values; residual -1: none */
    int first;
    enum vanon_plan_activation activation;
    struct vanon_plan_attention attention;
};

/* Channels of a value in a class: values of one class share a buffer. */
struct vanon_place {
    int class; /* -1: nowhere */
    int at;
};

/* Channels of a class that some operation writes. */
struct vanon_range {
    int class, start, end;
};

struct vanon_planner {
    vanon_graph *graph;
    vanon_plan *plan;
    int depth; /* of plan_steps.c's walk */

    /* The head's values: of each level, in the order of struct vanon_plan_level. */
    int head[VANON_PLAN_LEVELS][VANON_HEAD_TENSORS];

    struct vanon_step *step;
    size_t steps, step_capacity;
    bool *made; /* of each value: it is the input, or some step's output */

    struct vanon_place *place; /* of each value */
    int classes;
    struct vanon_range *range;
    size_t ranges, range_capacity;

    int *tensor_of; /* of each value; -1: none yet */
    int *buffer_of; /* of each class; likewise */
    size_t op_capacity, tensor_capacity, buffer_capacity, float_capacity;
    size_t *name_at; /* of each operation, where its name begins */
    size_t name_at_capacity, name_bytes, name_capacity;
};

/* Fills plan->head but for its tensors, and planner->head. */
int vanon_planner_find_head(struct vanon_planner *planner);

/* Fills planner->step. */
int vanon_planner_make_steps(struct vanon_planner *planner);

/* Looks at a value that no other step makes: the output of an attention, or its v (`step` says
 * which; its in, out, kind and attention are filled). VANON_ERR_MODEL: neither. */
int vanon_planner_match_attention(struct vanon_planner *planner, int value,
                                  struct vanon_step *step);

/* Fills planner->place, ->classes and ->range. */
int vanon_planner_place(struct vanon_planner *planner);

/* Fills the plan's operations, tensors, buffers (but for their offsets), weights and names. */
int vanon_planner_write(struct vanon_planner *planner);

/* Lifetimes, offsets, arena. */
int vanon_planner_lay_out(struct vanon_planner *planner);

/* Parts of a graph with other numbers (plan_check.c). */

/* The nodes between some values and another one. */
struct vanon_region {
    bool *node; /* inside */
    int bound[VANON_PLAN_LEVELS * VANON_HEAD_TENSORS];
    size_t bounds;
};

int vanon_region_create(struct vanon_region *region, const vanon_graph *graph);

/* Gives the bounds numbers of either sign, the same each time, and runs the nodes. */
int vanon_region_compute(struct vanon_region *region, vanon_graph *graph);

/* Frees it, and all numbers that it computed. */
void vanon_region_free(struct vanon_region *region, vanon_graph *graph);

/* True where two ways to compute a number agree. */
bool vanon_region_agrees(float a, float b);

#endif
