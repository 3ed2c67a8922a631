/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture whose aspect ratio changes in the middle of a video (as in broadcasts between film and
 * studio) is coded as before, and shows the same people at the same coded places; only display
 * space is stretched. So the tracker gets all frames as if they had the aspect ratio of the first
 * one of their coded kind, and what it says is stretched back.
 *
 * Thread-safety: none.
 */
#ifndef VANON_ENGINE_ASPECT_H
#define VANON_ENGINE_ASPECT_H

#include <vanon/frame.h>
#include <vanon/object.h>

struct vanon_aspect {
    vanon_frame like; /* that first frame, without its samples; no width: there was none */
    vanon_object_list stretched;
};

/* From a frame's own display space to the tracker's. */
struct vanon_stretch {
    double x, y;
};

/* The frame as the tracker is to see it; its samples are those of `frame`. */
vanon_frame vanon_aspect_take(struct vanon_aspect *aspect, const vanon_frame *frame,
                              struct vanon_stretch *stretch);

/* The objects for the tracker; the list is `objects` itself where nothing is stretched, or holds
 * until the next call. NULL: no memory. */
const vanon_object_list *vanon_aspect_stretch(struct vanon_aspect *aspect,
                                              const vanon_object_list *objects,
                                              struct vanon_stretch stretch);

/* Takes what the tracker says back to the frame's display space. */
void vanon_aspect_back(vanon_object_list *objects, struct vanon_stretch stretch);

void vanon_aspect_reset(struct vanon_aspect *aspect);
void vanon_aspect_free(struct vanon_aspect *aspect);

#endif
