/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's frames as they are, with who was found in them, one after the other: for what looks at a
 * video and writes none. Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_JOB_SCAN_H
#define VANON_JOB_SCAN_H

#include <vanon/engine.h>

#include "media/reader.h"
#include "options/options.h"

typedef struct vanon_scan vanon_scan;

/* Whoever waits for a long work: told of each frame, and asked whether to go on. */
struct vanon_watch {
    bool (*step)(void *opaque, uint64_t frames, uint64_t total); /* false: end it */
    void *opaque;
};

enum vanon_scan_kind {
    VANON_SCAN_PICTURES, /* frames come with their samples; the look-ahead is cut where it does not
                            fit into max_frame_memory */
    VANON_SCAN_AS_RUN,   /* with the ids and gaps of a run with these options, which looks ahead as
                            far as they say in whatever can be read twice (internal.h): so that it
                            fits, such frames come without samples */
};

/* Opens options->input; both pointers must outlive the scan. As vanon_reader_create and
 * vanon_engine_create. */
int vanon_scan_create(vanon_scan **out, const vanon_options *options, enum vanon_scan_kind kind,
                      const vanon_log *log);
void vanon_scan_destroy(vanon_scan **scan);

/* Keeps the frame of this number, with its samples, when it comes by. Before the first one. */
void vanon_scan_keep(vanon_scan *scan, uint64_t number);

/* That frame, which belongs to the scan; NULL: it did not come. */
const vanon_frame *vanon_scan_kept(const vanon_scan *scan);

/* Takes the next frame; what comes with it holds until the next call. VANON_ERR_EOF: there is none;
 * as vanon_reader_read and vanon_engine_receive. */
int vanon_scan_next(vanon_scan *scan, vanon_output *output);

const struct vanon_reader_info *vanon_scan_info(const vanon_scan *scan);
void vanon_scan_stats(const vanon_scan *scan, struct vanon_engine_stats *stats);

#endif
