/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the rows of the table, and parsing and printing of one value
 * by its row. Constant, thread-safe.
 */
#ifndef VANON_OPTIONS_TABLE_H
#define VANON_OPTIONS_TABLE_H

#include "options/options.h"

enum vanon_option_kind {
    VANON_OPTION_STRING, /* char *, owned; empty only where the default is */
    VANON_OPTION_INT,    /* int */
    VANON_OPTION_NUMBER, /* double */
    VANON_OPTION_TIME,   /* int64_t, microseconds */
    VANON_OPTION_BOOL,   /* bool */
    VANON_OPTION_ENUM,   /* one of `names` */
    VANON_OPTION_BITS,   /* uint32_t: any of `names`, by comma */
    VANON_OPTION_PARTS,  /* uint32_t: at least one part of a person, by comma */
    VANON_OPTION_STYLE,  /* enum vanon_style[VANON_STYLED]: one of `names`, or part=name by comma */
    VANON_OPTION_MARGIN, /* double[VANON_PARTS]: a number, or part=number by comma */
    VANON_OPTION_DEVICE, /* struct vanon_device: one of `names`, N or cuda:N */
    VANON_OPTION_IDS,    /* struct vanon_ids: whole numbers from 1, by `join` */
    VANON_OPTION_SPANS,  /* struct vanon_periods: START-END, likewise */
    VANON_OPTION_AREAS,  /* struct vanon_areas: X,Y,WIDTH,HEIGHT[@START-END], likewise */
};

/* A word and what it stands for. Of several words for one value the first is shown. */
struct vanon_option_name {
    const char *name; /* NULL ends the list */
    int value;
};

struct vanon_option_row {
    vanon_option_info info;
    enum vanon_option_kind kind;
    size_t offset;      /* of the field in struct vanon_options */
    double least, most; /* of INT, NUMBER and MARGIN, both allowed; of TIME, the least */
    bool automatic;     /* "auto" is allowed: VANON_AUTO in an INT or TIME, -1 in a NUMBER */
    int multiple;       /* an INT is rounded up to a multiple, with a warning; 0: it is not */
    bool odd;           /* of an INT, only odd numbers are allowed */
    const struct vanon_option_name *names;
    const char *join; /* stands between the values of an option that takes several; NULL: one */
    const char *note; /* ends the message about a value that is not allowed; NULL: nothing */
};

extern const struct vanon_option_row vanon_option_rows[];
extern const size_t vanon_option_row_count;

extern const struct vanon_option_name vanon_option_styles[];
extern const struct vanon_option_name vanon_option_precisions[];

/* The row of a key, or NULL. */
const struct vanon_option_row *vanon_option_find(const char *key);

/* Logs that no option has this key, with the nearest one or all of them. VANON_ERR_OPTION. */
int vanon_option_unknown(const vanon_log *log, const char *place, const char *key);

/* Sets the row's field from text. As vanon_options_set_at. */
int vanon_option_parse(vanon_options *options, const struct vanon_option_row *row,
                       const char *place, const char *text);

/* lists.c: values of an option that takes several. False: something in it is not allowed, and the
 * field is as it was. */
struct vanon_text;
bool vanon_option_parse_list(const struct vanon_option_row *row, const char *text, void *field);
void vanon_option_print_list(const struct vanon_option_row *row, const void *field,
                             struct vanon_text *text);

/* Gives the row its default. VANON_ERR_MEMORY. */
int vanon_option_reset(vanon_options *options, const struct vanon_option_row *row);

/* The field as text. As vanon_options_get. */
int vanon_option_print(const vanon_options *options, const struct vanon_option_row *row,
                       char *buffer, size_t size);

/* True where `word` is one of the row's names. */
bool vanon_option_has_name(const struct vanon_option_row *row, const char *word);

/* The first name of a value; "" where there is none. */
const char *vanon_option_name_of(const struct vanon_option_name *names, int value);

#endif
