/* SPDX-License-Identifier: Apache-2.0 */
/* A picture for people to look at as a PNG file. Thread-safe. */
#ifndef VANON_MEDIA_PNG_H
#define VANON_MEDIA_PNG_H

#include <stdbool.h>
#include <stdint.h>

#include <vanon/status.h>

/* Whether a picture may be written there at all. VANON_ERR_OPTION: its name does not end in ".png";
 * else as vanon_publish_check. */
int vanon_png_check(const char *path, bool overwrite, const vanon_log *log);

/*
 * Writes width x height pixels, RGB of 8 bits, lines without a gap, under `path`, where it appears
 * when it is complete. VANON_ERR_EXISTS, VANON_ERR_IO: see base/publish.h; VANON_ERR_UNSUPPORTED:
 * this libav* has no PNG encoder; VANON_ERR_MEMORY.
 */
int vanon_png_write(const char *path, const uint8_t *rgb, int width, int height, bool overwrite,
                    const vanon_log *log);

#endif
