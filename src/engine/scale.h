/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How closely the network looks: a ladder of input sizes, and which of them the scene needs, told
 * from the sizes of the people that earlier looks found. Pure functions; nothing here knows time
 * but a video's own.
 *
 * The network sees people well from about VANON_SCALE_TARGET of its pixels of height on (measured
 * with the shipped model: of pedestrians 70 pixels high in 768x576, 2.3 % of the eyes are missed at
 * 1280, where they have 117 network pixels, and 0.3 % at 1920, where they have 175), and badly
 * beyond VANON_SCALE_LARGEST, so that somebody close may need a second, smaller look.
 */
#ifndef VANON_ENGINE_SCALE_H
#define VANON_ENGINE_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include <vanon/frame.h>
#include <vanon/object.h>

#define VANON_SCALE_TARGET  130 /* network pixels, of the longer side of a person's box */
#define VANON_SCALE_LARGEST 900
#define VANON_SCALE_STEPS   6

/* One way to look at a whole picture. */
struct vanon_scale_step {
    int imgsz;     /* longer side of the network's input; 0: as the options and the model want it */
    int grid;      /* the picture is looked at in grid x grid parts */
    double reach;  /* network pixels for each of display */
    double pixels; /* that it costs, network pixels */
};

/* The ladder for frames of one kind, from the smallest to the largest. */
struct vanon_scale_ladder {
    struct vanon_scale_step step[VANON_SCALE_STEPS];
    size_t steps;
    double budget;        /* network pixels a second of video */
    double width, height; /* of the picture, display pixels */
};

/* A set of steps: bit 1 << index. */
typedef uint32_t vanon_scale_set;

/* What is known of the scene. Zeroed: a new one, nothing. */
struct vanon_scale_scene {
    double time;                     /* seconds of video since it began */
    double until[VANON_SCALE_STEPS]; /* each step is needed up to that time; 0: not */
    double largest, largest_until; /* somebody of that size (display pixels) is about until then */
    double interval;               /* seconds from a frame to the next; 0: not known yet */
};

/* What a look should be made of. */
struct vanon_scale_plan {
    vanon_scale_set always; /* every look */
    vanon_scale_set wide;   /* every `wide_every`th frame besides; empty: never */
    unsigned wide_every;
};

/* The ladder of `imgsz: auto` for frames like this one. `budget`: network pixels a second. */
void vanon_scale_ladder_make(struct vanon_scale_ladder *ladder, const vanon_frame *like,
                             double budget);

/* A ladder of one step, whatever the options and the model say. */
void vanon_scale_ladder_fixed(struct vanon_scale_ladder *ladder);

/* A frame of the scene was looked at: the people found, those of a score of `least` and more, say
 * what the scene needs; but for those at the picture's border, who are larger than what is seen of
 * them. */
void vanon_scale_see(const struct vanon_scale_ladder *ladder, struct vanon_scale_scene *scene,
                     const vanon_object_list *objects, double least);

/* What looks should be made of; `spacing` is how many frames there are for each look. */
struct vanon_scale_plan vanon_scale_plan(const struct vanon_scale_ladder *ladder,
                                         const struct vanon_scale_scene *scene, double spacing);

/* What sees everybody, large or small: for a scene's first frame, and now and then. */
vanon_scale_set vanon_scale_all(const struct vanon_scale_ladder *ladder);

/* The part number `index` of a step's grid, in display space. */
vanon_box vanon_scale_part(const struct vanon_scale_step *step, size_t index, double width,
                           double height);

/* By how much neighbouring parts of a picture whose shorter side is that overlap at least. */
double vanon_scale_overlap(const struct vanon_scale_step *step, double shorter);

#endif
