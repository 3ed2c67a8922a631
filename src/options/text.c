/* SPDX-License-Identifier: Apache-2.0 */
#include "options/text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
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
