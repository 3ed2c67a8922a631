/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/publish.h"
#include "sidecar/sidecar.h"

int vanon_sidecar_check_source(const vanon_sidecar *sidecar, const char *input, bool *known,
                               const vanon_log *log)
{
    const char *expected = vanon_sidecar_get_header(sidecar)->sha256;
    char sha256[VANON_SHA256_TEXT] = "";
    int status = VANON_OK;

    if (expected && *expected)
        status = vanon_sha256_input(input, sha256, log);
    if (known)
        *known = *sha256;
    if (!status && *sha256 && strcmp(sha256, expected) != 0)
        status = vanon_fail(log, VANON_ERR_INPUT,
                            "%s: was made from another file than %s: its SHA-256 is %s, not %s",
                            vanon_sidecar_path(sidecar), vanon_plain_name(input), sha256, expected);
    return status;
}

static bool same_ratio(vanon_rational a, vanon_rational b)
{
    vanon_rational square = {1, 1};

    a = a.num ? a : square;
    b = b.num ? b : square;
    return (int64_t)a.num * b.den == (int64_t)b.num * a.den;
}

int vanon_sidecar_check_frame(const vanon_sidecar *sidecar, const vanon_frame *frame,
                              const vanon_log *log)
{
    const struct vanon_sidecar_header *header = vanon_sidecar_get_header(sidecar);
    const char *path = vanon_sidecar_path(sidecar);
    uint64_t frames = vanon_sidecar_frames(sidecar);
    int64_t pts;

    if (frame->width != header->width || frame->height != header->height ||
        frame->rotation != header->rotation || frame->mirrored != header->mirrored ||
        !same_ratio(frame->sar, header->sar))
        return vanon_fail(log, VANON_ERR_INPUT,
                          "%s: is of pictures of %dx%d, rotation %d, aspect %d:%d; frame %" PRIu64
                          " is %dx%d, rotation %d, aspect %d:%d",
                          path, header->width, header->height, header->rotation, header->sar.num,
                          header->sar.den, frame->number, frame->width, frame->height,
                          frame->rotation, frame->sar.num, frame->sar.den);
    if (frame->number >= frames)
        return vanon_fail(log, VANON_ERR_INPUT,
                          "%s: has %" PRIu64 " frames; frame %" PRIu64 " is not among them", path,
                          frames, frame->number);
    pts = vanon_sidecar_pts(sidecar, frame->number);
    if (pts != frame->pts && pts != VANON_NO_PTS && frame->pts != VANON_NO_PTS &&
        header->time_base.num == frame->time_base.num &&
        header->time_base.den == frame->time_base.den)
        return vanon_fail(log, VANON_ERR_INPUT,
                          "%s: frame %" PRIu64 " has the time stamp %" PRId64
                          ", in the video it has %" PRId64 ": not the same video",
                          path, frame->number, pts, frame->pts);
    return VANON_OK;
}
