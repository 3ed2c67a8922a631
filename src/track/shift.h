/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between a frame's picture and the scene that it shows. While the camera moves, people are
 * followed in the scene's own coordinates: those of the first picture. Pure functions.
 */
#ifndef VANON_TRACK_SHIFT_H
#define VANON_TRACK_SHIFT_H

#include <vanon/object.h>

/* Moves the object's box and the joints that count as such. */
void vanon_shift_object(const vanon_object_list *list, vanon_object *object, double x, double y);

/* Replaces the list's contents by a copy that is moved. VANON_ERR_MEMORY. */
int vanon_shift_all(vanon_object_list *list, const vanon_object_list *from, double x, double y);

/* Puts the object's box, and the joints that `as` has, to where `as`, of the list `from`, has them:
 * moving there and back rounds. Both are of one skeleton. */
void vanon_shift_exactly(const vanon_object_list *list, vanon_object *object,
                         const vanon_object_list *from, const vanon_object *as);

#endif
