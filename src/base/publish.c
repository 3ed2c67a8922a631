/* SPDX-License-Identifier: Apache-2.0 */
#include "base/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define TEMPORARY ".vanon-xxxxxxxxxx" /* short: the final name may be as long as names can be */

struct vanon_publish {
    const vanon_log *log;
    bool overwrite;
    char *path;        /* the final name */
    int file;          /* without a name, it goes when the program does; -1: there is no such */
    char nameless[32]; /* its path */
    char *temporary;   /* a name in the same folder */
    bool named;        /* which is the file's */
};

/* Length of the folder part of `path`, with its slash; 0 = the current folder. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

const char *vanon_plain_name(const char *name)
{
    return strncmp(name, "file:", 5) ? name : name + 5;
}

static bool look_at(const char *name, int pipe, struct stat *found)
{
    return !(strcmp(name, "-") ? stat(name, found) : fstat(pipe, found));
}

/* True where the names differ at most in how they spell their folder. */
static bool same_place(const char *one, const char *other)
{
    size_t lengths[2] = {folder_length(one), folder_length(other)};
    struct stat folders[2];
    const char *names[2] = {one, other};

    for (int i = 0; i < 2; i++) {
        char *folder = lengths[i] ? strndup(names[i], lengths[i]) : strdup(".");
        int failed = !folder || stat(folder, &folders[i]);

        free(folder);
        if (failed)
            return false;
    }
    return folders[0].st_dev == folders[1].st_dev && folders[0].st_ino == folders[1].st_ino &&
           !strcmp(one + lengths[0], other + lengths[1]);
}

bool vanon_same_file(const char *output, const char *other)
{
    struct stat one, two;

    output = vanon_plain_name(output);
    other = vanon_plain_name(other);
    if (!*output || !*other)
        return false;
    if (look_at(output, STDOUT_FILENO, &one) && look_at(other, STDIN_FILENO, &two))
        return S_ISREG(one.st_mode) && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
    return same_place(output, other);
}

int vanon_publish_check(const char *path, bool overwrite, const vanon_log *log)
{
    struct stat there;

    path = vanon_plain_name(path);
    if (!*path || !path[folder_length(path)])
        return vanon_fail(log, VANON_ERR_EXISTS, "output %s: not a file name", path);
    if (stat(path, &there)) {
        if (errno == ENOENT && lstat(path, &there))
            return VANON_OK;
        return vanon_fail(log, VANON_ERR_IO, "output %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(there.st_mode))
        return vanon_fail(log, VANON_ERR_EXISTS, "output %s: is a folder; give a file name", path);
    if (!S_ISREG(there.st_mode))
        return vanon_fail(
            log, VANON_ERR_EXISTS,
            "output %s: is no regular file; only standard output (-) may be a pipe or device",
            path);
    if (!overwrite)
        return vanon_fail(log, VANON_ERR_EXISTS,
                          "output %s: exists already; --overwrite replaces it", path);
    return VANON_OK;
}

/* Chooses a name that is most likely nobody's. Negative: there is no chance to. */
static int choose_name(vanon_publish *publish)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t random[sizeof TEMPORARY - sizeof ".vanon-"];
    char *name = publish->temporary + folder_length(publish->path);

    memcpy(name, TEMPORARY, sizeof TEMPORARY);
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return -1;
    name += strlen(".vanon-");
    for (size_t i = 0; i < sizeof random; i++)
        name[i] = letters[random[i] % (sizeof letters - 1)];
    return 0;
}

/* Makes an empty file under a name that nobody has, with the mode that any new file gets. */
static int make_named(vanon_publish *publish)
{
    int file;

    do {
        if (choose_name(publish))
            return -1;
        file = open(publish->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file < 0 && errno == EEXIST);
    if (file < 0)
        return -1;
    publish->named = true;
    return close(file);
}

static void open_nameless(vanon_publish *publish)
{
    size_t length = folder_length(publish->path);
    char *folder = length ? strndup(publish->path, length) : strdup(".");

    publish->file = folder ? open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666) : -1;
    free(folder);
    snprintf(publish->nameless, sizeof publish->nameless, "/proc/self/fd/%d", publish->file);
}

static int name_file(const vanon_publish *publish, const char *name)
{
    return linkat(AT_FDCWD, publish->nameless, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

static int name_temporary(vanon_publish *publish)
{
    int failed;

    do
        failed = choose_name(publish) || name_file(publish, publish->temporary);
    while (failed && errno == EEXIST);
    publish->named = !failed;
    return failed ? -1 : 0;
}

static void remove_file(vanon_publish *publish)
{
    if (publish->named)
        unlink(publish->temporary);
    if (publish->file >= 0)
        close(publish->file);
    publish->named = false;
    publish->file = -1;
}

/* A file without a name, where the file system can make one and give it a name later; that it can,
 * another file shows now. Else a file with a name. */
static int make_file(vanon_publish *publish)
{
    bool can;

    open_nameless(publish);
    can = publish->file >= 0 && !name_temporary(publish);
    remove_file(publish);
    if (can)
        open_nameless(publish);
    return publish->file >= 0 ? 0 : make_named(publish);
}

int vanon_publish_create(vanon_publish **out, const char *path, bool overwrite,
                         const vanon_log *log)
{
    vanon_publish *publish;
    size_t folder;
    int status;

    *out = NULL;
    path = vanon_plain_name(path);
    folder = folder_length(path);
    status = vanon_publish_check(path, overwrite, log);
    if (status)
        return status;
    publish = calloc(1, sizeof *publish);
    if (!publish)
        return VANON_ERR_MEMORY;
    publish->log = log;
    publish->overwrite = overwrite;
    publish->file = -1;
    publish->path = strdup(path);
    publish->temporary = malloc(folder + sizeof TEMPORARY);
    if (!publish->path || !publish->temporary) {
        status = VANON_ERR_MEMORY;
    } else {
        memcpy(publish->temporary, path, folder);
        if (make_file(publish))
            status = vanon_fail(log, VANON_ERR_IO, "output %s: can't write into its folder: %s",
                                path, strerror(errno));
    }
    if (status)
        vanon_publish_destroy(&publish);
    *out = publish;
    return status;
}

const char *vanon_publish_path(const vanon_publish *publish)
{
    return publish->named ? publish->temporary : publish->nameless;
}

static int sync_file(const char *path, int flags)
{
    int file = open(path, flags | O_CLOEXEC), failed;

    if (file < 0)
        return -1;
    failed = fsync(file);
    /* Some file systems can't sync a folder; there is nothing more to do on them. */
    if (failed && errno == EINVAL && (flags & O_DIRECTORY))
        failed = 0;
    close(file);
    return failed;
}

static int sync_folder(const char *path)
{
    size_t length = folder_length(path);
    char *folder = length ? strndup(path, length) : strdup(".");
    int failed = !folder || sync_file(folder, O_RDONLY | O_DIRECTORY);

    free(folder);
    return failed;
}

/* Where a file is replaced, the new one gets its mode. */
static int take_mode(const vanon_publish *publish)
{
    struct stat there;

    if (!publish->overwrite || stat(publish->path, &there))
        return 0;
    return chmod(vanon_publish_path(publish), there.st_mode & 0777);
}

static int move_into_place(vanon_publish *publish)
{
    if (!publish->named && !publish->overwrite)
        return name_file(publish, publish->path);
    if (!publish->named && name_temporary(publish))
        return -1;
    if (publish->overwrite)
        return rename(publish->temporary, publish->path);
    /* Unlike rename, link never replaces what another program has put there meanwhile. */
    if (!link(publish->temporary, publish->path))
        return unlink(publish->temporary);
    if (errno == EEXIST || !access(publish->path, F_OK))
        return errno = EEXIST, -1;
    return rename(publish->temporary, publish->path); /* a file system without hard links */
}

int vanon_publish_commit(vanon_publish **pointer)
{
    vanon_publish *publish = *pointer;
    int status = VANON_OK;

    if (take_mode(publish) || sync_file(vanon_publish_path(publish), O_RDONLY) ||
        move_into_place(publish)) {
        int code = errno == EEXIST ? VANON_ERR_EXISTS : VANON_ERR_IO;
        status = vanon_fail(publish->log, code, "output %s: %s", publish->path, strerror(errno));
    } else {
        publish->named = false;
        if (sync_folder(publish->path))
            vanon_warn(publish->log, "output %s: its folder could not be synced: %s", publish->path,
                       strerror(errno));
    }
    vanon_publish_destroy(pointer);
    return status;
}

void vanon_publish_destroy(vanon_publish **pointer)
{
    vanon_publish *publish = *pointer;

    if (!publish)
        return;
    remove_file(publish);
    free(publish->temporary);
    free(publish->path);
    free(publish);
    *pointer = NULL;
}
