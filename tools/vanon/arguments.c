/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"
#include "words.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GENERAL "General"

static const vanon_option_info own_options[] = {
    {"config", "config", NULL, GENERAL, "FILE", "",
     "Read settings from a YAML file. The command line overrules it."},
    {"dump-config", "dump-config", NULL, GENERAL, NULL, "",
     "Print all settings as such a file, with what --config and other options set, and stop."},
    {"help", "help", NULL, GENERAL, "[TOPIC]", "",
     "Print this help and stop; of a TOPIC more: an option, parts, styles, pipelines, commands, "
     "exit-codes, or a word of them."},
    {"version", "version", NULL, GENERAL, NULL, "", "Print the version and stop."},
    {"man", "man", NULL, GENERAL, NULL, "",
     "Print the manual page and stop: vanon --man | man -l -."},
    {"completion", "completion", NULL, GENERAL, "bash|zsh|fish", "",
     "Print what the shell needs to complete command lines, and stop."},
};

static const struct {
    char letter;
    const char *flag;
} short_flags[] = {{'o', "output"}, {'q', "quiet"}, {'h', "help"}};

/* One flag or input of the command line. */
struct argument {
    const vanon_option_info *option;
    const char *value;
    const char *written; /* the flag as it was typed; "" for an input without one */
    size_t written_length;
};

/* The whole command line, in its order. */
struct arguments {
    const vanon_log *log;
    char *const *argv;
    int argc, next; /* the next to read */
    struct argument *list;
    size_t count;
    size_t words; /* without a flag, but for the command */
    const struct command *command;
    struct tool_request request;
};

/* A word that stands where a first input may: what it asks for, which options the words behind it
 * are for, and which of them must be known, from there or from elsewhere. */
static const struct command {
    const char *word; /* "": there is none */
    enum tool_command command;
    const char *detector;       /* who finds the people; NULL: whom the settings say */
    const char *first, *second; /* keys; NULL: no such word is taken */
    bool many;                  /* all words are for the first */
    const char *needed[2];      /* keys */
} commands[] = {
    {"", TOOL_ANONYMIZE, NULL, "input", NULL, true, {"input"}},
    {"detect", TOOL_DETECT, NULL, "input", NULL, true, {"input"}},
    {"apply", TOOL_ANONYMIZE, "apply", "input", "sidecar", false, {"input", "sidecar"}},
    {"explain", TOOL_EXPLAIN, NULL, "input", NULL, true, {"input"}},
    {"verify", TOOL_VERIFY, NULL, "input", "output", false, {"input", "output"}},
    {"info", TOOL_INFO, NULL, NULL, NULL, false, {NULL}},
    {"help", TOOL_HELP, NULL, "help", NULL, false, {NULL}},
};

const vanon_option_info *tool_option_table(size_t index)
{
    return index < sizeof own_options / sizeof *own_options ? &own_options[index] : NULL;
}

char tool_short_flag(const char *flag)
{
    for (size_t i = 0; i < sizeof short_flags / sizeof *short_flags; i++)
        if (!strcmp(short_flags[i].flag, flag))
            return short_flags[i].letter;
    return 0;
}

/* All options that the command line takes: the command's own, then the library's. */
static const vanon_option_info *option_at(size_t index)
{
    const size_t own = sizeof own_options / sizeof *own_options;

    return index < own ? &own_options[index] : vanon_option_table(index - own);
}

static bool same_text(const char *text, size_t length, const char *name)
{
    return name && strlen(name) == length && !memcmp(text, name, length);
}

/* The flag of `length` bytes, without dashes: by flag, alias, or key with hyphens. */
static const vanon_option_info *find_long(const char *flag, size_t length)
{
    const vanon_option_info *info;

    for (size_t i = 0; (info = option_at(i)); i++) {
        bool key = strlen(info->key) == length;

        for (size_t j = 0; key && j < length; j++)
            key = flag[j] == (info->key[j] == '_' ? '-' : info->key[j]);
        if (key || same_text(flag, length, info->flag) || same_text(flag, length, info->alias))
            return info;
    }
    return NULL;
}

static const vanon_option_info *find_short(const char *text)
{
    for (size_t i = 0; text[1] && !text[2] && i < sizeof short_flags / sizeof *short_flags; i++)
        if (text[1] == short_flags[i].letter)
            return find_long(short_flags[i].flag, strlen(short_flags[i].flag));
    return NULL;
}

const vanon_option_info *tool_find_option(const char *name)
{
    char flag[64];
    size_t length;

    name += strspn(name, "-");
    length = strlen(name);
    if (length >= sizeof flag)
        return NULL;
    if (length == 1) {
        snprintf(flag, sizeof flag, "-%s", name);
        return find_short(flag);
    }
    for (size_t i = 0; i <= length; i++)
        flag[i] = name[i] == '_' ? '-' : name[i];
    return find_long(flag, length);
}

static int refuse_unknown(const struct arguments *arguments, const char *text, size_t length)
{
    const char *nearest = NULL;
    unsigned best = UINT_MAX, distance;
    const vanon_option_info *info;
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)length, text);
    for (size_t i = 0; (info = option_at(i)); i++) {
        const char *const flags[] = {info->flag, info->alias};

        for (size_t j = 0; j < 2 && flags[j]; j++) {
            distance = vanon_option_distance(name + strspn(name, "-"), flags[j]);
            if (distance < best) {
                best = distance;
                nearest = flags[j];
            }
        }
    }
    if (nearest)
        tool_message(arguments->log, VANON_LOG_ERROR, "unknown option '%s'; did you mean '--%s'?",
                     name, nearest);
    else
        tool_message(arguments->log, VANON_LOG_ERROR, "unknown option '%s'; vanon --help lists all",
                     name);
    return VANON_ERR_OPTION;
}

static void add(struct arguments *arguments, const struct argument *argument)
{
    if (!strcmp(argument->option->key, "input"))
        arguments->request.inputs[arguments->request.input_count++] = argument->value;
    arguments->list[arguments->count++] = *argument;
}

static int refuse_words(const struct arguments *arguments, const char *what, const char *why)
{
    tool_message(arguments->log, VANON_LOG_ERROR, "%s%s; usage: %s", what, why,
                 tool_usage_of(arguments->command->word));
    return VANON_ERR_OPTION;
}

static int add_positional(struct arguments *arguments, const char *text, bool may_be_command)
{
    const struct command *command = arguments->command;
    const char *key = arguments->words ? command->second : command->first;
    struct argument argument = {.value = text, .written = ""};

    for (size_t i = 1; may_be_command && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(text, commands[i].word)) {
            arguments->command = &commands[i];
            arguments->request.command = commands[i].command;
            argument.option = tool_find_option("detector");
            argument.value = commands[i].detector;
            if (argument.value)
                add(arguments, &argument);
            return VANON_OK;
        }
    if (command->many)
        key = command->first;
    if (!key || (arguments->words > 1 && !command->many))
        return refuse_words(arguments, text, ": too much");
    argument.option = tool_find_option(key);
    arguments->words++;
    add(arguments, &argument);
    return VANON_OK;
}

static int refuse_value(const struct arguments *arguments, const struct argument *argument,
                        const char *rule)
{
    tool_message(arguments->log, VANON_LOG_ERROR, "%.*s: %s%s", (int)argument->written_length,
                 argument->written, rule, argument->option->value ? argument->option->value : "");
    return VANON_ERR_OPTION;
}

/* The value of an option that needs one: behind "=", else the next word. */
static int take_value(struct arguments *arguments, struct argument *argument, const char *attached)
{
    const char *next = arguments->next < arguments->argc ? arguments->argv[arguments->next] : NULL;

    argument->value = attached;
    if (attached)
        return VANON_OK;
    if (argument->option->value[0] == '[' && (!next || next[0] == '-')) { /* it may be left out */
        argument->value = "";
        return VANON_OK;
    }
    if (!next || (next[0] == '-' && next[1] == '-'))
        return refuse_value(arguments, argument, "needs a value: ");
    argument->value = next;
    arguments->next++;
    return VANON_OK;
}

static int add_flag(struct arguments *arguments, const char *text)
{
    const char *equals = strchr(text, '='), *attached = equals ? equals + 1 : NULL;
    size_t length = equals ? (size_t)(equals - text) : strlen(text);
    struct argument argument = {.written = text, .written_length = length, .value = "true"};
    int status = VANON_OK;

    if (text[1] != '-') {
        argument.option = find_short(text);
    } else {
        argument.option = find_long(text + 2, length - 2);
        if (!argument.option && !strncmp(text, "--no-", 5) && !attached) {
            const vanon_option_info *negated = find_long(text + 5, length - 5);

            argument.value = "false";
            if (negated && !negated->value && *negated->initial) /* not one of the own */
                argument.option = negated;
        }
    }
    if (!argument.option)
        return refuse_unknown(arguments, text, length);
    if (argument.option->value)
        status = take_value(arguments, &argument, attached);
    else if (attached && !*argument.option->initial)
        return refuse_value(arguments, &argument, "takes no value");
    else if (attached)
        argument.value = attached;
    if (!status)
        add(arguments, &argument);
    return status;
}

static int collect(struct arguments *arguments)
{
    bool only_inputs = false, first = true;
    int status = VANON_OK;

    while (!status && arguments->next < arguments->argc) {
        const char *text = arguments->argv[arguments->next++];

        if (only_inputs || text[0] != '-' || !text[1]) {
            status = add_positional(arguments, text, first && !only_inputs);
            first = false;
        } else if (!strcmp(text, "--")) {
            only_inputs = true;
        } else {
            status = add_flag(arguments, text);
        }
    }
    return status;
}

static bool is_own(const struct argument *argument, const char *key)
{
    return argument->option >= own_options &&
           argument->option < own_options + sizeof own_options / sizeof *own_options &&
           (!key || !strcmp(argument->option->key, key));
}

static int set(vanon_options *options, const struct argument *argument)
{
    char place[80] = "";

    if (*argument->written)
        snprintf(place, sizeof place, "%.*s: ", (int)argument->written_length, argument->written);
    return vanon_options_set_at(options, place, argument->option->key, argument->value);
}

/* Sets what the i-th argument says; of an option that takes several values, together with those of
 * the arguments before it. */
static int set_with_earlier(const struct arguments *arguments, size_t index, vanon_options *options)
{
    struct argument argument = arguments->list[index];
    const char *join = vanon_option_join(argument.option->key);
    char *earlier = NULL, *joined = NULL;
    bool repeated = false;
    int status;

    for (size_t i = 0; join && i < index; i++)
        repeated = repeated || arguments->list[i].option == argument.option;
    if (repeated) {
        earlier = tool_get(options, argument.option->key);
        if (!earlier ||
            asprintf(&joined, "%s%s%s", earlier, *earlier ? join : "", argument.value) < 0) {
            free(earlier);
            return VANON_ERR_MEMORY;
        }
        argument.value = joined;
    }
    status = set(options, &argument);
    free(earlier);
    free(joined);
    return status;
}

/* --quiet counts for what the reading itself has to say. */
static int apply_quiet(const struct arguments *arguments, vanon_options *options, vanon_log *log)
{
    int status = VANON_OK;

    for (size_t i = 0; !status && i < arguments->count; i++)
        if (!strcmp(arguments->list[i].option->key, "quiet"))
            status = set(options, &arguments->list[i]);
    if (tool_is_on(options, "quiet"))
        log->level = VANON_LOG_ERROR;
    return status;
}

static int apply(const struct arguments *arguments, vanon_options *options, vanon_log *log)
{
    int status = apply_quiet(arguments, options, log);

    for (size_t i = 0; !status && i < arguments->count; i++)
        if (is_own(&arguments->list[i], "config"))
            status = vanon_options_load(options, arguments->list[i].value);
    if (status == VANON_ERR_IO) /* the file: a wrong command line, neither input nor output */
        status = VANON_ERR_OPTION;
    for (size_t i = 0; !status && i < arguments->count; i++)
        if (!is_own(&arguments->list[i], NULL))
            status = set_with_earlier(arguments, i, options);
    if (!status)
        status = apply_quiet(arguments, options, log); /* of a configuration */
    return status;
}

/* Those that stop go before each other in this order. */
static void choose_command(struct arguments *arguments)
{
    static const struct {
        const char *key;
        enum tool_command command;
    } stops[] = {{"help", TOOL_HELP},
                 {"version", TOOL_VERSION},
                 {"man", TOOL_MAN},
                 {"completion", TOOL_COMPLETION},
                 {"dump-config", TOOL_DUMP_CONFIG}};

    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        for (size_t j = 0; j < arguments->count; j++)
            if (is_own(&arguments->list[j], stops[i].key)) {
                arguments->request.command = stops[i].command;
                arguments->request.word = arguments->list[j].value;
                if (stops[i].command == TOOL_HELP && !*arguments->request.word)
                    arguments->request.word = arguments->command->word; /* vanon verify --help */
                return;
            }
}

static int check_inputs(const struct arguments *arguments)
{
    const struct tool_request *request = &arguments->request;

    if (request->command != TOOL_DUMP_CONFIG || request->input_count <= 1)
        return VANON_OK;
    tool_message(arguments->log, VANON_LOG_ERROR,
                 "--dump-config: a configuration names one input, here are %zu",
                 request->input_count);
    return VANON_ERR_OPTION;
}

/* Of a command that takes one of a kind, no option is given by a word and by a flag, too. */
static int check_twice(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->count && !arguments->command->many; i++)
        for (size_t j = 0; j < arguments->count; j++) {
            const struct argument *word = &arguments->list[i], *flag = &arguments->list[j];

            if (word->option == flag->option && !*word->written && *flag->written)
                return refuse_words(arguments, word->value, ": is named by a flag, too");
        }
    return VANON_OK;
}

/* Options that do something with one command alone. */
static void warn_of_idle(const struct arguments *arguments, const vanon_options *options)
{
    static const struct {
        const char *key;
        enum tool_command command;
        const char *who;
    } idle[] = {{"frame", TOOL_EXPLAIN, "vanon explain"},
                {"with_regions", TOOL_DETECT, "vanon detect"},
                {"sheet", TOOL_VERIFY, "vanon verify and --strict"}};

    for (size_t i = 0; i < arguments->count; i++)
        for (size_t j = 0; j < sizeof idle / sizeof *idle; j++)
            if (!strcmp(arguments->list[i].option->key, idle[j].key) &&
                arguments->request.command != idle[j].command &&
                !(idle[j].command == TOOL_VERIFY && tool_is_on(options, "strict")))
                tool_message(arguments->log, VANON_LOG_WARNING,
                             "--%s has no effect here; it is for %s",
                             arguments->list[i].option->flag, idle[j].who);
}

/* The command that a mistyped word may stand for; NULL: none. A command behind "--" is a file. */
static const char *find_command_like(const char *word)
{
    const char *nearest = NULL;
    unsigned best = UINT_MAX, distance;

    for (size_t i = 1; i < sizeof commands / sizeof *commands; i++) {
        distance = vanon_option_distance(word, commands[i].word);
        if (distance < best && strcmp(word, commands[i].word) != 0) {
            best = distance;
            nearest = commands[i].word;
        }
    }
    return nearest;
}

static bool is_part(const char *word)
{
    const char *part;

    for (size_t i = 0; (part = vanon_option_word("parts", i)); i++)
        if (!strcmp(word, part))
            return true;
    return false;
}

/* A first word that is no file may be a mistyped command, and any word a part behind a space where
 * a comma was meant: the rest of the line would then be done, with less hidden. */
static int check_words(const struct arguments *arguments)
{
    const struct argument *first = NULL;

    for (size_t i = 0; i < arguments->count && !*arguments->command->word; i++) {
        const struct argument *word = &arguments->list[i];
        const char *meant;

        if (*word->written)
            continue;
        first = first ? first : word;
        meant = word == first ? find_command_like(word->value) : NULL;
        if ((!meant && !is_part(word->value)) || !access(word->value, F_OK))
            continue;
        if (meant)
            tool_message(arguments->log, VANON_LOG_ERROR,
                         "%s: neither a file nor a command; did you mean '%s'?", word->value,
                         meant);
        else
            tool_message(arguments->log, VANON_LOG_ERROR,
                         "%s: is no file; several parts are joined by commas: --parts eyes,%s",
                         word->value, word->value);
        return VANON_ERR_OPTION;
    }
    return VANON_OK;
}

/* What the command can't do without is known, once all settings are. */
static int check_needed(const struct arguments *arguments, const vanon_options *options)
{
    const struct command *command = arguments->command;
    const size_t most = sizeof command->needed / sizeof *command->needed;

    if (arguments->request.command != command->command) /* it stops before */
        return VANON_OK;
    for (size_t i = 0; i < most && command->needed[i]; i++) {
        char *value = tool_get(options, command->needed[i]);
        bool missing = value && !*value;

        free(value);
        if (!value)
            return VANON_ERR_MEMORY;
        if (missing)
            return refuse_words(arguments, "no ", command->needed[i]);
    }
    return VANON_OK;
}

/* True for what is told without a look at the settings. */
static bool is_fixed(enum tool_command command)
{
    return command == TOOL_HELP || command == TOOL_VERSION || command == TOOL_MAN ||
           command == TOOL_COMPLETION;
}

/* From words to settings. */
static int settle(const struct arguments *arguments, vanon_options *options, vanon_log *log)
{
    int status = check_words(arguments);

    if (!status)
        status = apply(arguments, options, log);
    if (!status)
        status = check_needed(arguments, options);
    if (!status && arguments->request.command != TOOL_DUMP_CONFIG)
        warn_of_idle(arguments, options);
    return status;
}

int tool_read_arguments(int argc, char *const argv[], vanon_options *options, vanon_log *log,
                        struct tool_request *request)
{
    struct arguments arguments = {
        .log = log,
        .argv = argv,
        .argc = argc,
        .next = 1,
        .command = commands,
        .request = {.word = ""},
    };
    int status;

    arguments.list = calloc((size_t)argc, sizeof *arguments.list);
    arguments.request.inputs = calloc((size_t)argc, sizeof *arguments.request.inputs);
    status = arguments.list && arguments.request.inputs ? collect(&arguments) : VANON_ERR_MEMORY;
    if (!status) {
        choose_command(&arguments);
        status = check_inputs(&arguments);
    }
    if (!status)
        status = check_twice(&arguments);
    if (!status && !is_fixed(arguments.request.command))
        status = settle(&arguments, options, log);
    *request = arguments.request;
    free(arguments.list);
    return status;
}
