/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

#include <math.h>

static float sigmoid(float x)
{
    return 1 / (1 + expf(-x));
}

/* The mean of the bins' numbers, weighed by the softmax of what they hold. */
static float distance(const float *bin)
{
    float most = bin[0], sum = 0, mean = 0;

    for (int i = 1; i < VANON_PLAN_REG_MAX; i++)
        most = fmaxf(most, bin[i]);
    for (int i = 0; i < VANON_PLAN_REG_MAX; i++) {
        float weight = expf(bin[i] - most);

        sum += weight;
        mean += weight * (float)i;
    }
    return mean / sum;
}

void vanon_head_decode(const struct vanon_plan_head *head, int stride, int x, int y,
                       const struct vanon_head_pixel *pixel, float *column, size_t step)
{
    float scale = (float)stride, centre_x = (float)x + 0.5f, centre_y = (float)y + 0.5f;
    float x0 = centre_x - distance(pixel->box);
    float y0 = centre_y - distance(pixel->box + VANON_PLAN_REG_MAX);
    float x1 = centre_x + distance(pixel->box + 2 * VANON_PLAN_REG_MAX);
    float y1 = centre_y + distance(pixel->box + 3 * VANON_PLAN_REG_MAX);
    const float box[] = {(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0};

    for (int i = 0; i < 4; i++, column += step)
        *column = box[i] * scale;
    for (int i = 0; i < head->classes; i++, column += step)
        *column = sigmoid(pixel->scores[i]);
    for (int i = 0; i < head->joints; i++, column += 3 * step) {
        const float *joint = pixel->joints + 3 * i;

        column[0] = (2 * joint[0] + (float)x) * scale;
        column[step] = (2 * joint[1] + (float)y) * scale;
        column[2 * step] = sigmoid(joint[2]);
    }
}
