/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/left_out.h"

#include "base/log.h"

void vanon_left_out_init(struct vanon_left_out *left_out, const vanon_options *options,
                         const vanon_log *log)
{
    left_out->log = log;
    left_out->max_det = options->max_det;
    left_out->given = vanon_options_given(options, "max_det");
    left_out->confidence = (float)options->confidence;
    atomic_init(&left_out->looks, 0);
}

int vanon_left_out_note(struct vanon_left_out *left_out, float *score)
{
    float highest = *score;

    *score = 0;
    if (highest <= 0 || highest < left_out->confidence)
        return VANON_OK;
    if (atomic_fetch_add(&left_out->looks, 1))
        return left_out->given ? VANON_OK : VANON_ERR_UNSUPPORTED;
    if (!left_out->given)
        return vanon_fail(left_out->log, VANON_ERR_UNSUPPORTED,
                          "max_det %d: a frame has more people than that, and the others would not "
                          "be hidden; give a larger one, or %d itself to leave them",
                          left_out->max_det, left_out->max_det);
    vanon_warn(left_out->log,
               "max_det %d: a frame has more people than that; those of the lowest scores are left "
               "out, and not hidden",
               left_out->max_det);
    return VANON_OK;
}
