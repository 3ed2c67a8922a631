/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is hidden in a frame, and what besides people: keep_person, only_person, zone_leave,
 * zone_hide, hide_span and region. Plain functions. Where a border is in doubt somebody is hidden.
 *
 * An object is hidden unless one of these holds:
 *   - keep_person names its id, or only_person is given and does not;
 *   - hide_span is given, and the frame touches none of its spans;
 *   - zone_hide is given, some of its rectangles count in the frame, and the box touches none of
 *     those (its border is part of a rectangle);
 *   - a rectangle of zone_leave that counts during the whole frame holds the whole box.
 * A box that is no box (not finite, or inside out) is in no zone_leave and touches every zone_hide.
 *
 * A frame touches a span that begins before the frame's end and ends after its beginning. A frame
 * without a time touches each span and lies inside none but an open one.
 */
#ifndef VANON_REGIONS_CHOOSE_H
#define VANON_REGIONS_CHOOSE_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "regions/shrink.h"

/* When a frame is shown, in seconds from the video's beginning; from minus to plus infinity where
 * that is not known. */
struct vanon_moment {
    double from, until;
};

/* `zero`: the video's beginning, in seconds on the clock of the frame's time stamps. A frame whose
 * duration is not known counts as shown for a second. */
struct vanon_moment vanon_moment_of(const vanon_frame *frame, double zero);

/* As defined above. */
bool vanon_moment_touches(const struct vanon_moment *moment, const struct vanon_period *span);

enum vanon_verdict {
    VANON_HIDDEN,
    VANON_LEFT_KEPT,    /* keep_person */
    VANON_LEFT_OTHERS,  /* only_person names others */
    VANON_LEFT_SPAN,    /* outside of hide_span */
    VANON_LEFT_OUTSIDE, /* of zone_hide */
    VANON_LEFT_ZONE,    /* in zone_leave */
};

enum vanon_verdict vanon_judge_object(const vanon_options *options,
                                      const struct vanon_moment *moment,
                                      const vanon_object *object);

/* True where any option leaves people in sight. */
bool vanon_leaves_people(const vanon_options *options);

/* What is kept from frame to frame. All zero: nothing yet. */
struct vanon_regions_memory {
    vanon_object_list hidden; /* memory to use again */
    struct vanon_shrink shrink;
};

/* Appends the regions of those objects that are hidden, no smaller than regions/shrink.h allows
 * after the frame before, then those of the option region. Frames are given in their order.
 * VANON_ERR_MEMORY. */
int vanon_regions_plan(const vanon_options *options, const struct vanon_moment *moment,
                       const vanon_object_list *objects, struct vanon_regions_memory *memory,
                       vanon_region_list *regions);

/* Forgets the frame before, as after a seek. */
void vanon_regions_forget(struct vanon_regions_memory *memory);
void vanon_regions_memory_free(struct vanon_regions_memory *memory);

/*
 * Takes away those regions, made from the objects at some other time, whose object is not hidden:
 * objects with its id are in the list, and none of them is; or none is in the list, and its id or
 * the time alone says so. Regions of no object stay.
 */
void vanon_regions_sift(const vanon_options *options, const struct vanon_moment *moment,
                        const vanon_object_list *objects, vanon_region_list *regions);

/* Appends what the option region hides in the frame and is not in the list yet. VANON_ERR_MEMORY.
 */
int vanon_regions_own(const vanon_options *options, const struct vanon_moment *moment,
                      vanon_region_list *regions);

#endif
