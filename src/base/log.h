/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: made here, sent to the caller's vanon_log. Thread-safe as far as the log is. */
#ifndef VANON_BASE_LOG_H
#define VANON_BASE_LOG_H

#include <vanon/status.h>

/* Sends one line (cut at 1023 bytes); does nothing where the log is silent at that level. */
void vanon_log_line(const vanon_log *log, enum vanon_log_level level, const char *format, ...)
    VANON_PRINTF(3, 4);

/* Sends an error and returns `status`: `return vanon_fail(log, VANON_ERR_IO, "%s: %s", ...)`. */
int vanon_fail(const vanon_log *log, int status, const char *format, ...) VANON_PRINTF(3, 4);

#define vanon_warn(log, ...)  vanon_log_line(log, VANON_LOG_WARNING, __VA_ARGS__)
#define vanon_info(log, ...)  vanon_log_line(log, VANON_LOG_INFO, __VA_ARGS__)
#define vanon_debug(log, ...) vanon_log_line(log, VANON_LOG_DEBUG, __VA_ARGS__)

#endif
