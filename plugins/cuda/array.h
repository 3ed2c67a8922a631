/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tensors while a network is imported: a shape, and, where they are known, its numbers: float32
 * (also for what the file has as float16 or float64) or int64 (for whole numbers and truth values
 * of any size). Dense, last side fastest. Thread-safety: an array belongs to one thread at a time.
 */
#ifndef VANON_CUDA_ARRAY_H
#define VANON_CUDA_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VANON_ARRAY_SIDES 6
#define VANON_ARRAY_MOST  ((int64_t)1 << 26) /* elements; YOLOv8x at 640 has 2^24 at most */

#define VANON_ARRAY_COST 32 /* multiplications that an element in memory counts as */

enum vanon_array_type { VANON_ARRAY_FLOAT, VANON_ARRAY_INT };

typedef struct vanon_array {
    enum vanon_array_type type;
    size_t sides; /* 0: one number */
    int64_t side[VANON_ARRAY_SIDES];
    size_t count; /* product of the sides */
    void *data;   /* NULL: only the shape is known */
} vanon_array;

static inline float *vanon_array_floats(const vanon_array *array)
{
    return array->data;
}

static inline int64_t *vanon_array_ints(const vanon_array *array)
{
    return array->data;
}

/* Bytes of an element. */
size_t vanon_array_size(enum vanon_array_type type);

/* Gives the zeroed array a shape. False: more than VANON_ARRAY_SIDES sides, a negative one, or more
 * than VANON_ARRAY_MOST elements. */
bool vanon_array_shape(vanon_array *array, enum vanon_array_type type, size_t sides,
                       const int64_t *side);

/* Memory for the numbers, cleared. VANON_ERR_MEMORY. */
int vanon_array_alloc(vanon_array *array);
void vanon_array_free(vanon_array *array); /* and zeroes it */

bool vanon_array_same_shape(const vanon_array *a, const vanon_array *b);

/* Elements from an index of side i to the next; of a dense array. */
void vanon_array_strides(const vanon_array *array, int64_t stride[VANON_ARRAY_SIDES]);

/* Fills `to` from `from`, both with data: the element at index (i, j, ...) comes from element
 * start + i * stride[0] + j * stride[1] + ..., all of which lie inside. */
void vanon_array_gather(const vanon_array *to, const vanon_array *from, int64_t start,
                        const int64_t *stride);

/* "1x64x80x80" for a message; returns `text`. */
const char *vanon_array_describe(const vanon_array *array, char *text, size_t size);

#endif
