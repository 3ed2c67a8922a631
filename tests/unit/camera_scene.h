/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up scenes before a camera that moves. */
#ifndef VANON_TESTS_CAMERA_SCENE_H
#define VANON_TESTS_CAMERA_SCENE_H

#include "unit.h"

#include <math.h>
#include <string.h>

#include <vanon/frame.h>

#include "base/matrix.h"

#define WIDTH   320
#define HEIGHT  180
#define LATTICE 12 /* pixels from one bright or dark spot of a scene to the next */

static inline uint32_t mix(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t hash = (x * 2654435761u) ^ (y * 2246822519u) ^ (seed * 3266489917u);

    hash = (hash ^ hash >> 15) * 2246822519u;
    return (hash ^ hash >> 13) >> 8;
}

/* The scene's brightness at a place, 20 to 220: spots at random, smooth between them. */
static inline double brightness(double x, double y, uint32_t seed)
{
    double cx = floor(x / LATTICE), cy = floor(y / LATTICE);
    double fx = x / LATTICE - cx, fy = y / LATTICE - cy, at[4];

    for (int i = 0; i < 4; i++)
        at[i] = 20 + mix((uint32_t)(int)cx + i % 2, (uint32_t)(int)cy + i / 2, seed) % 200;
    return (at[0] * (1 - fx) + at[1] * fx) * (1 - fy) + (at[2] * (1 - fx) + at[3] * fx) * fy;
}

struct shot {
    uint32_t scene;
    double x, y;     /* how far the scene is moved in the picture */
    double turn;     /* about the picture's middle, radians */
    double zoom;     /* likewise; 0: none */
    double brighter; /* as a whole */
    int noise;       /* at most */
    int walker; /* where the left end of a second scene is that covers a fourth; < 0: nowhere */
};

static inline vanon_frame *make_frame(enum vanon_pixel_format format)
{
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, format, WIDTH, HEIGHT), VANON_OK);
    frame->sar = (vanon_rational){1, 1};
    return frame;
}

/* Where the picture shows the scene. */
static inline vanon_matrix shot_matrix(const struct shot *shot)
{
    double zoom = shot->zoom > 0 ? shot->zoom : 1;
    double a = zoom * cos(shot->turn), b = zoom * sin(shot->turn), x, y;
    vanon_matrix matrix = {.xx = a, .xy = -b, .yx = b, .yy = a};

    vanon_matrix_apply(&matrix, WIDTH / 2., HEIGHT / 2., &x, &y);
    matrix.x0 = shot->x + WIDTH / 2. - x;
    matrix.y0 = shot->y + HEIGHT / 2. - y;
    return matrix;
}

static inline void paint(vanon_frame *frame, const struct shot *shot, uint32_t number)
{
    vanon_matrix matrix = shot_matrix(shot), to_scene = vanon_matrix_invert(&matrix);

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            bool walks = shot->walker >= 0 && x >= shot->walker && x < shot->walker + WIDTH / 4;
            uint8_t *line = frame->plane[0] + y * frame->stride[0];
            double at_x, at_y, value;

            vanon_matrix_apply(&to_scene, x, y, &at_x, &at_y);
            value = walks ? brightness(x - shot->walker, y, 99)
                          : brightness(at_x, at_y, shot->scene) + shot->brighter;
            if (shot->noise)
                value += (int)(mix((uint32_t)x, (uint32_t)y, number + 1000) %
                               (2 * (uint32_t)shot->noise + 1)) -
                         shot->noise;
            value = fmin(fmax(value, 0), 255);
            if (frame->format == VANON_PIXEL_GRAY8) {
                line[x] = (uint8_t)value;
            } else if (frame->format == VANON_PIXEL_RGB24) {
                line[3 * x] = (uint8_t)value;
            } else { /* 10 bits */
                uint16_t word = (uint16_t)(4 * value);

                memcpy(line + 2 * x, &word, sizeof word);
            }
        }
}

#endif
