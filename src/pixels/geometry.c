/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/frame.h"

static double aspect(const vanon_frame *frame)
{
    bool known = frame->sar.num > 0 && frame->sar.den > 0;

    return known ? (double)frame->sar.num / frame->sar.den : 1.0;
}

static bool on_its_side(const vanon_frame *frame)
{
    return frame->rotation == 90 || frame->rotation == 270;
}

void vanon_frame_display_size(const vanon_frame *frame, double *width, double *height)
{
    double scaled = frame->width * aspect(frame);

    *width = on_its_side(frame) ? frame->height : scaled;
    *height = on_its_side(frame) ? scaled : frame->height;
}

/* Turns a picture of the given size clockwise: where its top-left corner goes decides the shift. */
static vanon_matrix turn(int rotation, double width, double height)
{
    switch (rotation) {
    case 90:
        return (vanon_matrix){.xy = -1, .x0 = height, .yx = 1};
    case 180:
        return (vanon_matrix){.xx = -1, .x0 = width, .yy = -1, .y0 = height};
    case 270:
        return (vanon_matrix){.xy = 1, .yx = -1, .y0 = width};
    default:
        return (vanon_matrix){.xx = 1, .yy = 1};
    }
}

vanon_matrix vanon_frame_display_to_coded(const vanon_frame *frame)
{
    double scale = aspect(frame), width = frame->width * scale;
    vanon_matrix stretch = {
        .xx = frame->mirrored ? -scale : scale, .x0 = frame->mirrored ? width : 0, .yy = 1};
    vanon_matrix turned = turn(frame->rotation, width, frame->height);
    vanon_matrix to_display = vanon_matrix_then(&stretch, &turned);

    return vanon_matrix_invert(&to_display);
}
