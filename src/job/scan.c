/* SPDX-License-Identifier: Apache-2.0 */
#include "job/scan.h"

#include <stdlib.h>

#include "job/internal.h"

struct vanon_scan {
    vanon_reader *reader;
    vanon_engine *engine;
    vanon_frame *waiting; /* was read, and found no room in the engine */
    bool ended;           /* all is read */
    uint64_t wanted;      /* the number of the one that is kept */
    vanon_frame *kept;
};

int vanon_scan_create(vanon_scan **out, const vanon_options *options, enum vanon_scan_kind kind,
                      const vanon_log *log)
{
    vanon_scan *scan = calloc(1, sizeof *scan);
    struct vanon_engine_params params = {.options = options,
                                         .log = log,
                                         .detect_only = true,
                                         .without_pictures = kind == VANON_SCAN_AS_RUN &&
                                                             vanon_job_reads_again(options)};
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!scan)
        return status;
    scan->wanted = UINT64_MAX;
    status = vanon_reader_create(&scan->reader, options, log);
    if (!status) {
        params.time_zero = vanon_reader_get_info(scan->reader)->beginning;
        status = vanon_engine_create(&scan->engine, &params);
    }
    if (status)
        vanon_scan_destroy(&scan);
    *out = scan;
    return status;
}

void vanon_scan_destroy(vanon_scan **pointer)
{
    vanon_scan *scan = *pointer;

    if (!scan)
        return;
    vanon_frame_unref(&scan->waiting);
    vanon_frame_unref(&scan->kept);
    vanon_engine_destroy(&scan->engine); /* its frames may belong to the reader's decoder */
    vanon_reader_destroy(&scan->reader);
    free(scan);
    *pointer = NULL;
}

void vanon_scan_keep(vanon_scan *scan, uint64_t number)
{
    scan->wanted = number;
}

const vanon_frame *vanon_scan_kept(const vanon_scan *scan)
{
    return scan->kept;
}

/* Reads up to the next frame. */
static int read_frame(vanon_scan *scan)
{
    struct AVPacket *packet = NULL;
    int status = VANON_OK;

    while (!status && !scan->waiting) {
        status = vanon_reader_read(scan->reader, &scan->waiting, &packet);
        vanon_packet_free(&packet);
        if (!status && scan->waiting && scan->waiting->number == scan->wanted && !scan->kept)
            scan->kept = vanon_frame_ref(scan->waiting);
    }
    if (status != VANON_ERR_EOF)
        return status;
    scan->ended = true;
    return vanon_engine_drain(scan->engine);
}

int vanon_scan_next(vanon_scan *scan, vanon_output *output)
{
    int status = VANON_OK;

    while (!status) {
        bool full = false;

        if (!scan->ended && !scan->waiting)
            status = read_frame(scan);
        if (!status && scan->waiting) {
            status = vanon_engine_submit(scan->engine, &scan->waiting, 0);
            full = status == VANON_ERR_AGAIN;
            status = full ? VANON_OK : status;
        }
        if (status)
            break;
        status = vanon_engine_receive(scan->engine, output, full || scan->ended ? -1 : 0);
        if (status != VANON_ERR_AGAIN)
            return status;
        status = VANON_OK;
    }
    *output = (vanon_output){0};
    return status;
}

const struct vanon_reader_info *vanon_scan_info(const vanon_scan *scan)
{
    return vanon_reader_get_info(scan->reader);
}

void vanon_scan_stats(const vanon_scan *scan, struct vanon_engine_stats *stats)
{
    vanon_engine_get_stats(scan->engine, stats);
}
