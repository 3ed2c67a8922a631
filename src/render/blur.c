/* SPDX-License-Identifier: Apache-2.0 */
#include "render/blur.h"

#include <string.h>

#include <vanon/status.h>

#include "render/cells.h"

#define SPAN  3              /* cells that an automatic kernel is long: half of the region */
#define TAPS  VANON_ROW_TAPS /* cells that a kernel of SPAN cells can touch */
#define LEAST 25             /* of an automatic kernel */

/* A kernel's size from its side in luma pixels of the frame. */
static struct vanon_blur in_samples(const struct vanon_style_work *work, int side)
{
    const struct vanon_pixel_layout *layout = work->layout;
    bool chroma = vanon_component_is_chroma(layout, work->component);
    int lines = vanon_frame_fields(work->source) << (chroma ? layout->log2_chroma_h : 0);

    return (struct vanon_blur){side / 2 >> (chroma ? layout->log2_chroma_w : 0), side / 2 / lines};
}

struct vanon_blur vanon_blur_exact(const struct vanon_style_work *work)
{
    return in_samples(work, work->options->blur_kernel ? work->options->blur_kernel : LEAST);
}

struct vanon_blur_size vanon_blur_size(const struct vanon_style_work *work)
{
    int cell = vanon_cells_side(work), kernel = work->options->blur_kernel;

    if (!kernel)
        kernel = SPAN * cell > LEAST ? SPAN * cell : LEAST;
    if (cell < (kernel + SPAN - 1) / SPAN)
        cell = (kernel + SPAN - 1) / SPAN;
    return (struct vanon_blur_size){cell, kernel};
}

int vanon_blur_reach(const struct vanon_style_work *work, int *side)
{
    struct vanon_blur_size size = vanon_blur_size(work);

    *side = size.cell;
    return size.kernel / 2;
}

void vanon_blur_box(uint32_t *sums, int radius)
{
    uint32_t taps = 2 * (uint32_t)radius + 1;

    for (uint32_t i = 0; i <= taps; i++)
        sums[i] = (i * VANON_BLUR_WHOLE + taps / 2) / taps;
}

/* One axis of the plane: which cells the kernel touches around each sample, and how much of it lies
 * in each of them. */
struct axis {
    int start, count; /* the samples */
    int from, length; /* the first cell's first sample, samples of a cell */
    int cells;        /* how many there are */
    int radius;       /* of the kernel */
    uint32_t *sums;   /* as vanon_blur_sums fills it */
    uint16_t *first;  /* for each sample: the first cell */
    uint16_t *weight; /* for each sample: TAPS weights */
};

static uint32_t sum_before(const struct axis *axis, int tap)
{
    int taps = 2 * axis->radius + 1;

    return axis->sums[tap < 0 ? 0 : tap > taps ? taps : tap];
}

static void weigh(const struct axis *axis)
{
    for (int i = 0; i < axis->count; i++) {
        int begin = axis->start + i - axis->radius; /* the sample under the first tap */
        int cell = (begin - axis->from) / axis->length;
        uint32_t before = 0;

        if (cell > axis->cells - TAPS)
            cell = axis->cells - TAPS;
        axis->first[i] = (uint16_t)cell;
        for (int tap = 0; tap < TAPS; tap++) {
            uint32_t sum = sum_before(axis, axis->from + (cell + tap + 1) * axis->length - begin);

            axis->weight[i * TAPS + tap] = (uint16_t)(sum - before);
            before = sum;
        }
    }
}

/* All that vanon_blur_cells works on. */
struct picture {
    struct vanon_cells cells;
    struct axis x, y;
    int first_drop;  /* bits to drop of the first sum, so that it fills 16 bits */
    int second_drop; /* bits to drop of the second sum, so that it is a sample */
    uint16_t *mean;  /* of the cells, row by row */
    uint16_t *line;  /* for each row of cells: blurred along x, a value a sample */
    uint16_t *value; /* a line of the result */
};

static size_t numbers_of(const struct axis *axis)
{
    return (size_t)axis->count * (1 + TAPS);
}

static uint16_t *take(uint16_t **memory, size_t count)
{
    uint16_t *taken = *memory;

    *memory += count;
    return taken;
}

static void lay_axes(struct picture *picture, struct vanon_rect at, struct vanon_blur blur)
{
    struct vanon_cells *cells = &picture->cells;

    cells->columns = cells->columns < TAPS ? TAPS : cells->columns;
    cells->rows = cells->rows < TAPS ? TAPS : cells->rows;
    picture->x = (struct axis){.start = at.x,
                               .count = at.width,
                               .from = cells->at.x,
                               .length = cells->at.width,
                               .cells = cells->columns,
                               .radius = blur.radius_x};
    picture->y = (struct axis){.start = at.y,
                               .count = at.height,
                               .from = cells->at.y,
                               .length = cells->at.height,
                               .cells = cells->rows,
                               .radius = blur.radius_y};
}

/* Lays out the axes and finds memory for everything. */
static int prepare(struct picture *picture, const struct vanon_style_work *work,
                   struct vanon_blur_size size)
{
    struct vanon_rect at = work->at, reach;
    /* Not the format's depth: a decoder may leave rubbish in the bits above it. */
    int bits = 8 * work->plane.bytes - work->plane.shift;
    struct vanon_blur blur = in_samples(work, size.kernel);
    struct vanon_cells *cells = &picture->cells;
    size_t columns, rows, width = (size_t)at.width, sums, numbers;
    uint16_t *memory;

    reach = (struct vanon_rect){at.x - blur.radius_x, at.y - blur.radius_y,
                                at.width + 2 * blur.radius_x, at.height + 2 * blur.radius_y};
    vanon_cells_lay(cells, work, size.cell, reach);
    lay_axes(picture, at, blur);
    picture->first_drop = bits - 1;   /* of bits + 15 */
    picture->second_drop = 31 - bits; /* of 31 */
    columns = (size_t)cells->columns;
    rows = (size_t)cells->rows;
    sums = 2 * (size_t)(blur.radius_x > blur.radius_y ? blur.radius_x : blur.radius_y) + 2;
    numbers = numbers_of(&picture->x) + numbers_of(&picture->y) + rows * (columns + width) + width;
    picture->x.sums = vanon_style_reserve(work, sums * sizeof(uint32_t) + numbers * sizeof *memory);
    if (!picture->x.sums)
        return VANON_ERR_MEMORY;
    picture->y.sums = picture->x.sums; /* used one after the other */
    memory = (uint16_t *)(picture->x.sums + sums);
    picture->x.first = take(&memory, width);
    picture->x.weight = take(&memory, width * TAPS);
    picture->y.first = take(&memory, (size_t)at.height);
    picture->y.weight = take(&memory, (size_t)at.height * TAPS);
    picture->mean = take(&memory, rows * columns);
    picture->line = take(&memory, rows * width);
    picture->value = take(&memory, width);
    return VANON_OK;
}

/* A row of cells, blurred along the line. */
static void blur_row(const struct picture *picture, int row)
{
    const uint16_t *mean = picture->mean + row * picture->cells.columns;
    uint16_t *line = picture->line + (ptrdiff_t)row * picture->x.count;
    uint32_t half = 1u << picture->first_drop >> 1;

    for (int i = 0; i < picture->x.count; i++) {
        const uint16_t *at = mean + picture->x.first[i];
        const uint16_t *weight = picture->x.weight + (ptrdiff_t)i * TAPS;
        uint32_t sum = half;

        for (int tap = 0; tap < TAPS; tap++)
            sum += (uint32_t)at[tap] * weight[tap];
        line[i] = (uint16_t)(sum >> picture->first_drop);
    }
}

/* A line of the result: five rows of cells, weighted. Where the kernel lies in one row of cells,
 * as a short one mostly does, a line is the one before. */
static void blur_line(const struct picture *picture, const struct vanon_render_rows *rows, int y)
{
    const uint16_t *first = picture->y.first + y;
    const uint16_t *weight = picture->y.weight + (ptrdiff_t)y * TAPS;
    size_t count = (size_t)picture->x.count;

    if (!y || first[0] != first[-1] || memcmp(weight, weight - TAPS, TAPS * sizeof *weight))
        rows->mix(picture->value, picture->line + *first * count, count, weight,
                  picture->second_drop, count);
}

/* An axis as a device wants it. */
static int describe_axis(struct vanon_paints *paints, const struct axis *axis,
                         vanon_blur_sums *kernel, struct vanon_paint_axis *to)
{
    size_t bytes = (2 * (size_t)axis->radius + 2) * sizeof *axis->sums;

    *to = (struct vanon_paint_axis){
        .from = axis->from, .length = axis->length, .cells = axis->cells, .radius = axis->radius};
    kernel(axis->sums, axis->radius);
    return vanon_paints_put(paints, axis->sums, bytes, &to->sums);
}

static int describe(const struct picture *picture, const struct vanon_style_work *work,
                    vanon_blur_sums *kernel)
{
    size_t means = (size_t)picture->cells.columns * (size_t)picture->cells.rows;
    struct vanon_paint *paint;

    if (vanon_style_paint(work, &paint) ||
        describe_axis(work->paints, &picture->x, kernel, &paint->across) ||
        describe_axis(work->paints, &picture->y, kernel, &paint->down) ||
        vanon_paints_put(work->paints, picture->mean, means * sizeof *picture->mean, &paint->means))
        return VANON_ERR_MEMORY;
    paint->smooth = true;
    return VANON_OK;
}

int vanon_blur_cells(const struct vanon_style_work *work, struct vanon_blur_size size,
                     vanon_blur_sums *kernel)
{
    struct vanon_rect at = work->at;
    struct picture picture;
    int status;

    if (prepare(&picture, work, size))
        return VANON_ERR_MEMORY;
    status = vanon_cells_values(&picture.cells, work, picture.mean);
    if (status || work->surfaces)
        return status ? status : describe(&picture, work, kernel);
    kernel(picture.x.sums, picture.x.radius);
    weigh(&picture.x);
    kernel(picture.y.sums, picture.y.radius);
    weigh(&picture.y);
    for (int row = 0; row < picture.cells.rows; row++)
        blur_row(&picture, row);
    for (int y = 0; y < at.height; y++) {
        blur_line(&picture, work->plane.rows, y);
        vanon_plane_blend_line(&work->plane, work->coverage, at.x, at.y + y, at.width,
                               picture.value);
    }
    return VANON_OK;
}

static int mirror(int at, int count)
{
    int period = 2 * (count - 1);

    if (!period)
        return 0;
    at %= period;
    if (at < 0)
        at += period;
    return at < count ? at : period - at;
}

void vanon_blur_line(const struct vanon_plane *plane, int x, int y, int count, uint16_t *to)
{
    int line = mirror(y, plane->height), before = x < 0 ? -x : 0;
    int inside = plane->width - x - before;

    before = before < count ? before : count;
    inside = inside < count - before ? inside : count - before;
    inside = inside > 0 ? inside : 0;
    for (int i = 0; i < before; i++)
        vanon_plane_read(plane, mirror(x + i, plane->width), line, 1, to + i);
    vanon_plane_read(plane, x + before, line, inside, to + before);
    for (int i = before + inside; i < count; i++)
        vanon_plane_read(plane, mirror(x + i, plane->width), line, 1, to + i);
}
