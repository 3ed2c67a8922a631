/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "head.h"
#include "planner.h"

enum { BOX, SCORES, JOINTS }; /* of VANON_HEAD_TENSORS */

static int refuse(const struct vanon_planner *planner, const char *rule)
{
    return vanon_fail(planner->graph->log, VANON_ERR_MODEL,
                      "model %s: its last nodes are not the head of YOLOv8 or YOLO11: %s",
                      planner->graph->onnx->name, rule);
}

/* The convolution with 0, 1, ... 15 that makes distances of bins. */
static bool is_dfl(const vanon_graph *graph, const struct vanon_node *node)
{
    const vanon_array *weights = vanon_graph_known(graph, node->input[1]);

    if (!weights || weights->count != VANON_PLAN_REG_MAX || weights->side[0] != 1)
        return false;
    for (size_t i = 0; i < weights->count; i++)
        if (vanon_array_floats(weights)[i] != (float)i)
            return false;
    return true;
}

static int walk(struct vanon_planner *planner, struct vanon_region *region, int value);

static int walk_inputs(struct vanon_planner *planner, struct vanon_region *region, int producer)
{
    const struct vanon_node *node = &planner->graph->node[producer];
    int status = VANON_OK;

    if (region->node[producer])
        return VANON_OK;
    region->node[producer] = true;
    for (size_t i = 0; i < node->inputs && !status; i++)
        if (node->input[i] >= 0)
            status = walk(planner, region, node->input[i]);
    return status;
}

/* Takes what leads to `value` into the region, back to the last convolutions, its bounds: in the
 * order in which the nodes name them. */
static int walk(struct vanon_planner *planner, struct vanon_region *region, int value)
{
    const vanon_graph *graph = planner->graph;
    int producer = graph->value[value].producer, status;

    if (graph->value[value].array.data)
        return VANON_OK;
    if (producer < 0)
        return refuse(planner, "the input gets there past all convolutions");
    if (!vanon_node_is(&graph->node[producer], "Conv") || is_dfl(graph, &graph->node[producer])) {
        if (++planner->depth > 200)
            return refuse(planner, "there are too many nodes");
        status = walk_inputs(planner, region, producer);
        planner->depth--;
        return status;
    }
    for (size_t i = 0; i < region->bounds; i++)
        if (region->bound[i] == value)
            return VANON_OK;
    if (region->bounds == sizeof region->bound / sizeof *region->bound)
        return refuse(planner, "it has more than nine convolutions; three levels are supported");
    region->bound[region->bounds++] = value;
    return VANON_OK;
}

/* The level of this grid, made where it is new; NULL: there are too many. */
static struct vanon_plan_level *find_level(struct vanon_plan_head *head, size_t *levels, int height,
                                           int width)
{
    for (size_t i = 0; i < *levels; i++)
        if (head->level[i].height == height && head->level[i].width == width)
            return &head->level[i];
    if (*levels == VANON_PLAN_LEVELS)
        return NULL;
    head->level[*levels].height = height;
    head->level[*levels].width = width;
    return &head->level[(*levels)++];
}

/* Sorts the bounds by level; on each, box, scores, joints come in this order. */
static int sort_bounds(struct vanon_planner *planner, const struct vanon_region *region)
{
    struct vanon_plan_head *head = &planner->plan->head;
    size_t levels = 0, count[VANON_PLAN_LEVELS] = {0};

    if (region->bounds != 2 * VANON_PLAN_LEVELS && region->bounds != 3 * VANON_PLAN_LEVELS)
        return refuse(planner, "it must have six convolutions, or nine with joints");
    for (size_t i = 0; i < region->bounds; i++) {
        const vanon_array *array = &planner->graph->value[region->bound[i]].array;
        struct vanon_plan_level *level;
        size_t index;

        if (array->sides != 4)
            return refuse(planner, "a convolution has no four sides");
        level = find_level(head, &levels, (int)array->side[2], (int)array->side[3]);
        if (!level)
            return refuse(planner, "it has more than three grids");
        index = (size_t)(level - head->level);
        if (count[index] == region->bounds / VANON_PLAN_LEVELS)
            return refuse(planner, "its grids have different numbers of convolutions");
        planner->head[index][count[index]++] = region->bound[i];
    }
    return VANON_OK;
}

/* Puts level by level into the order of rising strides. */
static void sort_levels(struct vanon_planner *planner)
{
    struct vanon_plan_level *level = planner->plan->head.level;

    for (size_t i = 1; i < VANON_PLAN_LEVELS; i++)
        for (size_t j = i;
             j > 0 && level[j].height * level[j].width > level[j - 1].height * level[j - 1].width;
             j--) {
            struct vanon_plan_level other = level[j];
            int values[VANON_HEAD_TENSORS];

            memcpy(values, planner->head[j], sizeof values);
            level[j] = level[j - 1];
            memcpy(planner->head[j], planner->head[j - 1], sizeof values);
            level[j - 1] = other;
            memcpy(planner->head[j - 1], values, sizeof values);
        }
}

static int channels(const struct vanon_planner *planner, size_t level, size_t tensor)
{
    return (int)planner->graph->value[planner->head[level][tensor]].array.side[1];
}

static int measure(struct vanon_planner *planner, bool with_joints)
{
    vanon_plan *plan = planner->plan;
    struct vanon_plan_head *head = &plan->head;

    sort_levels(planner);
    head->classes = channels(planner, 0, SCORES);
    head->joints = with_joints ? channels(planner, 0, JOINTS) / 3 : 0;
    head->rows = 4 + head->classes + 3 * head->joints;
    head->suppresses = planner->graph->suppresses;
    head->iou = planner->graph->iou;
    for (size_t i = 0; i < VANON_PLAN_LEVELS; i++) {
        struct vanon_plan_level *level = &head->level[i];

        level->stride = level->height ? plan->height / level->height : 0;
        if (!level->stride || level->stride * level->height != plan->height ||
            (int64_t)level->stride * level->width != plan->width ||
            channels(planner, i, BOX) != 4 * VANON_PLAN_REG_MAX ||
            channels(planner, i, SCORES) != head->classes ||
            (with_joints && channels(planner, i, JOINTS) != 3 * head->joints))
            return refuse(planner, "a grid of other sides, or of other channels: 64 for the box, "
                                   "as many as classes, 3 for each joint");
        level->first_anchor = head->anchors;
        level->joints = -1;
        head->anchors += level->height * level->width;
    }
    return VANON_OK;
}

/* Copies a pixel's channels of picture 0 from [channels][height][width]. */
static void take_pixel(const vanon_array *array, size_t pixel, float *to)
{
    size_t plane = (size_t)(array->side[2] * array->side[3]);

    for (size_t i = 0; i < (size_t)array->side[1]; i++)
        to[i] = vanon_array_floats(array)[i * plane + pixel];
}

/* From centre and size to corners, which an NMS may be given instead. */
static void to_corners(float box[4])
{
    float half_width = box[2] / 2, half_height = box[3] / 2;

    box[2] = box[0] + half_width;
    box[3] = box[1] + half_height;
    box[0] -= half_width;
    box[1] -= half_height;
}

/* True where the graph computed for picture 0 of this level what the plan means by it. */
static bool same_level(const struct vanon_planner *planner, size_t index, bool corners, float *room)
{
    const vanon_graph *graph = planner->graph;
    const struct vanon_plan_head *head = &planner->plan->head;
    const struct vanon_plan_level *level = &head->level[index];
    const float *output = vanon_array_floats(&graph->value[graph->output].array);
    float *box = room, *scores = box + 4 * VANON_PLAN_REG_MAX, *joints = scores + head->classes;
    float *column = joints + 3 * head->joints;

    for (int i = 0; i < level->height * level->width; i++) {
        size_t pixel = (size_t)i, anchor = pixel + (size_t)level->first_anchor;

        take_pixel(&graph->value[planner->head[index][BOX]].array, pixel, box);
        take_pixel(&graph->value[planner->head[index][SCORES]].array, pixel, scores);
        if (head->joints)
            take_pixel(&graph->value[planner->head[index][JOINTS]].array, pixel, joints);
        vanon_head_decode(head, level->stride, i % level->width, i / level->width,
                          &(struct vanon_head_pixel){box, scores, joints}, column, 1);
        if (corners)
            to_corners(column);
        for (size_t row = 0; row < (size_t)head->rows; row++)
            if (!vanon_region_agrees(output[row * (size_t)head->anchors + anchor], column[row]))
                return false;
    }
    return true;
}

static bool same_levels(const struct vanon_planner *planner, bool corners, float *room)
{
    bool same = true;

    for (size_t i = 0; i < VANON_PLAN_LEVELS && same; i++)
        same = same_level(planner, i, corners, room);
    return same;
}

static int check(struct vanon_planner *planner, struct vanon_region *region)
{
    vanon_graph *graph = planner->graph;
    const struct vanon_plan_head *head = &planner->plan->head;
    const vanon_array *output = &graph->value[graph->output].array;
    float *room;
    bool same;
    int status;

    if (output->type != VANON_ARRAY_FLOAT || output->sides != 3 || output->side[0] < 1 ||
        output->side[1] != head->rows || output->side[2] != head->anchors)
        return refuse(planner, "the output must be [batch, 4 + classes + 3 joints, anchors]");
    status = vanon_region_compute(region, graph);
    if (status)
        return status;
    if (!output->data)
        return refuse(planner, "they depend on more than the convolutions before them");
    room = calloc(2 * (size_t)head->rows + 4 * VANON_PLAN_REG_MAX, sizeof *room);
    if (!room)
        return VANON_ERR_MEMORY;
    same = same_levels(planner, false, room) ||
           (graph->suppresses && same_levels(planner, true, room));
    free(room);
    return same ? VANON_OK
                : refuse(planner, "they compute other boxes, scores or joints from the same "
                                  "numbers");
}

int vanon_planner_find_head(struct vanon_planner *planner)
{
    struct vanon_region region;
    int status = vanon_region_create(&region, planner->graph);

    if (!status)
        status = walk(planner, &region, planner->graph->output);
    if (!status)
        status = sort_bounds(planner, &region);
    if (!status)
        status = measure(planner, region.bounds == 3 * VANON_PLAN_LEVELS);
    if (!status)
        status = check(planner, &region);
    vanon_region_free(&region, planner->graph);
    return status;
}
