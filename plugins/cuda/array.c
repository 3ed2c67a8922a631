/* SPDX-License-Identifier: Apache-2.0 */
#include "array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

size_t vanon_array_size(enum vanon_array_type type)
{
    return type == VANON_ARRAY_FLOAT ? sizeof(float) : sizeof(int64_t);
}

bool vanon_array_shape(vanon_array *array, enum vanon_array_type type, size_t sides,
                       const int64_t *side)
{
    int64_t count = 1;

    if (sides > VANON_ARRAY_SIDES)
        return false;
    array->type = type;
    array->sides = sides;
    for (size_t i = 0; i < sides; i++) {
        if (side[i] < 0 || side[i] > VANON_ARRAY_MOST)
            return false;
        array->side[i] = side[i];
        count *= side[i]; /* at most 2^26 x 2^26 */
        if (count > VANON_ARRAY_MOST)
            return false;
    }
    array->count = (size_t)count;
    return true;
}

int vanon_array_alloc(vanon_array *array)
{
    array->data = calloc(array->count ? array->count : 1, vanon_array_size(array->type));
    return array->data ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_array_free(vanon_array *array)
{
    free(array->data);
    *array = (vanon_array){0};
}

bool vanon_array_same_shape(const vanon_array *a, const vanon_array *b)
{
    return a->sides == b->sides && !memcmp(a->side, b->side, a->sides * sizeof *a->side);
}

void vanon_array_strides(const vanon_array *array, int64_t stride[VANON_ARRAY_SIDES])
{
    int64_t step = 1;

    for (size_t i = array->sides; i-- > 0;) {
        stride[i] = step;
        step *= array->side[i];
    }
}

void vanon_array_gather(const vanon_array *to, const vanon_array *from, int64_t start,
                        const int64_t *stride)
{
    size_t size = vanon_array_size(to->type), sides = to->sides;
    int64_t index[VANON_ARRAY_SIDES] = {0}, at = start;
    char *out = to->data;
    const char *in = from->data;

    for (size_t n = 0; n < to->count; n++, out += size) {
        memcpy(out, in + (size_t)at * size, size);
        for (size_t i = sides; i-- > 0;) {
            at += stride[i];
            if (++index[i] < to->side[i])
                break;
            at -= stride[i] * index[i];
            index[i] = 0;
        }
    }
}

const char *vanon_array_describe(const vanon_array *array, char *text, size_t size)
{
    size_t length = 0;

    snprintf(text, size, "one number");
    for (size_t i = 0; i < array->sides && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%lld", i ? "x" : "",
                                   (long long)array->side[i]);
    return text;
}
