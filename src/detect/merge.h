/* SPDX-License-Identifier: Apache-2.0 */
/* What several looks at one frame found, as one list. Pure functions. */
#ifndef VANON_DETECT_MERGE_H
#define VANON_DETECT_MERGE_H

#include <vanon/object.h>

/* A look. In display pixels. */
struct vanon_detect_look {
    double width, height; /* of the picture */
    vanon_box part;       /* of it, that was looked at */
    double overlap;       /* by which parts overlap, so that whoever is smaller is whole in one */
    /* Whoever has less than the score, and at least the size (of the box's longer side), of one of
     * these would be in the list already: those before looked well enough. 0: nobody. */
    struct {
        double score, size;
    } doubted[2];
    /* So would whoever is at least that large and lies in another one's box of no worse score:
     * somebody large falls into pieces in a close look. 0: nobody is doubted. */
    double piece_size;
};

/*
 * Adds to `into` what a look found (all in display space; the lists have no objects of one
 * another).
 *
 * Two boxes of one class that overlap by half or more are the same one, which keeps the better
 * score of the two; each object of `into` is the same as one of `from` at most, the one that fits
 * it best. Another one that overlaps like that and has its joints in the same places is no other
 * person, and left out; and so is whoever is to be doubted. Whoever lies at a side of the part that
 * is not the picture's is cut off there: they are left out where most of their box lies in another
 * one's, or where they are smaller than the overlap.
 *
 * VANON_ERR_MEMORY: some of `from` may be missing.
 */
int vanon_detect_merge(vanon_object_list *into, const vanon_object_list *from,
                       const struct vanon_detect_look *look);

/* Moves all that was found in a part, as if that were the picture, to where the part lies. */
void vanon_detect_shift(vanon_object_list *objects, const vanon_box *part);

#endif
