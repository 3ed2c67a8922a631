/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where to look whether a person's hidden parts still show: a disc at each joint that such a part
 * must cover, well inside of any shape for it. Pure functions.
 */
#ifndef VANON_JOB_PLACES_H
#define VANON_JOB_PLACES_H

#include <vanon/object.h>

#include "options/options.h"

struct vanon_disc {
    const char *name; /* of the joint; static */
    double x, y, radius;
    double visibility;
};

#define VANON_MOST_DISCS 24 /* of one object */

/*
 * Fills in the discs of a person for options->parts: joints of visibility 0.5 or more. The radius
 * is a share of the distance to a neighbouring joint (a quarter between the eyes and along the
 * forearm, else a fifth of the limb), 8 display pixels at least. Returns how many.
 */
size_t vanon_places_of(const vanon_options *options, const vanon_object_list *objects,
                       const vanon_object *object, struct vanon_disc discs[VANON_MOST_DISCS]);

#endif
