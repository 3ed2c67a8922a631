/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The upright picture of a frame, for outputs that can't say "turn me": samples change place, never
 * value. Thread-safe.
 */
#ifndef VANON_PIXELS_UPRIGHT_H
#define VANON_PIXELS_UPRIGHT_H

#include "pixels/frame.h"

/*
 * Makes a frame with `from`'s samples mirrored and turned as it asks for, and rotation 0. A quarter
 * turn swaps the sides and the aspect ratio, and turns 4:2:2 into 4:4:0 and back. Where a
 * subsampled side is odd, chroma may come to lie one luma sample off. VANON_ERR_UNSUPPORTED: a
 * quarter turn of a format that has no such twin (4:1:1, 4:2:2 of more than 8 bits), or of
 * interlaced lines; VANON_ERR_MEMORY. Says nothing to a log: the caller knows the file.
 */
int vanon_frame_upright(vanon_frame_pool *pool, const vanon_frame *from, vanon_frame **out);

#endif
