/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/haar_xml.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/log.h"
#include "base/memory.h"
#include "options/text.h"

#define MOST_BYTES  (64u << 20)
#define MOST_NUMBER 1e9
#define OUTSIDE     0

int vanon_xml_refuse(struct vanon_xml_reader *reader, const char *format, ...)
{
    char words[256];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return vanon_fail(reader->log, VANON_ERR_MODEL, "cascade %s:%lu: %s", reader->path,
                      (unsigned long)XML_GetCurrentLineNumber(reader->parser), words);
}

/* Numbers */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word, ended by a NUL in place of the space behind it; NULL: none is left. */
static char *next_word(char **rest)
{
    char *word;

    while (is_space(**rest))
        ++*rest;
    if (!**rest)
        return NULL;
    for (word = *rest; **rest && !is_space(**rest);)
        ++*rest;
    if (**rest)
        *(*rest)++ = '\0';
    return word;
}

int vanon_xml_numbers(struct vanon_xml_reader *reader)
{
    char *rest = reader->text, *word;

    reader->numbers = 0;
    while ((word = next_word(&rest))) {
        double value;

        if (!vanon_text_to_number(word, &value) || fabs(value) > MOST_NUMBER) {
            char quoted[VANON_QUOTED];

            vanon_text_quote(quoted, word, strlen(word));
            return vanon_xml_refuse(reader, "'%s' is no number from -1e9 to 1e9", quoted);
        }
        if (vanon_grow(&reader->number, &reader->number_capacity, reader->numbers + 1,
                       sizeof *reader->number))
            return VANON_ERR_MEMORY;
        reader->number[reader->numbers++] = value;
    }
    return VANON_OK;
}

int vanon_xml_count(struct vanon_xml_reader *reader, size_t wanted)
{
    int status = vanon_xml_numbers(reader);

    if (!status && reader->numbers != wanted)
        return vanon_xml_refuse(reader, "<%s> must be %zu number%s, not %zu",
                                reader->elements[reader->place].name, wanted,
                                wanted == 1 ? "" : "s", reader->numbers);
    return status;
}

int vanon_xml_whole(struct vanon_xml_reader *reader, size_t i, int *value)
{
    if (reader->number[i] != floor(reader->number[i]))
        return vanon_xml_refuse(reader, "%g must be a whole number", reader->number[i]);
    *value = (int)reader->number[i];
    return VANON_OK;
}

/* Elements */

/* Expat may still call a handler or two after this. */
static void stop(struct vanon_xml_reader *reader, int status)
{
    reader->status = status;
    XML_StopParser(reader->parser, XML_FALSE);
}

static int find_child(const struct vanon_xml_reader *reader, const char *name)
{
    for (int i = OUTSIDE + 1; i < reader->count; i++) {
        const struct vanon_xml_element *element = &reader->elements[i];

        if (element->parent == reader->place && (!element->name || !strcmp(element->name, name)))
            return i;
    }
    return OUTSIDE;
}

static void XMLCALL on_start(void *opaque, const char *name, const char **attributes)
{
    struct vanon_xml_reader *reader = opaque;
    int child = reader->ignored ? OUTSIDE : find_child(reader, name), status = VANON_OK;

    if (reader->status)
        return;
    if (child == OUTSIDE && reader->place == OUTSIDE) {
        stop(reader, vanon_xml_refuse(reader, "it does not start with <%s>",
                                      reader->elements[OUTSIDE + 1].name));
        return;
    }
    if (child == OUTSIDE) {
        reader->ignored++;
        return;
    }
    reader->place = child;
    reader->length = 0;
    if (reader->elements[child].start)
        status = reader->elements[child].start(reader, (const char *const *)attributes);
    if (status)
        stop(reader, status);
}

static void XMLCALL on_text(void *opaque, const char *text, int length)
{
    struct vanon_xml_reader *reader = opaque;

    if (reader->status || reader->ignored || !reader->elements[reader->place].text)
        return;
    if (vanon_grow(&reader->text, &reader->text_capacity, reader->length + (size_t)length + 1, 1)) {
        stop(reader, VANON_ERR_MEMORY);
        return;
    }
    memcpy(reader->text + reader->length, text, (size_t)length);
    reader->length += (size_t)length;
    reader->text[reader->length] = '\0';
}

static void XMLCALL on_end(void *opaque, const char *name)
{
    struct vanon_xml_reader *reader = opaque;
    const struct vanon_xml_element *element = &reader->elements[reader->place];
    int status = VANON_OK;

    (void)name;
    if (reader->status)
        return;
    if (reader->ignored) {
        reader->ignored--;
        return;
    }
    on_text(reader, "", 0); /* an empty element had none so far */
    if (!reader->status && element->end)
        status = element->end(reader);
    reader->place = element->parent;
    if (status)
        stop(reader, status);
}

/* A document type could define text that grows without bounds. */
static void XMLCALL on_doctype(void *opaque, const char *name, const char *system,
                               const char *public, int internal)
{
    struct vanon_xml_reader *reader = opaque;

    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    if (!reader->status)
        stop(reader, vanon_xml_refuse(reader, "a document type is not allowed"));
}

/* The file */

static int parse(struct vanon_xml_reader *reader, FILE *file)
{
    char block[1 << 14];
    size_t got, total = 0;

    do {
        enum XML_Status result;

        got = fread(block, 1, sizeof block, file);
        if (ferror(file))
            return vanon_fail(reader->log, VANON_ERR_MODEL, "cascade %s: %s", reader->path,
                              strerror(errno));
        total += got;
        if (total > MOST_BYTES)
            return vanon_xml_refuse(reader, "larger than %u MiB", MOST_BYTES >> 20);
        result = XML_Parse(reader->parser, block, (int)got, !got);
        if (reader->status)
            return reader->status;
        if (result != XML_STATUS_OK)
            return vanon_xml_refuse(reader, "%s",
                                    XML_ErrorString(XML_GetErrorCode(reader->parser)));
    } while (got);
    return VANON_OK;
}

int vanon_xml_read(struct vanon_xml_reader *reader)
{
    FILE *file = fopen(reader->path, "rb");
    int status = VANON_ERR_MEMORY;

    if (!file)
        return vanon_fail(reader->log, VANON_ERR_MODEL, "cascade %s: %s", reader->path,
                          strerror(errno));
    reader->parser = XML_ParserCreate(NULL);
    if (reader->parser) {
        XML_SetUserData(reader->parser, reader);
        XML_SetElementHandler(reader->parser, on_start, on_end);
        XML_SetCharacterDataHandler(reader->parser, on_text);
        XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
        status = parse(reader, file);
        XML_ParserFree(reader->parser);
    }
    free(reader->text);
    free(reader->number);
    fclose(file);
    return status;
}
