/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --help, the manual page and the shell completions are made of, beside the library's table of
 * options: what the command is, what the words of an option stand for, an example for each option.
 * The tables are constant.
 */
#ifndef VANON_TOOL_WORDS_H
#define VANON_TOOL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <vanon/options.h>

extern const char tool_summary[];            /* a phrase: what vanon does */
extern const char *const tool_usages[];      /* command lines; NULL ends them */
extern const char *const tool_description[]; /* paragraphs; NULL ends them */
extern const char *const tool_examples[];    /* command lines; NULL ends them */

/* A word and what it stands for. */
struct tool_word {
    const char *name; /* NULL ends a list */
    const char *help; /* a sentence or two */
    const char *more; /* how its size is found, how safe it is; "": no more to say */
};

/* All words of a kind: a topic of the help. */
struct tool_topic {
    const char *name;              /* "parts" */
    const char *title;             /* of one of them: "Part" */
    const char *about;             /* introduces the list */
    const char *key;               /* of the option that takes these words; NULL: none does */
    const char *example;           /* a command line up to the word; NULL: the word is a command */
    const struct tool_word *words; /* ends with a name of NULL */
};

/* A name of NULL ends them. */
extern const struct tool_topic tool_topics[];

/* An option at work, with a value that is not its default where the table tells of one. */
struct tool_example {
    char value[64]; /* "": a switch */
    char line[160]; /* the command line */
};

void tool_make_example(struct tool_example *example, const vanon_option_info *option);

/* True where the line begins with "vanon COMMAND"; "" is no command. */
bool tool_is_line_of(const char *line, const char *command);

/* The command line of tool_usages for the command; for "", or one that has none, the first. */
const char *tool_usage_of(const char *command);

/* The words in front of the first full stop that ends a sentence: their length. */
size_t tool_first_sentence(const char *text);

#endif
