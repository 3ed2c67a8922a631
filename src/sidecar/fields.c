/* SPDX-License-Identifier: Apache-2.0 */
#include "sidecar/fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

int vanon_refuse(const struct vanon_place *place, const char *format, ...)
{
    char words[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return vanon_fail(place->log, VANON_ERR_INPUT, "%s:%zu: %s", place->path, place->line, words);
}

/* "a, b, c" for a message. */
static void join(char *text, size_t size, const char *const *words, size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", words[i]);
}

int vanon_check_keys(const struct vanon_place *place, const json_t *object, const char *what,
                     const char *const *keys, size_t count)
{
    char allowed[256] = "";
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return vanon_refuse(place, "%s must be an object, {...}", what);
    json_object_foreach((json_t *)object, key, value)
    {
        bool known = false;

        for (size_t i = 0; i < count && !known; i++)
            known = !strcmp(key, keys[i]);
        if (known)
            continue;
        join(allowed, sizeof allowed, keys, count);
        return vanon_refuse(place, "unknown key \"%s\" in %s; known are: %s", key, what, allowed);
    }
    return VANON_OK;
}

static int take(const struct vanon_place *place, const json_t *object, const char *key,
                const json_t **out)
{
    *out = json_object_get(object, key);
    return *out ? VANON_OK : vanon_refuse(place, "the key \"%s\" is missing", key);
}

int vanon_take_integer(const struct vanon_place *place, const json_t *object, const char *key,
                       int64_t least, int64_t most, int64_t *out)
{
    const json_t *value;
    int status = take(place, object, key, &value);

    if (status)
        return status;
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most)
        return vanon_refuse(place, "\"%s\" must be a whole number from %" PRId64 " to %" PRId64,
                            key, least, most);
    *out = json_integer_value(value);
    return VANON_OK;
}

int vanon_take_bool(const struct vanon_place *place, const json_t *object, const char *key,
                    bool *out)
{
    const json_t *value;
    int status = take(place, object, key, &value);

    if (status)
        return status;
    if (!json_is_boolean(value))
        return vanon_refuse(place, "\"%s\" must be true or false", key);
    *out = json_is_true(value);
    return VANON_OK;
}

static bool is_number(const json_t *value, double least, double most)
{
    return json_is_number(value) && json_number_value(value) >= least &&
           json_number_value(value) <= most;
}

int vanon_take_number(const struct vanon_place *place, const json_t *object, const char *key,
                      double least, double most, float *out)
{
    const json_t *value;
    int status = take(place, object, key, &value);

    if (status)
        return status;
    if (!is_number(value, least, most))
        return vanon_refuse(place, "\"%s\" must be a number from %g to %g", key, least, most);
    *out = (float)json_number_value(value);
    return VANON_OK;
}

int vanon_take_string(const struct vanon_place *place, const json_t *object, const char *key,
                      const char **out)
{
    const json_t *value;
    int status = take(place, object, key, &value);

    if (status)
        return status;
    if (!json_is_string(value))
        return vanon_refuse(place, "\"%s\" must be a string", key);
    *out = json_string_value(value);
    return VANON_OK;
}

int vanon_take_array(const struct vanon_place *place, const json_t *object, const char *key,
                     const json_t **out)
{
    int status = take(place, object, key, out);

    if (!status && !json_is_array(*out))
        return vanon_refuse(place, "\"%s\" must be an array, [...]", key);
    return status;
}

int vanon_read_numbers(const struct vanon_place *place, const json_t *array, const char *key,
                       double least, double most, float *out, size_t count)
{
    bool good = json_is_array(array) && json_array_size(array) == count;

    for (size_t i = 0; i < count && good; i++) {
        const json_t *value = json_array_get(array, i);

        good = is_number(value, least, most);
        out[i] = (float)json_number_value(value);
    }
    if (!good)
        return vanon_refuse(place, "\"%s\": %zu numbers from %g to %g are wanted", key, count,
                            least, most);
    return VANON_OK;
}

int vanon_take_name(const struct vanon_place *place, const json_t *object, const char *key,
                    const char *(*names)(int index), int *out)
{
    const char *known[32] = {NULL}, *name = NULL; /* more than any list has */
    char allowed[256] = "";
    size_t count = 0;
    int status = vanon_take_string(place, object, key, &name);

    if (status)
        return status;
    for (; count < sizeof known / sizeof *known && (known[count] = names((int)count)); count++)
        if (!strcmp(name, known[count])) {
            *out = (int)count;
            return VANON_OK;
        }
    join(allowed, sizeof allowed, known, count);
    return vanon_refuse(place, "\"%s\" is \"%s\" and must be one of: %s", key, name, allowed);
}
