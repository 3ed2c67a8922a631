/* SPDX-License-Identifier: Apache-2.0 */
#include "job/unused.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "pixels/frame.h"

_Static_assert(VANON_MOST_LISTED <= 64, "a bit for each entry of a list");

static void note_ids(uint64_t *used, const struct vanon_ids *ids, const vanon_object_list *objects)
{
    for (size_t i = 0; i < ids->count; i++)
        for (size_t k = 0; k < objects->count; k++)
            if (objects->object[k].id == ids->id[i])
                *used |= UINT64_C(1) << i;
}

static void note_areas(uint64_t *used, const struct vanon_areas *areas, const vanon_frame *frame,
                       const struct vanon_moment *moment)
{
    double width, height;

    vanon_frame_display_size(frame, &width, &height);
    for (size_t i = 0; i < areas->count; i++) {
        const vanon_box *box = &areas->area[i].box;

        if (vanon_moment_touches(moment, &areas->area[i].when) && box->x0 < width &&
            box->y0 < height && box->x1 > 0 && box->y1 > 0)
            *used |= UINT64_C(1) << i;
    }
}

void vanon_used_note(struct vanon_used *used, const vanon_options *options,
                     const vanon_frame *frame, const struct vanon_moment *moment,
                     const vanon_object_list *objects)
{
    note_ids(&used->keep_person, &options->keep_person, objects);
    note_ids(&used->only_person, &options->only_person, objects);
    note_areas(&used->region, &options->region, frame, moment);
    note_areas(&used->zone_leave, &options->zone_leave, frame, moment);
    note_areas(&used->zone_hide, &options->zone_hide, frame, moment);
    for (size_t i = 0; i < options->hide_span.count; i++)
        if (vanon_moment_touches(moment, &options->hide_span.span[i]))
            used->hide_span |= UINT64_C(1) << i;
}

/* The places in a list, from 1, of the entries that did not come up; false: all did. */
static bool list_unused(uint64_t used, size_t count, char *text, size_t size)
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (!(used >> i & 1) && at < size)
            at += (size_t)snprintf(text + at, size - at, "%s%zu", at ? ", " : "", i + 1);
    return at;
}

static void tell_ids(uint64_t used, const struct vanon_ids *ids, const char *key, const char *input,
                     const vanon_log *log)
{
    for (size_t i = 0; i < ids->count; i++)
        if (!(used >> i & 1))
            vanon_warn(log, "%s: nobody in %s has the id %" PRId64 "; vanon explain shows ids", key,
                       input, ids->id[i]);
}

static void tell_places(uint64_t used, size_t count, const char *key, const char *why,
                        const char *input, const vanon_log *log)
{
    char text[256]; /* 64 numbers of two digits */

    if (list_unused(used, count, text, sizeof(text)))
        vanon_warn(log, "%s: number %s of the list %s %s", key, text, why, input);
}

void vanon_used_tell(const struct vanon_used *used, const vanon_options *options,
                     const vanon_log *log)
{
    static const char outside[] = "is never inside the picture of";

    tell_ids(used->keep_person, &options->keep_person, "keep_person", options->input, log);
    tell_ids(used->only_person, &options->only_person, "only_person", options->input, log);
    tell_places(used->region, options->region.count, "region", outside, options->input, log);
    tell_places(used->zone_leave, options->zone_leave.count, "zone_leave", outside, options->input,
                log);
    tell_places(used->zone_hide, options->zone_hide.count, "zone_hide", outside, options->input,
                log);
    tell_places(used->hide_span, options->hide_span.count, "hide_span", "meets no frame of",
                options->input, log);
}
