/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masks grow at once and shrink slowly. A radius falls at once where a joint trembles, where
 * somebody is found again, or where a forearm points at the camera for a moment; it
 * may have been right before. So a shape's radii, margin and spread with them, fall by no more than
 * VANON_SHRINKING from frame to frame; who walks away from the camera gets smaller by less.
 *
 * A shape takes after the one before that is of the same object, part and kind, and nearest to it:
 * of two elbows each is its own. Places are not touched, and neither are polygons and what belongs
 * to no object.
 *
 * Plain functions. Sizes depend only on the frames' times and regions, in their order. Nothing is
 * allocated once a run is under way.
 */
#ifndef VANON_REGIONS_SHRINK_H
#define VANON_REGIONS_SHRINK_H

#include <vanon/object.h>

#define VANON_SHRINKING 2.0 /* of what a radius is, a second: half is left after 0.35 s */

/* The frame before. All zero: there was none. */
struct vanon_shrink {
    vanon_region_list last;
    double time; /* seconds */
};

/* Widens the regions of the next frame, shown at `time` seconds (not finite: not known), from the
 * list's `first` on, and keeps them for the one after. VANON_ERR_MEMORY. */
int vanon_shrink_frame(struct vanon_shrink *shrink, double time, vanon_region_list *regions,
                       size_t first);

/* Forgets the frame before, as after a seek. */
void vanon_shrink_reset(struct vanon_shrink *shrink);
void vanon_shrink_free(struct vanon_shrink *shrink);

#endif
