/* SPDX-License-Identifier: Apache-2.0 */
/* A detector whose objects are those of another one, then what Haar cascades find (haar_eyes.h). */
#ifndef VANON_DETECT_WITH_HAAR_H
#define VANON_DETECT_WITH_HAAR_H

#include "detect/detector.h"

/*
 * Puts it around `*detector`, which it takes over on VANON_OK; slots and batch are that one's. The
 * cascades are those that params->options name. submit makes the grey pictures, collect runs the
 * cascades in the caller's thread. VANON_ERR_MODEL: a cascade that is missing or broken;
 * VANON_ERR_MEMORY.
 */
int vanon_detector_add_haar(vanon_detector **detector, const struct vanon_detector_params *params);

#endif
