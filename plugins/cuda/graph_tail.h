/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The non-maximum suppression that some exports end in (Ultralytics' nms=True). The importer leaves
 * it out: the detector does that work itself, with the overlap that the file has and the user's own
 * score. So its nodes, which depend on numbers as no other part of a network does, need not be
 * understood; what matters is where they begin.
 *
 * They begin behind a node through whose output everything passes that depends on the picture's
 * numbers (shapes don't count): a cut. Which of the cuts is the head's output is told by its shape,
 * and checked number by number as for any other file (plan_head.c).
 */
#ifndef VANON_CUDA_GRAPH_TAIL_H
#define VANON_CUDA_GRAPH_TAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "onnx.h"

struct vanon_tail {
    bool found;
    bool *cut;    /* for each node */
    size_t nodes; /* up to the last cut before the suppression */
    float iou;    /* the overlap from which on boxes go; 0: the file has it from elsewhere */
};

/* Not found where the file has no suppression, or no cut before it. VANON_ERR_MEMORY. */
int vanon_tail_find(struct vanon_tail *tail, const vanon_onnx *onnx);
void vanon_tail_free(struct vanon_tail *tail);

#endif
