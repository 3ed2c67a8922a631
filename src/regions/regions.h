/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects to the shapes that hide the wanted parts. One table in regions.c says for each part which
 * joints it needs and what shape they give. Pure functions.
 *
 * Geometry, in display pixels; the safety margin is added to every radius:
 *
 *   elbows: a circle at each elbow of radius max(12, 0.5 * |elbow - wrist|), 20 where the wrist is
 *     unseen.
 *
 *   eyes: an ellipse at each eye, radii 0.5 u along the line of the eyes and 0.38 u across it. The
 *     unit u stands for the distance between the eyes seen from the front, 63 mm in a grown
 *     person, also where the head is turned: the largest of |eye - eye| and, for each side, 0.75 *
 *     |eye - ear|; without an ear also |eye - nose|; without any of them 0.06 of the box's height;
 *     8 at least. So the ellipse is some 63 mm by 48 mm: the eye (30 mm wide), its socket (40 mm)
 *     and the brow (20 to 25 mm above the pupil) are inside.
 *
 * What counts as a joint says base/joint.h. The less certain one is, the wider its shape: below
 * visibility 0.5 the radii, without the margin, are multiplied by 1.5 - visibility.
 */
#ifndef VANON_REGIONS_REGIONS_H
#define VANON_REGIONS_REGIONS_H

#include <vanon/object.h>

#include "options/options.h"

/* Appends the regions of every object for options->parts with options->safety_margin_px. An object
 * without a skeleton gives none. VANON_ERR_MEMORY. */
int vanon_regions_add(const vanon_options *options, const vanon_object_list *objects,
                      vanon_region_list *regions);

#endif
