/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  79 /* of the help and of comments: one column less than a terminal */
#define INDENT 28 /* where the help's right side starts */

char *tool_get(const vanon_options *options, const char *key)
{
    int length = vanon_options_get(options, key, NULL, 0);
    char *text = length >= 0 ? malloc((size_t)length + 1) : NULL;

    if (text)
        vanon_options_get(options, key, text, (size_t)length + 1);
    return text;
}

bool tool_is_on(const vanon_options *options, const char *key)
{
    char text[8];

    return vanon_options_get(options, key, text, sizeof text) > 0 && !strcmp(text, "true");
}

/* Help */

/* Prints words from `column` on; lines after the first start with `margin`. Ends the line. */
static void print_wrapped(const char *margin, size_t column, const char *text)
{
    size_t start = strlen(margin);

    while (*text) {
        size_t word = strcspn(text, " ");

        if (column > start && column + 1 + word > WIDTH) {
            printf("\n%s", margin);
            column = start;
        }
        column += (size_t)printf("%s%.*s", column > start ? " " : "", (int)word, text);
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(const vanon_option_info *info)
{
    char name[128], margin[INDENT + 1], help[768], letter[8] = "";
    int length;

    if (tool_short_flag(info->flag))
        snprintf(letter, sizeof letter, "-%c, ", tool_short_flag(info->flag));
    length = snprintf(name, sizeof name, "  %s--%s%s%s%s%s", letter, info->flag,
                      info->alias ? ", --" : "", info->alias ? info->alias : "",
                      info->value ? " " : "", info->value ? info->value : "");
    snprintf(margin, sizeof margin, "%*s", INDENT, "");
    snprintf(help, sizeof help, "%s%s%s%s", info->help,
             info->value && *info->initial ? " Default: " : "", info->value ? info->initial : "",
             info->value && *info->initial ? "." : "");
    if (length > INDENT - 2)
        printf("%s\n%s", name, margin);
    else
        printf("%-*s", INDENT, name);
    print_wrapped(margin, INDENT, help);
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

void tool_usage(FILE *file)
{
    fputs("usage: vanon [options] INPUT -o OUTPUT\n"
          "       vanon detect [options] INPUT -o PEOPLE.jsonl\n"
          "       vanon --help | --version | --dump-config\n",
          file);
}

void tool_help(void)
{
    tool_usage(stdout);
    printf("\n");
    print_wrapped("", 0,
                  "Hides parts of people in a video, eyes and elbows if nothing else is said, and "
                  "leaves the rest of the file as it was. `vanon detect` only writes where people "
                  "are, a JSON object a line, for the replay detector.");
    printf("\n");
    print_wrapped("", 0,
                  "A value follows its option or an equals sign: --parts eyes, --parts=eyes. "
                  "--no-NAME turns a switch off that a configuration turned on. After -- all is "
                  "INPUT.");
    print_options(tool_option_table);
    print_options(vanon_option_table);
    printf("\nExit codes:\n");
    for (const struct tool_exit *exit = tool_exits; exit->words; exit++)
        printf("  %3d  %s\n", exit->code, exit->words);
    printf("\nExamples:\n"
           "  vanon in.mp4 -o out.mp4\n"
           "  vanon --parts eyes --style solid --safety-margin 20 in.mp4 -o out.mp4\n"
           "  vanon --config configs/cpu_optimized.yaml in.mkv -o out.mkv\n"
           "  vanon --codec ffv1 --report report.json in.mkv -o out.mkv\n"
           "  vanon detect in.mp4 -o people.jsonl\n"
           "  vanon --detector replay --sidecar people.jsonl in.mp4 -o out.mp4\n");
}

void tool_version(void)
{
    printf("vanon %s\n", vanon_version());
}

/* Settings as YAML */

/* True where YAML takes the text as it is for one word that is not null. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "-_./=,";

    return *text && strchr(letters, *text) && !text[strspn(text, inside)] &&
           strcmp(text, "null") != 0 && strcmp(text, "Null") != 0 && strcmp(text, "NULL") != 0;
}

static void print_yaml(const char *text)
{
    if (is_plain(text)) {
        printf("%s\n", text);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            printf("\\x%02X", (unsigned)(unsigned char)*text);
        else if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    puts("\"");
}

int tool_dump_config(const vanon_options *options)
{
    const vanon_option_info *info;
    const char *group = "";

    printf("# Settings of vanon %s. vanon --config FILE reads them.\n", vanon_version());
    for (size_t i = 0; (info = vanon_option_table(i)); i++) {
        char *value = tool_get(options, info->key);

        if (!value)
            return VANON_ERR_MEMORY;
        if (strcmp(group, info->group) != 0)
            printf("\n# ---- %s ----\n", info->group);
        group = info->group;
        printf("\n# ");
        print_wrapped("# ", 2, info->help);
        printf("%s: ", info->key);
        print_yaml(value);
        free(value);
    }
    return VANON_OK;
}

/* The work itself */

static void summarize(const vanon_job *job, const struct tool_progress *progress)
{
    const struct vanon_progress *end = &progress->latest;
    const char *path = vanon_job_output(job); /* empty: checksums, which are no file */

    fprintf(stderr, "%s%s: %" PRIu64 " frames, %.1f s, %.1f fps\n", *path ? "wrote " : "done", path,
            end->frames, end->seconds, end->seconds > 0 ? (double)end->frames / end->seconds : 0.0);
}

static int require_input(const vanon_options *options, const vanon_log *log)
{
    char *input = tool_get(options, "input");
    bool missing = input && !*input;

    free(input);
    if (!input)
        return VANON_ERR_MEMORY;
    if (!missing)
        return VANON_OK;
    tool_message(log, VANON_LOG_ERROR,
                 "no input; vanon [options] INPUT -o OUTPUT, and vanon --help tells more");
    return VANON_ERR_OPTION;
}

static int print_report(vanon_job *job)
{
    const char *report = vanon_job_report(job);

    if (!report)
        return VANON_ERR_MEMORY;
    printf("%s\n", report);
    return VANON_OK;
}

int tool_process(enum tool_command command, const vanon_options *options, const vanon_log *log,
                 struct tool_progress *progress)
{
    struct vanon_job_params params = {
        .options = options,
        .log = log,
        .mode = command == TOOL_DETECT ? VANON_JOB_DETECT : VANON_JOB_ANONYMIZE,
        .progress = tool_progress_update,
        .opaque = progress,
    };
    bool quiet = tool_is_on(options, "quiet");
    char *log_every = tool_get(options, "log_every");
    vanon_job *job = NULL;
    int status = log_every ? require_input(options, log) : VANON_ERR_MEMORY;

    if (!status)
        status = vanon_job_create(&job, &params);
    if (status)
        goto fail;
    if (!quiet)
        tool_progress_start(progress, strtoull(log_every, NULL, 10));
    status = tool_run_job(job);
    tool_progress_stop(progress);
    if (!status && !quiet)
        summarize(job, progress);
    if (tool_is_on(options, "json")) {
        int printed = print_report(job);

        status = status ? status : printed;
    }
fail:
    vanon_job_destroy(&job);
    free(log_every);
    return status;
}
