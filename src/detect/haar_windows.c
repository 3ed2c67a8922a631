/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_windows.h"

#include <math.h>

#include "base/cpu.h"

#define MOST_FLAT 1e-1 /* contrast below which a window holds nothing */

static inline uint32_t area_sum(const uint32_t *window, const uint32_t corner[4])
{
    return window[corner[0]] - window[corner[1]] - window[corner[2]] + window[corner[3]];
}

/* What a window's values are multiplied with; 0: it is too flat to hold anything. */
static inline float contrast_factor(const struct vanon_haar_view *view, const uint32_t *window)
{
    double sum = (int32_t)area_sum(window, view->inner);
    double squares = area_sum(window + view->plane, view->inner);
    double variance = view->inner_area * squares - sum * sum;
    float factor;

    if (variance <= 0)
        return 0;
    factor = (float)(1 / sqrt(variance));
    return view->inner_area * factor < MOST_FLAT ? factor : 0;
}

static inline float node_value(const struct vanon_haar_placed *node, const uint32_t *window)
{
    float value = node->weight[0] * (float)(int32_t)area_sum(window, node->corner[0]) +
                  node->weight[1] * (float)(int32_t)area_sum(window, node->corner[1]);

    if (node->weight[2] != 0)
        value += node->weight[2] * (float)(int32_t)area_sum(window, node->corner[2]);
    return value;
}

static inline float tree_value(const struct vanon_haar_placed *nodes, const uint32_t *window,
                               float factor)
{
    const struct vanon_haar_placed *node = nodes;

    for (;;) {
        int side = !(node_value(node, window) * factor < node->threshold);

        if (node->next[side] <= 0)
            return node->leaf[side];
        node = nodes + node->next[side];
    }
}

static enum vanon_haar_state look_at(const struct vanon_haar_view *view, const uint32_t *window,
                                     float factor)
{
    const vanon_haar_cascade *cascade = view->cascade;

    for (size_t i = 0; i < cascade->stages; i++) {
        const struct vanon_haar_stage *stage = &cascade->stage[i];
        double sum = 0;

        for (size_t j = 0; j < stage->trees; j++)
            sum += tree_value(view->node + cascade->tree[stage->first_tree + j].first_node, window,
                              factor);
        if (sum < stage->threshold)
            return i ? VANON_HAAR_SOME : VANON_HAAR_NOTHING;
    }
    return VANON_HAAR_ALL;
}

static void look(const struct vanon_haar_view *view, const uint32_t *window, int columns, int step,
                 uint8_t *state)
{
    for (int x = 0; x < columns; x += step) {
        float factor = contrast_factor(view, window + x);

        state[x] = factor > 0 ? look_at(view, window + x, factor) : VANON_HAAR_FLAT;
        if (state[x] == VANON_HAAR_NOTHING)
            x += step;
    }
}

const struct vanon_haar_kernels vanon_haar_kernels_c = {look};

const struct vanon_haar_kernels *vanon_haar_kernels(unsigned cpu_flags)
{
#ifdef __x86_64__
    if (cpu_flags & VANON_CPU_AVX2)
        return &vanon_haar_kernels_avx2;
#endif
    (void)cpu_flags;
    return &vanon_haar_kernels_c;
}
