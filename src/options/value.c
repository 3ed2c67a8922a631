/* SPDX-License-Identifier: Apache-2.0 */
#include "options/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "options/text.h"

#define AUTO_NUMBER (-1.0)

/* One call of vanon_option_parse. */
struct setting {
    const struct vanon_option_row *row;
    const vanon_log *log;
    const char *place;
    void *field;
};

/* A piece of the text. */
struct word {
    const char *start;
    size_t length;
};

/* Names */

static bool same(struct word word, const char *name)
{
    for (size_t i = 0; i < word.length; i++) {
        char c = word.start[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != name[i]) /* also at the name's end */
            return false;
    }
    return !name[word.length];
}

#define ALL_PARTS ((1 << VANON_PARTS) - 1)

/* The i-th name that the row allows, NULL past the end. */
static const char *name_at(const struct vanon_option_row *row, int i, int *value)
{
    if (row->kind == VANON_OPTION_PARTS) {
        *value = i ? 1 << (i - 1) : ALL_PARTS;
        if (!i)
            return "all";
        return i <= VANON_PARTS ? vanon_part_name((enum vanon_part)(i - 1)) : NULL;
    }
    *value = row->names[i].value;
    return row->names[i].name;
}

static bool find_name(const struct vanon_option_row *row, struct word word, int *value)
{
    const char *name;

    for (int i = 0; (name = name_at(row, i, value)); i++)
        if (same(word, name))
            return true;
    return false;
}

bool vanon_option_has_name(const struct vanon_option_row *row, const char *word)
{
    int value;

    return row->names && find_name(row, (struct word){word, strlen(word)}, &value);
}

/* How many parts have a value of the row's. */
static int part_count(const struct vanon_option_row *row)
{
    return row->kind == VANON_OPTION_STYLE ? VANON_STYLED : VANON_PARTS;
}

static int find_part(const struct vanon_option_row *row, struct word word)
{
    for (int i = 0; i < part_count(row); i++)
        if (same(word, vanon_part_name((enum vanon_part)i)))
            return i;
    return -1;
}

static bool is_second_name(const struct vanon_option_row *row, int index)
{
    int value, earlier;

    name_at(row, index, &value);
    for (int i = 0; i < index; i++) {
        name_at(row, i, &earlier);
        if (earlier == value)
            return true;
    }
    return false;
}

static void add_names(struct vanon_text *text, const struct vanon_option_row *row)
{
    const char *name;
    int value;

    for (int i = 0; (name = name_at(row, i, &value)); i++)
        if (!is_second_name(row, i))
            vanon_text_add(text, "%s%s", i ? ", " : "", name);
}

/* Messages */

static void describe_allowed(struct vanon_text *text, const struct vanon_option_row *row)
{
    const char *automatic = row->automatic ? "auto or " : "";

    switch (row->kind) {
    case VANON_OPTION_STRING:
        vanon_text_add(text, "it can't be empty");
        break;
    case VANON_OPTION_INT:
        if (row->least == row->most)
            vanon_text_add(text, "%s%.0f", automatic, row->least);
        else
            vanon_text_add(text, "%s%s number from %.0f to %.0f", automatic,
                           row->odd ? "an odd" : "a whole", row->least, row->most);
        break;
    case VANON_OPTION_NUMBER:
    case VANON_OPTION_MARGIN:
        vanon_text_add(text, "%sa number from %.0f to %.0f", automatic, row->least, row->most);
        break;
    case VANON_OPTION_TIME:
        vanon_text_add(text,
                       "%sa time%s, as seconds or [HH:]MM:SS, with a part of a second behind "
                       "a point",
                       automatic, row->least > 0 ? " above 0" : "");
        break;
    case VANON_OPTION_PARTS:
    case VANON_OPTION_BITS:
        vanon_text_add(text, "a list of ");
        add_names(text, row);
        break;
    case VANON_OPTION_IDS:
        vanon_text_add(text, "at most %d whole numbers above 0, by comma", VANON_MOST_LISTED);
        break;
    case VANON_OPTION_SPANS:
    case VANON_OPTION_AREAS:
        vanon_text_add(text,
                       "%s, at most %d of them, by semicolon; %sSTART lies before END, times "
                       "are seconds or [HH:]MM:SS, and one may be left out",
                       row->info.value, VANON_MOST_LISTED,
                       row->kind == VANON_OPTION_AREAS ? "W and H are above 0, " : "");
        break;
    case VANON_OPTION_DEVICE:
        add_names(text, row);
        vanon_text_add(text, ", a GPU's number, or cuda: and its number");
        break;
    default:
        vanon_text_add(text, "one of ");
        add_names(text, row);
    }
    if (row->note)
        vanon_text_add(text, " (%s)", row->note);
}

const char *vanon_option_word(const char *key, size_t index)
{
    const struct vanon_option_row *row = vanon_option_find(key);
    const char *name;
    int value;

    if (!row || (!row->names && row->kind != VANON_OPTION_PARTS))
        return row && row->automatic && !index ? "auto" : NULL;
    for (int i = 0; (name = name_at(row, i, &value)); i++)
        if (!is_second_name(row, i) && !index--)
            return name;
    return NULL;
}

int vanon_option_allowed(const char *key, char *buffer, size_t size)
{
    const struct vanon_option_row *row = vanon_option_find(key);
    struct vanon_text text = {buffer, size, 0};

    if (!row)
        return VANON_ERR_OPTION;
    vanon_text_add(&text, "%s", ""); /* ends the buffer also where nothing is added */
    if (row->kind != VANON_OPTION_STRING)
        describe_allowed(&text, row);
    return (int)text.length;
}

/* What starts a message about the option: the place, and the key where the place lacks it. */
static const char *prefix(const struct setting *setting, char *buffer, size_t size)
{
    bool named = setting->place[0] == '-';

    snprintf(buffer, size, "%s%s%s", setting->place, named ? "" : setting->row->info.key,
             named ? "" : ": ");
    return buffer;
}

#define PREFIX 640

static int refuse(const struct setting *setting, struct word value)
{
    char start[PREFIX], allowed[256], quoted[VANON_QUOTED];
    struct vanon_text text = {allowed, sizeof allowed, 0};

    describe_allowed(&text, setting->row);
    vanon_text_quote(quoted, value.start, value.length);
    return vanon_fail(setting->log, VANON_ERR_OPTION, "%s'%s' is not allowed; %s",
                      prefix(setting, start, sizeof start), quoted, allowed);
}

/* Parsing, by kind. Each leaves the field alone where it refuses. */

static int parse_string(const struct setting *setting, struct word text)
{
    char **field = setting->field, *copy;

    if (!text.length && *setting->row->info.initial)
        return refuse(setting, text);
    copy = strdup(text.start);
    if (!copy)
        return VANON_ERR_MEMORY;
    free(*field);
    *field = copy;
    return VANON_OK;
}

static int parse_int(const struct setting *setting, struct word text)
{
    const struct vanon_option_row *row = setting->row;
    int *field = setting->field;
    long long value, step = row->multiple;

    if (row->automatic && same(text, "auto")) {
        *field = VANON_AUTO;
        return VANON_OK;
    }
    if (!vanon_text_to_integer(text.start, &value) || (double)value < row->least ||
        (double)value > row->most || (row->odd && value % 2 == 0))
        return refuse(setting, text);
    if (step && value % step) {
        char start[PREFIX];

        vanon_warn(setting->log, "%s%lld is rounded up to %lld, a multiple of %lld",
                   prefix(setting, start, sizeof start), value, value + step - value % step, step);
        value += step - value % step;
    }
    *field = (int)value;
    return VANON_OK;
}

static int parse_number(const struct setting *setting, struct word text)
{
    const struct vanon_option_row *row = setting->row;
    bool automatic = row->automatic && same(text, "auto");
    double value = AUTO_NUMBER;

    if (!automatic && !vanon_text_to_number(text.start, &value))
        return refuse(setting, text);
    automatic = row->automatic && value == AUTO_NUMBER;
    if (!automatic && !(value >= row->least && value <= row->most))
        return refuse(setting, text);
    *(double *)setting->field = value;
    return VANON_OK;
}

static int parse_time(const struct setting *setting, struct word text)
{
    bool automatic = setting->row->automatic && same(text, "auto");
    int64_t value = VANON_AUTO;

    if (!automatic &&
        (!vanon_text_to_time(text.start, &value) || (double)value < setting->row->least))
        return refuse(setting, text);
    *(int64_t *)setting->field = value;
    return VANON_OK;
}

static int parse_name(const struct setting *setting, struct word text)
{
    int value;

    if (!find_name(setting->row, text, &value))
        return refuse(setting, text);
    if (setting->row->kind == VANON_OPTION_BOOL)
        *(bool *)setting->field = value;
    else
        *(unsigned *)setting->field = (unsigned)value;
    return VANON_OK;
}

static struct word trim(struct word word)
{
    while (word.length && word.start[0] == ' ') {
        word.start++;
        word.length--;
    }
    while (word.length && word.start[word.length - 1] == ' ')
        word.length--;
    return word;
}

/* Takes the words between commas off `rest`; false after the last. A NULL start ends the list. */
static bool next_word(struct word *rest, struct word *word)
{
    const char *comma;

    if (!rest->start)
        return false;
    comma = memchr(rest->start, ',', rest->length);
    *word = *rest;
    if (comma) {
        word->length = (size_t)(comma - rest->start);
        rest->start = comma + 1;
        rest->length -= word->length + 1;
    } else {
        rest->start = NULL;
    }
    *word = trim(*word);
    return true;
}

static int parse_bits(const struct setting *setting, struct word text)
{
    struct word rest = text, word;
    bool empty = setting->row->kind == VANON_OPTION_BITS && !trim(text).length;
    uint32_t bits = 0;
    int bit;

    while (!empty && next_word(&rest, &word)) {
        /* "none" stands alone: beside others it would hide what was meant. */
        if (!find_name(setting->row, word, &bit) || (!bit && word.length != trim(text).length))
            return refuse(setting, word);
        bits |= (uint32_t)bit;
    }
    *(uint32_t *)setting->field = bits;
    return VANON_OK;
}

static int refuse_part(const struct setting *setting, struct word part, const char *why)
{
    char start[PREFIX], names[160], quoted[VANON_QUOTED];
    struct vanon_text text = {names, sizeof names, 0};

    for (int i = 0; i < part_count(setting->row); i++)
        vanon_text_add(&text, "%s%s", i ? ", " : "", vanon_part_name((enum vanon_part)i));
    vanon_text_quote(quoted, part.start, part.length);
    return vanon_fail(setting->log, VANON_ERR_OPTION, "%spart '%s' %s; each of %s once",
                      prefix(setting, start, sizeof start), quoted, why, names);
}

/* What a row of a value for each part allows for one of them: a style's number, or a margin. */
static bool read_for_part(const struct vanon_option_row *row, struct word word, double *value)
{
    char text[64]; /* no number needs more */
    int name;

    if (row->kind == VANON_OPTION_STYLE) {
        if (!find_name(row, word, &name))
            return false;
        *value = name;
        return true;
    }
    snprintf(text, sizeof text, "%.*s", (int)(word.length < sizeof text ? word.length : 0),
             word.start);
    return vanon_text_to_number(text, value) && *value >= row->least && *value <= row->most;
}

static int parse_part(const struct setting *setting, struct word word, double values[],
                      uint32_t *given)
{
    const char *equals = memchr(word.start, '=', word.length);
    struct word part, value;
    int index;

    if (!equals)
        return refuse(setting, word);
    part = trim((struct word){word.start, (size_t)(equals - word.start)});
    value = trim((struct word){equals + 1, word.length - (size_t)(equals - word.start) - 1});
    index = find_part(setting->row, part);
    if (index < 0)
        return refuse_part(setting, part, "is not allowed");
    if (*given & 1u << index)
        return refuse_part(setting, part, "is given twice");
    if (!read_for_part(setting->row, value, &values[index]))
        return refuse(setting, value);
    *given |= 1u << index;
    return VANON_OK;
}

/* What each part has that is not named. */
static double initial_of(const struct vanon_option_row *row)
{
    struct word initial = {row->info.initial, strlen(row->info.initial)};
    double value = 0;

    read_for_part(row, initial, &value);
    return value;
}

static int parse_parts(const struct setting *setting, struct word text)
{
    struct word rest = text, word;
    double values[VANON_STYLED], all;
    uint32_t given = 0;
    bool one = read_for_part(setting->row, trim(text), &all);

    if (!one)
        all = initial_of(setting->row);
    for (int i = 0; i < part_count(setting->row); i++)
        values[i] = all;
    while (!one && next_word(&rest, &word)) {
        int status = parse_part(setting, word, values, &given);

        if (status)
            return status;
    }
    for (int i = 0; i < part_count(setting->row); i++)
        if (setting->row->kind == VANON_OPTION_STYLE)
            ((unsigned *)setting->field)[i] = (unsigned)values[i];
        else
            ((double *)setting->field)[i] = values[i];
    return VANON_OK;
}

static int parse_device(const struct setting *setting, struct word text)
{
    static const char cuda[] = "cuda:";
    const size_t cuda_length = sizeof cuda - 1;
    struct vanon_device device = {VANON_DEVICE_NUMBER, 0};
    const char *digits = text.start;
    long long number;
    int kind;

    if (find_name(setting->row, text, &kind)) {
        device.kind = (enum vanon_device_kind)kind;
    } else {
        if (!strncmp(text.start, cuda, cuda_length)) {
            device.kind = VANON_DEVICE_CUDA;
            digits += cuda_length;
        }
        if (!vanon_text_to_integer(digits, &number) || number < 0 || number > 255)
            return refuse(setting, text);
        device.number = (int)number;
    }
    *(struct vanon_device *)setting->field = device;
    return VANON_OK;
}

static int parse(const struct setting *setting, const char *value)
{
    struct word text = {value, strlen(value)};

    switch (setting->row->kind) {
    case VANON_OPTION_STRING:
        return parse_string(setting, text);
    case VANON_OPTION_INT:
        return parse_int(setting, text);
    case VANON_OPTION_NUMBER:
        return parse_number(setting, text);
    case VANON_OPTION_TIME:
        return parse_time(setting, text);
    case VANON_OPTION_BOOL:
    case VANON_OPTION_ENUM:
        return parse_name(setting, text);
    case VANON_OPTION_BITS:
    case VANON_OPTION_PARTS:
        return parse_bits(setting, text);
    case VANON_OPTION_STYLE:
    case VANON_OPTION_MARGIN:
        return parse_parts(setting, text);
    case VANON_OPTION_DEVICE:
        return parse_device(setting, text);
    case VANON_OPTION_IDS:
    case VANON_OPTION_SPANS:
    case VANON_OPTION_AREAS:
        return vanon_option_parse_list(setting->row, value, setting->field) ? VANON_OK
                                                                            : refuse(setting, text);
    }
    return VANON_ERR_INTERNAL;
}

static struct setting setting_of(vanon_options *options, const struct vanon_option_row *row,
                                 const char *place)
{
    return (struct setting){row, options->log, place, (char *)options + row->offset};
}

int vanon_option_parse(vanon_options *options, const struct vanon_option_row *row,
                       const char *place, const char *text)
{
    struct setting setting = setting_of(options, row, place);
    int status = parse(&setting, text);

    options->checked = false;
    if (!status)
        options->given[row - vanon_option_rows] = true;
    return status;
}

int vanon_option_reset(vanon_options *options, const struct vanon_option_row *row)
{
    struct setting setting = setting_of(options, row, "");
    int status = parse(&setting, row->info.initial);

    options->checked = false;
    if (!status)
        options->given[row - vanon_option_rows] = false;
    return status;
}

bool vanon_options_given(const vanon_options *options, const char *key)
{
    const struct vanon_option_row *row = vanon_option_find(key);

    return row && options->given[row - vanon_option_rows];
}

/* Printing */

static void add_bits(struct vanon_text *text, const struct vanon_option_row *row, uint32_t bits)
{
    const char *name, *comma = "";
    int bit;

    for (int i = 0; (name = name_at(row, i, &bit)); i++)
        if (bit ? (bits & (uint32_t)bit) == (uint32_t)bit : !bits) {
            vanon_text_add(text, "%s%s", comma, name);
            comma = ",";
            if (bits == (uint32_t)bit) /* "all" says it all */
                break;
        }
}

static double value_for_part(const struct vanon_option_row *row, const void *field, int part)
{
    return row->kind == VANON_OPTION_STYLE ? ((const unsigned *)field)[part]
                                           : ((const double *)field)[part];
}

static void add_for_part(struct vanon_text *text, const struct vanon_option_row *row, double value)
{
    if (row->kind == VANON_OPTION_STYLE)
        vanon_text_add(text, "%s", vanon_option_name_of(row->names, (int)value));
    else
        vanon_text_add_number(text, value);
}

/* One value where all parts have the same, else those that are not as unnamed ones are. */
static void add_parts(struct vanon_text *text, const struct vanon_option_row *row,
                      const void *field)
{
    double first = value_for_part(row, field, 0), initial = initial_of(row);
    const char *comma = "";
    bool one = true;

    for (int i = 1; i < part_count(row); i++)
        one = one && value_for_part(row, field, i) == first;
    if (one)
        add_for_part(text, row, first);
    for (int i = 0; i < part_count(row) && !one; i++) {
        double value = value_for_part(row, field, i);

        if (value == initial)
            continue;
        vanon_text_add(text, "%s%s=", comma, vanon_part_name((enum vanon_part)i));
        add_for_part(text, row, value);
        comma = ",";
    }
}

static void add_device(struct vanon_text *text, const struct vanon_option_row *row,
                       const struct vanon_device *device)
{
    if (device->kind == VANON_DEVICE_NUMBER || device->kind == VANON_DEVICE_CUDA)
        vanon_text_add(text, "%s%d", device->kind == VANON_DEVICE_CUDA ? "cuda:" : "",
                       device->number);
    else
        vanon_text_add(text, "%s", vanon_option_name_of(row->names, (int)device->kind));
}

static void add_value(struct vanon_text *text, const struct vanon_option_row *row,
                      const void *field)
{
    switch (row->kind) {
    case VANON_OPTION_STRING:
        vanon_text_add(text, "%s", *(char *const *)field);
        break;
    case VANON_OPTION_INT:
        if (row->automatic && *(const int *)field == VANON_AUTO)
            vanon_text_add(text, "auto");
        else
            vanon_text_add(text, "%d", *(const int *)field);
        break;
    case VANON_OPTION_NUMBER:
        if (row->automatic && *(const double *)field == AUTO_NUMBER)
            vanon_text_add(text, "auto");
        else
            vanon_text_add_number(text, *(const double *)field);
        break;
    case VANON_OPTION_TIME:
        if (row->automatic && *(const int64_t *)field == VANON_AUTO)
            vanon_text_add(text, "auto");
        else
            vanon_text_add_time(text, *(const int64_t *)field);
        break;
    case VANON_OPTION_BOOL:
        vanon_text_add(text, "%s", vanon_option_name_of(row->names, *(const bool *)field));
        break;
    case VANON_OPTION_ENUM:
        vanon_text_add(text, "%s", vanon_option_name_of(row->names, (int)*(const unsigned *)field));
        break;
    case VANON_OPTION_BITS:
    case VANON_OPTION_PARTS:
        add_bits(text, row, *(const uint32_t *)field);
        break;
    case VANON_OPTION_STYLE:
    case VANON_OPTION_MARGIN:
        add_parts(text, row, field);
        break;
    case VANON_OPTION_DEVICE:
        add_device(text, row, field);
        break;
    case VANON_OPTION_IDS:
    case VANON_OPTION_SPANS:
    case VANON_OPTION_AREAS:
        vanon_option_print_list(row, field, text);
        break;
    }
}

int vanon_option_print(const vanon_options *options, const struct vanon_option_row *row,
                       char *buffer, size_t size)
{
    struct vanon_text text = {buffer, size, 0};

    vanon_text_add(&text, "%s", ""); /* ends the buffer also where nothing is added */
    add_value(&text, row, (const char *)options + row->offset);
    return (int)text.length;
}
