/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "planner.h"

/* The largest number that a bound gets: enough for every exponential to matter. */
#define LARGEST 4.0f

/* Sums of different order differ by so much, in numbers of up to a thousand. */
#define ABSOLUTE 2e-3f
#define RELATIVE 2e-5f

int vanon_region_create(struct vanon_region *region, const vanon_graph *graph)
{
    *region = (struct vanon_region){.node = calloc(graph->nodes + 1, sizeof *region->node)};
    return region->node ? VANON_OK : VANON_ERR_MEMORY;
}

/* A linear congruential generator; its upper bits are even enough. */
static void fill(vanon_array *array, uint32_t *seed)
{
    for (size_t i = 0; i < array->count; i++) {
        *seed = *seed * 1664525 + 1013904223;
        vanon_array_floats(array)[i] = ((float)(*seed >> 8) / (float)(1 << 23) - 1) * LARGEST;
    }
}

int vanon_region_compute(struct vanon_region *region, vanon_graph *graph)
{
    uint32_t seed = 1;
    int status = VANON_OK;

    for (size_t i = 0; i < region->bounds && !status; i++) {
        vanon_array *array = &graph->value[region->bound[i]].array;

        status = vanon_array_alloc(array);
        if (!status)
            fill(array, &seed);
    }
    for (size_t i = 0; i < graph->nodes && !status; i++)
        if (region->node[i])
            status = vanon_graph_run(graph, i);
    return status;
}

static void forget(vanon_array *array)
{
    free(array->data);
    array->data = NULL;
}

void vanon_region_free(struct vanon_region *region, vanon_graph *graph)
{
    for (size_t i = 0; region->node && i < graph->nodes; i++)
        for (size_t j = 0; region->node[i] && j < graph->node[i].outputs; j++)
            if (graph->node[i].output[j] >= 0)
                forget(&graph->value[graph->node[i].output[j]].array);
    for (size_t i = 0; i < region->bounds; i++)
        forget(&graph->value[region->bound[i]].array);
    free(region->node);
    *region = (struct vanon_region){0};
}

bool vanon_region_agrees(float a, float b)
{
    return fabsf(a - b) <= ABSOLUTE + RELATIVE * fabsf(b);
}
