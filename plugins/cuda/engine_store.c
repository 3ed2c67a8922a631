/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_store.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "kernels.h"

#define HEADER "vanon convolution engines 1\n"
#define LINE   256

/* Paths */

/* All folders above the path's last part, those that are missing with mode 0700. */
static void make_folders(char *path)
{
    for (char *at = path + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            mkdir(path, 0700);
            *at = '/';
        }
}

char *vanon_engine_store_path(const char *name)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool given = cache && cache[0] == '/';
    char *path;

    if (!given && (!home || home[0] != '/'))
        return NULL;
    if (asprintf(&path, "%s%s/vanon/cuda/", given ? cache : home, given ? "" : "/.cache") < 0)
        return NULL;
    size_t folder = strlen(path), length = strlen(name);
    char *whole = realloc(path, folder + length + 1);

    if (!whole) {
        free(path);
        return NULL;
    }
    for (size_t i = 0; i <= length; i++)
        whole[folder + i] =
            (char)(!name[i] || isalnum((unsigned char)name[i]) || strchr(".-_", name[i]) ? name[i]
                                                                                         : '_');
    return whole;
}

/* Lines: the shape, a colon, what was chosen. */

static void shape_text(const struct vanon_conv_shape *s, char text[LINE])
{
    snprintf(text, LINE, "%d %dx%d %d/%d %dx%d %d/%d k%dx%d s%d p%d %s%s%d", s->batch, s->in_width,
             s->in_height, s->in_channels, s->in_step, s->out_width, s->out_height, s->out_channels,
             s->out_step, s->kernel_width, s->kernel_height, s->stride, s->pad,
             s->silu ? "silu" : "linear", s->residual ? "+" : "-", s->residual_step);
}

static struct vanon_engine *find(struct vanon_engine *engines, size_t count, const char *shape)
{
    char text[LINE];

    for (size_t i = 0; i < count; i++) {
        shape_text(&engines[i].shape, text);
        if (!strcmp(text, shape))
            return &engines[i];
    }
    return NULL;
}

/* Cuts the line behind the shape; NULL: it is none of ours. */
static char *split(char *line)
{
    char *colon = strstr(line, ": ");

    if (!colon)
        return NULL;
    *colon = 0;
    return colon + 2;
}

/* Numbers that no choice can have are a file's damage. */
static void take(struct vanon_engine *engine, const char *choice)
{
    struct vanon_engine read = *engine;

    if (sscanf(choice, "own %d, %f us", &read.own, &read.microseconds) == 2) {
        read.own_microseconds = read.microseconds;
        read.chosen = read.own >= 0 && read.own < VANON_GPU_CONVS;
    } else if (sscanf(choice, "cudnn %d number %d, %f us, own %f us", &read.index, &read.number,
                      &read.microseconds, &read.own_microseconds) == 4) {
        read.own = -1;
        read.chosen = read.index >= 0 && read.number >= 0;
    }
    if (read.chosen)
        *engine = read;
}

static FILE *open_store(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[LINE];

    if (file && (!fgets(line, sizeof line, file) || strcmp(line, HEADER))) {
        fclose(file);
        file = NULL;
    }
    return file;
}

void vanon_engine_store_read(const char *path, struct vanon_engine *engines, size_t count)
{
    FILE *file = open_store(path);
    char line[2 * LINE], *choice;
    struct vanon_engine *engine;

    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        if ((choice = split(line)) && (engine = find(engines, count, line)))
            take(engine, choice);
    fclose(file);
}

static void write_lines(FILE *to, const char *path, const struct vanon_engine *engines,
                        size_t count)
{
    FILE *from = open_store(path);
    char line[2 * LINE], text[LINE], *choice;

    fputs(HEADER, to);
    while (from && fgets(line, sizeof line, from))
        if ((choice = split(line)) && strchr(choice, '\n') &&
            !find((struct vanon_engine *)engines, count, line))
            fprintf(to, "%s: %s", line, choice);
    if (from)
        fclose(from);
    for (size_t i = 0; i < count; i++) {
        const struct vanon_engine *engine = &engines[i];

        shape_text(&engine->shape, text);
        if (engine->own >= 0)
            fprintf(to, "%s: own %d, %.2f us\n", text, engine->own, (double)engine->microseconds);
        else
            fprintf(to, "%s: cudnn %d number %d, %.2f us, own %.2f us\n", text, engine->index,
                    engine->number, (double)engine->microseconds, (double)engine->own_microseconds);
    }
}

void vanon_engine_store_write(const char *path, const struct vanon_engine *engines, size_t count,
                              const vanon_log *log)
{
    char *temporary;
    bool fine = false;
    FILE *file;
    int fd;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return;
    make_folders(temporary);
    fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file) {
        write_lines(file, path, engines, count);
        fine = !ferror(file);
        fine = !fclose(file) && fine && !rename(temporary, path);
    } else if (fd >= 0) {
        close(fd);
    }
    if (!fine) {
        vanon_info(log, "%s: the choice of engines could not be stored: %s", path, strerror(errno));
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
}
