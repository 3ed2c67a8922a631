/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of at most 256 colours, for GIF: a frame's own colours, where it has no more; else those
 * that stand for all of them best, by median cut. Each frame gets colours of its own. Samples of
 * less than half opacity become wholly transparent, all others opaque. One thread at a time.
 */
#ifndef VANON_MEDIA_WRITER_PALETTE_H
#define VANON_MEDIA_WRITER_PALETTE_H

#include <libavutil/frame.h>

#include <vanon/status.h>

typedef struct vanon_palette vanon_palette;

/* VANON_ERR_MEMORY. */
int vanon_palette_create(vanon_palette **out);
void vanon_palette_destroy(vanon_palette **palette);

/* Fills `to` (PAL8, writable, as large) from `from` (RGB32: words of alpha, red, green, blue). */
void vanon_palette_apply(vanon_palette *palette, const AVFrame *from, AVFrame *to);

#endif
