/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_layout.h"

#include <string.h>

#include "pixels/format.h"
#include "pixels/letterbox_colour.h"
#include "pixels/letterbox_plan.h"
#include "pixels/letterbox_rows.h"

#define ALIGNMENT 256 /* of a frame in a batch */

void vanon_gpu_lay_frame(struct vanon_gpu_frame_layout *layout, const vanon_frame *like)
{
    const struct vanon_pixel_layout *format = vanon_pixel_layout(like->format);

    layout->bytes = 0;
    for (int i = 0; i < format->planes; i++) {
        size_t line = vanon_plane_bytes(format, i, like->width);

        layout->stride[i] = (line + 15) / 16 * 16;
        layout->offset[i] = layout->bytes;
        layout->bytes += layout->stride[i] * (size_t)vanon_plane_lines(format, i, like->height);
    }
    layout->bytes = (layout->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void vanon_gpu_stage_frame(const struct vanon_gpu_frame_layout *layout, uint8_t *to,
                           const vanon_frame *frame)
{
    const struct vanon_pixel_layout *format = vanon_pixel_layout(frame->format);

    for (int i = 0; i < format->planes; i++) {
        size_t bytes = vanon_plane_bytes(format, i, frame->width);
        int lines = vanon_plane_lines(format, i, frame->height);
        uint8_t *at = to + layout->offset[i];

        if (frame->stride[i] == (ptrdiff_t)layout->stride[i]) {
            memcpy(at, frame->plane[i], layout->stride[i] * (size_t)(lines - 1) + bytes);
            continue;
        }
        for (int y = 0; y < lines; y++)
            memcpy(at + layout->stride[i] * (size_t)y, frame->plane[i] + y * frame->stride[i],
                   bytes);
    }
}

void vanon_gpu_describe_letterbox(struct vanon_gpu_letterbox *plan,
                                  const struct vanon_letterbox_view *view,
                                  const struct vanon_gpu_frame_layout *layout,
                                  const vanon_frame *like, int width, int height)
{
    const struct vanon_pixel_layout *format = vanon_pixel_layout(like->format);

    *plan = (struct vanon_gpu_letterbox){
        .width = width,
        .height = height,
        .left = view->left,
        .top = view->top,
        .columns = (int32_t)view->columns,
        .lines = (int32_t)view->lines,
        .on_its_side = view->on_its_side,
        .components = view->components,
        .sample_bytes = format->sample_bytes,
        .scale_top = view->across[0]->scale.top,
        .scale_up = view->across[0]->scale.up,
        .scale_down = view->across[0]->scale.down,
        .level_top = view->to_rgb->top,
        .shift = view->to_rgb->shift,
        .tone = view->to_rgb->tone,
    };
    for (int i = 0; i < 2; i++) {
        plan->across_index[i] = view->across[i]->index;
        plan->across_weight[i] = view->across[i]->weight;
        plan->down_index[i] = view->down[i]->index;
        plan->down_weight[i] = view->down[i]->weight;
    }
    for (int i = 0; i < 3; i++) {
        plan->offset[i] = view->to_rgb->offset[i];
        for (int k = 0; k < 3; k++)
            plan->factor[i][k] = view->to_rgb->factor[i][k];
    }
    for (int i = 0; i < view->components; i++) {
        const struct vanon_component *component = &format->component[i];
        int chroma = vanon_component_is_chroma(format, i);

        plan->component[i] = (struct vanon_gpu_component){
            .offset = layout->offset[component->plane] + component->offset,
            .stride = (int64_t)layout->stride[component->plane],
            .chroma = chroma,
            .step = view->across[chroma]->step,
        };
    }
}
