/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scale.h"

#include <math.h>

#include "base/box.h"
#include "base/memory.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

#define SMALLEST 24        /* display pixels; of anybody smaller there is nothing to tell */
#define OVERLAP  (1.0 / 3) /* of a part's side */
/* The smallest get as many network pixels as they need; nothing more is to be seen beyond. */
#define MOST_ENLARGED ((double)VANON_SCALE_TARGET / SMALLEST)
/* By less, in one piece: parts are worth what they cost. */
#define LEAST_ENLARGED 1.5
#define BORDER         0.01 /* of the picture's longer side */
#define HOLD           3.0  /* seconds that a need lasts */
#define USUAL_INTERVAL (1.0 / 25)
#define LARGEST_EVERY  8 /* frames between two wide looks, where the budget is short */

/* A part's side, of the picture's. */
static double part_of(int grid)
{
    return 1 / (grid - (grid - 1) * OVERLAP);
}

static void add_step(struct vanon_scale_ladder *ladder, const vanon_frame *like, int imgsz,
                     int grid, double longer)
{
    struct vanon_scale_step *step = &ladder->step[ladder->steps++];
    int width, height;

    vanon_letterbox_size(like, imgsz, &width, &height);
    *step = (struct vanon_scale_step){.imgsz = imgsz,
                                      .grid = grid,
                                      .reach = imgsz / (part_of(grid) * longer),
                                      .pixels = (double)grid * grid * width * height};
}

void vanon_scale_ladder_make(struct vanon_scale_ladder *ladder, const vanon_frame *like,
                             double budget)
{
    static const struct {
        int imgsz, grid;
        double beyond; /* the picture's longer side that makes it worth it */
    } rungs[VANON_SCALE_STEPS] = {
        {640, 1, 0},
        {960, 1, 960 / MOST_ENLARGED},
        {1280, 1, 1280 / MOST_ENLARGED},
        {1920, 1, 1920 / MOST_ENLARGED},
        {1920, 2, 1920 / LEAST_ENLARGED + 1},
        {1920, 3, 2 * 1920 + 1},
    };
    double width, height;

    vanon_frame_display_size(like, &width, &height);
    *ladder = (struct vanon_scale_ladder){.budget = budget, .width = width, .height = height};
    for (size_t i = 0; i < VANON_COUNT(rungs); i++)
        if (fmax(width, height) >= rungs[i].beyond)
            add_step(ladder, like, rungs[i].imgsz, rungs[i].grid, fmax(width, height));
}

void vanon_scale_ladder_fixed(struct vanon_scale_ladder *ladder)
{
    *ladder = (struct vanon_scale_ladder){.step = {{.grid = 1}}, .steps = 1};
}

static size_t step_for(const struct vanon_scale_ladder *ladder, double size)
{
    size_t i = 0;

    while (i + 1 < ladder->steps && ladder->step[i].reach * size < VANON_SCALE_TARGET)
        i++;
    return i;
}

static bool is_at_border(const struct vanon_scale_ladder *ladder, const vanon_box *box)
{
    double near = BORDER * fmax(ladder->width, ladder->height);

    return box->x0 < near || box->y0 < near || box->x1 > ladder->width - near ||
           box->y1 > ladder->height - near;
}

void vanon_scale_see(const struct vanon_scale_ladder *ladder, struct vanon_scale_scene *scene,
                     const vanon_object_list *objects, double least)
{
    if (scene->largest_until <= scene->time)
        scene->largest = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *object = &objects->object[i];
        double size = vanon_box_longer_side(&object->box);

        if (object->class_id != VANON_CLASS_PERSON || object->score < (float)least ||
            !(size >= SMALLEST))
            continue;
        if (!is_at_border(ladder, &object->box))
            scene->until[step_for(ladder, size)] = scene->time + HOLD;
        if (size >= scene->largest) {
            scene->largest = size;
            scene->largest_until = scene->time + HOLD;
        }
    }
}

vanon_scale_set vanon_scale_all(const struct vanon_scale_ladder *ladder)
{
    return 1u | 1u << (ladder->steps - 1);
}

struct vanon_scale_plan vanon_scale_plan(const struct vanon_scale_ladder *ladder,
                                         const struct vanon_scale_scene *scene, double spacing)
{
    double interval = scene->interval > 0 ? scene->interval : USUAL_INTERVAL;
    double allowed = ladder->budget * interval * spacing;
    const struct vanon_scale_step *step = ladder->step;
    struct vanon_scale_plan plan = {.wide_every = 1};
    size_t need = ladder->steps - 1;
    vanon_scale_set near;
    double first;

    while (need && scene->until[need] <= scene->time)
        need--;
    near = step[need].reach * scene->largest > VANON_SCALE_LARGEST ? 1 : 0;
    first = near || !need ? step[0].pixels : 0;
    if (!need || step[need].pixels + first <= allowed) {
        plan.always = near | 1u << need;
        return plan;
    }
    plan.always = 1;
    plan.wide = 1u << need;
    for (plan.wide_every = 2; plan.wide_every < LARGEST_EVERY; plan.wide_every++)
        if (step[0].pixels + step[need].pixels / plan.wide_every <= allowed)
            break;
    return plan;
}

vanon_box vanon_scale_part(const struct vanon_scale_step *step, size_t index, double width,
                           double height)
{
    double side = part_of(step->grid), pace = side * (1 - OVERLAP);
    double x = (double)(index % (size_t)step->grid) * pace;
    double y = (double)(index / (size_t)step->grid) * pace;

    return (vanon_box){(float)(x * width), (float)(y * height), (float)((x + side) * width),
                       (float)((y + side) * height)};
}

double vanon_scale_overlap(const struct vanon_scale_step *step, double shorter)
{
    return step->grid > 1 ? OVERLAP * part_of(step->grid) * shorter : 0;
}
