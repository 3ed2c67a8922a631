/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/upright.h"

#include <string.h>

#include <vanon/status.h>

#include "pixels/format.h"

/* Where one component's samples are, as seen by someone who walks over the upright picture. */
struct walk {
    uint8_t *first;
    ptrdiff_t right, down; /* bytes to the next sample */
};

static bool is_quarter(const vanon_frame *frame)
{
    return frame->rotation == 90 || frame->rotation == 270;
}

static bool is_interlaced(const vanon_frame *frame)
{
    return frame->field_order == VANON_FIELDS_TOP_FIRST ||
           frame->field_order == VANON_FIELDS_BOTTOM_FIRST;
}

/* The format with the same components whose chroma is subsampled the other way round. */
static enum vanon_pixel_format turned_format(enum vanon_pixel_format format)
{
    const struct vanon_pixel_layout *from = vanon_pixel_layout(format);

    if (from->log2_chroma_w == from->log2_chroma_h)
        return format;
    for (int i = VANON_PIXEL_NONE + 1; i < VANON_PIXEL_FORMATS; i++) {
        const struct vanon_pixel_layout *to = vanon_pixel_layout((enum vanon_pixel_format)i);

        if (to->model == from->model && to->components == from->components &&
            to->alpha == from->alpha && to->component[0].depth == from->component[0].depth &&
            to->component[0].shift == from->component[0].shift &&
            to->log2_chroma_w == from->log2_chroma_h && to->log2_chroma_h == from->log2_chroma_w)
            return (enum vanon_pixel_format)i;
    }
    return VANON_PIXEL_NONE;
}

static struct walk walk_along(const vanon_frame *frame, const struct vanon_component *component)
{
    return (struct walk){.first = frame->plane[component->plane] + component->offset,
                         .right = component->step,
                         .down = frame->stride[component->plane]};
}

/* `width` and `height` are the component's in the coded picture. */
static struct walk walk_turned(const vanon_frame *frame, const struct vanon_component *component,
                               int width, int height)
{
    struct walk walk = walk_along(frame, component), turned = walk;

    if (frame->mirrored) {
        walk.first += (width - 1) * walk.right;
        walk.right = -walk.right;
    }
    switch (frame->rotation) {
    case 90:
        turned.first = walk.first + (height - 1) * walk.down;
        turned.right = -walk.down;
        turned.down = walk.right;
        return turned;
    case 180:
        turned.first = walk.first + (width - 1) * walk.right + (height - 1) * walk.down;
        turned.right = -walk.right;
        turned.down = -walk.down;
        return turned;
    case 270:
        turned.first = walk.first + (width - 1) * walk.right;
        turned.right = walk.down;
        turned.down = -walk.right;
        return turned;
    default:
        return walk;
    }
}

static void copy_samples(struct walk to, struct walk from, int width, int height, size_t bytes)
{
    for (int y = 0; y < height; y++) {
        uint8_t *target = to.first + y * to.down;
        const uint8_t *source = from.first + y * from.down;

        if (bytes == 1) {
            for (int x = 0; x < width; x++)
                target[x * to.right] = source[x * from.right];
        } else {
            for (int x = 0; x < width; x++)
                memcpy(target + x * to.right, source + x * from.right, 2);
        }
    }
}

/* The byte of four that means nothing (rgb0 and its like) is kept as well. */
static bool filler(const struct vanon_pixel_layout *layout, struct vanon_component *out)
{
    const struct vanon_component *used = layout->component;

    if (layout->model != VANON_MODEL_RGB || layout->planes != 1 || layout->components != 3 ||
        used[0].step != 4)
        return false;
    *out = used[0];
    out->offset = (uint8_t)(0 + 1 + 2 + 3 - used[0].offset - used[1].offset - used[2].offset);
    return true;
}

static void turn_component(vanon_frame *to, const struct vanon_component *target,
                           const vanon_frame *from, const struct vanon_component *source, int width,
                           int height, size_t bytes)
{
    bool quarter = is_quarter(from);

    copy_samples(walk_along(to, target), walk_turned(from, source, width, height),
                 quarter ? height : width, quarter ? width : height, bytes);
}

static void turn_samples(vanon_frame *to, const vanon_frame *from)
{
    const struct vanon_pixel_layout *target = vanon_pixel_layout(to->format);
    const struct vanon_pixel_layout *source = vanon_pixel_layout(from->format);
    struct vanon_component fourth;

    for (int i = 0; i < source->components; i++)
        turn_component(to, &target->component[i], from, &source->component[i],
                       vanon_component_width(source, i, from->width),
                       vanon_component_height(source, i, from->height), source->sample_bytes);
    if (filler(source, &fourth))
        turn_component(to, &fourth, from, &fourth, from->width, from->height, 1);
}

/* Turning moves the chroma's place to sides that can't be named; the middle is nearest to them. */
static enum vanon_chroma_location turned_location(enum vanon_chroma_location location)
{
    return location == VANON_CHROMA_UNSPECIFIED ? location : VANON_CHROMA_CENTER;
}

/* Top and bottom fields change roles when an even number of lines is put upside down. */
static enum vanon_field_order turned_fields(const vanon_frame *frame)
{
    if (frame->rotation != 180 || frame->height % 2 || !is_interlaced(frame))
        return frame->field_order;
    return frame->field_order == VANON_FIELDS_TOP_FIRST ? VANON_FIELDS_BOTTOM_FIRST
                                                        : VANON_FIELDS_TOP_FIRST;
}

int vanon_frame_upright(vanon_frame_pool *pool, const vanon_frame *from, vanon_frame **out)
{
    vanon_frame like = *from;
    int status;

    *out = NULL;
    if (from->memory != VANON_MEMORY_HOST || (is_quarter(from) && is_interlaced(from)))
        return VANON_ERR_UNSUPPORTED;
    like.rotation = 0;
    like.mirrored = false;
    like.field_order = turned_fields(from);
    if (from->rotation || from->mirrored)
        like.colour.chroma_location = turned_location(from->colour.chroma_location);
    if (is_quarter(from)) {
        like.format = turned_format(from->format);
        like.width = from->height;
        like.height = from->width;
        if (from->sar.num > 0)
            like.sar = (vanon_rational){from->sar.den, from->sar.num};
    }
    if (like.format == VANON_PIXEL_NONE)
        return VANON_ERR_UNSUPPORTED;
    status = vanon_frame_pool_get(pool, &like, out);
    if (!status)
        turn_samples(*out, from);
    return status;
}
