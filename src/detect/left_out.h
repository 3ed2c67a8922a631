/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People that max_det leaves out are not hidden. Where somebody gave max_det, that is what they
 * wanted, and a warning says so once; where nobody did, it is an error.
 *
 * Thread-safety: vanon_left_out_note by several threads at once.
 */
#ifndef VANON_DETECT_LEFT_OUT_H
#define VANON_DETECT_LEFT_OUT_H

#include <stdatomic.h>

#include "options/options.h"

struct vanon_left_out {
    const vanon_log *log;
    int max_det;
    bool given;
    float confidence;
    atomic_ullong looks; /* that left somebody out */
};

void vanon_left_out_init(struct vanon_left_out *left_out, const vanon_options *options,
                         const vanon_log *log);

/* One look is decoded: `*score` is the highest that was left out, and becomes 0. Those below
 * options->confidence would only have helped to follow others. VANON_ERR_UNSUPPORTED: see above. */
int vanon_left_out_note(struct vanon_left_out *left_out, float *score);

#endif
