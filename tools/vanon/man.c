/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tool.h"
#include "words.h"

/* Roff's own characters as themselves: a line must not start with one of its commands, a hyphen is
 * one that can be copied into a shell. */
static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        printf("\\&");
    for (; *text; text++)
        switch (*text) {
        case '\\':
            printf("\\e");
            break;
        case '-':
            printf("\\-");
            break;
        case '\'':
            printf("\\(aq");
            break;
        default:
            putchar(*text);
        }
}

static void print_bold(const char *text)
{
    printf("\\fB");
    print_text(text);
    printf("\\fR");
}

static void print_line(const char *text)
{
    print_text(text);
    putchar('\n');
}

/* A list's entry: its name in bold, then what it is. */
static void print_entry(const char *name, const char *text)
{
    printf(".TP\n");
    print_bold(name);
    putchar('\n');
    print_line(text);
}

static void print_option(const vanon_option_info *info)
{
    char flag[64], letter[3] = {'-', tool_short_flag(info->flag), '\0'};

    printf(".TP\n");
    if (letter[1]) {
        print_bold(letter);
        printf(", ");
    }
    snprintf(flag, sizeof flag, "--%s", info->flag);
    print_bold(flag);
    if (info->alias) {
        snprintf(flag, sizeof flag, "--%s", info->alias);
        printf(", ");
        print_bold(flag);
    }
    if (info->value) {
        printf(" \\fI");
        print_text(info->value);
        printf("\\fR");
    }
    putchar('\n');
    print_line(info->help);
    if (info->value && *info->initial) {
        printf("Default: ");
        print_text(info->initial);
        printf(".\n");
    }
}

static void print_options(const vanon_option_info *(*table)(size_t))
{
    const vanon_option_info *info;
    const char *group = "";

    for (size_t i = 0; (info = table(i)); i++) {
        if (strcmp(group, info->group) != 0) {
            printf(".SS ");
            print_line(info->group);
        }
        group = info->group;
        print_option(info);
    }
}

static void print_upper(const char *text)
{
    for (; *text; text++)
        putchar(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
    putchar('\n');
}

static void print_topic(const struct tool_topic *topic)
{
    printf(".SH ");
    print_upper(topic->name);
    print_line(topic->about);
    for (const struct tool_word *word = topic->words; word->name; word++) {
        print_entry(word->name, word->help);
        if (*word->more)
            print_line(word->more);
    }
}

static void print_exit_codes(void)
{
    printf(".SH EXIT STATUS\n");
    for (const struct tool_exit *exit = tool_exits; exit->words; exit++) {
        char code[16];

        snprintf(code, sizeof code, "%d", exit->code);
        print_entry(code, exit->words);
    }
}

/* Command lines, one below the other, as they are. */
static void print_commands(const char *section, const char *const *lines)
{
    printf(".SH %s\n.nf\n", section);
    for (; *lines; lines++)
        print_line(*lines);
    printf(".fi\n");
}

static const struct {
    const char *name, *help;
} variables[] = {
    {"VANON_MODELS", "The folder in which the shipped model is looked for first."},
    {"VANON_CASCADES", "The folder in which a cascade of a bare name is looked for first."},
    {"VANON_PLUGINS", "The folder in which plugins are looked for, in place of the library's."},
    {"TMPDIR",
     "Where a run that decodes its input twice keeps who is where meanwhile; else /tmp. No "
     "picture lies there."},
    {"XDG_CACHE_HOME", "Where the choice of a GPU's engines is kept, in the folder vanon; else "
                       "~/.cache."},
};

void tool_man(void)
{
    printf(".TH VANON 1 \"\" \"vanon %s\" \"User Commands\"\n", vanon_version());
    printf(".SH NAME\nvanon \\- %s\n", tool_summary);
    print_commands("SYNOPSIS", tool_usages);
    printf(".SH DESCRIPTION\n");
    for (size_t i = 0; tool_description[i]; i++) {
        if (i)
            printf(".PP\n");
        print_line(tool_description[i]);
    }
    printf(".SH OPTIONS\n");
    print_options(tool_option_table);
    print_options(vanon_option_table);
    for (const struct tool_topic *topic = tool_topics; topic->name; topic++)
        print_topic(topic);
    print_exit_codes();
    printf(".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        print_entry(variables[i].name, variables[i].help);
    print_commands("EXAMPLES", tool_examples);
}
