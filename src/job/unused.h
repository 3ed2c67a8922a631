/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the people, places and spans that options name never came up in a run. A slip there (an
 * id of another video, a place outside of the picture) would leave somebody in sight without a
 * word.
 */
#ifndef VANON_JOB_UNUSED_H
#define VANON_JOB_UNUSED_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "regions/choose.h"

/* What came up so far: of each list a bit for each entry. Zero at first. */
struct vanon_used {
    uint64_t keep_person, only_person, region, zone_leave, zone_hide, hide_span;
};

/* Notes what comes up in a frame shown at that moment, with those people. A place comes up where
 * its time and some of the picture do. */
void vanon_used_note(struct vanon_used *used, const vanon_options *options,
                     const vanon_frame *frame, const struct vanon_moment *moment,
                     const vanon_object_list *objects);

/* Warns of each entry that did not come up; one message for each list. */
void vanon_used_tell(const struct vanon_used *used, const vanon_options *options,
                     const vanon_log *log);

#endif
