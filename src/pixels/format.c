/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/format.h"

#include <string.h>

#define VANON_MAX_SIDE 32767

/* Components: byte or word samples, `step` bytes apart. */
#define BYTE(plane_, step_, offset_)                                  \
    {                                                                 \
        .plane = plane_, .step = step_, .offset = offset_, .depth = 8 \
    }
#define WORD(plane_, step_, offset_, depth_)                               \
    {                                                                      \
        .plane = plane_, .step = step_, .offset = offset_, .depth = depth_ \
    }
#define HIGH(plane_, step_, offset_, depth_)                                                     \
    {                                                                                            \
        .plane = plane_, .step = step_, .offset = offset_, .shift = 16 - depth_, .depth = depth_ \
    }

#define GRAY(name_, bytes_, ...)                                                \
    {                                                                           \
        .name = name_, .model = VANON_MODEL_GRAY, .planes = 1, .components = 1, \
        .sample_bytes = bytes_, .component = {                                  \
            __VA_ARGS__                                                         \
        }                                                                       \
    }

#define GRAY_ALPHA(name_, bytes_, ...)                                                         \
    {                                                                                          \
        .name = name_, .model = VANON_MODEL_GRAY, .planes = 1, .components = 2, .alpha = true, \
        .sample_bytes = bytes_, .component = {                                                 \
            __VA_ARGS__                                                                        \
        }                                                                                      \
    }

#define YUV(name_, planes_, bytes_, log2_w_, log2_h_, ...)                                         \
    {                                                                                              \
        .name = name_, .model = VANON_MODEL_YUV, .planes = planes_, .components = 3,               \
        .sample_bytes = bytes_, .log2_chroma_w = log2_w_, .log2_chroma_h = log2_h_, .component = { \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

#define YUV_PLANES(name_, log2_w_, log2_h_) \
    YUV(name_, 3, 1, log2_w_, log2_h_, BYTE(0, 1, 0), BYTE(1, 1, 0), BYTE(2, 1, 0))

#define YUV_WORD_PLANES(name_, log2_w_, log2_h_, depth_)                             \
    YUV(name_, 3, 2, log2_w_, log2_h_, WORD(0, 2, 0, depth_), WORD(1, 2, 0, depth_), \
        WORD(2, 2, 0, depth_))

#define YUVA_PLANES(name_, log2_w_, log2_h_)                                                  \
    {                                                                                         \
        .name = name_, .model = VANON_MODEL_YUV, .planes = 4, .components = 4, .alpha = true, \
        .sample_bytes = 1, .log2_chroma_w = log2_w_, .log2_chroma_h = log2_h_, .component = { \
            BYTE(0, 1, 0),                                                                    \
            BYTE(1, 1, 0),                                                                    \
            BYTE(2, 1, 0),                                                                    \
            BYTE(3, 1, 0)                                                                     \
        }                                                                                     \
    }

#define YUVA_WORD_PLANES(name_, log2_w_, log2_h_, depth_)                                     \
    {                                                                                         \
        .name = name_, .model = VANON_MODEL_YUV, .planes = 4, .components = 4, .alpha = true, \
        .sample_bytes = 2, .log2_chroma_w = log2_w_, .log2_chroma_h = log2_h_, .component = { \
            WORD(0, 2, 0, depth_),                                                            \
            WORD(1, 2, 0, depth_),                                                            \
            WORD(2, 2, 0, depth_),                                                            \
            WORD(3, 2, 0, depth_)                                                             \
        }                                                                                     \
    }

#define RGB(name_, planes_, bytes_, ...)                                             \
    {                                                                                \
        .name = name_, .model = VANON_MODEL_RGB, .planes = planes_, .components = 3, \
        .sample_bytes = bytes_, .component = {                                       \
            __VA_ARGS__                                                              \
        }                                                                            \
    }

#define RGB_ALPHA(name_, planes_, bytes_, ...)                                       \
    {                                                                                \
        .name = name_, .model = VANON_MODEL_RGB, .planes = planes_, .components = 4, \
        .alpha = true, .sample_bytes = bytes_, .component = {                        \
            __VA_ARGS__                                                              \
        }                                                                            \
    }

/* Interleaved bytes at these offsets of a pixel. */
#define RGB_BYTES(name_, step_, r_, g_, b_) \
    RGB(name_, 1, 1, BYTE(0, step_, r_), BYTE(0, step_, g_), BYTE(0, step_, b_))
#define RGBA_BYTES(name_, r_, g_, b_, a_) \
    RGB_ALPHA(name_, 1, 1, BYTE(0, 4, r_), BYTE(0, 4, g_), BYTE(0, 4, b_), BYTE(0, 4, a_))

#define GBR_WORD_PLANES(name_, depth_) \
    RGB(name_, 3, 2, WORD(2, 2, 0, depth_), WORD(0, 2, 0, depth_), WORD(1, 2, 0, depth_))
#define GBRA_WORD_PLANES(name_, depth_)                                                         \
    RGB_ALPHA(name_, 4, 2, WORD(2, 2, 0, depth_), WORD(0, 2, 0, depth_), WORD(1, 2, 0, depth_), \
              WORD(3, 2, 0, depth_))

static const struct vanon_pixel_layout layouts[VANON_PIXEL_FORMATS] = {
    [VANON_PIXEL_GRAY8] = GRAY("gray", 1, BYTE(0, 1, 0)),
    [VANON_PIXEL_GRAY10] = GRAY("gray10le", 2, WORD(0, 2, 0, 10)),
    [VANON_PIXEL_GRAY12] = GRAY("gray12le", 2, WORD(0, 2, 0, 12)),
    [VANON_PIXEL_GRAY16] = GRAY("gray16le", 2, WORD(0, 2, 0, 16)),
    [VANON_PIXEL_YA8] = GRAY_ALPHA("ya8", 1, BYTE(0, 2, 0), BYTE(0, 2, 1)),
    [VANON_PIXEL_YA16] = GRAY_ALPHA("ya16le", 2, WORD(0, 4, 0, 16), WORD(0, 4, 2, 16)),
    [VANON_PIXEL_YUV420P] = YUV_PLANES("yuv420p", 1, 1),
    [VANON_PIXEL_YUV422P] = YUV_PLANES("yuv422p", 1, 0),
    [VANON_PIXEL_YUV444P] = YUV_PLANES("yuv444p", 0, 0),
    [VANON_PIXEL_YUV440P] = YUV_PLANES("yuv440p", 0, 1),
    [VANON_PIXEL_YUV411P] = YUV_PLANES("yuv411p", 2, 0),
    [VANON_PIXEL_YUV410P] = YUV_PLANES("yuv410p", 2, 2),
    [VANON_PIXEL_YUVA420P] = YUVA_PLANES("yuva420p", 1, 1),
    [VANON_PIXEL_YUVA422P] = YUVA_PLANES("yuva422p", 1, 0),
    [VANON_PIXEL_YUVA444P] = YUVA_PLANES("yuva444p", 0, 0),
    [VANON_PIXEL_NV12] = YUV("nv12", 2, 1, 1, 1, BYTE(0, 1, 0), BYTE(1, 2, 0), BYTE(1, 2, 1)),
    [VANON_PIXEL_NV21] = YUV("nv21", 2, 1, 1, 1, BYTE(0, 1, 0), BYTE(1, 2, 1), BYTE(1, 2, 0)),
    [VANON_PIXEL_NV16] = YUV("nv16", 2, 1, 1, 0, BYTE(0, 1, 0), BYTE(1, 2, 0), BYTE(1, 2, 1)),
    [VANON_PIXEL_YUYV422] = YUV("yuyv422", 1, 1, 1, 0, BYTE(0, 2, 0), BYTE(0, 4, 1), BYTE(0, 4, 3)),
    [VANON_PIXEL_UYVY422] = YUV("uyvy422", 1, 1, 1, 0, BYTE(0, 2, 1), BYTE(0, 4, 0), BYTE(0, 4, 2)),
    [VANON_PIXEL_YUV420P10] = YUV_WORD_PLANES("yuv420p10le", 1, 1, 10),
    [VANON_PIXEL_YUV422P10] = YUV_WORD_PLANES("yuv422p10le", 1, 0, 10),
    [VANON_PIXEL_YUV444P10] = YUV_WORD_PLANES("yuv444p10le", 0, 0, 10),
    [VANON_PIXEL_YUV420P12] = YUV_WORD_PLANES("yuv420p12le", 1, 1, 12),
    [VANON_PIXEL_YUV422P12] = YUV_WORD_PLANES("yuv422p12le", 1, 0, 12),
    [VANON_PIXEL_YUV444P12] = YUV_WORD_PLANES("yuv444p12le", 0, 0, 12),
    [VANON_PIXEL_YUV420P16] = YUV_WORD_PLANES("yuv420p16le", 1, 1, 16),
    [VANON_PIXEL_YUV422P16] = YUV_WORD_PLANES("yuv422p16le", 1, 0, 16),
    [VANON_PIXEL_YUV444P16] = YUV_WORD_PLANES("yuv444p16le", 0, 0, 16),
    [VANON_PIXEL_YUV440P10] = YUV_WORD_PLANES("yuv440p10le", 0, 1, 10),
    [VANON_PIXEL_YUV440P12] = YUV_WORD_PLANES("yuv440p12le", 0, 1, 12),
    [VANON_PIXEL_YUVA420P10] = YUVA_WORD_PLANES("yuva420p10le", 1, 1, 10),
    [VANON_PIXEL_YUVA422P10] = YUVA_WORD_PLANES("yuva422p10le", 1, 0, 10),
    [VANON_PIXEL_YUVA444P10] = YUVA_WORD_PLANES("yuva444p10le", 0, 0, 10),
    [VANON_PIXEL_YUVA422P12] = YUVA_WORD_PLANES("yuva422p12le", 1, 0, 12),
    [VANON_PIXEL_YUVA444P12] = YUVA_WORD_PLANES("yuva444p12le", 0, 0, 12),
    [VANON_PIXEL_YUVA420P16] = YUVA_WORD_PLANES("yuva420p16le", 1, 1, 16),
    [VANON_PIXEL_YUVA422P16] = YUVA_WORD_PLANES("yuva422p16le", 1, 0, 16),
    [VANON_PIXEL_YUVA444P16] = YUVA_WORD_PLANES("yuva444p16le", 0, 0, 16),
    [VANON_PIXEL_P010] =
        YUV("p010le", 2, 2, 1, 1, HIGH(0, 2, 0, 10), HIGH(1, 4, 0, 10), HIGH(1, 4, 2, 10)),
    [VANON_PIXEL_RGB24] = RGB_BYTES("rgb24", 3, 0, 1, 2),
    [VANON_PIXEL_BGR24] = RGB_BYTES("bgr24", 3, 2, 1, 0),
    [VANON_PIXEL_RGBA] = RGBA_BYTES("rgba", 0, 1, 2, 3),
    [VANON_PIXEL_BGRA] = RGBA_BYTES("bgra", 2, 1, 0, 3),
    [VANON_PIXEL_ARGB] = RGBA_BYTES("argb", 1, 2, 3, 0),
    [VANON_PIXEL_ABGR] = RGBA_BYTES("abgr", 3, 2, 1, 0),
    [VANON_PIXEL_RGB0] = RGB_BYTES("rgb0", 4, 0, 1, 2),
    [VANON_PIXEL_BGR0] = RGB_BYTES("bgr0", 4, 2, 1, 0),
    [VANON_PIXEL_0RGB] = RGB_BYTES("0rgb", 4, 1, 2, 3),
    [VANON_PIXEL_0BGR] = RGB_BYTES("0bgr", 4, 3, 2, 1),
    [VANON_PIXEL_RGB48] =
        RGB("rgb48le", 1, 2, WORD(0, 6, 0, 16), WORD(0, 6, 2, 16), WORD(0, 6, 4, 16)),
    [VANON_PIXEL_RGBA64] = RGB_ALPHA("rgba64le", 1, 2, WORD(0, 8, 0, 16), WORD(0, 8, 2, 16),
                                     WORD(0, 8, 4, 16), WORD(0, 8, 6, 16)),
    [VANON_PIXEL_GBRP] = RGB("gbrp", 3, 1, BYTE(2, 1, 0), BYTE(0, 1, 0), BYTE(1, 1, 0)),
    [VANON_PIXEL_GBRAP] =
        RGB_ALPHA("gbrap", 4, 1, BYTE(2, 1, 0), BYTE(0, 1, 0), BYTE(1, 1, 0), BYTE(3, 1, 0)),
    [VANON_PIXEL_GBRP10] = GBR_WORD_PLANES("gbrp10le", 10),
    [VANON_PIXEL_GBRP12] = GBR_WORD_PLANES("gbrp12le", 12),
    [VANON_PIXEL_GBRP16] = GBR_WORD_PLANES("gbrp16le", 16),
    [VANON_PIXEL_GBRAP10] = GBRA_WORD_PLANES("gbrap10le", 10),
    [VANON_PIXEL_GBRAP12] = GBRA_WORD_PLANES("gbrap12le", 12),
    [VANON_PIXEL_GBRAP16] = GBRA_WORD_PLANES("gbrap16le", 16),
};

const struct vanon_pixel_layout *vanon_pixel_layout(enum vanon_pixel_format format)
{
    if ((int)format <= VANON_PIXEL_NONE || format >= VANON_PIXEL_FORMATS)
        return NULL;
    return &layouts[format];
}

const char *vanon_pixel_format_name(enum vanon_pixel_format format)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);

    return layout ? layout->name : "none";
}

enum vanon_pixel_format vanon_pixel_format_find(const char *name)
{
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++)
        if (!strcmp(layouts[format].name, name))
            return (enum vanon_pixel_format)format;
    return VANON_PIXEL_NONE;
}

bool vanon_component_is_chroma(const struct vanon_pixel_layout *layout, int component)
{
    return layout->model == VANON_MODEL_YUV && (component == 1 || component == 2);
}

static int shift_up(int value, int bits)
{
    return (value + (1 << bits) - 1) >> bits;
}

int vanon_component_width(const struct vanon_pixel_layout *layout, int component, int width)
{
    return vanon_component_is_chroma(layout, component) ? shift_up(width, layout->log2_chroma_w)
                                                        : width;
}

int vanon_component_height(const struct vanon_pixel_layout *layout, int component, int height)
{
    return vanon_component_is_chroma(layout, component) ? shift_up(height, layout->log2_chroma_h)
                                                        : height;
}

/* The widest of the plane's components decides: in packed 4:2:2 of odd width that is the chroma. */
size_t vanon_plane_bytes(const struct vanon_pixel_layout *layout, int plane, int width)
{
    size_t widest = 0;

    for (int i = 0; i < layout->components; i++) {
        size_t bytes = (size_t)vanon_component_width(layout, i, width) * layout->component[i].step;
        if (layout->component[i].plane == plane && bytes > widest)
            widest = bytes;
    }
    return widest;
}

int vanon_plane_lines(const struct vanon_pixel_layout *layout, int plane, int height)
{
    for (int i = 0; i < layout->components; i++)
        if (layout->component[i].plane == plane)
            return vanon_component_height(layout, i, height);
    return 0;
}

bool vanon_picture_size_valid(int width, int height)
{
    return width >= 1 && height >= 1 && width <= VANON_MAX_SIDE && height <= VANON_MAX_SIDE;
}
