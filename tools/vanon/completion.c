/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tool.h"
#include "words.h"

/* What may stand behind an option. */
struct choice {
    const vanon_option_info *option;
    char words[512]; /* by spaces; "": none are known */
    bool file;
    bool list; /* several of the words, by comma */
};

static void add_word(struct choice *choice, const char *word, size_t length)
{
    size_t used = strlen(choice->words);

    snprintf(choice->words + used, sizeof choice->words - used, "%s%.*s", used ? " " : "",
             (int)length, word);
}

static void add_topics(struct choice *choice)
{
    for (const struct tool_topic *topic = tool_topics; topic->name; topic++)
        add_word(choice, topic->name, strlen(topic->name));
    add_word(choice, "exit-codes", strlen("exit-codes"));
}

/* The words of "a|b|c", of an option of the command itself. */
static void add_alternatives(struct choice *choice, const char *value)
{
    while (*value) {
        size_t length = strcspn(value, "|");

        add_word(choice, value, length);
        value += length + (value[length] == '|');
    }
}

static struct choice make_choice(const vanon_option_info *option)
{
    struct choice choice = {.option = option};
    const char *value = option->value ? option->value : "", *word;

    choice.file = !strcmp(value, "FILE");
    choice.list = strchr(value, ',');
    for (size_t i = 0; *value && (word = vanon_option_word(option->key, i)); i++)
        add_word(&choice, word, strlen(word));
    if (!strcmp(value, "[TOPIC]"))
        add_topics(&choice);
    else if (!*choice.words && strchr(value, '|') && value[0] >= 'a')
        add_alternatives(&choice, value);
    return choice;
}

/* All options, the command's own first. False past the end. */
static bool choice_at(struct choice *choice, size_t index)
{
    const vanon_option_info *option;
    size_t own = 0;

    while (tool_option_table(own))
        own++;
    option = index < own ? tool_option_table(index) : vanon_option_table(index - own);
    if (option)
        *choice = make_choice(option);
    return option;
}

/* A text inside single quotes: `quote` stands for one of them, a backslash goes before each
 * character of `escaped`. */
static void print_quoted(const char *text, size_t length, const char *quote, const char *escaped)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'') {
            printf("%s", quote);
        } else {
            if (strchr(escaped, text[i]))
                putchar('\\');
            putchar(text[i]);
        }
    }
}

/* bash */

static void print_bash_flags(const vanon_option_info *option, const char *between)
{
    if (tool_short_flag(option->flag))
        printf("-%c%s", tool_short_flag(option->flag), between);
    printf("--%s", option->flag);
    if (option->alias)
        printf("%s--%s", between, option->alias);
}

static void print_bash_values(void)
{
    struct choice choice;

    for (size_t i = 0; choice_at(&choice, i); i++) {
        if (!choice.option->value)
            continue;
        printf("    ");
        print_bash_flags(choice.option, " | ");
        if (choice.file)
            printf(") files=yes ;;\n");
        else if (*choice.words)
            printf(") words='%s' ;;\n", choice.words);
        else
            printf(") ;;\n");
    }
}

static void print_bash(void)
{
    struct choice choice;

    printf("# For bash, made by vanon --completion bash.\n"
           "_vanon()\n"
           "{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    local words='' files=no first=''\n"
           "    COMPREPLY=()\n"
           "    # bash may take --flag=value for three words, the equals sign one of them.\n"
           "    if [[ $current == = ]]; then\n"
           "        current=\n"
           "    elif [[ $before == = ]] && ((COMP_CWORD > 1)); then\n"
           "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    fi\n"
           "    case $before in\n");
    print_bash_values();
    printf("    *)\n"
           "        words='");
    for (const struct tool_word *word = tool_topics[0].words; word->name; word++)
        printf("%s ", word->name);
    printf("'\n"
           "        ((COMP_CWORD == 1)) || words=\n"
           "        files=yes\n"
           "        if [[ $current == -* ]]; then\n"
           "            files=no\n"
           "            words='");
    for (size_t i = 0; choice_at(&choice, i); i++) {
        printf("%s", i ? " " : "");
        print_bash_flags(choice.option, " ");
    }
    printf("'\n"
           "        fi\n"
           "        ;;\n"
           "    esac\n"
           "    if [[ $files == yes ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
           "        compopt -o filenames 2>/dev/null\n"
           "    fi\n"
           "    [[ $current == *,* ]] && first=${current%%,*},\n"
           "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < \\\n"
           "        <(compgen -P \"$first\" -W \"$words\" -- \"${current##*,}\")\n"
           "}\n"
           "complete -F _vanon vanon\n");
}

/* zsh */

static void print_zsh_flag(const struct choice *choice, const char *dashes, const char *flag)
{
    const vanon_option_info *option = choice->option;
    const char *optional = option->value && option->value[0] == '[' ? "::" : ":";

    printf(" \\\n    '%s%s%s[", dashes, flag, option->value && dashes[1] ? "=" : "");
    print_quoted(option->help, tool_first_sentence(option->help), "'\\''", "[]\\:");
    putchar(']');
    if (option->value) {
        printf("%s", optional);
        print_quoted(option->value, strlen(option->value), "'\\''", ":\\");
        putchar(':');
        if (choice->file)
            printf("_files");
        else if (*choice->words && choice->list)
            printf("_values -s , word %s", choice->words);
        else if (*choice->words)
            printf("(%s)", choice->words);
    }
    putchar('\'');
}

static void print_zsh(void)
{
    struct choice choice;

    printf("#compdef vanon\n# For zsh, made by vanon --completion zsh.\n_arguments -S");
    for (size_t i = 0; choice_at(&choice, i); i++) {
        char letter[2] = {tool_short_flag(choice.option->flag), '\0'};

        if (*letter)
            print_zsh_flag(&choice, "-", letter);
        print_zsh_flag(&choice, "--", choice.option->flag);
        if (choice.option->alias)
            print_zsh_flag(&choice, "--", choice.option->alias);
    }
    printf(" \\\n    '1:input or command:{_values command");
    for (const struct tool_word *word = tool_topics[0].words; word->name; word++)
        printf(" %s", word->name);
    printf("; _files}' \\\n    '*:input:_files'\n");
}

/* fish */

static void print_fish_option(const struct choice *choice)
{
    const vanon_option_info *option = choice->option;

    printf("complete -c vanon -l %s", option->flag);
    if (option->alias)
        printf(" -l %s", option->alias);
    if (tool_short_flag(option->flag))
        printf(" -s %c", tool_short_flag(option->flag));
    if (choice->file)
        printf(" -r -F");
    else if (option->value)
        printf(option->value[0] == '[' ? " -f" : " -x");
    if (*choice->words && choice->list)
        printf(" -a '(__fish_append , %s)'", choice->words);
    else if (*choice->words)
        printf(" -a '%s'", choice->words);
    printf(" -d '");
    print_quoted(option->help, tool_first_sentence(option->help), "\\'", "\\");
    printf("'\n");
}

static void print_fish(void)
{
    struct choice choice;

    printf("# For fish, made by vanon --completion fish.\n");
    for (const struct tool_word *word = tool_topics[0].words; word->name; word++) {
        printf("complete -c vanon -n __fish_use_subcommand -a %s -d '", word->name);
        print_quoted(word->help, tool_first_sentence(word->help), "\\'", "\\");
        printf("'\n");
    }
    for (size_t i = 0; choice_at(&choice, i); i++)
        print_fish_option(&choice);
}

int tool_completion(const char *shell, const vanon_log *log)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!strcmp(shell, shells[i].name)) {
            shells[i].print();
            return VANON_OK;
        }
    tool_message(log, VANON_LOG_ERROR, "--completion: '%s' is not allowed; one of bash, zsh, fish",
                 shell);
    return VANON_ERR_OPTION;
}
