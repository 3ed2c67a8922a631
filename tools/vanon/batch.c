/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One input, several, or folders of them, in one call: what is done to which is settled before
 * anything starts, then one after the other.
 */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inputs.h"

/* A log that also keeps the last error, for inputs that come to no report. */
struct listener {
    const vanon_log *log;
    pthread_mutex_t lock;
    char error[1024]; /* guarded by lock */
};

struct counts {
    size_t done, failed, begun;
    int status;        /* of the first that failed */
    const char *input; /* the first that failed */
};

static void listen(void *opaque, enum vanon_log_level level, const char *message)
{
    struct listener *listener = opaque;

    if (level == VANON_LOG_ERROR) {
        pthread_mutex_lock(&listener->lock);
        snprintf(listener->error, sizeof listener->error, "%s", message);
        pthread_mutex_unlock(&listener->lock);
    }
    if (level <= listener->log->level)
        listener->log->write(listener->log->opaque, level, message);
}

/* Makes the folders that `path` lies in, where they are missing. `made`: the length of the first
 * one's name that was; 0: all are there. */
static int make_folders(const char *path, size_t *made, const vanon_log *log)
{
    char *folder = strdup(path);
    int failed = !folder;

    *made = 0;

    for (char *slash = folder ? strchr(folder + 1, '/') : NULL; slash && !failed;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        failed = mkdir(folder, 0777);
        if (!failed && !*made)
            *made = (size_t)(slash - folder);
        failed = failed && errno != EEXIST;
        if (failed)
            tool_message(log, VANON_LOG_ERROR, "output %s: can't make the folder %s: %s", path,
                         folder, strerror(errno));
        *slash = '/';
    }
    free(folder);
    if (!failed)
        return VANON_OK;
    return folder ? VANON_ERR_IO : VANON_ERR_MEMORY;
}

/* Takes them away again, unless something lies in them. */
static void remove_folders(const char *path, size_t made)
{
    char *folder = made ? strdup(path) : NULL, *slash;

    while (folder && (slash = strrchr(folder, '/')) && (size_t)(slash - folder) >= made) {
        *slash = '\0';
        if (rmdir(folder))
            break;
    }
    free(folder);
}

/* The length of a well-formed character of UTF-8 that takes several bytes; 0: it is none. */
static size_t character_length(const unsigned char *text)
{
    size_t length = *text >= 0xF0 ? 4 : *text >= 0xE0 ? 3 : 2;

    if (*text < 0xC2 || *text > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((*text == 0xE0 && text[1] < 0xA0) || (*text == 0xED && text[1] > 0x9F) ||
        (*text == 0xF0 && text[1] < 0x90) || (*text == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

/* Prints a JSON string; what is no UTF-8 becomes a mark that says so. */
static void print_json(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;

    putchar('"');
    while (*byte) {
        size_t length = *byte < 0x80 ? 1 : character_length(byte);

        if (!length)
            fputs("\\ufffd", stdout);
        else if (*byte < ' ')
            printf("\\u%04x", (unsigned)*byte);
        else
            printf("%s%.*s", *byte == '"' || *byte == '\\' ? "\\" : "", (int)length, byte);
        byte += length ? length : 1;
    }
    putchar('"');
}

/* For an input that did not come to a job: the line that stands for its report. */
static void print_failure(const struct tool_input *input, int status, const char *error)
{
    printf("{\"vanon\": \"%s\",\"status\": ", vanon_version());
    print_json(vanon_status_text(status));
    printf(",\"error\": ");
    print_json(error);
    printf(",\"input\": ");
    print_json(input->path);
    printf(",\"output\": ");
    print_json(input->output);
    printf("}\n");
}

/* Folders that were made for one input. */
struct made {
    size_t output, report; /* see make_folders */
};

static int set_up(const struct tool_input *input, struct made *made, vanon_options *options,
                  const vanon_log *log)
{
    int status = input->status;

    if (!status)
        status = vanon_options_set(options, "input", input->path);
    if (!status)
        status = vanon_options_set(options, "output", input->output);
    if (!status)
        status = vanon_options_set(options, "report", input->report);
    if (!status && *input->output)
        status = make_folders(input->output, &made->output, log);
    if (!status && *input->report)
        status = make_folders(input->report, &made->report, log);
    return status;
}

static int process(enum tool_command command, const struct tool_input *input,
                   vanon_options *options, struct listener *listener,
                   struct tool_progress *progress)
{
    vanon_log log = {.write = listen, .opaque = listener, .level = listener->log->level};
    struct made made = {0};
    bool reported = false;
    int status;

    listener->error[0] = '\0';
    status = set_up(input, &made, options, &log);
    if (!status)
        status = tool_process_one(command, options, &log, progress, true, &reported);
    if (status) {
        remove_folders(input->output, made.output);
        remove_folders(input->report, made.report);
    }
    if (status && !reported && tool_is_on(options, "json"))
        print_failure(input, status, listener->error);
    fflush(stdout);
    return status;
}

int tool_single(enum tool_command command, const vanon_options *options, const vanon_log *log,
                struct tool_progress *progress)
{
    struct listener listener = {.log = log, .lock = PTHREAD_MUTEX_INITIALIZER};
    vanon_log own = {.write = listen, .opaque = &listener, .level = log->level};
    bool reported = false;
    int status = tool_process_one(command, options, &own, progress, false, &reported);

    /* A wrong option is no matter of the input; standard output may be meant for the video then. */
    if (status && status != VANON_ERR_OPTION && !reported && tool_is_on(options, "json")) {
        struct tool_input input = {.path = tool_get(options, "input"),
                                   .output = tool_get(options, "output")};

        if (input.path && input.output)
            print_failure(&input, status, listener.error);
        free(input.path);
        free(input.output);
    }
    return status;
}

/* "2 done, 1 failed, 3 skipped: 2 are no media by their names, 1 is anonymised already". */
static void summarize(const struct tool_inputs *inputs, const struct counts *counts)
{
    size_t left = inputs->count - counts->begun, skipped = inputs->others + inputs->results;

    fprintf(stderr, "%zu done, %zu failed", counts->done, counts->failed);
    if (left)
        fprintf(stderr, ", %zu not begun", left);
    if (skipped)
        fprintf(stderr, ", %zu skipped:", skipped);
    if (inputs->others)
        fprintf(stderr, " %zu no media by name", inputs->others);
    if (inputs->results)
        fprintf(stderr, "%s %zu anonymised already", inputs->others ? "," : "", inputs->results);
    fprintf(stderr, "\n");
}

static int process_all(enum tool_command command, const struct tool_inputs *inputs,
                       vanon_options *options, const vanon_log *log, struct tool_progress *progress)
{
    struct listener listener = {.log = log, .lock = PTHREAD_MUTEX_INITIALIZER};
    bool quiet = tool_is_on(options, "quiet");
    struct counts counts = {0};
    int status = VANON_OK;

    for (size_t i = 0; i < inputs->count && status != VANON_ERR_CANCELLED; i++) {
        const struct tool_input *input = &inputs->list[i];

        if (!quiet)
            fprintf(stderr, "[%zu/%zu] %s\n", i + 1, inputs->count, input->path);
        counts.begun++;
        status = process(command, input, options, &listener, progress);
        counts.done += !status;
        counts.failed += status && status != VANON_ERR_CANCELLED;
        if (status && !counts.status) {
            counts.status = status;
            counts.input = input->path;
        }
        if (tool_is_interrupted())
            status = VANON_ERR_CANCELLED;
    }
    if (!quiet)
        summarize(inputs, &counts);
    if (counts.status && vanon_options_set(options, "input", counts.input))
        return VANON_ERR_MEMORY;
    return status == VANON_ERR_CANCELLED ? status : counts.status;
}

int tool_batch(const struct tool_request *request, vanon_options *options, const vanon_log *log,
               struct tool_progress *progress)
{
    struct tool_inputs inputs = {0};
    int status = tool_inputs_find(&inputs, request, options, log);

    if (!status)
        status = process_all(request->command, &inputs, options, log, progress);
    tool_inputs_free(&inputs);
    return status;
}
