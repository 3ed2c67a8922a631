/* SPDX-License-Identifier: Apache-2.0 */
/* A local file or pipe for libav*, whose own way takes parts of names for something else and can't
 * be interrupted while a pipe is silent. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wait.h"
#include "media/reader_private.h"

#define BUFFER_BYTES (64 * 1024)

struct source {
    int file;
    bool is_regular;
    const atomic_bool *interrupted;
};

static bool is_interrupted(const void *source)
{
    return atomic_load(((const struct source *)source)->interrupted);
}

static int read_source(void *opaque, uint8_t *buffer, int bytes)
{
    const struct source *source = opaque;

    for (;;) {
        int failed =
            source->is_regular ? 0 : vanon_wait_for(source->file, POLLIN, is_interrupted, source);
        ssize_t got;

        if (failed)
            return failed == ECANCELED ? AVERROR_EXIT : AVERROR(failed);
        got = read(source->file, buffer, (size_t)bytes);
        if (got > 0)
            return (int)got;
        if (!got)
            return AVERROR_EOF;
        if (errno != EINTR && errno != EAGAIN)
            return AVERROR(errno);
    }
}

static int64_t seek_source(void *opaque, int64_t offset, int whence)
{
    const struct source *source = opaque;
    struct stat there;
    off_t place;

    if (whence == AVSEEK_SIZE)
        return fstat(source->file, &there) ? AVERROR(errno) : (int64_t)there.st_size;
    place = lseek(source->file, offset, whence & ~AVSEEK_FORCE);
    return place < 0 ? AVERROR(errno) : (int64_t)place;
}

static int check_file(const vanon_reader *reader, struct source *source)
{
    struct stat there;

    if (fstat(source->file, &there))
        return vanon_fail(reader->log, VANON_ERR_IO, "input %s: %s", reader->name, strerror(errno));
    if (S_ISDIR(there.st_mode))
        return vanon_fail(reader->log, VANON_ERR_IO, "input %s: is a folder, not a file",
                          reader->name);
    if (isatty(source->file))
        return vanon_fail(reader->log, VANON_ERR_IO,
                          "input %s: is a terminal; a file or a program is to be read",
                          reader->name);
    source->is_regular = S_ISREG(there.st_mode);
    if (source->is_regular && !there.st_size)
        return vanon_fail(reader->log, VANON_ERR_INPUT, "input %s: the file is empty",
                          reader->name);
    return VANON_OK;
}

/* Opens what the name means. Standard input is read from its beginning, as any file is. */
static int open_source(const vanon_reader *reader, const char *path)
{
    int file;

    /* Without O_NONBLOCK, a pipe that nobody writes to could not be interrupted. */
    if (!vanon_options_is_pipe(reader->name))
        return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    file = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (file >= 0)
        lseek(file, 0, SEEK_SET);
    return file;
}

int vanon_reader_open_file(vanon_reader *reader, const char *path)
{
    struct source *source = calloc(1, sizeof *source);
    uint8_t *buffer = NULL;
    int status = VANON_ERR_MEMORY;

    if (!source)
        return status;
    source->interrupted = &reader->interrupted;
    source->file = open_source(reader, path);
    if (source->file < 0) {
        status =
            vanon_fail(reader->log, VANON_ERR_IO, "input %s: %s", reader->name, strerror(errno));
        goto fail;
    }
    status = check_file(reader, source);
    if (status)
        goto fail;
    status = VANON_ERR_MEMORY;
    buffer = av_malloc(BUFFER_BYTES);
    if (!buffer)
        goto fail;
    reader->io = avio_alloc_context(buffer, BUFFER_BYTES, 0, source, read_source, NULL,
                                    source->is_regular ? seek_source : NULL);
    if (!reader->io)
        goto fail;
    return VANON_OK;
fail:
    av_free(buffer);
    if (source->file >= 0)
        close(source->file);
    free(source);
    return status;
}

void vanon_reader_close_file(vanon_reader *reader)
{
    struct source *source;

    if (!reader->io)
        return;
    source = reader->io->opaque;
    close(source->file);
    free(source);
    av_free(reader->io->buffer);
    avio_context_free(&reader->io);
}
