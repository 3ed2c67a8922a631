/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
        tool_print_wrapped("# ", 2, info->help);
        printf("%s: ", info->key);
        print_yaml(value);
        free(value);
    }
    return VANON_OK;
}

/* The work itself */

static void summarize(enum tool_command command, const vanon_job *job,
                      const struct tool_progress *progress)
{
    const struct vanon_progress *end = &progress->latest;
    const char *path = vanon_job_output(job); /* empty: checksums, which are no file */

    fprintf(stderr, "%s%s", *path ? "wrote " : "done", path);
    if (command == TOOL_EXPLAIN) /* of one frame, whatever was looked at before it */
        fprintf(stderr, "\n");
    else
        fprintf(stderr, ": %" PRIu64 " frame%s, %.1f s, %.1f fps\n", end->frames,
                end->frames == 1 ? "" : "s", end->seconds,
                end->seconds > 0 ? (double)end->frames / end->seconds : 0.0);
}

/* Without the line breaks and the space that follows them, which are never inside of a string. */
static void print_on_one_line(const char *report)
{
    while (*report) {
        size_t length = strcspn(report, "\n");

        printf("%.*s", (int)length, report);
        report += length;
        report += strspn(report, "\n ");
    }
    putchar('\n');
}

static int print_report(vanon_job *job, bool on_one_line)
{
    const char *report = vanon_job_report(job);

    if (!report)
        return VANON_ERR_MEMORY;
    if (on_one_line)
        print_on_one_line(report);
    else
        printf("%s\n", report);
    return VANON_OK;
}

enum vanon_job_mode tool_mode(enum tool_command command)
{
    switch (command) {
    case TOOL_DETECT:
        return VANON_JOB_DETECT;
    case TOOL_EXPLAIN:
        return VANON_JOB_EXPLAIN;
    case TOOL_VERIFY:
        return VANON_JOB_VERIFY;
    default:
        return VANON_JOB_ANONYMIZE;
    }
}

int tool_process(const struct tool_request *request, vanon_options *options, const vanon_log *log,
                 struct tool_progress *progress)
{
    if (tool_inputs_are_many(request, options))
        return tool_batch(request, options, log, progress);
    return tool_single(request->command, options, log, progress);
}

int tool_process_one(enum tool_command command, const vanon_options *options, const vanon_log *log,
                     struct tool_progress *progress, bool on_one_line, bool *reported)
{
    struct vanon_job_params params = {
        .options = options,
        .log = log,
        .mode = tool_mode(command),
        .progress = tool_progress_update,
        .opaque = progress,
    };
    bool quiet = tool_is_on(options, "quiet");
    char *log_every = tool_get(options, "log_every");
    vanon_job *job = NULL;
    int status = log_every ? vanon_job_create(&job, &params) : VANON_ERR_MEMORY;

    if (status)
        goto fail;
    if (!quiet)
        tool_progress_start(progress, strtoull(log_every, NULL, 10), tool_is_on(options, "stats"));
    status = tool_run_job(job);
    tool_progress_stop(progress);
    if (!status && !quiet && command != TOOL_VERIFY)
        summarize(command, job, progress);
    if (tool_is_on(options, "json")) {
        int printed = print_report(job, on_one_line);

        *reported = !printed;
        status = status ? status : printed;
    } else if (!quiet || params.mode != VANON_JOB_ANONYMIZE || !*vanon_job_output(job)) {
        printf("%s", vanon_job_summary(job));
    }
fail:
    vanon_job_destroy(&job);
    free(log_every);
    return status;
}
