/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdlib.h>

#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

struct parameters {
    enum vanon_pixel_format format;
    int width, height, rotation, transfer, imgsz;
};

struct work {
    vanon_frame *frame;
    vanon_letterbox *letterbox;
    uint8_t *rgb;
};

static void *create(const void *opaque)
{
    const struct parameters *p = opaque;
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(p->format);
    struct work *work = calloc(1, sizeof *work);
    int width, height;

    bench_require(work && !vanon_frame_alloc(&work->frame, p->format, p->width, p->height),
                  "memory for a frame");
    work->frame->rotation = p->rotation;
    work->frame->colour.transfer = p->transfer;
    for (int i = 0; i < layout->planes; i++)
        bench_noise(work->frame->plane[i], (size_t)work->frame->stride[i] *
                                               (size_t)vanon_plane_lines(layout, i, p->height));
    vanon_letterbox_size(work->frame, p->imgsz, &width, &height);
    work->rgb = malloc((size_t)width * (size_t)height * 3);
    bench_require(work->rgb &&
                      !vanon_letterbox_create(&work->letterbox, work->frame, width, height),
                  "a letterbox");
    return work;
}

static void run(void *opaque)
{
    struct work *work = opaque;

    vanon_letterbox_run(work->letterbox, work->frame, work->rgb);
}

static void destroy(void *opaque)
{
    struct work *work = opaque;

    vanon_letterbox_destroy(&work->letterbox);
    vanon_frame_unref(&work->frame);
    free(work->rgb);
    free(work);
}

#define LETTERBOX(name_, format_, width_, height_, rotation_, transfer_, imgsz_)                 \
    {                                                                                            \
        .name = "letterbox " name_,                                                              \
        .parameters =                                                                            \
            &(const struct parameters){                                                          \
                VANON_PIXEL_##format_, width_, height_, rotation_, transfer_, imgsz_},           \
        .create = create, .run = run, .destroy = destroy, .pixels = (double)(width_) * (height_) \
    }

const struct bench bench_letterbox[] = {
    LETTERBOX("720p yuv420p -> 640", YUV420P, 1280, 720, 0, 1, 640),
    LETTERBOX("720p nv12 -> 640", NV12, 1280, 720, 0, 1, 640),
    LETTERBOX("720p yuv420p turned by 90 -> 640", YUV420P, 1280, 720, 90, 1, 640),
    LETTERBOX("720p bgr24 -> 640", BGR24, 1280, 720, 0, 1, 640),
    LETTERBOX("1080p yuv420p -> 640", YUV420P, 1920, 1080, 0, 1, 640),
    LETTERBOX("1080p yuv420p10 -> 640", YUV420P10, 1920, 1080, 0, 1, 640),
    LETTERBOX("1080p yuv420p10 HLG -> 640", YUV420P10, 1920, 1080, 0, 18, 640),
    LETTERBOX("2160p yuv420p -> 640", YUV420P, 3840, 2160, 0, 1, 640),
    LETTERBOX("768x576 yuv420p -> 1280", YUV420P, 768, 576, 0, 1, 1280),
    {0},
};
