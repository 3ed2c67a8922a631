/* SPDX-License-Identifier: Apache-2.0 */
#include "render/hold.h"

#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "mask/mask.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "render/cells.h"
#include "render/style.h"

#define USUAL_RATE 25.0 /* frames a second where their times are not known */

struct entry {
    int64_t object;
    enum vanon_part part;
    unsigned number;       /* which of the object's regions of that part */
    double keyed, used;    /* seconds: when the means were taken, when they were shown last */
    struct vanon_rect box; /* when they were taken */
    struct vanon_grid grid;
    size_t values, capacity;
    uint16_t *value;
};

struct vanon_hold {
    const vanon_options *options;
    const struct vanon_render_rows *rows;
    vanon_surfaces *surfaces; /* NULL: only frames of the host's memory can be read */
    size_t count, capacity;
    struct entry *entry;
    size_t next;      /* where the next region's entry most likely is */
    bool started;     /* `like` and `time` are of the frame before */
    vanon_frame like; /* no samples */
    double time;      /* seconds; never falls */
};

int vanon_hold_create(vanon_hold **out, const vanon_options *options)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return VANON_ERR_MEMORY;
    (*out)->options = options;
    (*out)->rows = vanon_render_rows(vanon_cpu_flags());
    return VANON_OK;
}

void vanon_hold_destroy(vanon_hold **pointer)
{
    vanon_hold *hold = *pointer;

    if (!hold)
        return;
    for (size_t i = 0; i < hold->capacity; i++)
        free(hold->entry[i].value);
    free(hold->entry);
    free(hold);
    *pointer = NULL;
}

void vanon_hold_use(vanon_hold *hold, vanon_surfaces *surfaces)
{
    hold->surfaces = surfaces;
}

void vanon_hold_reset(vanon_hold *hold)
{
    hold->count = 0;
    hold->started = false;
}

void vanon_held_free(struct vanon_held *held)
{
    free(held->grid);
    free(held->value);
    *held = (struct vanon_held){0};
}

static void begin_frame(vanon_hold *hold, const vanon_frame *frame)
{
    double time = hold->started ? hold->time + 1 / USUAL_RATE : 0;

    if (frame->pts != VANON_NO_PTS && frame->time_base.den > 0)
        time = (double)frame->pts * frame->time_base.num / frame->time_base.den;
    if (hold->started && (!vanon_frame_same_kind(&hold->like, frame) ||
                          vanon_frame_fields(&hold->like) != vanon_frame_fields(frame)))
        hold->count = 0;
    if (!hold->started || time > hold->time)
        hold->time = time;
    hold->like = *frame;
    hold->started = true;
    hold->next = 0;
}

/* Forgets whoever has not been there for long; their memory is for the next. */
static void prune(vanon_hold *hold)
{
    size_t kept = 0;

    for (size_t i = 0; i < hold->count; i++) {
        struct entry gone = hold->entry[kept];

        if (hold->time - hold->entry[i].used > VANON_HOLD_SECONDS)
            continue;
        hold->entry[kept++] = hold->entry[i];
        hold->entry[i] = gone;
    }
    hold->count = kept;
}

static bool is_of(const struct entry *entry, const vanon_region *region, unsigned number)
{
    return entry->object == region->object && entry->part == region->part &&
           entry->number == number;
}

/* NULL: no memory. A new entry's grid has no side. */
static struct entry *find_entry(vanon_hold *hold, const vanon_region *region, unsigned number)
{
    struct entry *entry;

    for (size_t i = 0; i < hold->count; i++) {
        size_t at = (hold->next + i) % hold->count;

        if (is_of(&hold->entry[at], region, number)) {
            hold->next = at + 1;
            return &hold->entry[at];
        }
    }
    if (vanon_grow(&hold->entry, &hold->capacity, hold->count + 1, sizeof *hold->entry))
        return NULL;
    entry = &hold->entry[hold->count++];
    hold->next = hold->count;
    entry->object = region->object;
    entry->part = region->part;
    entry->number = number;
    entry->grid = (struct vanon_grid){0};
    return entry;
}

static int longer(int a, int b)
{
    return a > b ? a : b;
}

/* True where the means that there are fit a region of that size no more. */
static bool outgrown(const struct entry *entry, const struct vanon_rect *box)
{
    int longest = longer(entry->box.width, entry->box.height), slack = longest / 4;

    return box->width > entry->box.width + slack || box->height > entry->box.height + slack ||
           longer(box->width, box->height) < longest / 2;
}

/* The cells that a style shows anything of, in samples of the first component of the first field.
 * Not clipped to the picture: the region will move. */
static struct vanon_rect reach_of(const struct vanon_style_work *work, int reach)
{
    int fields = vanon_frame_fields(work->source);
    int first = work->box.y - reach, last = work->box.y + work->box.height - 1 + reach;

    first = first >= 0 ? first / fields : -((fields - 1 - first) / fields);
    last = last >= 0 ? last / fields : -((fields - 1 - last) / fields);
    return (struct vanon_rect){work->box.x - reach, first, work->box.width + 2 * reach,
                               last - first + 1};
}

static int take_means(const struct vanon_style_work *work, const struct vanon_grid *grid, int side,
                      uint16_t *value)
{
    struct vanon_cells cells;

    vanon_cells_place(&cells, work, side);
    cells.at.x += grid->column * cells.at.width;
    cells.at.y += grid->row * cells.at.height;
    cells.columns = grid->columns;
    cells.rows = grid->rows;
    return vanon_cells_values(&cells, work, value);
}

/* Takes the means of a region anew. */
static int take_key(const vanon_hold *hold, struct entry *entry, struct vanon_style_work *work,
                    const struct vanon_style_ops *style)
{
    int components = work->layout->components - work->layout->alpha, side, reach;
    int fields = vanon_frame_fields(work->source);
    struct vanon_grid *grid = &entry->grid;
    struct vanon_cells cells;
    int status = VANON_OK;
    size_t one;

    reach = style->reach(work, &side);
    vanon_cells_place(&cells, work, side);
    grid->side = vanon_cells_side(work);
    grid->x2 = 2 * cells.at.x - 2 * work->box.x - work->box.width;
    grid->y2 = 2 * cells.at.y * fields - 2 * work->box.y - work->box.height;
    vanon_cells_lay(&cells, work, side, reach_of(work, reach));
    grid->column = cells.column;
    grid->row = cells.row;
    grid->columns = cells.columns;
    grid->rows = cells.rows;
    one = (size_t)grid->columns * (size_t)grid->rows;
    entry->values = one * (size_t)(fields * components);
    if (vanon_grow(&entry->value, &entry->capacity, entry->values, sizeof *entry->value))
        return VANON_ERR_MEMORY;
    for (int i = 0; i < fields * components && !status; i++) {
        work->component = i % components;
        work->field = i / components;
        vanon_plane_view(&work->plane, hold->rows, work->source, work->source, work->component,
                         work->field);
        status = take_means(work, grid, side, entry->value + (size_t)i * one);
    }
    entry->box = work->box;
    entry->keyed = hold->time;
    return status;
}

static int hand_out(const struct entry *entry, struct vanon_held *held, struct vanon_grid *grid)
{
    if (vanon_grow(&held->value, &held->value_capacity, held->values + entry->values,
                   sizeof *held->value))
        return VANON_ERR_MEMORY;
    memcpy(held->value + held->values, entry->value, entry->values * sizeof *entry->value);
    *grid = entry->grid;
    grid->first = held->values;
    held->values += entry->values;
    return VANON_OK;
}

/* Which of its object's regions of its part the list's `index`th is. */
static unsigned number_of(const vanon_region_list *regions, size_t index)
{
    const vanon_region *region = &regions->region[index];
    unsigned number = 0;

    for (size_t i = 0; i < index; i++)
        number +=
            regions->region[i].object == region->object && regions->region[i].part == region->part;
    return number;
}

static int hold_region(vanon_hold *hold, const vanon_frame *frame, const vanon_region_list *regions,
                       size_t index, struct vanon_held *held)
{
    const vanon_region *region = &regions->region[index];
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    struct vanon_style_work work = {
        .options = hold->options, .source = frame, .layout = vanon_pixel_layout(frame->format)};
    const struct vanon_style_ops *style;
    struct entry *entry;
    int status = VANON_OK;

    if ((unsigned)region->part >= VANON_STYLED)
        return VANON_OK;
    style = vanon_style_ops(hold->options->style[region->part]);
    if (!style->reach || !vanon_mask_box(&work.box, region, regions->point, &to_coded))
        return VANON_OK;
    entry = find_entry(hold, region, number_of(regions, index));
    if (!entry)
        return VANON_ERR_MEMORY;
    entry->used = hold->time;
    vanon_plane_view(&work.plane, hold->rows, frame, frame, 0, 0);
    work.surfaces = frame->memory == VANON_MEMORY_HOST ? NULL : hold->surfaces;
    if (!entry->grid.side ||
        (hold->time - entry->keyed >= VANON_HOLD_SECONDS && outgrown(entry, &work.box)))
        status = take_key(hold, entry, &work, style);
    return status ? status : hand_out(entry, held, &held->grid[index]);
}

static bool can_read(const vanon_hold *hold, const vanon_frame *frame)
{
    return frame->memory == VANON_MEMORY_HOST ||
           (frame->memory == VANON_MEMORY_CUDA && hold->surfaces);
}

int vanon_hold_frame(vanon_hold *hold, const vanon_frame *frame, const vanon_region_list *regions,
                     struct vanon_held *held)
{
    int status = VANON_OK;

    held->count = held->values = 0;
    if (hold->options->exact_styles || !can_read(hold, frame))
        return VANON_OK;
    begin_frame(hold, frame);
    prune(hold);
    if (vanon_grow(&held->grid, &held->capacity, regions->count, sizeof *held->grid))
        return VANON_ERR_MEMORY;
    held->count = regions->count;
    for (size_t i = 0; i < regions->count && !status; i++) {
        held->grid[i] = (struct vanon_grid){0};
        status = hold_region(hold, frame, regions, i, held);
    }
    return status;
}
