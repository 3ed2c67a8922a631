/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry of styles: one row for each value of enum vanon_style, one file for each style. The
 * renderer asks a style once for each component (never for alpha) of each field of the frame. A
 * style takes what it shows from plane.source and blends it over plane.target, as vanon_plane_blend
 * does: over what is there already, not over the source, since another shape may lie below.
 */
#ifndef VANON_RENDER_STYLE_H
#define VANON_RENDER_STYLE_H

#include "options/options.h"
#include "pixels/format.h"
#include "render/planes.h"

struct vanon_style_work {
    const vanon_options *options;
    const vanon_frame *source;
    const struct vanon_pixel_layout *layout; /* the source's */
    int component;
    struct vanon_rect
        box; /* of the shape and its feather, in luma pixels of the frame, not clipped */
    struct vanon_plane plane;
    const struct vanon_coverage *coverage; /* in the plane's samples; not empty */
};

struct vanon_style_ops {
    int (*apply)(const struct vanon_style_work *work); /* VANON_ERR_MEMORY */
};

/* NULL: no such style. Constant. */
const struct vanon_style_ops *vanon_style_ops(enum vanon_style style);

/* mosaic.c: means of cells that scale with the shape and lie on the chroma grid. */
int vanon_style_mosaic(const struct vanon_style_work *work);

/* solid.c: black. */
int vanon_style_solid(const struct vanon_style_work *work);

#endif
