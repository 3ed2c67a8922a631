/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values out of a JSON object, checked: a key that must be there, its type and its range. Each
 * function sends what is wrong to the log, naming file, line and key, and returns VANON_ERR_INPUT.
 */
#ifndef VANON_SIDECAR_FIELDS_H
#define VANON_SIDECAR_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <vanon/status.h>

/* Where in the file something stands. */
struct vanon_place {
    const vanon_log *log;
    const char *path;
    size_t line;
};

/* "FILE:LINE: ..." */
int vanon_refuse(const struct vanon_place *place, const char *format, ...) VANON_PRINTF(2, 3);

/* `object` is an object and has no other keys than these; `what` it is, for the message. */
int vanon_check_keys(const struct vanon_place *place, const json_t *object, const char *what,
                     const char *const *keys, size_t count);

int vanon_take_integer(const struct vanon_place *place, const json_t *object, const char *key,
                       int64_t least, int64_t most, int64_t *out);
int vanon_take_bool(const struct vanon_place *place, const json_t *object, const char *key,
                    bool *out);
int vanon_take_number(const struct vanon_place *place, const json_t *object, const char *key,
                      double least, double most, float *out);

/* The string belongs to the object. */
int vanon_take_string(const struct vanon_place *place, const json_t *object, const char *key,
                      const char **out);
int vanon_take_array(const struct vanon_place *place, const json_t *object, const char *key,
                     const json_t **out);

/* `array`, a part of what `key` names, is an array of exactly `count` numbers. */
int vanon_read_numbers(const struct vanon_place *place, const json_t *array, const char *key,
                       double least, double most, float *out, size_t count);

/* The index of the string among `names`, as a function gives them up to NULL. */
int vanon_take_name(const struct vanon_place *place, const json_t *object, const char *key,
                    const char *(*names)(int index), int *out);

#endif
