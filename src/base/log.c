/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static void send(const vanon_log *log, enum vanon_log_level level, const char *format, va_list args)
{
    char line[1024];

    if (!log || !log->write || level > log->level)
        return;
    vsnprintf(line, sizeof line, format, args);
    log->write(log->opaque, level, line);
}

void vanon_log_line(const vanon_log *log, enum vanon_log_level level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    send(log, level, format, args);
    va_end(args);
}

int vanon_fail(const vanon_log *log, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    send(log, VANON_LOG_ERROR, format, args);
    va_end(args);
    return status;
}

static void write_to_stderr(void *opaque, enum vanon_log_level level, const char *message)
{
    static const char *const name[] = {"error", "warning", "info", "debug"};

    (void)opaque;
    fprintf(stderr, "vanon: %s: %s\n", name[level], message);
}

const vanon_log vanon_log_to_stderr = {.write = write_to_stderr, .level = VANON_LOG_WARNING};
