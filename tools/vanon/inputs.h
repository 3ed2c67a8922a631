/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a call with several inputs, or with folders, means, and where each one's result goes.
 */
#ifndef VANON_TOOL_INPUTS_H
#define VANON_TOOL_INPUTS_H

#include "tool.h"

struct tool_input {
    char *path, *output, *report; /* "" where nothing is written */
    int status;                   /* not VANON_OK: it can't be read, and that was said */
};

struct tool_inputs {
    struct tool_input *list; /* as named; of a folder by name */
    size_t count, capacity;
    size_t others, results; /* files of folders that are left out: no media by their names; made by
                               vanon */
};

/* True where the call is not simply one file. */
bool tool_inputs_are_many(const struct tool_request *request, const vanon_options *options);

/*
 * Finds them all, and refuses what would go wrong for sure: two results under one name, a result
 * in place of an input, an output or report that is no folder, no file at all. VANON_ERR_OPTION,
 * VANON_ERR_INPUT, VANON_ERR_EXISTS, VANON_ERR_MEMORY. Changes the option "input".
 */
int tool_inputs_find(struct tool_inputs *inputs, const struct tool_request *request,
                     vanon_options *options, const vanon_log *log);
void tool_inputs_free(struct tool_inputs *inputs);

#endif
