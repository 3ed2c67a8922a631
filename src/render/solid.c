/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/status.h>

#include "render/style.h"

/* Black in the frame's own colour space. */
static unsigned black(const struct vanon_style_work *work)
{
    unsigned depth = work->layout->component[work->component].depth;

    if (vanon_component_is_chroma(work->layout, work->component))
        return 1u << (depth - 1);
    if (work->layout->model == VANON_MODEL_RGB || work->source->colour.full_range)
        return 0;
    return 16u << (depth - 8);
}

int vanon_style_solid(const struct vanon_style_work *work)
{
    struct vanon_paint *paint;
    int status = VANON_OK;

    if (work->surfaces) {
        status = vanon_style_paint(work, &paint);
        if (!status)
            paint->value = black(work);
    } else {
        vanon_plane_blend(&work->plane, work->coverage, work->at, black(work));
    }
    return status;
}
