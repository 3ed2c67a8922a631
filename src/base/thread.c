/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <vanon/status.h>

#define NANOSECONDS 1000000000

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t vanon_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double vanon_cpu_seconds(void)
{
    return (double)read_clock(CLOCK_PROCESS_CPUTIME_ID) / NANOSECONDS;
}

int64_t vanon_thread_clock(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double vanon_thread_seconds(pthread_t thread)
{
    clockid_t id;

    return pthread_getcpuclockid(thread, &id) ? 0 : (double)read_clock(id) / NANOSECONDS;
}

int vanon_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) || CPU_COUNT(&set) < 1)
        return 1;
    return CPU_COUNT(&set);
}

int vanon_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return VANON_ERR_MEMORY;
    pthread_setname_np(*thread, name);
    return VANON_OK;
}

void vanon_thread_rename(const char *name, char *before)
{
    if (before && pthread_getname_np(pthread_self(), before, VANON_THREAD_NAME))
        *before = '\0';
    pthread_setname_np(pthread_self(), name);
}

int vanon_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    int failed;

    if (pthread_condattr_init(&attributes))
        return VANON_ERR_MEMORY;
    failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
             pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return failed ? VANON_ERR_MEMORY : VANON_OK;
}

int64_t vanon_deadline(int timeout_ms)
{
    return timeout_ms < 0 ? VANON_FOREVER : vanon_clock() + (int64_t)timeout_ms * 1000000;
}

int vanon_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline)
{
    struct timespec at = {.tv_sec = deadline / NANOSECONDS, .tv_nsec = deadline % NANOSECONDS};

    if (deadline == VANON_FOREVER) {
        pthread_cond_wait(cond, mutex);
        return VANON_OK;
    }
    return pthread_cond_timedwait(cond, mutex, &at) == ETIMEDOUT ? VANON_ERR_AGAIN : VANON_OK;
}
