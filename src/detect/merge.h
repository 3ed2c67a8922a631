/* SPDX-License-Identifier: Apache-2.0 */
/* What several looks at one frame found, as one list. Pure functions. */
#ifndef VANON_DETECT_MERGE_H
#define VANON_DETECT_MERGE_H

#include <vanon/object.h>

/*
 * Adds to `into` what a look at the part `part` of a picture of `width` x `height` found (all in
 * display space; the lists have no objects of one another).
 *
 * Two boxes of one class that overlap by half or more are the same one, which keeps the better
 * score of the two; each object of `into` is the same as one of `from` at most, the one that fits
 * it best. Whoever lies at a side of the part that is not the picture's is cut off there: they are
 * left out where most of their box lies in another one's, or where they are smaller than `overlap`
 * (in display pixels), by which parts overlap so that another part has them whole.
 *
 * VANON_ERR_MEMORY: some of `from` may be missing.
 */
int vanon_detect_merge(vanon_object_list *into, const vanon_object_list *from,
                       const vanon_box *part, double width, double height, double overlap);

/* Moves all that was found in a part, as if that were the picture, to where the part lies. */
void vanon_detect_shift(vanon_object_list *objects, const vanon_box *part);

#endif
