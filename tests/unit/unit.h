/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes first: cmocka and the headers it needs, and a log that remembers
 * the last message. */
#ifndef VANON_TESTS_UNIT_H
#define VANON_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <vanon/status.h>

/* The last warning or error that `unit_log` got; "" after unit_log_clear(). */
static char unit_message[1024];

static void unit_log_write(void *opaque, enum vanon_log_level level, const char *message)
{
    (void)opaque;
    (void)level;
    snprintf(unit_message, sizeof unit_message, "%s", message);
}

static const vanon_log unit_log = {.write = unit_log_write, .level = VANON_LOG_WARNING};

static inline void unit_log_clear(void)
{
    unit_message[0] = '\0';
    (void)unit_log;
}

/* The message must contain every given piece of text. */
#define assert_message(...)                                                     \
    do {                                                                        \
        const char *const pieces_[] = {__VA_ARGS__};                            \
        for (size_t i_ = 0; i_ < sizeof pieces_ / sizeof *pieces_; i_++)        \
            if (!strstr(unit_message, pieces_[i_]))                             \
                fail_msg("\"%s\" is not in \"%s\"", pieces_[i_], unit_message); \
    } while (0)

#endif
