/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which threads of this process used the processors. From /proc/self/task; where that is not there,
 * nothing is known. Processor time is counted by the kernel in ticks of 10 ms.
 *
 * Thread-safety: a struct vanon_usage belongs to one thread.
 */
#ifndef VANON_BASE_USAGE_H
#define VANON_BASE_USAGE_H

#include <stdbool.h>
#include <stddef.h>

#define VANON_USAGE_GROUPS 16

/* Threads of one name. */
struct vanon_thread_group {
    char name[16];
    size_t threads;
    double seconds; /* since the first sample */
};

struct vanon_thread_use;

struct vanon_usage {
    struct vanon_thread_use *thread; /* all that were ever seen */
    size_t threads, capacity;
    size_t groups; /* of the last sample, most time first; the last may be "others" */
    struct vanon_thread_group group[VANON_USAGE_GROUPS];
};

/* Looks at all threads. What threads did that began and ended between two samples stays unseen.
 * VANON_ERR_MEMORY. */
int vanon_usage_sample(struct vanon_usage *usage);

/* True where every thread but the calling one sleeps: none works, waits for a processor or a disk,
 * or is stopped. False where nothing is known. */
bool vanon_usage_others_sleep(void);
void vanon_usage_free(struct vanon_usage *usage);

#endif
