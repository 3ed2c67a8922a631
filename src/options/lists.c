/* SPDX-License-Identifier: Apache-2.0 */
/* Options that take several values: ids, spans of time, places. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "options/table.h"
#include "options/text.h"

#define LONGEST_VALUE 128
#define FARTHEST      1e6 /* display pixels from 0 */

/* Takes the text up to `end` (or all that is left) off `*rest`, without spaces around it. False: it
 * is too long for any value. */
static bool take(const char **rest, char end, char value[LONGEST_VALUE])
{
    const char *start = *rest, *stop = strchr(start, end);
    size_t length = stop ? (size_t)(stop - start) : strlen(start);

    *rest = stop ? stop + 1 : start + length;
    for (; length && *start == ' '; length--)
        start++;
    while (length && start[length - 1] == ' ')
        length--;
    if (length >= LONGEST_VALUE)
        return false;
    memcpy(value, start, length);
    value[length] = '\0';
    return true;
}

static bool read_number(const char **rest, double *number)
{
    char text[LONGEST_VALUE];

    return take(rest, ',', text) && vanon_text_to_number(text, number) && *number >= -FARTHEST &&
           *number <= FARTHEST;
}

/* START-END, either of which may be missing: open on that side. */
static bool read_span(const char *text, struct vanon_period *span)
{
    char start[LONGEST_VALUE], end[LONGEST_VALUE];

    *span = (struct vanon_period){0, INT64_MAX};
    if (!strchr(text, '-') || !take(&text, '-', start) || !take(&text, '\0', end) ||
        (!*start && !*end))
        return false;
    return (!*start || vanon_text_to_time(start, &span->from)) &&
           (!*end || vanon_text_to_time(end, &span->until)) && span->from < span->until;
}

/* X,Y,WIDTH,HEIGHT[@START-END] */
static bool read_area(const char *text, struct vanon_area *area)
{
    char place[LONGEST_VALUE];
    const char *rest = place, *when = strchr(text, '@');
    double number[4] = {0};
    int commas = 0;

    area->when = (struct vanon_period){0, INT64_MAX};
    if ((when && !read_span(when + 1, &area->when)) || !take(&text, '@', place))
        return false;
    for (const char *c = place; *c; c++)
        commas += *c == ',';
    for (int i = 0; i < 4; i++)
        if (!read_number(&rest, &number[i]))
            return false;
    area->box = (vanon_box){(float)number[0], (float)number[1], (float)(number[0] + number[2]),
                            (float)(number[1] + number[3])};
    return commas == 3 && area->box.x0 < area->box.x1 && area->box.y0 < area->box.y1;
}

bool vanon_option_parse_list(const struct vanon_option_row *row, const char *text, void *field)
{
    struct vanon_ids ids = {0};
    struct vanon_periods spans = {0};
    struct vanon_areas areas = {0};
    char value[LONGEST_VALUE];
    const char *rest = text;
    long long id = 0;

    for (size_t i = 0; *rest || (i && text[strlen(text) - 1] == *row->join); i++) {
        bool good = i < VANON_MOST_LISTED && take(&rest, *row->join, value);

        if (good && row->kind == VANON_OPTION_IDS) {
            good = vanon_text_to_integer(value, &id) && id >= 1;
            ids.id[ids.count++] = id;
        } else if (good && row->kind == VANON_OPTION_SPANS) {
            good = read_span(value, &spans.span[spans.count++]);
        } else if (good) {
            good = read_area(value, &areas.area[areas.count++]);
        }
        if (!good)
            return false;
    }
    if (row->kind == VANON_OPTION_IDS)
        *(struct vanon_ids *)field = ids;
    else if (row->kind == VANON_OPTION_SPANS)
        *(struct vanon_periods *)field = spans;
    else
        *(struct vanon_areas *)field = areas;
    return true;
}

static void add_span(struct vanon_text *text, const struct vanon_period *span)
{
    vanon_text_add_time(text, span->from);
    vanon_text_add(text, "-");
    if (span->until != INT64_MAX)
        vanon_text_add_time(text, span->until);
}

static void add_area(struct vanon_text *text, const struct vanon_area *area)
{
    const vanon_box *box = &area->box;
    const double number[] = {box->x0, box->y0, (double)box->x1 - box->x0,
                             (double)box->y1 - box->y0};

    for (int i = 0; i < 4; i++) {
        if (i)
            vanon_text_add(text, ",");
        vanon_text_add_number(text, round(number[i] * 1000) / 1000);
    }
    if (area->when.from || area->when.until != INT64_MAX) {
        vanon_text_add(text, "@");
        add_span(text, &area->when);
    }
}

void vanon_option_print_list(const struct vanon_option_row *row, const void *field,
                             struct vanon_text *text)
{
    const struct vanon_ids *ids = field;
    const struct vanon_periods *spans = field;
    const struct vanon_areas *areas = field;
    size_t count = row->kind == VANON_OPTION_IDS     ? ids->count
                   : row->kind == VANON_OPTION_SPANS ? spans->count
                                                     : areas->count;

    for (size_t i = 0; i < count; i++) {
        if (i)
            vanon_text_add(text, "%s", row->join);
        if (row->kind == VANON_OPTION_IDS)
            vanon_text_add(text, "%" PRId64, ids->id[i]);
        else if (row->kind == VANON_OPTION_SPANS)
            add_span(text, &spans->span[i]);
        else
            add_area(text, &areas->area[i]);
    }
}

bool vanon_ids_have(const struct vanon_ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->id[i] == id)
            return true;
    return false;
}
