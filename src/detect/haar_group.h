/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the many windows that a cascade lets pass to the things that are there, as OpenCV's
 * groupRectangles does it with a tolerance of 0.2. Thread-safety: a list belongs to one thread at a
 * time.
 */
#ifndef VANON_DETECT_HAAR_GROUP_H
#define VANON_DETECT_HAAR_GROUP_H

#include <stddef.h>

struct vanon_haar_box {
    int x, y, width, height; /* pixels */
    int neighbours;          /* windows that were taken together */
};

/* Grows and keeps its memory. All zero: empty. */
struct vanon_haar_boxes {
    struct vanon_haar_box *box;
    size_t count, capacity;
    /* scratch of grouping */
    size_t *group;
    size_t group_capacity;
};

/* Appends a box with one neighbour, itself. VANON_ERR_MEMORY. */
int vanon_haar_boxes_add(struct vanon_haar_boxes *boxes, int x, int y, int width, int height);
void vanon_haar_boxes_free(struct vanon_haar_boxes *boxes);

/*
 * Replaces the boxes by the means of those that are alike, directly or through others, where more
 * than `least` are; ordered by their first box. A mean inside another one goes where that one has
 * more neighbours than it has, and more than 3. `least` 0: they stay as they are. VANON_ERR_MEMORY.
 */
int vanon_haar_group(struct vanon_haar_boxes *boxes, int least);

#endif
