/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames between detection and rendering, as far as the tracker is concerned: what was seen in
 * each, and for everything seen where it was seen before and after. Frames are numbered from 0.
 * Memory is reused: nothing is allocated once a run is under way.
 */
#ifndef VANON_TRACK_WINDOW_H
#define VANON_TRACK_WINDOW_H

#include <vanon/object.h>

#include "base/matrix.h"

#define VANON_NOWHERE ((struct vanon_place){-1, 0})

/* An object of a frame's list. */
struct vanon_place {
    int64_t frame; /* < 0: nowhere */
    size_t index;
};

struct vanon_link {
    struct vanon_place before, after; /* the same one's neighbours in time */
};

struct vanon_window_frame {
    double time;               /* seconds from frame 0; always grows */
    bool looked;               /* the detector saw it */
    vanon_matrix camera;       /* from the scene's coordinates to this frame's picture */
    vanon_object_list objects; /* in the scene's coordinates */
    vanon_object_list found;   /* the same in the picture's, where these are others; else empty */
    struct vanon_link *link;   /* for each object */
    size_t link_capacity;
};

struct vanon_window {
    struct vanon_window_frame *frame; /* a ring */
    size_t capacity;
    int64_t first, next; /* the oldest that is kept; the one that will be added */
};

/* Adds an empty frame. VANON_ERR_MEMORY: all is as it was. */
int vanon_window_add(struct vanon_window *window, double time, bool looked);

/* Appends a copy of `object`, of the list `from`, to the newest frame. VANON_ERR_MEMORY. */
int vanon_window_see(struct vanon_window *window, const vanon_object_list *from,
                     const vanon_object *object, struct vanon_place *place);

/* Says that what is at `before` is at `after`, later. A place that is not kept any more is fine. */
void vanon_window_join(struct vanon_window *window, struct vanon_place before,
                       struct vanon_place after);

/* Notes from where the newest frame shows the scene, and what was found in its picture.
 * VANON_ERR_MEMORY. */
int vanon_window_moved(struct vanon_window *window, const vanon_matrix *camera,
                       const vanon_object_list *found);

/* Goes over to other coordinates of the scene. VANON_ERR_MEMORY. */
int vanon_window_move(struct vanon_window *window, const vanon_matrix *by);

/* Lets go of all frames before `first`, and of what objects refer to outside of their lists in
 * those before `done`. */
void vanon_window_drop(struct vanon_window *window, int64_t first, int64_t done);

/* Empties it, and keeps the memory. */
void vanon_window_clear(struct vanon_window *window);
void vanon_window_free(struct vanon_window *window);

static inline bool vanon_window_has(const struct vanon_window *window, int64_t number)
{
    return number >= window->first && number < window->next;
}

/* A frame that it has. */
static inline struct vanon_window_frame *vanon_window_at(const struct vanon_window *window,
                                                         int64_t number)
{
    return &window->frame[(size_t)number % window->capacity];
}

/* How many frames there are from the first look after frame `from` to frame `to`, later than it,
 * or, with `to` earlier, from the last look before: so long somebody is missed who was seen in
 * `from`. A frame that is not kept any more was looked at. */
int64_t vanon_window_missed(const struct vanon_window *window, int64_t from, int64_t to);

static inline struct vanon_link *vanon_window_link(const struct vanon_window *window,
                                                   struct vanon_place place)
{
    return &vanon_window_at(window, place.frame)->link[place.index];
}

#endif
