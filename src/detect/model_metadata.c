/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/model_metadata.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A piece of the file. */
struct span {
    const char *at, *end;
};

static size_t length(const struct span *span)
{
    return (size_t)(span->end - span->at);
}

static bool equals(const struct span *span, const char *text)
{
    return length(span) == strlen(text) && !memcmp(span->at, text, length(span));
}

/* "32", "[17, 3]": as many numbers as are wanted, none of them negative. */
static void read_numbers(const struct span *value, int *const *numbers, size_t count)
{
    char text[32] = "", *next = text;
    long found[2] = {0};

    if (length(value) >= sizeof text)
        return;
    memcpy(text, value->at, length(value));
    for (size_t i = 0; i < count; i++) {
        char *first = next + strspn(next, "[, ");

        found[i] = strtol(first, &next, 10);
        if (next == first || found[i] < 0 || found[i] > INT_MAX)
            return;
    }
    if (next[strspn(next, "] ")])
        return;
    for (size_t i = 0; i < count; i++)
        *numbers[i] = (int)found[i];
}

/* {0: 'person', 1: "it's"}: a dictionary as Python writes it. */
static void read_names(struct vanon_model_metadata *metadata, const struct span *value)
{
    const char *at = value->at, *end = value->end;
    size_t classes = 0;
    int person = -1;

    while (at < end) {
        struct span name;
        char quote;

        while (at < end && *at != '\'' && *at != '"' && *at != '}')
            at++;
        if (at == end || *at == '}')
            break;
        quote = *at++;
        name.at = at;
        while (at < end && *at != quote)
            at += *at == '\\' ? 2 : 1;
        if (at >= end)
            return;
        name.end = at++;
        if (person < 0 && equals(&name, "person"))
            person = (int)classes;
        classes++;
    }
    if (at == end)
        return;
    metadata->classes = classes;
    metadata->person = person;
}

/* person dog: names between spaces. */
static void read_labels(struct vanon_model_metadata *metadata, const struct span *value)
{
    struct span name = {value->at, value->at};

    metadata->classes = 0;
    metadata->person = -1;
    while (name.at < value->end) {
        while (name.end < value->end && *name.end != ' ')
            name.end++;
        if (metadata->person < 0 && equals(&name, "person"))
            metadata->person = (int)metadata->classes;
        metadata->classes += name.end > name.at;
        name.at = name.end += name.end < value->end;
    }
}

static void take(struct vanon_model_metadata *metadata, const struct span *key,
                 const struct span *value)
{
    if (equals(key, "task") && length(value) < sizeof metadata->task)
        memcpy(metadata->task, value->at, length(value));
    else if (equals(key, "names"))
        read_names(metadata, value);
    else if (equals(key, "labels"))
        read_labels(metadata, value);
    else if (equals(key, "kpt_shape"))
        read_numbers(value, (int *const[]){&metadata->joints, &metadata->values}, 2);
    else if (equals(key, "stride"))
        read_numbers(value, (int *const[]){&metadata->stride}, 1);
    else if (equals(key, "batch"))
        read_numbers(value, (int *const[]){&metadata->batch}, 1);
}

/* The next number of a protobuf message: 7 bits a byte, low ones first. */
static bool take_number(struct span *message, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        unsigned char byte = (unsigned char)*message->at++;

        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* The next field of a protobuf message; `content` is empty where it is a plain number. */
static bool take_field(struct span *message, uint64_t *field, struct span *content)
{
    enum { NUMBER, EIGHT_BYTES, BYTES, FOUR_BYTES = 5 };
    uint64_t tag, size = 0;

    if (!take_number(message, &tag))
        return false;
    *field = tag >> 3;
    switch (tag & 7) {
    case NUMBER:
        if (!take_number(message, &(uint64_t){0}))
            return false;
        break;
    case EIGHT_BYTES:
        size = 8;
        break;
    case FOUR_BYTES:
        size = 4;
        break;
    case BYTES:
        if (!take_number(message, &size))
            return false;
        break;
    default:
        return false;
    }
    if (size > length(message))
        return false;
    *content = (struct span){message->at, message->at + size};
    message->at = content->end;
    return true;
}

void vanon_model_metadata_from_onnx(struct vanon_model_metadata *metadata, const void *bytes,
                                    size_t size)
{
    enum { METADATA_PROPS = 14, KEY = 1, VALUE = 2 };
    struct span model = {bytes, (const char *)bytes + size}, entry, content;
    uint64_t field;

    *metadata = (struct vanon_model_metadata){.person = -1};
    while (take_field(&model, &field, &entry)) {
        struct span key = {0}, value = {0};

        if (field != METADATA_PROPS)
            continue;
        while (take_field(&entry, &field, &content)) {
            if (field == KEY)
                key = content;
            else if (field == VALUE)
                value = content;
        }
        if (key.at && value.at)
            take(metadata, &key, &value);
    }
}

/* Moves to just behind the next `text`. */
static bool skip_past(struct span *span, const char *text)
{
    const char *found = memmem(span->at, length(span), text, strlen(text));

    if (!found)
        return false;
    span->at = found + strlen(text);
    return true;
}

/* Takes the elements of the given names that have a value, <task value="pose" />, from inside
 * <section>. */
static void take_section(struct vanon_model_metadata *metadata, struct span all,
                         const char *section, const char *const *keys, size_t count)
{
    static const char middle[] = " value=\"";
    struct span after;

    if (!skip_past(&all, section))
        return;
    after = all;
    if (skip_past(&after, "</"))
        all.end = after.at;
    while (skip_past(&all, "<")) {
        for (size_t i = 0; i < count; i++) {
            struct span key = {all.at, all.at + strlen(keys[i])}, value = all;

            if (length(&all) < strlen(keys[i]) + strlen(middle) || !equals(&key, keys[i]) ||
                memcmp(key.end, middle, strlen(middle)))
                continue;
            value.at = after.at = key.end + strlen(middle);
            after.end = all.end;
            if (!skip_past(&after, "\""))
                return;
            value.end = after.at - 1;
            take(metadata, &key, &value);
        }
    }
}

void vanon_model_metadata_from_xml(struct vanon_model_metadata *metadata, const void *bytes,
                                   size_t size)
{
    static const char *const keys[] = {"task", "names", "kpt_shape", "stride", "batch"};
    static const char *const labels[] = {"labels"};
    const struct span all = {bytes, (const char *)bytes + size};

    *metadata = (struct vanon_model_metadata){.person = -1};
    take_section(metadata, all, "<model_info>", labels, VANON_COUNT(labels));
    take_section(metadata, all, "<framework>", keys, VANON_COUNT(keys));
}
