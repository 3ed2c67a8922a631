/* SPDX-License-Identifier: Apache-2.0 */
/* What comes after the network, and the cascades (Debian's opencv-data). */
#include "bench.h"

#include <stdlib.h>

#include "detect/haar.h"
#include "detect/yolo.h"
#include "pixels/letterbox.h"
#include "pixels/resize.h"

/* The network's output at 640x384 */

#define ROWS    56
#define ANCHORS 5040

struct tensor {
    float *number;
    vanon_letterbox *letterbox;
    struct vanon_yolo_scratch scratch;
    vanon_object_list objects;
};

static void *create_tensor(const void *parameters)
{
    const vanon_frame like = {.format = VANON_PIXEL_YUV420P, .width = 1280, .height = 720};
    struct tensor *tensor = calloc(1, sizeof *tensor);

    (void)parameters;
    bench_require(tensor != NULL, "memory");
    tensor->number = calloc((size_t)ROWS * ANCHORS, sizeof *tensor->number);
    bench_require(tensor->number && !vanon_letterbox_create(&tensor->letterbox, &like, 640, 384),
                  "memory");
    /* Eight people, each seen by a dozen anchors. */
    for (size_t i = 0; i < 96; i++) {
        size_t anchor = i * 52;

        tensor->number[anchor] = (float)(i / 12) * 70;
        tensor->number[ANCHORS + anchor] = 190 + (float)(i % 12);
        tensor->number[2 * ANCHORS + anchor] = 60;
        tensor->number[3 * ANCHORS + anchor] = 150;
        tensor->number[4 * ANCHORS + anchor] = 0.5f + (float)(i % 12) / 30;
    }
    return tensor;
}

static void decode(void *opaque)
{
    const struct vanon_yolo_params params = {.confidence = 0.25f,
                                             .iou_threshold = 0.7f,
                                             .max_det = 300,
                                             .skeleton = &vanon_skeleton_coco17,
                                             .layout = {.classes = 1}};
    struct tensor *tensor = opaque;

    vanon_object_list_clear(&tensor->objects);
    bench_require(!vanon_yolo_decode(&params, tensor->number, ROWS, ANCHORS, tensor->letterbox,
                                     &tensor->scratch, &tensor->objects),
                  "decoding");
}

static void destroy_tensor(void *opaque)
{
    struct tensor *tensor = opaque;

    vanon_letterbox_destroy(&tensor->letterbox);
    vanon_yolo_scratch_free(&tensor->scratch);
    vanon_object_list_free(&tensor->objects);
    free(tensor->number);
    free(tensor);
}

/* Cascades over a picture of soft shapes */

#define WIDTH  1280
#define HEIGHT 720

struct cascade {
    vanon_haar_cascade *cascade;
    vanon_haar *haar;
    struct vanon_haar_boxes boxes;
    uint8_t *pixels;
};

/* Noise of a twentieth of the size, made large: edges and flat parts as pictures have them. */
static void fill_picture(uint8_t *pixels)
{
    uint8_t noise[(WIDTH / 20) * (HEIGHT / 20)];
    const struct vanon_gray_picture small = {noise, WIDTH / 20, HEIGHT / 20, WIDTH / 20};
    struct vanon_resize resize = {0};

    bench_noise(noise, sizeof noise);
    bench_require(!vanon_resize_run(&resize, &small, pixels, WIDTH, HEIGHT, WIDTH), "memory");
    vanon_resize_free(&resize);
}

/* NULL: the cascade is not installed. */
static void *create_cascade(const void *parameters)
{
    struct cascade *cascade = calloc(1, sizeof *cascade);

    bench_require(cascade != NULL, "memory");
    cascade->pixels = malloc((size_t)WIDTH * HEIGHT);
    bench_require(cascade->pixels != NULL, "memory");
    if (vanon_haar_cascade_load(&cascade->cascade, parameters, NULL)) {
        free(cascade->pixels);
        free(cascade);
        return NULL;
    }
    bench_require(!vanon_haar_create(&cascade->haar, cascade->cascade), "memory");
    fill_picture(cascade->pixels);
    return cascade;
}

static void find(void *opaque)
{
    const struct vanon_haar_params params = {
        .scale_factor = 1.1, .min_neighbours = 5, .least_width = 60, .least_height = 60};
    struct cascade *cascade = opaque;
    const struct vanon_gray_picture picture = {cascade->pixels, WIDTH, HEIGHT, WIDTH};

    bench_require(!vanon_haar_detect(cascade->haar, &picture, &params, &cascade->boxes),
                  "detection");
}

static void destroy_cascade(void *opaque)
{
    struct cascade *cascade = opaque;

    vanon_haar_destroy(&cascade->haar);
    vanon_haar_boxes_free(&cascade->boxes);
    vanon_haar_cascade_destroy(&cascade->cascade);
    free(cascade->pixels);
    free(cascade);
}

const struct bench bench_detect[] = {
    {"output tensor 56x5040", NULL, create_tensor, decode, destroy_tensor, ANCHORS},
    {"haar, 720p, frontal face", "haarcascade_frontalface_default.xml", create_cascade, find,
     destroy_cascade, WIDTH *HEIGHT},
    {"haar, 720p, tilted (smile)", "haarcascade_smile.xml", create_cascade, find, destroy_cascade,
     WIDTH *HEIGHT},
    {0},
};
