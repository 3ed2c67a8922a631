/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pixel of the letterbox (pixels/letterbox.h): the arithmetic of the GPU's kernel, host and
 * device. Pure. Gives the bits that vanon_letterbox_run gives.
 */
#ifndef VANON_CUDA_LETTERBOX_MATH_H
#define VANON_CUDA_LETTERBOX_MATH_H

#include <stdint.h>

#include "host_device.h"

/* One component of the frame. */
struct vanon_gpu_component {
    uint64_t offset; /* bytes from the frame's start to the component's first sample */
    int64_t stride;  /* bytes from a line to the next */
    int32_t chroma;  /* 1: has the chroma's axes */
    int32_t step;    /* bytes from a sample to the one after it */
};

/*
 * A plan, as vanon_letterbox_look shows it. `across` and `down` are the axes along the lines of the
 * coded picture and across them, luma's and chroma's; index, weight and scale as in
 * pixels/letterbox_rows.h and letterbox_plan.h. The pointers are the device's where the kernel
 * reads them, else the host's.
 */
struct vanon_gpu_letterbox {
    int32_t width, height;  /* of the network's input */
    int32_t left, top;      /* padding */
    int32_t columns, lines; /* of the picture inside, along the coded x and y axis */
    int32_t on_its_side;    /* 1: a line of the coded picture is a column of the input */
    int32_t components;     /* 1 or 3 */
    int32_t sample_bytes;   /* 1 or 2 */
    int32_t scale_top, scale_up, scale_down; /* of words */
    int32_t factor[3][3], offset[3], level_top, shift;
    struct vanon_gpu_component component[3];
    const int32_t *across_index[2], *down_index[2]; /* in bytes; in lines */
    const int16_t *across_weight[2], *down_weight[2];
    const uint8_t *tone; /* NULL: no tone curve */
};

/* A sample in 15 bits. */
VANON_HD int32_t vanon_gpu_sample(const struct vanon_gpu_letterbox *plan, const uint8_t *at)
{
    int32_t word;

    if (plan->sample_bytes == 1)
        return at[0] << 7;
    word = at[0] | at[1] << 8;
    return (word < plan->scale_top ? word : plan->scale_top) << plan->scale_up >> plan->scale_down;
}

VANON_HD int32_t vanon_gpu_between(int32_t before, int32_t after, int32_t weight)
{
    return before + (((after - before) * weight + (1 << 14)) >> 15);
}

/* The component's value at a column and line of the result. */
VANON_HD int32_t vanon_gpu_component_at(const struct vanon_gpu_letterbox *plan,
                                        const uint8_t *frame, int number, int column, int line)
{
    const struct vanon_gpu_component *part = &plan->component[number];
    int32_t across = plan->across_weight[part->chroma][column];
    int32_t down = plan->down_weight[part->chroma][line];
    const uint8_t *at = frame + part->offset + plan->down_index[part->chroma][line] * part->stride +
                        plan->across_index[part->chroma][column];
    int32_t above = vanon_gpu_between(vanon_gpu_sample(plan, at),
                                      vanon_gpu_sample(plan, at + part->step), across);

    if (!down) /* perhaps the last line: there is none below it */
        return above;
    at += part->stride;
    return vanon_gpu_between(above,
                             vanon_gpu_between(vanon_gpu_sample(plan, at),
                                               vanon_gpu_sample(plan, at + part->step), across),
                             down);
}

VANON_HD int vanon_gpu_channel_level(const struct vanon_gpu_letterbox *plan, int channel,
                                     const int32_t value[3])
{
    const int32_t *factor = plan->factor[channel];
    int32_t level = (factor[0] * value[0] + factor[1] * value[1] + factor[2] * value[2] +
                     plan->offset[channel]) >>
                    plan->shift;

    level = level > 0 ? level : 0;
    level = level < plan->level_top ? level : plan->level_top;
    return plan->tone ? plan->tone[level] : level;
}

/* The pixel x, y of the network's input: R, G, B of 0..255. */
VANON_HD void vanon_gpu_letterbox_pixel(const struct vanon_gpu_letterbox *plan,
                                        const uint8_t *frame, int x, int y, int grey, int rgb[3])
{
    int column = plan->on_its_side ? y - plan->top : x - plan->left;
    int line = plan->on_its_side ? x - plan->left : y - plan->top;
    int32_t value[3];

    if (column < 0 || column >= plan->columns || line < 0 || line >= plan->lines) {
        rgb[0] = rgb[1] = rgb[2] = grey;
        return;
    }
    value[0] = vanon_gpu_component_at(plan, frame, 0, column, line);
    value[1] =
        plan->components == 1 ? value[0] : vanon_gpu_component_at(plan, frame, 1, column, line);
    value[2] =
        plan->components == 1 ? value[0] : vanon_gpu_component_at(plan, frame, 2, column, line);
    for (int i = 0; i < 3; i++)
        rgb[i] = vanon_gpu_channel_level(plan, i, value);
}

#endif
