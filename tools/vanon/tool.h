/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the command share: main.c (dispatch, exit codes, signals), arguments.c (the
 * command line), commands.c (what is done), progress.c (what is shown meanwhile), help.c, man.c,
 * completion.c (what is told of it, made of words.h), info.c (what this machine can do), batch.c
 * and inputs.h (several inputs in one call).
 *
 * Functions return the library's status codes; main.c alone turns them into exit codes.
 */
#ifndef VANON_TOOL_H
#define VANON_TOOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <vanon/job.h>

enum tool_command {
    TOOL_ANONYMIZE,
    TOOL_DETECT,
    TOOL_EXPLAIN,
    TOOL_VERIFY,
    TOOL_INFO,
    TOOL_HELP,
    TOOL_VERSION,
    TOOL_DUMP_CONFIG,
    TOOL_MAN,
    TOOL_COMPLETION
};

/* What the command line asks for, beside settings. */
struct tool_request {
    enum tool_command command;
    const char *word;    /* the topic of --help, "" for none; the shell of --completion */
    const char **inputs; /* words of the command line, in its order; the list is to be freed */
    size_t input_count;
};

/* An exit code and what it says; `words` is NULL after the last. */
struct tool_exit {
    int code;
    const char *words;
};

extern const struct tool_exit tool_exits[];

/* Runs the job so that SIGINT, SIGTERM and SIGHUP end it cleanly. As vanon_job_run. */
int tool_run_job(vanon_job *job);

/* True once one of them has come. */
bool tool_is_interrupted(void);

/* arguments.c */

/* The command's own options, which are no settings of a run: --config, --help, ... As
 * vanon_option_table. */
const vanon_option_info *tool_option_table(size_t index);

/* The letter that stands for a flag ("output": 'o'), or 0. */
char tool_short_flag(const char *flag);

/* The option, of the library or of the command itself, by its key, flag, alias or letter; dashes in
 * front don't matter. NULL: none. */
const vanon_option_info *tool_find_option(const char *name);

/*
 * Reads the command line: settings go to `options`, first those of configuration files, then
 * those of flags. --quiet lowers the log's level. VANON_ERR_OPTION: something is wrong with it, or
 * with a configuration file; VANON_ERR_MEMORY.
 */
int tool_read_arguments(int argc, char *const argv[], vanon_options *options, vanon_log *log,
                        struct tool_request *request);

/* progress.c */

/* What is shown on standard error: a bar, lines, messages. Safe from any thread. */
struct tool_progress {
    pthread_mutex_t lock; /* guards all below */
    bool terminal;
    bool running; /* show something */
    bool drawn;   /* the cursor is on the bar's line */
    double drawn_at;
    uint64_t log_every, logged; /* frames between two lines; of the last line */
    bool stats;
    struct vanon_progress latest; /* without its statistics, which are the job's */
};

int tool_progress_init(struct tool_progress *progress);
/* `stats`: tells who is waited for, too. */
void tool_progress_start(struct tool_progress *progress, uint64_t log_every, bool stats);
/* Takes the bar away; nothing more is drawn. */
void tool_progress_stop(struct tool_progress *progress);
/* The callbacks of vanon_job_params.progress and vanon_log.write; `opaque` is the progress. */
void tool_progress_update(void *opaque, const struct vanon_progress *now);
void tool_progress_log(void *opaque, enum vanon_log_level level, const char *message);

/* Sends a message of the command's own. */
void tool_message(const vanon_log *log, enum vanon_log_level level, const char *format, ...)
    VANON_PRINTF(3, 4);

/* commands.c */

void tool_version(void);
int tool_dump_config(const vanon_options *options);
/*
 * Anonymises the inputs, or does with them what else the command says. Of several the status is
 * that of the first that failed, which is the option "input" then.
 */
int tool_process(const struct tool_request *request, vanon_options *options, const vanon_log *log,
                 struct tool_progress *progress);
/* Does the one that the options name. `reported` tells whether its report was printed, which is one
 * line where that is wanted. */
int tool_process_one(enum tool_command command, const vanon_options *options, const vanon_log *log,
                     struct tool_progress *progress, bool on_one_line, bool *reported);

/* What a job does for the command. */
enum vanon_job_mode tool_mode(enum tool_command command);

/* The option's value as text, to be freed; NULL: no memory. */
char *tool_get(const vanon_options *options, const char *key);
/* True where a switch is on. */
bool tool_is_on(const vanon_options *options, const char *key);

/* batch.c: as tool_process, for one input, and for several or a folder. */
int tool_single(enum tool_command command, const vanon_options *options, const vanon_log *log,
                struct tool_progress *progress);
int tool_batch(const struct tool_request *request, vanon_options *options, const vanon_log *log,
               struct tool_progress *progress);

/* help.c */

#define TOOL_WIDTH 79 /* of what is printed: one column less than a terminal */

void tool_usage(FILE *file);

/* Prints the help, or what it has on a topic: a list, a word of one, an option; "": all.
 * VANON_ERR_OPTION: there is no such topic; the message names the nearest. */
int tool_help(const char *topic, const vanon_log *log);

/* Prints words from `column` on; lines after the first start with `margin`. Ends the line. */
void tool_print_wrapped(const char *margin, size_t column, const char *text);

/* man.c: prints the manual page (roff). */
void tool_man(void);

/* completion.c: prints what the shell reads to complete a command line. VANON_ERR_OPTION: it is
 * none of bash, zsh and fish. */
int tool_completion(const char *shell, const vanon_log *log);

/* info.c: prints what this machine and build can do. */
int tool_info(const vanon_options *options);

#endif
