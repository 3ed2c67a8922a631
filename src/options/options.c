/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/publish.h"
#include "options/table.h"
#include "options/text.h"

int vanon_options_create(vanon_options **out, const vanon_log *log)
{
    vanon_options *options = calloc(1, sizeof *options);
    int status = options ? VANON_OK : VANON_ERR_MEMORY;

    *out = NULL;
    if (options)
        options->log = log;
    for (size_t i = 0; !status && i < vanon_option_row_count; i++)
        status = vanon_option_reset(options, &vanon_option_rows[i]);
    if (status)
        vanon_options_destroy(&options);
    *out = options;
    return status;
}

static char **string_of(vanon_options *options, const struct vanon_option_row *row)
{
    return row->kind == VANON_OPTION_STRING ? (char **)((char *)options + row->offset) : NULL;
}

void vanon_options_destroy(vanon_options **pointer)
{
    vanon_options *options = *pointer;

    if (!options)
        return;
    for (size_t i = 0; i < vanon_option_row_count; i++) {
        char **string = string_of(options, &vanon_option_rows[i]);

        if (string)
            free(*string);
    }
    free(options);
    *pointer = NULL;
}

int vanon_options_copy(vanon_options **out, const vanon_options *from)
{
    vanon_options *copy = malloc(sizeof *copy);
    int status = VANON_OK;

    *out = NULL;
    if (!copy)
        return VANON_ERR_MEMORY;
    *copy = *from;
    for (size_t i = 0; i < vanon_option_row_count; i++) {
        char **string = string_of(copy, &vanon_option_rows[i]);

        if (!string)
            continue;
        *string = strdup(*string);
        if (!*string)
            status = VANON_ERR_MEMORY;
    }
    if (status)
        vanon_options_destroy(&copy);
    *out = copy;
    return status;
}

/* Names that were mistyped */

#define LONGEST_NAME 40

static bool same_letter(char a, char b)
{
    return a == b || ((a == '-' || a == '_') && (b == '-' || b == '_'));
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned vanon_option_distance(const char *word, const char *name)
{
    size_t word_length = strlen(word), name_length = strlen(name), limit = name_length / 3;
    unsigned rows[3][LONGEST_NAME + 1]; /* by prefixes of `word`, modulo 3, and of `name` */
    unsigned distance;

    if (word_length > LONGEST_NAME || name_length > LONGEST_NAME)
        return UINT_MAX;
    for (size_t i = 0; i <= word_length; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= name_length; j++) {
            row[j] = row[j - 1] + 1;
            if (!i)
                continue;
            row[j] = least(row[j], above[j] + 1);
            row[j] = least(row[j], above[j - 1] + !same_letter(word[i - 1], name[j - 1]));
            if (i > 1 && j > 1 && same_letter(word[i - 1], name[j - 2]) &&
                same_letter(word[i - 2], name[j - 1]))
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    distance = rows[word_length % 3][name_length];
    return distance <= limit || (distance == 1 && name_length > 1) ? distance : UINT_MAX;
}

static const vanon_option_info *nearest(const char *key)
{
    const vanon_option_info *found = NULL;
    unsigned best = UINT_MAX;

    for (size_t i = 0; i < vanon_option_row_count; i++) {
        const vanon_option_info *info = &vanon_option_rows[i].info;
        unsigned distance =
            least(vanon_option_distance(key, info->key), vanon_option_distance(key, info->flag));

        if (info->alias)
            distance = least(distance, vanon_option_distance(key, info->alias));
        if (distance < best) {
            best = distance;
            found = info;
        }
    }
    return found;
}

int vanon_option_unknown(const vanon_log *log, const char *place, const char *key)
{
    const vanon_option_info *near = nearest(key);
    char quoted[VANON_QUOTED], all[900];
    struct vanon_text text = {all, sizeof all, 0};

    vanon_text_quote(quoted, key, strlen(key));
    if (near)
        return vanon_fail(log, VANON_ERR_OPTION, "%sunknown option '%s'; did you mean '%s'?", place,
                          quoted, near->key);
    for (size_t i = 0; i < vanon_option_row_count; i++)
        vanon_text_add(&text, "%s%s", i ? ", " : "", vanon_option_rows[i].info.key);
    return vanon_fail(log, VANON_ERR_OPTION, "%sunknown option '%s'; one of %s", place, quoted,
                      all);
}

/* By key */

int vanon_options_set(vanon_options *options, const char *key, const char *value)
{
    return vanon_options_set_at(options, "", key, value);
}

int vanon_options_set_all(vanon_options *options, const char *const (*pairs)[2], size_t count)
{
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++)
        status = vanon_options_set(options, pairs[i][0], pairs[i][1]);
    return status;
}

int vanon_options_set_at(vanon_options *options, const char *place, const char *key,
                         const char *value)
{
    const struct vanon_option_row *row = vanon_option_find(key);

    return row ? vanon_option_parse(options, row, place, value)
               : vanon_option_unknown(options->log, place, key);
}

int vanon_options_get(const vanon_options *options, const char *key, char *buffer, size_t size)
{
    const struct vanon_option_row *row = vanon_option_find(key);

    return row ? vanon_option_print(options, row, buffer, size)
               : vanon_option_unknown(options->log, "", key);
}

/* What two options say together */

bool vanon_options_is_pipe(const char *path)
{
    return !strcmp(path, "-");
}

/* True where "format" speaks of the input. */
static bool format_is_of_input(const vanon_options *options)
{
    return vanon_options_is_pipe(options->input) && !vanon_options_is_pipe(options->output) &&
           !*options->input_format;
}

const char *vanon_options_input_format(const vanon_options *options)
{
    return format_is_of_input(options) ? options->format : options->input_format;
}

const char *vanon_options_output_format(const vanon_options *options)
{
    return format_is_of_input(options) ? "" : options->format;
}

/* Rules over more than one option */

static int check_files(const vanon_options *options)
{
    /* Output and input are the job's to compare: it makes the output's name where none is given. */
    const struct {
        const char *key, *path, *other_key, *other_path;
    } pair[] = {
        {"report", options->report, "input", options->input},
        {"report", options->report, "output", options->output},
        {"report", options->report, "sidecar", options->sidecar},
        {"report", options->report, "pose_model", options->pose_model},
        {"sheet", options->sheet, "input", options->input},
        {"sheet", options->sheet, "output", options->output},
        {"sheet", options->sheet, "report", options->report},
        {"output", options->output, "sidecar", options->sidecar},
        {"output", options->output, "pose_model", options->pose_model},
    };

    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        if (vanon_same_file(pair[i].path, pair[i].other_path))
            return vanon_fail(options->log, VANON_ERR_OPTION, "%s and %s are the same file, %s",
                              pair[i].key, pair[i].other_key, pair[i].path);
    return VANON_OK;
}

/* The replaced program leaves one where it runs, and its configurations name it. */
static void warn_of_checkpoint(const vanon_options *options)
{
    const char *name = vanon_option_find("pose_model")->info.initial;

    if (vanon_options_given(options, "pose_model") && !strcmp(options->pose_model, name) &&
        !access(name, F_OK))
        vanon_warn(options->log,
                   "pose_model: the file %s here can't be read, a PyTorch checkpoint; the shipped "
                   "model of this name is used",
                   name);
}

static int check_people(const vanon_options *options)
{
    for (size_t i = 0; i < options->keep_person.count; i++)
        if (vanon_ids_have(&options->only_person, options->keep_person.id[i]))
            return vanon_fail(options->log, VANON_ERR_OPTION,
                              "keep_person and only_person both name %lld; one leaves that person "
                              "in sight, the other hides them",
                              (long long)options->keep_person.id[i]);
    return VANON_OK;
}

int vanon_options_check(vanon_options *options)
{
    bool reads =
        options->detector == VANON_DETECTOR_REPLAY || options->detector == VANON_DETECTOR_APPLY;
    int status;

    if (options->checked)
        return VANON_OK;
    if (reads && !*options->sidecar)
        return vanon_fail(options->log, VANON_ERR_OPTION,
                          "detector: '%s' needs the option sidecar, a file that vanon detect "
                          "wrote",
                          options->detector == VANON_DETECTOR_APPLY ? "apply" : "replay");
    if (!reads && *options->sidecar)
        return vanon_fail(options->log, VANON_ERR_OPTION,
                          "sidecar: %s would not be read; it needs detector 'replay' or 'apply'",
                          options->sidecar);
    if (options->json && vanon_options_is_pipe(options->output))
        return vanon_fail(options->log, VANON_ERR_OPTION,
                          "json: the output goes to standard output, where the report would damage "
                          "it; --report writes it to a file");
    if (options->strict &&
        (vanon_options_is_pipe(options->input) || vanon_options_is_pipe(options->output) ||
         !strcmp(options->codec, "md5")))
        return vanon_fail(options->log, VANON_ERR_OPTION,
                          "strict: needs an input and an output that can be read again, no pipe "
                          "and no checksums");
    if (options->exact_styles)
        vanon_warn(options->log, "exact_styles: kernels of a fixed size can be undone; use it to "
                                 "compare, not to protect people");
    if (options->precision != VANON_PRECISION_AUTO && options->half_precision != VANON_HALF_AUTO)
        vanon_warn(options->log, "half_precision is ignored: precision is %s",
                   vanon_precision_name(options->precision));
    warn_of_checkpoint(options);
    status = check_people(options);
    if (!status)
        status = check_files(options);
    options->checked = !status;
    return status;
}
