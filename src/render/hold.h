/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mosaics and blurs show of a region, kept from frame to frame.
 *
 * Means of cells taken anew in every frame add up: somebody who moves under a grid by parts of a
 * cell is sampled at many places, and the frames together show what none of them shows alone. So
 * the means of a region are taken once, in its first frame, and shown from then on: the grid lies
 * about the middle of the region and moves with it, and where the region grows beyond the grid, its
 * outermost cells go on. The means are taken anew only where that can't look right any more: where
 * the region has grown by more than a quarter or shrunk below a half, and not within
 * VANON_HOLD_SECONDS. With another object's identity (after a scene cut, say) they are taken at
 * once.
 *
 * A region is known by its object, its part, and which of the object's regions of that part it is;
 * those without an object by part and place in the list. One that is not there for
 * VANON_HOLD_SECONDS is forgotten. A change of the frames' kind forgets all.
 *
 * Results depend only on the frames and regions that were given, in their order. Nothing is
 * allocated once a run is under way. Thread-safety: a hold belongs to one thread at a time.
 */
#ifndef VANON_RENDER_HOLD_H
#define VANON_RENDER_HOLD_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "pixels/surfaces.h"

#define VANON_HOLD_SECONDS 1.0

/* A grid whose means are held. */
struct vanon_grid {
    int side;          /* of its cells, as vanon_cells_side gave it; 0: nothing is held */
    int x2, y2;        /* half luma pixels from the middle of the shape's box to cell 0, 0 */
    int column, row;   /* of the first mean; may be negative */
    int columns, rows; /* of means */
    size_t first; /* the first mean, in the list's `value`: of each field, of each component but
                     alpha, row by row */
};

/* Of each region of one frame. Reused, grows; belongs to one thread at a time. Zeroed = empty. */
struct vanon_held {
    size_t count, capacity;
    struct vanon_grid *grid;
    size_t values, value_capacity;
    uint16_t *value;
};

typedef struct vanon_hold vanon_hold;

/* `options` must outlive it. VANON_ERR_MEMORY. */
int vanon_hold_create(vanon_hold **out, const vanon_options *options);
void vanon_hold_destroy(vanon_hold **hold);

/* From now on means of frames in that device's memory are held, too. It must outlive the hold. */
void vanon_hold_use(vanon_hold *hold, vanon_surfaces *surfaces);

/* Replaces what `held` has by what is to be shown of the regions of the next frame, which is only
 * read. Holds nothing with options->exact_styles, and of frames that nobody here can read.
 * VANON_ERR_MEMORY; VANON_ERR_INFERENCE: the device that has the frame failed. */
int vanon_hold_frame(vanon_hold *hold, const vanon_frame *frame, const vanon_region_list *regions,
                     struct vanon_held *held);

/* Forgets everything, as after a seek. */
void vanon_hold_reset(vanon_hold *hold);

void vanon_held_free(struct vanon_held *held);

#endif
