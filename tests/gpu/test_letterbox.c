/* SPDX-License-Identifier: Apache-2.0 */
/* The GPU's letterbox gives the bytes of the CPU's. */
#include <string.h>

#include <vanon/status.h>

#include "../../plugins/cuda/letterbox_cuda.h"
#include "gpu.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"
#include "pixels/part.h"

#define FRAMES 2

static vanon_frame *make_frame(const vanon_frame *like)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(like->format);
    vanon_frame *frame;

    REQUIRE(!vanon_frame_alloc(&frame, like->format, like->width, like->height), "no memory");
    frame->sar = like->sar;
    frame->rotation = like->rotation;
    frame->mirrored = like->mirrored;
    frame->colour = like->colour;
    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, like->height); y++) {
            uint8_t *line = frame->plane[i] + y * frame->stride[i];
            size_t bytes = vanon_plane_bytes(layout, i, like->width);

            for (size_t x = 0; x < bytes; x++)
                line[x] = (uint8_t)gpu_random();
        }
    return frame;
}

/* What a batch becomes: half or single, 8 channels a pixel. */
static float number(const void *input, size_t at, bool single)
{
    return single ? ((const float *)input)[at] : gpu_float(((const uint16_t *)input)[at]);
}

static void check_pixels(const uint8_t *expected, const void *found, size_t pixels, int width,
                         bool single, const char *name)
{
    for (size_t p = 0; p < pixels; p++)
        for (size_t c = 0; c < 8; c++) {
            float is = number(found, p * 8 + c, single);
            float should = c < 3 ? (float)expected[3 * p + c] / 255.0f : 0;

            if (!single)
                should = gpu_float(gpu_half(should));
            REQUIRE(is == should, "%s, pixel %zu, %zu: channel %zu is %g, not %g", name,
                    p % (size_t)width, p / (size_t)width, c, (double)is, (double)should);
        }
}

static void check(const vanon_frame *frame, vanon_letterbox *letterbox, const void *found,
                  size_t pixels, int width, bool single)
{
    uint8_t *expected = malloc(pixels * 3);

    vanon_letterbox_run(letterbox, frame, expected);
    check_pixels(expected, found, pixels, width, single, vanon_pixel_format_name(frame->format));
    free(expected);
}

/* The frame's samples in the device's memory. */
static vanon_frame put_frame(const vanon_frame *frame, vanon_cuda_planes *planes)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    vanon_frame own = *frame;

    *planes = (vanon_cuda_planes){0};
    own.memory = VANON_MEMORY_CUDA;
    own.handle = planes;
    for (int i = 0; i < layout->planes; i++) {
        size_t lines = (size_t)vanon_plane_lines(layout, i, frame->height);

        planes->stride[i] = frame->stride[i];
        planes->plane[i] = (uintptr_t)gpu_put(frame->plane[i], lines * (size_t)frame->stride[i]);
    }
    return own;
}

/* The same once more from frames in the device's memory. */
static void put_again(vanon_gpu_frames *frames, vanon_frame *const *frame,
                      const struct vanon_part_rect *rect, const vanon_letterbox *letterbox)
{
    for (size_t i = 0; i < FRAMES; i++) {
        vanon_cuda_planes planes, part;
        vanon_frame there = put_frame(frame[i], &planes);

        there = vanon_part_of_cuda(&there, rect, &part);
        FINE(vanon_gpu_frames_put(frames, 0, i, &there, letterbox));
        for (int k = 0; k < VANON_MAX_PLANES; k++)
            cudaFree((void *)(uintptr_t)planes.plane[k]);
    }
}

/* A batch of frames, or of parts of them, through `frames`, which may have had others before. */
static void run(vanon_gpu_frames *frames, const vanon_frame *like,
                const struct vanon_part_rect *rect, int width, int height, bool single)
{
    size_t pixels = (size_t)width * (size_t)height, bytes = pixels * 8 * (single ? 4 : 2);
    char *found = malloc(FRAMES * bytes);
    vanon_frame *frame[FRAMES], picture[FRAMES];
    void *input = gpu_put(NULL, FRAMES * bytes);
    vanon_letterbox *letterbox;

    for (size_t i = 0; i < FRAMES; i++) {
        frame[i] = make_frame(like);
        picture[i] = vanon_part_frame(frame[i], rect);
    }
    FINE(vanon_letterbox_create(&letterbox, &picture[0], width, height));
    for (int there = 0; there < 2; there++) {
        for (size_t i = 0; i < FRAMES && !there; i++)
            FINE(vanon_gpu_frames_put(frames, 0, i, &picture[i], letterbox));
        if (there)
            put_again(frames, frame, rect, letterbox);
        FINE(cudaMemset(input, 0xff, FRAMES * bytes));
        FINE(vanon_gpu_frames_fill(frames, 0, single, input));
        gpu_get(found, input, FRAMES * bytes);
        for (size_t i = 0; i < FRAMES; i++)
            check(&picture[i], letterbox, found + i * bytes, pixels, width, single);
    }
    for (size_t i = 0; i < FRAMES; i++)
        vanon_frame_unref(&frame[i]);
    vanon_letterbox_destroy(&letterbox);
    cudaFree(input);
    free(found);
}

static void compare(const vanon_frame *like, int width, int height)
{
    const struct vanon_part_rect whole = {0};
    vanon_gpu_frames *frames;

    FINE(vanon_gpu_frames_create(&frames, width, height, FRAMES));
    run(frames, like, &whole, width, height, false);
    run(frames, like, &whole, width, height, true);
    vanon_gpu_frames_destroy(&frames);
}

/* One object for kinds by turns: parts of several sizes, then a larger frame, then parts again. */
static void test_parts(void)
{
    static const struct vanon_part_rect parts[] = {
        {0, 0, 0, 0}, {8, 16, 64, 48}, {200, 100, 120, 80}, {0, 8, 320, 40}};
    vanon_frame like = {.format = VANON_PIXEL_YUV420P, .width = 320, .height = 180};
    vanon_gpu_frames *frames;

    FINE(vanon_gpu_frames_create(&frames, GPU_SIDE(160), GPU_SIDE(96), FRAMES));
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            run(frames, &like, &parts[i], GPU_SIDE(160), GPU_SIDE(96), false);
        like.format = round ? VANON_PIXEL_P010 : VANON_PIXEL_NV12;
        like.width += 160;
        like.colour.transfer = round ? 16 : 1;
    }
    vanon_gpu_frames_destroy(&frames);
}

/* What the CPU's letterbox has written. */
static void test_rgb(bool single)
{
    enum { PIXELS = 1000 };
    size_t bytes = PIXELS * 8 * (single ? 4 : 2);
    uint8_t rgb[3 * PIXELS];
    void *found = malloc(bytes), *input = gpu_put(NULL, bytes), *device;

    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)gpu_random();
    device = gpu_put(rgb, sizeof rgb);
    FINE(vanon_gpu_fill_from_rgb(0, device, PIXELS, single, input));
    gpu_get(found, input, bytes);
    check_pixels(rgb, found, PIXELS, PIXELS, single, "RGB");
    cudaFree(device);
    cudaFree(input);
    free(found);
}

void test_letterbox(void)
{
    const vanon_frame plain = {
        .format = VANON_PIXEL_NV12, .width = 320, .height = 180, .colour = {.matrix = 1}};
    vanon_frame like;

    for (int format = 1; format < VANON_PIXEL_FORMATS; format++) {
        like = plain;
        like.format = (enum vanon_pixel_format)format;
        compare(&like, GPU_SIDE(192), GPU_SIDE(128));
        like.colour.full_range = true;
        like.width = 77; /* odd, and smaller than the input */
        like.height = 101;
        compare(&like, GPU_SIDE(128), GPU_SIDE(160));
    }
    for (int rotation = 0; rotation < 360; rotation += 90) {
        like = plain;
        like.rotation = rotation;
        like.mirrored = rotation == 90 || rotation == 180;
        like.sar = (vanon_rational){4, 3};
        compare(&like, GPU_SIDE(160), GPU_SIDE(160));
    }
    like = plain;
    like.format = VANON_PIXEL_P010;
    like.colour = (vanon_colour){.primaries = 9, .transfer = 16, .matrix = 9};
    compare(&like, GPU_SIDE(192), GPU_SIDE(128));
    test_parts();
    test_rgb(false);
    test_rgb(true);
    puts("letterbox: equal to the CPU's in all formats, turned, mirrored, HDR, of parts, "
         "from the host's memory and from its own");
}
