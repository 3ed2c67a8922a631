/* SPDX-License-Identifier: Apache-2.0 */
#include "options/text.h"

#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vanon_text_add(struct vanon_text *text, const char *format, ...)
{
    bool room = text->length < text->size;
    va_list args;
    int added;

    va_start(args, format);
    added = vsnprintf(room ? text->buffer + text->length : NULL,
                      room ? text->size - text->length : 0, format, args);
    va_end(args);
    text->length += added > 0 ? (size_t)added : 0;
}

static bool is_continuation(char byte) /* of a UTF-8 sequence */
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

void vanon_text_quote(char quoted[VANON_QUOTED], const char *value, size_t length)
{
    static const char dots[] = "...";
    size_t kept = length;

    if (length >= VANON_QUOTED) {
        kept = VANON_QUOTED - sizeof dots;
        while (kept && is_continuation(value[kept]))
            kept--;
    }
    for (size_t i = 0; i < kept; i++)
        quoted[i] = (unsigned char)value[i] < ' ' || value[i] == 127 ? '?' : value[i];
    strcpy(quoted + kept, kept < length ? dots : "");
}

/* Numbers: strtod and printf follow the locale of the program that uses this library. */

static locale_t enter_c_locale(locale_t *before)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    *before = uselocale(c);
    return c;
}

static void leave_c_locale(locale_t c, locale_t before)
{
    uselocale(before);
    if (c)
        freelocale(c);
}

static const char *skip_digits(const char *text, bool *any)
{
    size_t count = strspn(text, "0123456789");

    *any = *any || count;
    return text + count;
}

bool vanon_text_to_integer(const char *text, long long *value)
{
    bool any = false;

    if (*skip_digits(text + (*text == '-'), &any) || !any)
        return false;
    *value = strtoll(text, NULL, 10); /* too large a number saturates and is out of any range */
    return true;
}

bool vanon_text_to_number(const char *text, double *value)
{
    const char *rest = text + (*text == '-');
    bool any = false;
    locale_t c, before;

    rest = skip_digits(rest, &any);
    if (*rest == '.')
        rest = skip_digits(rest + 1, &any);
    if (!any)
        return false;
    if (*rest == 'e' || *rest == 'E') {
        any = false;
        rest += rest[1] == '-' || rest[1] == '+' ? 2 : 1;
        rest = skip_digits(rest, &any);
    }
    if (*rest || !any)
        return false;
    c = enter_c_locale(&before);
    *value = strtod(text, NULL) + 0.0; /* -0 becomes 0 */
    leave_c_locale(c, before);
    return true;
}

void vanon_text_add_number(struct vanon_text *text, double value)
{
    locale_t before, c = enter_c_locale(&before);
    char digits[32];
    int precision = 15; /* fewer would write 1000 as 1e+03 */

    do
        snprintf(digits, sizeof digits, "%.*g", precision, value);
    while (precision++ < 17 && strtod(digits, NULL) != value);
    leave_c_locale(c, before);
    vanon_text_add(text, "%s", digits);
}

#define MICROSECONDS 1000000 /* in a second */

/* Reads what is behind the seconds: nothing, or a point and digits. */
static bool read_fraction(const char *text, int64_t *microseconds)
{
    bool any = false;

    *microseconds = 0;
    if (!*text)
        return true;
    if (*text != '.' || *skip_digits(text + 1, &any) || !any)
        return false;
    for (int64_t unit = MICROSECONDS / 10; *++text; unit /= 10)
        *microseconds += (*text - '0') * unit;
    return true;
}

bool vanon_text_to_time(const char *text, int64_t *microseconds)
{
    int64_t seconds = 0, fraction;

    for (int field = 0; field < 3; field++) {
        const char *end = text + strspn(text, "0123456789");
        long long number = strtoll(text, NULL, 10);

        if (end == text || number > VANON_LONGEST_TIME || (field && number > 59))
            return false;
        seconds = seconds * 60 + number;
        text = end + 1;
        if (*end == ':')
            continue;
        if (seconds > VANON_LONGEST_TIME || !read_fraction(end, &fraction))
            return false;
        *microseconds = seconds * MICROSECONDS + fraction;
        return true;
    }
    return false;
}

void vanon_text_add_time(struct vanon_text *text, int64_t microseconds)
{
    char fraction[16];
    size_t length;

    snprintf(fraction, sizeof fraction, ".%06d", (int)(microseconds % MICROSECONDS));
    length = strlen(fraction);
    while (fraction[length - 1] == '0')
        length--;
    if (fraction[length - 1] == '.')
        length--;
    vanon_text_add(text, "%" PRId64 "%.*s", microseconds / MICROSECONDS, (int)length, fraction);
}
