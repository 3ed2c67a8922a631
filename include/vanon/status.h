/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results and messages.
 *
 * Every function that can fail returns an int: VANON_OK (0) or one of the negative codes below. The
 * words that go with a failure (which file, which value, which rule) are sent to the log once,
 * where the fault was found; whoever passes the code on adds nothing.
 */
#ifndef VANON_STATUS_H
#define VANON_STATUS_H

#include <vanon/version.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vanon_status {
    VANON_OK = 0,
    VANON_ERR_AGAIN =
        -1,             /* nothing to take, or no room to give: a normal result, try again later */
    VANON_ERR_EOF = -2, /* nothing will come any more: a normal result */
    VANON_ERR_ARGUMENT = -3, /* a call's arguments break its contract */
    VANON_ERR_STATE = -4,    /* a call in the wrong order, such as a submit after a drain */
    VANON_ERR_MEMORY = -5,   /* no memory */
    VANON_ERR_OPTION = -6,   /* an unknown option, or a value that it does not allow */
    VANON_ERR_IO = -7,       /* a file could not be opened, read, written or renamed */
    VANON_ERR_EXISTS = -8,   /* the output exists, or is the input */
    VANON_ERR_INPUT = -9, /* the input is no media, has no picture, or can't be read to its end */
    VANON_ERR_DAMAGED = -10, /* a frame or packet of the input is damaged */
    VANON_ERR_UNSUPPORTED =
        -11,                   /* understood, but not possible: a format, a codec, a combination */
    VANON_ERR_MODEL = -12,     /* the model is missing, broken, altered, or not one for poses */
    VANON_ERR_INFERENCE = -13, /* the inference engine failed */
    VANON_ERR_CANCELLED = -14, /* ended by the caller */
    VANON_ERR_NOBODY = -15,    /* nobody was found, and expect_people was given */
    VANON_ERR_INTERNAL = -16,  /* a fault of this library */
    VANON_ERR_SHOWS = -17,     /* something that should be hidden still shows in the output */
    VANON_ERR_STALLED = -18,   /* the network does not answer any more: see stall_seconds */
};

/* The code in a few words, in English; a static string, never NULL. Thread-safe. */
VANON_API const char *vanon_status_text(int status);

enum vanon_log_level {
    VANON_LOG_ERROR,   /* why a call failed */
    VANON_LOG_WARNING, /* it goes on, but not as the caller may think */
    VANON_LOG_INFO,
    VANON_LOG_DEBUG,
};

/*
 * Where messages go. `write` gets one line without a newline, may be called from any thread and
 * from several at once, and must not call back into the object that logs. Messages above `level`
 * are not made. A NULL log, or a NULL `write`, is silent. The struct must outlive every object that
 * it was given to.
 */
typedef struct vanon_log {
    void (*write)(void *opaque, enum vanon_log_level level, const char *message);
    void *opaque;
    enum vanon_log_level level;
} vanon_log;

/* Writes "vanon: error: ..." lines to stderr, up to VANON_LOG_WARNING. */
VANON_API extern const vanon_log vanon_log_to_stderr;

#ifdef __cplusplus
}
#endif

#endif
