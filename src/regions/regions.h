/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects to the shapes that hide the wanted parts. One table in regions.c says for each part which
 * joints it needs and what shape they give. Pure functions.
 *
 * Geometry, in display pixels, before the safety margin is added:
 *   elbows  a circle at the elbow of radius max(12, 0.5 * |elbow - wrist|), 20 where the wrist is
 * unseen eyes    an ellipse for each eye, sized from the distance between the eyes and from eyes to
 * ears, turned along the line of the eyes A joint of low visibility, at (0, 0) or not finite is no
 * joint. The less certain a joint is, the wider its shape.
 */
#ifndef VANON_REGIONS_REGIONS_H
#define VANON_REGIONS_REGIONS_H

#include <vanon/object.h>

#include "options/options.h"

/* Least visibility at which a joint counts as one. */
#define VANON_JOINT_VISIBLE 0.2f

/* Appends the regions of every object for options->parts with options->safety_margin_px.
 * VANON_ERR_MEMORY. */
int vanon_regions_add(const vanon_options *options, const vanon_object_list *objects,
                      vanon_region_list *regions);

#endif
