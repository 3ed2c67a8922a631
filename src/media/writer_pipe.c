/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wait.h"

#define BUFFER_BYTES (64 * 1024)

static bool is_interrupted(const void *format)
{
    const AVIOInterruptCB *asked = &((const AVFormatContext *)format)->interrupt_callback;

    return asked->callback && asked->callback(asked->opaque);
}

static int write_pipe(void *opaque, uint8_t *bytes, int count)
{
    int left = count;

    while (left) {
        /* until PIPE_BUF bytes can be written without waiting */
        int failed = vanon_wait_for(STDOUT_FILENO, POLLOUT, is_interrupted, opaque);
        ssize_t written;

        if (failed)
            return failed == ECANCELED ? AVERROR_EXIT : AVERROR(failed);
        written = write(STDOUT_FILENO, bytes, (size_t)FFMIN(left, PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return AVERROR(errno);
        if (written > 0) {
            bytes += written;
            left -= (int)written;
        }
    }
    return count;
}

static int check(const vanon_log *log)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);

    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return vanon_fail(log, VANON_ERR_IO, "output -: standard output is not open for writing");
    if (isatty(STDOUT_FILENO))
        return vanon_fail(log, VANON_ERR_IO,
                          "output -: standard output is a terminal; a file or a program is to get "
                          "the video");
    return VANON_OK;
}

int vanon_pipe_open(AVFormatContext *format, const vanon_log *log)
{
    int status = check(log);
    uint8_t *buffer;

    if (status)
        return status;
    buffer = av_malloc(BUFFER_BYTES);
    if (buffer)
        format->pb = avio_alloc_context(buffer, BUFFER_BYTES, 1, format, NULL, write_pipe, NULL);
    if (format->pb)
        return VANON_OK;
    av_free(buffer);
    return VANON_ERR_MEMORY;
}

int vanon_pipe_close(AVFormatContext *format, bool flush)
{
    int result;

    if (flush)
        avio_flush(format->pb);
    result = format->pb->error;
    av_free(format->pb->buffer);
    avio_context_free(&format->pb);
    return result;
}
