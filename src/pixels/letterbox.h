/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame of any format as the network wants it: upright, square pixels, scaled to fit, centred,
 * padded with 114, RGB of 8 bits interleaved.
 *
 * Defined as: bilinear with pixel centres aligned and no anti-aliasing (what cv2.resize does for
 * INTER_LINEAR), chroma up-sampled bilinearly from where the stream puts it (chroma_location; where
 * unspecified, in the middle for full range and left for limited), YUV to RGB by the stream's
 * matrix and range, PQ and HLG through a tone curve (letterbox_colour.h tells both exactly), alpha
 * ignored. Between samples the values as coded are interpolated, then converted. Scaled sides are
 * rounded half to even, never below 1, and each axis has the scale that follows from its own
 * rounded side. Padding as Ultralytics' LetterBox places it: round(pad / 2 - 0.1) left and above.
 *
 * Thread-safety: an object belongs to one thread at a time. No allocation in vanon_letterbox_run.
 */
#ifndef VANON_PIXELS_LETTERBOX_H
#define VANON_PIXELS_LETTERBOX_H

#include <vanon/frame.h>
#include <vanon/object.h>

#define VANON_LETTERBOX_STRIDE 32 /* a network's sides are multiples of this */
#define VANON_LETTERBOX_GREY   114

typedef struct vanon_letterbox vanon_letterbox;

/*
 * The smallest rectangle of multiples of 32 that holds the frame scaled so that its longer display
 * side is `imgsz` (itself a multiple of 32): 1280x720 at 640 is 640x384.
 */
void vanon_letterbox_size(const vanon_frame *like, int imgsz, int *width, int *height);

/*
 * Plans the way from frames like `like` (its samples don't count) into `width` x `height`.
 * VANON_ERR_ARGUMENT: no such format or frame size, or sides that are no multiples of 32;
 * VANON_ERR_UNSUPPORTED: memory that is not the host's; VANON_ERR_MEMORY.
 */
int vanon_letterbox_create(vanon_letterbox **out, const vanon_frame *like, int width, int height);
void vanon_letterbox_destroy(vanon_letterbox **letterbox);

/* True where the plan fits this frame and size. */
bool vanon_letterbox_fits(const vanon_letterbox *letterbox, const vanon_frame *frame, int width,
                          int height);

/* Writes height x width x 3 bytes, padding included. The plan fits the frame. */
void vanon_letterbox_run(vanon_letterbox *letterbox, const vanon_frame *frame, uint8_t *rgb);

/* What the plan consists of, for an executor that is not vanon_letterbox_run. The pointers live as
 * long as the letterbox. */
struct vanon_letterbox_view {
    int left, top;         /* padding, in the network's pixels */
    size_t columns, lines; /* of the result along the coded x and y axis */
    bool on_its_side;      /* a line of the coded picture is a column of the network's input */
    int components;        /* that matter: 1 in grey, else 3 */
    const struct vanon_row_plan *across[2]; /* luma's (also RGB's), chroma's: letterbox_rows.h */
    const struct vanon_line_plan *down[2];  /* likewise: letterbox_plan.h */
    const struct vanon_fixed_rgb *to_rgb;   /* letterbox_colour.h */
};

void vanon_letterbox_look(const vanon_letterbox *letterbox, struct vanon_letterbox_view *view);

/* A point of the network's input (outer corner origin) in display space. */
vanon_point vanon_letterbox_to_display(const vanon_letterbox *letterbox, float x, float y);

#endif
