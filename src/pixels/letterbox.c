/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox_colour.h"
#include "pixels/letterbox_rows.h"

#define ROW_TAIL 8 /* zeroes behind a row: a whole pixel of any format */

enum { LUMA, CHROMA, AXES }; /* the first is also that of RGB, grey and alpha */

/* Where along one axis of the coded picture the samples are taken from. */
struct axis {
    int32_t *index; /* of the sample at or before the place */
    float *weight;  /* of the one after it */
};

/* A plane with something that matters. */
struct plane {
    float *row; /* a line of it, between two lines of the frame; NULL: not used */
    size_t samples;
    int lines;
    int axis;
};

/*
 * All work goes along the lines of the coded picture, whatever its rotation. Each step gives one
 * line of the result: a row of the network's input, or a column of it where the picture lies on its
 * side. Flips are in the axes.
 */
struct vanon_letterbox {
    vanon_frame like; /* its kind counts, not its samples */
    const struct vanon_pixel_layout *layout;
    int width, height;               /* of the network's input */
    int scaled_width, scaled_height; /* of the picture inside it */
    int left, top;                   /* padding */
    double scale_x, scale_y;         /* display pixels in one of the network's */
    bool on_its_side;
    size_t columns, lines;    /* of the result along the coded x and y axis */
    struct axis across[AXES]; /* index in samples of the plane, interleaved ones counted */
    struct axis down[AXES];   /* index in lines of the plane */
    struct plane plane[VANON_MAX_PLANES];
    int components;    /* that matter: 1 in grey, else 3 */
    float *channel[3]; /* a line of each component, at the result's columns */
    uint32_t *pixels;  /* a line of the result */
    struct vanon_to_rgb to_rgb;
};

/* Sizes and places */

/* Half to even, as Python rounds. */
static int round_side(double side)
{
    return side < 1 ? 1 : (int)rint(side);
}

static int next_multiple(int side)
{
    return (side + VANON_LETTERBOX_STRIDE - 1) / VANON_LETTERBOX_STRIDE * VANON_LETTERBOX_STRIDE;
}

void vanon_letterbox_size(const vanon_frame *like, int imgsz, int *width, int *height)
{
    double display_width, display_height, scale;

    vanon_frame_display_size(like, &display_width, &display_height);
    scale = fmin(imgsz / display_width, imgsz / display_height);
    *width = next_multiple(round_side(display_width * scale));
    *height = next_multiple(round_side(display_height * scale));
}

/* The larger of the sides' two scales fits as well where rounding makes it so: in a rectangle of
 * vanon_letterbox_size that is the very scale it was made for. */
static void place_picture(struct vanon_letterbox *letterbox)
{
    double display_width, display_height, scale;

    vanon_frame_display_size(&letterbox->like, &display_width, &display_height);
    scale = fmax(letterbox->width / display_width, letterbox->height / display_height);
    if (rint(display_width * scale) > letterbox->width ||
        rint(display_height * scale) > letterbox->height)
        scale = fmin(letterbox->width / display_width, letterbox->height / display_height);
    letterbox->scaled_width = round_side(display_width * scale);
    letterbox->scaled_height = round_side(display_height * scale);
    letterbox->left = (int)rint((letterbox->width - letterbox->scaled_width) / 2.0 - 0.1);
    letterbox->top = (int)rint((letterbox->height - letterbox->scaled_height) / 2.0 - 0.1);
    letterbox->scale_x = display_width / letterbox->scaled_width;
    letterbox->scale_y = display_height / letterbox->scaled_height;
    letterbox->on_its_side = letterbox->like.rotation % 180 != 0;
    letterbox->columns =
        (size_t)(letterbox->on_its_side ? letterbox->scaled_height : letterbox->scaled_width);
    letterbox->lines =
        (size_t)(letterbox->on_its_side ? letterbox->scaled_width : letterbox->scaled_height);
}

vanon_point vanon_letterbox_to_display(const vanon_letterbox *letterbox, float x, float y)
{
    return (vanon_point){.x = (float)((x - letterbox->left) * letterbox->scale_x),
                         .y = (float)((y - letterbox->top) * letterbox->scale_y)};
}

/* Axes */

/* Coded luma coordinate of the i-th result along an axis: slope (i + 0.5) + start. */
struct course {
    double slope, start;
};

static void find_courses(const struct vanon_letterbox *letterbox, struct course *across,
                         struct course *down)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(&letterbox->like);

    across->slope = letterbox->on_its_side ? to_coded.xy * letterbox->scale_y
                                           : to_coded.xx * letterbox->scale_x;
    across->start = to_coded.x0;
    down->slope = letterbox->on_its_side ? to_coded.yx * letterbox->scale_x
                                         : to_coded.yy * letterbox->scale_y;
    down->start = to_coded.y0;
}

/* How a component's samples lie along an axis. */
struct sampling {
    int log2;     /* luma samples in one of these */
    bool cosited; /* with the first luma sample of those; else in their middle */
    int samples;
    int step; /* from one to the next, in whatever the index counts */
};

static int fill_axis(struct axis *axis, size_t count, const struct course *course,
                     const struct sampling *sampling)
{
    double size = 1 << sampling->log2;
    double first = sampling->cosited ? 0.5 : size / 2; /* place of sample 0 */

    axis->index = calloc(count, sizeof *axis->index);
    axis->weight = calloc(count, sizeof *axis->weight);
    if (!axis->index || !axis->weight)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double place = (course->slope * ((double)i + 0.5) + course->start - first) / size;
        double inside = fmin(fmax(place, 0), sampling->samples - 1);

        axis->index[i] = (int32_t)inside * sampling->step;
        axis->weight[i] = (float)(inside - floor(inside));
    }
    return VANON_OK;
}

static int step_in_samples(const struct vanon_pixel_layout *layout, int component)
{
    return layout->component[component].step / layout->sample_bytes;
}

static int make_axes(struct vanon_letterbox *letterbox)
{
    const struct vanon_pixel_layout *layout = letterbox->layout;
    const vanon_frame *like = &letterbox->like;
    enum vanon_chroma_location location = like->colour.chroma_location;
    int axes = layout->model == VANON_MODEL_YUV ? AXES : 1;
    struct course across, down;
    int status = VANON_OK;

    if (location == VANON_CHROMA_UNSPECIFIED)
        location = like->colour.full_range ? VANON_CHROMA_CENTER : VANON_CHROMA_LEFT;
    find_courses(letterbox, &across, &down);
    for (int axis = LUMA; axis < axes && status == VANON_OK; axis++) {
        struct sampling x = {.log2 = axis == CHROMA ? layout->log2_chroma_w : 0,
                             .cosited = location != VANON_CHROMA_CENTER,
                             .samples = vanon_component_width(layout, axis, like->width),
                             .step = step_in_samples(layout, axis)};
        struct sampling y = {.log2 = axis == CHROMA ? layout->log2_chroma_h : 0,
                             .cosited = location == VANON_CHROMA_TOPLEFT,
                             .samples = vanon_component_height(layout, axis, like->height),
                             .step = 1};

        status = fill_axis(&letterbox->across[axis], letterbox->columns, &across, &x);
        if (status == VANON_OK)
            status = fill_axis(&letterbox->down[axis], letterbox->lines, &down, &y);
    }
    return status;
}

/* Life */

static int make_rows(struct vanon_letterbox *letterbox)
{
    const struct vanon_pixel_layout *layout = letterbox->layout;
    const vanon_frame *like = &letterbox->like;

    for (int i = 0; i < letterbox->components; i++) {
        int number = layout->component[i].plane;
        struct plane *plane = &letterbox->plane[number];

        letterbox->channel[i] = calloc(letterbox->columns, sizeof *letterbox->channel[i]);
        if (!letterbox->channel[i])
            return VANON_ERR_MEMORY;
        if (plane->row)
            continue; /* it shares the plane with the one before */
        plane->samples = vanon_plane_bytes(layout, number, like->width) / layout->sample_bytes;
        plane->lines = vanon_plane_lines(layout, number, like->height);
        plane->axis = vanon_component_is_chroma(layout, i) ? CHROMA : LUMA;
        plane->row = calloc(plane->samples + ROW_TAIL, sizeof *plane->row);
        if (!plane->row)
            return VANON_ERR_MEMORY;
    }
    letterbox->pixels = calloc(letterbox->columns, sizeof *letterbox->pixels);
    return letterbox->pixels ? VANON_OK : VANON_ERR_MEMORY;
}

int vanon_letterbox_create(vanon_letterbox **out, const vanon_frame *like, int width, int height)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    vanon_letterbox *letterbox;
    int status;

    *out = NULL;
    if (!layout || !vanon_picture_size_valid(like->width, like->height))
        return VANON_ERR_ARGUMENT;
    if (width <= 0 || height <= 0 || width % VANON_LETTERBOX_STRIDE ||
        height % VANON_LETTERBOX_STRIDE)
        return VANON_ERR_ARGUMENT;
    if (like->memory != VANON_MEMORY_HOST)
        return VANON_ERR_UNSUPPORTED;
    letterbox = calloc(1, sizeof *letterbox);
    if (!letterbox)
        return VANON_ERR_MEMORY;
    letterbox->like = *like;
    letterbox->layout = layout;
    letterbox->width = width;
    letterbox->height = height;
    letterbox->components = layout->model == VANON_MODEL_GRAY ? 1 : 3;
    place_picture(letterbox);
    vanon_to_rgb_init(&letterbox->to_rgb, like);
    status = make_axes(letterbox);
    if (status == VANON_OK)
        status = make_rows(letterbox);
    if (status == VANON_OK)
        *out = letterbox;
    else
        vanon_letterbox_destroy(&letterbox);
    return status;
}

static void free_axis(struct axis *axis)
{
    free(axis->index);
    free(axis->weight);
}

void vanon_letterbox_destroy(vanon_letterbox **pointer)
{
    vanon_letterbox *letterbox = pointer ? *pointer : NULL;

    if (!letterbox)
        return;
    *pointer = NULL;
    for (int i = 0; i < AXES; i++) {
        free_axis(&letterbox->across[i]);
        free_axis(&letterbox->down[i]);
    }
    for (int i = 0; i < VANON_MAX_PLANES; i++)
        free(letterbox->plane[i].row);
    for (size_t i = 0; i < VANON_COUNT(letterbox->channel); i++)
        free(letterbox->channel[i]);
    free(letterbox->pixels);
    free(letterbox);
}

bool vanon_letterbox_fits(const vanon_letterbox *letterbox, const vanon_frame *frame, int width,
                          int height)
{
    return letterbox->width == width && letterbox->height == height &&
           vanon_frame_same_kind(&letterbox->like, frame);
}

void vanon_letterbox_look(const vanon_letterbox *letterbox, struct vanon_letterbox_view *view)
{
    *view = (struct vanon_letterbox_view){.left = letterbox->left,
                                          .top = letterbox->top,
                                          .on_its_side = letterbox->on_its_side,
                                          .components = letterbox->components,
                                          .to_rgb = &letterbox->to_rgb};
    for (int i = 0; i < AXES; i++) {
        view->across[i] = (struct vanon_letterbox_axis){
            letterbox->across[i].index, letterbox->across[i].weight, letterbox->columns};
        view->down[i] = (struct vanon_letterbox_axis){
            letterbox->down[i].index, letterbox->down[i].weight, letterbox->lines};
    }
}

/* A frame's way */

static void pad(const struct vanon_letterbox *letterbox, uint8_t *rgb)
{
    size_t row = (size_t)letterbox->width * 3, left = (size_t)letterbox->left * 3;
    size_t right = left + (size_t)letterbox->scaled_width * 3;
    int below = letterbox->top + letterbox->scaled_height;

    memset(rgb, VANON_LETTERBOX_GREY, row * (size_t)letterbox->top);
    for (int y = letterbox->top; y < below; y++) {
        memset(rgb + row * (size_t)y, VANON_LETTERBOX_GREY, left);
        memset(rgb + row * (size_t)y + right, VANON_LETTERBOX_GREY, row - right);
    }
    memset(rgb + row * (size_t)below, VANON_LETTERBOX_GREY,
           row * (size_t)(letterbox->height - below));
}

static void blend_plane(const struct vanon_letterbox *letterbox, const vanon_frame *frame,
                        int number, size_t line)
{
    const struct plane *plane = &letterbox->plane[number];
    int first = letterbox->down[plane->axis].index[line];
    int second = first + 1 < plane->lines ? first + 1 : first;
    float weight = letterbox->down[plane->axis].weight[line];
    const uint8_t *above = frame->plane[number] + first * frame->stride[number];
    const uint8_t *below = frame->plane[number] + second * frame->stride[number];

    if (letterbox->layout->sample_bytes == 1)
        vanon_row_blend8(plane->row, above, below, weight, plane->samples);
    else
        vanon_row_blend16(plane->row, (const void *)above, (const void *)below, weight,
                          plane->samples);
}

static void gather_component(const struct vanon_letterbox *letterbox, int i)
{
    const struct vanon_component *component = &letterbox->layout->component[i];
    const struct axis *axis =
        &letterbox->across[vanon_component_is_chroma(letterbox->layout, i) ? CHROMA : LUMA];

    vanon_row_gather(letterbox->channel[i],
                     letterbox->plane[component->plane].row +
                         component->offset / letterbox->layout->sample_bytes,
                     axis->index, axis->weight, (size_t)step_in_samples(letterbox->layout, i),
                     letterbox->columns);
}

void vanon_letterbox_run(vanon_letterbox *letterbox, const vanon_frame *frame, uint8_t *rgb)
{
    bool grey = letterbox->components == 1;
    float *const *channel = letterbox->channel;
    ptrdiff_t row = (ptrdiff_t)letterbox->width * 3;
    ptrdiff_t line_step = letterbox->on_its_side ? 3 : row;
    ptrdiff_t column_step = letterbox->on_its_side ? row : 3;
    uint8_t *target = rgb + letterbox->top * row + (ptrdiff_t)letterbox->left * 3;

    pad(letterbox, rgb);
    for (size_t line = 0; line < letterbox->lines; line++) {
        for (int i = 0; i < VANON_MAX_PLANES; i++)
            if (letterbox->plane[i].row)
                blend_plane(letterbox, frame, i, line);
        for (int i = 0; i < letterbox->components; i++)
            gather_component(letterbox, i);
        vanon_row_to_rgb(letterbox->pixels, channel[0], channel[grey ? 0 : 1],
                         channel[grey ? 0 : 2], &letterbox->to_rgb, letterbox->columns);
        vanon_row_store(target, column_step, letterbox->pixels, letterbox->columns);
        target += line_step;
    }
}
