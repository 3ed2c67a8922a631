/* SPDX-License-Identifier: Apache-2.0 */
/* How each pixel format lies in memory: the one table that letterbox, masks, styles and media read.
 * Constant, thread-safe. */
#ifndef VANON_PIXELS_FORMAT_H
#define VANON_PIXELS_FORMAT_H

#include <vanon/frame.h>

enum vanon_colour_model { VANON_MODEL_GRAY, VANON_MODEL_YUV, VANON_MODEL_RGB };

/* One component (Y, U, V, R, G, B, alpha) inside its plane. */
struct vanon_component {
    uint8_t plane;
    uint8_t step;   /* bytes from a sample to the next */
    uint8_t offset; /* bytes from the line's start to the first sample */
    uint8_t shift;  /* unused low bits of the word */
    uint8_t depth;  /* bits of a sample, 8..16 */
};

struct vanon_pixel_layout {
    const char *name; /* as libav* spells it */
    enum vanon_colour_model model;
    uint8_t planes;
    uint8_t components;                   /* Y U V / R G B / Y, then alpha */
    bool alpha;                           /* the last component is alpha */
    uint8_t sample_bytes;                 /* 1 or 2 */
    uint8_t log2_chroma_w, log2_chroma_h; /* of components 1 and 2 in YUV, and of their planes */
    struct vanon_component component[4];
};

/* NULL: no such format. */
const struct vanon_pixel_layout *vanon_pixel_layout(enum vanon_pixel_format format);

/* The format by libav*'s name; VANON_PIXEL_NONE where it is not in the table. */
enum vanon_pixel_format vanon_pixel_format_find(const char *name);

/* True for components 1 and 2 of YUV. */
bool vanon_component_is_chroma(const struct vanon_pixel_layout *layout, int component);

/* Samples in a line / lines of a component in a picture of the given size; chroma rounds up. */
int vanon_component_width(const struct vanon_pixel_layout *layout, int component, int width);
int vanon_component_height(const struct vanon_pixel_layout *layout, int component, int height);

/* Bytes that matter in a line of a plane / lines of a plane. */
size_t vanon_plane_bytes(const struct vanon_pixel_layout *layout, int plane, int width);
int vanon_plane_lines(const struct vanon_pixel_layout *layout, int plane, int height);

/* True for the sizes that a frame may have. */
bool vanon_picture_size_valid(int width, int height);

/* Bytes of a frame's samples as vanon_frame_alloc would lay them out. 0: no such format or size. */
size_t vanon_frame_bytes(enum vanon_pixel_format format, int width, int height);

#endif
