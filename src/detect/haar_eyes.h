/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faces, and the eyes in each, by two cascades and with the settings of the program that vanon
 * replaces: sizes 1.1 apart; a face has more than 5 neighbours and 60x60 pixels or more; an eye,
 * looked for in the face's own rectangle, has more than 3 and 20x20 or more.
 *
 * Thread-safety: an object belongs to one thread at a time; many may share the cascades.
 */
#ifndef VANON_DETECT_HAAR_EYES_H
#define VANON_DETECT_HAAR_EYES_H

#include <vanon/object.h>

#include "detect/haar_cascade.h"
#include "pixels/gray.h"

typedef struct vanon_haar_eyes vanon_haar_eyes;

/* The cascades must outlive the object. VANON_ERR_MEMORY. */
int vanon_haar_eyes_create(vanon_haar_eyes **out, const vanon_haar_cascade *face,
                           const vanon_haar_cascade *eye);
void vanon_haar_eyes_destroy(vanon_haar_eyes **eyes);

/*
 * Appends each face and then its eyes, as objects of detector "haar" without joints, in display
 * space. A cascade gives no score; theirs is n / (n + 1) for n neighbours. VANON_ERR_MEMORY: some
 * may be missing.
 */
int vanon_haar_eyes_find(vanon_haar_eyes *eyes, const vanon_gray *gray, vanon_object_list *objects);

#endif
