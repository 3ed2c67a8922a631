/* SPDX-License-Identifier: Apache-2.0 */
#include "render/style.h"

static const struct vanon_style_ops styles[VANON_STYLES] = {
    [VANON_STYLE_MOSAIC] = {vanon_style_mosaic},
    [VANON_STYLE_SOLID] = {vanon_style_solid},
};

const struct vanon_style_ops *vanon_style_ops(enum vanon_style style)
{
    return (unsigned)style < VANON_STYLES ? &styles[style] : NULL;
}
