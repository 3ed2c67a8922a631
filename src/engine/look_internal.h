/* SPDX-License-Identifier: Apache-2.0 */
/* The look planner's inside, shared by look.c (frames, groups, jobs) and look_again.c (what the
 * looks of a group lead to). */
#ifndef VANON_ENGINE_LOOK_INTERNAL_H
#define VANON_ENGINE_LOOK_INTERNAL_H

#include "engine/look.h"
#include "engine/scale.h"

#define VANON_LOOKS_LONGEST 8 /* frames of a group */
#define VANON_LOOKS_GROUPS  (VANON_LOOKS_LAG + 4)
#define VANON_LOOKS_SECOND  8 /* second looks at places in a frame */
#define VANON_LOOKS_VIEWS   (VANON_LOOKS_SECOND + 1 + 1 + 1 + 1 + 4 + 9) /* the whole ladder */

/* One look at a frame: the job and what it found. */
struct vanon_looks_view {
    struct vanon_part_rect part;
    int imgsz;
    bool square;
    double overlap; /* see vanon_detect_look */
    vanon_object_list found;
};

struct vanon_looks_frame {
    const vanon_frame *frame; /* for jobs; need not live once it is decided */
    vanon_frame like;         /* the same without its samples, for its kind and time */
    struct vanon_glance glance;
    double interval; /* seconds since the frame before; of a scene's first one: that it lasts */
    bool damaged;    /* nobody looks at it */
    bool failed;     /* a look at it did */
    bool begins;     /* a scene */

    vanon_scale_set done; /* steps that were looked at, or are being */
    struct vanon_looks_view view[VANON_LOOKS_VIEWS];
    size_t views, merged;                   /* that were asked for; that are in `found` already */
    size_t pending;                         /* that are not done */
    vanon_point second[VANON_LOOKS_SECOND]; /* places that were looked at again */
    size_t seconds;
    vanon_object_list found;
};

struct vanon_looks_group {
    uint64_t first;
    size_t count, target;
    bool closed;                    /* all its frames are there, and looked at once */
    bool begins;                    /* it is a scene's first frame */
    uint64_t basis;                 /* number of the group that it is planned by */
    struct vanon_scale_scene after; /* what was known when it was decided */
};

struct vanon_looks {
    const vanon_options *options;
    bool views;                       /* parts and other sizes can be looked at */
    bool automatic;                   /* imgsz is not given: sizes follow the scene */
    bool plain;                       /* each frame is looked at once and needs no other */
    struct vanon_scale_ladder ladder; /* for frames of the present kind */
    size_t longest;                   /* frames of a group, for frames of that kind */
    size_t stride;                    /* frames from a look to the next */
    size_t lag; /* groups, VANON_LOOKS_LAG frames in all: so long ago was known what plans one */

    struct vanon_looks_frame *frame; /* a ring */
    size_t capacity;
    bool started, ended;
    uint64_t next;    /* the frame that will be added */
    uint64_t grouped; /* the first one that is in no group yet */
    uint64_t ready;   /* the first one that is not decided */
    double change;    /* of the last two glances */

    struct vanon_looks_group group[VANON_LOOKS_GROUPS]; /* a ring */
    uint64_t groups;                                    /* made so far */
    uint64_t decided;                                   /* of these */
    struct vanon_scale_scene scene;                     /* after the last one that was decided */
    double since_wider; /* seconds, up to the last group that was closed */

    vanon_object_list *spare; /* empty, with memory that the next look may use */
    size_t spares, spare_capacity;
    struct vanon_looks_job *job; /* waiting, by frame */
    size_t jobs, job_capacity;
};

static inline struct vanon_looks_frame *vanon_looks_at(const vanon_looks *look, uint64_t number)
{
    return &look->frame[number % look->capacity];
}

static inline struct vanon_looks_group *vanon_looks_group_at(vanon_looks *look, uint64_t number)
{
    return &look->group[number % VANON_LOOKS_GROUPS];
}

/* Asks for the steps of the set that the frame was not looked at with. VANON_ERR_MEMORY. */
int vanon_looks_ask(vanon_looks *look, uint64_t number, vanon_scale_set set);

/* Asks for a second look around a box of display space. VANON_ERR_MEMORY. */
int vanon_looks_ask_second(vanon_looks *look, uint64_t number, const vanon_box *box);

/* How many frames there are for each look, about. */
double vanon_looks_spacing(const vanon_looks *look);

/* The steps that a plan has for the group's frame number `index`. */
vanon_scale_set vanon_looks_steps(const struct vanon_scale_plan *plan, size_t index);

/* What is known after the group, as far as its looks are done. */
struct vanon_scale_scene vanon_looks_scene_after(const vanon_looks *look,
                                                 const struct vanon_looks_group *group);

/* Asks for the looks that those of the group, which are all done, lead to. VANON_ERR_MEMORY. */
int vanon_looks_again(vanon_looks *look, const struct vanon_looks_group *group);

#endif
