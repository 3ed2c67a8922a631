/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "tool.h"
#include "words.h"

#define INDENT 28 /* where the right side of the list of options starts */
#define MARGIN "  "

#define EXIT_CODES "exit-codes" /* a topic of its own: numbers, not words */

void tool_print_wrapped(const char *margin, size_t column, const char *text)
{
    size_t start = strlen(margin);

    while (*text) {
        size_t word = strcspn(text, " ");

        if (column > start && column + 1 + word > TOOL_WIDTH) {
            printf("\n%s", margin);
            column = start;
        }
        column += (size_t)printf("%s%.*s", column > start ? " " : "", (int)word, text);
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_indented(const char *text)
{
    printf(MARGIN);
    tool_print_wrapped(MARGIN, strlen(MARGIN), text);
}

/* A name and what it is, side by side. */
static void print_entry(const char *name, size_t indent, const char *text)
{
    char margin[INDENT + 1];

    snprintf(margin, sizeof margin, "%*s", (int)indent, "");
    if (strlen(name) > indent - 2)
        printf("%s\n%s", name, margin);
    else
        printf("%-*s", (int)indent, name);
    tool_print_wrapped(margin, indent, text);
}

/* "-o, --output FILE" */
static void name_option(const vanon_option_info *info, char *name, size_t size)
{
    char letter[8] = "";

    if (tool_short_flag(info->flag))
        snprintf(letter, sizeof letter, "-%c, ", tool_short_flag(info->flag));
    snprintf(name, size, "%s--%s%s%s%s%s", letter, info->flag, info->alias ? ", --" : "",
             info->alias ? info->alias : "", info->value ? " " : "",
             info->value ? info->value : "");
}

static void print_option(const vanon_option_info *info)
{
    char name[126], entry[128], help[768];
    bool has_default = info->value && *info->initial;

    name_option(info, name, sizeof name);
    snprintf(entry, sizeof entry, MARGIN "%s", name);
    snprintf(help, sizeof help, "%s%s%s%s", info->help, has_default ? " Default: " : "",
             has_default ? info->initial : "", has_default ? "." : "");
    print_entry(entry, INDENT, help);
}

static void print_options(const vanon_option_info *(*table)(size_t))
{
    const vanon_option_info *info;
    const char *group = "";

    for (size_t i = 0; (info = table(i)); i++) {
        if (strcmp(group, info->group) != 0)
            printf("\n%s:\n", info->group);
        group = info->group;
        print_option(info);
    }
}

static void print_exit_codes(void)
{
    printf("Exit codes:\n");
    for (const struct tool_exit *exit = tool_exits; exit->words; exit++)
        printf("  %3d  %s\n", exit->code, exit->words);
}

void tool_usage(FILE *file)
{
    for (size_t i = 0; tool_usages[i]; i++)
        fprintf(file, "%s%s\n", i ? "       " : "usage: ", tool_usages[i]);
}

static void print_all(void)
{
    tool_usage(stdout);
    for (size_t i = 0; tool_description[i]; i++) {
        printf("\n");
        tool_print_wrapped("", 0, tool_description[i]);
    }
    print_options(tool_option_table);
    print_options(vanon_option_table);
    printf("\n");
    print_exit_codes();
    printf("\nExamples:\n");
    for (size_t i = 0; tool_examples[i]; i++)
        printf(MARGIN "%s\n", tool_examples[i]);
}

/* Topics */

static void print_option_alone(const vanon_option_info *info)
{
    char name[128], allowed[512], line[640];
    bool setting = vanon_option_allowed(info->key, allowed, sizeof allowed) >= 0;
    struct tool_example example;

    name_option(info, name, sizeof name);
    printf("%s\n", name);
    print_indented(info->help);
    printf("\n");
    if (setting && info->value && *allowed) {
        snprintf(line, sizeof line, "Takes %s.", allowed);
        print_indented(line);
    }
    if (setting)
        printf(MARGIN "Default: %s\n", *info->initial ? info->initial : "none");
    tool_make_example(&example, info);
    if (setting)
        printf(MARGIN "In a configuration: %s: %s\n", info->key,
               *example.value ? example.value : "true");
    printf(MARGIN "Example: %s\n", example.line);
}

static void print_topic(const struct tool_topic *topic)
{
    tool_print_wrapped("", 0, topic->about);
    for (const struct tool_word *word = topic->words; word->name; word++) {
        char entry[32];

        snprintf(entry, sizeof entry, MARGIN "%s", word->name);
        print_entry(entry, 15, word->help);
    }
    if (!topic->key)
        return;
    printf("\n");
    print_option_alone(tool_find_option(topic->key));
}

static void print_command_lines(const char *command)
{
    printf("\n" MARGIN "Usage: %s\n", tool_usage_of(command));
    for (size_t i = 0; tool_examples[i]; i++)
        if (tool_is_line_of(tool_examples[i], command))
            printf(MARGIN "Example: %s\n", tool_examples[i]);
}

static void print_word(const struct tool_topic *topic, const struct tool_word *word)
{
    printf("%s %s\n", topic->title, word->name);
    print_indented(word->help);
    print_indented(word->more);
    if (topic->example)
        printf("\n" MARGIN "Example: %s%s\n", topic->example, word->name);
    else
        print_command_lines(word->name);
}

static bool print_word_named(const char *name)
{
    for (const struct tool_topic *topic = tool_topics; topic->name; topic++)
        for (const struct tool_word *word = topic->words; word->name; word++)
            if (!strcmp(word->name, name)) {
                print_word(topic, word);
                return true;
            }
    return false;
}

static bool print_list_named(const char *name)
{
    for (const struct tool_topic *topic = tool_topics; topic->name; topic++)
        if (!strcmp(topic->name, name)) {
            print_topic(topic);
            return true;
        }
    if (!strcmp(name, EXIT_CODES))
        print_exit_codes();
    return !strcmp(name, EXIT_CODES);
}

/* The search for a topic that a mistyped one may stand for. */
struct search {
    const char *typed, *nearest;
    unsigned distance;
};

static void compare(struct search *search, const char *name)
{
    unsigned distance = name ? vanon_option_distance(search->typed, name) : UINT_MAX;

    if (distance < search->distance) {
        search->distance = distance;
        search->nearest = name;
    }
}

static const char *find_nearest(const char *typed)
{
    struct search search = {.typed = typed, .distance = UINT_MAX};
    const vanon_option_info *info;

    for (const struct tool_topic *topic = tool_topics; topic->name; topic++) {
        compare(&search, topic->name);
        for (const struct tool_word *word = topic->words; word->name; word++)
            compare(&search, word->name);
    }
    compare(&search, EXIT_CODES);
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; (info = own ? tool_option_table(i) : vanon_option_table(i)); i++) {
            compare(&search, info->flag);
            compare(&search, info->alias);
        }
    return search.nearest;
}

int tool_help(const char *topic, const vanon_log *log)
{
    const char *name = topic + strspn(topic, "-"), *nearest;
    bool dashes = name != topic; /* an option, as it is written on the command line */
    const vanon_option_info *option = *name ? tool_find_option(name) : NULL;

    if (!*topic) {
        print_all();
        return VANON_OK;
    }
    if (!dashes && (print_list_named(name) || print_word_named(name)))
        return VANON_OK;
    if (option) {
        print_option_alone(option);
        return VANON_OK;
    }
    nearest = find_nearest(name);
    if (nearest)
        tool_message(log, VANON_LOG_ERROR, "--help: no topic '%s'; did you mean '%s'?", topic,
                     nearest);
    else
        tool_message(log, VANON_LOG_ERROR,
                     "--help: no topic '%s'; there are commands, parts, styles, pipelines, "
                     "exit-codes, their words, and every option",
                     topic);
    return VANON_ERR_OPTION;
}
