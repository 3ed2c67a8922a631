/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects and regions as JSON Lines (docs/sidecar.md): a header line, a line a frame, a last line.
 * No pictures in it. Unknown keys, a missing frame or a missing last line are errors that name
 * file, line and key.
 *
 * Thread-safety: an object belongs to one thread at a time.
 */
#ifndef VANON_SIDECAR_SIDECAR_H
#define VANON_SIDECAR_SIDECAR_H

#include <stdio.h>

#include <vanon/frame.h>
#include <vanon/object.h>
#include <vanon/options.h>

/* No coordinate, in display pixels, is further from 0: both ways an error. */
#define VANON_SIDECAR_MOST 1e6

/* The first line. Strings: written from, or owned by the reader; NULL or "" = left out. */
struct vanon_sidecar_header {
    const char *source; /* file name without its folder */
    const char *sha256; /* of the source */
    const char *model;  /* SHA-256 of the model */
    int width, height;  /* coded */
    vanon_rational time_base, sar;
    int rotation;
    bool mirrored;
};

typedef struct vanon_sidecar_writer vanon_sidecar_writer;

/* Writes the header; `file` stays the caller's, and so does `name`, what messages call it, both
 * until the writer is destroyed. `options` are written as "options"; NULL: none.
 * VANON_ERR_IO, VANON_ERR_MEMORY. */
int vanon_sidecar_writer_create(vanon_sidecar_writer **out, FILE *file, const char *name,
                                const struct vanon_sidecar_header *header,
                                const vanon_options *options, const vanon_log *log);

/* Writes a frame's line; `regions` may be NULL (left out). VANON_ERR_ARGUMENT: frames that don't
 * come in order from 0, a number that is not finite or too large, joints that are not those of
 * vanon_skeleton_coco17; then the file is of no use. VANON_ERR_IO. */
int vanon_sidecar_write(vanon_sidecar_writer *writer, const vanon_frame *frame,
                        const vanon_object_list *objects, const vanon_region_list *regions);

/* Writes the last line and flushes. Without it the file is no valid sidecar. VANON_ERR_IO. */
int vanon_sidecar_finish(vanon_sidecar_writer *writer);
void vanon_sidecar_writer_destroy(vanon_sidecar_writer **writer);

typedef struct vanon_sidecar vanon_sidecar;

/* Reads and checks a whole file. VANON_ERR_IO, VANON_ERR_INPUT (file, line, key and rule named),
 * VANON_ERR_MEMORY. */
int vanon_sidecar_load(vanon_sidecar **out, const char *path, const vanon_log *log);
void vanon_sidecar_destroy(vanon_sidecar **sidecar);

/* The file's name as it was given. */
const char *vanon_sidecar_path(const vanon_sidecar *sidecar);
const struct vanon_sidecar_header *vanon_sidecar_get_header(const vanon_sidecar *sidecar);
uint64_t vanon_sidecar_frames(const vanon_sidecar *sidecar);

/* Appends the frame's objects (with detector "sidecar"), the regions of its key "regions", or those
 * of its key "add" to a list. VANON_ERR_ARGUMENT: no such frame; VANON_ERR_MEMORY. Safe from
 * several threads at once. */
int vanon_sidecar_objects(const vanon_sidecar *sidecar, uint64_t frame, vanon_object_list *objects);
int vanon_sidecar_regions(const vanon_sidecar *sidecar, uint64_t frame, vanon_region_list *regions);
int vanon_sidecar_added(const vanon_sidecar *sidecar, uint64_t frame, vanon_region_list *regions);

/* True where the frame's line has the key "regions", be it an empty list. */
bool vanon_sidecar_has_regions(const vanon_sidecar *sidecar, uint64_t frame);

/* The frame's time stamp as written. */
int64_t vanon_sidecar_pts(const vanon_sidecar *sidecar, uint64_t frame);

/*
 * match.c: shapes found in another video, or in another frame of it, would leave the people of this
 * one in sight.
 *
 * VANON_ERR_INPUT: the input is a file with another SHA-256 than the header's. `known` tells
 * whether both are known (NULL: not asked); nothing can be said of a pipe. VANON_ERR_IO.
 */
int vanon_sidecar_check_source(const vanon_sidecar *sidecar, const char *input, bool *known,
                               const vanon_log *log);

/* VANON_ERR_INPUT: no such frame, or another size, rotation, aspect ratio or time stamp than the
 * sidecar has. Thread-safe. */
int vanon_sidecar_check_frame(const vanon_sidecar *sidecar, const vanon_frame *frame,
                              const vanon_log *log);

#endif
