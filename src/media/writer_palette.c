/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_palette.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixfmt.h>

#define COLOURS     256
#define SLOTS       1024 /* of the table of a frame's own colours; a power of two above COLOURS */
#define CELLS       (1 << 15)
#define TRANSPARENT 0u
#define OPAQUE      0xff000000u

/* All colours that agree in the five high bits of red, green and blue. */
struct cell {
    uint64_t sum[3]; /* of the colours in it, red first */
    uint32_t count;
    uint8_t index; /* in the palette */
};

/* Cells that share a colour: palette->order from `first` on. */
struct box {
    int first, cells;
    uint64_t count;
    int axis, extent; /* the longest side */
};

struct vanon_palette {
    uint32_t slot[SLOTS];
    int16_t slot_index[SLOTS]; /* -1: the slot is free */
    uint32_t colour[COLOURS];
    int colours;
    struct cell cell[CELLS];
    uint16_t order[CELLS]; /* cells in use */
    struct box box[COLOURS];
};

int vanon_palette_create(vanon_palette **out)
{
    *out = malloc(sizeof **out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_palette_destroy(vanon_palette **palette)
{
    free(*palette);
    *palette = NULL;
}

static const uint32_t *line_of(const AVFrame *frame, int y)
{
    return (const uint32_t *)(const void *)(frame->data[0] + (ptrdiff_t)y * frame->linesize[0]);
}

/* GIF knows no alpha between nothing and all. */
static uint32_t settle(uint32_t colour)
{
    return colour >> 31 ? colour | OPAQUE : TRANSPARENT;
}

/* The colour's place in the table: its own, or the free one that it would get. */
static unsigned find_slot(const vanon_palette *palette, uint32_t colour)
{
    unsigned slot = (colour * 2654435761u) >> 22;

    while (palette->slot_index[slot] >= 0 && palette->slot[slot] != colour)
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Lists the frame's own colours. False: there are more than fit. */
static bool list_colours(vanon_palette *palette, const AVFrame *from)
{
    palette->colours = 0;
    memset(palette->slot_index, -1, sizeof palette->slot_index);
    for (int y = 0; y < from->height; y++) {
        const uint32_t *line = line_of(from, y);

        for (int x = 0; x < from->width; x++) {
            uint32_t colour = settle(line[x]);
            unsigned slot;

            if (x && line[x] == line[x - 1])
                continue;
            slot = find_slot(palette, colour);
            if (palette->slot_index[slot] >= 0)
                continue;
            if (palette->colours == COLOURS)
                return false;
            palette->slot[slot] = colour;
            palette->slot_index[slot] = (int16_t)palette->colours;
            palette->colour[palette->colours++] = colour;
        }
    }
    return true;
}

static void write_exactly(const vanon_palette *palette, const AVFrame *from, AVFrame *to)
{
    for (int y = 0; y < from->height; y++) {
        const uint32_t *line = line_of(from, y);
        uint8_t *out = to->data[0] + (ptrdiff_t)y * to->linesize[0];

        for (int x = 0; x < from->width; x++)
            out[x] = x && line[x] == line[x - 1]
                         ? out[x - 1]
                         : (uint8_t)palette->slot_index[find_slot(palette, settle(line[x]))];
    }
}

static unsigned cell_of(uint32_t colour)
{
    return (colour >> 19 & 31) << 10 | (colour >> 11 & 31) << 5 | (colour >> 3 & 31);
}

/* Red, green or blue of a cell, 0 to 31. */
static int level(unsigned cell, int axis)
{
    return (int)(cell >> (10 - 5 * axis) & 31);
}

/* Counts opaque colours. Returns whether there are transparent ones as well. */
static bool count_colours(vanon_palette *palette, const AVFrame *from)
{
    bool transparent = false;

    memset(palette->cell, 0, sizeof palette->cell);
    for (int y = 0; y < from->height; y++) {
        const uint32_t *line = line_of(from, y);

        for (int x = 0; x < from->width; x++) {
            struct cell *cell = &palette->cell[cell_of(line[x])];

            if (!(line[x] >> 31)) {
                transparent = true;
                continue;
            }
            for (int i = 0; i < 3; i++)
                cell->sum[i] += line[x] >> (16 - 8 * i) & 255;
            cell->count++;
        }
    }
    return transparent;
}

static void measure(const vanon_palette *palette, struct box *box)
{
    box->extent = -1;
    box->count = 0;
    for (int axis = 0; axis < 3; axis++) {
        int least = 31, most = 0;

        for (int i = box->first; i < box->first + box->cells; i++) {
            least = level(palette->order[i], axis) < least ? level(palette->order[i], axis) : least;
            most = level(palette->order[i], axis) > most ? level(palette->order[i], axis) : most;
        }
        if (most - least > box->extent) {
            box->extent = most - least;
            box->axis = axis;
        }
    }
    for (int i = box->first; i < box->first + box->cells; i++)
        box->count += palette->cell[palette->order[i]].count;
}

static int compare(const void *a, const void *b, void *axis)
{
    unsigned one = *(const uint16_t *)a, other = *(const uint16_t *)b;
    int difference = level(one, *(int *)axis) - level(other, *(int *)axis);

    return difference ? difference : (int)one - (int)other;
}

/* The box in which colours are furthest from each other and most often used; -1: all are single
 * cells. */
static int box_to_split(const vanon_palette *palette, int boxes)
{
    double most = 0;
    int found = -1;

    for (int i = 0; i < boxes; i++) {
        const struct box *box = &palette->box[i];
        double weight = (double)box->count * box->extent * box->extent;

        if (weight > most) {
            most = weight;
            found = i;
        }
    }
    return found;
}

/* Cuts a box in two that are as often used. */
static void split(vanon_palette *palette, struct box *box, struct box *rest)
{
    uint16_t *order = palette->order + box->first;
    uint64_t sum = palette->cell[order[0]].count;
    int cells = 1;

    qsort_r(order, (size_t)box->cells, sizeof *order, compare, &box->axis);
    sum = palette->cell[order[0]].count;
    while (cells + 1 < box->cells && 2 * sum < box->count)
        sum += palette->cell[order[cells++]].count;
    *rest = (struct box){.first = box->first + cells, .cells = box->cells - cells};
    box->cells = cells;
    measure(palette, box);
    measure(palette, rest);
}

/* The mean of all colours in a box. */
static uint32_t mean(const vanon_palette *palette, const struct box *box)
{
    uint32_t colour = OPAQUE;

    for (int i = 0; i < 3; i++) {
        uint64_t sum = 0;

        for (int k = box->first; k < box->first + box->cells; k++)
            sum += palette->cell[palette->order[k]].sum[i];
        colour |= (uint32_t)((sum + box->count / 2) / box->count) << (16 - 8 * i);
    }
    return colour;
}

/* Chooses colours and gives each cell its index; `most` of them. */
static void choose_colours(vanon_palette *palette, int most)
{
    int boxes = 1, found;

    palette->box[0] = (struct box){0};
    for (unsigned cell = 0; cell < CELLS; cell++)
        if (palette->cell[cell].count)
            palette->order[palette->box[0].cells++] = (uint16_t)cell;
    measure(palette, &palette->box[0]);
    while (boxes < most && (found = box_to_split(palette, boxes)) >= 0) {
        split(palette, &palette->box[found], &palette->box[boxes]);
        boxes++;
    }
    for (int i = 0; i < boxes; i++) {
        const struct box *box = &palette->box[i];

        palette->colour[i] = mean(palette, box);
        for (int k = box->first; k < box->first + box->cells; k++)
            palette->cell[palette->order[k]].index = (uint8_t)i;
    }
    palette->colours = boxes;
}

static void write_nearly(const vanon_palette *palette, const AVFrame *from, AVFrame *to,
                         uint8_t transparent)
{
    for (int y = 0; y < from->height; y++) {
        const uint32_t *line = line_of(from, y);
        uint8_t *out = to->data[0] + (ptrdiff_t)y * to->linesize[0];

        for (int x = 0; x < from->width; x++)
            out[x] = line[x] >> 31 ? palette->cell[cell_of(line[x])].index : transparent;
    }
}

void vanon_palette_apply(vanon_palette *palette, const AVFrame *from, AVFrame *to)
{
    uint32_t *colours = (uint32_t *)(void *)to->data[1];

    if (list_colours(palette, from)) {
        write_exactly(palette, from, to);
    } else {
        bool transparent = count_colours(palette, from);

        choose_colours(palette, COLOURS - transparent);
        write_nearly(palette, from, to, (uint8_t)palette->colours);
        if (transparent)
            palette->colour[palette->colours++] = TRANSPARENT;
    }
    for (int i = 0; i < COLOURS; i++)
        colours[i] = i < palette->colours ? palette->colour[i] : OPAQUE;
}
