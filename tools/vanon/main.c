/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vanon, the command: dispatch, exit codes, signals.
 *
 * Exit codes: 0 done; 1 another failure; 2 command line, option or configuration; 3 input; 4
 * output; 5 model or inference; 6 damaged input; 7 nobody found with --expect-people; 8 something
 * that should be hidden still shows; 130 ended by SIGINT (Ctrl-C); 143 ended by SIGTERM or SIGHUP.
 * With any but 0 what lay under the output's name is untouched, unless it was only the report that
 * could not be written; what was sent to standard output (-o -) is not complete. With several
 * inputs each has its own result, one that fails stops no other, and the code is that of the first
 * that failed; a signal ends them all.
 */
#include "tool.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_DONE = 0,
    EXIT_OTHER = 1,
    EXIT_OPTION = 2,
    EXIT_INPUT = 3,
    EXIT_OUTPUT = 4,
    EXIT_MODEL = 5,
    EXIT_DAMAGED = 6,
    EXIT_NOBODY = 7,
    EXIT_SHOWS = 8,
    EXIT_INTERRUPTED = 130,
    EXIT_TERMINATED = 143,
};

const struct tool_exit tool_exits[] = {
    {EXIT_DONE, "done"},
    {EXIT_OTHER, "another failure"},
    {EXIT_OPTION, "wrong command line, option or configuration"},
    {EXIT_INPUT, "the input is missing, unreadable, or no video"},
    {EXIT_OUTPUT, "the output exists or can't be written"},
    {EXIT_MODEL, "the model can't be used, or inference failed"},
    {EXIT_DAMAGED, "the input is damaged"},
    {EXIT_NOBODY, "nobody was found, and --expect-people was given"},
    {EXIT_SHOWS, "something still shows (vanon verify, --strict)"},
    {EXIT_INTERRUPTED, "interrupted (Ctrl-C)"},
    {EXIT_TERMINATED, "terminated (SIGTERM, SIGHUP)"},
    {0, NULL},
};

/* Any other status is EXIT_OTHER. VANON_ERR_IO and VANON_ERR_CANCELLED need a closer look. */
static const struct {
    int status, code;
} exit_of_status[] = {
    {VANON_OK, EXIT_DONE},
    {VANON_ERR_OPTION, EXIT_OPTION},
    {VANON_ERR_INPUT, EXIT_INPUT},
    {VANON_ERR_IO, EXIT_OUTPUT},
    {VANON_ERR_EXISTS, EXIT_OUTPUT},
    {VANON_ERR_MODEL, EXIT_MODEL},
    {VANON_ERR_INFERENCE, EXIT_MODEL},
    {VANON_ERR_STALLED, EXIT_MODEL},
    {VANON_ERR_DAMAGED, EXIT_DAMAGED},
    {VANON_ERR_NOBODY, EXIT_NOBODY},
    {VANON_ERR_SHOWS, EXIT_SHOWS},
};

/* Signals. A handler gets no argument of ours, so this one thing is global. */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static struct {
    pthread_t main_thread;
    _Atomic(vanon_job *) job;     /* that a signal ends; NULL: none runs */
    volatile sig_atomic_t signal; /* the first that came; 0: none */
    bool stalled; /* a network hangs, and what the program's end would tidy up may wait for it */
} interruption;

static int signal_code(int number)
{
    return number == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
}

static void handle_signal(int number)
{
    int kept = errno;
    vanon_job *job;

    /* A thread of some library may get it. Only in the main one is the job sure to live on. */
    if (!pthread_equal(pthread_self(), interruption.main_thread)) {
        pthread_kill(interruption.main_thread, number);
        errno = kept;
        return;
    }
    interruption.signal = number;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL); /* a second one ends the program at once */
    job = atomic_load(&interruption.job);
    if (job)
        vanon_job_cancel(job);
    else
        _exit(signal_code(number)); /* nothing is under way that needs an orderly end */
    errno = kept;
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = handle_signal}, before;

    /* Without SA_RESTART: waiting for somebody to open the other end of a FIFO must end, too. */
    interruption.main_thread = pthread_self();
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&action.sa_mask, signals[i]);
    /* What the caller has us ignore (nohup, a job in the background) stays ignored. */
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!sigaction(signals[i], NULL, &before) && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow further fails like a full disk */
}

bool tool_is_interrupted(void)
{
    return interruption.signal;
}

int tool_run_job(vanon_job *job)
{
    int status;

    atomic_store(&interruption.job, job);
    if (interruption.signal) /* before there was a job */
        vanon_job_cancel(job);
    status = vanon_job_run(job);
    atomic_store(&interruption.job, NULL);
    interruption.stalled |= status == VANON_ERR_STALLED;
    return status;
}

/* Exit codes */

static bool is_unreadable(const vanon_options *options, const char *key)
{
    char *path = tool_get(options, key);
    const char *file = path && !strncmp(path, "file:", 5) ? path + 5 : path;
    struct stat there;
    bool unreadable = false;

    if (path && !strcmp(path, "-"))
        unreadable = fstat(STDIN_FILENO, &there) || S_ISDIR(there.st_mode) || isatty(STDIN_FILENO);
    else if (path && *path && !strstr(path, "://"))
        unreadable = access(file, R_OK) || (!stat(file, &there) && S_ISDIR(there.st_mode));
    free(path);
    return unreadable;
}

static int exit_code(int status, const vanon_options *options, enum tool_command command)
{
    if (status && interruption.signal)
        return signal_code(interruption.signal);
    if (status == VANON_ERR_IO &&
        (is_unreadable(options, "input") || is_unreadable(options, "sidecar") ||
         (command == TOOL_VERIFY && is_unreadable(options, "output"))))
        return EXIT_INPUT;
    for (size_t i = 0; i < sizeof exit_of_status / sizeof *exit_of_status; i++)
        if (exit_of_status[i].status == status)
            return exit_of_status[i].code;
    return EXIT_OTHER;
}

/* What was printed must have arrived, or a full disk would go unnoticed. */
static int flush_output(int code, const vanon_log *log)
{
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    if (errno != EPIPE)
        tool_message(log, VANON_LOG_ERROR, "standard output: %s", strerror(errno));
    return code == EXIT_DONE ? EXIT_OUTPUT : code;
}

static int dispatch(const struct tool_request *request, vanon_options *options,
                    const vanon_log *log, struct tool_progress *progress)
{
    switch (request->command) {
    case TOOL_HELP:
        return tool_help(request->word, log);
    case TOOL_VERSION:
        tool_version();
        return VANON_OK;
    case TOOL_DUMP_CONFIG:
        return tool_dump_config(options);
    case TOOL_MAN:
        tool_man();
        return VANON_OK;
    case TOOL_COMPLETION:
        return tool_completion(request->word, log);
    case TOOL_INFO:
        return tool_info(options);
    default:
        return tool_process(request, options, log, progress);
    }
}

int main(int argc, char *argv[])
{
    struct tool_progress progress;
    vanon_log log = {.write = tool_progress_log, .opaque = &progress, .level = VANON_LOG_WARNING};
    struct tool_request request = {.command = TOOL_ANONYMIZE};
    vanon_options *options = NULL;
    int status, code;

    if (argc < 2) {
        tool_usage(stderr);
        return EXIT_OPTION;
    }
    watch_signals();
    vanon_quiet_libraries();
    status = tool_progress_init(&progress);
    if (status)
        return EXIT_OTHER;
    status = vanon_options_create(&options, &log);
    if (!status)
        status = tool_read_arguments(argc, argv, options, &log, &request);
    if (!status)
        status = dispatch(&request, options, &log, &progress);
    tool_progress_stop(&progress);
    if (status == VANON_ERR_MEMORY || status == VANON_ERR_CANCELLED) /* nobody has said it */
        tool_message(&log, VANON_LOG_ERROR, "%s", vanon_status_text(status));
    code = flush_output(exit_code(status, options, request.command), &log);
    free(request.inputs);
    vanon_options_destroy(&options);
    if (interruption.stalled)
        _exit(code);
    return code;
}
