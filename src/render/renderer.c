/* SPDX-License-Identifier: Apache-2.0 */
#include "render/renderer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/cpu.h"
#include "base/log.h"
#include "pixels/frame.h"
#include "render/style.h"

/* What one call needs beside the frames; kept for the next call. */
struct scratch {
    struct scratch *next;
    vanon_mask mask;
    struct vanon_coverage luma, chroma;
    struct vanon_style_scratch style;
    struct vanon_paints paints; /* for a device */
};

struct vanon_renderer {
    const vanon_options *options;
    const vanon_log *log;
    const struct vanon_render_rows *rows;
    vanon_surfaces *surfaces; /* NULL: only frames of the host's memory are rendered */
    vanon_frame_pool *pool;
    pthread_mutex_t lock; /* guards `idle` */
    struct scratch *idle;
};

int vanon_renderer_create(vanon_renderer **out, const vanon_options *options, const vanon_log *log)
{
    vanon_renderer *renderer;
    int status;

    for (int part = 0; part < VANON_STYLED; part++)
        if (!vanon_style_ops(options->style[part]))
            return vanon_fail(log, VANON_ERR_OPTION, "style: part \"%s\" has style number %d",
                              vanon_part_name((enum vanon_part)part), (int)options->style[part]);
    renderer = calloc(1, sizeof *renderer);
    if (!renderer)
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a renderer");
    renderer->options = options;
    renderer->log = log;
    renderer->rows = vanon_render_rows(vanon_cpu_flags());
    if (pthread_mutex_init(&renderer->lock, NULL)) {
        free(renderer);
        return vanon_fail(log, VANON_ERR_MEMORY, "no memory for a renderer's lock");
    }
    status = vanon_frame_pool_create(&renderer->pool);
    if (status) {
        vanon_renderer_destroy(&renderer);
        return vanon_fail(log, status, "no memory for a renderer's frames");
    }
    *out = renderer;
    return VANON_OK;
}

void vanon_renderer_destroy(vanon_renderer **pointer)
{
    vanon_renderer *renderer = *pointer;

    if (!renderer)
        return;
    for (struct scratch *scratch = renderer->idle, *next; scratch; scratch = next) {
        next = scratch->next;
        vanon_mask_free(&scratch->mask);
        vanon_coverage_free(&scratch->luma);
        vanon_coverage_free(&scratch->chroma);
        vanon_paints_free(&scratch->paints);
        free(scratch->style.memory);
        free(scratch);
    }
    vanon_frame_pool_destroy(&renderer->pool);
    pthread_mutex_destroy(&renderer->lock);
    free(renderer);
    *pointer = NULL;
}

void vanon_renderer_use(vanon_renderer *renderer, vanon_surfaces *surfaces)
{
    renderer->surfaces = surfaces;
}

bool vanon_renderer_paints_surfaces(const vanon_options *options)
{
    return !options->exact_styles;
}

static struct scratch *take_scratch(vanon_renderer *renderer)
{
    struct scratch *scratch;

    pthread_mutex_lock(&renderer->lock);
    scratch = renderer->idle;
    if (scratch)
        renderer->idle = scratch->next;
    pthread_mutex_unlock(&renderer->lock);
    return scratch ? scratch : calloc(1, sizeof *scratch);
}

static void give_scratch(vanon_renderer *renderer, struct scratch *scratch)
{
    pthread_mutex_lock(&renderer->lock);
    scratch->next = renderer->idle;
    renderer->idle = scratch;
    pthread_mutex_unlock(&renderer->lock);
}

/* A part that has no style of its own is hidden solidly, as the whole frame is. */
static const struct vanon_style_ops *style_of(const vanon_renderer *renderer, enum vanon_part part)
{
    return vanon_style_ops((unsigned)part < VANON_STYLED ? renderer->options->style[part]
                                                         : VANON_STYLE_SOLID);
}

/* What is held of a region; `grid` is NULL where that is nothing. */
struct kept {
    const struct vanon_grid *grid;
    const uint16_t *value;
};

static struct kept kept_of(const struct vanon_held *held, size_t region)
{
    const struct vanon_grid *grid = held && region < held->count ? &held->grid[region] : NULL;

    return grid && grid->side ? (struct kept){grid, held->value + grid->first} : (struct kept){0};
}

/* Puts a coverage where the device finds it. */
static int put_coverage(struct vanon_paints *paints, const struct vanon_coverage *coverage,
                        size_t *place)
{
    size_t width = (size_t)coverage->at.width, height = (size_t)coverage->at.height;
    int status = vanon_paints_put(paints, NULL, width * height, place);

    for (size_t y = 0; y < height && !status; y++)
        memcpy(paints->data + *place + y * width, coverage->line + (ptrdiff_t)y * coverage->stride,
               width);
    return status;
}

/* Makes what the scratch's mask covers, in luma and in chroma samples. */
static int make_coverage(const vanon_renderer *renderer, struct scratch *scratch,
                         const struct vanon_pixel_layout *layout, int fields, bool device,
                         size_t covered[2])
{
    int status = vanon_coverage_make(&scratch->luma, renderer->rows, &scratch->mask, 0, fields);

    if (!status)
        status = vanon_coverage_make(&scratch->chroma, renderer->rows, &scratch->mask,
                                     layout->log2_chroma_w, fields << layout->log2_chroma_h);
    if (status || !device)
        return status;
    status = put_coverage(&scratch->paints, &scratch->luma, &covered[0]);
    return status ? status : put_coverage(&scratch->paints, &scratch->chroma, &covered[1]);
}

/* Hides what the scratch's mask covers; in a device's memory, notes what will. */
static int hide(const vanon_renderer *renderer, struct scratch *scratch,
                const struct vanon_style_ops *style, struct kept kept, const vanon_frame *source,
                const vanon_frame *target)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);
    bool device = source->memory != VANON_MEMORY_HOST;
    int fields = vanon_frame_fields(source);
    struct vanon_style_work work = {.options = renderer->options,
                                    .source = source,
                                    .layout = layout,
                                    .box = scratch->mask.whole,
                                    .scratch = &scratch->style,
                                    .grid = kept.grid,
                                    .surfaces = device ? renderer->surfaces : NULL,
                                    .paints = &scratch->paints};
    int components = layout->components - layout->alpha;
    size_t means = kept.grid ? (size_t)kept.grid->columns * (size_t)kept.grid->rows : 0;
    size_t covered[2] = {0};
    int status = make_coverage(renderer, scratch, layout, fields, device, covered);

    if (status)
        return status;
    for (int field = 0; field < fields; field++)
        for (int component = 0; component < components; component++) {
            bool chroma = vanon_component_is_chroma(layout, component);

            work.component = component;
            work.field = field;
            if (kept.value)
                work.value = kept.value + (size_t)(field * components + component) * means;
            work.coverage = chroma ? &scratch->chroma : &scratch->luma;
            work.covered = covered[chroma];
            vanon_plane_view(&work.plane, renderer->rows, source, target, component, field);
            work.at = vanon_rect_meet(
                work.coverage->at, (struct vanon_rect){0, 0, work.plane.width, work.plane.height});
            if (!work.at.width || !work.at.height)
                continue;
            status = style->apply(&work);
            if (status)
                return status;
        }
    return VANON_OK;
}

/* A device makes its copy when all that is painted on it is known. */
static int make_copy(vanon_renderer *renderer, const vanon_frame *source, vanon_frame **copy)
{
    int status;

    if (source->memory != VANON_MEMORY_HOST)
        return VANON_OK;
    status = vanon_frame_pool_get(renderer->pool, source, copy);
    if (!status)
        vanon_frame_copy_samples(*copy, source);
    return status;
}

/* `*copy` is made as soon as something is hidden. */
static int hide_region(vanon_renderer *renderer, struct scratch *scratch, const vanon_frame *source,
                       const vanon_region_list *regions, const struct vanon_held *held,
                       size_t index, vanon_frame **copy)
{
    const vanon_region *region = &regions->region[index];
    vanon_matrix to_coded = vanon_frame_display_to_coded(source);
    int status = region->part == VANON_PART_FRAME
                     ? vanon_mask_fill(&scratch->mask, source->width, source->height)
                     : vanon_mask_draw(&scratch->mask, region, regions->point, &to_coded,
                                       source->width, source->height);

    if (status || !scratch->mask.width)
        return status;
    if (!*copy)
        status = make_copy(renderer, source, copy);
    return status ? status
                  : hide(renderer, scratch, style_of(renderer, region->part), kept_of(held, index),
                         source, *copy ? *copy : source);
}

/* The region that hides the whole picture: no other may be drawn over it. The list's count: there
 * is none. */
static size_t whole_frame(const vanon_region_list *regions)
{
    size_t index = 0;

    while (index < regions->count && regions->region[index].part != VANON_PART_FRAME)
        index++;
    return index;
}

/* When a region is drawn: small parts before those that hold them, so that no fine cells lie over
 * coarse ones, and what is solid last, so that nothing lies over it. */
static int rank_of(const vanon_renderer *renderer, const vanon_region *region)
{
    bool solid = style_of(renderer, region->part) == vanon_style_ops(VANON_STYLE_SOLID);

    return solid ? VANON_STYLED : (int)region->part;
}

static int hide_all(vanon_renderer *renderer, const vanon_frame *source,
                    const vanon_region_list *regions, const struct vanon_held *held,
                    vanon_frame **copy)
{
    size_t whole = whole_frame(regions);
    struct scratch *scratch = take_scratch(renderer);
    int status = scratch ? VANON_OK : VANON_ERR_MEMORY;

    if (scratch)
        vanon_paints_clear(&scratch->paints);
    if (whole < regions->count && !status)
        status = hide_region(renderer, scratch, source, regions, held, whole, copy);
    for (int rank = 0; rank <= VANON_STYLED && whole == regions->count; rank++)
        for (size_t i = 0; i < regions->count && !status; i++)
            if (rank_of(renderer, &regions->region[i]) == rank)
                status = hide_region(renderer, scratch, source, regions, held, i, copy);
    if (!status && scratch->paints.count)
        status = vanon_surfaces_paint(renderer->surfaces, source, &scratch->paints, copy);
    if (scratch)
        give_scratch(renderer, scratch);
    return status;
}

static bool can_render(const vanon_renderer *renderer, const vanon_frame *frame)
{
    return frame->memory == VANON_MEMORY_HOST ||
           (frame->memory == VANON_MEMORY_CUDA && renderer->surfaces &&
            vanon_renderer_paints_surfaces(renderer->options));
}

int vanon_renderer_render(vanon_renderer *renderer, vanon_frame **frame,
                          const vanon_region_list *regions, const struct vanon_held *held)
{
    vanon_frame *copy = NULL;
    int status;

    if (!regions->count)
        return VANON_OK;
    if (!can_render(renderer, *frame)) {
        status = vanon_fail(renderer->log, VANON_ERR_UNSUPPORTED,
                            "render: a frame in memory of kind %d, which can't be rendered",
                            (int)(*frame)->memory);
        goto fail;
    }
    status = hide_all(renderer, *frame, regions, held, &copy);
    if (status) {
        vanon_fail(renderer->log, status, "render: hiding regions of a %dx%d picture: %s",
                   (*frame)->width, (*frame)->height, vanon_status_text(status));
        goto fail;
    }
    if (copy) {
        vanon_frame_unref(frame);
        *frame = copy;
    }
    return VANON_OK;
fail:
    vanon_frame_unref(&copy);
    vanon_frame_unref(frame);
    return status;
}
