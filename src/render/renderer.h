/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame and shapes to a frame with those hidden, in the frame's own planes, inside bounding
 * boxes. A sample outside every shape and feather is bit-equal to the source. Each style is a row
 * of the registry in style.h.
 *
 * Regions are drawn part by part in the order of enum vanon_part, from small parts to those that
 * hold them, in the list's order within a part, and those hidden solidly last: each over the ones
 * before it, so that neither finer cells lie over coarser ones nor anything over what is solid.
 * What a style shows is always made from the source's samples. Results depend on the order only
 * where regions overlap, and no feather brings back what another region hides.
 *
 * Thread-safety: safe; several threads may render at once.
 */
#ifndef VANON_RENDER_RENDERER_H
#define VANON_RENDER_RENDERER_H

#include <vanon/frame.h>
#include <vanon/object.h>

#include "options/options.h"
#include "render/hold.h"

typedef struct vanon_renderer vanon_renderer;

/* `options` and `log` must outlive the renderer. VANON_ERR_OPTION: a style that does not exist;
 * VANON_ERR_MEMORY. */
int vanon_renderer_create(vanon_renderer **out, const vanon_options *options, const vanon_log *log);
void vanon_renderer_destroy(vanon_renderer **renderer);

/* From now on frames in that device's memory are rendered, too, and stay there. It must outlive the
 * renderer. */
void vanon_renderer_use(vanon_renderer *renderer, vanon_surfaces *surfaces);

/* Whether frames in a device's memory can be rendered there, with these options: not with
 * exact_styles. */
bool vanon_renderer_paints_surfaces(const vanon_options *options);

/*
 * Replaces `*frame` by one with the regions hidden, by what `held` has of them (hold.h; NULL: by
 * what this frame has); where no region meets the picture the same
 * frame stays. A region of VANON_PART_FRAME hides the whole picture solidly, and no other is drawn
 * then. On failure `*frame` is unreferenced and NULL, so that it can't leave by mistake:
 * VANON_ERR_UNSUPPORTED: memory that is neither the host's nor the device's; VANON_ERR_MEMORY;
 * VANON_ERR_INFERENCE: the device failed.
 */
int vanon_renderer_render(vanon_renderer *renderer, vanon_frame **frame,
                          const vanon_region_list *regions, const struct vanon_held *held);

#endif
