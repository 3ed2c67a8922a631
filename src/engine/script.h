/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The detector "apply": what a sidecar says of each frame, in place of detection and tracking.
 *
 * The sidecar's objects are taken as they are. A line's "regions" replace the regions that would
 * follow from its objects, its "add" comes on top of either, and so do the options' own regions.
 * The options that leave people in sight (regions/choose.h) count for objects, and for "regions"
 * that name an object.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_ENGINE_SCRIPT_H
#define VANON_ENGINE_SCRIPT_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "regions/choose.h"

typedef struct vanon_script vanon_script;

/* Reads options->sidecar whole. `options` and `log` must outlive the object. Warns where nothing
 * can tell whether it was made from options->input. VANON_ERR_IO; VANON_ERR_INPUT: it is no valid
 * sidecar, or one of another file; VANON_ERR_MEMORY. */
int vanon_script_create(vanon_script **out, const vanon_options *options, const vanon_log *log);
void vanon_script_destroy(vanon_script **script);

/* Replaces `objects` by the frame's and appends its regions; `memory` is for
 * vanon_regions_plan. VANON_ERR_INPUT: see vanon_sidecar_check_frame; VANON_ERR_MEMORY. */
int vanon_script_frame(vanon_script *script, const vanon_frame *frame,
                       const struct vanon_moment *moment, struct vanon_regions_memory *memory,
                       vanon_object_list *objects, vanon_region_list *regions);

/* No frame follows. VANON_ERR_INPUT: the sidecar has more frames. */
int vanon_script_end(const vanon_script *script);

/* SHA-256 of the model that found the people; "" where that is not known. */
const char *vanon_script_model(const vanon_script *script);

#endif
