/* SPDX-License-Identifier: Apache-2.0 */
#include "base/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

struct vanon_publish {
    const vanon_log *log;
    bool overwrite;
    char *path;      /* the final name */
    char *temporary; /* in the same folder; exists as long as this object */
};

/* Length of the folder part of `path`, with its slash; 0 = the current folder. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

int vanon_publish_check(const char *path, bool overwrite, const vanon_log *log)
{
    struct stat there;

    if (!*path || !path[folder_length(path)])
        return vanon_fail(log, VANON_ERR_EXISTS, "output %s: not a file name", path);
    if (stat(path, &there)) {
        if (errno == ENOENT)
            return VANON_OK;
        return vanon_fail(log, VANON_ERR_IO, "output %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(there.st_mode))
        return vanon_fail(log, VANON_ERR_EXISTS, "output %s: is a folder; give a file name", path);
    if (!S_ISREG(there.st_mode))
        return vanon_fail(log, VANON_ERR_EXISTS, "output %s: is not a regular file", path);
    if (!overwrite)
        return vanon_fail(log, VANON_ERR_EXISTS,
                          "output %s: exists already; --overwrite replaces it", path);
    return VANON_OK;
}

int vanon_publish_create(vanon_publish **out, const char *path, bool overwrite,
                         const vanon_log *log)
{
    static const char suffix[] = ".vanon-XXXXXX";
    size_t folder = folder_length(path), size = strlen(path) + sizeof suffix + 2;
    vanon_publish *publish;
    int status, file;

    *out = NULL;
    status = vanon_publish_check(path, overwrite, log);
    if (status)
        return status;
    publish = calloc(1, sizeof *publish);
    if (!publish)
        return VANON_ERR_MEMORY;
    publish->log = log;
    publish->overwrite = overwrite;
    publish->path = strdup(path);
    publish->temporary = malloc(size);
    if (!publish->path || !publish->temporary) {
        free(publish->path);
        free(publish->temporary);
        free(publish);
        return VANON_ERR_MEMORY;
    }
    snprintf(publish->temporary, size, "%.*s.%s%s", (int)folder, path, path + folder, suffix);
    file = mkstemp(publish->temporary);
    if (file < 0) {
        status = vanon_fail(log, VANON_ERR_IO, "output %s: can't write into its folder: %s", path,
                            strerror(errno));
        free(publish->temporary);
        publish->temporary = NULL;
        vanon_publish_destroy(&publish);
        return status;
    }
    close(file);
    *out = publish;
    return VANON_OK;
}

const char *vanon_publish_path(const vanon_publish *publish)
{
    return publish->temporary;
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

/* The mode that a new file would have, and mkstemp does not give; an existing file's where one is
 * replaced. */
static mode_t final_mode(const char *path)
{
    struct stat there;
    mode_t mask;

    if (!stat(path, &there))
        return there.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int move_into_place(const vanon_publish *publish)
{
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

    if (chmod(publish->temporary, final_mode(publish->path)) ||
        sync_file(publish->temporary, O_RDONLY) || move_into_place(publish)) {
        int code = errno == EEXIST ? VANON_ERR_EXISTS : VANON_ERR_IO;
        status = vanon_fail(publish->log, code, "output %s: %s", publish->path, strerror(errno));
    } else {
        free(publish->temporary);
        publish->temporary = NULL;
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
    if (publish->temporary)
        unlink(publish->temporary);
    free(publish->temporary);
    free(publish->path);
    free(publish);
    *pointer = NULL;
}
