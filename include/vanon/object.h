/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was found in a frame (objects), and what is to be hidden of it (regions).
 *
 * All coordinates are in display space: the upright picture with square pixels (rotation applied, x
 * scaled by the sample aspect ratio), origin at the outer corner of the top-left pixel, pixel
 * centres at +0.5, not clipped to the picture.
 *
 * Lists own their memory, grow, and are reused: clearing keeps it. Thread-safety: a list belongs to
 * one thread at a time; the tables are constant.
 */
#ifndef VANON_OBJECT_H
#define VANON_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/version.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vanon_class { VANON_CLASS_PERSON, VANON_CLASS_FACE, VANON_CLASS_EYE, VANON_CLASSES };

/* "person", "face", "eye"; NULL for a number that is no class. */
VANON_API const char *vanon_class_name(enum vanon_class class_id);

/* Names the joints of a detector's objects. Parts refer to these names, never to numbers. */
typedef struct vanon_skeleton {
    const char *name;
    size_t joints;
    const char *const *joint; /* lower case with underscores: "left_elbow" */
} vanon_skeleton;

/* The 17 joints of COCO keypoints in their order: nose, eyes, ears, shoulders, elbows, wrists,
 * hips, knees, ankles, left first. */
VANON_API extern const vanon_skeleton vanon_skeleton_coco17;

/* The joint's index, or -1. */
VANON_API int vanon_skeleton_joint(const vanon_skeleton *skeleton, const char *name);

typedef struct vanon_point {
    float x, y;
} vanon_point;

typedef struct vanon_box {
    float x0, y0, x1, y1;
} vanon_box;

typedef struct vanon_keypoint {
    float x, y;
    float visibility; /* 0..1, as the model says it; at (0, 0) there is no joint whatever it says */
} vanon_keypoint;

/* How an object came to be in a frame. */
enum vanon_origin {
    VANON_ORIGIN_FOUND,   /* by the detector */
    VANON_ORIGIN_BETWEEN, /* made for a gap between two sights */
    VANON_ORIGIN_BEFORE,  /* moved back from a later sight */
    VANON_ORIGIN_AFTER,   /* held after an earlier sight */
    VANON_ORIGINS
};

/* "found", "between", "before", "after"; NULL for a number that is no origin. */
VANON_API const char *vanon_origin_name(enum vanon_origin origin);

typedef struct vanon_object {
    int64_t id; /* of the track, from 1; 0 = none */
    enum vanon_class class_id;
    const char *detector;     /* which detector found it: "pose", "haar"; a static string */
    float score;              /* 0..1 */
    bool seen;                /* found in this very frame; false: carried over from another */
    enum vanon_origin origin; /* of what is not seen: how it was carried over */
    float spread; /* display pixels by which its place is uncertain: regions are wider */
    vanon_box box;
    const vanon_skeleton *skeleton; /* NULL: no joints */
    size_t first_keypoint;          /* into the list's keypoints */
    size_t keypoints;               /* skeleton->joints, or 0 */
    struct vanon_ref *mask;         /* optional coverage from a segmentation model; NULL: none */
} vanon_object;

typedef struct vanon_object_list {
    size_t count, capacity;
    vanon_object *object;
    size_t keypoints, keypoint_capacity;
    vanon_keypoint *keypoint;
} vanon_object_list;

/*
 * Appends a zeroed object with `skeleton->joints` zeroed keypoints (NULL: none) and hands it out;
 * the pointer holds until the next add. VANON_ERR_MEMORY: the list is as it was.
 */
VANON_API int vanon_object_list_add(vanon_object_list *list, const vanon_skeleton *skeleton,
                                    vanon_object **out);

/* Appends a copy of `object`, which belongs to `from` (another list). VANON_ERR_MEMORY: the list is
 * as it was. */
VANON_API int vanon_object_list_copy(vanon_object_list *list, const vanon_object_list *from,
                                     const vanon_object *object);

/* The object's keypoints, `object->keypoints` of them; NULL where it has none. Holds until the next
 * add. */
VANON_API vanon_keypoint *vanon_object_keypoints(const vanon_object_list *list,
                                                 const vanon_object *object);

/* Empties the list and keeps its memory. */
VANON_API void vanon_object_list_clear(vanon_object_list *list);

/* Frees the list's memory; it is an empty list again. NULL is fine. */
VANON_API void vanon_object_list_free(vanon_object_list *list);

/* The parts of a person that can be hidden, small ones before those that hold them. */
enum vanon_part {
    VANON_PART_EYES,
    VANON_PART_ELBOWS,
    VANON_PART_FACE,
    VANON_PART_HEAD,
    VANON_PART_SHOULDERS,
    VANON_PART_HANDS,
    VANON_PART_HIPS,
    VANON_PART_KNEES,
    VANON_PART_FEET,
    VANON_PART_ARMS,                 /* with the hands */
    VANON_PART_LEGS,                 /* with the feet */
    VANON_PART_BODY,                 /* all of the person */
    VANON_PARTS,                     /* how many parts a person has */
    VANON_PART_REGION = VANON_PARTS, /* no part of a person: a place that the user named */
    VANON_STYLED,                    /* how many have a style of their own */
    VANON_PART_FRAME = VANON_STYLED, /* the whole picture: a frame that could not be examined */
};

/* "eyes", "elbows", ..., "region" and "frame"; NULL for a number that is no part. */
VANON_API const char *vanon_part_name(enum vanon_part part);

enum vanon_shape {
    VANON_SHAPE_ELLIPSE, /* centre, radii rx and ry, turned by angle */
    VANON_SHAPE_BOX,     /* centre, half sides rx and ry, turned by angle */
    VANON_SHAPE_CAPSULE, /* all within rx of the line from (cx, cy) to (ex, ey) */
    VANON_SHAPE_POLYGON, /* the list's points, even-odd rule */
    VANON_SHAPES,
};

/* "ellipse", "box", "capsule", "polygon"; NULL for a number that is no shape. A circle is an
 * ellipse with equal radii. */
VANON_API const char *vanon_shape_name(enum vanon_shape shape);

/* A shape to hide wholly. Any feather lies outside it. */
typedef struct vanon_region {
    enum vanon_part part;
    int64_t object; /* id of the object that it belongs to; 0 = none */
    enum vanon_shape shape;
    float cx, cy, rx, ry;
    float angle;  /* radians, from the x axis towards the y axis (clockwise on the screen) */
    float ex, ey; /* other end of a capsule */
    size_t first_point, points; /* of a polygon, into the list's points; at least 3 */
} vanon_region;

typedef struct vanon_region_list {
    size_t count, capacity;
    vanon_region *region;
    size_t points, point_capacity;
    vanon_point *point;
} vanon_region_list;

/* Appends a zeroed region with room for `points` points and hands it out; the pointer holds until
 * the next add. VANON_ERR_MEMORY. */
VANON_API int vanon_region_list_add(vanon_region_list *list, size_t points, vanon_region **out);
VANON_API void vanon_region_list_clear(vanon_region_list *list);
VANON_API void vanon_region_list_free(vanon_region_list *list);

#ifdef __cplusplus
}
#endif

#endif
