/* SPDX-License-Identifier: Apache-2.0 */
#include "pixels/camera.h"

#include <math.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "pixels/camera_cells.h"
#include "pixels/frame.h"

#define BLOCK      8  /* cells */
#define PITCH      10 /* from block to block */
#define ACROSS     (VANON_CELL_COLUMNS / PITCH)
#define DOWN       (VANON_CELL_ROWS / PITCH)
#define REACH      5   /* coarse cells that are searched on each side: a sixteenth of the picture */
#define MOST_STEPS 4   /* fine cells downhill */
#define TEXTURE    2.5 /* mean deviation from a block's mean: less has nothing to be found by */
#define ENOUGH     8   /* blocks with something on them */

/* Shares of a block's texture: a mean difference below which a block is the same. */
#define STILL 0.25
#define FOUND 0.5
#define LOST  0.5 /* more, at the best place near and at half the size: it is something else */

/* Shares of blocks. */
#define MOST_STILL    0.8  /* that are still: the picture is */
#define AGREEING      0.5  /* with one shift: that is the camera's */
#define SURELY        0.7  /* with one near the last: no other need be looked for */
#define MOST_LOST     0.7  /* the scene is another one */
#define CONTRADICTING 0.15 /* that stand still where the rest moves: a car before a scene */

#define ABOUT_ZERO  1.25 /* how much worse than the best shift none at all may be */
#define FAR_ACROSS  24   /* fine cells from the kept picture: so much of it is out of sight */
#define FAR_DOWN    14
#define PIXELS_MOST 32767

/* A piece of the present picture. */
struct block {
    int x, y;            /* fine cells */
    int texture, coarse; /* sums of deviations, at both sizes */
    int best;            /* the least coarse difference at any shift */
};

struct shift {
    double x, y;     /* fine cells */
    double agreeing; /* share of blocks */
};

struct vanon_camera {
    vanon_surfaces *surfaces; /* NULL: only frames of the host's memory are looked at */
    struct vanon_camera_cells picture[3];
    struct vanon_camera_cells *now, *last, *kept; /* NULL: there is none */
    double x, y; /* how far the last picture is from the kept one, fine cells */
    bool lost;   /* the last picture was not found in the one before */
    vanon_frame like;
    struct block block[ACROSS * DOWN / 2 + 1];
    int blocks;
    uint8_t line[PIXELS_MOST];
};

int vanon_camera_create(vanon_camera **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return VANON_ERR_MEMORY;
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
    camera->x = camera->y = 0;
    camera->lost = false;
}

static int texture_of(const uint8_t *cells, int stride, int size)
{
    int sum = 0, deviation = 0, count = size * size, mean;

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            sum += cells[y * stride + x];
    mean = (sum + count / 2) / count;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            deviation += abs(cells[y * stride + x] - mean);
    return deviation;
}

/* The blocks of the present picture that have something on them. */
static void choose_blocks(vanon_camera *camera)
{
    const struct vanon_camera_cells *now = camera->now;

    camera->blocks = 0;
    for (int j = 0; j < DOWN; j++)
        for (int i = j % 2; i < ACROSS; i += 2) { /* every second one is enough */
            struct block *block = &camera->block[camera->blocks];

            *block = (struct block){.x = PITCH * i, .y = PITCH * j, .best = INT32_MAX};
            block->texture = texture_of(&now->fine[block->y][block->x], VANON_CELL_COLUMNS, BLOCK);
            block->coarse = texture_of(&now->coarse[block->y / 2][block->x / 2],
                                       VANON_CELL_COLUMNS / 2, BLOCK / 2);
            camera->blocks += block->texture >= TEXTURE * BLOCK * BLOCK && block->coarse;
        }
}

/* `brighter`: how much `a` is as a whole. */
static int fine_difference(const uint8_t *a, const uint8_t *b, int brighter)
{
    int sum = 0;

    for (int y = 0; y < BLOCK; y++)
        for (int x = 0; x < BLOCK; x++)
            sum += abs(a[y * VANON_CELL_COLUMNS + x] - b[y * VANON_CELL_COLUMNS + x] - brighter);
    return sum;
}

static int coarse_difference(const uint8_t *a, const uint8_t *b, int brighter)
{
    enum { STRIDE = VANON_CELL_COLUMNS / 2 };
    int sum = 0;

    for (int y = 0; y < BLOCK / 2; y++)
        for (int x = 0; x < BLOCK / 2; x++)
            sum += abs(a[y * STRIDE + x] - b[y * STRIDE + x] - brighter);
    return sum;
}

/* The difference of a block at a shift, in shares of its texture; infinite outside. */
static double difference_at(const vanon_camera *camera, const struct vanon_camera_cells *from,
                            const struct block *block, int dx, int dy)
{
    int x = block->x - dx, y = block->y - dy;

    if (x < 0 || y < 0 || x > VANON_CELL_COLUMNS - BLOCK || y > VANON_CELL_ROWS - BLOCK)
        return INFINITY;
    return (double)fine_difference(&camera->now->fine[block->y][block->x], &from->fine[y][x],
                                   camera->now->mean - from->mean) /
           block->texture;
}

/* What a shift of the picture `from` costs: the mean over all blocks that fall inside of it, of
 * differences in shares of texture, none above 1; so whatever moves on its own weighs little.
 * Infinite where most fall outside. `agreeing`: the share of blocks that differ by `least` at most.
 */
static double fine_cost(const vanon_camera *camera, const struct vanon_camera_cells *from, int dx,
                        int dy, double least, double *agreeing)
{
    int inside = 0, found = 0;
    double cost = 0;

    for (int i = 0; i < camera->blocks; i++) {
        double difference = difference_at(camera, from, &camera->block[i], dx, dy);

        if (!isfinite(difference))
            continue;
        inside++;
        found += difference <= least;
        cost += fmin(1, difference);
    }
    *agreeing = inside ? (double)found / inside : 0;
    return 2 * inside >= camera->blocks && inside ? cost / inside : INFINITY;
}

/* The same at half the size; notes each block's best place. */
static double coarse_cost(vanon_camera *camera, const struct vanon_camera_cells *from, int dx,
                          int dy)
{
    int brighter = camera->now->mean - from->mean, inside = 0;
    double cost = 0;

    for (int i = 0; i < camera->blocks; i++) {
        struct block *block = &camera->block[i];
        int x = block->x / 2 - dx, y = block->y / 2 - dy, difference;

        if (x < 0 || y < 0 || x > (VANON_CELL_COLUMNS - BLOCK) / 2 ||
            y > (VANON_CELL_ROWS - BLOCK) / 2)
            continue;
        difference = coarse_difference(&camera->now->coarse[block->y / 2][block->x / 2],
                                       &from->coarse[y][x], brighter);
        inside++;
        if (difference < block->best)
            block->best = difference;
        cost += fmin(1, (double)difference / block->coarse);
    }
    return 2 * inside >= camera->blocks && inside ? cost / inside : INFINITY;
}

/* Between whole cells: where a parabola through three costs is lowest. */
static double between(double before, double at, double after)
{
    double bend = before - 2 * at + after;

    return isfinite(bend) && bend > 0 ? fmax(-.5, fmin(.5, (before - after) / (2 * bend))) : 0;
}

/* Adds what lies between whole cells to the shift. */
static void refine(const vanon_camera *camera, const struct vanon_camera_cells *from, int dx,
                   int dy, struct shift *shift)
{
    double ignored, at = fine_cost(camera, from, dx, dy, FOUND, &shift->agreeing);

    shift->x = dx + between(fine_cost(camera, from, dx - 1, dy, FOUND, &ignored), at,
                            fine_cost(camera, from, dx + 1, dy, FOUND, &ignored));
    shift->y = dy + between(fine_cost(camera, from, dx, dy - 1, FOUND, &ignored), at,
                            fine_cost(camera, from, dx, dy + 1, FOUND, &ignored));
}

/* Goes downhill from a shift, a cell at a time. Returns the cost where that ends. */
static double descend(const vanon_camera *camera, const struct vanon_camera_cells *from, int *x,
                      int *y)
{
    static const int way[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    double ignored, least = fine_cost(camera, from, *x, *y, FOUND, &ignored);
    bool better = true;

    for (int steps = 0; steps < MOST_STEPS && better; steps++) {
        int from_x = *x, from_y = *y;

        better = false;
        for (int i = 0; i < 4; i++) {
            double cost =
                fine_cost(camera, from, from_x + way[i][0], from_y + way[i][1], FOUND, &ignored);

            if (cost < least) {
                least = cost;
                *x = from_x + way[i][0];
                *y = from_y + way[i][1];
                better = true;
            }
        }
    }
    return least;
}

/* Many blocks stand still and don't go with the shift. */
static bool is_contradicted(const vanon_camera *camera, const struct vanon_camera_cells *from,
                            int dx, int dy)
{
    int against = 0;

    for (int i = 0; i < camera->blocks; i++)
        against += difference_at(camera, from, &camera->block[i], 0, 0) <= STILL &&
                   difference_at(camera, from, &camera->block[i], dx, dy) > FOUND;
    return against >= CONTRADICTING * camera->blocks;
}

/* Takes a whole shift of that cost for the camera's, or none at all where that is about as good. */
static void settle(const vanon_camera *camera, const struct vanon_camera_cells *from, int x, int y,
                   double cost, struct shift *shift)
{
    if (fine_cost(camera, from, 0, 0, FOUND, &shift->agreeing) <= ABOUT_ZERO * cost ||
        is_contradicted(camera, from, x, y))
        shift->x = shift->y = 0;
    else
        refine(camera, from, x, y, shift);
}

/* The shift of the present picture from an earlier one that most blocks agree on: near (x, y), else
 * anywhere within reach. False: there is none. */
static bool find_shift(vanon_camera *camera, const struct vanon_camera_cells *from, double x,
                       double y, struct shift *shift)
{
    int centre_x = (int)lrint(x / 2), centre_y = (int)lrint(y / 2), dx = 0, dy = 0;
    int fine_x = (int)lrint(x), fine_y = (int)lrint(y);
    double least = descend(camera, from, &fine_x, &fine_y);

    settle(camera, from, fine_x, fine_y, least, shift);
    if (shift->agreeing >= SURELY)
        return true;
    least = INFINITY;

    for (int j = centre_y - REACH; j <= centre_y + REACH; j++)
        for (int i = centre_x - REACH; i <= centre_x + REACH; i++) {
            double cost = coarse_cost(camera, from, i, j);

            if (cost < least) {
                least = cost;
                dx = i;
                dy = j;
            }
        }
    fine_x = 2 * dx;
    fine_y = 2 * dy;
    least = descend(camera, from, &fine_x, &fine_y);
    settle(camera, from, fine_x, fine_y, least, shift);
    return shift->agreeing >= AGREEING;
}

/* Nearly no block is found anywhere near. */
static bool is_other_scene(const vanon_camera *camera)
{
    int lost = 0;

    for (int i = 0; i < camera->blocks; i++)
        lost += camera->block[i].best > LOST * camera->block[i].coarse;
    return lost >= MOST_LOST * camera->blocks;
}

/* Where the present picture is, from the kept one or else from the last. Sets the shift since the
 * last frame, in cells. */
static enum vanon_scene compare(vanon_camera *camera, double *x, double *y)
{
    struct shift shift;
    double still;
    bool other;

    *x = *y = 0;
    fine_cost(camera, camera->kept, 0, 0, STILL, &still);
    if (camera->x == 0 && camera->y == 0 && still >= MOST_STILL)
        return VANON_SCENE_SAME;
    if (find_shift(camera, camera->kept, camera->x, camera->y, &shift)) {
        *x = shift.x - camera->x;
        *y = shift.y - camera->y;
        camera->x = shift.x;
        camera->y = shift.y;
        return VANON_SCENE_SAME;
    }
    for (int i = 0; i < camera->blocks; i++)
        camera->block[i].best = INT32_MAX;
    camera->kept = camera->last;
    camera->x = camera->y = 0;
    if (find_shift(camera, camera->last, 0, 0, &shift)) {
        *x = camera->x = shift.x;
        *y = camera->y = shift.y;
        return VANON_SCENE_SAME;
    }
    other = is_other_scene(camera) && !camera->lost;
    return other ? VANON_SCENE_CUT : VANON_SCENE_UNKNOWN;
}

/* A picture that is neither the last nor the kept one. */
static struct vanon_camera_cells *free_picture(vanon_camera *camera)
{
    struct vanon_camera_cells *picture = camera->picture;

    while (picture == camera->last || picture == camera->kept)
        picture++;
    return picture;
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
    bool readable = can_read(camera, frame), found;
    double x, y;
    int status;

    *step = (struct vanon_camera_step){0};
    if (!readable || (camera->last && !vanon_frame_same_kind(&camera->like, frame)))
        vanon_camera_reset(camera);
    status = readable ? take_picture(camera, frame) : VANON_OK;
    if (status || !readable)
        return status;
    choose_blocks(camera);
    if (camera->last && camera->blocks >= ENOUGH) {
        step->scene = compare(camera, &x, &y);
        if (x != 0 || y != 0) {
            vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
            vanon_matrix to_display = vanon_matrix_invert(&to_coded);

            x *= (double)frame->width / VANON_CELL_COLUMNS;
            y *= (double)frame->height / VANON_CELL_ROWS;
            step->x = to_display.xx * x + to_display.xy * y;
            step->y = to_display.yx * x + to_display.yy * y;
        }
    }
    found = step->scene == VANON_SCENE_SAME;
    camera->lost = !found && camera->last && camera->blocks >= ENOUGH;
    camera->last = camera->now;
    if (!found || fabs(camera->x) > FAR_ACROSS || fabs(camera->y) > FAR_DOWN) {
        camera->kept = camera->now;
        camera->x = camera->y = 0;
    }
    return VANON_OK;
}
