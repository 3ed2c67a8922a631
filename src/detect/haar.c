/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar.h"

#include <math.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "detect/haar_rows.h"
#include "detect/haar_windows.h"

#define MOST_SCALES  1024
#define STRIPE       32 /* see last_row */
#define ROW_MULTIPLE 16

struct vanon_haar {
    const vanon_haar_cascade *cascade;
    const struct vanon_haar_kernels *kernels;
    struct vanon_haar_placed *node; /* cascade->nodes, for the present `stride` and `plane` */
    struct vanon_haar_view view;

    /* Sums, squares, and tilted sums where the cascade needs them, one behind the other. */
    uint32_t *integral;
    ptrdiff_t stride, plane; /* in elements: a row, a picture */
    uint8_t *state;          /* of the windows of a row, `stride` of them */
    uint8_t *shrunk;
    size_t shrunk_capacity;
    struct vanon_resize resize;

    float scale[MOST_SCALES];
    size_t scales;
};

/* One size of the picture. */
struct layer {
    float scale;
    int width, height;
    int columns, rows; /* places for a window */
    int step;
};

int vanon_haar_create(vanon_haar **out, const vanon_haar_cascade *cascade)
{
    vanon_haar *haar = calloc(1, sizeof *haar);

    *out = haar;
    if (!haar)
        return VANON_ERR_MEMORY;
    haar->cascade = cascade;
    haar->kernels = vanon_haar_kernels(vanon_cpu_flags());
    haar->node = calloc(cascade->nodes, sizeof *haar->node);
    if (!haar->node)
        vanon_haar_destroy(out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_haar_destroy(vanon_haar **pointer)
{
    vanon_haar *haar = *pointer;

    if (!haar)
        return;
    vanon_resize_free(&haar->resize);
    free(haar->node);
    free(haar->integral);
    free(haar->state);
    free(haar->shrunk);
    free(haar);
    *pointer = NULL;
}

/* Memory */

static void find_corners(const vanon_haar *haar, const struct vanon_haar_rect *rect, bool tilted,
                         uint32_t corner[4])
{
    ptrdiff_t stride = haar->stride, first = rect->y * stride + rect->x;
    ptrdiff_t right = tilted ? rect->width * (stride + 1) : rect->width;
    ptrdiff_t down = tilted ? rect->height * (stride - 1) : rect->height * stride;

    if (tilted)
        first += 2 * haar->plane;
    corner[0] = (uint32_t)first;
    corner[1] = (uint32_t)(first + right);
    corner[2] = (uint32_t)(first + down);
    corner[3] = (uint32_t)(first + right + down);
}

static void place_node(const vanon_haar *haar, const struct vanon_haar_tree *tree, size_t index)
{
    const vanon_haar_cascade *cascade = haar->cascade;
    const struct vanon_haar_node *from = &cascade->node[index];
    const struct vanon_haar_feature *feature = &cascade->feature[from->feature];
    struct vanon_haar_placed *to = &haar->node[index];

    to->threshold = from->threshold;
    to->next[0] = from->left;
    to->next[1] = from->right;
    for (int i = 0; i < 2; i++)
        if (to->next[i] <= 0)
            to->leaf[i] = cascade->leaf[tree->first_leaf + (size_t)-to->next[i]];
    for (int i = 0; i < VANON_HAAR_RECTS; i++) {
        to->weight[i] = feature->rect[i].weight;
        find_corners(haar, &feature->rect[i], feature->tilted, to->corner[i]);
    }
}

static void place_nodes(vanon_haar *haar)
{
    const vanon_haar_cascade *cascade = haar->cascade;
    const struct vanon_haar_rect inner = {1, 1, cascade->width - 2, cascade->height - 2, 0};

    haar->view = (struct vanon_haar_view){.cascade = cascade,
                                          .node = haar->node,
                                          .plane = haar->plane,
                                          .inner_area = inner.width * inner.height};
    find_corners(haar, &inner, false, haar->view.inner);
    for (size_t i = 0; i < cascade->trees; i++) {
        size_t end = i + 1 < cascade->trees ? cascade->tree[i + 1].first_node : cascade->nodes;

        for (size_t node = cascade->tree[i].first_node; node < end; node++)
            place_node(haar, &cascade->tree[i], node);
    }
}

static int reserve(vanon_haar *haar, int width, int height)
{
    ptrdiff_t stride = (width + ROW_MULTIPLE) / ROW_MULTIPLE * ROW_MULTIPLE, plane;
    size_t planes = haar->cascade->tilted ? 3 : 2;

    if (stride < haar->stride)
        stride = haar->stride;
    plane = stride * (height + 1);
    if (plane < haar->plane)
        plane = haar->plane;
    if (vanon_grow(&haar->shrunk, &haar->shrunk_capacity, (size_t)width * (size_t)height, 1))
        return VANON_ERR_MEMORY;
    if (stride == haar->stride && plane == haar->plane)
        return VANON_OK;
    free(haar->integral);
    free(haar->state);
    haar->stride = haar->plane = 0;
    haar->integral =
        vanon_aligned_alloc(((size_t)plane * planes + VANON_HAAR_TAIL) * sizeof *haar->integral);
    haar->state = malloc((size_t)stride);
    if (!haar->integral || !haar->state)
        return VANON_ERR_MEMORY;
    haar->stride = stride;
    haar->plane = plane;
    place_nodes(haar);
    return VANON_OK;
}

/* Sizes */

static int round_float(float value)
{
    return (int)rintf(value);
}

static int window_width(const vanon_haar *haar, float scale)
{
    return round_float((float)haar->cascade->width * scale);
}

static int window_height(const vanon_haar *haar, float scale)
{
    return round_float((float)haar->cascade->height * scale);
}

/* Keeps the one whose window is nearest to the least size. */
static void keep_nearest(vanon_haar *haar, size_t count, const struct vanon_haar_params *params)
{
    double least = INFINITY;
    float nearest = 1;

    for (size_t i = 0; i < count; i++) {
        double across = params->least_width - window_width(haar, haar->scale[i]);
        double down = params->least_height - window_height(haar, haar->scale[i]);

        if (across * across + down * down < least) {
            least = across * across + down * down;
            nearest = haar->scale[i];
        }
    }
    haar->scale[0] = nearest;
    haar->scales = 1;
}

/* Sizes grow with each scale, so those that qualify follow each other. */
static void find_scales(vanon_haar *haar, const struct vanon_gray_picture *picture,
                        const struct vanon_haar_params *params)
{
    bool limited = params->most_width && params->most_height;
    int most_width = limited ? params->most_width : picture->width;
    int most_height = limited ? params->most_height : picture->height;
    size_t count = 0;

    for (double factor = 1; count < MOST_SCALES; factor *= params->scale_factor) {
        if (rint(haar->cascade->width * factor) > picture->width ||
            rint(haar->cascade->height * factor) > picture->height)
            break;
        haar->scale[count++] = (float)factor;
    }
    haar->scales = 0;
    for (size_t i = 0; i < count; i++) {
        int width = window_width(haar, haar->scale[i]);
        int height = window_height(haar, haar->scale[i]);

        if (width >= params->least_width && height >= params->least_height && width <= most_width &&
            height <= most_height)
            haar->scale[haar->scales++] = haar->scale[i];
    }
    if (count && !haar->scales)
        keep_nearest(haar, count, params);
}

static struct layer make_layer(const vanon_haar *haar, const struct vanon_gray_picture *picture,
                               float scale)
{
    struct layer layer = {.scale = scale,
                          .width = round_float((float)picture->width / scale),
                          .height = round_float((float)picture->height / scale),
                          .step = scale >= 2 ? 1 : 2};

    layer.columns = layer.width + 1 - haar->cascade->width;
    layer.rows = layer.height + 1 - haar->cascade->height;
    return layer;
}

/*
 * Where OpenCV's last row is: it deals the rows out in stripes of equal height, as many as there
 * are 32 columns in the first layer, and with a step of 2 the very last row may be in none of them.
 */
static int last_row(const struct layer *layer, int first_columns)
{
    int stripes = (first_columns + STRIPE - 1) / STRIPE;
    int steps = (layer->rows / layer->step + stripes - 1) / stripes;
    int dealt = stripes * (steps > 1 ? steps : 1) * layer->step;

    return dealt < layer->rows ? dealt : layer->rows;
}

/* The integral pictures of a layer */

static int integrate(vanon_haar *haar, const struct vanon_gray_picture *picture,
                     const struct layer *layer)
{
    uint32_t *sums = haar->integral, *squares = sums + haar->plane, *tilted = squares + haar->plane;
    int status = vanon_resize_run(&haar->resize, picture, haar->shrunk, layer->width, layer->height,
                                  layer->width);

    if (status)
        return status;
    for (int x = 0; x <= layer->width; x++)
        sums[x] = squares[x] = 0;
    if (haar->cascade->tilted)
        for (int x = 0; x <= layer->width; x++)
            tilted[x] = 0;
    for (int y = 0; y < layer->height; y++) {
        const uint8_t *pixels = haar->shrunk + (ptrdiff_t)y * layer->width;
        ptrdiff_t above = y * haar->stride, row = above + haar->stride;

        vanon_haar_row_sums(sums + row, sums + above, squares + row, squares + above, pixels,
                            layer->width);
        if (haar->cascade->tilted)
            vanon_haar_row_tilted(tilted + row, tilted + above,
                                  y ? tilted + above - haar->stride : NULL, pixels,
                                  y ? pixels - layer->width : NULL, layer->width);
    }
    return VANON_OK;
}

/* Windows */

static int look(const vanon_haar *haar, const struct layer *layer, int rows,
                struct vanon_haar_boxes *boxes)
{
    int width = window_width(haar, layer->scale), height = window_height(haar, layer->scale);

    for (int y = 0; y < rows; y += layer->step) {
        haar->kernels->look(&haar->view, haar->integral + y * haar->stride, layer->columns,
                            layer->step, haar->state);
        for (int x = 0; x < layer->columns; x += layer->step) {
            if (haar->state[x] == VANON_HAAR_ALL &&
                vanon_haar_boxes_add(boxes, round_float((float)x * layer->scale),
                                     round_float((float)y * layer->scale), width, height))
                return VANON_ERR_MEMORY;
            if (haar->state[x] == VANON_HAAR_NOTHING)
                x += layer->step;
        }
    }
    return VANON_OK;
}

/* Means may stick out by a rounded pixel. */
static void clip(const struct vanon_gray_picture *picture, struct vanon_haar_boxes *boxes)
{
    for (size_t i = 0; i < boxes->count; i++) {
        struct vanon_haar_box *box = &boxes->box[i];

        if (box->x + box->width > picture->width)
            box->width = picture->width - box->x;
        if (box->y + box->height > picture->height)
            box->height = picture->height - box->y;
    }
}

int vanon_haar_detect(vanon_haar *haar, const struct vanon_gray_picture *picture,
                      const struct vanon_haar_params *params, struct vanon_haar_boxes *boxes)
{
    int status = VANON_OK, first_columns = 0;

    boxes->count = 0;
    if (!(params->scale_factor > 1))
        return VANON_ERR_ARGUMENT;
    find_scales(haar, picture, params);
    for (size_t i = 0; i < haar->scales && !status; i++) {
        struct layer layer = make_layer(haar, picture, haar->scale[i]);

        if (layer.columns <= 0 || layer.rows <= 0)
            continue;
        if (!first_columns)
            first_columns = layer.columns;
        status = reserve(haar, layer.width, layer.height);
        if (!status)
            status = integrate(haar, picture, &layer);
        if (!status)
            status = look(haar, &layer, last_row(&layer, first_columns), boxes);
    }
    if (!status)
        status = vanon_haar_group(boxes, params->min_neighbours);
    clip(picture, boxes);
    return status;
}
