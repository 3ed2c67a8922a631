/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of any format as planes of samples, one component and one field at a time, and what styles
 * do with them: means, blending, a mask in the plane's own samples. Plain functions.
 */
#ifndef VANON_RENDER_PLANES_H
#define VANON_RENDER_PLANES_H

#include <vanon/frame.h>

#include "mask/mask.h"
#include "pixels/frame.h"
#include "render/rows.h"

/* One component of one field, in two frames of one format and size: the source is only read, the
 * target written. An interlaced frame has two fields, of every other line; others have one. */
struct vanon_plane {
    const struct vanon_render_rows *rows; /* kernels */
    const uint8_t *source;
    uint8_t *target;
    ptrdiff_t source_stride, target_stride; /* bytes from a line of the field to the next */
    int width, height;                      /* samples, lines */
    int bytes;                              /* of a sample's word: 1 or 2 */
    int step;                               /* bytes from a sample to the next */
    int shift;                              /* unused low bits of the word */
};

/* How much of each sample of a plane is hidden, inside a bounding box. */
struct vanon_coverage {
    struct vanon_rect at; /* in samples of the plane */
    ptrdiff_t stride;
    const uint8_t *line; /* 0..255, from the box's top left; may be a mask's own memory */
    uint8_t *memory;     /* reused, grows */
    size_t capacity;
};

/* The component's samples of field 0 (with the frame's first line) or 1. Of frames in a device's
 * memory only the shape: no samples. */
void vanon_plane_view(struct vanon_plane *plane, const struct vanon_render_rows *rows,
                      const vanon_frame *source, const vanon_frame *target, int component,
                      int field);

/*
 * A mask for samples that each stand for a block of luma pixels of 1 << log2_width by `lines`: the
 * largest coverage inside the block counts. For the fields of an interlaced frame `lines` is a
 * multiple of 2, so that both fields get the union of what the mask covers in either.
 * VANON_ERR_MEMORY.
 */
int vanon_coverage_make(struct vanon_coverage *coverage, const struct vanon_render_rows *rows,
                        const vanon_mask *mask, int log2_width, int lines);
void vanon_coverage_free(struct vanon_coverage *coverage);

/* What `a` and `b` have in common; without any, width or height is 0. */
struct vanon_rect vanon_rect_meet(struct vanon_rect a, struct vanon_rect b);

/* Mean of the source's samples in the rectangle, which is not empty and inside the plane; rounded
 * to nearest. */
unsigned vanon_plane_mean(const struct vanon_plane *plane, struct vanon_rect at);

/*
 * Blends `value` over the target's samples in the rectangle, as far as it meets plane and coverage:
 * (target * (255 - c) + value * c) / 255, rounded to nearest. Samples with c = 0 keep every bit.
 */
void vanon_plane_blend(const struct vanon_plane *plane, const struct vanon_coverage *coverage,
                       struct vanon_rect at, unsigned value);

/* As vanon_plane_blend, `count` samples of line y from x, all of them inside the plane and the
 * coverage's box, each with a value of its own. */
void vanon_plane_blend_line(const struct vanon_plane *plane, const struct vanon_coverage *coverage,
                            int x, int y, int count, const uint16_t *values);

/* Reads `count` of the source's samples of line y from x, all of them inside the plane. */
void vanon_plane_read(const struct vanon_plane *plane, int x, int y, int count, uint16_t *to);

#endif
