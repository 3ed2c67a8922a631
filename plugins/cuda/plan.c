/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdlib.h>

#include "base/log.h"
#include "planner.h"

#define SIDES 32 /* the network's sides are multiples of it */

/* The shape of the graph's input: its own batch, since a plan's frames are all alike. */
static int take_size(const vanon_onnx *onnx, int batch, int height, int width, int64_t input[4],
                     const vanon_log *log)
{
    const int64_t *side = onnx->side;

    if (batch < 1 || batch > VANON_PLAN_MOST_BATCH || height < SIDES || width < SIDES ||
        height % SIDES || width % SIDES)
        return vanon_fail(log, VANON_ERR_ARGUMENT,
                          "model %s: a batch of %d of %dx%d; up to %d, and multiples of %d are "
                          "possible",
                          onnx->name, batch, width, height, VANON_PLAN_MOST_BATCH, SIDES);
    if ((side[2] && side[2] != height) || (side[3] && side[3] != width))
        return vanon_fail(log, VANON_ERR_ARGUMENT,
                          "model %s: an input of %dx%d; it has a fixed one of %lldx%lld",
                          onnx->name, width, height, (long long)side[3], (long long)side[2]);
    input[0] = side[0] ? side[0] : 1;
    input[1] = 3;
    input[2] = height;
    input[3] = width;
    return VANON_OK;
}

static int prepare(struct vanon_planner *planner)
{
    size_t values = planner->graph->values;

    planner->made = calloc(values, sizeof *planner->made);
    planner->place = calloc(values, sizeof *planner->place);
    planner->tensor_of = calloc(values, sizeof *planner->tensor_of);
    if (!planner->made || !planner->place || !planner->tensor_of)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < values; i++)
        planner->place[i].class = planner->tensor_of[i] = -1;
    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++)
        for (size_t j = 0; j < VANON_HEAD_TENSORS; j++)
            planner->head[i][j] = -1;
    return VANON_OK;
}

/* Classes are known only after the values have their places. */
static int prepare_buffers(struct vanon_planner *planner)
{
    planner->buffer_of = calloc((size_t)planner->classes, sizeof *planner->buffer_of);
    if (!planner->buffer_of)
        return VANON_ERR_MEMORY;
    for (int i = 0; i < planner->classes; i++)
        planner->buffer_of[i] = -1;
    return VANON_OK;
}

static void finish(struct vanon_planner *planner)
{
    vanon_graph_destroy(&planner->graph);
    free(planner->step);
    free(planner->made);
    free(planner->place);
    free(planner->range);
    free(planner->tensor_of);
    free(planner->buffer_of);
    free(planner->name_at);
}

int vanon_plan_create(vanon_plan **out, const vanon_onnx *onnx, int batch, int height, int width,
                      const vanon_log *log)
{
    static int (*const stages[])(struct vanon_planner *) = {
        prepare,         vanon_planner_find_head, vanon_planner_make_steps, vanon_planner_place,
        prepare_buffers, vanon_planner_write,     vanon_planner_lay_out};
    struct vanon_planner planner = {0};
    int64_t input[4];
    int status = take_size(onnx, batch, height, width, input, log);

    *out = NULL;
    if (status)
        return status;
    planner.plan = calloc(1, sizeof *planner.plan);
    if (!planner.plan)
        return VANON_ERR_MEMORY;
    planner.plan->batch = batch;
    planner.plan->height = height;
    planner.plan->width = width;
    status = vanon_graph_create(&planner.graph, onnx, input, log);
    for (size_t i = 0; i < sizeof stages / sizeof *stages && !status; i++)
        status = stages[i](&planner);
    if (status)
        vanon_plan_destroy(&planner.plan);
    finish(&planner);
    *out = planner.plan;
    return status;
}

void vanon_plan_destroy(vanon_plan **pointer)
{
    vanon_plan *plan = *pointer;

    if (!plan)
        return;
    free(plan->op);
    free(plan->tensor);
    free(plan->buffer);
    free(plan->weights);
    free(plan->names);
    free(plan);
    *pointer = NULL;
}
