/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, waiting with a deadline, and the clock. POSIX threads are used as they are; here is what
 * they lack. */
#ifndef VANON_BASE_THREAD_H
#define VANON_BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* Monotonic time in nanoseconds. */
int64_t vanon_clock(void);

/* Processor time that this process has used so far, all threads, in seconds. */
double vanon_cpu_seconds(void);

/* Processor time of the calling thread in nanoseconds. */
int64_t vanon_thread_clock(void);

/* Processor time of a thread that was not joined yet, in seconds. */
double vanon_thread_seconds(pthread_t thread);

/* How many processors this process may run on; at least 1. */
int vanon_processors(void);

/*
 * Starts a thread with every signal blocked (the program's main thread handles them) and a name of
 * at most 15 bytes for debuggers. VANON_ERR_MEMORY: the system has no thread to give.
 */
int vanon_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument);

#define VANON_THREAD_NAME 16 /* bytes, with the 0 */

/* Gives the calling thread another name, which threads that are made from it inherit; `before`,
 * where it is not NULL, gets the old one (VANON_THREAD_NAME bytes). */
void vanon_thread_rename(const char *name, char *before);

/* A condition whose deadlines are of vanon_clock. */
int vanon_cond_init(pthread_cond_t *cond);

#define VANON_FOREVER INT64_MAX

/* The deadline for a timeout as the public headers have it: 0 now, -1 never. */
int64_t vanon_deadline(int timeout_ms);

/* Waits on the locked mutex until signalled (VANON_OK) or past `deadline` (VANON_ERR_AGAIN). May
 * wake for nothing. */
int vanon_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline);

#endif
