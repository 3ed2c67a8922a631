/* SPDX-License-Identifier: Apache-2.0 */
/* The GPU's letterbox gives the bytes of the CPU's. */
#include <string.h>

#include <vanon/status.h>

#include "../../plugins/cuda/letterbox_cuda.h"
#include "gpu.h"
#include "pixels/format.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

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

static void compare(const vanon_frame *like, int width, int height)
{
    size_t pixels = (size_t)width * (size_t)height, bytes = pixels * 8 * 2;
    uint8_t *expected = malloc(pixels * 3);
    uint16_t *found = malloc(FRAMES * bytes);
    vanon_letterbox *letterbox;
    vanon_gpu_frames *frames;
    void *input = gpu_put(NULL, FRAMES * bytes);
    vanon_frame *frame[FRAMES];

    FINE(vanon_letterbox_create(&letterbox, like, width, height));
    FINE(vanon_gpu_frames_create(&frames, like, width, height, FRAMES));
    for (size_t i = 0; i < FRAMES; i++) {
        frame[i] = make_frame(like);
        FINE(vanon_gpu_frames_put(frames, 0, i, frame[i]));
    }
    FINE(vanon_gpu_frames_fill(frames, 0, input));
    gpu_get(found, input, FRAMES * bytes);
    for (size_t i = 0; i < FRAMES; i++) {
        vanon_letterbox_run(letterbox, frame[i], expected);
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < 8; c++) {
                uint16_t is = found[(i * pixels + p) * 8 + c];
                uint16_t should = c < 3 ? gpu_half((float)expected[3 * p + c] / 255.0f) : 0;

                REQUIRE(is == should, "%s, frame %zu, pixel %zu, %zu: channel %zu is %g, not %g",
                        vanon_pixel_format_name(like->format), i, p % (size_t)width,
                        p / (size_t)width, c, (double)gpu_float(is), (double)gpu_float(should));
            }
        vanon_frame_unref(&frame[i]);
    }
    vanon_gpu_frames_destroy(&frames);
    vanon_letterbox_destroy(&letterbox);
    cudaFree(input);
    free(expected);
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
        compare(&like, 192, 128);
        like.colour.full_range = true;
        like.width = 77; /* odd, and smaller than the input */
        like.height = 101;
        compare(&like, 128, 160);
    }
    for (int rotation = 0; rotation < 360; rotation += 90) {
        like = plain;
        like.rotation = rotation;
        like.mirrored = rotation == 90 || rotation == 180;
        like.sar = (vanon_rational){4, 3};
        compare(&like, 160, 160);
    }
    like = plain;
    like.format = VANON_PIXEL_P010;
    like.colour = (vanon_colour){.primaries = 9, .transfer = 16, .matrix = 9};
    compare(&like, 192, 128);
    puts("letterbox: equal to the CPU's in all formats, turned, mirrored, HDR");
}
