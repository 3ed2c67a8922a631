/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers of options and of the messages about them, whatever the program's locale is.
 * Thread-safe. */
#ifndef VANON_OPTIONS_TEXT_H
#define VANON_OPTIONS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vanon/version.h>

/* Text that grows in a fixed buffer; what does not fit is cut, and still counted. */
struct vanon_text {
    char *buffer;
    size_t size, length;
};

void vanon_text_add(struct vanon_text *text, const char *format, ...) VANON_PRINTF(2, 3);

/* Adds text that reads as the same number, of no more digits than that takes. */
void vanon_text_add_number(struct vanon_text *text, double value);

/* Reads "-" and digits, all of the text; what is too large becomes the largest. False: it is no
 * such number. */
bool vanon_text_to_integer(const char *text, long long *value);

/* Reads "-", digits, ".", digits and an exponent, all of the text; none of what strtod takes
 * besides (spaces, hex, nan, inf). What is too large becomes infinite. False: it is no such
 * number. */
bool vanon_text_to_number(const char *text, double *value);

#define VANON_LONGEST_TIME 1000000000 /* seconds */

/* Reads a time, all of the text: seconds, MM:SS or HH:MM:SS, each with a part of a second behind a
 * point or without. Below a microsecond it is cut. False: it is no such time, or too long a one. */
bool vanon_text_to_time(const char *text, int64_t *microseconds);

/* Adds the time in seconds. */
void vanon_text_add_time(struct vanon_text *text, int64_t microseconds);

#define VANON_QUOTED 80

/* What a user wrote, fit for a message: cut where it is long, without control characters. */
void vanon_text_quote(char quoted[VANON_QUOTED], const char *value, size_t length);

#endif
