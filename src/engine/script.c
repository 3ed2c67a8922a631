/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/script.h"

#include <inttypes.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/log.h"
#include "sidecar/sidecar.h"

struct vanon_script {
    const vanon_options *options;
    const vanon_log *log;
    vanon_sidecar *sidecar;
    uint64_t frames; /* of the video, so far */
};

int vanon_script_create(vanon_script **out, const vanon_options *options, const vanon_log *log)
{
    vanon_script *script = calloc(1, sizeof *script);
    int status = VANON_ERR_MEMORY;
    bool known = true;

    *out = NULL;
    if (!script)
        return status;
    script->options = options;
    script->log = log;
    status = vanon_sidecar_load(&script->sidecar, options->sidecar, log);
    if (!status)
        status = vanon_sidecar_check_source(script->sidecar, options->input, &known, log);
    if (!known)
        vanon_warn(log, "%s: nothing tells whether it was made from this input: %s",
                   options->sidecar,
                   vanon_options_is_pipe(options->input) ? "a pipe can't be read twice"
                                                         : "a SHA-256 is missing");
    if (status)
        vanon_script_destroy(&script);
    *out = script;
    return status;
}

void vanon_script_destroy(vanon_script **pointer)
{
    vanon_script *script = *pointer;

    if (!script)
        return;
    vanon_sidecar_destroy(&script->sidecar);
    free(script);
    *pointer = NULL;
}

/* Instead of what would follow from the objects. */
static int take_regions(vanon_script *script, uint64_t number, const struct vanon_moment *moment,
                        const vanon_object_list *objects, vanon_region_list *regions)
{
    int status = vanon_sidecar_regions(script->sidecar, number, regions);

    if (status)
        return status;
    vanon_regions_sift(script->options, moment, objects, regions);
    return vanon_regions_own(script->options, moment, regions);
}

int vanon_script_frame(vanon_script *script, const vanon_frame *frame,
                       const struct vanon_moment *moment, struct vanon_regions_memory *memory,
                       vanon_object_list *objects, vanon_region_list *regions)
{
    uint64_t number = frame->number;
    int status = vanon_sidecar_check_frame(script->sidecar, frame, script->log);

    vanon_object_list_clear(objects);
    script->frames = number + 1;
    if (!status)
        status = vanon_sidecar_objects(script->sidecar, number, objects);
    if (!status && vanon_sidecar_has_regions(script->sidecar, number))
        status = take_regions(script, number, moment, objects, regions);
    else if (!status)
        status = vanon_regions_plan(script->options, moment, objects, memory, regions);
    return status ? status : vanon_sidecar_added(script->sidecar, number, regions);
}

int vanon_script_end(const vanon_script *script)
{
    uint64_t frames = vanon_sidecar_frames(script->sidecar);

    if (script->frames >= frames)
        return VANON_OK;
    return vanon_fail(script->log, VANON_ERR_INPUT,
                      "%s: has %" PRIu64 " frames, the video, or the part of it that was read, has "
                      "%" PRIu64 ": not made from that",
                      vanon_sidecar_path(script->sidecar), frames, script->frames);
}

const char *vanon_script_model(const vanon_script *script)
{
    const char *model = vanon_sidecar_get_header(script->sidecar)->model;

    return model ? model : "";
}
