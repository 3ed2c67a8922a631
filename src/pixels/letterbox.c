/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/letterbox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox_colour.h"
#include "pixels/letterbox_plan.h"
#include "pixels/letterbox_rows.h"

#define LINES_ASIDE 16 /* kept to be stored together where the picture lies on its side */

#define AHEAD 2 /* lines before it is used, a line is asked for */

enum { LUMA, CHROMA, AXES }; /* the first is also that of RGB, grey and alpha */

/* A component that matters. */
struct component {
    int axis;
    int plane, offset; /* bytes to its first sample in a line */
    int16_t *row[2];   /* of an even line and of an odd one, across already */
    int line[2];       /* which; -1: none */
};

/*
 * All work goes along the lines of the coded picture, whatever its rotation. Each step gives one
 * line of the result: a row of the network's input, or a column of it where the picture lies on its
 * side. Flips are in the axes.
 */
struct vanon_letterbox {
    vanon_frame like; /* its kind counts, not its samples */
    const struct vanon_pixel_layout *layout;
    const struct vanon_letterbox_kernels *kernels;
    int width, height;               /* of the network's input */
    int scaled_width, scaled_height; /* of the picture inside it */
    int left, top;                   /* padding */
    double scale_x, scale_y;         /* display pixels in one of the network's */
    bool on_its_side;
    size_t columns, lines; /* of the result along the coded x and y axis */
    struct vanon_row_plan across[AXES];
    struct vanon_line_plan down[AXES];
    int components; /* that matter: 1 in grey, else 3 */
    struct component component[3];
    uint32_t *pixels; /* lines of the result, LINES_ASIDE of them */
    struct vanon_to_rgb to_rgb;
    struct vanon_fixed_rgb fixed;
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

static void find_courses(const struct vanon_letterbox *letterbox, struct vanon_course *across,
                         struct vanon_course *down)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(&letterbox->like);

    across->slope = letterbox->on_its_side ? to_coded.xy * letterbox->scale_y
                                           : to_coded.xx * letterbox->scale_x;
    across->start = to_coded.x0;
    down->slope = letterbox->on_its_side ? to_coded.yx * letterbox->scale_x
                                         : to_coded.yy * letterbox->scale_y;
    down->start = to_coded.y0;
}

/* Bytes of a line from the first sample of the axis's component that begins last. */
static size_t bytes_of_axis(const struct vanon_letterbox *letterbox, int axis)
{
    size_t fewest = SIZE_MAX;

    for (int i = 0; i < letterbox->components; i++) {
        const struct component *component = &letterbox->component[i];
        size_t bytes =
            vanon_plane_bytes(letterbox->layout, component->plane, letterbox->like.width) -
            (size_t)component->offset;

        if (component->axis == axis && bytes < fewest)
            fewest = bytes;
    }
    return fewest;
}

static int make_axes(struct vanon_letterbox *letterbox)
{
    const struct vanon_pixel_layout *layout = letterbox->layout;
    const vanon_frame *like = &letterbox->like;
    enum vanon_chroma_location location = like->colour.chroma_location;
    int axes = layout->model == VANON_MODEL_YUV ? AXES : 1;
    struct vanon_course across, down;
    int status = VANON_OK;

    if (location == VANON_CHROMA_UNSPECIFIED)
        location = like->colour.full_range ? VANON_CHROMA_CENTER : VANON_CHROMA_LEFT;
    find_courses(letterbox, &across, &down);
    for (int axis = LUMA; axis < axes && status == VANON_OK; axis++) {
        struct vanon_sampling x = {.log2 = axis == CHROMA ? layout->log2_chroma_w : 0,
                                   .cosited = location != VANON_CHROMA_CENTER,
                                   .samples = vanon_component_width(layout, axis, like->width)};
        struct vanon_sampling y = {.log2 = axis == CHROMA ? layout->log2_chroma_h : 0,
                                   .cosited = location == VANON_CHROMA_TOPLEFT,
                                   .samples = vanon_component_height(layout, axis, like->height)};

        status = vanon_row_plan_make(&letterbox->across[axis], letterbox->columns, &across, &x,
                                     &layout->component[axis], layout->sample_bytes,
                                     bytes_of_axis(letterbox, axis));
        if (status == VANON_OK)
            status = vanon_line_plan_make(&letterbox->down[axis], letterbox->lines, &down, &y);
    }
    return status;
}

/* Life */

static void find_components(struct vanon_letterbox *letterbox)
{
    const struct vanon_pixel_layout *layout = letterbox->layout;

    letterbox->components = layout->model == VANON_MODEL_GRAY ? 1 : 3;
    for (int i = 0; i < letterbox->components; i++) {
        const struct vanon_component *part = &layout->component[i];

        letterbox->component[i] = (struct component){
            .axis = vanon_component_is_chroma(layout, i) ? CHROMA : LUMA,
            .plane = part->plane,
            .offset = part->offset,
        };
    }
}

/* Cleared once: what lies beyond the columns is computed along, and never stored. */
static void *make_row(size_t bytes)
{
    void *row = vanon_aligned_alloc(bytes);

    return row ? memset(row, 0, bytes) : NULL;
}

static int make_rows(struct vanon_letterbox *letterbox)
{
    size_t room = vanon_row_room(letterbox->columns);

    for (int i = 0; i < letterbox->components; i++) {
        for (int k = 0; k < 2; k++) {
            int16_t *row = letterbox->component[i].row[k] = make_row(room * sizeof *row);

            if (!row)
                return VANON_ERR_MEMORY;
        }
    }
    letterbox->pixels = make_row(room * LINES_ASIDE * sizeof *letterbox->pixels);
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
    letterbox->kernels = vanon_letterbox_kernels(vanon_cpu_flags());
    find_components(letterbox);
    place_picture(letterbox);
    vanon_to_rgb_init(&letterbox->to_rgb, like);
    vanon_to_rgb_fix(&letterbox->fixed, &letterbox->to_rgb, layout);
    status = make_axes(letterbox);
    if (status == VANON_OK)
        status = make_rows(letterbox);
    if (status == VANON_OK)
        *out = letterbox;
    else
        vanon_letterbox_destroy(&letterbox);
    return status;
}

void vanon_letterbox_destroy(vanon_letterbox **pointer)
{
    vanon_letterbox *letterbox = pointer ? *pointer : NULL;

    if (!letterbox)
        return;
    *pointer = NULL;
    for (int i = 0; i < AXES; i++) {
        vanon_row_plan_free(&letterbox->across[i]);
        vanon_line_plan_free(&letterbox->down[i]);
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            free(letterbox->component[i].row[k]);
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
                                          .columns = letterbox->columns,
                                          .lines = letterbox->lines,
                                          .on_its_side = letterbox->on_its_side,
                                          .components = letterbox->components,
                                          .to_rgb = &letterbox->fixed};
    for (int i = 0; i < AXES; i++) {
        view->across[i] = &letterbox->across[i];
        view->down[i] = &letterbox->down[i];
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

/* A line of a component, across; neighbouring lines take turns, so that one that stays is not made
 * again. */
static const int16_t *row_of(const struct vanon_letterbox *letterbox, const vanon_frame *frame,
                             struct component *component, int line)
{
    int slot = line & 1;

    if (component->line[slot] != line) {
        const uint8_t *samples = frame->plane[component->plane] +
                                 line * frame->stride[component->plane] + component->offset;

        if (line + AHEAD < vanon_plane_lines(letterbox->layout, component->plane, frame->height))
            vanon_prefetch(samples - component->offset + AHEAD * frame->stride[component->plane],
                           vanon_plane_bytes(letterbox->layout, component->plane, frame->width));
        letterbox->kernels->across(component->row[slot], samples,
                                   &letterbox->across[component->axis]);
        component->line[slot] = line;
    }
    return component->row[slot];
}

static void make_line(struct vanon_letterbox *letterbox, const vanon_frame *frame, size_t line,
                      uint32_t *pixels)
{
    struct vanon_row_pair pair[3];

    for (int i = 0; i < 3; i++) {
        /* Grey's only one stands for all; the others have no share. */
        struct component *component = &letterbox->component[letterbox->components == 3 ? i : 0];
        const struct vanon_line_plan *down = &letterbox->down[component->axis];
        int above = down->index[line];

        pair[i].weight = down->weight[line];
        pair[i].above = row_of(letterbox, frame, component, above);
        pair[i].below =
            pair[i].weight ? row_of(letterbox, frame, component, above + 1) : pair[i].above;
    }
    letterbox->kernels->to_rgb(pixels, pair, &letterbox->fixed, letterbox->columns);
}

/* `lines` of the result as columns side by side, the first at `rgb`. */
static void store_columns(const struct vanon_letterbox *letterbox, uint8_t *rgb, size_t lines)
{
    size_t room = vanon_row_room(letterbox->columns);

    for (size_t y = 0; y < letterbox->columns; y++) {
        for (size_t x = 0; x < lines; x++)
            memcpy(rgb + 3 * x, &letterbox->pixels[x * room + y], 3);
        rgb += (size_t)letterbox->width * 3;
    }
}

static void run_aside(struct vanon_letterbox *letterbox, const vanon_frame *frame, uint8_t *rgb)
{
    size_t room = vanon_row_room(letterbox->columns);

    for (size_t line = 0; line < letterbox->lines; line += LINES_ASIDE) {
        size_t rest = letterbox->lines - line, lines = rest < LINES_ASIDE ? rest : LINES_ASIDE;

        for (size_t i = 0; i < lines; i++)
            make_line(letterbox, frame, line + i, letterbox->pixels + i * room);
        store_columns(letterbox, rgb + 3 * line, lines);
    }
}

void vanon_letterbox_run(vanon_letterbox *letterbox, const vanon_frame *frame, uint8_t *rgb)
{
    size_t row = (size_t)letterbox->width * 3;
    uint8_t *target = rgb + (size_t)letterbox->top * row + (size_t)letterbox->left * 3;

    pad(letterbox, rgb);
    for (int i = 0; i < letterbox->components; i++)
        letterbox->component[i].line[0] = letterbox->component[i].line[1] = -1;
    if (letterbox->on_its_side) {
        run_aside(letterbox, frame, target);
        return;
    }
    for (size_t line = 0; line < letterbox->lines; line++) {
        make_line(letterbox, frame, line, letterbox->pixels);
        letterbox->kernels->store(target + line * row, letterbox->pixels, letterbox->columns);
    }
}
