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
    int32_t lines;
    int32_t step;    /* samples from one to the next of the same component */
    int32_t chroma;  /* 1: has the chroma's axes */
};

/*
 * A plan: see vanon_letterbox_view. `across` and `down` are the axes along the lines of the coded
 * picture and across them, luma's and chroma's; index and weight as there. The pointers are the
 * device's where the kernel reads them, else the host's.
 */
struct vanon_gpu_letterbox {
    int32_t width, height;  /* of the network's input */
    int32_t left, top;      /* padding */
    int32_t columns, lines; /* of the picture inside, along the coded x and y axis */
    int32_t on_its_side;    /* 1: a line of the coded picture is a column of the input */
    int32_t components;     /* 1 or 3 */
    int32_t sample_bytes;   /* 1 or 2 */
    int32_t toned;          /* 1: levels are indices into `tone` */
    float factor[3][3], offset[3], level_top;
    struct vanon_gpu_component component[3];
    const int32_t *across_index[2], *down_index[2];
    const float *across_weight[2], *down_weight[2];
    const uint8_t *tone;
};

VANON_HD float vanon_gpu_sample(const uint8_t *line, int index, int bytes)
{
    return bytes == 1 ? (float)line[index] : (float)((const uint16_t *)(const void *)line)[index];
}

/* Between two lines, as vanon_row_blend8 has it. */
VANON_HD float vanon_gpu_between(const uint8_t *above, const uint8_t *below, int index,
                                 float weight, int bytes)
{
    float first = vanon_gpu_sample(above, index, bytes);

    return first + (vanon_gpu_sample(below, index, bytes) - first) * weight;
}

/* The component's value at a column and line of the result. */
VANON_HD float vanon_gpu_component_at(const struct vanon_gpu_letterbox *plan, const uint8_t *frame,
                                      int number, int column, int line)
{
    const struct vanon_gpu_component *part = &plan->component[number];
    int first = plan->down_index[part->chroma][line];
    float down = plan->down_weight[part->chroma][line];
    int index = plan->across_index[part->chroma][column];
    float across = plan->across_weight[part->chroma][column];
    const uint8_t *above = frame + part->offset + first * part->stride;
    const uint8_t *below = first + 1 < part->lines ? above + part->stride : above;
    float left = vanon_gpu_between(above, below, index, down, plan->sample_bytes), right;

    if (!(across > 0)) /* perhaps the line's last sample: there is none behind it */
        return left;
    right = vanon_gpu_between(above, below, index + part->step, down, plan->sample_bytes);
    return left + (right - left) * across;
}

VANON_HD int vanon_gpu_channel_level(const struct vanon_gpu_letterbox *plan, int channel,
                             const float value[3])
{
    const float *factor = plan->factor[channel];
    float level =
        factor[0] * value[0] + factor[1] * value[1] + factor[2] * value[2] + plan->offset[channel];

    level = level > 0 ? level : 0;
    level = level < plan->level_top ? level : plan->level_top;
    return plan->toned ? plan->tone[(int)level] : (int)level;
}

/* The pixel x, y of the network's input: R, G, B of 0..255. */
VANON_HD void vanon_gpu_letterbox_pixel(const struct vanon_gpu_letterbox *plan,
                                        const uint8_t *frame, int x, int y, int grey, int rgb[3])
{
    int column = plan->on_its_side ? y - plan->top : x - plan->left;
    int line = plan->on_its_side ? x - plan->left : y - plan->top;
    float value[3];

    if (column < 0 || column >= plan->columns || line < 0 || line >= plan->lines) {
        rgb[0] = rgb[1] = rgb[2] = grey;
        return;
    }
    value[0] = vanon_gpu_component_at(plan, frame, 0, column, line);
    value[1] = plan->components == 1 ? value[0]
                                     : vanon_gpu_component_at(plan, frame, 1, column, line);
    value[2] = plan->components == 1 ? value[0]
                                     : vanon_gpu_component_at(plan, frame, 2, column, line);
    for (int i = 0; i < 3; i++)
        rgb[i] = vanon_gpu_channel_level(plan, i, value);
}

#endif
