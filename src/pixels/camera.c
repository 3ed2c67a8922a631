/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera.h"

#include <math.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/camera_blocks.h"
#include "pixels/camera_fit.h"
#include "pixels/frame.h"

#define ENOUGH 8 /* blocks with something on them */
#define ROUNDS 4 /* of looking for blocks where the last round says */

/* Differences of a block in shares of its texture. */
#define STILL 0.25 /* it is the same */
#define FOUND 0.5
#define LOST  0.5 /* more, at the best place near and at half the size: it is something else */

/* Shares of blocks in sight; AGREEING and SURELY: of those found. */
#define MOST_STILL    0.8  /* that are still: the picture is */
#define FEWEST        0.2  /* that must agree at all */
#define FEW           0.4  /* likewise in the kept picture: else the last one has more to tell */
#define AGREEING      0.5  /* with one motion: that is the camera's */
#define SURELY        0.7  /* with one near the last: no other need be looked for */
#define MOST_LOST     0.7  /* the scene is another one */
#define CONTRADICTING 0.15 /* that stand still where the rest moves: a car before a scene */

#define ABOUT_ZERO  1.25 /* how much worse than the best motion none at all may be */
#define FAR_ACROSS  24   /* fine cells from the kept picture: so much of it is out of sight */
#define FAR_DOWN    14
#define FAR_TURNED  0.08 /* radians, or a share of the size: blocks are not turned along */
#define MOST_TURNED 0.3  /* likewise: no camera does that within a few frames */
#define NEAR        1.0  /* cells that a block may be off a motion and still agree with it */
#define SETTLED     0.5  /* cells at the border: so little changes by another round */
#define LEAST       0.5  /* cells at the border: less is none */
#define PIXELS_MOST 32767

static const vanon_matrix unmoved = {.xx = 1, .yy = 1};

struct vanon_camera {
    vanon_surfaces *surfaces; /* NULL: only frames of the host's memory are looked at */
    struct vanon_camera_cells picture[3];
    struct vanon_camera_cells *now, *last, *kept; /* NULL: there is none */
    vanon_matrix place;                           /* from the kept picture to the last one */
    vanon_matrix step;                            /* from the one before the last to that */
    bool lost; /* the last picture was not found in the one before */
    vanon_frame like;
    vanon_matrix to_cells, to_display; /* of that */
    double width, height, cell;        /* display pixels */
    struct vanon_blocks blocks;
    uint8_t line[PIXELS_MOST];
};

int vanon_camera_create(vanon_camera **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return VANON_ERR_MEMORY;
    vanon_camera_reset(*out);
    return VANON_OK;
}

void vanon_camera_destroy(vanon_camera **camera)
{
    free(*camera);
    *camera = NULL;
}

void vanon_camera_use(vanon_camera *camera, vanon_surfaces *surfaces)
{
    camera->surfaces = surfaces;
}

void vanon_camera_reset(vanon_camera *camera)
{
    camera->last = camera->kept = NULL;
    camera->place = camera->step = unmoved;
    camera->lost = false;
}

/* How far apart two motions take the picture's corners, at most, in cells. */
static double apart(const vanon_camera *camera, const vanon_matrix *a, const vanon_matrix *b)
{
    double most = 0;

    for (int i = 0; i < 4; i++) {
        double x = i % 2 * camera->width, y = i / 2 * camera->height, ax, ay, bx, by;

        vanon_matrix_apply(a, x, y, &ax, &ay);
        vanon_matrix_apply(b, x, y, &bx, &by);
        most = fmax(most, (ax - bx) * (ax - bx) + (ay - by) * (ay - by));
    }
    return sqrt(most) / camera->cell;
}

/* Sets where blocks are in the earlier picture if the scene moved like that since. */
static void guess(vanon_camera *camera, const vanon_matrix *place)
{
    vanon_matrix back = vanon_matrix_invert(place);

    back = vanon_matrix_then(&camera->to_display, &back);
    back = vanon_matrix_then(&back, &camera->to_cells);
    vanon_blocks_guess(&camera->blocks, &back);
}

/* What a motion since the picture `from` costs: the mean over all blocks that fall inside of it, of
 * differences in shares of texture, none above 1; so whatever moves on its own weighs little.
 * Infinite where most fall outside. `agreeing`: the share of blocks that differ by `least` at most.
 */
static double cost_of(vanon_camera *camera, const struct vanon_camera_cells *from,
                      const vanon_matrix *place, double least, double *agreeing)
{
    const struct vanon_blocks *blocks = &camera->blocks;
    int inside = 0, found = 0;
    double cost = 0;

    guess(camera, place);
    for (int i = 0; i < blocks->count; i++) {
        const struct vanon_block *block = &blocks->block[i];
        double difference = vanon_block_difference(block, from, block->at_x, block->at_y);

        if (!isfinite(difference))
            continue;
        inside++;
        found += difference <= least;
        cost += fmin(1, difference);
    }
    *agreeing = inside ? (double)found / inside : 0;
    return 2 * inside >= blocks->count && inside ? cost / inside : INFINITY;
}

/* Looks for the blocks near where a motion takes them, and for the motion that most of those that
 * are found agree on. Returns the share of these; 0 where they are too few to tell. */
static double look_near(vanon_camera *camera, const struct vanon_camera_cells *from,
                        const vanon_matrix *near, vanon_matrix *fit)
{
    const struct vanon_blocks *blocks = &camera->blocks;
    double fewest = from == camera->last ? FEWEST : FEW;
    struct vanon_pair pairs[VANON_BLOCKS_MOST];
    double reach = fmax(camera->width, camera->height) / 2, half = VANON_BLOCK / 2.0;
    int count = 0, inside = 0, agreeing;

    guess(camera, near);
    vanon_blocks_search(&camera->blocks, from);
    for (int i = 0; i < blocks->count; i++) {
        const struct vanon_block *block = &blocks->block[i];
        struct vanon_pair *pair = &pairs[count];

        inside += isfinite(block->difference);
        if (!block->found || block->difference > FOUND)
            continue;
        vanon_matrix_apply(&camera->to_display, block->found_x + half, block->found_y + half,
                           &pair->from_x, &pair->from_y);
        vanon_matrix_apply(&camera->to_display, block->x + half, block->y + half, &pair->to_x,
                           &pair->to_y);
        count++;
    }
    agreeing = vanon_fit_similarity(pairs, count, near, NEAR * camera->cell, reach,
                                    LEAST * camera->cell, fit);
    return 2 * inside >= blocks->count && agreeing >= fmax(ENOUGH, fewest * inside)
               ? (double)agreeing / count
               : 0;
}

/* The same, again from where that leads to until it changes nothing. What is about nothing is none
 * at all. */
static double settle_near(vanon_camera *camera, const struct vanon_camera_cells *from,
                          const vanon_matrix *near, vanon_matrix *place)
{
    vanon_matrix at = *near;
    double agreeing = 0;

    for (int i = 0; i < ROUNDS; i++) {
        agreeing = look_near(camera, from, &at, place);
        if (apart(camera, &at, place) < SETTLED)
            break;
        at = *place;
    }
    if (apart(camera, place, &unmoved) < LEAST)
        *place = unmoved;
    return agreeing;
}

/* Many blocks stand still and don't go with the motion. */
static bool is_contradicted(vanon_camera *camera, const struct vanon_camera_cells *from,
                            const vanon_matrix *place)
{
    const struct vanon_blocks *blocks = &camera->blocks;
    int against = 0;

    guess(camera, place);
    for (int i = 0; i < blocks->count; i++) {
        const struct vanon_block *block = &blocks->block[i];

        against += vanon_block_difference(block, from, block->x, block->y) <= STILL &&
                   vanon_block_difference(block, from, block->at_x, block->at_y) > FOUND;
    }
    return against >= CONTRADICTING * blocks->count;
}

/* Takes none at all for the camera's motion where that is about as good. */
static void prefer_none(vanon_camera *camera, const struct vanon_camera_cells *from,
                        vanon_matrix *place, double *agreeing)
{
    double still, ignored, none = cost_of(camera, from, &unmoved, FOUND, &still);

    if (none > ABOUT_ZERO * cost_of(camera, from, place, FOUND, &ignored) &&
        !is_contradicted(camera, from, place))
        return;
    *place = unmoved;
    *agreeing = still;
}

/* Moves a motion by what blocks are found farther off in the earlier picture, in cells. */
static void shift(const vanon_camera *camera, int dx, int dy, vanon_matrix *place)
{
    double x, y, x0, y0;

    vanon_matrix_apply(&camera->to_display, dx, dy, &x, &y);
    vanon_matrix_apply(&camera->to_display, 0, 0, &x0, &y0);
    place->x0 -= place->xx * (x - x0) + place->xy * (y - y0);
    place->y0 -= place->yx * (x - x0) + place->yy * (y - y0);
}

/* How much a motion turns and scales: radians, or a share of the size. */
static double turned(const vanon_matrix *place)
{
    return sqrt((place->xx - 1) * (place->xx - 1) + place->yx * place->yx);
}

/* The motion of the present picture from an earlier one that most blocks agree on: near `near`,
 * else anywhere within reach. False: there is none. */
static bool find_place(vanon_camera *camera, const struct vanon_camera_cells *from,
                       const vanon_matrix *near, vanon_matrix *place)
{
    vanon_matrix shifted = *near;
    int dx = 0, dy = 0;
    double agreeing = settle_near(camera, from, near, place);

    if (agreeing >= SURELY && turned(place) <= MOST_TURNED && !is_contradicted(camera, from, place))
        return true;
    guess(camera, near);
    if (!vanon_blocks_sweep(&camera->blocks, from, &dx, &dy))
        return false;
    shift(camera, dx, dy, &shifted);
    agreeing = settle_near(camera, from, &shifted, place);
    prefer_none(camera, from, place, &agreeing);
    return agreeing >= AGREEING && turned(place) <= MOST_TURNED;
}

/* Nearly no block is found anywhere near. */
static bool is_other_scene(const vanon_camera *camera)
{
    const struct vanon_blocks *blocks = &camera->blocks;
    int lost = 0;

    for (int i = 0; i < blocks->count; i++)
        lost += blocks->block[i].best > LOST * blocks->block[i].coarse;
    return lost >= MOST_LOST * blocks->count;
}

/* Notes where the present picture is from the kept one. */
static void note_place(vanon_camera *camera, const vanon_matrix *place)
{
    vanon_matrix back = vanon_matrix_invert(&camera->place);

    camera->step = vanon_matrix_is_identity(place) && vanon_matrix_is_identity(&camera->place)
                       ? unmoved
                       : vanon_matrix_then(&back, place);
    camera->place = *place;
}

static void light(vanon_camera *camera, const struct vanon_camera_cells *from)
{
    vanon_blocks_light(&camera->blocks, camera->now, camera->now->mean - from->mean);
}

/* Where the present picture is, from the kept one or else from the last: sets `place` and `step`.
 */
static enum vanon_scene compare(vanon_camera *camera)
{
    vanon_matrix near = vanon_matrix_then(&camera->place, &camera->step), place;
    double still;

    light(camera, camera->kept);
    cost_of(camera, camera->kept, &unmoved, STILL, &still);
    if (vanon_matrix_is_identity(&camera->place) && still >= MOST_STILL) {
        camera->step = unmoved;
        return VANON_SCENE_SAME;
    }
    if (find_place(camera, camera->kept, &near, &place)) {
        note_place(camera, &place);
        return VANON_SCENE_SAME;
    }
    near = camera->step;
    camera->kept = camera->last;
    camera->place = camera->step = unmoved;
    light(camera, camera->kept);
    if (find_place(camera, camera->last, &near, &place)) {
        note_place(camera, &place);
        return VANON_SCENE_SAME;
    }
    return is_other_scene(camera) && !camera->lost ? VANON_SCENE_CUT : VANON_SCENE_UNKNOWN;
}

/* A picture that is neither the last nor the kept one. */
static struct vanon_camera_cells *free_picture(vanon_camera *camera)
{
    struct vanon_camera_cells *picture = camera->picture;

    while (picture == camera->last || picture == camera->kept)
        picture++;
    return picture;
}

/* Too little of the kept picture is left, or too differently, to look for blocks in it. */
static bool is_far(const vanon_camera *camera)
{
    const vanon_matrix *place = &camera->place;
    double x, y;

    vanon_matrix_apply(place, camera->width / 2, camera->height / 2, &x, &y);
    vanon_matrix_apply(&camera->to_cells, x, y, &x, &y);
    return turned(place) > FAR_TURNED || fabs(x - VANON_CELL_COLUMNS / 2.0) > FAR_ACROSS ||
           fabs(y - VANON_CELL_ROWS / 2.0) > FAR_DOWN;
}

static void begin(vanon_camera *camera, const vanon_frame *frame)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    vanon_matrix shrink = {.xx = (double)VANON_CELL_COLUMNS / frame->width,
                           .yy = (double)VANON_CELL_ROWS / frame->height};

    camera->to_cells = vanon_matrix_then(&to_coded, &shrink);
    camera->to_display = vanon_matrix_invert(&camera->to_cells);
    vanon_frame_display_size(frame, &camera->width, &camera->height);
    camera->cell = sqrt(camera->width * camera->height / (VANON_CELL_COLUMNS * VANON_CELL_ROWS));
}

static bool can_read(const vanon_camera *camera, const vanon_frame *frame)
{
    return frame->memory == VANON_MEMORY_HOST
               ? frame->plane[0] != NULL
               : frame->memory == VANON_MEMORY_CUDA && camera->surfaces;
}

/* The frame's small picture becomes the present one. */
static int take_picture(vanon_camera *camera, const vanon_frame *frame)
{
    camera->like = *frame;
    camera->now = free_picture(camera);
    if (frame->memory == VANON_MEMORY_CUDA)
        return vanon_surfaces_cells(camera->surfaces, frame, camera->now);
    vanon_cells_take(camera->now, frame, camera->line);
    return VANON_OK;
}

int vanon_camera_next(vanon_camera *camera, const vanon_frame *frame,
                      struct vanon_camera_step *step)
{
    bool readable = can_read(camera, frame), tells, found;
    int status;

    *step = (struct vanon_camera_step){.moved = unmoved};
    if (!readable || (camera->last && !vanon_frame_same_kind(&camera->like, frame)))
        vanon_camera_reset(camera);
    if (!readable)
        return VANON_OK;
    if (!camera->last)
        begin(camera, frame);
    status = take_picture(camera, frame);
    if (status)
        return status;
    vanon_blocks_take(&camera->blocks, camera->now);
    tells = camera->last && camera->blocks.count >= ENOUGH;
    if (tells)
        step->scene = compare(camera);
    found = step->scene == VANON_SCENE_SAME;
    if (found)
        step->moved = camera->step;
    camera->lost = !found && tells;
    camera->last = camera->now;
    if (!found || is_far(camera)) {
        camera->kept = camera->now;
        camera->place = unmoved;
    }
    if (!found)
        camera->step = unmoved;
    return VANON_OK;
}
