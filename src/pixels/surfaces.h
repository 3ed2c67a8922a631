/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in a device's memory (VANON_MEMORY_CUDA): what the program needs to know of them, and what
 * it does to them. One object for each device, a function table behind it: plugins bring one for
 * CUDA, and one that stands for it on the host in tests. All results are those of the CPU's own
 * code for the same samples, bit by bit.
 *
 * Every call returns when its work is done, so that nothing has to be waited for afterwards; calls
 * of several threads overlap. Samples are read at any time from vanon_surfaces_settle on.
 *
 * Thread-safety: safe. Frames that an object made may outlive it.
 *
 * Codes, unless said otherwise: VANON_ERR_INFERENCE: the device failed; VANON_ERR_MEMORY: it, or
 * the host, has not enough of it. Logged where found.
 */
#ifndef VANON_PIXELS_SURFACES_H
#define VANON_PIXELS_SURFACES_H

#include <vanon/frame.h>
#include <vanon/status.h>

#include "pixels/camera_cells.h"
#include "pixels/frame.h"
#include "pixels/glance.h"

typedef struct vanon_surfaces vanon_surfaces;

/* Cells of one component of one field (0, or 1 in interlaced frames), in its samples. The grid may
 * reach beyond the picture, see render/cells.h. */
struct vanon_surface_grid {
    int component, field;
    int x, y, width, height; /* the first cell */
    int columns, rows;
};

/* One axis of a smooth picture of cells, as render/blur.h has it. */
struct vanon_paint_axis {
    int from, length; /* the first cell's first sample, samples of a cell */
    int cells;        /* five at least */
    int radius;       /* of the kernel */
    size_t sums;      /* place in `data`: uint32_t, 2 * radius + 2 of them */
};

/* Something to be blended over one component of one field. */
struct vanon_paint {
    int component, field;
    int x, y, width, height; /* box of the coverage, in samples; may reach beyond the picture */
    size_t coverage;         /* place in `data`: width * height bytes, 0..255 */
    bool smooth;
    unsigned value;                       /* where it is not smooth */
    struct vanon_paint_axis across, down; /* where it is */
    size_t means;                         /* place in `data`: uint16_t, row by row */
};

/* What hides everything that is to be hidden in a frame, in this order. Grows, is reused, belongs
 * to one thread at a time. Zeroed = empty. */
struct vanon_paints {
    size_t count, capacity;
    struct vanon_paint *paint;
    size_t bytes, byte_capacity;
    uint8_t *data; /* what paints point into */
};

struct vanon_surfaces_ops {
    /* For device `number`. VANON_ERR_UNSUPPORTED: there is none. `log` must outlive the object. */
    int (*create)(vanon_surfaces **out, int number, const vanon_log *log);
    void (*destroy)(vanon_surfaces *surfaces);
    int (*settle)(vanon_surfaces *surfaces, const vanon_frame *frame);
    int (*glance)(vanon_surfaces *surfaces, const vanon_frame *frame, struct vanon_glance *glance);
    int (*cells)(vanon_surfaces *surfaces, const vanon_frame *frame,
                 uint8_t fine[VANON_CELL_ROWS][VANON_CELL_COLUMNS]);
    int (*means)(vanon_surfaces *surfaces, const vanon_frame *frame,
                 const struct vanon_surface_grid *grid, uint16_t *mean);
    int (*paint)(vanon_surfaces *surfaces, const vanon_frame *source,
                 const struct vanon_paints *paints, vanon_frame **out);
    int (*download)(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame *to);
    int (*upload)(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame **out);
};

struct vanon_surfaces { /* first member of each one's own struct */
    const struct vanon_surfaces_ops *ops;
    int number; /* of the device */
};

void vanon_surfaces_destroy(vanon_surfaces **surfaces);

/* VANON_ERR_ARGUMENT: a frame that breaks frame.h (a plane missing, a stride too small) or is not
 * in the object's device. Logs nothing. */
int vanon_surfaces_check(const vanon_surfaces *surfaces, const vanon_frame *frame);

/* Waits until the frame's samples may be read. */
int vanon_surfaces_settle(vanon_surfaces *surfaces, const vanon_frame *frame);

/* As vanon_glance_take. */
int vanon_surfaces_glance(vanon_surfaces *surfaces, const vanon_frame *frame,
                          struct vanon_glance *glance);

/* As vanon_cells_take. */
int vanon_surfaces_cells(vanon_surfaces *surfaces, const vanon_frame *frame,
                         struct vanon_camera_cells *cells);

/* The means of all cells, row by row: what render/cells.h says of cells that are not held. */
int vanon_surfaces_means(vanon_surfaces *surfaces, const vanon_frame *frame,
                         const struct vanon_surface_grid *grid, uint16_t *mean);

/* Makes a frame of the device's memory, a copy of `source` with all that it says, and paints on it.
 * Frames come from a pool. */
int vanon_surfaces_paint(vanon_surfaces *surfaces, const vanon_frame *source,
                         const struct vanon_paints *paints, vanon_frame **out);

/* Makes a frame of the host's memory, from `pool`, with the same samples and all else that `frame`
 * says. */
int vanon_surfaces_download(vanon_surfaces *surfaces, vanon_frame_pool *pool,
                            const vanon_frame *frame, vanon_frame **out);

/* The other way round: a frame of the device's memory, from its pool. */
int vanon_surfaces_upload(vanon_surfaces *surfaces, const vanon_frame *frame, vanon_frame **out);

/* Puts `bytes` of `from` (NULL: room for them, not set) behind the data, aligned for any of its
 * numbers, and says where. VANON_ERR_MEMORY. */
int vanon_paints_put(struct vanon_paints *paints, const void *from, size_t bytes, size_t *place);

/* Adds a paint, zeroed, to be filled in. VANON_ERR_MEMORY. */
int vanon_paints_add(struct vanon_paints *paints, struct vanon_paint **paint);

void vanon_paints_clear(struct vanon_paints *paints);
void vanon_paints_free(struct vanon_paints *paints);

#endif
