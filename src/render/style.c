/* SPDX-License-Identifier: Apache-2.0 */
#include "render/style.h"

#include <vanon/status.h>

#include "base/memory.h"
#include "render/blur.h"

static const struct vanon_style_ops styles[VANON_STYLES] = {
    [VANON_STYLE_MOSAIC] = {vanon_style_mosaic, vanon_mosaic_reach},
    [VANON_STYLE_PIXELATE] = {vanon_style_mosaic, vanon_mosaic_reach},
    [VANON_STYLE_GAUSSIAN] = {vanon_style_gaussian, vanon_blur_reach},
    [VANON_STYLE_BOXBLUR] = {vanon_style_boxblur, vanon_blur_reach},
    [VANON_STYLE_SOLID] = {vanon_style_solid, NULL},
};

const struct vanon_style_ops *vanon_style_ops(enum vanon_style style)
{
    return (unsigned)style < VANON_STYLES ? &styles[style] : NULL;
}

int vanon_style_paint(const struct vanon_style_work *work, struct vanon_paint **paint)
{
    struct vanon_rect at = work->coverage->at;
    int status = vanon_paints_add(work->paints, paint);

    if (!status)
        **paint = (struct vanon_paint){.component = work->component,
                                       .field = work->field,
                                       .x = at.x,
                                       .y = at.y,
                                       .width = at.width,
                                       .height = at.height,
                                       .coverage = work->covered};
    return status;
}

void *vanon_style_reserve(const struct vanon_style_work *work, size_t bytes)
{
    struct vanon_style_scratch *scratch = work->scratch;
    size_t words = bytes / sizeof *scratch->memory + 1;

    return vanon_grow(&scratch->memory, &scratch->capacity, words, sizeof *scratch->memory)
               ? NULL
               : scratch->memory;
}
