/* SPDX-License-Identifier: Apache-2.0 */
#include "base/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vanon/status.h>

#include "base/memory.h"

struct vanon_thread_use {
    int id;
    char state; /* as proc(5) has it */
    char name[16];
    double first, last; /* seconds of processor time */
};

/* The thread's name and processor time. False: it is gone. */
static bool read_thread(const char *id, struct vanon_thread_use *use)
{
    char path[64], text[512];
    const char *open_bracket, *close_bracket;
    unsigned long user, kernel;
    ssize_t length;
    int file;

    snprintf(path, sizeof path, "/proc/self/task/%.20s/stat", id);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    /* "ID (NAME) STATE" and numbers: proc(5); times are fields 14 and 15. A name may hold brackets.
     */
    open_bracket = strchr(text, '(');
    close_bracket = strrchr(text, ')');
    if (!open_bracket || !close_bracket ||
        sscanf(close_bracket + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &use->state, &user, &kernel) != 3)
        return false;
    use->id = atoi(id);
    snprintf(use->name, sizeof use->name, "%.*s", (int)(close_bracket - open_bracket - 1),
             open_bracket + 1);
    use->last = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
    return true;
}

static int note_thread(struct vanon_usage *usage, const struct vanon_thread_use *now, bool first)
{
    size_t i = 0;

    while (i < usage->threads && usage->thread[i].id != now->id)
        i++;
    if (i == usage->threads) {
        if (vanon_grow(&usage->thread, &usage->capacity, i + 1, sizeof *usage->thread))
            return VANON_ERR_MEMORY;
        usage->threads++;
        usage->thread[i] = *now;
        usage->thread[i].first = first ? now->last : 0;
    }
    usage->thread[i].last = now->last;
    memcpy(usage->thread[i].name, now->name, sizeof now->name);
    return VANON_OK;
}

static struct vanon_thread_group *find_group(struct vanon_usage *usage, const char *name)
{
    struct vanon_thread_group *group = usage->group;

    for (; group < usage->group + usage->groups; group++)
        if (!strcmp(group->name, name))
            return group;
    if (usage->groups == VANON_USAGE_GROUPS - 1)
        name = "others";
    else if (usage->groups == VANON_USAGE_GROUPS)
        return group - 1;
    usage->groups++;
    *group = (struct vanon_thread_group){0};
    snprintf(group->name, sizeof group->name, "%s", name);
    return group;
}

static int by_seconds(const void *left, const void *right)
{
    const struct vanon_thread_group *a = left, *b = right;

    return (a->seconds < b->seconds) - (a->seconds > b->seconds);
}

int vanon_usage_sample(struct vanon_usage *usage)
{
    DIR *folder = opendir("/proc/self/task");
    bool first = !usage->threads;
    int status = VANON_OK;

    if (!folder)
        return VANON_OK;
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        struct vanon_thread_use now = {0};

        if (entry->d_name[0] != '.' && read_thread(entry->d_name, &now))
            status = note_thread(usage, &now, first);
    }
    closedir(folder);
    usage->groups = 0;
    for (size_t i = 0; i < usage->threads; i++) {
        struct vanon_thread_group *group = find_group(usage, usage->thread[i].name);

        group->threads++;
        group->seconds += usage->thread[i].last - usage->thread[i].first;
    }
    qsort(usage->group, usage->groups, sizeof *usage->group, by_seconds);
    return status;
}

bool vanon_usage_others_sleep(void)
{
    DIR *folder = opendir("/proc/self/task");
    int self = gettid();
    bool sleep = folder != NULL;

    for (struct dirent *entry; sleep && (entry = readdir(folder));) {
        struct vanon_thread_use now = {0};

        if (entry->d_name[0] != '.' && read_thread(entry->d_name, &now) && now.id != self)
            sleep = now.state && strchr("SZX", now.state);
    }
    if (folder)
        closedir(folder);
    return sleep;
}

void vanon_usage_free(struct vanon_usage *usage)
{
    free(usage->thread);
    *usage = (struct vanon_usage){0};
}
