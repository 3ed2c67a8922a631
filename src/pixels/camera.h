/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the camera does from frame to frame, told from the pictures: whether it cut to another
 * scene, and how the scene moved in the picture: shifted, turned and scaled (panned, rolled,
 * zoomed).
 *
 * Each frame is made small, to 160 x 90 cells of mean brightness. Of blocks of 8 x 8 cells, those
 * with something on them are looked for in an earlier picture, each near where the motion so far
 * leads to: the motion that most of them agree on is the camera's; where there is none, and nearly
 * no block is found again anywhere near, the scene is another one. Motion is told from a picture
 * that is kept as long as it fits, not from the last one, so that errors don't add up; a scene that
 * stands still has moved by exactly nothing. People who move are outvoted by what is behind them.
 * Brightness that changes as a whole is no change.
 *
 * Nothing is allocated after creation. Results depend only on the frames, in order. Thread-safety:
 * an object belongs to one thread at a time.
 */
#ifndef VANON_PIXELS_CAMERA_H
#define VANON_PIXELS_CAMERA_H

#include <vanon/frame.h>

#include "base/matrix.h"
#include "pixels/surfaces.h"

typedef struct vanon_camera vanon_camera;

enum vanon_scene {
    VANON_SCENE_UNKNOWN, /* no picture before, too little to see on it, or too much that changed */
    VANON_SCENE_SAME,
    VANON_SCENE_CUT,
};

struct vanon_camera_step {
    enum vanon_scene scene;
    vanon_matrix moved; /* where the scene went since the last frame, display pixels: a similarity;
                           the identity, exactly: nowhere, or not known */
};

/* VANON_ERR_MEMORY. */
int vanon_camera_create(vanon_camera **out);
void vanon_camera_destroy(vanon_camera **camera);

/* From now on frames in that device's memory are looked at, too. It must outlive the camera. */
void vanon_camera_use(vanon_camera *camera, vanon_surfaces *surfaces);

/* Takes the next frame. One whose samples nobody here can read, or of another size or kind than the
 * last, tells nothing. As vanon_surfaces_cells; then the frame told nothing, either. */
int vanon_camera_next(vanon_camera *camera, const vanon_frame *frame,
                      struct vanon_camera_step *step);

/* Forgets all frames. */
void vanon_camera_reset(vanon_camera *camera);

#endif
