/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a run, by name. One table describes them all; the command line, the YAML files,
 * --help and --dump-config come from it, and so does this interface: every option is set and read
 * as text, under the key that the YAML file uses ("safety_margin_px").
 *
 * Thread-safety: an options object belongs to one thread at a time. Engines and jobs copy what they
 * are given.
 */
#ifndef VANON_OPTIONS_H
#define VANON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <vanon/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vanon_options vanon_options;

/* What the table says of an option. All strings are static. */
typedef struct vanon_option_info {
    const char *key;   /* as in YAML: lower case with underscores */
    const char *flag;  /* on the command line, without the leading dashes */
    const char *alias; /* a second flag that is understood, or NULL */
    const char *group; /* heading in the help */
    const char
        *value; /* what the value looks like in the help: "N", "FILE", "a|b|c"; NULL: a switch */
    const char *initial; /* the default, as text; "" where there is none */
    const char *help;    /* a sentence or two */
} vanon_option_info;

/* The i-th row of the table, in the order of the help; NULL past the end. Thread-safe. */
VANON_API const vanon_option_info *vanon_option_table(size_t index);

/* The i-th word that an option takes as its value ("mosaic", "auto"); NULL past the end, and where
 * it takes no words or there is no such key. A static string. Thread-safe. */
VANON_API const char *vanon_option_word(const char *key, size_t index);

/* What stands between several values of an option in one text; NULL: it takes one value, or there
 * is no such key. A static string. Thread-safe. */
VANON_API const char *vanon_option_join(const char *key);

/*
 * What an option takes, as the messages say it ("auto or a whole number from 1 to 64"), written to
 * `buffer` like snprintf does; "" for text. Returns the length that it has or would have, or
 * VANON_ERR_OPTION. Thread-safe.
 */
VANON_API int vanon_option_allowed(const char *key, char *buffer, size_t size);

/*
 * How far a mistyped word is from a name, in letters to add, drop, change or swap ("-" and "_" are
 * the same letter); UINT_MAX where the word can't be meant for the name. For messages that suggest
 * one. Thread-safe.
 */
VANON_API unsigned vanon_option_distance(const char *word, const char *name);

/* Makes options with every default. `log` gets the words of every error; it must outlive the
 * object; NULL: silent. VANON_ERR_MEMORY. */
VANON_API int vanon_options_create(vanon_options **out, const vanon_log *log);
VANON_API void vanon_options_destroy(vanon_options **options);

/* Makes a copy that shares nothing but the log. VANON_ERR_MEMORY. */
VANON_API int vanon_options_copy(vanon_options **out, const vanon_options *from);

/*
 * Sets one option from text. Numbers are decimal, with "." and without a unit; switches take true,
 * false, yes, no, on, off, 1, 0. VANON_ERR_OPTION: no such key, or not a value that the option
 * allows; the message names both and what is allowed, and the option stays as it was.
 * VANON_ERR_MEMORY.
 */
VANON_API int vanon_options_set(vanon_options *options, const char *key, const char *value);

/* As vanon_options_set, with a place ("config.yaml:12: ", "--batch-size: ") that starts the
 * message. After a place that starts with "-" the key is not repeated. */
VANON_API int vanon_options_set_at(vanon_options *options, const char *place, const char *key,
                                   const char *value);

/*
 * The option as text that vanon_options_set takes, written to `buffer` like snprintf does. Returns
 * the length that it has or would have, or VANON_ERR_OPTION.
 */
VANON_API int vanon_options_get(const vanon_options *options, const char *key, char *buffer,
                                size_t size);

/*
 * Reads a YAML file: a mapping of keys to values. Sets nothing where anything is wrong.
 * VANON_ERR_IO: the file can't be read; VANON_ERR_OPTION: broken YAML, an unknown key, a key given
 * twice, a bad value; the message names file, line, key, and what is allowed. VANON_ERR_MEMORY.
 */
VANON_API int vanon_options_load(vanon_options *options, const char *path);

/*
 * Looks at what only the whole can show (options that exclude each other, a mode that lacks its
 * file). Engines and jobs do it themselves. VANON_ERR_OPTION with the two options named.
 */
VANON_API int vanon_options_check(vanon_options *options);

#ifdef __cplusplus
}
#endif

#endif
