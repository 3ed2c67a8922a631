/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cascade of boosted Haar classifiers, read from a file of OpenCV's ("opencv-cascade-classifier":
 * stages of type BOOST, features of type HAAR, upright or tilted, in stumps or trees).
 *
 * A window passes a stage where its trees' leaves add up to the stage's threshold or more. At a
 * node, the feature's value decides: below the threshold it goes left, else right.
 *
 * Thread-safety: nothing changes after loading; any number of threads may read.
 */
#ifndef VANON_DETECT_HAAR_CASCADE_H
#define VANON_DETECT_HAAR_CASCADE_H

#include <stdbool.h>
#include <stddef.h>

#include <vanon/status.h>

#define VANON_HAAR_RECTS 3

/* Of an upright feature: corner, width, height. Of a tilted one: the topmost corner, the side down
 * to the right, the side down to the left, both counted in steps of one pixel across and down. */
struct vanon_haar_rect {
    int x, y, width, height;
    float weight;
};

struct vanon_haar_feature {
    struct vanon_haar_rect rect[VANON_HAAR_RECTS]; /* those that are not there are all zero */
    bool tilted;
};

struct vanon_haar_node {
    int left, right; /* above 0: a later node of the same tree; else the tree's leaf -n */
    int feature;
    float threshold;
};

struct vanon_haar_tree {
    size_t first_node, first_leaf;
};

struct vanon_haar_stage {
    size_t first_tree, trees;
    float threshold;
};

typedef struct vanon_haar_cascade {
    int width, height; /* of the window */
    bool tilted;       /* some feature is */
    size_t stages, trees, nodes, leaves, features;
    struct vanon_haar_stage *stage;
    struct vanon_haar_tree *tree;
    struct vanon_haar_node *node;
    float *leaf;
    struct vanon_haar_feature *feature;
} vanon_haar_cascade;

/*
 * Reads and checks a cascade. `name` is a path; a bare file name that isn't there is looked for in
 * the folder $VANON_CASCADES, then where Debian's opencv-data has its files. Every number is
 * checked: features lie inside the window, nodes and leaves inside their tree, no tree has a loop.
 * VANON_ERR_MODEL: missing or not such a file; the message names file, line and rule.
 * VANON_ERR_MEMORY.
 */
int vanon_haar_cascade_load(vanon_haar_cascade **out, const char *name, const vanon_log *log);
void vanon_haar_cascade_destroy(vanon_haar_cascade **cascade);

#endif
