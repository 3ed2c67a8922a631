/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry of styles: one row for each value of enum vanon_style, one file for each style. The
 * renderer asks a style once for each component (never for alpha) of each field of the frame. A
 * style takes what it shows from plane.source and blends it over plane.target, as vanon_plane_blend
 * does: over what is there already, not over the source, since another shape may lie below.
 *
 * Of a frame in a device's memory (`surfaces` is set) a style does not touch samples: it adds what
 * is to be painted to `paints`. With exact_styles styles can't do that.
 */
#ifndef VANON_RENDER_STYLE_H
#define VANON_RENDER_STYLE_H

#include "options/options.h"
#include "pixels/format.h"
#include "pixels/surfaces.h"
#include "render/hold.h"
#include "render/planes.h"

/* Memory that styles work in; kept by the renderer from one region to the next. */
struct vanon_style_scratch {
    uint64_t *memory;
    size_t capacity;
};

struct vanon_style_work {
    const vanon_options *options;
    const vanon_frame *source;
    const struct vanon_pixel_layout *layout; /* the source's */
    int component;
    struct vanon_rect
        box; /* of the shape and its feather, in luma pixels of the frame, not clipped */
    struct vanon_plane plane;
    const struct vanon_coverage *coverage; /* in the plane's samples */
    struct vanon_rect at;                  /* where coverage and plane meet; not empty */
    struct vanon_style_scratch *scratch;
    const struct vanon_grid *grid; /* what is held of the region; NULL: nothing */
    const uint16_t *value;         /* its means, of this component and field */
    vanon_surfaces *surfaces;      /* of the device that has the source; NULL: it is the host's */
    struct vanon_paints *paints;
    size_t covered; /* place of the coverage in `paints`, line by line without a gap */
    int field;
};

struct vanon_style_ops {
    int (*apply)(const struct vanon_style_work *work); /* VANON_ERR_MEMORY; VANON_ERR_INFERENCE:
                                                          the device failed */
    /* How far beyond the shape's box lies what it shows, in luma pixels of the frame, and the side
     * of the cells whose means it shows. Of the work it needs options, source, layout, box and
     * grid. NULL: it shows no means. */
    int (*reach)(const struct vanon_style_work *work, int *side);
};

/* NULL: no such style. Constant. */
const struct vanon_style_ops *vanon_style_ops(enum vanon_style style);

/* Adds a paint for the work's component and field with its coverage to the work's paints.
 * VANON_ERR_MEMORY. */
int vanon_style_paint(const struct vanon_style_work *work, struct vanon_paint **paint);

/* Memory for one call of `apply`, not cleared; taken again by the next call of this function. NULL:
 * none. */
void *vanon_style_reserve(const struct vanon_style_work *work, size_t bytes);

/* mosaic.c: means of cells that scale with the shape and lie on the chroma grid. From one cell to
 * the next they run smoothly over a part of a cell's side: a hard border is fine detail, and where
 * it happens to lie on a contour it shows it. With exact_styles flat cells with hard borders. */
int vanon_style_mosaic(const struct vanon_style_work *work);
int vanon_mosaic_reach(const struct vanon_style_work *work, int *side);

/*
 * gaussian.c, boxblur.c: the mosaic's means, blurred (blur.h): nothing finer than a cell is left.
 * With exact_styles the source itself, blurred by a kernel of a fixed size as OpenCV does, mirrored
 * at the picture's border: such a blur can be undone.
 */
int vanon_style_gaussian(const struct vanon_style_work *work);
int vanon_style_boxblur(const struct vanon_style_work *work);

/* solid.c: black. */
int vanon_style_solid(const struct vanon_style_work *work);

#endif
