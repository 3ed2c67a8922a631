/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "base/log.h"
#include "base/memory.h"
#include "options/table.h"

#define LARGEST_FILE ((size_t)1 << 20)

/* One call of vanon_options_load. */
struct loader {
    vanon_options *options; /* the copy that is filled */
    const vanon_log *log;
    const char *path;
    unsigned char *content;
    size_t size, capacity;
    yaml_parser_t parser;
    yaml_event_t event;                /* the last one parsed */
    size_t line[VANON_MAX_OPTIONS];    /* where each row was given; 0: not yet */
    const char *key;                   /* being read; NULL: none is */
    char *value;                       /* of that, as vanon_options_set takes it */
    size_t value_size, value_capacity; /* with the terminating zero */
    char place[600];                   /* "config.yaml:7: " */
};

static int refuse(const struct loader *loader, const char *rule)
{
    return vanon_fail(loader->log, VANON_ERR_OPTION, "%s%s%s%s", loader->place,
                      loader->key ? loader->key : "", loader->key ? ": " : "", rule);
}

static void set_place(struct loader *loader, size_t line)
{
    snprintf(loader->place, sizeof loader->place, "%.560s:%zu: ", loader->path, line);
}

static int read_all(struct loader *loader, int file)
{
    ssize_t got = 1;

    while (got && loader->size <= LARGEST_FILE) {
        if (vanon_grow(&loader->content, &loader->capacity, loader->size + 4096, 1))
            return VANON_ERR_MEMORY;
        got = read(file, loader->content + loader->size, loader->capacity - loader->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vanon_fail(loader->log, VANON_ERR_IO, "%s: %s", loader->path, strerror(errno));
        loader->size += (size_t)got;
    }
    if (loader->size > LARGEST_FILE)
        return vanon_fail(loader->log, VANON_ERR_OPTION,
                          "%s: is larger than 1 MiB, so no configuration", loader->path);
    return VANON_OK;
}

static int read_file(struct loader *loader)
{
    int file = open(loader->path, O_RDONLY | O_CLOEXEC), status;
    struct stat there;

    if (file < 0)
        return vanon_fail(loader->log, VANON_ERR_IO, "%s: %s", loader->path, strerror(errno));
    if (!fstat(file, &there) && S_ISDIR(there.st_mode))
        status = vanon_fail(loader->log, VANON_ERR_IO, "%s: is a folder", loader->path);
    else
        status = read_all(loader, file);
    close(file);
    return status;
}

/* Events */

/* The start of a line, counted from 0. */
static size_t find_line(const struct loader *loader, size_t line)
{
    size_t i = 0;

    for (; line && i < loader->size; i++)
        line -= loader->content[i] == '\n';
    return i;
}

static bool indented_by_tab(const struct loader *loader, size_t line)
{
    size_t i = find_line(loader, line);

    while (i < loader->size && loader->content[i] == ' ')
        i++;
    return i < loader->size && loader->content[i] == '\t';
}

static int refuse_syntax(struct loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    size_t line = parser->problem_mark.line;
    const char *problem = parser->problem ? parser->problem : "unknown fault";

    if (parser->error == YAML_MEMORY_ERROR)
        return VANON_ERR_MEMORY;
    if (parser->error == YAML_READER_ERROR) { /* it has an offset only */
        size_t end = parser->problem_offset < loader->size ? parser->problem_offset : loader->size;

        line = 0;
        for (size_t i = 0; i < end; i++)
            line += loader->content[i] == '\n';
    }
    set_place(loader, line + 1);
    return vanon_fail(loader->log, VANON_ERR_OPTION, "%sbroken YAML: %s%s", loader->place, problem,
                      indented_by_tab(loader, line) ? " (indent with spaces, not with a tab)" : "");
}

/* Parses the next event, and refuses what a configuration has no use for. */
static int advance(struct loader *loader)
{
    yaml_event_t *event = &loader->event;
    yaml_char_t *anchor = NULL, *tag = NULL;

    yaml_event_delete(event);
    if (!yaml_parser_parse(&loader->parser, event))
        return refuse_syntax(loader);
    set_place(loader, event->start_mark.line + 1);
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
            return refuse(loader, "a zero byte is not allowed");
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    case YAML_ALIAS_EVENT:
        return refuse(loader, "aliases (*name) are not allowed");
    default:
        break;
    }
    if (anchor)
        return refuse(loader, "anchors (&name) are not allowed");
    return tag ? refuse(loader, "tags (!name) are not allowed") : VANON_OK;
}

/* Values */

static const char *scalar(const struct loader *loader)
{
    return (const char *)loader->event.data.scalar.value;
}

static bool is_null(const struct loader *loader)
{
    static const char *const null[] = {"", "~", "null", "Null", "NULL"};

    if (loader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < VANON_COUNT(null); i++)
        if (!strcmp(scalar(loader), null[i]))
            return true;
    return false;
}

static int append(struct loader *loader, const char *text)
{
    size_t length = strlen(text), end = loader->value_size - 1;

    if (vanon_grow(&loader->value, &loader->value_capacity, loader->value_size + length, 1))
        return VANON_ERR_MEMORY;
    memcpy(loader->value + end, text, length + 1);
    loader->value_size += length;
    return VANON_OK;
}

/* Takes what is between two brackets, scalars only, as "a,b" (with `join` for the comma) or
 * "a=1,b=2". */
static int read_list(struct loader *loader, yaml_event_type_t end, const char *join, bool pairs)
{
    const char *between = "";
    int status;

    for (size_t i = 0;; i++) {
        status = advance(loader);
        if (status)
            return status;
        if (loader->event.type == end)
            return VANON_OK;
        if (loader->event.type != YAML_SCALAR_EVENT)
            return refuse(loader, "a list or mapping is not allowed here; one word is expected");
        status = append(loader, between);
        if (!status)
            status = append(loader, scalar(loader));
        if (status)
            return status;
        between = pairs && i % 2 == 0 ? "=" : join;
    }
}

static int read_value(struct loader *loader, const struct vanon_option_row *row, bool *reset)
{
    const char *join = row->join ? row->join : ",";
    bool list = row->kind == VANON_OPTION_BITS || row->kind == VANON_OPTION_PARTS || row->join;
    bool mapping = row->kind == VANON_OPTION_STYLE || row->kind == VANON_OPTION_MARGIN;
    char rule[160];
    int status = advance(loader);

    if (status)
        return status;
    switch (loader->event.type) {
    case YAML_SCALAR_EVENT:
        /* "null" is also the name of a detector. */
        *reset = is_null(loader) && !vanon_option_has_name(row, scalar(loader));
        return append(loader, scalar(loader));
    case YAML_SEQUENCE_START_EVENT:
        if (list)
            return read_list(loader, YAML_SEQUENCE_END_EVENT, join, false);
        break;
    case YAML_MAPPING_START_EVENT:
        if (mapping)
            return read_list(loader, YAML_MAPPING_END_EVENT, join, true);
        break;
    default:
        break;
    }
    snprintf(rule, sizeof rule, "a %s is not allowed; one value is expected%s",
             loader->event.type == YAML_SEQUENCE_START_EVENT ? "list" : "mapping",
             list      ? ", or a list"
             : mapping ? ", or a mapping of parts to values"
                       : "");
    return refuse(loader, rule);
}

/* The event is a key. */
static int load_setting(struct loader *loader)
{
    const struct vanon_option_row *row = vanon_option_find(scalar(loader));
    size_t line = loader->event.start_mark.line + 1;
    size_t index = row ? (size_t)(row - vanon_option_rows) : 0;
    bool reset = false;
    char rule[64];
    int status;

    if (!row)
        return vanon_option_unknown(loader->log, loader->place, scalar(loader));
    loader->key = row->info.key;
    if (loader->line[index]) {
        snprintf(rule, sizeof rule, "given twice; first in line %zu", loader->line[index]);
        return refuse(loader, rule);
    }
    loader->line[index] = line;
    loader->value_size = 1;
    status = append(loader, "");
    if (!status)
        status = read_value(loader, row, &reset);
    if (status)
        return status;
    loader->key = NULL;
    set_place(loader, line);
    return reset ? vanon_option_reset(loader->options, row)
                 : vanon_option_parse(loader->options, row, loader->place, loader->value);
}

/* The event is the start of the top-level mapping. */
static int load_mapping(struct loader *loader)
{
    int status;

    for (;;) {
        status = advance(loader);
        if (status || loader->event.type == YAML_MAPPING_END_EVENT)
            return status;
        if (loader->event.type != YAML_SCALAR_EVENT)
            return refuse(loader, "a list or mapping is not allowed as a key");
        status = load_setting(loader);
        if (status)
            return status;
    }
}

static int load_document(struct loader *loader)
{
    int status = advance(loader);

    if (status)
        return status;
    if (loader->event.type == YAML_MAPPING_START_EVENT)
        status = load_mapping(loader);
    else if (loader->event.type != YAML_SCALAR_EVENT || !is_null(loader))
        status = refuse(loader, "a configuration is a mapping, lines of \"key: value\"");
    return status ? status : advance(loader); /* the document's end */
}

static int load(struct loader *loader)
{
    int status = advance(loader); /* the stream's start */

    if (!status)
        status = advance(loader);
    if (status || loader->event.type == YAML_STREAM_END_EVENT)
        return status;
    status = load_document(loader);
    if (!status)
        status = advance(loader);
    if (!status && loader->event.type != YAML_STREAM_END_EVENT)
        status = refuse(loader, "a second document is not allowed");
    return status;
}

static int parse(struct loader *loader)
{
    int status;

    if (!yaml_parser_initialize(&loader->parser))
        return VANON_ERR_MEMORY;
    yaml_parser_set_input_string(&loader->parser, loader->content, loader->size);
    status = load(loader);
    yaml_event_delete(&loader->event);
    yaml_parser_delete(&loader->parser);
    return status;
}

int vanon_options_load(vanon_options *options, const char *path)
{
    struct loader loader = {.log = options->log, .path = path};
    int status = vanon_options_copy(&loader.options, options);

    if (!status)
        status = read_file(&loader);
    if (!status)
        status = parse(&loader);
    if (!status) {
        vanon_options before = *options;

        *options = *loader.options;
        *loader.options = before;
    }
    vanon_options_destroy(&loader.options);
    free(loader.content);
    free(loader.value);
    return status;
}
