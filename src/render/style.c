/* SPDX-License-Identifier: Apache-2.0 */
#include "render/style.h"

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

void *vanon_style_reserve(const struct vanon_style_work *work, size_t bytes)
{
    struct vanon_style_scratch *scratch = work->scratch;
    size_t words = bytes / sizeof *scratch->memory + 1;

    return vanon_grow(&scratch->memory, &scratch->capacity, words, sizeof *scratch->memory)
               ? NULL
               : scratch->memory;
}
