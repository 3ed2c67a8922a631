/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between a frame's picture and the scene that it shows. While the camera moves, people are
 * followed in the scene's own coordinates: those of some picture before, which a similarity (a
 * shift, a turn, a scale) takes to the present one's. Pure functions.
 */
#ifndef VANON_TRACK_MOVE_H
#define VANON_TRACK_MOVE_H

#include <vanon/object.h>

#include "base/matrix.h"

/* How much longer a similarity makes distances. */
double vanon_move_scale(const vanon_matrix *by);

/* Where a vector, a speed say, points then. */
vanon_point vanon_move_vector(vanon_point vector, const vanon_matrix *by);

vanon_keypoint vanon_move_joint(const vanon_keypoint *joint, const vanon_matrix *by);

/* Moves a box: its middle goes along, its sides are scaled, not turned. What a detector sees is
 * upright in each picture. */
vanon_box vanon_move_box(const vanon_box *box, const vanon_matrix *by);

/* Moves the object's box, and the joints that count as such; scales its spread. */
void vanon_move_object(const vanon_object_list *list, vanon_object *object, const vanon_matrix *by);

/* Replaces the list's contents by a copy that is moved. VANON_ERR_MEMORY. */
int vanon_move_all(vanon_object_list *list, const vanon_object_list *from, const vanon_matrix *by);

/* Puts the object's box, and the joints that `as` has, to where `as`, of the list `from`, has them:
 * moving there and back rounds. Both are of one skeleton. */
void vanon_move_exactly(const vanon_object_list *list, vanon_object *object,
                        const vanon_object_list *from, const vanon_object *as);

#endif
