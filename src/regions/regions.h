/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects to the shapes that hide the wanted parts. One table in regions.c says for each part who
 * builds its shapes; the builders (head.c, limbs.c, body.c) name the joints they need. Pure
 * functions.
 *
 * Geometry, in display pixels; the part's safety margin is added to every radius:
 *
 *   elbows: a circle at each elbow of radius max(12, 0.5 * |elbow - wrist|), 20 where the wrist is
 *     unseen; never below 0.05 S, as a forearm that points at the camera looks short.
 *
 *   eyes: an ellipse at each eye, radii 0.5 u along the line of the eyes and 0.38 u across it. The
 *     unit u stands for the distance between the eyes seen from the front, 63 mm in a grown
 *     person, also where the head is turned: the largest of |eye - eye| and, for each side, 0.75 *
 *     |eye - ear|; without an ear also |eye - nose|; without any of them 0.06 of the box's height;
 *     8 at least. Where one eye is unseen, its ellipse lies 0.5 u beside the other's (around it
 *     without an ear), wider by 0.5 u, with the head's u below. Where both are, a circle of
 * radius 1.1 u holds both: 0.5 u above the nose; about ears that are not sure (visibility below
 * 0.5), 1.8 u about one; as the rest of the body says. Ears that are sure, without nose and eyes,
 * are those of a face that is turned away: no region. So the ellipse is some 63 mm by 48 mm: the
 * eye (30 mm wide), its socket (40 mm) and the brow (20 to 25 mm above the pupil) are inside.
 *
 *     An object of class eye (of a Haar cascade): an ellipse with half its box's sides as radii.
 *     With options->eye_detector haar people's joints give no eyes, with both they do as well.
 *
 *   The other parts are measured in shares of the person's stature S, which comes from the trunk
 *   (the largest of the breadth of the shoulders / 0.21 and shoulder to hip / 0.288), without one
 *   from the limbs, then from the larger of head and box (its longer side). Shares are those of
 *   grown people (Drillis and Contini 1966), widened for clothes, hair, and joints that the model
 *   puts some centimetres aside. No radius is below 8.
 *
 *   face: an ellipse along the line of the eyes, from 0.35 u beyond the outermost of eyes, ears
 *     and nose on either side, 1.3 u at least; across it 1.75 u about a middle 0.36 u below the
 *     eyes: 19 cm from hairline to chin are inside with as much as 1.5 cm around. u is at least
 *     0.0364 S and 0.42 |ear - ear|. Where no line is known, a circle of 2.2 u. No joint of the
 *     face: as the rest of the body says.
 *
 *   head: a circle of 2.3 u (14.5 cm; crown to chin is 23 cm, and hair) about the middle between
 *     eyes and ears, larger where only one side of the head is known, and always 0.6 u beyond each
 *     joint of the face. Without any of these joints from the shoulders: 0.118 S above their
 *     middle, radius 0.13 S; 0.235 S about one shoulder; without shoulders 0.13 S where the rest of
 *     the body says.
 *
 *   shoulders, hips, knees: circles of 0.065, 0.08, 0.06 S at each.
 *
 *   hands, feet: a circle of 0.1 S whose middle lies 0.05 S beyond the wrist, away from the
 *     elbow; of 0.115 S, 0.03 S beyond the ankle, away from the knee. Where elbow or knee are
 *     unseen, about wrist or ankle, and larger by that distance.
 *
 *   arms, legs: capsules along upper arm (radius 0.045 S) and forearm (0.04), thigh (0.075) and
 *     lower leg (0.05), with hand and foot. Where a joint is unseen, a circle about its neighbour
 *     that holds the missing segment wherever it points; between shoulder and wrist, or hip and
 *     ankle, a capsule twice as wide; what none of these holds, where the rest of the body says.
 *
 *   body: where all of shoulders, elbows, wrists, hips, knees and ankles are seen, head, arms and
 *     legs as above, capsules from shoulder to hip (0.085 S) and between the shoulders (0.075), and
 *     the convex hull of shoulders, hips, knees and ankles. Else, and for a person without joints,
 *     the box, wider by 0.05 of its longer side on each side.
 *
 * A joint that is not seen is told from the others where any part but body wants it; guess.c has
 * for each which one tells most of it, and how far off it may be, which is added to its radii. So
 * an elbow is between shoulder and wrist, off by as much as the upper arm bends aside; an upper arm
 * below its shoulder, off by 0.15 S; above its wrist, its hip, across the body; of somebody without
 * a joint, where it is in a box of somebody who stands, or anywhere in one that is less than 1.5
 * times as high as wide. Where that is outside of the box, by more than 0.05 S, the joint is out of
 * the picture, or behind something: no region. None is guessed of a box whose score does not count
 * (options->confidence) and that has fewer than three joints of visibility 0.5 or more.
 *
 * An object's spread, how uncertain its place is, is added to every radius as the margin is.
 *
 * What counts as a joint says base/joint.h. The less certain one is, the wider its shape: below
 * visibility 0.5 the radii, without the margin, are multiplied by 1.5 - visibility (of both ends of
 * a capsule, the larger; of a shape that several joints place, their mean).
 */
#ifndef VANON_REGIONS_REGIONS_H
#define VANON_REGIONS_REGIONS_H

#include <vanon/object.h>

#include "options/options.h"

/* Appends the regions of every person and eye for options->parts with options->safety_margin_px,
 * each person's in the order of enum vanon_part. VANON_ERR_MEMORY. */
int vanon_regions_add(const vanon_options *options, const vanon_object_list *objects,
                      vanon_region_list *regions);

#endif
