/* SPDX-License-Identifier: Apache-2.0 */
#include <vanon/info.h>

#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define MARGIN "                " /* where the right side starts */

/* "pixel_formats" to "Pixel formats:" */
static void print_title(const char *section)
{
    for (const char *c = section; *c; c++)
        putchar(c == section && *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c == '_' ? ' ' : *c);
    printf(":\n");
}

static void print_row(const vanon_info_row *row)
{
    char text[2048];

    if (!row->there)
        snprintf(text, sizeof text, "missing: %s", row->note);
    else if (*row->note)
        snprintf(text, sizeof text, "%s (%s)", row->value, row->note);
    else
        snprintf(text, sizeof text, "%s", row->value);
    printf("  %-*s", (int)strlen(MARGIN) - 2, row->name);
    tool_print_wrapped(MARGIN, strlen(MARGIN), text);
}

/* Names that say it all, from the i-th row on, as one paragraph. Returns the first row behind. */
static size_t print_names(const vanon_info *info, size_t i)
{
    const char *section = vanon_info_at(info, i)->section;
    const vanon_info_row *row;
    char text[2048] = "";

    for (; (row = vanon_info_at(info, i)) && !strcmp(row->section, section); i++) {
        size_t used = strlen(text);

        snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", row->name);
    }
    printf("  ");
    tool_print_wrapped("  ", 2, text);
    return i;
}

static void print_info(const vanon_info *info)
{
    const vanon_info_row *row;
    const char *section = "";

    for (size_t i = 0; (row = vanon_info_at(info, i));) {
        if (strcmp(row->section, section) != 0) {
            printf("%s", i ? "\n" : "");
            print_title(row->section);
            section = row->section;
        }
        if (row->there && !*row->value) {
            i = print_names(info, i);
        } else {
            print_row(row);
            i++;
        }
    }
}

int tool_info(const vanon_options *options)
{
    vanon_info *info = NULL;
    int status = vanon_info_create(&info, options);

    if (!status && tool_is_on(options, "json")) {
        const char *json = vanon_info_json(info);

        status = json ? VANON_OK : VANON_ERR_MEMORY;
        printf("%s\n", json ? json : "");
    } else if (!status) {
        print_info(info);
    }
    vanon_info_destroy(&info);
    return status;
}
