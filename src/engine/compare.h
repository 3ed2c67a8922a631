/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two looks at a scene say of the frames between them: whether the same people are in both,
 * and how they moved. Pure functions.
 */
#ifndef VANON_ENGINE_COMPARE_H
#define VANON_ENGINE_COMPARE_H

#include <stdbool.h>

#include <vanon/object.h>

#define VANON_COMPARE_MOST 64 /* people of a frame that are compared; more are as if missing */

/* People of one look and who is the same in the other one. */
struct vanon_pairs {
    int of_first[VANON_COMPARE_MOST];  /* for each object of the first: index in the second, or < 0
                                        */
    int of_second[VANON_COMPARE_MOST]; /* the other way round */
};

/*
 * Pairs the people of two looks that are `seconds` apart, nearest first: as far from each other as
 * people get in that time, and of like size. People of any score take part; whoever is no person
 * does not.
 */
void vanon_compare(struct vanon_pairs *pairs, const vanon_object_list *first,
                   const vanon_object_list *second, double seconds);

/* True where a person of a score of `least` or more is in one of the looks only. */
bool vanon_compare_differs(const struct vanon_pairs *pairs, const vanon_object_list *first,
                           const vanon_object_list *second, double least);

/* How far people moved, of their size: as a whole, and a joint against the whole; the most of all
 * pairs with one of a score of `least` or more. */
struct vanon_movement {
    double whole, joint;
};
struct vanon_movement vanon_compare_movement(const struct vanon_pairs *pairs,
                                             const vanon_object_list *first,
                                             const vanon_object_list *second, double least);

#endif
