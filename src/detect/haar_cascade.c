/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_cascade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "detect/haar_xml.h"
#include "options/text.h"

#define DEBIAN_FOLDER "/usr/share/opencv4/haarcascades"
#define FORMAT        "opencv-cascade-classifier"

#define LEAST_SIDE 3 /* the window's contrast is measured without its edge */
#define MOST_SIDE  1024

/* What OpenCV takes off every stage's threshold. */
#define THRESHOLD_SLACK 1e-5f

struct loader {
    vanon_haar_cascade *cascade;
    size_t stage_capacity, tree_capacity, node_capacity, leaf_capacity, feature_capacity;
    bool boost, haar;   /* the file says so */
    bool has_threshold; /* the stage at hand */
    size_t rects;       /* of the feature at hand */
};

static struct loader *loader_of(const struct vanon_xml_reader *reader)
{
    return reader->opaque;
}

static vanon_haar_cascade *cascade_of(const struct vanon_xml_reader *reader)
{
    return loader_of(reader)->cascade;
}

/* The whole */

/* Files of OpenCV 1 tell their format here; no other attribute matters. */
static int start_cascade(struct vanon_xml_reader *reader, const char *const *attributes)
{
    for (; attributes[0]; attributes += 2)
        if (!strcmp(attributes[0], "type_id") && strcmp(attributes[1], FORMAT)) {
            char quoted[VANON_QUOTED];

            vanon_text_quote(quoted, attributes[1], strlen(attributes[1]));
            return vanon_xml_refuse(reader, "a file of the format '%s'; it must be " FORMAT,
                                    quoted);
        }
    if (cascade_of(reader)->stages)
        return vanon_xml_refuse(reader, "a second cascade");
    return VANON_OK;
}

static int end_cascade(struct vanon_xml_reader *reader)
{
    const vanon_haar_cascade *cascade = cascade_of(reader);
    const struct loader *loader = loader_of(reader);

    if (!loader->boost || !loader->haar)
        return vanon_xml_refuse(reader, "it lacks the stageType BOOST or the featureType HAAR");
    if (!cascade->stages || !cascade->features)
        return vanon_xml_refuse(reader, "it lacks stages or features");
    for (size_t i = 0; i < cascade->nodes; i++) {
        int feature = cascade->node[i].feature;

        if (feature < 0 || (size_t)feature >= cascade->features)
            return vanon_xml_refuse(reader, "a node asks for feature %d; there are %zu, from 0",
                                    feature, cascade->features);
    }
    return VANON_OK;
}

static int take_word(struct vanon_xml_reader *reader, const char *wanted, bool *is_it)
{
    char quoted[VANON_QUOTED];

    *is_it = !strcmp(reader->text, wanted);
    if (*is_it)
        return VANON_OK;
    vanon_text_quote(quoted, reader->text, reader->length);
    return vanon_xml_refuse(reader, "'%s' is not supported; it must be %s", quoted, wanted);
}

static int end_stage_type(struct vanon_xml_reader *reader)
{
    return take_word(reader, "BOOST", &loader_of(reader)->boost);
}

static int end_feature_type(struct vanon_xml_reader *reader)
{
    return take_word(reader, "HAAR", &loader_of(reader)->haar);
}

static int take_side(struct vanon_xml_reader *reader, int *side)
{
    int status = vanon_xml_count(reader, 1);

    if (*side) /* features were checked against it */
        return vanon_xml_refuse(reader, "the window's side is given twice");
    if (!status)
        status = vanon_xml_whole(reader, 0, side);
    if (!status && (*side < LEAST_SIDE || *side > MOST_SIDE))
        return vanon_xml_refuse(reader, "the window's side %d is not from %d to %d", *side,
                                LEAST_SIDE, MOST_SIDE);
    return status;
}

static int end_width(struct vanon_xml_reader *reader)
{
    return take_side(reader, &cascade_of(reader)->width);
}

static int end_height(struct vanon_xml_reader *reader)
{
    return take_side(reader, &cascade_of(reader)->height);
}

static int end_categories(struct vanon_xml_reader *reader)
{
    int status = vanon_xml_count(reader, 1);

    if (!status && reader->number[0] != 0)
        return vanon_xml_refuse(reader, "features by category (maxCatCount %g) are not supported",
                                reader->number[0]);
    return status;
}

/* Stages */

static int start_stage(struct vanon_xml_reader *reader, const char *const *attributes)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    struct loader *loader = loader_of(reader);

    (void)attributes;
    if (vanon_grow(&cascade->stage, &loader->stage_capacity, cascade->stages + 1,
                   sizeof *cascade->stage))
        return VANON_ERR_MEMORY;
    cascade->stage[cascade->stages++] = (struct vanon_haar_stage){.first_tree = cascade->trees};
    loader->has_threshold = false;
    return VANON_OK;
}

static int end_stage_threshold(struct vanon_xml_reader *reader)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    int status = vanon_xml_count(reader, 1);

    if (status)
        return status;
    cascade->stage[cascade->stages - 1].threshold = (float)reader->number[0] - THRESHOLD_SLACK;
    loader_of(reader)->has_threshold = true;
    return VANON_OK;
}

static int end_stage(struct vanon_xml_reader *reader)
{
    const vanon_haar_cascade *cascade = cascade_of(reader);

    if (!loader_of(reader)->has_threshold || !cascade->stage[cascade->stages - 1].trees)
        return vanon_xml_refuse(reader, "stage %zu lacks its stageThreshold or weakClassifiers",
                                cascade->stages);
    return VANON_OK;
}

static int start_tree(struct vanon_xml_reader *reader, const char *const *attributes)
{
    vanon_haar_cascade *cascade = cascade_of(reader);

    (void)attributes;
    if (vanon_grow(&cascade->tree, &loader_of(reader)->tree_capacity, cascade->trees + 1,
                   sizeof *cascade->tree))
        return VANON_ERR_MEMORY;
    cascade->tree[cascade->trees++] =
        (struct vanon_haar_tree){.first_node = cascade->nodes, .first_leaf = cascade->leaves};
    cascade->stage[cascade->stages - 1].trees++;
    return VANON_OK;
}

/* Left, right, feature, threshold, for each. */
static int end_nodes(struct vanon_xml_reader *reader)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    int status = vanon_xml_numbers(reader);

    if (!status && (!reader->numbers || reader->numbers % 4))
        return vanon_xml_refuse(reader, "<internalNodes> must be 4 numbers for each, not %zu",
                                reader->numbers);
    if (!status && vanon_grow(&cascade->node, &loader_of(reader)->node_capacity,
                              cascade->nodes + reader->numbers / 4, sizeof *cascade->node))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < reader->numbers && !status; i += 4) {
        struct vanon_haar_node *node = &cascade->node[cascade->nodes++];

        status = vanon_xml_whole(reader, i, &node->left);
        if (!status)
            status = vanon_xml_whole(reader, i + 1, &node->right);
        if (!status)
            status = vanon_xml_whole(reader, i + 2, &node->feature);
        node->threshold = (float)reader->number[i + 3];
    }
    return status;
}

static int end_leaves(struct vanon_xml_reader *reader)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    int status = vanon_xml_numbers(reader);

    if (!status && vanon_grow(&cascade->leaf, &loader_of(reader)->leaf_capacity,
                              cascade->leaves + reader->numbers, sizeof *cascade->leaf))
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < reader->numbers && !status; i++)
        cascade->leaf[cascade->leaves++] = (float)reader->number[i];
    return status;
}

/* A way that only leads to later nodes comes to an end. */
static bool leads_on(int next, size_t node, size_t nodes)
{
    return next > 0 ? (size_t)next > node && (size_t)next < nodes : (size_t)-next <= nodes;
}

static int end_tree(struct vanon_xml_reader *reader)
{
    const vanon_haar_cascade *cascade = cascade_of(reader);
    const struct vanon_haar_tree *tree = &cascade->tree[cascade->trees - 1];
    size_t nodes = cascade->nodes - tree->first_node, leaves = cascade->leaves - tree->first_leaf;

    if (!nodes || leaves != nodes + 1)
        return vanon_xml_refuse(reader,
                                "a tree of %zu nodes and %zu leaves; it has one leaf more "
                                "than nodes",
                                nodes, leaves);
    for (size_t i = 0; i < nodes; i++) {
        const struct vanon_haar_node *node = &cascade->node[tree->first_node + i];

        if (!leads_on(node->left, i, nodes) || !leads_on(node->right, i, nodes))
            return vanon_xml_refuse(reader,
                                    "node %zu of %zu leads to %d and %d; only later nodes and the "
                                    "tree's leaves are allowed",
                                    i, nodes, node->left, node->right);
    }
    return VANON_OK;
}

/* Features */

static int start_feature(struct vanon_xml_reader *reader, const char *const *attributes)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    struct loader *loader = loader_of(reader);

    (void)attributes;
    if (!cascade->width || !cascade->height)
        return vanon_xml_refuse(reader, "features before the window's width and height");
    if (vanon_grow(&cascade->feature, &loader->feature_capacity, cascade->features + 1,
                   sizeof *cascade->feature))
        return VANON_ERR_MEMORY;
    cascade->feature[cascade->features++] = (struct vanon_haar_feature){.tilted = false};
    loader->rects = 0;
    return VANON_OK;
}

static int end_rect(struct vanon_xml_reader *reader)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    size_t *rects = &loader_of(reader)->rects;
    int side[4], status = vanon_xml_count(reader, 5);

    if (!status && *rects == VANON_HAAR_RECTS)
        return vanon_xml_refuse(reader, "a feature of more than %d rectangles", VANON_HAAR_RECTS);
    for (size_t i = 0; i < VANON_COUNT(side) && !status; i++)
        status = vanon_xml_whole(reader, i, &side[i]);
    if (!status)
        cascade->feature[cascade->features - 1].rect[(*rects)++] =
            (struct vanon_haar_rect){side[0], side[1], side[2], side[3], (float)reader->number[4]};
    return status;
}

static int end_tilted(struct vanon_xml_reader *reader)
{
    vanon_haar_cascade *cascade = cascade_of(reader);
    int status = vanon_xml_count(reader, 1);
    bool tilted;

    if (status)
        return status;
    tilted = reader->number[0] != 0;
    if (tilted && reader->number[0] != 1)
        return vanon_xml_refuse(reader, "tilted must be 0 or 1, not %g", reader->number[0]);
    cascade->feature[cascade->features - 1].tilted = tilted;
    cascade->tilted |= tilted;
    return VANON_OK;
}

static bool is_side(int value)
{
    return value >= 0 && value <= MOST_SIDE; /* so that no sum of them overflows */
}

static bool is_inside(const vanon_haar_cascade *cascade, const struct vanon_haar_rect *rect,
                      bool tilted)
{
    int left = tilted ? rect->height : 0, down = tilted ? rect->width : 0;

    return is_side(rect->x) && is_side(rect->y) && is_side(rect->width) && is_side(rect->height) &&
           rect->width > 0 && rect->height > 0 && rect->x >= left &&
           rect->x + rect->width <= cascade->width &&
           rect->y + rect->height + down <= cascade->height;
}

static int end_feature(struct vanon_xml_reader *reader)
{
    const vanon_haar_cascade *cascade = cascade_of(reader);
    const struct vanon_haar_feature *feature = &cascade->feature[cascade->features - 1];

    if (!loader_of(reader)->rects)
        return vanon_xml_refuse(reader, "a feature without rectangles");
    for (size_t i = 0; i < loader_of(reader)->rects; i++) {
        const struct vanon_haar_rect *rect = &feature->rect[i];

        if (!is_inside(cascade, rect, feature->tilted))
            return vanon_xml_refuse(
                reader, "the %s rectangle %d %d %d %d is not inside the window of %dx%d",
                feature->tilted ? "tilted" : "upright", rect->x, rect->y, rect->width, rect->height,
                cascade->width, cascade->height);
    }
    return VANON_OK;
}

/* The file */

enum {
    OUTSIDE,
    STORAGE,
    CASCADE,
    STAGE_TYPE,
    FEATURE_TYPE,
    WIDTH,
    HEIGHT,
    FEATURE_PARAMS,
    CATEGORIES,
    STAGES,
    STAGE,
    STAGE_THRESHOLD,
    TREES,
    TREE,
    NODES,
    LEAVES,
    FEATURES,
    FEATURE,
    RECTS,
    RECT,
    TILTED
};

static const struct vanon_xml_element elements[] = {
    [STORAGE] = {OUTSIDE, "opencv_storage", false, NULL, NULL},
    [CASCADE] = {STORAGE, NULL, false, start_cascade, end_cascade},
    [STAGE_TYPE] = {CASCADE, "stageType", true, NULL, end_stage_type},
    [FEATURE_TYPE] = {CASCADE, "featureType", true, NULL, end_feature_type},
    [WIDTH] = {CASCADE, "width", true, NULL, end_width},
    [HEIGHT] = {CASCADE, "height", true, NULL, end_height},
    [FEATURE_PARAMS] = {CASCADE, "featureParams", false, NULL, NULL},
    [CATEGORIES] = {FEATURE_PARAMS, "maxCatCount", true, NULL, end_categories},
    [STAGES] = {CASCADE, "stages", false, NULL, NULL},
    [STAGE] = {STAGES, "_", false, start_stage, end_stage},
    [STAGE_THRESHOLD] = {STAGE, "stageThreshold", true, NULL, end_stage_threshold},
    [TREES] = {STAGE, "weakClassifiers", false, NULL, NULL},
    [TREE] = {TREES, "_", false, start_tree, end_tree},
    [NODES] = {TREE, "internalNodes", true, NULL, end_nodes},
    [LEAVES] = {TREE, "leafValues", true, NULL, end_leaves},
    [FEATURES] = {CASCADE, "features", false, NULL, NULL},
    [FEATURE] = {FEATURES, "_", false, start_feature, end_feature},
    [RECTS] = {FEATURE, "rects", false, NULL, NULL},
    [RECT] = {RECTS, "_", true, NULL, end_rect},
    [TILTED] = {FEATURE, "tilted", true, NULL, end_tilted},
};

static int read_file(vanon_haar_cascade *cascade, const char *path, const vanon_log *log)
{
    struct loader loader = {.cascade = cascade};
    struct vanon_xml_reader reader = {.path = path,
                                      .log = log,
                                      .elements = elements,
                                      .count = VANON_COUNT(elements),
                                      .opaque = &loader};
    int status = vanon_xml_read(&reader);

    if (!status && !cascade->stages)
        return vanon_fail(log, VANON_ERR_MODEL, "cascade %s: there is no cascade in it", path);
    return status;
}

/* The path of what `name` stands for. */
static int find_file(char **path, const char *name, const vanon_log *log)
{
    const char *own = getenv("VANON_CASCADES");
    const char *const folders[] = {own ? own : "", DEBIAN_FOLDER};

    if (!access(name, F_OK)) {
        *path = strdup(name);
        return *path ? VANON_OK : VANON_ERR_MEMORY;
    }
    for (size_t i = 0; i < VANON_COUNT(folders) && !strchr(name, '/'); i++) {
        if (!*folders[i])
            continue;
        if (asprintf(path, "%s/%s", folders[i], name) < 0) {
            *path = NULL;
            return VANON_ERR_MEMORY;
        }
        if (!access(*path, F_OK))
            return VANON_OK;
        free(*path);
        *path = NULL;
    }
    return vanon_fail(log, VANON_ERR_MODEL,
                      "cascade %s: neither there nor in $VANON_CASCADES (%s) nor in " DEBIAN_FOLDER
                      ", where Debian's package opencv-data has OpenCV's",
                      name, own ? own : "not set");
}

int vanon_haar_cascade_load(vanon_haar_cascade **out, const char *name, const vanon_log *log)
{
    vanon_haar_cascade *cascade = calloc(1, sizeof *cascade);
    char *path = NULL;
    int status = cascade ? find_file(&path, name, log) : VANON_ERR_MEMORY;

    if (!status)
        status = read_file(cascade, path, log);
    free(path);
    if (status)
        vanon_haar_cascade_destroy(&cascade);
    *out = cascade;
    return status;
}

void vanon_haar_cascade_destroy(vanon_haar_cascade **pointer)
{
    vanon_haar_cascade *cascade = *pointer;

    if (!cascade)
        return;
    free(cascade->stage);
    free(cascade->tree);
    free(cascade->node);
    free(cascade->leaf);
    free(cascade->feature);
    free(cascade);
    *pointer = NULL;
}
